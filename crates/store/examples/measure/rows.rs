//! The rows that are put.

use std::time::Duration;

use everstep_core::Change;
use everstep_core::record::{
    AttemptOutcome, AttemptRecord, Epoch, JobKind, JobRecord, RunRecord, RunStatus, StepKind,
    StepRecord, StepStatus, WaitKind, WaitReason, WaitRecord,
};
use everstep_protocol::op::ParallelMode;
use everstep_protocol::{AppId, FunctionId, JobId, Json, RequestId, RunId, StepId, Timestamp};

use super::START;

pub(super) fn run_id(ms: i64, number: u32) -> RunId {
    RunId::from_parts(
        Timestamp::from_millis(ms),
        u128::from(number) << 48 | 0xABCD,
    )
}

/// What a step changes.
pub(super) fn step_commit(id: RunId, step: u32) -> [Change; 2] {
    let attempt = AttemptRecord {
        job: JobId::discovery(id),
        request: RequestId::from_parts(Timestamp::from_millis(START), u128::from(step)),
        generation: step,
        attempt: 0,
        step: None,
        outcome: AttemptOutcome::Succeeded,
        due_at: Timestamp::from_millis(START),
        started_at: Timestamp::from_millis(START),
        duration: Duration::from_micros(300),
        timing: None,
        http_status: Some(206),
        error: None,
    };
    [
        Change::PutStep(completed(id, step)),
        Change::PutAttempt(attempt),
    ]
}

pub(super) fn run(id: RunId, steps_done: u32) -> RunRecord {
    RunRecord {
        id,
        function: FunctionId::derive(AppId::derive("app"), "function"),
        function_version: 1,
        status: RunStatus::Running,
        started_at: Some(Timestamp::from_millis(START)),
        ended_at: None,
        max_attempts: 4,
        request_version: 2,
        parallel: false,
        next_job: steps_done + 2,
        generation: 0,
        state_bytes: u64::from(steps_done) * 100,
        steps_done,
        invoked_by: Vec::new(),
        batch: None,
        keys: None,
        priority: 0,
        output: None,
    }
}

/// A run that has not begun. Its function has limits with one of few keys.
pub(super) fn queued(id: RunId, number: u32) -> RunRecord {
    let keys = format!(r#"{{"event.data.customer":"customer-{}"}}"#, number % 100);
    RunRecord {
        status: RunStatus::Queued,
        started_at: None,
        request_version: -1,
        keys: Some(keys.into()),
        ..run(id, 0)
    }
}

pub(super) fn completed(run: RunId, number: u32) -> StepRecord {
    let hash = u128::from(number).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C834);
    StepRecord {
        trace: None,
        run,
        id: StepId::new(format!("{hash:040x}")),
        kind: StepKind::Run,
        status: StepStatus::Completed,
        name: "charge the card".into(),
        step_type: None,
        mode: ParallelMode::Join,
        position: Some(number),
        value: Some(Json::from_canonical(
            r#"{"data":{"amount":1234,"currency":"EUR","ok":true}}"#,
        )),
        created_at: Timestamp::from_millis(START),
        started_at: Some(Timestamp::from_millis(START)),
        ended_at: Some(Timestamp::from_millis(START)),
    }
}

pub(super) fn job(run: RunId, number: u32, due_at: i64) -> JobRecord {
    JobRecord {
        id: JobId { run, number },
        kind: JobKind::Discovery,
        due_at: Timestamp::from_millis(due_at),
        reason: WaitReason::Queued,
        attempt: 0,
        generation: 1,
        epoch: Epoch(1),
        created_at: Timestamp::from_millis(START),
    }
}

/// A wait for an event with a condition of its own, as most have.
pub(super) fn wait(run: RunId, number: u32) -> WaitRecord {
    WaitRecord {
        id: JobId { run, number: 1 },
        step: Some(StepId::new(format!("{number:040x}"))),
        kind: WaitKind::Event {
            name: "app/order.paid".into(),
            condition: Some(format!("\"order-{number}\" == async.data.order_id").into()),
        },
        created_at: Timestamp::from_millis(START + i64::from(number / 10)),
        expires_at: Timestamp::from_millis(START + 86_400_000),
        resolution: None,
    }
}
