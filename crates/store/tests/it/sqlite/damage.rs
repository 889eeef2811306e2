//! Damage is reported; it is never a panic, and never taken for data.

mod rows;

use everstep_core::record::{Epoch, ErrorGroupId, LoadedJob, ShardId};
use everstep_protocol::Timestamp;
use everstep_store::rollup::{HOUR, MINUTE, start_of};
use everstep_store::{
    AuditFilter, ErrorBuckets, ErrorFilter, EventFilter, OpenError, ReadError, RollupFilter,
    RunFilter, RunQuery, ShardLease, SqliteStore, Store,
};

use self::rows::{event_id, rows};
use super::{Folder, acquire, run_id};

fn all_rollups() -> RollupFilter {
    RollupFilter {
        functions: None,
        from: Timestamp::from_millis(0),
        until: Timestamp::MAX,
        bucket: MINUTE,
    }
}

fn all_errors() -> ErrorFilter {
    ErrorFilter {
        function: None,
        status: None,
        after: None,
        limit: 10,
    }
}

/// The hour in which the rows were put.
fn the_hour() -> ErrorBuckets {
    ErrorBuckets {
        from: start_of(HOUR, event_id().timestamp()),
        width: HOUR,
        count: 1,
    }
}

/// Every read, and how it failed if it did.
async fn reads(store: &SqliteStore, lease: &ShardLease) -> Vec<Option<ReadError>> {
    let filter = EventFilter {
        internal: true,
        ..EventFilter::newest(10)
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
        store.events_by_id(&[event]).await.err(),
        store.audit_list(&AuditFilter::newest(10)).await.err(),
        store
            .run_list(&RunQuery::new(RunFilter::default(), 10))
            .await
            .err(),
        store.run_rerun(run).await.err(),
        store.operation_list(None, 10).await.err(),
        store.rollup_sums(&all_rollups()).await.err(),
        store.rollup_sums_by_function(&all_rollups()).await.err(),
        store.error_list(&all_errors()).await.err(),
        store
            .error_counts(&[ErrorGroupId([1; 16])], &the_hour())
            .await
            .err(),
        store.attribute_list().await.err(),
        store.run_attributes(&[run]).await.err(),
    ]
}

/// A table, and what is set in its rows.
const DAMAGES: &[(&str, &str)] = &[
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
    ("runs", "invoked_by = zeroblob(21)"),
    ("runs", "invoked_by = x'00'"),
    ("runs", "batch = x'00'"),
    ("runs", "priority = 1 << 40"),
    ("runs", "keys = CAST(x'FF' AS TEXT)"),
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
    ("holds", "limit_id = x'00'"),
    ("holds", "run = x'00'"),
    ("holds", "function = x'00'"),
    ("holds", "kind = 'grip'"),
    ("rates", "tat = -1"),
    ("debounces", "event = x'00'"),
    ("debounces", "invoked_by = zeroblob(40)"),
    ("debounces", "events = -1"),
    ("batches", "id = x'00'"),
    ("batches", "key = CAST(x'FF' AS TEXT)"),
    ("batch_events", "position = -1"),
    ("batch_events", "size = 1 << 40"),
    ("batch_events", "invoked_by = x'00'"),
    ("pauses", "starts = 'whim'"),
    ("pauses", "runs = 'whim'"),
    ("overrides", "limit_name = 'whim'"),
    ("overrides", "key = 'of all keys'"),
    ("overrides", "value = -1"),
    ("overrides", "period_ns = -1"),
    ("audit", "function = x'00'"),
    ("audit", "action = CAST(x'FF' AS TEXT)"),
    ("audit", "actor = CAST(x'FF' AS TEXT)"),
    ("reruns", "source = x'00'"),
    ("reruns", "operation = x'00'"),
    ("operations", "kind = 'whim'"),
    ("operations", "state = 'whim'"),
    ("operations", "rate_per_second = -1"),
    ("operations", "cursor_run = NULL"),
    ("operations", "done = -1"),
    ("operations", "errors = '[{}]'"),
    ("rollups", "scheduled = -1"),
    ("rollups", "delays = zeroblob(4)"),
    ("error_counts", "runs = -1"),
    ("error_groups", "function = x'00'"),
    ("error_groups", "runs = -1"),
    ("error_groups", "message = CAST(x'FF' AS TEXT)"),
    ("attributes", "expression = CAST(x'FF' AS TEXT)"),
    ("run_attributes", "value = CAST(x'FF' AS TEXT)"),
];

#[tokio::test]
async fn row_that_does_not_decode_is_named() {
    for &(table, damage) in DAMAGES {
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

/// One damaged run does not keep the others from being loaded: its job is handed over, and whoever
/// takes that is told when it loads the run.
#[tokio::test]
async fn a_damaged_run_stands_still_alone() {
    for damage in [
        "runs SET status = 'asleep'",
        "runs SET keys = CAST(x'FF' AS TEXT)",
        "jobs SET reason = 'whim'",
    ] {
        let folder = Folder::new();
        let store = folder.open();
        let lease = acquire(&store).await;
        store.commit(&lease, rows().into()).await.unwrap();
        let due = async || {
            let due = store.jobs_due(lease.shard, None, Timestamp::MAX, 10).await;
            due.unwrap()
        };
        assert!(matches!(due().await[..], [LoadedJob::Call(_)]), "{damage}");
        let db = folder.connect();
        db.execute(&format!("UPDATE {damage}"), []).unwrap();
        assert!(
            matches!(due().await[..], [LoadedJob::Upkeep(_)]),
            "{damage}"
        );
        let snapshot = store.run_snapshot(run_id(1)).await;
        assert!(
            matches!(snapshot, Err(ReadError::Corrupt { .. })),
            "{damage}"
        );
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
