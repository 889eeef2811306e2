//! `POST /v1/signals`: a signal resumes the run that waits for it (server-semantics §3.10,
//! http-api §5.5).

use std::time::Duration;

use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::response::Response;
use bytes::Bytes;
use everstep_protocol::Json;
use serde_json::json;

use super::v1::envelope;
use super::{Api, heavy};
use crate::error::ApiError;

/// What of the body matters.
struct Signal {
    name: String,
    data: Json,
}

pub(super) async fn send(
    State(api): State<Api>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, ApiError> {
    let signal = heavy(body?, read).await.map_err(ApiError::bad_request)?;
    match api.engine.signal_send(&signal.name, signal.data).await? {
        Some(run) => Ok(envelope(
            json!({ "run_id": run.to_string() }),
            api.clock.now(),
            Duration::ZERO,
        )),
        None => Err(ApiError::not_found("No signal found")),
    }
}

fn read(body: &[u8]) -> Result<Signal, String> {
    let body = Json::parse(body).map_err(|error| format!("not a signal: {error}"))?;
    let name = body.member_text("signal").filter(|name| !name.is_empty());
    Ok(Signal {
        name: name.ok_or("a signal needs a name: {\"signal\": \"name\", \"data\": …}")?,
        data: body.member("data").unwrap_or_else(Json::null),
    })
}
