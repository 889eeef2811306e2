//! What happened in a run, one thing after the other: the older form of its trace.

use async_graphql::{Enum, Error, Result, SimpleObject};
use everstep_core::record::{
    AttemptOutcome, AttemptRecord, RunStatus, StepKind, StepRecord, StepStatus, StepTrace,
};
use everstep_protocol::trace::Seed;
use everstep_protocol::{EventId, Json, RunId, SpanId, Timestamp};
use uuid::Uuid;

use super::reader::Reader;
use super::scalar::{Time, UlidText, UuidText};
use crate::trace::{self, Rows};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(name = "HistoryType", rename_items = "PascalCase")]
enum HistoryKind {
    FunctionCancelled,
    FunctionCompleted,
    FunctionFailed,
    FunctionScheduled,
    FunctionStarted,
    FunctionStatusUpdated,
    StepCompleted,
    StepErrored,
    StepFailed,
    StepScheduled,
    StepSleeping,
    StepStarted,
    StepWaiting,
}

impl HistoryKind {
    /// Whether it began with a call to the app.
    fn is_call(self) -> bool {
        matches!(self, Self::FunctionStarted | Self::StepStarted)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(name = "HistoryStepType", rename_items = "PascalCase")]
enum StepType {
    Run,
    Send,
    Sleep,
    Wait,
}

#[derive(Clone, Debug, SimpleObject)]
#[graphql(name = "RunHistorySleep")]
struct Sleep {
    until: Time,
}

#[derive(Clone, Debug, SimpleObject)]
#[graphql(name = "RunHistoryWaitForEvent")]
struct WaitForEvent {
    event_name: String,
    expression: Option<String>,
    timeout: Time,
}

#[derive(Clone, Debug, SimpleObject)]
#[graphql(name = "RunHistoryWaitResult")]
struct WaitResult {
    #[graphql(name = "eventID")]
    event_id: Option<UlidText>,
    /// Whether its time ended it.
    timeout: bool,
}

#[derive(Clone, Debug, SimpleObject)]
#[graphql(name = "RunHistoryInvokeFunction")]
struct InvokeFunction {
    #[graphql(name = "eventID")]
    event_id: UlidText,
    #[graphql(name = "functionID")]
    function_id: String,
    timeout: Time,
}

#[derive(Clone, Debug, SimpleObject)]
#[graphql(name = "RunHistoryInvokeFunctionResult")]
struct InvokeFunctionResult {
    #[graphql(name = "eventID")]
    event_id: Option<UlidText>,
    /// Whether its time ended it.
    timeout: bool,
    #[graphql(name = "runID")]
    run_id: Option<UlidText>,
}

#[derive(Clone, Debug, SimpleObject)]
#[graphql(name = "RunHistoryResult")]
struct CallResult {
    #[graphql(name = "durationMS")]
    duration_ms: u64,
    error_code: Option<String>,
}

/// Something that happened.
#[derive(Clone, Debug, SimpleObject)]
pub(super) struct RunHistoryItem {
    attempt: u32,
    created_at: Time,
    function_version: u32,
    /// The same for all that happened to a step.
    #[graphql(name = "groupID")]
    group_id: Option<UuidText>,
    id: UlidText,
    result: Option<CallResult>,
    sleep: Option<Sleep>,
    step_name: Option<String>,
    step_type: Option<StepType>,
    #[graphql(name = "type")]
    kind: HistoryKind,
    /// Where the app was called.
    url: Option<String>,
    wait_for_event: Option<WaitForEvent>,
    wait_result: Option<WaitResult>,
    invoke_function: Option<InvokeFunction>,
    invoke_function_result: Option<InvokeFunctionResult>,
    #[graphql(skip)]
    output: Option<Json>,
}

impl RunHistoryItem {
    /// All that happened in a run, the first thing first.
    pub(super) async fn of_run(reader: &Reader, run: RunId) -> Result<Vec<Self>> {
        let Some(rows) = trace::load(reader.store(), run).await? else {
            return Ok(Vec::new());
        };
        let registry = reader.registry().await?;
        let function = registry.function_by_id(rows.run.function);
        let app = function.and_then(|function| registry.app_by_id(function.app));
        let mut items = items(&rows);
        for item in items.iter_mut().filter(|item| item.kind.is_call()) {
            item.url = app.map(|app| app.url.clone());
        }
        Ok(items)
    }

