//! Searching events.

use everstep_core::record::EventRecord;
use everstep_engine::rt::Clock;
use everstep_protocol::Timestamp;
use everstep_store::{EventCursor, EventFilter, ReadError, Store};

use super::compiled::{Clause, SearchError, compile};
use super::facts;
use super::narrow::narrow_events;
use super::vocabulary::{EVENT_VARIABLES, EVENTS};
use super::{CANDIDATES_MAX, PORTION, SCAN_TIME_MAX, ScannedEvents};

/// The newest events of a filter, as many as its limit says, however far back they are: for clients
/// that do not know of pages which end early.
pub async fn events_all(
    store: &dyn Store,
    mut filter: EventFilter,
) -> Result<Vec<EventRecord>, ReadError> {
    let mut events = Vec::new();
    loop {
        let page = store.event_list(&filter).await?;
        filter.limit -= page.events.len();
        events.extend(page.events);
        filter.before = page.next.map(|next| next.event);
        if filter.before.is_none() || filter.limit == 0 {
            return Ok(events);
        }
    }
}

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
            let page = store.event_list(&portion).await?;
            candidates += page.events.len();
            portion.before = page.next.map(|next| next.event);
            for event in page.events {
                let known = facts::of_event(&event);
                if !self.clauses.iter().all(|it| it.holds(&known, self.now)) {
                    continue;
                }
                if found.len() == limit {
                    // There is one more: the next page begins after the last of this one.
                    let next = found.last().map(EventCursor::of);
                    return Ok(ScannedEvents { found, next });
                }
                found.push(event);
            }
            let spent = candidates >= CANDIDATES_MAX || clock.now().since(began) >= SCAN_TIME_MAX;
            if page.next.is_none() || spent {
                let next = page.next;
                return Ok(ScannedEvents { found, next });
            }
        }
    }
}
