//! What an operator asked for, and what was in effect when: what the verdict holds the server to.
//!
//! A control is done between the moment in which it was begun and the one in which it was answered.
//! Until then both what it sets and what was set before may be in effect.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use everstep_core::record::{LimitName, PausedRuns, PausedStarts};
use everstep_protocol::{BatchId, RunId, Timestamp};

/// How a function is paused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pause {
    pub starts: PausedStarts,
    pub runs: PausedRuns,
}

/// A limit that was set beside the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Override {
    pub value: u32,
    pub period: Option<Duration>,
    pub burst: Option<u32>,
}

/// Names a limit: number of the function, which, and for which topic, if not for all.
pub type LimitKey = (usize, LimitName, Option<String>);

/// How often something was asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked {
    pub done: usize,
    /// Whether it was done, nobody knows.
    pub unanswered: usize,
}

/// Clones share it.
#[derive(Clone, Default)]
pub struct Controls(Arc<Mutex<Entries>>);

#[derive(Default)]
struct Entries {
    pauses: BTreeMap<usize, Timeline<Pause>>,
    overrides: BTreeMap<LimitKey, Timeline<Override>>,
    /// Debounces that were fired before their time: function, topic, and within which time.
    fired: Vec<(usize, Option<String>, Timestamp, Timestamp)>,
    /// Batches, and when that was begun.
    flushed: BTreeMap<BatchId, Timestamp>,
    /// Runs from which was taken what they hold, and when that was begun.
    released: BTreeMap<RunId, Timestamp>,
    asked: BTreeMap<&'static str, Asked>,
}

/// What was set one after the other.
#[derive(Clone, Debug)]
struct Timeline<T>(Vec<Setting<T>>);

impl<T> Default for Timeline<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

#[derive(Clone, Copy, Debug)]
struct Setting<T> {
    begun_at: Timestamp,
    answered_at: Option<Timestamp>,
    /// `None`: as it is without anyone.
    value: Option<T>,
    expires_at: Option<Timestamp>,
}

impl<T: Copy> Timeline<T> {
    /// What may have been in effect at some time between these.
    fn between(&self, from: Timestamp, until: Timestamp) -> Vec<Option<T>> {
        let ends = self.0.iter().map(|setting| setting.answered_at);
        // Each lasts until the next one was certainly done.
        let mut ends = ends
            .map(|at| at.unwrap_or(Timestamp::MAX))
            .chain([Timestamp::MAX]);
        let first = ends.next().unwrap_or(Timestamp::MAX);
        let mut values = Vec::new();
        if from <= first {
            values.push(None);
        }
        for (setting, end) in self.0.iter().zip(ends) {
            let is_set = setting.expires_at.is_none_or(|at| from < at);
            if setting.begun_at <= until && from <= end && is_set {
                values.push(setting.value);
            }
            if setting.expires_at.is_some_and(|at| at <= until) && from <= end {
                values.push(None);
            }
        }
        values
    }

    fn begin(&mut self, value: Option<T>, expires_at: Option<Timestamp>, now: Timestamp) {
        self.0.push(Setting {
            begun_at: now,
            answered_at: None,
            value,
            expires_at,
        });
    }

    /// The last one was answered: it is done, or was refused.
    fn end(&mut self, is_done: bool, now: Timestamp) {
        if !is_done {
            self.0.pop();
        } else if let Some(last) = self.0.last_mut() {
            last.answered_at = Some(now);
        }
    }

    fn last(&self) -> Option<T> {
        self.0.last()?.value
    }
}

impl Controls {
    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn pause_begins(&self, function: usize, pause: Option<Pause>, now: Timestamp) {
        let pauses = &mut self.lock().pauses;
        pauses.entry(function).or_default().begin(pause, None, now);
    }

    pub fn pause_ends(&self, function: usize, is_done: bool, now: Timestamp) {
        let pauses = &mut self.lock().pauses;
        pauses.entry(function).or_default().end(is_done, now);
    }

    /// How the function may have been paused at some time between these; `None` if it may not.
    pub fn pauses(&self, function: usize, from: Timestamp, until: Timestamp) -> Vec<Option<Pause>> {
        match self.lock().pauses.get(&function) {
            Some(pauses) => pauses.between(from, until),
            None => vec![None],
        }
    }

