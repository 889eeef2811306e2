//! The v2 API: its routes, and the envelopes that it alone has (http-api §8).
//!
//! | module | owns |
//! |---|---|
//! | `error` | the error envelope and its codes |
//! | `fields` | reading the members of bodies, with errors that name them |
//! | `experiments` | what is not here yet |
//! | `query` | parameters of queries, pagination |
//! | `envelope` | what replies are wrapped in |
//! | `registry` | apps and functions by name |
//! | `run_object` | a run as clients see it |
//! | `runs` | lists of runs, and one run |
//! | `scores` | `POST /v2/runs/{run}/scores` |
//! | `live` | the live feed |

mod envelope;
mod error;
mod experiments;
mod fields;
mod live;
mod query;
mod registry;
mod run_object;
mod runs;
mod scores;

use axum::Router;
use axum::extract::OriginalUri;
use axum::routing::{get, post};
use http::{Method, StatusCode};

pub(crate) use self::error::Code;
use self::error::V2Error;
pub(crate) use self::live::LiveRows;
use super::Api;

/// The same tree under both prefixes (http-api §8).
pub(super) fn router() -> Router<Api> {
    Router::new()
        .nest("/v2", routes())
        .nest("/api/v2", routes())
}

fn routes() -> Router<Api> {
    Router::new()
        .route("/runs", get(runs::list))
        .route("/runs/{run}", get(runs::view))
        .route("/runs/{run}/scores", post(scores::create))
        .route("/events/{event}/runs", get(runs::of_event))
        .route(
            "/apps/{app}/functions/{function}/runs",
            get(runs::of_function),
        )
        .route("/experiments", get(experiments::not_implemented))
        .route(
            "/apps/{app}/functions/{function}/experiments",
            get(experiments::not_implemented),
        )
        .route(
            "/apps/{app}/functions/{function}/experiments/{experiment}",
            get(experiments::not_implemented),
        )
        .route("/live", get(live::connect))
        .route("/live/sse", get(live::follow))
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
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
