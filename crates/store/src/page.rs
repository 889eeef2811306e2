//! What lists are asked for, and answer with.

use everstep_core::record::{EventRecord, RunRecord, RunStatus};
use everstep_protocol::{EventId, FunctionId, RunId, Timestamp};

/// Names of events that the server sends itself begin with this.
pub(crate) const INTERNAL_PREFIX: &str = "inngest/";

/// What one page of events may look at.
pub const EVENT_READS_MAX: usize = 20_000;

/// Which events to list, newest first: those that meet every condition that is set.
#[derive(Clone, Debug, PartialEq)]
pub struct EventFilter {
    /// Exact names, of which an event has one. Empty: whatever its name is.
    pub names: Vec<String>,
    /// Exclusive.
    pub received_after: Option<Timestamp>,
    /// Exclusive.
    pub received_before: Option<Timestamp>,
    /// Only events with an id below this one: where the page before ended.
    pub before: Option<EventId>,
    /// Include events whose name begins with `inngest/`.
    pub internal: bool,
    pub limit: usize,
    /// Look at no more events than that, and give what was found.
    pub reads_max: usize,
}

/// A place in the list of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventCursor {
    pub event: EventId,
    pub received_at: Timestamp,
}

/// The events of a page, newest first.
#[derive(Clone, Debug, PartialEq)]
pub struct EventPage {
    pub events: Vec<EventRecord>,
    /// Where the page ended; `None` if it is the last one. A page that has less than its limit and
    /// is not the last one has looked at all that it may.
    pub next: Option<EventCursor>,
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

/// What an event led to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EventCounts {
    /// Runs that it triggered, batch runs included.
    pub runs: usize,
    /// Evaluations of triggers that started no run.
    pub skips: usize,
}

impl EventFilter {
    /// The newest of those that apps sent.
    pub fn newest(limit: usize) -> Self {
        Self {
            names: Vec::new(),
            received_after: None,
            received_before: None,
            before: None,
            internal: false,
            limit,
            reads_max: EVENT_READS_MAX,
        }
    }

    /// Whether such an event belongs to the list, on whatever page.
    pub(crate) fn allows(&self, name: &str, received_at: Timestamp) -> bool {
        (self.names.is_empty() || self.names.iter().any(|it| it == name))
            && self.received_after.is_none_or(|after| received_at > after)
            && self.received_before.is_none_or(|it| received_at < it)
            && (self.internal || !name.starts_with(INTERNAL_PREFIX))
    }
}

impl EventCursor {
    pub fn of(event: &EventRecord) -> Self {
        Self {
            event: event.id,
            received_at: event.received_at,
        }
    }
}
