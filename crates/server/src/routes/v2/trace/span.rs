//! A span as clients see it, with all that is within it.

use everstep_protocol::Json;
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use super::part::{LinkView, MetadataView, StepInfoView, TimingView, UserlandView};
use super::{Detail, is_none_or_zero};
use crate::routes::explain::skip_words;
use crate::trace::{Attempt, Span, SpanKind, SpanStatus, StepOp};

/// A span as clients see it. What is not there is left out, as is what is zero (http-api §8).
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TraceSpan)]
pub(super) struct SpanView<'a> {
    id: String,
    name: &'a str,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    step_op: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    step_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    step_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    step_info: Option<StepInfoView<'a>>,
    #[serde(skip_serializing_if = "is_none_or_zero")]
    attempts: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_text")]
    #[schema(value_type = Option<String>)]
    duration_ms: Option<u128>,
    queued_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    started_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    http_status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timing: Option<TimingView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<serde_json::Value>)]
    input: Option<&'a Json>,
    /// Bytes of an input that was too large to be kept.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_text")]
    #[schema(value_type = Option<String>)]
    input_size: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<serde_json::Value>)]
    output: Option<&'a Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<serde_json::Value>)]
    error: Option<&'a Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<serde_json::Value>)]
    request: Option<&'a Json>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    metadata: Vec<MetadataView<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    links: Vec<LinkView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    userland: Option<UserlandView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    skip_reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    skip_existing_run_id: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(no_recursion)]
    children: Vec<SpanView<'a>>,
}

impl<'a> SpanView<'a> {
    pub(super) fn new(span: &'a Span, detail: Detail) -> Self {
        let step = match &span.kind {
            SpanKind::Step(step) => Some(step),
            SpanKind::Run
            | SpanKind::Finalization
            | SpanKind::Discovery
            | SpanKind::Attempt(_)
            | SpanKind::Userland(_) => None,
        };
        let op = step.map(|step| step.op);
        let skip = span.skip.as_ref();
        let shown = |json: &'a Option<Json>| json.as_ref().filter(|_| detail.include_output);
        Self {
            id: span.id.to_string(),
            name: &span.name,
            status: status_word(span.status),
            step_op: op.map(StepOp::as_str),
            step_id: step.map(|step| step.id.as_str()),
            step_type: step_type(span),
            step_info: step.and_then(|step| step.info.as_ref().map(StepInfoView::new)),
            attempts: span.attempts,
            duration_ms: span.duration().map(|duration| duration.as_millis()),
            queued_at: span.queued_at.to_string(),
            started_at: span.started_at.map(|at| at.to_string()),
            ended_at: span.ended_at.map(|at| at.to_string()),
            http_status: span
                .attempt
                .and_then(|Attempt { http_status, .. }| http_status),
            timing: span.attempt.map(|attempt| TimingView::new(attempt.timing)),
            input: shown(&span.input),
            input_size: step.and_then(|step| step.input_size),
            output: shown(&span.output),
            error: span.error.as_ref(),
            request: step
                .and_then(|step| step.request.as_ref())
                .filter(|_| detail.include_output),
            metadata: span.metadata.iter().map(MetadataView::new).collect(),
            links: span.links.iter().map(LinkView::new).collect(),
            userland: match &span.kind {
                SpanKind::Userland(part) => Some(UserlandView::new(part)),
                _ => None,
            },
            skip_reason: skip.map(|skip| skip_words(skip.reason).0),
            skip_existing_run_id: skip
                .and_then(|skip| skip.existing_run)
                .map(|run| run.to_string()),
            children: span
                .children
                .iter()
                .map(|child| Self::new(child, detail))
                .collect(),
        }
    }
}

/// Queued is waiting here (http-api §8.3).
fn status_word(status: SpanStatus) -> &'static str {
    match status {
        SpanStatus::Queued | SpanStatus::Waiting => "WAITING",
        SpanStatus::Running => "RUNNING",
        SpanStatus::Completed => "COMPLETED",
        SpanStatus::Failed => "FAILED",
        SpanStatus::Cancelled => "CANCELLED",
        SpanStatus::Skipped => "SKIPPED",
    }
}

fn step_type(span: &Span) -> Option<&str> {
    match &span.kind {
        SpanKind::Finalization => Some("FINALIZATION"),
        SpanKind::Step(step) => Some(step.step_type.as_deref().unwrap_or(step.op.as_str())),
        SpanKind::Run | SpanKind::Discovery | SpanKind::Attempt(_) | SpanKind::Userland(_) => None,
    }
}

/// Integers of 64 bits are texts (http-api §8).
fn as_text<T: ToString, S: Serializer>(number: &Option<T>, to: S) -> Result<S::Ok, S::Error> {
    match number {
        Some(number) => to.collect_str(&number.to_string()),
        None => to.serialize_none(),
    }
}
