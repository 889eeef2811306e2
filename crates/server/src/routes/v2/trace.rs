//! `GET /v2/runs/{run}/trace`: what happened in a run (http-api §8.2, §8.3).
//!
//! Beside the fields of other servers there are: what a step is about (`stepType`, `stepInfo`), what
//! its attempts were and where their time went (`attempts`, `httpStatus`, `timing`), its error, the
//! request that was made for it, the events that it sent with the runs of these (`links`), what user
//! code traced (`userland`), and every call that was made (`calls`).

use std::time::Duration;

use axum::extract::State;
use axum::response::Response;
use everstep_core::record::AttemptOutcome;
use everstep_protocol::{Json, RunId};
use serde::{Deserialize, Serialize, Serializer};

use super::error::V2Error;
use super::{Api, envelope};
use crate::error::ApiError;
use crate::routes::explain::skip_words;
use crate::routes::params::{PathText, QueryOf};
use crate::routes::status_text;
use crate::trace::{
    Attempt, Call, Link, Metadata, Span, SpanKind, SpanStatus, StepInfo, StepOp, Timing,
    UserlandPart, build, call_list, load,
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TraceQuery {
    #[serde(alias = "include_output")]
    include_output: Option<String>,
}

/// What is left out of a trace unless it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Detail {
    /// Inputs and outputs.
    include_output: bool,
}

pub(super) async fn view(
    State(api): State<Api>,
    run: Result<PathText, ApiError>,
    query: Result<QueryOf<TraceQuery>, ApiError>,
) -> Result<Response, V2Error> {
    let PathText(run) = run?;
    let QueryOf(query) = query?;
    let not_an_id = |_| V2Error::invalid_request(format!("{run:?} is not a run id"));
    let id: RunId = run.parse().map_err(not_an_id)?;
    let include_output = match query.include_output.as_deref() {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => {
            let message = "includeOutput must be true or false";
            return Err(V2Error::invalid_request(message));
        }
    };
    let rows = load(&**api.engine.store(), id).await?;
    let rows = rows.ok_or_else(|| V2Error::not_found("Run not found"))?;
    let root = build(&rows);
    let view = TraceView {
        run_id: id.to_string(),
        root_span: SpanView::new(&root, Detail { include_output }),
        calls: call_list(&rows).map(CallView::new).collect(),
    };
    Ok(envelope(view, api.clock.now()))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TraceView<'a> {
    run_id: String,
    root_span: SpanView<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    calls: Vec<CallView<'a>>,
}

/// A span as clients see it. What is not there is left out, as is what is zero (http-api §8).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SpanView<'a> {
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
    input: Option<&'a Json>,
    /// Bytes of an input that was too large to be kept.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_text")]
    input_size: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output: Option<&'a Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
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
    children: Vec<SpanView<'a>>,
}

#[derive(Serialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
enum StepInfoView<'a> {
    Sleep {
        sleep_until: String,
    },
    WaitForEvent {
        event_name: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        expression: Option<&'a str>,
        timeout: String,
        #[serde(rename = "foundEventID", skip_serializing_if = "Option::is_none")]
        found_event: Option<String>,
        /// There once it has ended, also if it is false.
        #[serde(skip_serializing_if = "Option::is_none")]
        timed_out: Option<bool>,
    },
    WaitForSignal {
        signal: &'a str,
        timeout: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        timed_out: Option<bool>,
    },
    Invoke {
        #[serde(rename = "triggeringEventID")]
        triggering_event: String,
        #[serde(rename = "functionID")]
        function: &'a str,
        timeout: String,
        #[serde(rename = "runID", skip_serializing_if = "Option::is_none")]
        run: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        timed_out: Option<bool>,
    },
}

/// Milliseconds, with a fraction.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TimingView {
    #[serde(skip_serializing_if = "is_zero")]
    backoff_ms: f64,
    #[serde(skip_serializing_if = "is_zero")]
    queued_ms: f64,
    #[serde(skip_serializing_if = "is_zero")]
    call_ms: f64,
    /// Of the call: name, TCP and TLS.
    #[serde(skip_serializing_if = "is_zero")]
    connect_ms: f64,
    /// Of the call: from then until the answer began.
    #[serde(skip_serializing_if = "Option::is_none")]
    first_byte_ms: Option<f64>,
    /// Of that: in the code of the step, as the SDK measured it.
    #[serde(skip_serializing_if = "Option::is_none")]
    user_code_ms: Option<f64>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MetadataView<'a> {
    scope: &'static str,
    kind: &'a str,
    /// JSON text of each (http-api §8.3).
    values: std::collections::BTreeMap<String, String>,
    updated_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    step_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attempt: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    span_id: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LinkView {
    event_id: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    runs: Vec<RunView>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RunView {
    id: String,
    function_id: String,
    status: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct UserlandView<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_span_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    span_kind: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope_version: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_message: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_attrs: Option<&'a Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    span_attrs: Option<&'a Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    events: Option<&'a Json>,
}

/// A call as clients see it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CallView<'a> {
    /// As the app was told in `traceparent`.
    span_id: String,
    request_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    step_id: Option<&'a str>,
    /// Zero-based.
    #[serde(skip_serializing_if = "is_none_or_zero")]
    attempt: Option<u32>,
    outcome: &'static str,
    due_at: String,
    started_at: String,
    duration_ms: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    http_status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a Json>,
}

