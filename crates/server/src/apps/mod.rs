//! Apps: finding them, syncing them, watching them (sdk-protocol §2).
//!
//! | module | owns |
//! |---|---|
//! | `book` | what is known of apps right now |
//! | `report` | a look at what is at a URL, stage by stage |
//! | `probe` | one question to one app |
//! | `removals` | which syncs a removal wins over |
//! | `problem` | why an app can't be synced, and what helps |
//! | `scan` | looking for apps on the usual ports |
//! | `serve_url` | URLs as people write them |
//! | `unsupported` | what functions ask for that is not done yet |
//! | `watch` | when to ask which app |

mod book;
mod probe;
mod problem;
mod removals;
mod report;
mod scan;
mod serve_url;
mod unsupported;
mod watch;

use std::sync::Arc;

use everstep_core::input::Control;
use everstep_core::record::AppMethod;
use everstep_engine::http::HttpClient;
use everstep_engine::rt::Clock;
use everstep_engine::{ControlError, Engine, EngineError, Synced};
use everstep_protocol::headers::ServerKind;
use everstep_protocol::sync::{AppSync, RegisterError};
use everstep_protocol::{AppId, FunctionId};
use everstep_store::ReadError;
use tokio::sync::Mutex;
use url::Url;

use self::book::Turn;
pub use self::book::{AppBook, Entry, Identity, Origin, State};
use self::probe::{Answer, Probe, Sight};
pub use self::problem::{Advice, Problem, ProblemCode};
use self::removals::{Began, Removals};
pub use self::report::{Outcome, ProbeReport, Stage};
pub use self::scan::Ports;
pub use self::serve_url::serve_url;
pub use self::watch::Watching;
use crate::console::{Console, Fact, Names};

/// All that concerns apps. Cheap to clone.
#[derive(Clone)]
pub struct Apps {
    engine: Engine,
    clock: Arc<dyn Clock>,
    console: Console,
    names: Arc<Names>,
    book: Arc<AppBook>,
    removals: Arc<Removals>,
    /// One app is taken in or removed at a time.
    order: Arc<Mutex<()>>,
    probe: Probe,
}

impl Apps {
    pub fn new(
        engine: Engine,
        clock: Arc<dyn Clock>,
        console: Console,
        names: Arc<Names>,
        client: HttpClient,
        kind: ServerKind,
        advice: Advice,
    ) -> Self {
        let probe = Probe {
            client,
            kind,
            advice,
        };
        Self {
            engine,
            clock,
            console,
            names,
            book: Arc::default(),
            removals: Arc::default(),
            order: Arc::default(),
            probe,
        }
    }

    /// How apps are doing.
    pub fn entries(&self) -> Vec<Entry> {
        self.book.entries()
    }

    /// Adds the URL of an app that the user named.
    pub fn add(&self, url: Url) {
        self.book.add(url, Origin::Flag, self.clock.now());
    }

    /// Adds the URL of an app that a client named, and asks the app to sync. How that went is in its
    /// entry, which is given.
    pub async fn connect(&self, url: &Url) -> Option<Entry> {
        self.add(url.clone());
        self.sync(url).await;
        self.entries().into_iter().find(|entry| entry.url == *url)
    }

    /// The same for an app that was elsewhere before. Once it answers here, it is not asked there any
    /// more.
    pub async fn relocate(&self, from: &Url, to: &Url) -> Option<Entry> {
        let entry = self.connect(to).await?;
        if from != to && entry.state == State::Ok {
            self.book.remove(|other| other.url == *from);
        }
        Some(entry)
    }

    /// Looks at what is at a URL, without registering it.
    pub async fn probe(&self, url: &Url) -> ProbeReport {
        self.probe.report(url).await
    }

    /// Removes the app of a name. It is not asked any more, and nothing triggers its functions until
    /// it registers again; its runs and their history stay.
    pub async fn remove(
        &self,
        actor: Option<Arc<str>>,
        name: &str,
        reason: Option<Arc<str>>,
    ) -> Result<(), ControlError> {
        let control = Control::ArchiveApp {
            name: name.into(),
            reason,
        };
        let _turn = self.order.lock().await;
        self.engine.control(actor, control).await?;
        self.removals.note(name);
        self.book.remove(|entry| entry.name() == Some(name));
        Ok(())
    }

    /// Removes a URL at which no app has registered. False if there is none.
    pub fn remove_url(&self, url: &Url) -> bool {
        let is_meant = |entry: &Entry| entry.url == *url && entry.identity.is_none();
        let is_removed = self.book.remove(is_meant) > 0;
        if is_removed {
            self.removals.note(url.as_str());
        }
        is_removed
    }

    /// Recalls the apps that an earlier process knew.
    pub async fn restore(&self) -> Result<(), ReadError> {
        let now = self.clock.now();
        let functions = self.engine.store().function_list().await?;
        for function in &functions {
            let slug = Arc::clone(&function.slug);
            self.names.put_function(function.id, slug);
        }
        for app in self.engine.store().app_list().await? {
            self.names.put_app(app.id, &app.name);
            // One with endpoints never syncs: there is nothing to ask it.
            if app.method == AppMethod::Api || !app.is_active() {
                continue;
            }
            let live = functions
                .iter()
                .filter(|it| it.app == app.id && it.archived_at.is_none());
            self.book.restore(&app, live.count(), now);
        }
        Ok(())
    }

