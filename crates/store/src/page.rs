//! What lists are asked for, and answer with.

use everstep_core::record::{EventRecord, RunRecord, RunStatus};
use everstep_protocol::{EventId, FunctionId, RunId, Timestamp};

/// Names of events that the server sends itself begin with this.
pub(crate) const INTERNAL_PREFIX: &str = "inngest/";

/// Which events to list, newest first: those that meet every condition that is set.
#[derive(Clone, Debug, PartialEq)]
pub struct EventFilter {
    /// Exact name.
    pub name: Option<String>,
    /// Exclusive.
    pub received_after: Option<Timestamp>,
    /// Exclusive.
    pub received_before: Option<Timestamp>,
    /// Only events with an id below this one: the last id of the page before.
    pub before: Option<EventId>,
    /// Include events whose name begins with `inngest/`.
    pub internal: bool,
    pub limit: usize,
}

/// A run that an event triggered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TriggeredRun {
    pub event: EventId,
    pub run: RunId,
    pub function: FunctionId,
    pub status: RunStatus,
}

impl TriggeredRun {
    pub(crate) fn new(event: EventId, run: &RunRecord) -> Self {
        Self {
            event,
            run: run.id,
            function: run.function,
            status: run.status,
        }
    }
}

impl EventFilter {
    /// Whether the event belongs to the list, on whatever page.
    pub(crate) fn matches(&self, event: &EventRecord) -> bool {
        self.name.as_deref().is_none_or(|name| *name == *event.name)
            && self
                .received_after
                .is_none_or(|after| event.received_at > after)
            && self
                .received_before
                .is_none_or(|before| event.received_at < before)
            && (self.internal || !event.name.starts_with(INTERNAL_PREFIX))
    }
}
