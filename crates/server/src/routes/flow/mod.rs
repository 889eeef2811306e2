//! Flow control: people pause functions, set limits beside the code, and let go what is held back
//! (server-semantics §3.4, §4). Not part of the API of other servers.

mod body;
mod held;
mod overrides;
mod pauses;
mod report;

use everstep_core::input::ControlRefusal;
use everstep_core::record::FunctionRecord;
use everstep_engine::ControlError;
use everstep_protocol::FunctionId;
use http::StatusCode;
use serde_json::Value;

pub(super) use self::report::{function_report, limit_view};
use super::Api;
use super::openapi::{Operation, Routes};
use crate::error::ApiError;

/// The routes of flow control.
pub(super) fn routes() -> Routes {
    let one = |id, summary| Operation::v1(id, summary).replies::<Value>();
    let not_paused = (StatusCode::CONFLICT, "The function is not paused");
    Routes::new("Flow control")
        .post(
            "/v1/functions/{function}/pause",
            pauses::pause,
            one("pauseFunction", "Start no more runs").body(pauses::PAUSE),
        )
        .post(
            "/v1/functions/{function}/resume",
            pauses::resume,
            one("resumeFunction", "Start runs again").refuses(not_paused.0, not_paused.1),
        )
        .post(
            "/v1/functions/{function}/drain",
            pauses::drain,
            one(
                "drainFunction",
                "Skip new runs, and finish those that there are",
            )
            .body(pauses::DRAIN),
        )
        .get(
            "/v1/functions/{function}/flow",
            report::view,
            one("getFlow", "What of a function runs and waits, and why"),
        )
        .get(
            "/v1/functions/{function}/overrides",
            overrides::list,
            Operation::v1("listOverrides", "Limits that are set beside the code").lists::<Value>(),
        )
        .put(
            "/v1/functions/{function}/overrides/{limit}",
            overrides::set,
            one("setOverride", "Set a limit beside the code").body(overrides::MEMBERS),
        )
        .delete(
            "/v1/functions/{function}/overrides/{limit}",
            overrides::restore,
            one("deleteOverride", "Go by the code again").query(&[overrides::KEY]),
        )
        .post(
            "/v1/debounces/{debounce}/fire",
            held::fire,
            one("fireDebounce", "Start the run that a debounce holds back"),
        )
        .post(
            "/v1/batches/{batch}/flush",
            held::flush,
            one("flushBatch", "Start the run of a batch that is not full"),
        )
        .post(
            "/v1/holds/{limit}/{run}/release",
            held::release,
            one("releaseHold", "Let another run take the place of this one"),
        )
}

/// A function by its slug, or by the text of its UUID. One that is archived counts: its runs go on.
pub(super) async fn find_function(api: &Api, name: &str) -> Result<FunctionRecord, ApiError> {
    let uuid: Option<FunctionId> = name.parse().ok();
    let functions = api.engine.store().function_list().await?;
    functions
        .into_iter()
        .find(|function| *function.slug == *name || Some(function.id) == uuid)
        .ok_or_else(|| ApiError::not_found(format!("function {name:?} not found")))
}

impl From<ControlError> for ApiError {
    fn from(error: ControlError) -> Self {
        let refusal = match error {
            ControlError::Engine(error) => return error.into(),
            ControlError::Refused(refusal) => refusal,
        };
        let status = match refusal {
            ControlRefusal::FunctionUnknown(_)
            | ControlRefusal::OverrideUnknown
            | ControlRefusal::DebounceUnknown
            | ControlRefusal::BatchUnknown
            | ControlRefusal::NotHeld(_)
            | ControlRefusal::AttributeUnknown(_)
            | ControlRefusal::RunUnknown(_) => StatusCode::NOT_FOUND,
            ControlRefusal::LimitUnknown | ControlRefusal::LimitUnkeyed => StatusCode::BAD_REQUEST,
            ControlRefusal::NotPaused
            | ControlRefusal::RunEnded(_)
            | ControlRefusal::EventsGone(_)
            | ControlRefusal::NotStarted(_)
            | ControlRefusal::NotAsleep(_)
            | ControlRefusal::NotWaiting(_)
            | ControlRefusal::NotRetrying(_)
            | ControlRefusal::OperationEnded(_)
            | ControlRefusal::OperationNotResumable(..) => StatusCode::CONFLICT,
            ControlRefusal::NoRoom(_) => StatusCode::PAYLOAD_TOO_LARGE,
            ControlRefusal::TooManyOverrides { .. }
            | ControlRefusal::TooManyOperations { .. }
            | ControlRefusal::TooManyAttributes { .. } => StatusCode::TOO_MANY_REQUESTS,
        };
        Self::new(status, refusal.to_string())
    }
}
