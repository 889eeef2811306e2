//! Searching events.

use everstep_engine::rt::Clock;
use everstep_protocol::Timestamp;
use everstep_store::{EventFilter, ReadError, Store};

use super::compiled::{Clause, SearchError, compile};
use super::facts;
use super::narrow::narrow_events;
use super::vocabulary::{EVENT_VARIABLES, EVENTS};
use super::{CANDIDATES_MAX, PORTION, SCAN_TIME_MAX, ScannedEvents};

/// A search over events: `event.name == "shop/paid" && event.data.total > 100`.
#[derive(Clone, Debug)]
pub struct EventSearch {
    clauses: Vec<Clause>,
    now: Timestamp,
}

impl EventSearch {
    /// # Errors
    ///
    /// What is wrong with it, and where.
    pub fn compile(text: &str, now: Timestamp) -> Result<Self, SearchError> {
        let clauses = compile(text, EVENT_VARIABLES, EVENTS)?;
        Ok(Self { clauses, now })
    }

    /// A page of the events that the filter lists and the search holds for. It may be short, and not
    /// the last one: then it has looked at all that a page may.
    pub async fn events(
        &self,
        store: &dyn Store,
        filter: EventFilter,
        clock: &dyn Clock,
    ) -> Result<ScannedEvents, ReadError> {
        let began = clock.now();
        let limit = filter.limit;
        let mut portion = EventFilter {
            limit: PORTION,
            ..filter
        };
        narrow_events(&mut portion, &self.clauses, self.now);
        let mut found = Vec::new();
        let mut candidates = 0;
        loop {
            let events = store.event_list(&portion).await?;
            candidates += events.len();
            let last = events.last().map(|event| (event.received_at, event.id));
            let is_last = events.len() < PORTION;
            portion.before = last.map(|(_, id)| id);
            for event in events {
                let known = facts::of_event(&event);
                if !self.clauses.iter().all(|it| it.holds(&known, self.now)) {
                    continue;
                }
                if found.len() == limit {
                    // There is one more: the next page begins after the last of this one.
                    let last: Option<&everstep_core::record::EventRecord> = found.last();
                    let next = last.map(|event| (event.received_at, event.id));
                    return Ok(ScannedEvents { found, next });
                }
                found.push(event);
            }
            let spent = candidates >= CANDIDATES_MAX || clock.now().since(began) >= SCAN_TIME_MAX;
            if is_last || spent {
                let next = last.filter(|_| !is_last);
                return Ok(ScannedEvents { found, next });
            }
        }
    }
}
