//! What is large, and what is not ASCII.

use std::slice;
use std::sync::Arc;

use everstep_core::Change;
use everstep_core::record::{
    AppRecord, AttemptRecord, AuditRecord, BatchRecord, CancellationRecord, DebounceRecord,
    DeferRecord, DeferStatus, EventRecord, FunctionRecord, MetadataRecord, MetadataTarget,
    OperationError, OperationRecord, OverrideRecord, PauseRecord, Resolution, RunRecord, RunStatus,
    SpanRecord, StepRecord, WaitKind, WaitRecord,
};
use everstep_protocol::{DeferId, Json, OperationId, StepId, UserError};

use super::Factory;
use super::sample::{
    app, at, attempt, cancellation, completed, defer, event, event_id, function, job, job_id,
    long_json, metadata, run, run_id, tick, wait,
};
use super::sample_flow::{
    audit, batch, debounce, limit_override, operation, operation_error, pause,
};
use super::spans::span;
use super::subject::{Subject, all_events};
use crate::AuditFilter;

pub async fn large_payloads_round_trip(factory: &dyn Factory) {
    const SIZE: usize = 5 * 1024 * 1024;
    let subject = Subject::open(factory).await;
    let id = run_id(1);
    let large_event = EventRecord {
        payload: long_json(SIZE),
        ..event(1)
    };
    let large_step = StepRecord {
        value: Some(long_json(SIZE + 1)),
        ..completed(id, 1, 0)
    };
    let large_run = RunRecord {
        status: RunStatus::Completed,
        output: Some(long_json(SIZE + 2)),
        ..run(1)
    };
    subject
        .commit([Change::PutRun(run(1)), Change::PutStep(large_step.clone())])
        .await;
    let events = vec![event_id(1)];
    subject
        .commit([
            Change::PutEvent(large_event.clone()),
            Change::PutRunEvents { run: id, events },
        ])
        .await;
    let snapshot = subject.snapshot(id).await.expect("the run is live");
    assert!(snapshot.events == [large_event] && snapshot.steps == [large_step]);
    subject.commit([Change::PutRun(large_run.clone())]).await;
    assert!(subject.run(id).await == Some(large_run));
}

pub async fn text_of_any_script_round_trips(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let texts = [
        "日本語 🦀",
        "e\u{301}é",
        "שלום",
        "a\0b",
        "'\"\\%_; --",
        "\u{FFFD}\u{10FFFF}",
        "",
    ];
    for (number, text) in (1_u8..).zip(texts) {
        let shared: Arc<str> = Arc::from(text);
        let value = Json::string(text);
        let flow = flow_with(number, text);
        let number = u32::from(number);
        let id = run_id(number);
        let changes = [
            Change::PutApp(AppRecord {
                url: text.to_owned(),
                framework: Some(text.to_owned()),
                ..app(&format!("app {text}"))
            }),
            Change::PutFunction(FunctionRecord {
                slug: Arc::clone(&shared),
                ..function("app", &format!("f{number}"))
            }),
            Change::PutEvent(EventRecord {
                name: Arc::clone(&shared),
                user_id: Some(Arc::clone(&shared)),
                payload: value.clone(),
                ..event(number)
            }),
            Change::PutRun(RunRecord {
                output: Some(value.clone()),
                keys: Some(Arc::clone(&shared)),
                ..run(number)
            }),
            Change::PutStep(StepRecord {
                id: StepId::new(text),
                name: Arc::clone(&shared),
                step_type: Some(shared),
                value: Some(value),
                ..completed(id, 1, 0)
            }),
            Change::PutAttempt(AttemptRecord {
                step: Some(StepId::new(text)),
                error: Some(UserError::new(text, text)),
                ..attempt(job_id(id, 1), 1)
            }),
            Change::PutWait(WaitRecord {
                step: Some(StepId::new(text)),
                kind: WaitKind::Event {
                    name: Arc::from(text),
                    condition: Some(Arc::from(text)),
                },
                resolution: Some(Resolution::Value(Json::string(text))),
                ..wait(id, 2)
            }),
            Change::PutDefer(DeferRecord {
                id: DeferId::new(text),
                name: Arc::from(text),
                function_slug: Arc::from(text),
                status: DeferStatus::AfterRun {
                    input: Json::string(text),
                    meta: Some(Json::string(text)),
                },
                ..defer(id, 3)
            }),
            Change::PutMetadata(MetadataRecord {
                target: MetadataTarget::Step(StepId::new(text)),
                kind: Arc::from(text),
                values: Json::object([(text, Json::string(text))]),
                ..metadata(id)
            }),
            Change::PutSpan(SpanRecord {
                name: Arc::from(text),
                step: Some(StepId::new(text)),
                detail: Json::string(text),
                ..span(id, 1)
            }),
            Change::PutTick(tick("function", text)),
            Change::PutCancellation(CancellationRecord {
                condition: Some(Arc::from(text)),
                ..cancellation(number)
            }),
        ];
        assert_stored_as_put(&subject, &changes).await;
        assert_stored_as_put(&subject, &flow).await;
    }
}

