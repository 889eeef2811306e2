//! `GET` and `DELETE /v1/runs/{run}`, `GET /v1/events/{event}/runs` (http-api §5.1, §5.2).

use std::time::Duration;

use axum::extract::State;
use axum::response::Response;
use everstep_core::input::{Control, ControlRefusal, RunControl};
use everstep_core::record::{EventRecord, RunRecord};
use everstep_core::ticks::cron_of;
use everstep_engine::ControlError;
use everstep_protocol::ids::ENVIRONMENT;
use everstep_protocol::{FunctionId, Json};
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::asker::Actor;
use super::openapi::{Operation, Routes};
use super::params::PathText;
use super::v1::{envelope, event_id, run_id};
use super::{Api, status_text};
use crate::error::ApiError;

const RUN_CACHE: Duration = Duration::from_secs(3);
const EVENT_RUNS_CACHE: Duration = Duration::from_secs(15);

/// A run as clients see it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = V1Run)]
struct RunView {
    run_id: String,
    /// When its first call began; until then, when it was queued.
    run_started_at: String,
    #[schema(value_type = String)]
    function_id: FunctionId,
    function_version: u32,
    environment_id: Uuid,
    #[schema(required)]
    event_id: Option<String>,
    /// The first of a chain of reruns, of which this is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    original_run_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    batch_id: Option<String>,
    /// The schedule that started it, if one did.
    #[serde(skip_serializing_if = "Option::is_none")]
    cron: Option<String>,
    status: &'static str,
    #[schema(required)]
    ended_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<serde_json::Value>)]
    output: Option<Json>,
}

pub(super) fn routes() -> Routes {
    Routes::new("v1")
        .get(
            "/v1/runs/{run}",
            run_view,
            Operation::v1("v1GetRun", "One run").replies::<RunView>(),
        )
        .delete(
            "/v1/runs/{run}",
            cancel,
            Operation::v1(
                "v1CancelRun",
                "End a run now; one that has ended stays as it is",
            )
            .replies_empty(StatusCode::OK, "It has ended"),
        )
        .get(
            "/v1/events/{event}/runs",
            event_runs,
            Operation::v1("v1ListEventRuns", "The runs that an event triggered").lists::<RunView>(),
        )
}

pub(super) async fn run_view(
    State(api): State<Api>,
    PathText(run): PathText,
) -> Result<Response, ApiError> {
    let id = run_id(&run)?;
    let store = api.engine.store();
    let run = store
        .run_view(id)
        .await?
        .ok_or_else(|| ApiError::not_found("run not found"))?;
    let events = store.run_events(id).await?;
    let rerun = store.run_rerun(id).await?;
    let view = RunView {
        original_run_id: rerun.map(|rerun| rerun.original.to_string()),
        ..RunView::new(run, events.first())
    };
    Ok(envelope(view, api.clock.now(), RUN_CACHE))
}

/// Cancels the run: it ends now, and what is in flight finds no run any more. One that has ended
/// stays as it is (CA-4).
pub(super) async fn cancel(
    State(api): State<Api>,
    Actor(actor): Actor,
    PathText(run): PathText,
) -> Result<StatusCode, ApiError> {
    let control = Control::Run {
        run: run_id(&run)?,
        control: RunControl::Cancel,
        reason: None,
    };
    match api.engine.control(actor, control).await {
        Ok(_) | Err(ControlError::Refused(ControlRefusal::RunEnded(_))) => Ok(StatusCode::OK),
        Err(ControlError::Refused(ControlRefusal::RunUnknown(_))) => {
            Err(ApiError::not_found("run not found"))
        }
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn event_runs(
    State(api): State<Api>,
    PathText(event): PathText,
) -> Result<Response, ApiError> {
    let id = event_id(&event)?;
    let store = api.engine.store();
    let event = store.event_view(id).await?;
    let runs = store.event_runs(id).await?;
    let runs: Vec<_> = runs
        .into_iter()
        .map(|run| RunView::new(run, event.as_ref()))
        .collect();
    Ok(envelope(&runs, api.clock.now(), EVENT_RUNS_CACHE))
}

impl RunView {
    fn new(run: RunRecord, event: Option<&EventRecord>) -> Self {
        Self {
            run_id: run.id.to_string(),
            run_started_at: run.started_at.unwrap_or(run.id.timestamp()).to_string(),
            function_id: run.function,
            function_version: run.function_version,
            environment_id: ENVIRONMENT,
            original_run_id: None,
            event_id: event.map(|event| event.id.to_string()),
            batch_id: run.batch.map(|batch| batch.to_string()),
            cron: event.and_then(cron_of),
            status: status_text(run.status),
            ended_at: run.ended_at.map(|at| at.to_string()),
            output: run.output,
        }
    }
}
