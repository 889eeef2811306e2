//! What lists are asked for.

use everstep_protocol::{EventId, Timestamp};

/// Which events to list, newest first.
#[derive(Clone, Debug, PartialEq)]
pub struct EventFilter {
    /// Exact name.
    pub name: Option<String>,
    pub received_after: Option<Timestamp>,
    pub received_before: Option<Timestamp>,
    /// Only events with an id below this one: the last id of the page before.
    pub before: Option<EventId>,
    /// Include events whose name begins with `inngest/`.
    pub internal: bool,
    pub limit: usize,
}
