//! Records to put: plausible, and different in every column that a test may confuse.

use std::sync::Arc;
use std::time::Duration;

use everstep_core::record::{
    AppMethod, AppRecord, AttemptOutcome, AttemptRecord, CancellationRecord, DeferRecord,
    DeferStatus, Epoch, EventRecord, FunctionRecord, IdempotencyKey, IdempotencyRecord, JobKind,
    JobRecord, LiveWait, MetadataRecord, MetadataTarget, RunRecord, RunStatus, SkipReason,
    SkipRecord, StepKind, StepRecord, StepStatus, TickRecord, WaitKind, WaitReason, WaitRecord,
};
use everstep_protocol::config::FunctionConfig;
use everstep_protocol::op::ParallelMode;
use everstep_protocol::reply::CallTiming;
use everstep_protocol::{
    AppId, CancellationId, DeferId, EventId, FunctionId, JobId, Json, RequestId, RunId, StepId,
    Timestamp, UserError,
};

/// A time in 2023.
pub(super) const START: i64 = 1_700_000_000_000;

pub(super) fn at(ms: i64) -> Timestamp {
    Timestamp::from_millis(START + ms)
}

/// Ids that sort as their numbers.
pub(super) fn event_id(number: u32) -> EventId {
    EventId::from_parts(at(i64::from(number)), u128::from(number) << 40 | 0xE)
}

/// Ids that sort as their numbers.
pub(super) fn run_id(number: u32) -> RunId {
    RunId::from_parts(at(i64::from(number)), u128::from(number) << 40 | 0xA)
}

pub(super) fn step_id(number: u32) -> StepId {
    StepId::new(format!(
        "{:040x}",
        u128::from(number).wrapping_mul(0x9E37_79B9_7F4A_7C15)
    ))
}

pub(super) fn job_id(run: RunId, number: u32) -> JobId {
    JobId { run, number }
}

pub(super) fn json(text: &str) -> Json {
    Json::parse(text.as_bytes()).expect("samples are JSON")
}

/// A JSON string of so many letters.
pub(super) fn long_json(letters: usize) -> Json {
    Json::string(&"x".repeat(letters))
}

pub(super) fn app(name: &str) -> AppRecord {
    AppRecord {
        id: AppId::derive(name),
        name: name.to_owned(),
        method: AppMethod::Serve,
        url: format!("http://127.0.0.1:3000/{name}"),
        sdk: "js:v4.24.0".to_owned(),
        framework: Some("nextjs".to_owned()),
        app_version: Some("1.2.3".to_owned()),
        checksum: "0f1e2d".to_owned(),
        synced_at: at(1),
        archived_at: None,
    }
}

pub(super) fn function(app: &str, name: &str) -> FunctionRecord {
    let app = AppId::derive(app);
    let config = json(&format!(
        r#"{{"id":"{name}","name":"The {name}","triggers":[{{"event":"sample/{name}"}}],
            "concurrency":[{{"limit":3}}],
            "steps":{{"step":{{"id":"step","name":"step","retries":{{"attempts":7}},
            "runtime":{{"type":"http","url":"http://127.0.0.1:3000/api?fnId={name}&stepId=step"}}}}}}}}"#
    ));
    FunctionRecord {
        id: FunctionId::derive(app, name),
        app,
        slug: Arc::from(name),
        version: 2,
        config: Arc::new(FunctionConfig::from_json(&config).expect("the sample is valid")),
        created_at: at(2),
        archived_at: None,
    }
}

pub(super) fn event(number: u32) -> EventRecord {
    EventRecord {
        id: event_id(number),
        name: Arc::from("sample/event"),
        user_id: None,
        ts: at(i64::from(number) - 5),
        received_at: at(i64::from(number)),
        payload: json(&format!(
            r#"{{"data":{{"number":{number}}},"name":"sample/event"}}"#
        )),
    }
}

/// A run that is running.
pub(super) fn run(number: u32) -> RunRecord {
    RunRecord {
        id: run_id(number),
        function: FunctionId::derive(AppId::derive("app"), "function"),
        function_version: 3,
        status: RunStatus::Running,
        started_at: Some(at(10)),
        ended_at: None,
        max_attempts: 4,
        request_version: 2,
        parallel: false,
        next_job: 5,
        generation: 6,
        state_bytes: 600,
        steps_done: 0,
        invoked_by: Vec::new(),
        batch: None,
        keys: None,
        priority: 0,
        output: None,
    }
}

/// An outstanding step.
pub(super) fn planned(run: RunId, number: u32) -> StepRecord {
    StepRecord {
        run,
        id: step_id(number),
        kind: StepKind::Run,
        status: StepStatus::Planned,
        name: Arc::from(format!("step {number}")),
        step_type: None,
        mode: ParallelMode::Join,
        position: None,
        value: None,
        trace: None,
        created_at: at(i64::from(number)),
        started_at: None,
        ended_at: None,
    }
}

