//! The rows that are damaged.

use std::sync::Arc;
use std::time::Duration;

use everstep_core::Change;
use everstep_core::record::{
    AttemptOutcome, AttemptRecord, AttributeRecord, AuditRecord, BatchEventRecord, BatchRecord,
    DebounceRecord, DeferRecord, DeferStatus, Epoch, ErrorGroupId, EventRecord, FailureRecord,
    FunctionRecord, HoldKind, HoldRecord, IdempotencyKey, IdempotencyRecord, JobKind, JobRecord,
    LimitId, LimitName, MetadataRecord, MetadataTarget, OperationCounts, OperationError,
    OperationKind, OperationRecord, OperationState, OverrideRecord, PauseRecord, PausedRuns,
    PausedStarts, RateRecord, RerunRecord, Resolution, RunPlace, SkipReason, SkipRecord,
    SpanRecord, StepKind, StepRecord, StepStatus, TickRecord, WaitKind, WaitReason, WaitRecord,
};
use everstep_protocol::config::FunctionConfig;
use everstep_protocol::op::ParallelMode;
use everstep_protocol::{
    AppId, AuditId, BatchId, DeferId, EventId, FunctionId, JobId, Json, OperationId, RequestId,
    SpanId, StepId, Timestamp,
};

use super::super::{run, run_id};

pub(super) fn event_id() -> EventId {
    EventId::from_parts(Timestamp::from_millis(1_700_000_000_000), 1)
}

/// One row in every table.
pub(super) fn rows() -> Vec<Change> {
    [
        rows_of_a_run(),
        rows_of_waits_and_starts(),
        rows_of_flow(),
        rows_of_operations(),
    ]
    .concat()
}

fn rows_of_a_run() -> Vec<Change> {
    let app = AppId::derive("app");
    let job = JobId {
        run: run_id(1),
        number: 1,
    };
    let now = Timestamp::from_millis(1_700_000_000_000);
    let config = r#"{"id":"f","triggers":[{"event":"a"}],"steps":{"step":{"id":"step",
        "runtime":{"type":"http","url":"http://127.0.0.1:3000/api?fnId=f&stepId=step"}}}}"#;
    vec![
        Change::PutFunction(FunctionRecord {
            id: FunctionId::derive(app, "f"),
            app,
            slug: "f".into(),
            version: 1,
            config: Arc::new(
                FunctionConfig::from_json(&Json::parse(config.as_bytes()).unwrap()).unwrap(),
            ),
            created_at: now,
            archived_at: None,
        }),
        Change::PutEvent(EventRecord {
            id: event_id(),
            name: "a".into(),
            user_id: None,
            ts: now,
            received_at: now,
            payload: Json::null(),
        }),
        Change::PutRun(run(1)),
        Change::PutRunEvents {
            run: run_id(1),
            events: vec![event_id()],
        },
        Change::PutStep(StepRecord {
            trace: None,
            run: run_id(1),
            id: StepId::new("s"),
            kind: StepKind::Run,
            status: StepStatus::Completed,
            name: "s".into(),
            step_type: None,
            mode: ParallelMode::Join,
            position: Some(0),
            value: Some(Json::null()),
            created_at: now,
            started_at: None,
            ended_at: None,
        }),
        Change::PutJob(JobRecord {
            id: job,
            kind: JobKind::Discovery,
            due_at: now,
            reason: WaitReason::Queued,
            attempt: 0,
            generation: 0,
            epoch: Epoch(1),
            created_at: now,
        }),
        Change::PutAttempt(AttemptRecord {
            job,
            request: RequestId::from_parts(now, 1),
            generation: 1,
            attempt: 0,
            step: None,
            outcome: AttemptOutcome::Succeeded,
            due_at: now,
            started_at: now,
            duration: Duration::ZERO,
            timing: None,
            http_status: None,
            error: None,
        }),
        Change::PutSkip(SkipRecord {
            event: event_id(),
            function: FunctionId::derive(app, "f"),
            reason: SkipReason::ExpressionFalse,
            detail: None,
        }),
    ]
}

