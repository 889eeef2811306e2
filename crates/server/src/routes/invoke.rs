//! `POST /invoke/{slug}`: a client starts a function (http-api §2.2).

use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use everstep_core::invoke::INVOKED;
use everstep_engine::EngineError;
use everstep_protocol::Json;
use everstep_protocol::event::{EventInput, EventSeed};
use everstep_protocol::headers::EVENT_ID_SEED;
use http::{HeaderMap, StatusCode};
use serde_json::json;

use super::params::PathText;
use super::{Api, heavy};
use crate::error::{ApiError, retry_after};

/// The event is durable when this answers 200. That there is no such function shows as an event.
pub(super) async fn invoke(
    State(api): State<Api>,
    PathText(slug): PathText,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let body = match body {
        Ok(body) => body,
        Err(rejection) => return ApiError::from(rejection).into_response(),
    };
    let seed = headers
        .get(EVENT_ID_SEED)
        .and_then(|value| EventSeed::parse(value.to_str().ok()?));
    let target = slug.clone();
    let event = match heavy(body, move |body| invocation(body, &target)).await {
        Ok(event) => event,
        Err(text) => return refuse(StatusCode::BAD_REQUEST, &text),
    };
    match api.engine.invoke(&slug, event, seed).await {
        Ok(id) => axum::Json(json!({ "id": id.to_string(), "status": 200 })).into_response(),
        Err(error @ (EngineError::Overloaded | EngineError::Stopped)) => {
            let mut response = refuse(StatusCode::SERVICE_UNAVAILABLE, &error.to_string());
            response
                .headers_mut()
                .insert(http::header::RETRY_AFTER, retry_after());
            response
        }
    }
}

/// `POST /invoke/`.
pub(super) async fn slug_missing() -> Response {
    refuse(StatusCode::BAD_REQUEST, "Function slug is required")
}

/// The event that invokes a function, from `{data?, user?, id?, ts?, v?}`.
pub(crate) fn invocation(body: &[u8], slug: &str) -> Result<EventInput, String> {
    let body = if body.trim_ascii().is_empty() {
        b"{}"
    } else {
        body
    };
    let event = EventInput::parse_invocation(body, INVOKED)
        .map_err(|error| format!("Invalid invocation event: {error}"))?;
    let members: Vec<(String, Json)> = event.data.members().collect();
    let members = members.iter().map(|(name, value)| (&**name, value.clone()));
    let own = Json::object([("fn_id", Json::string(slug))]);
    let data = Json::object(members.chain([("_inngest", own)]));
    Ok(EventInput { data, ..event })
}

fn refuse(status: StatusCode, error: &str) -> Response {
    let body = json!({ "error": error, "status": status.as_u16() });
    (status, axum::Json(body)).into_response()
}