fn flow_with(number: u8, text: &str) -> [Change; 6] {
    let shared: Arc<str> = Arc::from(text);
    [
        Change::PutDebounce(DebounceRecord {
            key: Some(Arc::clone(&shared)),
            ..debounce(number)
        }),
        Change::PutBatch(BatchRecord {
            key: Some(Arc::clone(&shared)),
            ..batch(number.into())
        }),
        Change::PutPause(PauseRecord {
            reason: Some(Arc::clone(&shared)),
            ..pause("function")
        }),
        Change::PutOverride(OverrideRecord {
            reason: Some(Arc::clone(&shared)),
            ..limit_override(Some(text))
        }),
        Change::PutOperation(OperationRecord {
            filter: Json::string(text),
            reason: Some(Arc::clone(&shared)),
            errors: vec![OperationError {
                message: Arc::clone(&shared),
                ..operation_error(1)
            }],
            ..operation(number.into())
        }),
        Change::PutAudit(AuditRecord {
            actor: Some(Arc::clone(&shared)),
            action: shared,
            detail: Json::string(text),
            ..audit(number.into())
        }),
    ]
}

/// Commit the changes and see that each row is what was put.
async fn assert_stored_as_put(subject: &Subject, changes: &[Change]) {
    subject.commit(changes).await;
    for change in changes {
        match change {
            Change::PutApp(app) => {
                let apps = subject.store.app_list().await.expect("the apps are read");
                assert!(apps.contains(app), "{app:?}");
            }
            Change::PutFunction(function) => {
                let functions = subject.store.function_list().await;
                let functions = functions.expect("the functions are read");
                assert!(functions.contains(function), "{function:?}");
            }
            Change::PutEvent(event) => {
                let stored = subject.store.event_view(event.id).await;
                assert_eq!(stored.expect("the event is read").as_ref(), Some(event));
            }
            Change::PutRun(run) => assert_eq!(subject.run(run.id).await.as_ref(), Some(run)),
            Change::PutStep(step) => {
                assert_eq!(subject.steps(step.run).await, slice::from_ref(step))
            }
            Change::PutAttempt(attempt) => {
                let stored = subject.store.run_attempts(attempt.job.run).await;
                let stored = stored.expect("the attempts are read");
                assert_eq!(stored, slice::from_ref(attempt));
            }
            Change::PutWait(wait) => {
                assert_eq!(subject.waits(wait.id.run).await, slice::from_ref(wait))
            }
            Change::PutDefer(defer) => {
                assert_eq!(subject.defers(defer.run).await, slice::from_ref(defer))
            }
            Change::PutMetadata(record) => {
                assert_eq!(subject.metadata(record.run).await, slice::from_ref(record))
            }
            Change::PutSpan(span) => {
                assert_eq!(subject.spans(span.run).await, slice::from_ref(span))
            }
            Change::PutTick(tick) => {
                assert!(subject.shard().await.ticks.contains(tick), "{tick:?}");
            }
            Change::PutCancellation(cancellation) => {
                let list = subject.store.cancellation_list(None, usize::MAX).await;
                let list = list.expect("the cancellations are read");
                assert!(list.contains(cancellation), "{cancellation:?}");
            }
            Change::PutDebounce(debounce) => {
                let debounces = subject.shard().await.debounces;
                assert!(debounces.contains(debounce), "{debounce:?}");
            }
            Change::PutBatch(batch) => {
                assert!(subject.shard().await.batches.contains(batch), "{batch:?}");
            }
            Change::PutPause(pause) => {
                assert!(subject.shard().await.pauses.contains(pause), "{pause:?}");
            }
            Change::PutOverride(record) => {
                let overrides = subject.shard().await.overrides;
                assert!(overrides.contains(record), "{record:?}");
            }
            Change::PutAudit(entry) => {
                let log = subject.store.audit_list(&AuditFilter::newest(1)).await;
                let log = log.expect("the audit log is read");
                assert_eq!(log.entries, slice::from_ref(entry));
            }
            Change::PutOperation(operation) => {
                assert_eq!(stored_operation(subject, operation.id).await, *operation);
            }
            Change::PutRunEvents { .. }
            | Change::PutRerun(_)
            | Change::PutFailure(_)
            | Change::PutErrorDecision(_)
            | Change::PutAttribute(_)
            | Change::DeleteAttribute(_)
            | Change::PutRunAttributes { .. }
            | Change::PutHold(_)
            | Change::DeleteHold { .. }
            | Change::DeleteHolds(_)
            | Change::PutRate(_)
            | Change::ExpireRates(_)
            | Change::DeleteDebounce(_)
            | Change::PutBatchEvent(_)
            | Change::DeleteBatch(_)
            | Change::DeletePause(_)
            | Change::DeleteOverride { .. }
            | Change::PutJob(_)
            | Change::DeleteJob(_)
            | Change::DeleteJobs(_)
            | Change::PutSkip(_)
            | Change::ResolveWait { .. }
            | Change::LoseSignal(_)
            | Change::DeleteWait(_)
            | Change::DeleteWaits(_)
            | Change::DeleteTick { .. }
            | Change::PutIdempotency(_)
            | Change::ExpireIdempotency(_)
            | Change::DeleteCancellation(_) => panic!("not looked at: {change:?}"),
        }
    }
}

