//! Flow control: people pause functions, set limits beside the code, and let go what is held back
//! (server-semantics §3.4, §4). Not part of the API of other servers.

mod body;
mod held;
mod overrides;
mod pauses;
mod report;

use axum::Router;
use axum::routing::{get, post, put};
use everstep_core::input::ControlRefusal;
use everstep_core::record::FunctionRecord;
use everstep_engine::ControlError;
use everstep_protocol::FunctionId;
use http::StatusCode;

pub(super) use self::report::{function_report, limit_view};
use super::Api;
use crate::error::ApiError;

/// The routes of flow control.
pub(super) fn router() -> Router<Api> {
    Router::new()
        .route("/v1/functions/{function}/pause", post(pauses::pause))
        .route("/v1/functions/{function}/resume", post(pauses::resume))
        .route("/v1/functions/{function}/drain", post(pauses::drain))
        .route("/v1/functions/{function}/flow", get(report::view))
        .route("/v1/functions/{function}/overrides", get(overrides::list))
        .route(
            "/v1/functions/{function}/overrides/{limit}",
            put(overrides::set).delete(overrides::restore),
        )
        .route("/v1/debounces/{debounce}/fire", post(held::fire))
        .route("/v1/batches/{batch}/flush", post(held::flush))
        .route("/v1/holds/{limit}/{run}/release", post(held::release))
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
