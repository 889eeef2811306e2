//! Watching apps: when to ask which one.
//!
//! The functions of an app change with its code, and nobody tells the server. So it asks: often for
//! a while after something happened, seldom afterwards. In between it only knocks, which leaves no
//! trace in the app's log, and tells whether the app is there.

use std::time::Duration;

use everstep_protocol::Timestamp;
use tokio::task::JoinSet;
use url::Url;

use super::book::{Action, State};
use super::probe::Sight;
use super::problem::{Problem, ProblemCode};
use super::{Apps, Entry, Origin};

/// Between syncs of an app that nothing happens to.
const CALM_SYNC: Duration = Duration::from_secs(30);
/// Between a sync and the question who it is, half-way to the next sync.
const CALM_LOOK: Duration = Duration::from_secs(15);
/// Between knocks at the door of an app that is down: somebody waits for it to come up.
const DOWN_KNOCK: Duration = Duration::from_secs(1);
/// How often it is checked whether something is due.
const TICK: Duration = Duration::from_millis(250);

/// How apps are watched.
#[derive(Clone, Copy, Debug)]
pub struct Watching {
    /// Ask apps that are well, too.
    pub poll: bool,
    pub interval: Duration,
}

impl Apps {
    /// Watches apps for ever.
    pub async fn watch(self, watching: Watching) {
        let mut work = JoinSet::new();
        loop {
            let now = self.clock.now();
            for (url, action) in self.book.due(now, |entry| action(entry, now, watching)) {
                let apps = self.clone();
                work.spawn(async move {
                    apps.act(&url, action).await;
                    apps.book.done(&url);
                });
            }
            while work.try_join_next().is_some() {}
            tokio::time::sleep(TICK).await;
        }
    }

    async fn act(&self, url: &Url, action: Action) {
        match action {
            Action::Sync => self.sync(url).await,
            Action::Look => {
                let news = match self.probe.look(url).await {
                    Sight::App(Some(said)) => self.book.introspected(url, &said),
                    Sight::App(None) => false,
                    Sight::OtherMode(_) | Sight::Other(_) => true,
                };
                if news {
                    self.sync(url).await;
                }
            }
            Action::Knock if self.probe.knock(url).await => {
                if self.book.heard(url) {
                    self.sync(url).await;
                }
            }
            Action::Knock => {
                let again = self.book.missed(url);
                // One that never listened has its problem already, with what helps.
                let is_known = self.book.is_unreachable(url);
                if !is_known && (again || !self.book.is_ok(url)) {
                    self.fail(url, Problem::gone(url));
                }
            }
        }
    }
}

/// What is due for an app, if anything.
fn action(entry: &Entry, now: Timestamp, watching: Watching) -> Option<Action> {
    let since = |at: Option<Timestamp>| at.map_or(Duration::MAX, |at| now.since(at));
    let last = &entry.last;
    // An app that was known to an earlier process only is left alone if nothing is to be polled.
    let is_awaited = !entry.was_ok && entry.origin != Origin::Restored;
    let pause = match &entry.state {
        State::Failing(problem) if problem.code == ProblemCode::Unreachable => {
            watching.interval.min(DOWN_KNOCK)
        }
        State::New | State::Ok | State::Failing(_) => watching.interval,
    };
    if since(last.any) < pause || !(watching.poll || is_awaited) {
        return None;
    }
    let sync_pause = if now < entry.attention_until {
        watching.interval
    } else {
        CALM_SYNC
    };
    if entry.state == State::New || since(last.sync) >= sync_pause {
        return Some(Action::Sync);
    }
    if entry.state == State::Ok && since(last.sync.max(last.look)) >= CALM_LOOK {
        return Some(Action::Look);
    }
    Some(Action::Knock)
}

#[cfg(test)]
mod tests {
    use super::super::book::{AppBook, Turn};
    use super::*;

