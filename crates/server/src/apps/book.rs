//! What is known of apps right now. In memory: the store keeps what apps registered, this keeps how
//! they answer.
//!
//! An entry is a URL that is or was worth asking. Once an app has synced, its entry has an
//! identity, and no two entries have the same one.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use everstep_core::record::AppRecord;
use everstep_protocol::sync::{AppSync, Introspection};
use everstep_protocol::{AppId, Timestamp};
use url::Url;

use super::{Problem, ProblemCode};

/// Apps that register themselves are remembered up to this number.
const ENTRIES_MAX: usize = 1000;
/// For so long after a change an app is watched closely.
const ATTENTION: Duration = Duration::from_secs(2 * 60);
/// One missed knock can be a restart; the second is an outage.
const MISSES_MAX: u32 = 2;

/// No question takes longer.
const BUSY_MAX: Duration = Duration::from_secs(15);

/// Where an entry comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The command line.
    Flag,
    /// Found on a usual port.
    Discovered,
    /// It registered by itself.
    Registered,
    /// It was known to an earlier process.
    Restored,
}

/// Who answers at a URL.
#[derive(Clone, Debug, PartialEq)]
pub struct Identity {
    pub id: AppId,
    pub name: String,
    pub sdk: String,
    pub framework: Option<String>,
    pub functions: usize,
}

/// How an app answers.
#[derive(Clone, Debug, PartialEq)]
pub enum State {
    /// Not asked yet.
    New,
    Ok,
    Failing(Problem),
}

/// One URL.
#[derive(Clone, Debug)]
pub struct Entry {
    pub url: Url,
    pub origin: Origin,
    pub identity: Option<Identity>,
    pub state: State,
    /// When `state` changed last.
    pub since: Timestamp,
    /// When the app last synced without an error.
    pub synced_at: Option<Timestamp>,
    /// The app has answered in the time of this process.
    pub(super) was_ok: bool,
    pub(super) attention_until: Timestamp,
    pub(super) last: Last,
    busy_until: Option<Timestamp>,
    seen: Option<(Option<u32>, Option<String>)>,
    misses: u32,
}

/// When an app was asked last.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Last {
    pub(super) any: Option<Timestamp>,
    pub(super) sync: Option<Timestamp>,
    pub(super) look: Option<Timestamp>,
}

/// How often apps have registered, so that what happened in the meantime is noticed.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub(super) syncs: u64,
    pub(super) refusals: u64,
}

/// What a sync meant for the book.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// The app has not synced in the time of this process before.
    New,
    /// Its functions changed.
    Changed,
    /// It had a problem, and answers again.
    Back,
    /// Nothing new.
    Same,
}

/// All entries.
#[derive(Debug, Default)]
pub struct AppBook(Mutex<Pages>);

#[derive(Debug, Default)]
struct Pages {
    entries: Vec<Entry>,
    counts: Counts,
    last_refusal: Option<Problem>,
    /// URLs that a client removed: finding an app there is no reason to add it again.
    removed: BTreeSet<Url>,
}

impl AppBook {
    fn lock(&self) -> MutexGuard<'_, Pages> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All entries, in the order in which they were made.
    pub fn entries(&self) -> Vec<Entry> {
        self.lock().entries.clone()
    }

    /// How often apps have registered so far.
    pub(super) fn counts(&self) -> Counts {
        self.lock().counts
    }

    /// A registration was refused.
    pub(super) fn refused(&self, problem: Problem) {
        let mut pages = self.lock();
        pages.counts.refusals += 1;
        pages.last_refusal = Some(problem);
    }

    /// Why a registration was refused last.
    pub(super) fn last_refusal(&self) -> Option<Problem> {
        self.lock().last_refusal.clone()
    }

    /// Whether the app at a URL was well when it was asked last.
    pub(super) fn is_ok(&self, url: &Url) -> bool {
        self.lock()
            .at(url)
            .is_some_and(|entry| entry.state == State::Ok)
    }

    /// Whether nothing was found at a URL when it was asked last.
    pub(super) fn is_unreachable(&self, url: &Url) -> bool {
        let is_unreachable = |entry: &mut Entry| {
            let code = entry.problem().map(|problem| problem.code);
            code == Some(ProblemCode::Unreachable)
        };
        self.lock().at(url).is_some_and(is_unreachable)
    }

    /// Whether some app has answered in the time of this process.
    pub(super) fn has_live_app(&self) -> bool {
        self.lock().entries.iter().any(|entry| entry.was_ok)
    }

    /// Adds a URL, unless it is known, or is found again after it was removed.
    pub(super) fn add(&self, url: Url, origin: Origin, now: Timestamp) {
        let mut pages = self.lock();
        let is_removed = pages.removed.contains(&url);
        if pages.at(&url).is_none() && !(is_removed && origin == Origin::Discovered) {
            pages.push(Entry::new(url, origin, now));
        }
    }

