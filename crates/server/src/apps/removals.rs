//! What was removed, and which syncs had begun before: a removal wins over them.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use everstep_protocol::sync::AppSync;
use url::Url;

/// Names and URLs that are remembered.
const REMOVED_MAX: usize = 1000;

/// When a sync began, among the removals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Began(u64);

#[derive(Debug, Default)]
pub(super) struct Removals(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// How many there have been.
    count: u64,
    /// Which was the last one of a name or a URL.
    last: BTreeMap<String, u64>,
    asking: Vec<Asking>,
}

/// An app that is being asked to sync.
#[derive(Debug)]
struct Asking {
    url: Url,
    name: Option<String>,
    began: Began,
}

/// A question to an app; it ends when this is dropped.
pub(super) struct Question<'a> {
    removals: &'a Removals,
    url: Url,
    pub(super) began: Began,
}

impl Removals {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The app at a URL, which goes by this name if it has one, is asked to sync.
    pub(super) fn ask(&self, url: &Url, name: Option<String>) -> Question<'_> {
        let mut state = self.lock();
        let began = Began(state.count);
        state.asking.push(Asking {
            url: url.clone(),
            name,
            began,
        });
        Question {
            removals: self,
            url: url.clone(),
            began,
        }
    }

    /// An app registers itself. That began with the question, if it was asked to.
    pub(super) fn began(&self, app: &AppSync) -> Began {
        let state = self.lock();
        let is_asked = |it: &&Asking| it.url == app.url || it.name.as_ref() == Some(&app.app_name);
        let asked = state.asking.iter().filter(is_asked).map(|it| it.began);
        asked.min().unwrap_or(Began(state.count))
    }

    /// Whether the app, or what was at the URL at which it was asked, was removed since.
    pub(super) fn came_after(&self, began: Began, app: &AppSync, asked: Option<&Url>) -> bool {
        let state = self.lock();
        let urls = asked.into_iter().chain([&app.url]).map(Url::as_str);
        let mut keys = urls.chain([app.app_name.as_str()]);
        keys.any(|key| state.last.get(key).is_some_and(|at| *at > began.0))
    }

    /// An app of this name is removed, or a URL.
    pub(super) fn note(&self, key: &str) {
        let mut state = self.lock();
        state.count += 1;
        let count = state.count;
        state.last.insert(key.to_owned(), count);
        if state.last.len() > REMOVED_MAX {
            // The longest ago: what began before that is over.
            let oldest = state.last.iter().min_by_key(|(_, at)| **at);
            if let Some(key) = oldest.map(|(key, _)| key.clone()) {
                state.last.remove(&key);
            }
        }
    }
}

impl Drop for Question<'_> {
    fn drop(&mut self) {
        let mut state = self.removals.lock();
        let is_it = |it: &Asking| it.url == self.url && it.began == self.began;
        if let Some(index) = state.asking.iter().position(is_it) {
            state.asking.swap_remove(index);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(port: u16) -> Url {
        format!("http://localhost:{port}/").parse().unwrap()
    }

    fn app(name: &str, port: u16) -> AppSync {
        crate::apps::book::tests::app(name, url(port).as_str())
    }

    #[test]
    fn a_question_is_older_than_the_removal_during_it() {
        let removals = Removals::default();
        let question = removals.ask(&url(1), None);
        removals.note("shop");
        let shop = app("shop", 2);
        assert!(removals.came_after(question.began, &shop, Some(&url(1))));
        assert!(!removals.came_after(question.began, &app("other", 2), Some(&url(1))));
        // A registration belongs to the question that is open for its URL, or else begins now.
        assert_eq!(removals.began(&app("shop", 1)), question.began);
        assert!(!removals.came_after(removals.began(&shop), &shop, None));
        drop(question);
        let later = removals.began(&app("shop", 1));
        assert!(!removals.came_after(later, &app("shop", 1), None));
    }

    #[test]
    fn an_app_that_is_known_is_asked_by_its_name() {
        let removals = Removals::default();
        let _question = removals.ask(&url(1), Some("shop".to_owned()));
        removals.note("shop");
        let elsewhere = app("shop", 2);
        assert!(removals.came_after(removals.began(&elsewhere), &elsewhere, None));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let removals = Removals::default();
        let question = removals.ask(&url(1), None);
        for number in 0..=REMOVED_MAX {
            removals.note(&number.to_string());
        }
        let is_known = |name: &str| removals.came_after(question.began, &app(name, 1), None);
        assert!(!is_known("0") && is_known("1"));
        assert!(is_known(&REMOVED_MAX.to_string()));
    }
}
