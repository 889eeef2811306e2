//! What runs wait for, found by name: events by the value that a condition compares for equality
//! (EX-12), signals, invoked runs.
//!
//! The index holds no payloads and no runs. A wait that was resolved stays known until its run has
//! taken notice, and is not found any more.
//!
//! A wait is in memory as long as it waits, and there may be a million of them: the text of its
//! condition is all that it has on the heap.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use everstep_protocol::{JobId, Json, RunId, Timestamp};

use crate::expression::{EventPath, EventView, Expressions, IndexKey, Scope};
use crate::limits::EXPRESSIONS_CACHED_AT_START_SIZE_MAX;
use crate::record::{LiveWait, WaitKind};

pub(crate) struct Waits {
    entries: BTreeMap<JobId, Entry>,
    by_event: BTreeMap<Arc<str>, Listeners>,
    by_signal: BTreeMap<Arc<str>, JobId>,
    /// Conditions are compiled when they are looked at.
    pub(crate) expressions: Expressions,
}

struct Entry {
    sought: Sought,
    expires_at: Timestamp,
}

// Those of a million waits, in nodes that are half full.
const _: () = assert!(size_of::<Entry>() <= 48);

/// What ends a wait before its time.
enum Sought {
    /// An event of this name for which the condition holds.
    Event {
        name: Arc<str>,
        condition: Option<Arc<str>>,
        /// The run ends, and not a step of it.
        cancels: bool,
    },
    Signal(Arc<str>),
    /// Nothing that is looked for by name.
    Nothing,
    /// It was resolved: it is over, except for its run.
    Resolved,
}

/// The waits for events of one name.
#[derive(Default)]
struct Listeners {
    /// By a member of the event and the value that it must have.
    by_key: BTreeMap<EventPath, BTreeSet<(Digest, JobId)>>,
    /// Those that no value tells apart.
    others: BTreeSet<JobId>,
}

impl Listeners {
    /// Those that an event may end, in order of their ids.
    fn candidates(&self, event: &EventView) -> Vec<JobId> {
        let mut candidates: Vec<JobId> = self.others.iter().copied().collect();
        for (path, waits) in &self.by_key {
            if let Some(key) = path.key(event) {
                let digest = Digest::of(&key);
                let id = |run, number| JobId { run, number };
                let first = id(RunId::from_bytes([0; 16]), 0);
                let last = id(RunId::from_bytes([u8::MAX; 16]), u32::MAX);
                let equal = waits.range((digest, first)..=(digest, last));
                candidates.extend(equal.map(|(_, id)| *id));
            }
        }
        candidates.sort_unstable();
        candidates
    }
}

/// Looks for the waits that an event ends.
pub(crate) struct Search {
    pub(crate) view: EventView,
    now: Timestamp,
    /// Those that were not looked at yet.
    candidates: std::vec::IntoIter<JobId>,
    /// In order of their ids.
    pub(crate) found: Vec<JobId>,
}

/// Of an [`IndexKey`], which would take three times the memory. Different keys may have the same
/// one: it says where to look, and then the condition is evaluated.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Digest(u64);

impl Digest {
    fn of(key: &IndexKey) -> Self {
        // Made without a seed: the same in every process, as everything here.
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        Self(hasher.finish())
    }
}