    /// Whether nobody has paused the function or set a limit of it, ever.
    pub fn left_alone(&self, function: usize) -> bool {
        let entries = self.lock();
        let is_set = entries.overrides.keys().any(|(of, ..)| *of == function);
        !is_set && !entries.pauses.contains_key(&function)
    }

    /// The functions that are paused, for all that the operator knows.
    pub fn paused(&self) -> Vec<usize> {
        let entries = self.lock();
        let pauses = entries.pauses.iter();
        pauses
            .filter(|(_, pauses)| pauses.last().is_some())
            .map(|(function, _)| *function)
            .collect()
    }

    pub fn override_begins(
        &self,
        key: &LimitKey,
        set: Option<Override>,
        expires_at: Option<Timestamp>,
        now: Timestamp,
    ) {
        let overrides = &mut self.lock().overrides;
        let timeline = overrides.entry(key.clone()).or_default();
        timeline.begin(set, expires_at, now);
    }

    pub fn override_ends(&self, key: &LimitKey, is_done: bool, now: Timestamp) {
        let overrides = &mut self.lock().overrides;
        overrides.entry(key.clone()).or_default().end(is_done, now);
    }

    /// What may have been set for this topic at some time between these; `None` if the code may have
    /// decided.
    pub fn overrides(
        &self,
        function: usize,
        limit: LimitName,
        topic: &str,
        from: Timestamp,
        until: Timestamp,
    ) -> Vec<Option<Override>> {
        let entries = self.lock();
        let between = |topic: Option<&str>| {
            let key = (function, limit, topic.map(str::to_owned));
            let timeline = entries.overrides.get(&key);
            timeline.map_or(vec![None], |it| it.between(from, until))
        };
        let mut values = between(Some(topic));
        if values.iter().any(Option::is_none) {
            values.retain(Option::is_some);
            values.extend(between(None));
        }
        values
    }

    /// The overrides that are there, for all that the operator knows, and when they expire.
    pub fn set(&self) -> Vec<(LimitKey, Option<Timestamp>)> {
        let entries = self.lock();
        let timelines = entries.overrides.iter();
        timelines
            .filter(|(_, timeline)| timeline.last().is_some())
            .map(|(key, timeline)| {
                let last = timeline.0.last();
                (key.clone(), last.and_then(|last| last.expires_at))
            })
            .collect()
    }

    pub fn fired(&self, function: usize, topic: Option<String>, from: Timestamp, until: Timestamp) {
        self.lock().fired.push((function, topic, from, until));
    }

    /// Whether a debounce that was opened by `from` may have been fired by `until`.
    pub fn may_have_fired(
        &self,
        function: usize,
        topic: Option<String>,
        from: Timestamp,
        until: Timestamp,
    ) -> bool {
        let entries = self.lock();
        let mut fired = entries.fired.iter();
        fired.any(|fired| {
            let (of, by_topic, begun_at, ended_at) = fired;
            (*of, by_topic) == (function, &topic) && *begun_at <= until && *ended_at >= from
        })
    }

    pub fn flushed(&self, batch: BatchId, begun_at: Timestamp) {
        self.lock().flushed.entry(batch).or_insert(begun_at);
    }

    pub fn may_have_flushed(&self, batch: BatchId, by: Timestamp) -> bool {
        let entries = self.lock();
        entries.flushed.get(&batch).is_some_and(|at| *at <= by)
    }

    pub fn released(&self, run: RunId, begun_at: Timestamp) {
        self.lock().released.entry(run).or_insert(begun_at);
    }

    pub fn released_at(&self, run: RunId) -> Option<Timestamp> {
        self.lock().released.get(&run).copied()
    }

    pub fn done(&self, action: &'static str) {
        self.lock().asked.entry(action).or_default().done += 1;
    }

    pub fn unanswered(&self, action: &'static str) {
        self.lock().asked.entry(action).or_default().unanswered += 1;
    }

    pub fn asked(&self) -> BTreeMap<&'static str, Asked> {
        self.lock().asked.clone()
    }
}
