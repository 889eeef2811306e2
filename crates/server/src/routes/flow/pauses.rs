//! `POST /v1/functions/{function}/pause`, `/resume` and `/drain` (server-semantics §3.4).

use std::time::Duration;

use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::response::Response;
use bytes::Bytes;
use everstep_core::input::Control;
use everstep_core::record::{FunctionRecord, PauseRecord, PausedRuns, PausedStarts};
use everstep_engine::BulkCancellation;
use serde_json::json;

use super::body::{Body, REASON};
use super::find_function;
use super::report::pause_view;
use crate::error::ApiError;
use crate::routes::Api;
use crate::routes::asker::Actor;
use crate::routes::openapi::{Kind, Member};
use crate::routes::params::PathText;
use crate::routes::v1::envelope;

pub(super) const PAUSE: &[Member] = &[
    Member::required(
        "newRuns",
        Kind::Word(&["skip", "queue"]),
        "What becomes of new runs",
    ),
    Member::required(
        "running",
        Kind::Word(&["finish", "hold", "cancel"]),
        "And of others",
    ),
    REASON,
];
pub(super) const DRAIN: &[Member] = &[REASON];

const STARTS: [(&str, PausedStarts); 2] =
    [("skip", PausedStarts::Skip), ("queue", PausedStarts::Queue)];

/// The second says whether the runs are cancelled as well.
const RUNS: [(&str, (PausedRuns, bool)); 3] = [
    ("finish", (PausedRuns::Finish, false)),
    ("hold", (PausedRuns::Hold, false)),
    ("cancel", (PausedRuns::Hold, true)),
];

/// Runs that are to be cancelled make no further calls, and a bulk cancellation ends them.
pub(super) async fn pause(
    State(api): State<Api>,
    actor: Actor,
    PathText(function): PathText,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, ApiError> {
    let function = find_function(&api, &function).await?;
    let body = Body::read(&body?, PAUSE);
    let body = body.map_err(ApiError::bad_request)?;
    let starts = body.word("newRuns", &STARTS);
    let runs = body.word("running", &RUNS);
    let reason = body.reason().map_err(ApiError::bad_request)?;
    let (runs, is_cancelling) = runs.map_err(ApiError::bad_request)?;
    let pause = PauseRecord {
        function: function.id,
        starts: starts.map_err(ApiError::bad_request)?,
        runs,
        reason,
        paused_at: api.clock.now(),
    };
    put(&api, actor, function, pause, is_cancelling).await
}

/// New runs are skipped, and those that there are go on to their end.
pub(super) async fn drain(
    State(api): State<Api>,
    actor: Actor,
    PathText(function): PathText,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, ApiError> {
    let function = find_function(&api, &function).await?;
    let body = Body::read(&body?, DRAIN).map_err(ApiError::bad_request)?;
    let pause = PauseRecord {
        function: function.id,
        starts: PausedStarts::Skip,
        runs: PausedRuns::Finish,
        reason: body.reason().map_err(ApiError::bad_request)?,
        paused_at: api.clock.now(),
    };
    put(&api, actor, function, pause, false).await
}

async fn put(
    api: &Api,
    Actor(actor): Actor,
    function: FunctionRecord,
    pause: PauseRecord,
    is_cancelling: bool,
) -> Result<Response, ApiError> {
    api.engine
        .control(actor, Control::Pause(pause.clone()))
        .await?;
    let cancellation = if is_cancelling {
        let bulk = BulkCancellation {
            app: function.app,
            function: function.id,
            started_after: None,
            started_before: pause.paused_at,
            condition: None,
        };
        Some(api.engine.cancellation_create(bulk).await?.id.to_string())
    } else {
        None
    };
    let view = json!({
        "function": function.slug,
        "pause": pause_view(&pause),
        "cancellation": cancellation,
    });
    Ok(envelope(view, api.clock.now(), Duration::ZERO))
}

/// What was queued starts, and what was held goes on.
pub(super) async fn resume(
    State(api): State<Api>,
    actor: Actor,
    PathText(function): PathText,
) -> Result<Response, ApiError> {
    let function = find_function(&api, &function).await?;
    api.engine
        .control(actor.0, Control::Resume(function.id))
        .await?;
    let view = json!({ "function": function.slug, "pause": null });
    Ok(envelope(view, api.clock.now(), Duration::ZERO))
}
