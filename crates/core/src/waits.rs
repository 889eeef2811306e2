//! What runs wait for, found by name: events by the value that a condition compares for equality
//! (EX-12), signals, invoked runs.
//!
//! The index holds no payloads and no runs. A wait that was resolved stays known until its run has
//! taken notice, and is not found any more.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use everstep_protocol::{JobId, RunId, Timestamp};

use crate::expression::{EventPath, EventView, Expressions, IndexKey, Scope};
use crate::record::{LiveWait, WaitKind};

pub(crate) struct Waits {
    entries: BTreeMap<JobId, Entry>,
    by_event: BTreeMap<Arc<str>, Listeners>,
    by_signal: BTreeMap<Arc<str>, JobId>,
    /// Conditions are compiled when they are looked at.
    pub(crate) expressions: Expressions,
}

struct Entry {
    kind: WaitKind,
    expires_at: Timestamp,
    is_resolved: bool,
}

/// The waits for events of one name.
#[derive(Default)]
struct Listeners {
    /// By a member of the event and the value that it must have.
    by_key: BTreeMap<EventPath, BTreeSet<(IndexKey, JobId)>>,
    /// Those that no value tells apart.
    others: BTreeSet<JobId>,
}

impl Waits {
    pub(crate) fn new(waits: Vec<LiveWait>) -> Self {
        let mut known = Self {
            entries: BTreeMap::new(),
            by_event: BTreeMap::new(),
            by_signal: BTreeMap::new(),
            expressions: Expressions::new(),
        };
        for wait in waits {
            known.add(wait);
        }
        known
    }

    pub(crate) fn add(&mut self, mut wait: LiveWait) {
        if !wait.is_resolved {
            match &mut wait.kind {
                WaitKind::Event { name, condition }
                | WaitKind::Cancellation { name, condition } => {
                    if let Some((known, _)) = self.by_event.get_key_value(name) {
                        *name = known.clone();
                    }
                    let place = place(&mut self.expressions, condition.as_deref());
                    let listeners = self.by_event.entry(name.clone()).or_default();
                    match place {
                        Some((path, key)) => {
                            listeners
                                .by_key
                                .entry(path)
                                .or_default()
                                .insert((key, wait.id));
                        }
                        None => {
                            listeners.others.insert(wait.id);
                        }
                    }
                }
                WaitKind::Signal(name) => {
                    self.by_signal.insert(name.clone(), wait.id);
                }
                WaitKind::SignalLost | WaitKind::Invocation => {}
            }
        }
        self.entries.insert(
            wait.id,
            Entry {
                kind: wait.kind,
                expires_at: wait.expires_at,
                is_resolved: wait.is_resolved,
            },
        );
    }

    /// Whose time has come is not resolved any more (WE-5).
    pub(crate) fn is_open(&self, id: JobId, now: Timestamp) -> bool {
        self.entries
            .get(&id)
            .is_some_and(|entry| !entry.is_resolved && now < entry.expires_at)
    }

    pub(crate) fn is_cancellation(&self, id: JobId) -> bool {
        self.entries
            .get(&id)
            .is_some_and(|entry| matches!(entry.kind, WaitKind::Cancellation { .. }))
    }

    /// The wait is not to be found any more, but not over yet.
    pub(crate) fn resolve(&mut self, id: JobId) {
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.is_resolved = true;
            let kind = entry.kind.clone();
            self.unlist(id, &kind);
        }
    }

    pub(crate) fn remove(&mut self, id: JobId) {
        if let Some(entry) = self.entries.remove(&id)
            && !entry.is_resolved
        {
            self.unlist(id, &entry.kind);
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

    /// The wait keeps waiting for its time alone: its signal goes to another one (SG-3).
    pub(crate) fn lose_signal(&mut self, id: JobId) {
        if let Some(entry) = self.entries.get_mut(&id) {
            let kind = std::mem::replace(&mut entry.kind, WaitKind::SignalLost);
            self.unlist(id, &kind);
        }
    }

    /// The waits that this event ends, and the runs that it cancels, in order of their ids.
    /// Conditions that can't be evaluated do not hold.
    pub(crate) fn matching(&mut self, name: &str, event: &EventView, now: Timestamp) -> Vec<JobId> {
        let Some(listeners) = self.by_event.get(name) else {
            return Vec::new();
        };
        let mut candidates: BTreeSet<JobId> = listeners.others.clone();
        for (path, waits) in &listeners.by_key {
            if let Some(key) = path.key(event) {
                let id = |run, number| JobId { run, number };
                let first = id(RunId::from_bytes([0; 16]), 0);
                let last = id(RunId::from_bytes([u8::MAX; 16]), u32::MAX);
                let equal = waits.range((key.clone(), first)..=(key, last));
                candidates.extend(equal.map(|(_, id)| *id));
            }
        }
        let scope = Scope::incoming(event, now);
        let (entries, expressions) = (&self.entries, &mut self.expressions);
        let mut holds = |id: &JobId| {
            let Some(entry) = entries.get(id).filter(|entry| now < entry.expires_at) else {
                return false;
            };
            match condition_of(&entry.kind) {
                None => true,
                Some(text) => expressions
                    .compile(text)
                    .is_ok_and(|condition| condition.holds(&scope).unwrap_or(false)),
            }
        };
        candidates.into_iter().filter(|id| holds(id)).collect()
    }

    fn unlist(&mut self, id: JobId, kind: &WaitKind) {
        match kind {
            WaitKind::Event { name, condition } | WaitKind::Cancellation { name, condition } => {
                let Some(listeners) = self.by_event.get_mut(name) else {
                    return;
                };
                match place(&mut self.expressions, condition.as_deref()) {
                    Some((path, key)) => {
                        if let Some(waits) = listeners.by_key.get_mut(&path) {
                            waits.remove(&(key, id));
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
            WaitKind::Signal(name) => {
                if self.by_signal.get(name) == Some(&id) {
                    self.by_signal.remove(name);
                }
            }
            WaitKind::SignalLost | WaitKind::Invocation => {}
        }
    }
}

fn condition_of(kind: &WaitKind) -> Option<&str> {
    match kind {
        WaitKind::Event { condition, .. } | WaitKind::Cancellation { condition, .. } => {
            condition.as_deref()
        }
        WaitKind::Signal(_) | WaitKind::SignalLost | WaitKind::Invocation => None,
    }
}

/// Where a wait with this condition is looked for, if a value tells it apart.
fn place(expressions: &mut Expressions, condition: Option<&str>) -> Option<(EventPath, IndexKey)> {
    let indexed = expressions.compile(condition?).ok()?.indexed()?;
    Some((indexed.path, indexed.key))
}
