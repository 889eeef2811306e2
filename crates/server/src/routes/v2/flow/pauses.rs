//! `POST /v2/functions/{function}/pause`, `/resume` and `/drain` (server-semantics §3.4).

use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::response::Response;
use bytes::Bytes;
use everstep_core::input::Control;
use everstep_core::record::{FunctionRecord, PauseRecord, PausedRuns, PausedStarts};
use everstep_engine::BulkCancellation;
use everstep_protocol::{FunctionId, Timestamp};
use serde_json::json;

use super::function_named;
use super::report::pause_view;
use crate::error::ApiError;
use crate::routes::Api;
use crate::routes::asker::Actor;
use crate::routes::openapi::{Kind, Member};
use crate::routes::params::PathText;
use crate::routes::v2::envelope::envelope;
use crate::routes::v2::error::{Problem, V2Error};
use crate::routes::v2::fields::{Fields, checked};
use crate::routes::v2::run_actions::{REASON, only_reason, read_body, read_reason};

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
    actor: Result<Actor, ApiError>,
    function: Result<PathText, ApiError>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, V2Error> {
    let function = function_named(&api, &function?.0).await?;
    let (pause, is_cancelling) = read(&body?, function.id, api.clock.now())?;
    put(&api, actor?, function, pause, is_cancelling).await
}

/// New runs are skipped, and those that there are go on to their end.
pub(super) async fn drain(
    State(api): State<Api>,
    actor: Result<Actor, ApiError>,
    function: Result<PathText, ApiError>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, V2Error> {
    let function = function_named(&api, &function?.0).await?;
    let pause = PauseRecord {
        function: function.id,
        starts: PausedStarts::Skip,
        runs: PausedRuns::Finish,
        reason: only_reason(&body?)?,
        paused_at: api.clock.now(),
    };
    put(&api, actor?, function, pause, false).await
}

/// How to pause, and whether to cancel as well.
fn read(body: &[u8], function: FunctionId, now: Timestamp) -> Result<(PauseRecord, bool), V2Error> {
    let body = read_body(body)?;
    let mut problems: Vec<Problem> = Vec::new();
    let read = Fields::of(&body, "", &mut problems).and_then(|mut fields| {
        fields.refuse_others(PAUSE);
        let starts = fields.required_word("newRuns", &STARTS);
        let runs = fields.required_word("running", &RUNS);
        let reason = read_reason(&mut fields);
        let (runs, is_cancelling) = runs?;
        let pause = PauseRecord {
            function,
            starts: starts?,
            runs,
            reason,
            paused_at: now,
        };
        Some((pause, is_cancelling))
    });
    match read {
        Some(read) => checked(read, problems),
        None => Err(V2Error::of_fields(problems)),
    }
}

async fn put(
    api: &Api,
    Actor(actor): Actor,
    function: FunctionRecord,
    pause: PauseRecord,
    is_cancelling: bool,
) -> Result<Response, V2Error> {
    api.engine
        .control(actor.clone(), Control::Pause(pause.clone()))
        .await?;
    let cancellation = if is_cancelling {
        let bulk = BulkCancellation {
            app: function.app,
            function: function.id,
            started_after: None,
            started_before: pause.paused_at,
            condition: None,
        };
        let cancellation = api.engine.cancellation_create(actor, bulk).await?;
        Some(cancellation.id.to_string())
    } else {
        None
    };
    let view = json!({
        "function": function.slug,
        "pause": pause_view(&pause),
        "cancellation": cancellation,
    });
    Ok(envelope(view, api.clock.now()))
}

/// What was queued starts, and what was held goes on.
pub(super) async fn resume(
    State(api): State<Api>,
    actor: Result<Actor, ApiError>,
    function: Result<PathText, ApiError>,
) -> Result<Response, V2Error> {
    let function = function_named(&api, &function?.0).await?;
    let control = Control::Resume(function.id);
    api.engine.control(actor?.0, control).await?;
    let view = json!({ "function": function.slug, "pause": null });
    Ok(envelope(view, api.clock.now()))
}
