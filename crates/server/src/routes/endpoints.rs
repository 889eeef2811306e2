//! `POST /v1/checkpoint` and `POST /v1/checkpoint/{run}/steps`: an app starts a run that it executes
//! itself while a client waits, and reports how it goes on (sdk-protocol §7.4).

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::response::Response;
use bytes::Bytes;
use everstep_core::effect::CheckpointRefusal;
use everstep_engine::CheckpointError;
use everstep_protocol::endpoint::{EndpointError, EndpointStart, parse_steps};
use everstep_protocol::event::EventError;
use everstep_protocol::headers;
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::checkpoint::status;
use super::params::PathText;
use super::v1::{envelope, run_id};
use super::{Api, heavy};
use crate::error::ApiError;

/// Starts the run. It is durable, with its first steps, when this answers 200.
pub(super) async fn start(
    State(api): State<Api>,
    head: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, ApiError> {
    let sdk = head.get(headers::SDK).and_then(|sdk| sdk.to_str().ok());
    let sdk = sdk.map(str::to_owned);
    let start = heavy(body?, move |body| {
        EndpointStart::parse(body, sdk.as_deref())
    })
    .await
    .map_err(refused)?;
    let (run, app) = (start.run, start.app.clone());
    let started = api.engine.endpoint_start(start).await;
    let started = started.map_err(|error| {
        // The run that there is: another one, if it was started by the same `idempotency`.
        let run = match &error {
            CheckpointError::Refused(CheckpointRefusal::RunExists(run)) => *run,
            CheckpointError::Refused(_) | CheckpointError::Engine(_) => run,
        };
        not_stored(error).with_data(json!({ "run_id": run.to_string() }))
    })?;
    let function = (started.function, &started.slug);
    api.apps.name((started.app, &app), function);
    let now = api.clock.now();
    let view = json!({
        "fn_id": started.function,
        "app_id": started.app,
        "run_id": run.to_string(),
        "token": api.tokens.result_token(run, now),
        "realtime_token": api.tokens.stream_token(run, now),
    });
    Ok(envelope(view, now, Duration::ZERO))
}

/// Stores the steps. They are durable when this answers 200.
pub(super) async fn steps(
    State(api): State<Api>,
    PathText(run): PathText,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Value>, ApiError> {
    let about = |error: ApiError| error.with_data(json!({ "run_id": run }));
    let id = run_id(&run).map_err(about)?;
    let body = body.map_err(|rejection| about(rejection.into()))?;
    let ops = heavy(body, move |body| parse_steps(body, id))
        .await
        .map_err(|error| about(refused(error)))?;
    let stored = api.engine.endpoint_steps(id, ops).await;
    stored.map_err(|error| about(not_stored(error)))?;
    Ok(Json(json!({})))
}

fn refused(error: EndpointError) -> ApiError {
    let status = match &error {
        EndpointError::Event(EventError::TooLarge(_)) => StatusCode::PAYLOAD_TOO_LARGE,
        _ => StatusCode::BAD_REQUEST,
    };
    ApiError::new(status, error.to_string())
}

fn not_stored(error: CheckpointError) -> ApiError {
    match error {
        CheckpointError::Refused(refusal) => ApiError::new(status(&refusal), refusal.to_string()),
        CheckpointError::Engine(error) => error.into(),
    }
}
