//! Which runs to list, and what lists of runs answer with.
//!
//! Owns what a filter means ([`RunFilter::allows`] and its neighbours, for every implementation) and
//! the bounds of a page. How runs are found is the business of each store.
//!
//! Runs are in the order of one of their times, and then of their ids. A run that does not have that
//! time is in no such list.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use everstep_core::record::{ErrorGroupId, RunRecord, RunStatus};
use everstep_protocol::defer::DEFERRED_EVENT;
use everstep_protocol::{AppId, EventId, FunctionId, OperationId, RunId, Timestamp};

/// What one page may look at: a row of a run, an event or an index counts as one.
pub const RUN_READS_MAX: usize = 20_000;

/// The time that a list is about: runs are in its order, and a window is of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum RunTime {
    #[default]
    QueuedAt,
    StartedAt,
    EndedAt,
}

/// By time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Order {
    Ascending,
    /// Newest first.
    #[default]
    Descending,
}

/// Which runs: those that meet every condition that is set. A list that is empty is no condition.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunFilter {
    pub time: RunTime,
    /// Inclusive.
    pub from: Option<Timestamp>,
    /// Exclusive.
    pub until: Option<Timestamp>,
    pub statuses: Vec<RunStatus>,
    /// Runs of a function of one of these apps.
    pub apps: Vec<AppId>,
    pub functions: Vec<FunctionId>,
    /// The name of the event that triggered the run; of a batch, that of its first one.
    pub event_name: Option<String>,
    /// Whether another run deferred this one.
    pub is_deferred: Option<bool>,
    /// The value of some key of the limits that the run is under.
    pub key: Option<String>,
    /// Runs that failed with an error of this group.
    pub error_group: Option<ErrorGroupId>,
    /// Runs that this bulk operation made.
    pub operation: Option<OperationId>,
    /// Runs that have these values of attributes, by name.
    pub attributes: BTreeMap<String, String>,
}

/// A place in a list: where a run is, or was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RunCursor {
    /// The time that the list is about.
    pub at: Timestamp,
    pub run: RunId,
}

/// A page of a list of runs.
#[derive(Clone, Debug, PartialEq)]
pub struct RunQuery {
    pub filter: RunFilter,
    pub order: Order,
    /// Only what comes after it.
    pub after: Option<RunCursor>,
    pub limit: usize,
    /// Load what the runs returned, which can be long.
    pub with_output: bool,
    /// Look at no more than that, and give what was found.
    pub reads_max: usize,
}

impl RunQuery {
    /// The first page, newest first.
    pub fn new(filter: RunFilter, limit: usize) -> Self {
        Self {
            filter,
            order: Order::default(),
            after: None,
            limit,
            with_output: false,
            reads_max: RUN_READS_MAX,
        }
    }
}

/// The runs of a page, in order.
#[derive(Clone, Debug, PartialEq)]
pub struct RunPage {
    pub runs: Vec<RunRecord>,
    /// Where the next page begins; `None` if this is the last one. A page that has less than its
    /// limit and is not the last one has looked at all that it may.
    pub next: Option<RunCursor>,
}

/// How many runs meet a filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunCount {
    pub runs: usize,
    /// If not, there may be more: counting stopped at its bound.
    pub is_exact: bool,
}

/// What triggered a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunTrigger {
    /// The first ones, in order.
    pub events: Vec<EventId>,
    /// The name of the first one.
    pub event_name: Option<Arc<str>>,
}

impl RunTime {
    /// That time of the run.
    pub fn of(self, run: &RunRecord) -> Option<Timestamp> {
        match self {
            Self::QueuedAt => Some(run.id.timestamp()),
            Self::StartedAt => run.started_at,
            Self::EndedAt => run.ended_at,
        }
    }
}

impl RunFilter {
    /// Whether nothing is asked for: every run is in the list, at most within a window.
    pub fn is_empty(&self) -> bool {
        *self
            == Self {
                time: self.time,
                from: self.from,
                until: self.until,
                ..Self::default()
            }
    }

    /// The functions whose runs are meant, of those of the apps asked for; `None` if it may be any.
    pub(crate) fn functions_among(
        &self,
        of_apps: Option<BTreeSet<FunctionId>>,
    ) -> Option<BTreeSet<FunctionId>> {
        let named = (!self.functions.is_empty()).then(|| self.functions.iter().copied().collect());
        match (named, of_apps) {
            (Some(named), Some(of_apps)) => {
                let named: BTreeSet<FunctionId> = named;
                Some(named.intersection(&of_apps).copied().collect())
            }
            (one, other) => one.or(other),
        }
    }

    /// Whether the row of the run meets what the filter says of it.
    pub(crate) fn allows(&self, run: &RunRecord, functions: Option<&BTreeSet<FunctionId>>) -> bool {
        let has_status = self.statuses.is_empty() || self.statuses.contains(&run.status);
        let is_in_time = self.time.of(run).is_some_and(|at| {
            self.from.is_none_or(|from| at >= from) && self.until.is_none_or(|until| at < until)
        });
        has_status
            && is_in_time
            && functions.is_none_or(|functions| functions.contains(&run.function))
            && self.key.as_deref().is_none_or(|key| has_key(run, key))
    }

    /// Whether a run is meant that is in this group.
    pub(crate) fn allows_group(&self, group: Option<ErrorGroupId>) -> bool {
        self.error_group.is_none() || self.error_group == group
    }

    /// Whether the filter asks for something of the run's first event.
    pub(crate) fn asks_for_event(&self) -> bool {
        self.event_name.is_some() || self.is_deferred.is_some()
    }

    /// Whether a run is meant whose first event has this name.
    pub(crate) fn allows_event(&self, name: Option<&str>) -> bool {
        let is_deferred = name == Some(DEFERRED_EVENT);
        self.event_name
            .as_deref()
            .is_none_or(|wanted| name == Some(wanted))
            && self.is_deferred.is_none_or(|wanted| wanted == is_deferred)
    }
}

fn has_key(run: &RunRecord, wanted: &str) -> bool {
    let Some(keys) = &run.keys else { return false };
    let keys = everstep_protocol::Json::from_canonical(Arc::clone(keys));
    keys.members()
        .any(|(_, value)| value.to_text().is_some_and(|value| value == wanted))
}