    /// Adds an app that an earlier process knew.
    pub(super) fn restore(&self, app: &AppRecord, functions: usize, now: Timestamp) {
        let Ok(url) = Url::parse(&app.url) else {
            return;
        };
        let mut pages = self.lock();
        let identity = Identity {
            id: app.id,
            name: app.name.clone(),
            sdk: app.sdk.clone(),
            framework: app.framework.clone(),
            functions,
        };
        match pages.at(&url) {
            Some(entry) => entry.identity = Some(identity),
            None => {
                let entry = Entry::new(url, Origin::Restored, now);
                pages.push(Entry {
                    identity: Some(identity),
                    ..entry
                });
            }
        }
    }

    /// The name of the app at a URL, if it is known.
    pub(super) fn name_at(&self, url: &Url) -> Option<String> {
        let mut pages = self.lock();
        pages.at(url)?.name().map(str::to_owned)
    }

    /// Forgets the entries that are meant. How many there were.
    pub(super) fn remove(&self, is_meant: impl Fn(&Entry) -> bool) -> usize {
        let mut pages = self.lock();
        let meant = pages.entries.extract_if(.., |entry| is_meant(entry));
        let urls: Vec<Url> = meant.map(|entry| entry.url).collect();
        let count = urls.len();
        pages.removed.extend(urls);
        while pages.removed.len() > ENTRIES_MAX {
            pages.removed.pop_first();
        }
        count
    }

    /// An app synced. `asked` is the URL at which it was asked to, if its answer was the sync.
    pub(super) fn synced(
        &self,
        app: &AppSync,
        modified: bool,
        asked: Option<&Url>,
        now: Timestamp,
    ) -> Turn {
        let mut pages = self.lock();
        pages.counts.syncs += 1;
        let Some(entry) = pages.place_of(app, asked, now) else {
            return Turn::Same;
        };
        let turn = match &entry.state {
            _ if !entry.was_ok => Turn::New,
            _ if modified => Turn::Changed,
            State::Failing(_) => Turn::Back,
            State::New | State::Ok => Turn::Same,
        };
        entry.identity = Some(Identity {
            id: AppId::derive(&app.app_name),
            name: app.app_name.clone(),
            sdk: app.sdk.clone(),
            framework: app.framework.clone(),
            functions: app.functions.len(),
        });
        entry.synced_at = Some(now);
        entry.answered(now);
        if turn != Turn::Same {
            entry.attention_until = now + ATTENTION;
        }
        turn
    }

    /// The app at a URL was asked to sync at `asked_at`, and says that it has registered itself.
    /// True if that ended a problem.
    pub(super) fn confirmed(&self, url: &Url, asked_at: Timestamp, now: Timestamp) -> bool {
        let mut pages = self.lock();
        pages.absorb(url, asked_at);
        let Some(entry) = pages.at(url) else {
            return false;
        };
        let is_back = matches!(entry.state, State::Failing(_));
        entry.answered(now);
        is_back
    }

    /// An app could not be synced, or went away. The entry, if that is news.
    pub(super) fn failed(&self, url: &Url, problem: Problem, now: Timestamp) -> Option<Entry> {
        let mut pages = self.lock();
        let entry = pages.at(url)?;
        let is_news = match &entry.state {
            State::Failing(known) => known.code != problem.code,
            State::New | State::Ok => true,
        };
        if is_news {
            entry.since = now;
            entry.attention_until = now + ATTENTION;
        }
        entry.state = State::Failing(problem);
        is_news.then(|| entry.clone())
    }

    /// Nothing listens at the URL of an app. True if that is not for the first time.
    pub(super) fn missed(&self, url: &Url) -> bool {
        self.lock().at(url).is_some_and(|entry| {
            entry.misses += 1;
            entry.misses >= MISSES_MAX
        })
    }

    /// Something listens at the URL of an app. True if nothing did the last time.
    pub(super) fn heard(&self, url: &Url) -> bool {
        self.lock()
            .at(url)
            .is_some_and(|entry| std::mem::take(&mut entry.misses) > 0)
    }

    /// What an app says of itself. True if it said something else the last time.
    pub(super) fn introspected(&self, url: &Url, seen: &Introspection) -> bool {
        let seen = (seen.function_count, seen.mode.clone());
        self.lock().at(url).is_some_and(|entry| {
            let before = entry.seen.replace(seen.clone());
            before.is_some_and(|before| before != seen)
        })
    }

