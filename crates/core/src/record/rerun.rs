//! Rows of reruns: which run a run repeats.

use everstep_protocol::{OperationId, RunId};

/// A run that someone asked for once more. It has a run of its own, for the same events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RerunRecord {
    /// The new run.
    pub run: RunId,
    /// The run that it repeats.
    pub source: RunId,
    /// The first run of the chain, which may be `source` (server-semantics RR-1).
    pub original: RunId,
    /// The operation that it is part of.
    pub operation: Option<OperationId>,
}
