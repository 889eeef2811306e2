//! `GET /v0/runs/{run}/batch` and `/actions`: what an app fetches that was called with `use_api`
//! (sdk-protocol §4.4).

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use everstep_core::record::RunSnapshot;
use everstep_protocol::call::{actions_body, batch_body};
use http::StatusCode;
use http::header::CONTENT_TYPE;

use super::Api;
use super::params::PathText;
use super::v1::run_id;
use crate::error::ApiError;

/// The events that triggered the run.
pub(super) async fn batch(
    State(api): State<Api>,
    PathText(run): PathText,
) -> Result<Response, ApiError> {
    let snapshot = snapshot(&api, &run).await?;
    let events: Vec<_> = snapshot
        .events
        .into_iter()
        .map(|event| event.payload)
        .collect();
    Ok(json(batch_body(&events)))
}

/// The memoized steps, in the order of the stack, because some apps take the order of the members for
/// the order of completion; then those that are given other arguments than their own.
pub(super) async fn actions(
    State(api): State<Api>,
    PathText(run): PathText,
) -> Result<Response, ApiError> {
    let snapshot = snapshot(&api, &run).await?;
    let (mut memoized, open): (Vec<_>, Vec<_>) = snapshot
        .steps
        .into_iter()
        .partition(|step| step.position.is_some());
    memoized.sort_by_key(|step| step.position);
    let values = memoized
        .into_iter()
        .filter_map(|step| Some((step.id, step.value?)));
    let inputs = open.into_iter().filter_map(|step| {
        let input = step.input()?;
        Some((step.id, input))
    });
    Ok(json(actions_body(
        &values.chain(inputs).collect::<Vec<_>>(),
    )))
}

/// A run that has ended is gone, and so is one that never was: the app can't tell, and need not.
async fn snapshot(api: &Api, run: &str) -> Result<RunSnapshot, ApiError> {
    let id = run_id(run)?;
    let gone = || {
        ApiError::new(
            StatusCode::GONE,
            format!("runtime state is no longer available for runID: {id}"),
        )
    };
    api.engine.store().run_snapshot(id).await?.ok_or_else(gone)
}

fn json(body: Vec<u8>) -> Response {
    ([(CONTENT_TYPE, "application/json")], body).into_response()
}
