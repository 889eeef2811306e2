//! Rows of cancellations: requests to cancel the runs of a range of time.

use std::sync::Arc;
use std::time::Duration;

use everstep_protocol::{AppId, CancellationId, FunctionId, RunId, Timestamp};

/// A request to cancel the runs of a function that started in a range of time (server-semantics
/// §8). The runs are cancelled in the order of their ids, a portion at a time.
#[derive(Clone, Debug, PartialEq)]
pub struct CancellationRecord {
    pub id: CancellationId,
    pub app: AppId,
    pub function: FunctionId,
    /// The first millisecond of the range; from the beginning, if `None`.
    pub started_after: Option<Timestamp>,
    /// The last millisecond of the range.
    pub started_before: Timestamp,
    /// An expression over the event that triggered the run.
    pub condition: Option<Arc<str>>,
    /// Every run before this one was looked at.
    pub next: RunId,
    /// When all of them had been.
    pub ended_at: Option<Timestamp>,
}

impl CancellationRecord {
    /// The lowest id that a run in the range can have.
    pub fn first_run(started_after: Option<Timestamp>) -> RunId {
        RunId::from_parts(started_after.unwrap_or_default(), 0)
    }

    /// The lowest id that is too high for a run in the range.
    pub fn end(&self) -> RunId {
        RunId::from_parts(self.started_before + Duration::from_millis(1), 0)
    }
}
