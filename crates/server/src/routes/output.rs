//! `/v1/http/runs/{run}/output?token=`: a client waits for the result of a run that turned async
//! (sdk-protocol §7.4).

use std::time::Duration;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use everstep_core::record::{RunRecord, RunStatus};
use everstep_protocol::endpoint::ApiResult;
use everstep_protocol::{Json as Text, RunId};
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::Deserialize;
use serde_json::json;

use super::Api;
use super::params::{PathText, QueryOf};
use super::v1::run_id;
use crate::error::ApiError;

/// How long a client is kept waiting.
const WAIT_MAX: Duration = Duration::from_secs(5 * 60);

/// Headers of a handler's answer that are about its connection, about cookies of its origin, or for
/// this server to set.
const NOT_PASSED_ON: [&str; 12] = [
    "connection",
    "content-length",
    "content-security-policy",
    "keep-alive",
    "proxy-authenticate",
    "proxy-connection",
    "set-cookie",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "x-content-type-options",
];

#[derive(Debug, Deserialize)]
pub(super) struct Query {
    token: Option<String>,
}

/// Answers as the handler of the endpoint would have, had its client waited there.
pub(super) async fn output(
    State(api): State<Api>,
    PathText(run): PathText,
    QueryOf(query): QueryOf<Query>,
) -> Result<Response, ApiError> {
    let id = run_id(&run)?;
    let unauthorized = |text: String| ApiError::new(StatusCode::UNAUTHORIZED, text);
    let Some(token) = query.token else {
        return Err(unauthorized("a token is required: ?token=…".to_owned()));
    };
    let checked = api.tokens.check_result(&token, id, api.clock.now());
    checked.map_err(|error| unauthorized(error.to_string()))?;
    answer_once(ended(&api, id)).await
}

/// The answer once the run has ended, or once the client has waited long enough.
async fn answer_once(
    ended: impl Future<Output = Result<RunRecord, ApiError>>,
) -> Result<Response, ApiError> {
    match tokio::time::timeout(WAIT_MAX, ended).await {
        Ok(run) => Ok(answer(&run?)),
        Err(_) => Ok(still_running()),
    }
}

/// The run, once it has ended.
async fn ended(api: &Api, id: RunId) -> Result<RunRecord, ApiError> {
    let busy = |text: &str| ApiError::new(StatusCode::SERVICE_UNAVAILABLE, text);
    // Before the first look, so that no end is missed.
    let mut ending = api
        .endings
        .of(id)
        .ok_or_else(|| busy("too many clients wait for runs"))?;
    loop {
        let run = api.engine.store().run_view(id).await?;
        let run = run.ok_or_else(|| ApiError::not_found("run not found"))?;
        if run.status.is_final() {
            return Ok(run);
        }
        tokio::select! {
            () = ending.wait() => {}
            () = api.engine.stopped() => return Err(busy("the server is shutting down")),
        }
    }
}

fn answer(run: &RunRecord) -> Response {
    let output = run.output.as_ref();
    match output.and_then(ApiResult::of).and_then(of_handler) {
        Some(response) => response,
        None => of_function(run.status, output),
    }
}

/// The API result as a response. The content is the app's, but it comes from this origin: a browser is
/// told to trust it no more than any other one.
fn of_handler(result: ApiResult) -> Option<Response> {
    let status = StatusCode::from_u16(result.status).ok()?;
    let body = match status {
        StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED => Vec::new(),
        _ if status.is_informational() => return None,
        _ => result.body,
    };
    let mut headers = HeaderMap::new();
    for (name, value) in result.headers {
        let header = (HeaderName::try_from(name), HeaderValue::try_from(value));
        if let (Ok(name), Ok(value)) = header
            && !NOT_PASSED_ON.contains(&name.as_str())
        {
            headers.append(name, value);
        }
    }
    let sandbox = HeaderValue::from_static("sandbox allow-scripts allow-forms allow-popups");
    headers.insert(CONTENT_SECURITY_POLICY, sandbox);
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    Some((status, headers, Body::from(body)).into_response())
}

/// What is no API result: the handler did not get that far, or the SDK does not say.
fn of_function(status: RunStatus, output: Option<&Text>) -> Response {
    let status = match status {
        RunStatus::Failed | RunStatus::Cancelled | RunStatus::Skipped => {
            StatusCode::INTERNAL_SERVER_ERROR
        }
        RunStatus::Completed | RunStatus::Queued | RunStatus::Running => StatusCode::OK,
    };
    let cancelled = || json!({ "name": "Error", "message": "function cancelled" }).to_string();
    let body = output.map_or_else(cancelled, |output| output.as_str().to_owned());
    (status, [(CONTENT_TYPE, "application/json")], body).into_response()
}

fn still_running() -> Response {
    let minutes = WAIT_MAX.as_secs() / 60;
    let message = format!("run did not end within {minutes} minutes");
    Json(json!({ "status": "running", "message": message })).into_response()
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_client_waits_for_five_minutes_at_most() {
        let began = Instant::now();
        let response = answer_once(std::future::pending()).await.unwrap();
        assert_eq!(began.elapsed().as_secs(), 5 * 60);
        assert_eq!(response.status(), StatusCode::OK);
        let body = axum::body::to_bytes(response.into_body(), 1024).await;
        let body: serde_json::Value = serde_json::from_slice(&body.unwrap()).unwrap();
        let message = "run did not end within 5 minutes";
        assert_eq!(body, json!({ "status": "running", "message": message }));
    }
}
