//! Flow control: people pause functions, set limits beside the code, and let go what is held back
//! (server-semantics §3.4, §4).

mod held;
mod overrides;
mod pauses;
mod report;
mod summary;

use everstep_core::record::FunctionRecord;
use http::StatusCode;
use serde_json::Value;

pub(in crate::routes) use self::report::{function_report, limit_view};
use self::summary::FlowSummary;
use super::Api;
use super::error::V2Error;
use super::named::any_function;
use crate::registry::Registry;
use crate::routes::openapi::{Operation, Routes};

/// The routes of flow control.
pub(super) fn routes() -> Routes {
    let one = |id, summary| Operation::v2(id, summary).replies::<Value>();
    let not_paused = (StatusCode::CONFLICT, "The function is not paused");
    Routes::new("Flow control")
        .get(
            "/flow",
            summary::list,
            Operation::v2(
                "listFlow",
                "What of every function runs and waits, in short",
            )
            .lists::<FlowSummary>(),
        )
        .post(
            "/functions/{function}/pause",
            pauses::pause,
            one("pauseFunction", "Start no more runs").body(pauses::PAUSE),
        )
        .post(
            "/functions/{function}/resume",
            pauses::resume,
            one("resumeFunction", "Start runs again").refuses(not_paused.0, not_paused.1),
        )
        .post(
            "/functions/{function}/drain",
            pauses::drain,
            one(
                "drainFunction",
                "Skip new runs, and finish those that there are",
            )
            .body(pauses::DRAIN),
        )
        .get(
            "/functions/{function}/flow",
            report::view,
            one("getFlow", "What of a function runs and waits, and why"),
        )
        .get(
            "/functions/{function}/overrides",
            overrides::list,
            Operation::v2("listOverrides", "Limits that are set beside the code").lists::<Value>(),
        )
        .put(
            "/functions/{function}/overrides/{limit}",
            overrides::set,
            one("setOverride", "Set a limit beside the code").body(overrides::MEMBERS),
        )
        .delete(
            "/functions/{function}/overrides/{limit}",
            overrides::restore,
            one("deleteOverride", "Go by the code again").query(&[overrides::KEY]),
        )
        .post(
            "/debounces/{debounce}/fire",
            held::fire,
            one("fireDebounce", "Start the run that a debounce holds back"),
        )
        .post(
            "/batches/{batch}/flush",
            held::flush,
            one("flushBatch", "Start the run of a batch that is not full"),
        )
        .post(
            "/holds/{limit}/{run}/release",
            held::release,
            one("releaseHold", "Let another run take the place of this one"),
        )
}

/// A function by its slug or UUID. One that is archived counts: its runs go on.
async fn function_named(api: &Api, name: &str) -> Result<FunctionRecord, V2Error> {
    let registry = Registry::load(&**api.engine.store()).await?;
    any_function(&registry, name).cloned()
}