impl Waits {
    pub(crate) fn new(waits: Vec<LiveWait>) -> Self {
        let mut known = Self {
            entries: BTreeMap::new(),
            by_event: BTreeMap::new(),
            by_signal: BTreeMap::new(),
            expressions: Expressions::bounded(EXPRESSIONS_CACHED_AT_START_SIZE_MAX),
        };
        // All at once, so that the nodes of the map are full.
        let entries = waits.into_iter().map(|wait| known.list(wait)).collect();
        known.entries = entries;
        known.expressions = Expressions::new();
        known
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn add(&mut self, wait: LiveWait) {
        let (id, entry) = self.list(wait);
        self.entries.insert(id, entry);
    }

    /// Let the wait be found by what it seeks.
    fn list(&mut self, wait: LiveWait) -> (JobId, Entry) {
        let sought = match wait.kind {
            _ if wait.is_resolved => Sought::Resolved,
            WaitKind::Event { name, condition } => self.listen(wait.id, name, condition, false),
            WaitKind::Cancellation { name, condition } => {
                self.listen(wait.id, name, condition, true)
            }
            WaitKind::Signal(name) => {
                self.by_signal.insert(name.clone(), wait.id);
                Sought::Signal(name)
            }
            WaitKind::SignalLost | WaitKind::Invocation => Sought::Nothing,
        };
        let expires_at = wait.expires_at;
        (wait.id, Entry { sought, expires_at })
    }

    fn listen(
        &mut self,
        id: JobId,
        name: Arc<str>,
        condition: Option<Arc<str>>,
        cancels: bool,
    ) -> Sought {
        // All waits share one copy of the name.
        let known = self.by_event.get_key_value(&name);
        let name = known.map_or(name, |(known, _)| known.clone());
        let place = place(&mut self.expressions, condition.as_deref());
        let listeners = self.by_event.entry(name.clone()).or_default();
        match place {
            Some((path, digest)) => {
                let waits = listeners.by_key.entry(path).or_default();
                waits.insert((digest, id));
            }
            None => {
                listeners.others.insert(id);
            }
        }
        Sought::Event {
            name,
            condition,
            cancels,
        }
    }

    /// Whose time has come is not resolved any more (WE-5).
    pub(crate) fn is_open(&self, id: JobId, now: Timestamp) -> bool {
        self.entries.get(&id).is_some_and(|entry| {
            !matches!(entry.sought, Sought::Resolved) && now < entry.expires_at
        })
    }

    pub(crate) fn is_cancellation(&self, id: JobId) -> bool {
        self.entries
            .get(&id)
            .is_some_and(|entry| matches!(entry.sought, Sought::Event { cancels: true, .. }))
    }

    /// The wait is not to be found any more, but not over yet.
    pub(crate) fn resolve(&mut self, id: JobId) {
        self.turn_into(id, Sought::Resolved);
    }

    /// The wait keeps waiting for its time alone: its signal goes to another one (SG-3).
    pub(crate) fn lose_signal(&mut self, id: JobId) {
        self.turn_into(id, Sought::Nothing);
    }

    /// What is resolved stays so.
    fn turn_into(&mut self, id: JobId, sought: Sought) {
        if let Some(entry) = self.entries.get_mut(&id)
            && !matches!(entry.sought, Sought::Resolved)
        {
            let before = std::mem::replace(&mut entry.sought, sought);
            self.unlist(id, &before);
        }
    }

    pub(crate) fn remove(&mut self, id: JobId) {
        if let Some(entry) = self.entries.remove(&id) {
            self.unlist(id, &entry.sought);
        }
    }

    /// Forget the waits of a run. False if there were none.
    pub(crate) fn remove_run(&mut self, run: RunId) -> bool {
        let of_run = JobId { run, number: 0 }..=JobId {
            run,
            number: u32::MAX,
        };
        let ids: Vec<JobId> = self.entries.range(of_run).map(|(id, _)| *id).collect();
        for id in &ids {
            self.remove(*id);
        }
        !ids.is_empty()
    }

    /// The wait that a signal of this name ends.
    pub(crate) fn of_signal(&self, name: &str) -> Option<JobId> {
        self.by_signal.get(name).copied()
    }

    /// Look for the waits that this event ends, and the runs that it cancels.
    pub(crate) fn search(&self, name: &str, event: Json, now: Timestamp) -> Search {
        let view = EventView::new(event);
        let candidates = self
            .by_event
            .get(name)
            .map_or_else(Vec::new, |listeners| listeners.candidates(&view));
        Search {
            view,
            now,
            candidates: candidates.into_iter(),
            found: Vec::new(),
        }
    }

    /// Go on with a search until it is complete, or `steps` are used up. True if it is complete.
    /// Conditions that can't be evaluated do not hold.
    pub(crate) fn go_on(&mut self, search: &mut Search, steps: &mut usize) -> bool {
        let scope = Scope::incoming(&search.view, search.now);
        while *steps > 0 {
            let Some(id) = search.candidates.next() else {
                return true;
            };
            let (holds, taken) = self.holds(id, &scope, search.now);
            *steps = steps.saturating_sub(taken);
            if holds {
                search.found.push(id);
            }
        }
        search.candidates.len() == 0
    }

    /// Whether the event of the scope ends the wait, and the steps that it took to tell.
    fn holds(&mut self, id: JobId, scope: &Scope<'_>, now: Timestamp) -> (bool, usize) {
        let entry = self.entries.get(&id);
        let Some(entry) = entry.filter(|entry| now < entry.expires_at) else {
            return (false, 1);
        };
        let Sought::Event { condition, .. } = &entry.sought else {
            return (false, 1);
        };
        let Some(text) = condition else {
            return (true, 1);
        };
        let Ok(condition) = self.expressions.compile(text) else {
            return (false, 1 + text.len());
        };
        let (holds, taken) = condition.holds_after(scope);
        // To compile a text takes about a step for each of its bytes.
        (holds.unwrap_or(false), taken + text.len())
    }

    /// The wait is not found by what it sought.
    fn unlist(&mut self, id: JobId, sought: &Sought) {
        match sought {
            Sought::Event {
                name, condition, ..
            } => {
                let Some(listeners) = self.by_event.get_mut(name) else {
                    return;
                };
                match place(&mut self.expressions, condition.as_deref()) {
                    Some((path, digest)) => {
                        if let Some(waits) = listeners.by_key.get_mut(&path) {
                            waits.remove(&(digest, id));
                            if waits.is_empty() {
                                listeners.by_key.remove(&path);
                            }
                        }
                    }
                    None => {
                        listeners.others.remove(&id);
                    }
                }
                if listeners.by_key.is_empty() && listeners.others.is_empty() {
                    self.by_event.remove(name);
                }
            }
            Sought::Signal(name) => {
                if self.by_signal.get(name) == Some(&id) {
                    self.by_signal.remove(name);
                }
            }
            Sought::Nothing | Sought::Resolved => {}
        }
    }
}

/// Where a wait with this condition is looked for, if a value tells it apart.
fn place(expressions: &mut Expressions, condition: Option<&str>) -> Option<(EventPath, Digest)> {
    let indexed = expressions.compile(condition?).ok()?.indexed()?;
    Some((indexed.path, Digest::of(&indexed.key)))
}
