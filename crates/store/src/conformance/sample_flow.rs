//! Records of flow control to put.

use std::sync::Arc;
use std::time::Duration;

use everstep_core::Change;
use everstep_core::record::{
    AuditRecord, BatchEventRecord, BatchRecord, DebounceRecord, HoldKind, HoldRecord, LimitId,
    LimitName, OperationCounts, OperationError, OperationKind, OperationRecord, OperationState,
    OverrideRecord, PauseRecord, PausedRuns, PausedStarts, RateRecord, RerunRecord, RunPlace,
};
use everstep_protocol::{AuditId, BatchId, OperationId};

use super::sample::{at, event_id, function, job_id, json, run_id};

/// Ids that sort as their numbers.
pub(super) fn limit_id(number: u8) -> LimitId {
    LimitId([number; 16])
}

/// Ids that sort as their numbers.
pub(super) fn batch_id(number: u32) -> BatchId {
    BatchId::from_parts(at(i64::from(number)), u128::from(number) << 40 | 0xB)
}

/// Ids that sort as their numbers.
pub(super) fn audit_id(number: u32) -> AuditId {
    AuditId::from_parts(at(i64::from(number)), u128::from(number) << 40 | 0xD)
}

pub(super) fn hold(limit: u8, run: u32) -> HoldRecord {
    HoldRecord {
        limit: limit_id(limit),
        run: run_id(run),
        function: function("app", "held").id,
        kind: if limit.is_multiple_of(2) {
            HoldKind::Place
        } else {
            HoldKind::Singleton
        },
        key: (limit > 1).then(|| Arc::from(format!("key {limit}"))),
        since: at(40),
    }
}

pub(super) fn rate(limit: u8, tat: u64) -> RateRecord {
    RateRecord {
        limit: limit_id(limit),
        tat,
    }
}

pub(super) fn debounce(number: u8) -> DebounceRecord {
    DebounceRecord {
        id: limit_id(number),
        function: function("app", "function").id,
        key: Some(Arc::from(format!("user {number}"))),
        event: event_id(u32::from(number)),
        event_ts: at(-7),
        invoked_by: Some(job_id(run_id(8), 3)),
        events: 4,
        opened_at: at(50),
        fire_at: at(60),
    }
}

/// One that takes more events.
pub(super) fn batch(number: u32) -> BatchRecord {
    BatchRecord {
        id: batch_id(number),
        function: function("app", "function").id,
        key: Some(Arc::from(format!("user {number}"))),
        opened_at: at(70),
        fire_at: at(80),
        is_full: false,
    }
}

pub(super) fn batch_event(batch: u32, position: u32) -> BatchEventRecord {
    BatchEventRecord {
        batch: batch_id(batch),
        position,
        event: event_id(100 * batch + position),
        size: 1_000 + position,
        invoked_by: None,
    }
}

pub(super) fn pause(name: &str) -> PauseRecord {
    PauseRecord {
        function: function("app", name).id,
        starts: PausedStarts::Queue,
        runs: PausedRuns::Finish,
        reason: Some(Arc::from("the bank is closed")),
        paused_at: at(90),
    }
}

/// Of the concurrency of a function, for one value of its key or for all of them.
pub(super) fn limit_override(key: Option<&str>) -> OverrideRecord {
    OverrideRecord {
        function: function("app", "function").id,
        limit: LimitName::Concurrency,
        key: key.map(Arc::from),
        value: 2,
        period: None,
        burst: None,
        reason: None,
        created_at: at(100),
        expires_at: Some(at(200)),
    }
}

/// The opposite of putting [`limit_override`].
pub(super) fn delete_override(key: Option<&str>) -> Change {
    let OverrideRecord {
        function,
        limit,
        key,
        ..
    } = limit_override(key);
    Change::DeleteOverride {
        function,
        limit,
        key,
    }
}

pub(super) fn audit(number: u32) -> AuditRecord {
    AuditRecord {
        id: audit_id(number),
        actor: Some(Arc::from("ada")),
        action: Arc::from("function.pause"),
        function: Some(function("app", "function").id),
        run: Some(run_id(number)),
        detail: json(&format!(r#"{{"number":{number}}}"#)),
    }
}

/// With every column that may be empty the other way round.
pub(super) fn other_override(limit: LimitName, key: Option<&str>) -> OverrideRecord {
    OverrideRecord {
        limit,
        value: u32::MAX,
        period: Some(Duration::from_millis(1_500)),
        burst: Some(7),
        reason: Some(Arc::from("for the launch")),
        expires_at: None,
        ..limit_override(key)
    }
}

pub(super) fn operation_id(number: u32) -> OperationId {
    OperationId::from_parts(at(i64::from(number)), u128::from(number) << 40 | 0xD)
}

/// One that has not ended, and has acted on runs.
pub(super) fn operation(number: u32) -> OperationRecord {
    OperationRecord {
        id: operation_id(number),
        kind: OperationKind::Replay,
        filter: json(r#"{"statuses":["failed"]}"#),
        state: OperationState::Running,
        rate_per_second: Some(50),
        stop_on_error_percent: Some(10),
        actor: Some(Arc::from("ada")),
        reason: Some(Arc::from("the bug is fixed")),
        cursor: Some(RunPlace {
            at: at(77),
            run: run_id(7),
        }),
        counts: OperationCounts {
            done: 5,
            skipped: 4,
            failed: 3,
        },
        errors: [1, 2].map(operation_error).to_vec(),
        ended_at: None,
        failure: None,
    }
}

pub(super) fn operation_error(number: u32) -> OperationError {
    OperationError {
        run: run_id(number),
        message: Arc::from("the function is \"paused\""),
    }
}

pub(super) fn rerun(number: u32) -> RerunRecord {
    RerunRecord {
        run: run_id(number),
        source: run_id(number + 100),
        original: run_id(number + 200),
        operation: Some(operation_id(number)),
    }
}
