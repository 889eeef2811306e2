//! `GET /v1/runs/{run}/jobs`: what of a run is due, and how much is before it (http-api §5.2).

use std::time::Duration;

use axum::extract::State;
use axum::response::Response;
use everstep_core::inspect::{Inspection, Place, Report};
use everstep_core::record::{JobKind, JobRecord, RunRecord, RunStatus};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::Api;
use super::explain::due_call;
use super::openapi::{Operation, Routes};
use super::params::PathText;
use super::v1::{envelope, run_id};
use crate::error::ApiError;

/// Jobs that are named, the earliest ones.
const JOBS_MAX: usize = 10;
const CACHE: Duration = Duration::from_secs(5);

/// A job as clients see it; they know it under these names.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = V1Job)]
struct JobView {
    #[serde(rename = "JobID")]
    id: String,
    at: String,
    /// Calls before it.
    position: usize,
    kind: &'static str,
    attempt: u32,
    #[serde(rename = "Raw")]
    raw: Value,
}

pub(super) fn routes() -> Routes {
    Routes::new("v1").get(
        "/v1/runs/{run}/jobs",
        list,
        Operation::v1("v1ListJobs", "What of a run is due").lists::<JobView>(),
    )
}

pub(super) async fn list(
    State(api): State<Api>,
    PathText(run): PathText,
) -> Result<Response, ApiError> {
    let id = run_id(&run)?;
    let store = api.engine.store();
    let run = store.run_view(id).await?;
    let run = run.ok_or_else(|| ApiError::not_found("run not found"))?;
    let mut jobs = store.run_jobs(id).await?;
    jobs.sort_by_key(|job| (job.due_at, job.id));
    jobs.truncate(JOBS_MAX);
    let calls = jobs.iter().filter_map(|job| due_call(job, &run)).collect();
    let Report::Calls(calls) = api.engine.inspect(Inspection::Calls(calls)).await? else {
        unreachable!("calls are reported as calls");
    };
    let views = jobs.iter().map(|job| {
        let call = calls.iter().find(|call| call.job == job.id);
        let position = match call.and_then(|call| call.place.as_ref()) {
            Some(Place::Queued { ahead, .. }) => *ahead,
            Some(Place::Running { .. } | Place::Timer) | None => 0,
        };
        JobView::new(job, &run, position)
    });
    let views: Vec<_> = views.collect();
    Ok(envelope(&views, api.clock.now(), CACHE))
}

impl JobView {
    fn new(job: &JobRecord, run: &RunRecord, position: usize) -> Self {
        Self {
            id: format!("{}:{}", job.id.run, job.id.number),
            at: job.due_at.to_string(),
            position,
            kind: match job.kind {
                JobKind::Discovery if run.status == RunStatus::Queued => "start",
                JobKind::Discovery | JobKind::Step(_) | JobKind::Request(_) => "edge",
                JobKind::SleepEnd(_) => "sleep",
                JobKind::WaitEnd(_) => "pause",
                JobKind::Cancel => "cancel",
                JobKind::StartTimeout | JobKind::FinishTimeout | JobKind::SyncTimeout => "timeout",
            },
            attempt: job.attempt,
            raw: Value::Null,
        }
    }
}
