//! Damage is reported; it is never a panic, and never taken for data.

use std::sync::Arc;
use std::time::Duration;

use everstep_core::Change;
use everstep_core::record::{
    AttemptOutcome, AttemptRecord, DeferRecord, DeferStatus, Epoch, EventRecord, FunctionRecord,
    IdempotencyKey, IdempotencyRecord, JobKind, JobRecord, MetadataRecord, MetadataTarget,
    Resolution, ShardId, SkipReason, SkipRecord, StepKind, StepRecord, StepStatus, TickRecord,
    WaitKind, WaitReason, WaitRecord,
};
use everstep_protocol::config::FunctionConfig;
use everstep_protocol::op::ParallelMode;
use everstep_protocol::{
    AppId, DeferId, EventId, FunctionId, JobId, Json, RequestId, SpanId, StepId, Timestamp,
};
use everstep_store::{EventFilter, OpenError, ReadError, ShardLease, SqliteStore, Store};

use super::{Folder, acquire, run, run_id};

fn event_id() -> EventId {
    EventId::from_parts(Timestamp::from_millis(1_700_000_000_000), 1)
}

/// One row in every table.
fn rows() -> Vec<Change> {
    [rows_of_a_run(), rows_of_waits_and_starts()].concat()
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
            started_at: now,
            duration: Duration::ZERO,
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
        Change::PutTick(TickRecord {
            function,
            cron: "* * * * *".into(),
            tick: now,
            fire_at: now,
        }),
        Change::PutIdempotency(IdempotencyRecord {
            key: IdempotencyKey([1; 16]),
            run: run_id(1),
            expires_at: now,
        }),
    ]
}

/// Every read, and how it failed if it did.
async fn reads(store: &SqliteStore, lease: &ShardLease) -> Vec<Option<ReadError>> {
    let filter = EventFilter {
        name: None,
        received_after: None,
        received_before: None,
        before: None,
        internal: true,
        limit: 10,
    };
    let (run, event) = (run_id(1), event_id());
    vec![
        store.shard_load(lease).await.err(),
        store.function_list().await.err(),
        store.event_list(&filter).await.err(),
        store.event_view(event).await.err(),
        store.event_runs(event).await.err(),
        store.event_skips(event).await.err(),
        store.run_view(run).await.err(),
        store.run_events(run).await.err(),
        store.run_steps(run).await.err(),
        store.run_jobs(run).await.err(),
        store.run_attempts(run).await.err(),
        store.run_waits(run).await.err(),
        store.run_defers(run).await.err(),
        store.run_metadata(run).await.err(),
        store.run_snapshot(run).await.err(),
        store
            .jobs_due(lease.shard, None, Timestamp::MAX, 10)
            .await
            .err(),
    ]
}

#[tokio::test]
async fn row_that_does_not_decode_is_named() {
    let cases = [
        ("functions", "config = '{}'"),
        ("functions", "config = 'no JSON'"),
        ("functions", "app = x'00'"),
        ("functions", "version = -1"),
        ("functions", "version = 1 << 40"),
        ("events", "name = CAST(x'FF' AS TEXT)"),
        ("runs", "status = 'asleep'"),
        ("runs", "function = x''"),
        ("runs", "request_version = 300"),
        ("runs", "state_bytes = -1"),
        ("runs", "invoked_by_run = x'00'"),
        ("runs", "invoked_by_number = NULL, invoked_by_run = id"),
        ("steps", "status = 'COMPLETED'"),
        ("steps", "kind = ''"),
        ("steps", "position = -1"),
        ("jobs", "kind = 'step'"),
        ("jobs", "step = 'of a discovery'"),
        ("jobs", "reason = 'whim'"),
        ("attempts", "outcome = 'won'"),
        ("attempts", "duration_ns = -1"),
        ("attempts", "http_status = 70000"),
        ("skips", "reason = 'whim'"),
        ("skips", "reason = 'expression_unsupported'"),
        ("skips", "detail = CAST(x'FF' AS TEXT)"),
        ("waits", "number = 1 << 40"),
        ("waits", "kind = 'whim'"),
        ("waits", "kind = 'signal_lost'"),
        ("waits", "name = NULL"),
        ("waits", "kind = 'signal', condition = 'true'"),
        ("waits", "resolved_event = x'00'"),
        ("waits", "resolved_event = (SELECT id FROM events)"),
        (
            "waits",
            "resolved_event = zeroblob(16), resolved_value = NULL",
        ),
        ("defers", "position = -1"),
        ("defers", "status = 'whim'"),
        ("defers", "status = 'aborted'"),
        ("defers", "reason = 'whim'"),
        ("defers", "reason = 'meta_size'"),
        ("defers", "input = NULL"),
        ("metadata", "scope = 'whim'"),
        ("metadata", "span = x'00'"),
        ("metadata", "attempt = -1"),
        ("metadata", "kind = CAST(x'FF' AS TEXT)"),
        ("ticks", "function = x'00'"),
        ("ticks", "cron = CAST(x'FF' AS TEXT)"),
        ("idempotency", "key = x'00'"),
        ("idempotency", "run = x'00'"),
    ];
    for (table, damage) in cases {
        let folder = Folder::new();
        let store = folder.open();
        let lease = acquire(&store).await;
        store.commit(&lease, rows().into()).await.unwrap();
        assert!(reads(&store, &lease).await.iter().all(Option::is_none));

        let db = folder.connect();
        db.pragma_update(None, "ignore_check_constraints", true)
            .unwrap();
        db.execute(&format!("UPDATE {table} SET {damage}"), [])
            .unwrap();
        let errors: Vec<ReadError> = reads(&store, &lease).await.into_iter().flatten().collect();
        assert!(!errors.is_empty(), "{table}: {damage}");
        for error in errors {
            let column = damage.split(' ').next().unwrap();
            match &error {
                ReadError::Corrupt {
                    table: named,
                    detail,
                } => {
                    assert_eq!(*named, table, "{damage}");
                    assert!(
                        detail.contains(column)
                            || detail.contains("kind")
                            || detail.contains("not stored"),
                        "{damage}: {detail}"
                    );
                }
                ReadError::Unavailable(_) => panic!("{table}: {damage}: {error:?}"),
            }
        }
    }
}

/// Whatever page of the file is overwritten: reads succeed or say that they failed.
#[tokio::test]
async fn damaged_file_is_reported() {
    let folder = Folder::new();
    {
        let store = folder.open();
        let lease = acquire(&store).await;
        store.commit(&lease, rows().into()).await.unwrap();
    }
    let whole = std::fs::read(folder.path()).unwrap();
    let mut failures = 0;
    for page in 1..whole.len() / 4096 {
        let mut damaged = whole.clone();
        damaged[page * 4096..(page + 1) * 4096].fill(0xA5);
        std::fs::write(folder.path(), damaged).unwrap();
        let store = match SqliteStore::open(&folder.path()) {
            Ok(store) => store,
            // A page of the schema.
            Err(OpenError::Failed { .. }) => continue,
            Err(error) => panic!("{error:?}"),
        };
        // The lease may be on the damaged page.
        let lease = ShardLease {
            shard: ShardId::EMBEDDED,
            epoch: Epoch(1),
        };
        let errors: Vec<ReadError> = reads(&store, &lease).await.into_iter().flatten().collect();
        assert!(
            errors
                .iter()
                .all(|error| matches!(error, ReadError::Corrupt { .. })),
            "{errors:?}"
        );
        failures += errors.len();
    }
    assert!(failures > 10, "{failures}");
}
