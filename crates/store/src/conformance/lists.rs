//! Lists of changes: every kind of change, and where a second application could go wrong.

use everstep_core::Change;
use everstep_core::record::{
    AuditRecord, BatchRecord, CancellationRecord, ErrorDecision, EventRecord, OverrideRecord,
    Resolution, RunRecord, RunStatus, StepRecord, TickRecord, WaitRecord,
};

use super::sample::{
    app, at, attempt, cancellation, cancellation_id, completed, event, event_id, failed_attempt,
    function, idempotency, job, job_id, json, planned, run, run_id, skip, tick, wait,
};
use super::sample_flow::{
    audit, batch, batch_event, batch_id, debounce, delete_override, hold, limit_id, limit_override,
    pause, rate,
};
use super::sample_history::{attribute, error_decision, failure, run_attributes};

/// Every kind of change, alone and where a second application could go wrong.
pub(super) fn lists() -> Vec<Vec<Change>> {
    [
        lists_of_runs(),
        lists_of_waits_and_starts(),
        lists_of_flow(),
        lists_of_history(),
    ]
    .concat()
}

fn lists_of_runs() -> Vec<Vec<Change>> {
    let id = run_id(1);
    let ended = RunRecord {
        status: RunStatus::Completed,
        output: Some(json("1")),
        ..run(1)
    };
    let second_value = StepRecord {
        value: Some(json(r#"{"data":2}"#)),
        ..completed(id, 1, 0)
    };
    let archived = {
        let mut archived = function("app", "function");
        archived.archived_at = Some(at(9));
        archived
    };
    let triggers = |numbers: &[u32]| Change::PutRunEvents {
        run: id,
        events: numbers.iter().copied().map(event_id).collect(),
    };
    vec![
        vec![],
        vec![Change::PutApp(app("app"))],
        vec![
            Change::PutFunction(function("app", "function")),
            Change::PutFunction(archived),
        ],
        vec![Change::PutEvent(event(1)), Change::PutEvent(event(2))],
        vec![Change::PutEvent(EventRecord {
            payload: json("{}"),
            ..event(1)
        })],
        vec![Change::PutRun(RunRecord {
            status: RunStatus::Queued,
            ..run(1)
        })],
        vec![triggers(&[1, 2]), triggers(&[2]), triggers(&[2, 1])],
        vec![
            Change::PutRun(run(1)),
            Change::PutRun(RunRecord {
                steps_done: 1,
                ..run(1)
            }),
        ],
        vec![
            Change::PutStep(planned(id, 1)),
            Change::PutStep(completed(id, 1, 0)),
        ],
        vec![
            Change::PutStep(second_value),
            Change::PutStep(planned(id, 1)),
        ],
        vec![
            Change::PutJob(job(id, 1, at(5))),
            Change::DeleteJob(job_id(id, 1)),
        ],
        vec![
            Change::DeleteJob(job_id(id, 1)),
            Change::PutJob(job(id, 1, at(5))),
        ],
        vec![
            Change::PutJob(job(id, 1, at(6))),
            Change::PutJob(job(id, 2, at(7))),
        ],
        vec![Change::DeleteJobs(id), Change::PutJob(job(id, 3, at(8)))],
        vec![Change::PutAttempt(attempt(job_id(id, 1), 1))],
        vec![
            Change::PutAttempt(failed_attempt(job_id(id, 1), 1)),
            Change::PutAttempt(attempt(job_id(id, 1), 2)),
        ],
        vec![
            Change::PutSkip(skip(1, "function")),
            Change::PutSkip(skip(1, "function")),
        ],
        vec![
            Change::PutRun(ended),
            Change::PutRun(RunRecord {
                status: RunStatus::Completed,
                ..run(1)
            }),
        ],
        vec![Change::DeleteJobs(id)],
    ]
}

fn lists_of_waits_and_starts() -> Vec<Vec<Change>> {
    let id = run_id(2);
    vec![
        vec![Change::PutEvent(event(9)), Change::PutRun(run(2))],
        vec![
            Change::PutWait(wait(id, 1)),
            Change::PutWait(WaitRecord {
                resolution: Some(Resolution::Event(Box::new(event(9)))),
                ..wait(id, 1)
            }),
        ],
        vec![
            Change::PutWait(wait(id, 2)),
            Change::DeleteWait(job_id(id, 1)),
        ],
        vec![Change::DeleteWaits(id), Change::PutWait(wait(id, 3))],
        vec![
            Change::PutTick(tick("f", "* * * * *")),
            Change::PutTick(TickRecord {
                tick: at(120_000),
                ..tick("f", "* * * * *")
            }),
        ],
        vec![
            Change::DeleteTick {
                function: tick("f", "").function,
                cron: "* * * * *".into(),
            },
            Change::PutTick(tick("f", "@daily")),
        ],
        vec![
            Change::PutIdempotency(idempotency(1, at(5))),
            Change::PutIdempotency(idempotency(2, at(6))),
            Change::ExpireIdempotency(at(5)),
        ],
        vec![
            Change::ExpireIdempotency(at(6)),
            Change::PutIdempotency(idempotency(2, at(6))),
        ],
        vec![Change::DeleteWaits(id)],
        vec![
            Change::PutCancellation(cancellation(1)),
            Change::PutCancellation(CancellationRecord {
                ended_at: Some(at(5)),
                ..cancellation(1)
            }),
            Change::PutCancellation(cancellation(2)),
        ],
        vec![
            Change::DeleteCancellation(cancellation_id(1)),
            Change::PutCancellation(cancellation(3)),
        ],
        vec![Change::DeleteCancellation(cancellation_id(3))],
    ]
}

fn lists_of_history() -> Vec<Vec<Change>> {
    let queued = RunRecord {
        status: RunStatus::Queued,
        started_at: None,
        ..run(5)
    };
    let failed = RunRecord {
        status: RunStatus::Failed,
        ended_at: Some(at(90)),
        ..run(5)
    };
    let decided = |decision| Change::PutErrorDecision(error_decision(1, decision));
    vec![
        vec![
            Change::PutRun(queued),
            Change::PutRun(run(5)),
            Change::PutRun(failed),
        ],
        vec![Change::PutRun(run(6)), Change::PutRun(run(7))],
        vec![
            Change::PutFailure(failure(5, 1)),
            Change::PutFailure(failure(6, 1)),
            Change::PutFailure(failure(6, 2)),
        ],
        vec![
            decided(ErrorDecision::Resolved),
            Change::PutFailure(failure(7, 1)),
        ],
        vec![
            Change::PutFailure(failure(8, 3)),
            Change::PutRun(run(8)),
            Change::PutErrorDecision(error_decision(3, ErrorDecision::Resolved)),
            Change::PutFailure(failure(8, 3)),
        ],
        vec![decided(ErrorDecision::Open)],
        vec![
            Change::PutAttribute(attribute("a")),
            Change::PutAttribute(attribute("b")),
            Change::PutRunAttributes {
                run: run_id(5),
                attributes: run_attributes(&[("a", "x"), ("b", "y")]),
            },
        ],
        vec![
            Change::DeleteAttribute("a".into()),
            Change::PutRunAttributes {
                run: run_id(5),
                attributes: run_attributes(&[("b", "z")]),
            },
        ],
    ]
}

fn lists_of_flow() -> Vec<Vec<Change>> {
    let function = function("app", "function").id;
    let full = BatchRecord {
        is_full: true,
        ..batch(1)
    };
    let later = AuditRecord {
        detail: json("{}"),
        ..audit(1)
    };
    let for_one = OverrideRecord {
        value: 9,
        ..limit_override(Some("a"))
    };
    vec![
        vec![
            Change::PutHold(hold(1, 1)),
            Change::PutHold(hold(2, 1)),
            Change::DeleteHold {
                limit: limit_id(1),
                run: run_id(1),
            },
        ],
        vec![Change::DeleteHolds(run_id(1)), Change::PutHold(hold(3, 1))],
        vec![
            Change::PutRate(rate(1, 5)),
            Change::PutRate(rate(2, 6)),
            Change::ExpireRates(5),
        ],
        vec![Change::ExpireRates(6), Change::PutRate(rate(2, 6))],
        vec![
            Change::PutDebounce(debounce(1)),
            Change::DeleteDebounce(limit_id(1)),
            Change::PutDebounce(debounce(2)),
        ],
        vec![
            Change::DeleteDebounce(limit_id(2)),
            Change::PutDebounce(debounce(2)),
        ],
        vec![
            Change::PutBatch(batch(1)),
            Change::PutBatchEvent(batch_event(1, 0)),
            Change::PutBatchEvent(batch_event(1, 1)),
            Change::PutBatch(full),
        ],
        vec![
            Change::DeleteBatch(batch_id(1)),
            Change::PutBatch(batch(1)),
            Change::PutBatchEvent(batch_event(1, 0)),
        ],
        vec![
            Change::PutPause(pause("function")),
            Change::DeletePause(function),
            Change::PutPause(pause("f")),
        ],
        vec![
            Change::PutOverride(limit_override(None)),
            Change::PutOverride(limit_override(None)),
            Change::PutOverride(limit_override(Some(""))),
            Change::PutOverride(limit_override(Some("a"))),
            Change::PutOverride(for_one),
        ],
        vec![
            delete_override(None),
            Change::PutOverride(limit_override(Some("b"))),
            delete_override(Some("b")),
        ],
        vec![Change::PutAudit(audit(1)), Change::PutAudit(later)],
    ]
}