    /// What came of one of them, as JSON; `None` if it brought nothing.
    pub(super) async fn output(
        reader: &Reader,
        run: RunId,
        id: &UlidText,
    ) -> Result<Option<String>> {
        let items = Self::of_run(reader, run).await?;
        let item = items.into_iter().find(|item| item.id == *id);
        let item = item.ok_or_else(|| Error::new("there is no such item in the history"))?;
        Ok(item.output.map(|output| output.as_str().to_owned()))
    }

    fn new(rows: &Rows, seed: SpanId, kind: HistoryKind, at: Timestamp) -> Self {
        Self {
            attempt: 0,
            created_at: Time(at),
            function_version: rows.run.function_version,
            group_id: None,
            id: UlidText(id_of(seed, kind, at)),
            result: None,
            sleep: None,
            step_name: None,
            step_type: None,
            kind,
            url: None,
            wait_for_event: None,
            wait_result: None,
            invoke_function: None,
            invoke_function_result: None,
            output: None,
        }
    }
}

/// The same whenever someone asks.
fn id_of(seed: SpanId, kind: HistoryKind, at: Timestamp) -> String {
    let seed = u64::from_be_bytes(seed.to_bytes());
    EventId::from_parts(at, u128::from(seed) << 8 | kind as u128).to_string()
}

fn items(rows: &Rows) -> Vec<RunHistoryItem> {
    let run = &rows.run;
    let seed = Seed::Run(run.id).span_id();
    let item = |kind, at| RunHistoryItem::new(rows, seed, kind, at);
    let mut items = vec![item(HistoryKind::FunctionScheduled, run.id.timestamp())];
    let started = run.started_at;
    items.extend(started.map(|at| item(HistoryKind::FunctionStarted, at)));
    for step in &rows.steps {
        items.extend(of_step(rows, step));
    }
    // What happens at the same time stays in this order.
    items.sort_by_key(|item| item.created_at.0);
    if let (Some(at), Some(kind)) = (run.ended_at, end_of(run.status)) {
        items.push(RunHistoryItem {
            output: run.output.clone(),
            ..item(kind, at)
        });
    }
    items
}

fn end_of(status: RunStatus) -> Option<HistoryKind> {
    match status {
        RunStatus::Queued | RunStatus::Running => None,
        RunStatus::Completed => Some(HistoryKind::FunctionCompleted),
        RunStatus::Failed => Some(HistoryKind::FunctionFailed),
        RunStatus::Cancelled => Some(HistoryKind::FunctionCancelled),
        RunStatus::Skipped => Some(HistoryKind::FunctionStatusUpdated),
    }
}

fn of_step(rows: &Rows, step: &StepRecord) -> Vec<RunHistoryItem> {
    let trace = step.trace.as_ref().map(StepTrace::read).unwrap_or_default();
    let seed = Seed::Step(&step.id).span_id();
    let item = |seed, kind, at| RunHistoryItem {
        group_id: Some(UuidText(group_of(step).to_string())),
        step_name: Some(step.name.to_string()),
        step_type: Some(type_of(step)),
        ..RunHistoryItem::new(rows, seed, kind, at)
    };
    let begun = RunHistoryItem {
        sleep: sleep(step, &trace),
        wait_for_event: wait_for_event(&trace),
        invoke_function: invoke_function(&trace),
        ..item(seed, begin_of(step.kind), step.created_at)
    };
    let mut items = vec![begun];
    let is_of_step = |attempt: &&AttemptRecord| attempt.step.as_ref() == Some(&step.id);
    let attempts: Vec<_> = rows.attempts.iter().filter(is_of_step).collect();
    for attempt in &attempts {
        let seed = Seed::Attempt(&step.id, attempt.attempt).span_id();
        let end = attempt.started_at + attempt.duration;
        let of_attempt = |kind, at| RunHistoryItem {
            attempt: attempt.attempt,
            ..item(seed, kind, at)
        };
        items.push(of_attempt(HistoryKind::StepStarted, attempt.started_at));
        if attempt.outcome == AttemptOutcome::Retried {
            items.push(RunHistoryItem {
                result: Some(call_result(attempt)),
                output: attempt.error.as_ref().map(|error| error.json.clone()),
                ..of_attempt(HistoryKind::StepErrored, end)
            });
        }
    }
    let end = match step.status {
        StepStatus::Completed => HistoryKind::StepCompleted,
        StepStatus::Failed => HistoryKind::StepFailed,
        StepStatus::Planned | StepStatus::Retrying | StepStatus::Sleeping | StepStatus::Waiting => {
            return items;
        }
    };
    let last = attempts.last();
    items.push(RunHistoryItem {
        attempt: last.map_or(0, |last| last.attempt),
        result: last.map(|last| call_result(last)),
        wait_result: wait_result(step.kind, &trace),
        invoke_function_result: invoke_result(rows, &trace),
        output: step.value.as_ref().and_then(|value| {
            let data = value.member("data");
            data.or_else(|| value.member("error"))
        }),
        ..item(seed, end, step.ended_at.unwrap_or(step.created_at))
    });
    items
}

fn begin_of(kind: StepKind) -> HistoryKind {
    match kind {
        StepKind::Run | StepKind::Fetch | StepKind::Infer => HistoryKind::StepScheduled,
        StepKind::Sleep => HistoryKind::StepSleeping,
        StepKind::WaitForEvent | StepKind::WaitForSignal | StepKind::Invoke => {
            HistoryKind::StepWaiting
        }
    }
}

fn type_of(step: &StepRecord) -> StepType {
    match step.kind {
        StepKind::Run if step.step_type.as_deref() == Some("step.sendEvent") => StepType::Send,
        StepKind::Run | StepKind::Fetch | StepKind::Infer => StepType::Run,
        StepKind::Sleep => StepType::Sleep,
        StepKind::WaitForEvent | StepKind::WaitForSignal | StepKind::Invoke => StepType::Wait,
    }
}

fn group_of(step: &StepRecord) -> Uuid {
    let run = Uuid::from_bytes(step.run.to_bytes());
    Uuid::new_v5(&run, step.id.as_str().as_bytes())
}

fn sleep(step: &StepRecord, trace: &StepTrace) -> Option<Sleep> {
    let until = trace.until.filter(|_| step.kind == StepKind::Sleep)?;
    Some(Sleep { until: Time(until) })
}

fn wait_for_event(trace: &StepTrace) -> Option<WaitForEvent> {
    Some(WaitForEvent {
        event_name: trace.event.clone()?,
        expression: trace.condition.clone(),
        timeout: Time(trace.until?),
    })
}

fn wait_result(kind: StepKind, trace: &StepTrace) -> Option<WaitResult> {
    if !matches!(kind, StepKind::WaitForEvent | StepKind::WaitForSignal) {
        return None;
    }
    Some(WaitResult {
        event_id: trace.found_event.map(|event| UlidText(event.to_string())),
        timeout: trace.timed_out?,
    })
}

fn invoke_function(trace: &StepTrace) -> Option<InvokeFunction> {
    Some(InvokeFunction {
        event_id: UlidText(trace.sent_event?.to_string()),
        function_id: trace.function.clone()?,
        timeout: Time(trace.until?),
    })
}

fn invoke_result(rows: &Rows, trace: &StepTrace) -> Option<InvokeFunctionResult> {
    let sent = trace.sent_event?;
    let run = rows.triggered.iter().find(|run| run.event == sent);
    Some(InvokeFunctionResult {
        event_id: trace.found_event.map(|event| UlidText(event.to_string())),
        timeout: trace.timed_out?,
        run_id: run.map(|run| UlidText(run.run.to_string())),
    })
}

fn call_result(attempt: &AttemptRecord) -> CallResult {
    let ms = attempt.duration.as_millis();
    let error = attempt.error.as_ref();
    CallResult {
        duration_ms: u64::try_from(ms).unwrap_or(u64::MAX),
        error_code: error.and_then(|error| error.json.member_text("name")),
    }
}
