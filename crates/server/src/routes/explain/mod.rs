//! `GET /v1/runs/{run}/explain`, `/v1/events/{event}/explain` and `/v1/functions/{function}/explain`:
//! why something does not run, or did not, in words and with the evidence. Not part of the API of
//! other servers.

mod clauses;
mod event;
mod function;
mod limit;
mod near_miss;
mod reason;
mod run;

use axum::Router;
use axum::routing::get;

pub(super) use self::event::skip_words;
use super::Api;

/// The routes of explanations.
pub(super) fn router() -> Router<Api> {
    Router::new()
        .route("/v1/runs/{run}/explain", get(run::explain))
        .route("/v1/events/{event}/explain", get(event::explain))
        .route("/v1/functions/{function}/explain", get(function::explain))
}