    const POLL: Watching = Watching {
        poll: true,
        interval: Duration::from_secs(5),
    };
    const NO_POLL: Watching = Watching {
        poll: false,
        ..POLL
    };

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(1_700_000_000_000 + seconds * 1000)
    }

    fn url() -> Url {
        "http://localhost:3000/api/inngest".parse().unwrap()
    }

    fn app() -> everstep_protocol::sync::AppSync {
        super::super::book::tests::app("shop", url().as_str())
    }

    /// The actions of `seconds`, as letters with the second at which they happen; each ends at once.
    fn plan(
        book: &AppBook,
        watching: Watching,
        seconds: std::ops::Range<i64>,
    ) -> Vec<(i64, Action)> {
        let mut plan = Vec::new();
        for second in seconds {
            for (url, action) in book.due(at(second), |entry| action(entry, at(second), watching)) {
                plan.push((second, action));
                book.done(&url);
            }
        }
        plan
    }

    #[test]
    fn a_healthy_app_is_watched_closely_and_then_calmly() {
        let book = AppBook::default();
        book.add(url(), Origin::Flag, at(0));
        assert_eq!(plan(&book, POLL, 0..1), [(0, Action::Sync)]);
        assert_eq!(book.synced(&app(), true, Some(&url()), at(0)), Turn::New);
        let close: Vec<_> = (5..120)
            .step_by(5)
            .map(|second| (second, Action::Sync))
            .collect();
        assert_eq!(plan(&book, POLL, 1..120), close);
        assert_eq!(
            plan(&book, POLL, 120..176),
            [
                (120, Action::Knock),
                (125, Action::Knock),
                (130, Action::Look),
                (135, Action::Knock),
                (140, Action::Knock),
                (145, Action::Sync),
                (150, Action::Knock),
                (155, Action::Knock),
                (160, Action::Look),
                (165, Action::Knock),
                (170, Action::Knock),
                (175, Action::Sync),
            ]
        );
    }

    #[test]
    fn without_polling_an_app_is_asked_until_it_has_answered() {
        let book = AppBook::default();
        book.add(url(), Origin::Flag, at(0));
        assert_eq!(
            plan(&book, NO_POLL, 0..6),
            [(0, Action::Sync), (5, Action::Sync)]
        );
        book.synced(&app(), true, Some(&url()), at(6));
        assert_eq!(plan(&book, NO_POLL, 6..600), []);
    }

    #[test]
    fn an_app_that_fails_is_still_asked() {
        let book = AppBook::default();
        book.add(url(), Origin::Flag, at(0));
        let problem = Problem::new(ProblemCode::Unauthorized, "cloud mode");
        assert!(book.failed(&url(), problem, at(0)).is_some());
        let plan = plan(&book, POLL, 0..200);
        assert!(
            plan[..24].iter().all(|(_, action)| *action == Action::Sync),
            "{plan:?}"
        );
        assert!(
            plan[24..].iter().all(|(_, action)| *action != Action::Look),
            "{plan:?}"
        );
        assert_eq!(
            plan[24..]
                .iter()
                .filter(|(_, action)| *action == Action::Sync)
                .count(),
            2
        );
    }

    #[test]
    fn an_app_that_is_down_is_knocked_at_every_second() {
        let book = AppBook::default();
        book.add(url(), Origin::Flag, at(0));
        plan(&book, POLL, 0..1);
        book.failed(
            &url(),
            Problem::new(ProblemCode::Unreachable, "nobody there"),
            at(0),
        );
        let plan = plan(&book, POLL, 1..11);
        let syncs: Vec<_> = plan
            .iter()
            .filter(|(_, action)| *action == Action::Sync)
            .collect();
        assert_eq!(plan.len(), 10, "{plan:?}");
        assert_eq!(syncs, [&(5, Action::Sync), &(10, Action::Sync)]);
        // Once it has been missed, it is synced as soon as it is there.
        assert!(!book.heard(&url()));
        book.missed(&url());
        assert!(book.heard(&url()));
    }

    #[test]
    fn an_app_that_is_being_asked_is_not_asked_again() {
        let book = AppBook::default();
        book.add(url(), Origin::Flag, at(0));
        let due = |second| {
            book.due(at(second), |entry| action(entry, at(second), POLL))
                .len()
        };
        assert_eq!((due(0), due(5), due(10)), (1, 0, 0));
        assert_eq!(
            due(60),
            1,
            "an answer that got lost does not block for ever"
        );
    }
}