async fn stored_operation(subject: &Subject, id: OperationId) -> OperationRecord {
    let stored = subject.store.operation_view(id).await;
    let stored = stored.expect("the operation is read");
    stored.expect("it is there")
}

pub async fn ten_thousand_steps_are_in_order(factory: &dyn Factory) {
    const STEPS: u32 = 10_000;
    let subject = Subject::open(factory).await;
    let id = run_id(1);
    let steps: Vec<StepRecord> = (0..STEPS)
        .map(|number| completed(id, number, number))
        .collect();
    let last = RunRecord {
        steps_done: STEPS,
        ..run(1)
    };
    subject
        .commit([Change::PutRun(last), Change::PutJob(job(id, 1, at(1)))])
        .await;
    // From the end, so that no order but that of the stack is right.
    for steps in steps.rchunks(1_000) {
        let puts = steps.iter().rev().cloned().map(Change::PutStep);
        subject.commit(puts.collect::<Vec<_>>()).await;
    }
    let snapshot = subject.snapshot(id).await.expect("the run is live");
    assert!(snapshot.steps == steps);
}

pub async fn one_large_commit_is_one_commit(factory: &dyn Factory) {
    const EVENTS: u32 = 50_000;
    let subject = Subject::open(factory).await;
    let changes: Vec<Change> = (0..EVENTS)
        .map(|number| Change::PutEvent(event(number)))
        .collect();
    subject.commit(changes).await;
    let first_and_last = [event_id(0), event_id(EVENTS - 1)];
    let known = subject
        .store
        .events_known(&first_and_last)
        .await
        .expect("the events are read");
    assert_eq!(known, first_and_last);
    assert_eq!(subject.events(all_events()).await.len(), EVENTS as usize);
}