impl<'a> SpanView<'a> {
    fn new(span: &'a Span, detail: Detail) -> Self {
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

impl<'a> StepInfoView<'a> {
    fn new(info: &'a StepInfo) -> Self {
        match info {
            StepInfo::Sleep { until } => Self::Sleep {
                sleep_until: until.to_string(),
            },
            StepInfo::WaitForEvent {
                event,
                condition,
                until,
                found_event,
                timed_out,
            } => Self::WaitForEvent {
                event_name: event,
                expression: condition.as_deref(),
                timeout: until.to_string(),
                found_event: found_event.map(|event| event.to_string()),
                timed_out: *timed_out,
            },
            StepInfo::WaitForSignal {
                signal,
                until,
                timed_out,
            } => Self::WaitForSignal {
                signal,
                timeout: until.to_string(),
                timed_out: *timed_out,
            },
            StepInfo::Invoke {
                triggering_event,
                function,
                until,
                run,
                timed_out,
            } => Self::Invoke {
                triggering_event: triggering_event.to_string(),
                function,
                timeout: until.to_string(),
                run: run.map(|run| run.to_string()),
                timed_out: *timed_out,
            },
        }
    }
}

impl TimingView {
    fn new(timing: Timing) -> Self {
        let until_answer = timing.until_answer;
        Self {
            backoff_ms: ms(timing.backoff),
            queued_ms: ms(timing.queued),
            call_ms: ms(timing.call),
            connect_ms: until_answer.map_or(0.0, |it| ms(it.connect)),
            first_byte_ms: until_answer.map(|it| ms(it.first_byte)),
            user_code_ms: timing.user_code.map(ms),
        }
    }
}

impl<'a> MetadataView<'a> {
    fn new(metadata: &'a Metadata) -> Self {
        let values = metadata.values.members();
        Self {
            scope: metadata.scope,
            kind: &metadata.kind,
            values: values
                .map(|(name, value)| (name, value.as_str().to_owned()))
                .collect(),
            updated_at: metadata.updated_at.to_string(),
            step_id: metadata.step.as_ref().map(|step| step.as_str()),
            attempt: metadata.attempt,
            span_id: metadata.span.map(|span| span.to_string()),
        }
    }
}

impl LinkView {
    fn new(link: &Link) -> Self {
        let runs = link.runs.iter().map(|run| RunView {
            id: run.run.to_string(),
            function_id: run.function.to_string(),
            status: status_text(run.status).to_ascii_uppercase(),
        });
        Self {
            event_id: link.event.to_string(),
            runs: runs.collect(),
        }
    }
}

impl<'a> UserlandView<'a> {
    fn new(part: &'a UserlandPart) -> Self {
        let detail = &part.detail;
        Self {
            parent_span_id: part.parent.map(|parent| parent.to_string()),
            span_kind: detail.kind.as_deref(),
            service_name: detail.service_name.as_deref(),
            scope_name: detail.scope_name.as_deref(),
            scope_version: detail.scope_version.as_deref(),
            status_message: detail.status_message.as_deref(),
            trace_id: detail.trace_id.as_deref(),
            resource_attrs: detail.resource.as_ref(),
            span_attrs: detail.attributes.as_ref(),
            events: detail.events.as_ref(),
        }
    }
}

impl<'a> CallView<'a> {
    fn new(call: Call<'a>) -> Self {
        let record = call.record;
        Self {
            span_id: call.span.to_string(),
            request_id: record.request.to_string(),
            step_id: record.step.as_ref().map(|step| step.as_str()),
            attempt: Some(record.attempt),
            outcome: match record.outcome {
                AttemptOutcome::Succeeded => "SUCCEEDED",
                AttemptOutcome::Retried => "RETRIED",
                AttemptOutcome::Failed => "FAILED",
            },
            due_at: record.due_at.to_string(),
            started_at: record.started_at.to_string(),
            duration_ms: ms(record.duration),
            http_status: record.http_status,
            error: record.error.as_ref().map(|error| &error.json),
        }
    }
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

fn is_zero(ms: &f64) -> bool {
    *ms == 0.0
}

fn is_none_or_zero(number: &Option<u32>) -> bool {
    number.is_none_or(|number| number == 0)
}

/// Integers of 64 bits are texts (http-api §8).
fn as_text<T: ToString, S: Serializer>(number: &Option<T>, to: S) -> Result<S::Ok, S::Error> {
    match number {
        Some(number) => to.collect_str(&number.to_string()),
        None => to.serialize_none(),
    }
}