    /// What to do now, by `plan`. What is still being done is not asked for.
    pub(super) fn due(
        &self,
        now: Timestamp,
        plan: impl Fn(&Entry) -> Option<Action>,
    ) -> Vec<(Url, Action)> {
        let mut due = Vec::new();
        for entry in &mut self.lock().entries {
            if entry.busy_until.is_some_and(|until| now < until) {
                continue;
            }
            let Some(action) = plan(entry) else { continue };
            entry.busy_until = Some(now + BUSY_MAX);
            entry.last.any = Some(now);
            match action {
                Action::Sync => entry.last.sync = Some(now),
                Action::Look => entry.last.look = Some(now),
                Action::Knock => {}
            }
            due.push((entry.url.clone(), action));
        }
        due
    }

    /// What was due for a URL is done.
    pub(super) fn done(&self, url: &Url) {
        if let Some(entry) = self.lock().at(url) {
            entry.busy_until = None;
        }
    }
}

/// What to do with an app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// Ask it to sync.
    Sync,
    /// Ask it who it is, and sync if it says something new.
    Look,
    /// See whether it is there, and sync if it was not the last time.
    Knock,
}

impl Pages {
    fn at(&mut self, url: &Url) -> Option<&mut Entry> {
        self.entries.iter_mut().find(|entry| entry.url == *url)
    }

    fn push(&mut self, entry: Entry) {
        self.removed.remove(&entry.url);
        if self.entries.len() < ENTRIES_MAX {
            self.entries.push(entry);
        }
    }

    /// The entry of an app that synced. Other entries with its identity lose it.
    fn place_of(
        &mut self,
        app: &AppSync,
        asked: Option<&Url>,
        now: Timestamp,
    ) -> Option<&mut Entry> {
        let is_same = |entry: &Entry| {
            entry
                .identity
                .as_ref()
                .is_some_and(|it| it.name == app.app_name)
        };
        let by_url = |url: &Url| self.entries.iter().position(|entry| entry.url == *url);
        let found = asked
            .and_then(by_url)
            .or_else(|| by_url(&app.url))
            .or_else(|| self.entries.iter().position(is_same));
        let url = match found {
            Some(index) => {
                let entry = &mut self.entries[index];
                // It says where it is now; believed unless it answers where it was.
                if entry.state != State::Ok && entry.origin != Origin::Flag && asked.is_none() {
                    entry.url = app.url.clone();
                }
                entry.url.clone()
            }
            // Apps that connect by themselves are not asked.
            None if !matches!(app.url.scheme(), "http" | "https") => return None,
            None => {
                self.push(Entry::new(app.url.clone(), Origin::Registered, now));
                app.url.clone()
            }
        };
        self.entries.retain_mut(|entry| {
            if entry.url == url || !is_same(entry) {
                return true;
            }
            entry.identity = None;
            entry.origin == Origin::Flag
        });
        self.at(&url)
    }

    /// An app can register another URL than the one it was asked at: a configured origin, or a proxy
    /// in between. If that is what happened since `asked_at`, the two entries become one.
    fn absorb(&mut self, url: &Url, asked_at: Timestamp) {
        let is_anonymous = self.at(url).is_some_and(|entry| entry.identity.is_none());
        let is_candidate = |entry: &Entry| {
            entry.url != *url
                && entry.origin == Origin::Registered
                && entry.synced_at >= Some(asked_at)
        };
        let mut candidates = self.entries.iter().filter(|entry| is_candidate(entry));
        let (Some(other), None, true) = (candidates.next(), candidates.next(), is_anonymous) else {
            return;
        };
        let other = other.clone();
        self.entries.retain(|entry| entry.url != other.url);
        if let Some(entry) = self.at(url) {
            entry.identity = other.identity;
            entry.synced_at = other.synced_at;
        }
    }
}

impl Entry {
    fn new(url: Url, origin: Origin, now: Timestamp) -> Self {
        Self {
            url,
            origin,
            identity: None,
            state: State::New,
            since: now,
            synced_at: None,
            was_ok: false,
            attention_until: now + ATTENTION,
            last: Last::default(),
            busy_until: None,
            seen: None,
            misses: 0,
        }
    }

    fn answered(&mut self, now: Timestamp) {
        if self.state != State::Ok {
            self.state = State::Ok;
            self.since = now;
        }
        self.was_ok = true;
        self.misses = 0;
    }

    /// Why the app can't be synced, if it can't.
    pub fn problem(&self) -> Option<&Problem> {
        match &self.state {
            State::Failing(problem) => Some(problem),
            State::New | State::Ok => None,
        }
    }

    /// The name of the app, if it is known.
    pub fn name(&self) -> Option<&str> {
        self.identity
            .as_ref()
            .map(|identity| identity.name.as_str())
    }
}

#[cfg(test)]
pub(super) mod tests;
