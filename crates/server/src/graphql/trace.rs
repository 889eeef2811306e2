//! The trace of a run, and the outputs of its spans (http-api §6.6).

use std::sync::Arc;

use async_graphql::{Context, Enum, Error, Object, Result, SimpleObject, Union};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use everstep_core::record::RunRecord;
use everstep_protocol::trace::Seed;
use everstep_protocol::{Json, RunId, SpanId};
use serde_json::{Value, json};

use super::reader::{Reader, parse};
use super::run_v2::FunctionRunV2;
use super::scalar::{Bytes, Map, Time, UlidText, Unknown, UuidText};
use crate::routes::skip_words;
use crate::trace::{self, Metadata, Span, SpanKind, SpanStatus, StepInfo, StepOp, UserlandPart};

/// The tree of one run.
struct Trace {
    run: RunRecord,
    root: Span,
}

/// A span of the tree: the way to it from the root.
#[derive(Clone)]
pub(super) struct RunTraceSpan {
    trace: Arc<Trace>,
    path: Vec<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(name = "RunTraceSpanStatus")]
enum Status {
    Failed,
    Queued,
    Running,
    Completed,
    Waiting,
    Cancelled,
    Skipped,
}

impl From<SpanStatus> for Status {
    fn from(status: SpanStatus) -> Self {
        match status {
            SpanStatus::Queued => Self::Queued,
            SpanStatus::Running => Self::Running,
            SpanStatus::Waiting => Self::Waiting,
            SpanStatus::Completed => Self::Completed,
            SpanStatus::Failed => Self::Failed,
            SpanStatus::Cancelled => Self::Cancelled,
            SpanStatus::Skipped => Self::Skipped,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(name = "StepOp")]
enum Op {
    Invoke,
    Run,
    Sleep,
    WaitForEvent,
    AiGateway,
    WaitForSignal,
}

impl From<StepOp> for Op {
    fn from(op: StepOp) -> Self {
        match op {
            StepOp::Run => Self::Run,
            StepOp::Sleep => Self::Sleep,
            StepOp::WaitForEvent => Self::WaitForEvent,
            StepOp::WaitForSignal => Self::WaitForSignal,
            StepOp::Invoke => Self::Invoke,
            StepOp::AiGateway => Self::AiGateway,
        }
    }
}

impl RunTraceSpan {
    /// The root of the trace of a run.
    pub(super) async fn of_run(reader: &Reader, run: RunId) -> Result<Option<Self>> {
        let Some(rows) = trace::load(reader.store(), run).await? else {
            return Ok(None);
        };
        let root = trace::build(&rows);
        let trace = Trace {
            run: rows.run,
            root,
        };
        Ok(Some(Self {
            trace: Arc::new(trace),
            path: Vec::new(),
        }))
    }

    pub(super) async fn find(reader: &Reader, run: &str) -> Result<Self> {
        let root = Self::of_run(reader, parse("a run", run)?).await?;
        root.ok_or_else(|| Error::new("run not found"))
    }

    fn span(&self) -> &Span {
        let mut span = &self.trace.root;
        for index in &self.path {
            span = &span.children[*index];
        }
        span
    }

    fn parent(&self) -> Option<Self> {
        let (_, path) = self.path.split_last()?;
        Some(Self {
            trace: Arc::clone(&self.trace),
            path: path.to_vec(),
        })
    }

    fn children(&self) -> Vec<Self> {
        let children = 0..self.span().children.len();
        children
            .map(|index| Self {
                trace: Arc::clone(&self.trace),
                path: self.path.iter().copied().chain([index]).collect(),
            })
            .collect()
    }

    fn userland(&self) -> Option<&UserlandPart> {
        match &self.span().kind {
            SpanKind::Userland(part) => Some(part),
            _ => None,
        }
    }
}

#[Object]
impl RunTraceSpan {
    #[graphql(name = "appID")]
    async fn app_id(&self, context: &Context<'_>) -> Result<UuidText> {
        let function = Reader::of(context)?
            .function(self.trace.run.function)
            .await?;
        let app = function.map(|function| function.app.to_string());
        Ok(UuidText(app.unwrap_or_default()))
    }

    #[graphql(name = "functionID")]
    async fn function_id(&self) -> UuidText {
        UuidText(self.trace.run.function.to_string())
    }

    #[graphql(name = "runID")]
    async fn run_id(&self) -> UlidText {
        UlidText(self.trace.run.id.to_string())
    }

    async fn run(&self) -> FunctionRunV2 {
        FunctionRunV2(self.trace.run.clone())
    }

    #[graphql(name = "spanID")]
    async fn span_id(&self) -> String {
        self.span().id.to_string()
    }

    #[graphql(name = "traceID")]
    async fn trace_id(&self) -> String {
        trace_id(self.trace.run.id)
    }

    #[graphql(name = "groupID")]
    async fn group_id(&self) -> Option<String> {
        Some(self.span().id.to_string())
    }

    async fn name(&self) -> &str {
        &self.span().name
    }

    async fn status(&self) -> Status {
        self.span().status.into()
    }

    /// The number of the latest attempt, from 0.
    async fn attempts(&self) -> Option<u32> {
        self.span().attempts
    }

    /// Milliseconds.
    async fn duration(&self) -> Option<u64> {
        let duration = self.span().duration()?;
        u64::try_from(duration.as_millis()).ok()
    }

    #[graphql(name = "outputID")]
    async fn output_id(&self) -> Option<String> {
        let span = self.span();
        let is_over = span.ended_at.is_some();
        let has_some = span.output.is_some() || span.error.is_some();
        (is_over && has_some).then(|| output_id(self.trace.run.id, span.id))
    }

    async fn queued_at(&self) -> Time {
        Time(self.span().queued_at)
    }

    async fn scheduled_at(&self) -> Option<Time> {
        Some(Time(self.span().queued_at))
    }

    async fn started_at(&self) -> Option<Time> {
        self.span().started_at.map(Time)
    }

    async fn ended_at(&self) -> Option<Time> {
        self.span().ended_at.map(Time)
    }

    async fn children_spans(&self) -> Vec<RunTraceSpan> {
        self.children()
    }

    async fn step_op(&self) -> Option<Op> {
        match &self.span().kind {
            SpanKind::Step(step) => Some(step.op.into()),
            _ => None,
        }
    }

    #[graphql(name = "stepID")]
    async fn step_id(&self) -> Option<&str> {
        match &self.span().kind {
            SpanKind::Step(step) => Some(step.id.as_str()),
            _ => None,
        }
    }

    async fn step_info(&self) -> Option<StepInfoView> {
        match &self.span().kind {
            SpanKind::Step(step) => {
                StepInfoView::new(step.info.as_ref(), step.step_type.as_deref())
            }
            _ => None,
        }
    }

    async fn step_type(&self) -> &str {
        match &self.span().kind {
            SpanKind::Step(step) => step.step_type.as_deref().unwrap_or(step.op.as_str()),
            SpanKind::Finalization => "FINALIZATION",
            SpanKind::Run | SpanKind::Discovery | SpanKind::Attempt(_) | SpanKind::Userland(_) => {
                ""
            }
        }
    }

    async fn is_root(&self) -> bool {
        self.path.is_empty()
    }

    #[graphql(name = "parentSpanID")]
    async fn parent_span_id(&self) -> Option<String> {
        self.parent().map(|parent| parent.span().id.to_string())
    }

    async fn parent_span(&self) -> Option<RunTraceSpan> {
        self.parent()
    }

    async fn is_userland(&self) -> bool {
        self.userland().is_some()
    }

    async fn userland_span(&self) -> Option<UserlandSpan> {
        let part = self.userland()?;
        Some(UserlandSpan::new(&self.span().name, part))
    }

    #[graphql(name = "debugRunID")]
    async fn debug_run_id(&self) -> Option<UlidText> {
        None
    }

    #[graphql(name = "debugSessionID")]
    async fn debug_session_id(&self) -> Option<UlidText> {
        None
    }

    async fn debug_paused(&self) -> bool {
        false
    }

    async fn skip_reason(&self) -> Option<&str> {
        self.span().skip.map(|skip| skip_words(skip.reason).0)
    }

    #[graphql(name = "skipExistingRunID")]
    async fn skip_existing_run_id(&self) -> Option<String> {
        let existing = self.span().skip?.existing_run?;
        Some(existing.to_string())
    }

    async fn metadata(&self) -> Vec<SpanMetadata> {
        self.span().metadata.iter().map(SpanMetadata::new).collect()
    }

    async fn response(&self) -> Option<SpanResponse> {
        let status = self.span().attempt?.http_status?;
        Some(SpanResponse {
            status_code: status,
            headers: Map(json!({})),
        })
    }
}

/// The id of the trace, which SDKs are told in `traceparent`.
pub(super) fn trace_id(run: RunId) -> String {
    Seed::Run(run).trace_id().to_string()
}

#[derive(SimpleObject)]
struct RunStepInfo {
    #[graphql(name = "type")]
    kind: Option<String>,
}

#[derive(SimpleObject)]
struct SleepStepInfo {
    sleep_until: Time,
}

#[derive(SimpleObject)]
struct WaitForEventStepInfo {
    event_name: String,
    expression: Option<String>,
    timeout: Time,
    #[graphql(name = "foundEventID")]
    found_event: Option<UlidText>,
    timed_out: Option<bool>,
}

#[derive(SimpleObject)]
struct WaitForSignalStepInfo {
    signal: String,
    timeout: Time,
    timed_out: Option<bool>,
}

#[derive(SimpleObject)]
struct InvokeStepInfo {
    #[graphql(name = "triggeringEventID")]
    triggering_event: UlidText,
    #[graphql(name = "functionID")]
    function: String,
    timeout: Time,
    #[graphql(name = "returnEventID")]
    return_event: Option<UlidText>,
    #[graphql(name = "runID")]
    run: Option<UlidText>,
    timed_out: Option<bool>,
}

#[derive(Union)]
#[graphql(name = "StepInfo")]
enum StepInfoView {
    Run(RunStepInfo),
    Sleep(SleepStepInfo),
    WaitForEvent(WaitForEventStepInfo),
    WaitForSignal(WaitForSignalStepInfo),
    Invoke(InvokeStepInfo),
}

impl StepInfoView {
    fn new(info: Option<&StepInfo>, step_type: Option<&str>) -> Option<Self> {
        Some(match info {
            None => Self::Run(RunStepInfo {
                kind: Some(step_type?.to_owned()),
            }),
            Some(StepInfo::Sleep { until }) => Self::Sleep(SleepStepInfo {
                sleep_until: Time(*until),
            }),
            Some(StepInfo::WaitForEvent {
                event,
                condition,
                until,
                found_event,
                timed_out,
            }) => Self::WaitForEvent(WaitForEventStepInfo {
                event_name: event.clone(),
                expression: condition.clone(),
                timeout: Time(*until),
                found_event: found_event.map(|event| UlidText(event.to_string())),
                timed_out: *timed_out,
            }),
            Some(StepInfo::WaitForSignal {
                signal,
                until,
                timed_out,
            }) => Self::WaitForSignal(WaitForSignalStepInfo {
                signal: signal.clone(),
                timeout: Time(*until),
                timed_out: *timed_out,
            }),
            Some(StepInfo::Invoke {
                triggering_event,
                function,
                until,
                run,
                timed_out,
            }) => Self::Invoke(InvokeStepInfo {
                triggering_event: UlidText(triggering_event.to_string()),
                function: function.clone(),
                timeout: Time(*until),
                return_event: None,
                run: run.map(|run| UlidText(run.to_string())),
                timed_out: *timed_out,
            }),
        })
    }
}

#[derive(SimpleObject)]
struct UserlandSpan {
    span_name: Option<String>,
    span_kind: Option<String>,
    service_name: Option<String>,
    resource_attrs: Option<Bytes>,
    scope_name: Option<String>,
    scope_version: Option<String>,
    span_attrs: Option<Bytes>,
}

impl UserlandSpan {
    fn new(name: &str, part: &UserlandPart) -> Self {
        let detail = &part.detail;
        Self {
            span_name: Some(name.to_owned()),
            span_kind: detail.kind.clone(),
            service_name: detail.service_name.clone(),
            resource_attrs: detail.resource.clone().map(Bytes::from),
            scope_name: detail.scope_name.clone(),
            scope_version: detail.scope_version.clone(),
            span_attrs: detail.attributes.clone().map(Bytes::from),
        }
    }
}

#[derive(SimpleObject)]
struct SpanMetadata {
    scope: String,
    kind: String,
    values: Map,
    updated_at: Time,
}

impl SpanMetadata {
    fn new(metadata: &Metadata) -> Self {
        Self {
            scope: metadata.scope.to_owned(),
            kind: metadata.kind.to_string(),
            values: Map(metadata.values.to_value()),
            updated_at: Time(metadata.updated_at),
        }
    }
}

#[derive(SimpleObject)]
struct SpanResponse {
    status_code: u16,
    headers: Map,
}

/// `{"rid", "sid", "preview"}` in base64 (TT-20).
fn output_id(run: RunId, span: SpanId) -> String {
    let id = json!({ "rid": run.to_string(), "sid": span.to_string(), "preview": true });
    STANDARD.encode(id.to_string())
}

fn parse_output_id(text: &str) -> Option<(RunId, String)> {
    let json: Value = serde_json::from_slice(&STANDARD.decode(text).ok()?).ok()?;
    let run = json["rid"].as_str()?.parse().ok()?;
    Some((run, json["sid"].as_str()?.to_owned()))
}

#[derive(SimpleObject)]
#[graphql(name = "StepError")]
struct StepError {
    message: String,
    name: Option<String>,
    stack: Option<String>,
    cause: Option<Unknown>,
}

/// What a span was given, and what came of it (TT-21).
#[derive(SimpleObject)]
pub(super) struct RunTraceSpanOutput {
    input: Option<Bytes>,
    data: Option<Bytes>,
    error: Option<StepError>,
}

impl RunTraceSpanOutput {
    pub(super) async fn find(reader: &Reader, id: &str) -> Result<Self> {
        let not_found = || Error::new("there is no such output");
        let bad = || Error::new(format!("{id:?} is not the id of an output"));
        let (run, span) = parse_output_id(id).ok_or_else(bad)?;
        let rows = trace::load(reader.store(), run).await?;
        let root = trace::build(&rows.ok_or_else(not_found)?);
        let span = named(&root, &span).ok_or_else(not_found)?;
        let error = span.error.as_ref().map(StepError::new);
        Ok(Self {
            input: span.input.clone().map(Bytes::from),
            data: match error {
                Some(_) => None,
                None => span.output.clone().map(Bytes::from),
            },
            error,
        })
    }
}

/// The span of a tree with this id.
fn named<'a>(span: &'a Span, id: &str) -> Option<&'a Span> {
    if span.id.to_string() == id {
        return Some(span);
    }
    span.children.iter().find_map(|child| named(child, id))
}

impl StepError {
    fn new(error: &Json) -> Self {
        let text = |name: &str| error.member_text(name);
        Self {
            message: text("message").unwrap_or_else(|| error.as_str().to_owned()),
            name: text("name"),
            stack: text("stack"),
            cause: error.member("cause").map(|cause| Unknown(cause.to_value())),
        }
    }
}
