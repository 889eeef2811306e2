//! What lists are asked for, and answer with.

use everstep_core::record::{AuditRecord, EventRecord, RunRecord, RunStatus};
use everstep_protocol::{AuditId, EventId, FunctionId, RunId, Timestamp};

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

/// What one page of the audit log may look at.
pub const AUDIT_READS_MAX: usize = 20_000;

/// Which entries of the audit log to list, newest first: those that meet every condition that is
/// set. A list that is empty is no condition.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditFilter {
    pub actions: Vec<String>,
    pub actors: Vec<String>,
    pub function: Option<FunctionId>,
    pub run: Option<RunId>,
    /// Inclusive.
    pub from: Option<Timestamp>,
    /// Exclusive.
    pub until: Option<Timestamp>,
    /// Only entries with an id below this one: where the page before ended.
    pub before: Option<AuditId>,
    pub limit: usize,
    /// Look at no more entries than that, and give what was found.
    pub reads_max: usize,
}

/// The entries of a page, newest first.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditPage {
    pub entries: Vec<AuditRecord>,
    /// Where the page ended; `None` if it is the last one. A page that has less than its limit and
    /// is not the last one has looked at all that it may.
    pub next: Option<AuditId>,
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

impl AuditFilter {
    pub fn newest(limit: usize) -> Self {
        Self {
            actions: Vec::new(),
            actors: Vec::new(),
            function: None,
            run: None,
            from: None,
            until: None,
            before: None,
            limit,
            reads_max: AUDIT_READS_MAX,
        }
    }

    /// The page, of the entries that there are below `before`, newest first.
    pub(crate) fn page<E>(
        &self,
        entries: impl Iterator<Item = Result<AuditRecord, E>>,
    ) -> Result<AuditPage, E> {
        let mut found: Vec<AuditRecord> = Vec::new();
        let mut last = None;
        for (reads, entry) in entries.enumerate() {
            if last.is_some() && reads >= self.reads_max {
                return Ok(AuditPage {
                    entries: found,
                    next: last,
                });
            }
            let entry = entry?;
            last = Some(entry.id);
            if self.allows(&entry) {
                if found.len() == self.limit {
                    let next = found.last().map(|entry| entry.id).or(self.before);
                    return Ok(AuditPage {
                        entries: found,
                        next,
                    });
                }
                found.push(entry);
            }
        }
        Ok(AuditPage {
            entries: found,
            next: None,
        })
    }

    /// The ids that entries of the list have: from the first one to before the second.
    pub(crate) fn ids(&self) -> (AuditId, AuditId) {
        // An id carries its time.
        let first = |at| AuditId::from_parts(at, 0);
        let end = AuditId::from_bytes([u8::MAX; 16]);
        let until = self.until.map_or(end, first);
        (
            self.from.map_or(AuditId::from_bytes([0; 16]), first),
            self.before.map_or(until, |before| until.min(before)),
        )
    }

    fn allows(&self, entry: &AuditRecord) -> bool {
        let is_one_of = |names: &[String], name: Option<&str>| {
            names.is_empty() || names.iter().any(|it| Some(&**it) == name)
        };
        is_one_of(&self.actions, Some(&entry.action))
            && is_one_of(&self.actors, entry.actor.as_deref())
            && (self.function.is_none() || self.function == entry.function)
            && (self.run.is_none() || self.run == entry.run)
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