fn rows_of_waits_and_starts() -> Vec<Change> {
    let function = FunctionId::derive(AppId::derive("app"), "f");
    let now = Timestamp::from_millis(1_700_000_000_000);
    vec![
        Change::PutWait(WaitRecord {
            id: JobId {
                run: run_id(1),
                number: 2,
            },
            step: Some(StepId::new("w")),
            kind: WaitKind::Event {
                name: "a".into(),
                condition: None,
            },
            created_at: now,
            expires_at: now,
            resolution: Some(Resolution::Value(Json::null())),
        }),
        Change::PutDefer(DeferRecord {
            run: run_id(1),
            id: DeferId::new("d"),
            position: 0,
            name: "d".into(),
            function_slug: "f".into(),
            status: DeferStatus::AfterRun {
                input: Json::null(),
                meta: None,
            },
            created_at: now,
        }),
        Change::PutMetadata(MetadataRecord {
            run: run_id(1),
            target: MetadataTarget::Span {
                step: StepId::new("s"),
                span: SpanId::from_bytes([1; 8]),
            },
            kind: "a".into(),
            values: Json::object([]),
            updated_at: now,
        }),
        Change::PutSpan(SpanRecord {
            run: run_id(1),
            id: SpanId::from_bytes([1; 8]),
            parent: None,
            call: SpanId::from_bytes([2; 8]),
            step: None,
            attempt: None,
            name: "a".into(),
            started_ns: 1,
            ended_ns: 2,
            is_failed: false,
            detail: Json::object([]),
        }),
        Change::PutTick(TickRecord {
            function,
            cron: "* * * * *".into(),
            tick: now,
            fire_at: now,
        }),
        Change::PutIdempotency(IdempotencyRecord {
            key: IdempotencyKey([1; 16]),
            run: Some(run_id(1)),
            expires_at: now,
        }),
    ]
}

fn rows_of_flow() -> Vec<Change> {
    let function = FunctionId::derive(AppId::derive("app"), "f");
    let now = Timestamp::from_millis(1_700_000_000_000);
    let (limit, batch) = (LimitId([1; 16]), BatchId::from_parts(now, 1));
    vec![
        Change::PutHold(HoldRecord {
            limit,
            run: run_id(1),
            function,
            kind: HoldKind::Place,
            key: None,
            since: now,
        }),
        Change::PutRate(RateRecord { limit, tat: 1 }),
        Change::PutDebounce(DebounceRecord {
            id: limit,
            function,
            key: None,
            event: event_id(),
            event_ts: now,
            invoked_by: None,
            events: 1,
            opened_at: now,
            fire_at: now,
        }),
        Change::PutBatch(BatchRecord {
            id: batch,
            function,
            key: None,
            opened_at: now,
            fire_at: now,
            is_full: false,
        }),
        Change::PutBatchEvent(BatchEventRecord {
            batch,
            position: 0,
            event: event_id(),
            size: 1,
            invoked_by: None,
        }),
        Change::PutPause(PauseRecord {
            function,
            starts: PausedStarts::Skip,
            runs: PausedRuns::Hold,
            reason: None,
            paused_at: now,
        }),
        Change::PutOverride(OverrideRecord {
            function,
            limit: LimitName::Throttle,
            key: None,
            value: 1,
            period: None,
            burst: None,
            reason: None,
            created_at: now,
            expires_at: None,
        }),
        Change::PutAudit(AuditRecord {
            id: AuditId::from_parts(now, 1),
            actor: None,
            action: "function.pause".into(),
            function: None,
            run: None,
            detail: Json::null(),
        }),
    ]
}

fn rows_of_operations() -> Vec<Change> {
    let function = FunctionId::derive(AppId::derive("app"), "f");
    let now = Timestamp::from_millis(1_700_000_000_000);
    vec![
        Change::PutRerun(RerunRecord {
            run: run_id(1),
            source: run_id(1),
            original: run_id(1),
            operation: Some(OperationId::from_parts(now, 1)),
        }),
        Change::PutOperation(OperationRecord {
            id: OperationId::from_parts(now, 1),
            kind: OperationKind::Replay,
            filter: Json::object([]),
            state: OperationState::Running,
            rate_per_second: Some(1),
            stop_on_error_percent: Some(1),
            actor: None,
            reason: None,
            cursor: Some(RunPlace {
                at: now,
                run: run_id(1),
            }),
            counts: OperationCounts::default(),
            errors: vec![OperationError {
                run: run_id(1),
                message: "gone".into(),
            }],
            ended_at: None,
            failure: None,
        }),
        Change::PutFailure(FailureRecord {
            run: run_id(1),
            function,
            group: ErrorGroupId([1; 16]),
            step: None,
            name: "Error".into(),
            message: "no".into(),
            at: now,
        }),
        Change::PutAttribute(AttributeRecord {
            name: "a".into(),
            expression: "event.data.a".into(),
            created_at: now,
        }),
        Change::PutRunAttributes {
            run: run_id(1),
            attributes: [("a".into(), "x".into())].into(),
        },
    ]
}
