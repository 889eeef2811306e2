//! Finding what happened.
//!
//! | module | owns |
//! |---|---|
//! | [`filter`] | conditions on runs by name and value |
//! | `vocabulary` | what a search can refer to, and what it costs to know it |
//! | `compiled` | a search, taken apart into clauses; what is wrong with one |
//! | `narrow` | which clauses an index answers |
//! | `facts` | what is known of a run while its clauses are looked at |
//! | `runs`, `events` | searching runs, and events |
//! | `selection` | the runs that an operation is about |
//!
//! A search is an expression of CEL, evaluated by the engine that evaluates those of apps. The store
//! finds candidates, newest first; what the store can't tell is evaluated, cheap clauses before
//! dear ones, so that nothing is loaded for a candidate which fails a cheap one. A page looks at a
//! bounded number of candidates for a bounded time, and says how far it came.

mod compiled;
mod events;
mod facts;
pub mod filter;
mod narrow;
mod runs;
mod selection;
mod vocabulary;

use std::time::Duration;

use everstep_store::{EventCursor, RunCursor};

pub use self::compiled::SearchError;
pub use self::events::{EventSearch, events_all};
pub use self::filter::{Filter, FilterProblem};
pub use self::runs::RunSearch;
pub use self::selection::{Selection, StoreSearcher};

/// Candidates that one page of a search looks at.
pub const CANDIDATES_MAX: usize = 20_000;

/// After so long a page is given as it is.
pub const SCAN_TIME_MAX: Duration = Duration::from_millis(200);

/// Candidates that are read at a time.
const PORTION: usize = 100;

/// What a page of a search found, in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Scanned<T, C> {
    pub found: Vec<T>,
    /// Where the next page begins; `None` if all was looked at.
    pub next: Option<C>,
}

/// What a search of runs found.
pub type ScannedRuns = Scanned<everstep_core::record::RunRecord, RunCursor>;
/// What a search of events found.
pub type ScannedEvents = Scanned<everstep_core::record::EventRecord, EventCursor>;