/// A memoized step at a position of the stack.
pub(super) fn completed(run: RunId, number: u32, position: u32) -> StepRecord {
    StepRecord {
        status: StepStatus::Completed,
        position: Some(position),
        value: Some(json(&format!(r#"{{"data":{number}}}"#))),
        started_at: Some(at(i64::from(number) + 1)),
        ended_at: Some(at(i64::from(number) + 2)),
        ..planned(run, number)
    }
}

pub(super) fn job(run: RunId, number: u32, due_at: Timestamp) -> JobRecord {
    JobRecord {
        id: job_id(run, number),
        kind: JobKind::Discovery,
        due_at,
        reason: WaitReason::Queued,
        attempt: 0,
        generation: 0,
        epoch: Epoch(1),
        created_at: at(20),
    }
}

pub(super) fn attempt(job: JobId, generation: u32) -> AttemptRecord {
    let number = u128::from(job.number) << 32 | u128::from(generation);
    AttemptRecord {
        job,
        request: RequestId::from_parts(at(30), number),
        generation,
        attempt: generation - 1,
        step: None,
        outcome: AttemptOutcome::Succeeded,
        due_at: at(29 + i64::from(generation)),
        started_at: at(30 + i64::from(generation)),
        duration: Duration::from_nanos(1_234_567),
        timing: None,
        http_status: Some(206),
        error: None,
    }
}

pub(super) fn failed_attempt(job: JobId, generation: u32) -> AttemptRecord {
    AttemptRecord {
        step: Some(step_id(1)),
        outcome: AttemptOutcome::Retried,
        timing: Some(CallTiming {
            connect: Duration::from_nanos(u64::from(generation)),
            first_byte: Duration::from_micros(700),
        }),
        http_status: None,
        error: Some(UserError::with_stack(
            "TypeError",
            "it is undefined",
            "TypeError: it is …\n at f",
        )),
        ..attempt(job, generation)
    }
}

pub(super) fn skip(event: u32, function: &str) -> SkipRecord {
    SkipRecord {
        event: event_id(event),
        function: FunctionId::derive(AppId::derive("app"), function),
        reason: SkipReason::ExpressionFalse,
        detail: None,
    }
}

/// A wait for an event.
pub(super) fn wait(run: RunId, number: u32) -> WaitRecord {
    WaitRecord {
        id: job_id(run, number),
        step: Some(step_id(number)),
        kind: WaitKind::Event {
            name: Arc::from("sample/answer"),
            condition: Some(Arc::from("async.data.id == 7")),
        },
        created_at: at(i64::from(number)),
        expires_at: at(i64::from(number) + 1_000),
        resolution: None,
    }
}

/// The wait as a shard starts with it.
pub(super) fn live(wait: &WaitRecord) -> LiveWait {
    LiveWait {
        id: wait.id,
        kind: wait.kind.clone(),
        expires_at: wait.expires_at,
        is_resolved: wait.resolution.is_some(),
    }
}

/// A defer that waits for the end of its run.
pub(super) fn defer(run: RunId, number: u32) -> DeferRecord {
    DeferRecord {
        run,
        id: DeferId::of(&step_id(number)),
        position: number,
        name: Arc::from(format!("defer {number}")),
        function_slug: Arc::from("app-later"),
        status: DeferStatus::AfterRun {
            input: json(&format!(r#"{{"number":{number}}}"#)),
            meta: None,
        },
        created_at: at(i64::from(number)),
    }
}

/// Metadata of a step.
pub(super) fn metadata(run: RunId) -> MetadataRecord {
    MetadataRecord {
        run,
        target: MetadataTarget::Step(step_id(1)),
        kind: Arc::from("userland.default"),
        values: json(r#"{"n":1}"#),
        updated_at: at(5),
    }
}

pub(super) fn tick(function: &str, cron: &str) -> TickRecord {
    TickRecord {
        function: FunctionId::derive(AppId::derive("app"), function),
        cron: Arc::from(cron),
        tick: at(60_000),
        fire_at: at(60_250),
    }
}

/// Keys that sort as their numbers.
pub(super) fn idempotency(number: u8, expires_at: Timestamp) -> IdempotencyRecord {
    IdempotencyRecord {
        key: IdempotencyKey([number; 16]),
        run: Some(run_id(u32::from(number))),
        expires_at,
    }
}

/// Ids that sort as their numbers.
pub(super) fn cancellation_id(number: u32) -> CancellationId {
    CancellationId::from_parts(at(i64::from(number)), u128::from(number) << 40 | 0xC)
}

/// One that has not ended.
pub(super) fn cancellation(number: u32) -> CancellationRecord {
    let function = function("app", "function");
    CancellationRecord {
        id: cancellation_id(number),
        app: function.app,
        function: function.id,
        started_after: Some(at(100)),
        started_before: at(200),
        condition: Some(Arc::from("event.data.id == 7")),
        next: run_id(150),
        ended_at: None,
    }
}
