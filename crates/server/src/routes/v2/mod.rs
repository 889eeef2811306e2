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
//! | `asker` | who asks for something |
//! | `run_actions`, `step_actions` | what people do to one run, and to its steps |
//! | `operations` | what they do to many runs |
//! | `audit` | what they did |
//! | `trace` | `GET /v2/runs/{run}/trace` |
//! | `live` | the live feed |

mod asker;
mod audit;
mod envelope;
mod error;
mod experiments;
mod fields;
mod live;
mod operations;
mod query;
mod registry;
mod run_actions;
mod run_object;
mod runs;
mod scores;
mod step_actions;
mod trace;

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
        .merge(steering())
        .route("/live", get(live::connect))
        .route("/live/sse", get(live::follow))
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
}

/// What people do to what runs, and what they did.
fn steering() -> Router<Api> {
    Router::new()
        .route("/runs/{run}/cancel", post(run_actions::cancel))
        .route("/runs/{run}/rerun", post(run_actions::rerun))
        .route("/runs/{run}/resume", post(run_actions::resume))
        .route("/runs/{run}/retry", post(run_actions::retry))
        .route("/runs/{run}/reruns", get(run_actions::rerun_list))
        .route(
            "/runs/{run}/steps/{step}/skip-sleep",
            post(step_actions::skip_sleep),
        )
        .route(
            "/runs/{run}/steps/{step}/time-out",
            post(step_actions::time_out),
        )
        .route(
            "/runs/{run}/steps/{step}/answer",
            post(step_actions::give_answer),
        )
        .route("/runs/{run}/steps/{step}/retry", post(step_actions::retry))
        .route(
            "/bulk-operations",
            get(operations::list).post(operations::create),
        )
        .route("/bulk-operations/preview", post(operations::preview))
        .route("/bulk-operations/{operation}", get(operations::view))
        .route(
            "/bulk-operations/{operation}/abort",
            post(operations::abort),
        )
        .route(
            "/bulk-operations/{operation}/resume",
            post(operations::resume),
        )
        .route("/audit", get(audit::list))
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
