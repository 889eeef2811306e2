//! Random changes of flow control, on few rows.

use std::sync::Arc;

use everstep_core::Change;
use everstep_core::record::{
    AuditRecord, BatchEventRecord, BatchRecord, DebounceRecord, HoldRecord, LimitId, LimitName,
    OperationCounts, OperationRecord, OverrideRecord, PauseRecord, PausedRuns, PausedStarts,
    RerunRecord,
};

use super::random::Random;
use super::sample::{at, event_id, function, job_id, json, run_id};
use super::sample_flow::{
    audit, batch, batch_event, batch_id, debounce, hold, limit_id, limit_override, operation,
    pause, rate, rerun,
};

impl Random {
    pub(super) fn flow(&mut self) -> Change {
        match self.below(14) {
            0 | 1 => Change::PutHold(HoldRecord {
                since: at(i64::from(self.below(9))),
                run: self.run_id(),
                ..hold(self.number(), 0)
            }),
            2 => Change::DeleteHold {
                limit: self.limit_id(),
                run: self.run_id(),
            },
            3 if self.below(3) == 0 => Change::DeleteHolds(self.run_id()),
            3 if self.below(3) == 0 => Change::ExpireRates(u64::from(self.below(9))),
            3 => Change::PutRate(rate(self.number(), u64::from(self.below(9)))),
            4 => Change::PutDebounce(self.debounce()),
            5 if self.below(2) == 0 => Change::DeleteDebounce(self.limit_id()),
            5 => Change::PutPause(self.pause()),
            6 => Change::PutBatch(BatchRecord {
                is_full: self.below(2) == 0,
                key: self.one_of(&[None, Some(Arc::from(""))]),
                ..batch(self.below(3))
            }),
            7 | 8 => Change::PutBatchEvent(BatchEventRecord {
                event: event_id(self.below(5)),
                invoked_by: self.one_of(&[None, Some(job_id(run_id(3), 2))]),
                ..batch_event(self.below(3), self.below(4))
            }),
            9 if self.below(2) == 0 => Change::DeleteBatch(batch_id(self.below(3))),
            9 => Change::DeletePause(function("app", self.one_of(&["f", "g"])).id),
            10 => self.limit_override(),
            11 => Change::PutRerun(RerunRecord {
                source: self.run_id(),
                ..rerun(self.below(3))
            }),
            12 => Change::PutOperation(OperationRecord {
                counts: OperationCounts {
                    done: self.below(9).into(),
                    ..OperationCounts::default()
                },
                ended_at: self.one_of(&[None, Some(at(7))]),
                ..operation(self.below(3))
            }),
            _ => Change::PutAudit(AuditRecord {
                detail: json(&self.below(9).to_string()),
                ..audit(self.below(5))
            }),
        }
    }

    fn number(&mut self) -> u8 {
        self.one_of(&[1, 2, 3])
    }

    fn limit_id(&mut self) -> LimitId {
        limit_id(self.number())
    }

    fn debounce(&mut self) -> DebounceRecord {
        DebounceRecord {
            event: event_id(self.below(5)),
            events: self.below(9),
            invoked_by: self.one_of(&[None, Some(job_id(run_id(3), 2))]),
            key: self.one_of(&[None, Some(Arc::from(""))]),
            ..debounce(self.number())
        }
    }

    fn pause(&mut self) -> PauseRecord {
        PauseRecord {
            starts: self.one_of(&[PausedStarts::Skip, PausedStarts::Queue]),
            runs: self.one_of(&[PausedRuns::Finish, PausedRuns::Hold]),
            ..pause(self.one_of(&["f", "g"]))
        }
    }

    fn limit_override(&mut self) -> Change {
        let record = OverrideRecord {
            function: function("app", self.one_of(&["f", "g"])).id,
            limit: self.one_of(&[
                LimitName::Concurrency,
                LimitName::RunConcurrency,
                LimitName::Throttle,
            ]),
            value: self.below(9),
            ..limit_override(self.one_of(&[None, Some(""), Some("a")]))
        };
        if self.below(3) > 0 {
            return Change::PutOverride(record);
        }
        Change::DeleteOverride {
            function: record.function,
            limit: record.limit,
            key: record.key,
        }
    }
}
