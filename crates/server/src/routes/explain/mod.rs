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

use everstep_core::record::FunctionRecord;
use everstep_protocol::FunctionId;
use serde_json::Value;

pub(crate) use self::event::skip_words;
pub(super) use self::run::due_call;
use super::Api;
use super::openapi::{Operation, Routes};
use crate::error::ApiError;

/// The routes of explanations.
pub(super) fn routes() -> Routes {
    let explain = |id, summary| Operation::v1(id, summary).replies::<Value>();
    Routes::new("Explanations")
        .get(
            "/v1/runs/{run}/explain",
            run::explain,
            explain("explainRun", "Why a run does not go on"),
        )
        .get(
            "/v1/events/{event}/explain",
            event::explain,
            explain("explainEvent", "What an event started, and why no more"),
        )
        .get(
            "/v1/functions/{function}/explain",
            function::explain,
            explain("explainFunction", "Why calls of a function wait"),
        )
}

/// A function by its slug, or by the text of its UUID. One that is archived counts: its runs go on.
async fn find_function(api: &Api, name: &str) -> Result<FunctionRecord, ApiError> {
    let uuid: Option<FunctionId> = name.parse().ok();
    let functions = api.engine.store().function_list().await?;
    functions
        .into_iter()
        .find(|function| *function.slug == *name || Some(function.id) == uuid)
        .ok_or_else(|| ApiError::not_found(format!("function {name:?} not found")))
}
