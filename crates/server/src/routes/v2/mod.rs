//! The v2 API: its routes, and the envelopes that it alone has (http-api §8).
//!
//! | module | owns |
//! |---|---|
//! | `error` | the error envelope and its codes |
//! | `fields` | reading the members of bodies, with errors that name them |
//! | `experiments` | what is not here yet |
//! | `scores` | `POST /v2/runs/{run}/scores` |
//! | `trace` | `GET /v2/runs/{run}/trace` |

mod error;
mod experiments;
mod fields;
mod scores;
mod trace;

use axum::Router;
use axum::extract::OriginalUri;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use everstep_protocol::Timestamp;
use http::header::CACHE_CONTROL;
use http::{HeaderValue, Method, StatusCode};
use serde::Serialize;
use serde_json::json;

use self::error::{Code, V2Error};
use super::Api;

/// The same tree under both prefixes (http-api §8).
pub(super) fn router() -> Router<Api> {
    Router::new()
        .nest("/v2", routes())
        .nest("/api/v2", routes())
}

fn routes() -> Router<Api> {
    Router::new()
        .route("/runs/{run}/scores", post(scores::create))
        .route("/runs/{run}/trace", get(trace::view))
        .route("/experiments", get(experiments::not_implemented))
        .route(
            "/apps/{app}/functions/{function}/experiments",
            get(experiments::not_implemented),
        )
        .route(
            "/apps/{app}/functions/{function}/experiments/{experiment}",
            get(experiments::not_implemented),
        )
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
}

/// `{"data", "metadata": {"fetchedAt", "cachedUntil"}}`; nothing is cached.
fn envelope(data: impl Serialize, now: Timestamp) -> Response {
    let metadata = json!({ "fetchedAt": now.to_string(), "cachedUntil": null });
    let mut response = axum::Json(Envelope { data, metadata }).into_response();
    let control = HeaderValue::from_static("no-store");
    response.headers_mut().insert(CACHE_CONTROL, control);
    response
}

#[derive(Serialize)]
struct Envelope<T> {
    data: T,
    metadata: serde_json::Value,
}

async fn not_found(method: Method, OriginalUri(uri): OriginalUri) -> V2Error {
    let path = uri.path();
    let message = format!("no such endpoint: {method} {path} (this version may not have it yet)");
    V2Error::new(StatusCode::NOT_FOUND, Code::NotFound, message)
}

async fn method_not_allowed(method: Method, OriginalUri(uri): OriginalUri) -> V2Error {
    let message = format!("{} does not take {method}", uri.path());
    V2Error::new(StatusCode::METHOD_NOT_ALLOWED, Code::ApiError, message)
}
