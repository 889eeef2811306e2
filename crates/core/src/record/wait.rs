//! Rows of waits: what a run waits for, and what ended that.

use std::sync::Arc;

use everstep_protocol::{JobId, Json, StepId, Timestamp};

use super::EventRecord;

/// What is waited for.
#[derive(Clone, Debug, PartialEq)]
pub enum WaitKind {
    /// An event of that name for which the condition holds: a bound expression (EX-10).
    Event {
        name: Arc<str>,
        condition: Option<Arc<str>>,
    },
    /// A signal of that name. One wait has a name at a time (SG-1).
    Signal(Arc<str>),
    /// A wait whose signal went over to another one: only its time ends it (SG-3).
    SignalLost,
    /// The end of a run that was invoked.
    Invocation,
    /// An event that cancels the run. No step waits for it.
    Cancellation {
        name: Arc<str>,
        condition: Option<Arc<str>>,
    },
}

/// What ended a wait.
#[derive(Clone, Debug, PartialEq)]
pub enum Resolution {
    /// An event came.
    Event(Box<EventRecord>),
    /// The value to memoize.
    Value(Json),
}

/// Something that a run waits for. It is found by name, and its run is not in memory meanwhile.
///
/// What resolves it is stored with it in the commit in which it came, and applied when the run is
/// there: so an event that was acknowledged ends the wait, also if the server dies in between.
#[derive(Clone, Debug, PartialEq)]
pub struct WaitRecord {
    /// The run, and a number that no job of it has but the one that ends the wait.
    pub id: JobId,
    /// None for a cancellation.
    pub step: Option<StepId>,
    pub kind: WaitKind,
    pub created_at: Timestamp,
    /// Not resolved by anything later.
    pub expires_at: Timestamp,
    pub resolution: Option<Resolution>,
}

impl WaitRecord {
    /// As the index knows it.
    pub fn live(&self) -> LiveWait {
        LiveWait {
            id: self.id,
            kind: self.kind.clone(),
            expires_at: self.expires_at,
            is_resolved: self.resolution.is_some(),
        }
    }
}

/// A wait as a shard starts with it.
#[derive(Clone, Debug, PartialEq)]
pub struct LiveWait {
    pub id: JobId,
    pub kind: WaitKind,
    pub expires_at: Timestamp,
    /// What resolved it is loaded with its run.
    pub is_resolved: bool,
}
