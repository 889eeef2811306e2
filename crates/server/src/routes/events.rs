//! `POST /e/{key}`: events come in (sdk-protocol §8, server-semantics §1).

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use everstep_engine::EngineError;
use everstep_protocol::EventId;
use everstep_protocol::event::{EventSeed, ParsedEvents, parse_events};
use everstep_protocol::headers::EVENT_ID_SEED;
use http::header::RETRY_AFTER;
use http::{HeaderMap, StatusCode};
use serde::Serialize;

use super::{Api, heavy};
use crate::error::retry_after;

/// Every reply has this shape; SDKs read `status` rather than the HTTP status.
#[derive(Debug, Serialize)]
struct Reply {
    /// Internal ids of the events that were accepted, in the order of the request.
    ids: Vec<String>,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// Takes events in. They are durable when this answers 200. Of a request with a bad event, those
/// before it count: their ids come with the error (EV-5).
pub(super) async fn send(
    State(api): State<Api>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let body = match body {
        Ok(body) => body,
        Err(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            return refuse(
                StatusCode::PAYLOAD_TOO_LARGE,
                "the request body is too large",
            );
        }
        Err(_) => return refuse(StatusCode::BAD_REQUEST, "the request body can't be read"),
    };
    let seed = headers
        .get(EVENT_ID_SEED)
        .and_then(|value| EventSeed::parse(value.to_str().ok()?));
    let ParsedEvents { accepted, error } = heavy(body, parse_events).await;
    match (api.engine.events_send(accepted, seed).await, error) {
        (Ok(ids), None) => reply(StatusCode::OK, &ids, None),
        (Ok(ids), Some(error)) => reply(StatusCode::BAD_REQUEST, &ids, Some(error.to_string())),
        (Err(error @ (EngineError::Overloaded | EngineError::Stopped)), _) => {
            refuse(StatusCode::SERVICE_UNAVAILABLE, &error.to_string())
        }
    }
}

/// `POST /e/`.
pub(super) async fn key_missing() -> Response {
    refuse(StatusCode::UNAUTHORIZED, "Event key is required")
}

fn refuse(status: StatusCode, error: &str) -> Response {
    reply(status, &[], Some(error.to_owned()))
}

fn reply(status: StatusCode, ids: &[EventId], error: Option<String>) -> Response {
    let ids = ids.iter().map(ToString::to_string).collect();
    let mut response = (
        status,
        Json(Reply {
            ids,
            status: status.as_u16(),
            error,
        }),
    )
        .into_response();
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(RETRY_AFTER, retry_after());
    }
    response
}
