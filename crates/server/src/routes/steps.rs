//! `GET /v1/runs/{run}/steps`: what a run did so far, step by step. Not part of the API of other
//! servers: theirs has traces, of which this is the plain part.

use std::time::Duration;

use axum::extract::State;
use axum::response::Response;
use everstep_core::record::{
    AttemptOutcome, AttemptRecord, MetadataRecord, MetadataTarget, StepKind, StepRecord, StepStatus,
};
use everstep_protocol::{Json, StepId, Timestamp};
use serde::Serialize;

use super::Api;
use super::params::PathText;
use super::v1::{envelope, run_id};
use crate::error::ApiError;

/// A step as clients see it: memoized ones in the order in which they were stored, then those that
/// are outstanding.
#[derive(Debug, Serialize)]
struct StepView {
    id: String,
    name: String,
    kind: &'static str,
    status: &'static str,
    /// When user code began it, else when the server first heard of it.
    started_at: String,
    ended_at: Option<String>,
    duration_ms: Option<u64>,
    /// Its result, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    output: Option<Json>,
    /// The error that it failed with for good.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Json>,
    /// The request that the server made for it, without secrets.
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<Json>,
    /// What is noted of it, of its attempts, and of spans within it.
    metadata: Vec<MetadataView>,
}

/// A call as clients see it.
#[derive(Debug, Serialize)]
struct CallView {
    job: String,
    /// Zero-based.
    attempt: u32,
    /// The step that it was to execute; null for a discovery.
    step: Option<String>,
    outcome: &'static str,
    started_at: String,
    duration_ms: u64,
    http_status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Json>,
}

/// Metadata of one kind as clients see it.
#[derive(Debug, Serialize)]
struct MetadataView {
    scope: &'static str,
    /// The step, where it is not shown with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<String>,
    /// Zero-based.
    #[serde(skip_serializing_if = "Option::is_none")]
    attempt: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    span_id: Option<String>,
    kind: String,
    values: Json,
    updated_at: String,
}

#[derive(Debug, Serialize)]
struct StepsView {
    /// What is noted of the run, and of steps that it does not have.
    metadata: Vec<MetadataView>,
    steps: Vec<StepView>,
    calls: Vec<CallView>,
}

pub(super) async fn step_list(
    State(api): State<Api>,
    PathText(run): PathText,
) -> Result<Response, ApiError> {
    let id = run_id(&run)?;
    let store = api.engine.store();
    if store.run_view(id).await?.is_none() {
        return Err(ApiError::not_found("run not found"));
    }
    let steps = store.run_steps(id).await?;
    let attempts = store.run_attempts(id).await?;
    let metadata = store.run_metadata(id).await?;
    let is_known = |step: &StepId| steps.iter().any(|known| known.id == *step);
    let of_run = metadata
        .iter()
        .filter(|record| record.target.step().is_none_or(|step| !is_known(step)));
    let view = StepsView {
        metadata: of_run.map(MetadataView::new).collect(),
        steps: steps
            .iter()
            .map(|step| StepView::new(step, &metadata))
            .collect(),
        calls: attempts.iter().map(CallView::new).collect(),
    };
    Ok(envelope(view, api.clock.now(), Duration::ZERO))
}

impl StepView {
    fn new(step: &StepRecord, metadata: &[MetadataRecord]) -> Self {
        let started_at = step.started_at.unwrap_or(step.created_at);
        let took = |ended: Timestamp| u64::try_from(ended.since(started_at).as_millis());
        Self {
            id: step.id.to_string(),
            name: step.name.to_string(),
            kind: match step.kind {
                StepKind::Run => "run",
                StepKind::Sleep => "sleep",
                StepKind::WaitForEvent => "wait_for_event",
                StepKind::WaitForSignal => "wait_for_signal",
                StepKind::Invoke => "invoke",
                StepKind::Fetch => "fetch",
                StepKind::Infer => "infer",
            },
            status: match step.status {
                StepStatus::Planned => "planned",
                StepStatus::Retrying => "retrying",
                StepStatus::Sleeping => "sleeping",
                StepStatus::Waiting => "waiting",
                StepStatus::Completed => "completed",
                StepStatus::Failed => "failed",
            },
            started_at: started_at.to_string(),
            ended_at: step.ended_at.map(|at| at.to_string()),
            duration_ms: step.ended_at.and_then(|ended| took(ended).ok()),
            output: member(step, "data"),
            error: member(step, "error"),
            request: step
                .trace
                .as_ref()
                .and_then(|trace| trace.member("request")),
            metadata: metadata
                .iter()
                .filter(|record| record.target.step() == Some(&step.id))
                .map(|record| MetadataView {
                    step: None,
                    ..MetadataView::new(record)
                })
                .collect(),
        }
    }
}

/// What calls carry as `{"data": …}` or `{"error": …}` (sdk-protocol §4.2).
fn member(step: &StepRecord, name: &str) -> Option<Json> {
    step.value.as_ref()?.member(name)
}

impl MetadataView {
    fn new(record: &MetadataRecord) -> Self {
        let (scope, attempt, span) = match &record.target {
            MetadataTarget::Run => ("run", None, None),
            MetadataTarget::Step(_) => ("step", None, None),
            MetadataTarget::Attempt { attempt, .. } => ("step_attempt", Some(*attempt), None),
            MetadataTarget::Span { span, .. } => ("extended_trace", None, Some(*span)),
        };
        Self {
            scope,
            step: record.target.step().map(ToString::to_string),
            attempt,
            span_id: span.map(|span| span.to_string()),
            kind: record.kind.to_string(),
            values: record.values.clone(),
            updated_at: record.updated_at.to_string(),
        }
    }
}

impl CallView {
    fn new(attempt: &AttemptRecord) -> Self {
        Self {
            job: attempt.job.to_string(),
            attempt: attempt.attempt,
            step: attempt.step.as_ref().map(ToString::to_string),
            outcome: match attempt.outcome {
                AttemptOutcome::Succeeded => "succeeded",
                AttemptOutcome::Retried => "retried",
                AttemptOutcome::Failed => "failed",
            },
            started_at: attempt.started_at.to_string(),
            duration_ms: u64::try_from(attempt.duration.as_millis()).unwrap_or(u64::MAX),
            http_status: attempt.http_status,
            error: attempt.error.as_ref().map(|error| error.json.clone()),
        }
    }
}
