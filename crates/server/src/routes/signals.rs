//! `POST /v1/signals`: a signal resumes the run that waits for it (server-semantics §3.10,
//! http-api §5.5).

use std::time::Duration;

use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::response::Response;
use bytes::Bytes;
use everstep_protocol::Json;
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::openapi::{Kind, Member, Operation, Routes};
use super::v1::envelope;
use super::{Api, EVENT_BODY_MAX, heavy};
use crate::error::ApiError;

/// What of the body matters.
struct Signal {
    name: String,
    data: Json,
}

/// The run that waited.
#[derive(Serialize, ToSchema)]
struct ResumedRun {
    run_id: String,
}

pub(super) fn routes() -> Routes {
    let members = [
        Member::required("signal", Kind::Text, "Its name"),
        Member::new("data", Kind::Any, "What the run gets"),
    ];
    Routes::new("v1").post(
        "/v1/signals",
        send,
        Operation::v1("v1SendSignal", "Resume the run that waits for a signal")
            .body(&members)
            .body_max(EVENT_BODY_MAX)
            .replies::<ResumedRun>()
            .refuses(StatusCode::NOT_FOUND, "No run waits for it"),
    )
}

pub(super) async fn send(
    State(api): State<Api>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, ApiError> {
    let signal = heavy(body?, read).await.map_err(ApiError::bad_request)?;
    match api.engine.signal_send(&signal.name, signal.data).await? {
        Some(run) => Ok(envelope(
            ResumedRun {
                run_id: run.to_string(),
            },
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
