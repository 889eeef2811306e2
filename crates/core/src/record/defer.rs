//! Rows of defers: functions that a run wants started when it ends.

use std::sync::Arc;

use everstep_protocol::defer::DeferRejection;
use everstep_protocol::{DeferId, Json, RunId, Timestamp};

/// Where a defer is in its life.
///
/// | from | to | why |
/// |---|---|---|
/// | – | `AfterRun` | the run asked for it |
/// | – | `Rejected` | the run asked for it, and it is against a limit or makes no sense (DE-5) |
/// | `AfterRun` | `Aborted` | the run took it back |
/// | `AfterRun` | `Scheduled` | the run ended, and the event was sent |
///
/// All but the first are final, and their payload is gone.
#[derive(Clone, Debug, PartialEq)]
pub enum DeferStatus {
    AfterRun {
        /// An object: the data of the event, but for `_inngest`.
        input: Json,
        /// `{"sessions": {…}}`, if the event is to have sessions.
        meta: Option<Json>,
    },
    Scheduled,
    Aborted,
    Rejected(DeferRejection),
}

/// A function that is to be started when a run ends, whatever its end (connect-realtime §4).
#[derive(Clone, Debug, PartialEq)]
pub struct DeferRecord {
    pub run: RunId,
    /// Unique within the run.
    pub id: DeferId,
    /// Index among the defers of the run.
    pub position: u32,
    /// The id that the user wrote.
    pub name: Arc<str>,
    /// Of the function to start; empty if the request named none, and was rejected.
    pub function_slug: Arc<str>,
    pub status: DeferStatus,
    pub created_at: Timestamp,
}