    /// An endpoint was heard of, which no app registered.
    pub fn name(&self, app: (AppId, &str), function: (FunctionId, &Arc<str>)) {
        self.names.put_app(app.0, app.1);
        self.names.put_function(function.0, Arc::clone(function.1));
    }

    /// An app registered itself. `None` if it was removed since that began: then it stays so.
    pub async fn register(&self, app: AppSync) -> Result<Option<Synced>, EngineError> {
        let began = self.removals.began(&app);
        self.take_in(app, None, began).await
    }

    /// An app tried to register, and was refused.
    pub fn refused(&self, error: &RegisterError) {
        let problem = Problem::of_refusal(error);
        tracing::debug!(error = problem.message, "a registration was refused");
        self.book.refused(problem);
    }

    /// Asks the app at a URL to sync.
    async fn sync(&self, url: &Url) {
        let Err(problem) = self.try_sync(url).await else {
            return;
        };
        let is_restarting = problem.code == ProblemCode::Unreachable
            && self.book.is_ok(url)
            && !self.book.missed(url);
        if !is_restarting {
            self.fail(url, problem);
        }
    }

    async fn try_sync(&self, url: &Url) -> Result<(), Problem> {
        // An app that has not answered yet may be in another mode, and then it is better not asked
        // to register: it would try so elsewhere.
        if !self.book.is_ok(url) {
            match self.probe.look(url).await {
                Sight::App(_) => {}
                Sight::OtherMode(problem) | Sight::Other(problem) => return Err(problem),
            }
        }
        let (asked_at, before) = (self.clock.now(), self.book.counts());
        let question = self.removals.ask(url, self.book.name_at(url));
        let answer = self.probe.sync(url).await;
        let now = self.book.counts();
        match answer {
            Answer::InBand(app) => {
                let taken_in = self.take_in(*app, Some(url), question.began).await;
                if let Err(error) = taken_in {
                    tracing::warn!(%url, %error, "an app could not be synced");
                }
                Ok(())
            }
            Answer::OutOfBand if now.syncs > before.syncs => {
                if self.book.confirmed(url, asked_at, self.clock.now()) {
                    self.console.tell(Fact::AppBack {
                        name: None,
                        url: url.to_string(),
                    });
                }
                Ok(())
            }
            // What this server refused says more than what the app makes of it.
            Answer::OutOfBand | Answer::Problem(_) if now.refusals > before.refusals => Err(self
                .book
                .last_refusal()
                .unwrap_or_else(|| Problem::elsewhere(&self.probe.advice))),
            Answer::OutOfBand => Err(Problem::elsewhere(&self.probe.advice)),
            Answer::Problem(problem) => Err(problem),
        }
    }

    /// Tells a problem, if it is news.
    fn fail(&self, url: &Url, problem: Problem) {
        let was_ok = self.book.is_ok(url);
        let problem = match problem.code {
            // What helps an app that never answered is of no use for one that did.
            ProblemCode::Unreachable if was_ok => Problem {
                hint: None,
                ..problem
            },
            _ => problem,
        };
        if let Some(entry) = self.book.failed(url, problem.clone(), self.clock.now()) {
            let name = entry.name().map(str::to_owned);
            self.console.tell(Fact::AppProblem {
                name,
                url: url.to_string(),
                problem,
            });
        }
    }

    /// `asked` is the URL at which it was asked to, if its answer was the sync. A removal wins over a
    /// sync that began before it, and then there is none.
    async fn take_in(
        &self,
        app: AppSync,
        asked: Option<&Url>,
        began: Began,
    ) -> Result<Option<Synced>, EngineError> {
        let _turn = self.order.lock().await;
        if self.removals.came_after(began, &app, asked) {
            return Ok(None);
        }
        let id = AppId::derive(&app.app_name);
        self.names.put_app(id, &app.app_name);
        for function in &app.functions {
            self.names.put_function(
                FunctionId::derive(id, &function.slug),
                Arc::clone(&function.slug),
            );
        }
        let synced = self.engine.app_sync(app.clone()).await?;
        let turn = self
            .book
            .synced(&app, synced.modified, asked, self.clock.now());
        self.tell(app, turn, synced.modified);
        Ok(Some(synced))
    }

    fn tell(&self, app: AppSync, turn: Turn, modified: bool) {
        if modified {
            let features = unsupported::features(&app);
            if !features.is_empty() {
                self.console.tell(Fact::Unsupported {
                    app: app.app_name.clone(),
                    features,
                });
            }
        }
        let url = app.url.to_string();
        match turn {
            Turn::Same => {}
            Turn::Back => self.console.tell(Fact::AppBack {
                name: Some(app.app_name),
                url,
            }),
            Turn::New | Turn::Changed => self.console.tell(Fact::AppSynced {
                name: app.app_name,
                url,
                sdk: app.sdk,
                framework: app.framework,
                functions: app.functions.len(),
                is_new: turn == Turn::New,
            }),
        }
    }
}

/// An app whose functions are valid in every respect, also those that only `core` can judge:
/// schedules and expressions.
pub(crate) fn checked(app: AppSync) -> Result<AppSync, RegisterError> {
    match everstep_core::function::validate(&app) {
        Ok(()) => Ok(app),
        Err(errors) => Err(RegisterError::functions_invalid(&errors)),
    }
}
