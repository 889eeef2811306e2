//! `everstep open`: the dashboard, at the right place.

use std::process::{Command, Stdio};

use clap::{Args, Subcommand};
use serde_json::json;
use url::Url;

use super::{events, functions, runs};
use crate::cli::Exit;
use crate::cli::client::{ClientArgs, Query, Session};

/// Below this all places of the dashboard are.
const HOME: [&str; 3] = ["ui", "env", "default"];

#[derive(Debug, Args)]
pub struct OpenArgs {
    #[command(flatten)]
    client: ClientArgs,
    /// Only print the address
    #[arg(long, global = true)]
    print: bool,
    #[command(subcommand)]
    place: Option<Place>,
}

#[derive(Debug, Subcommand)]
enum Place {
    /// All runs
    Runs,
    /// One run
    Run {
        /// Its id, or the beginning of it
        id: String,
    },
    /// All events
    Events,
    /// One event
    Event {
        /// Its id, or the beginning of it
        id: String,
    },
    /// All functions
    Functions,
    /// One function
    Function { function: String },
    /// All apps
    Apps,
    /// One app
    App { app: String },
    /// Limits, and what they hold back
    Flow,
    /// Schedules
    Schedules,
    /// Failures that are alike
    Errors,
    /// One error group
    Error { id: String },
    /// Charts
    Metrics,
    /// Bulk operations
    #[command(visible_alias = "ops")]
    Operations,
    /// One bulk operation
    Operation { id: String },
    /// Sending an event
    Send,
    /// What people did
    Audit,
    /// The server itself
    System,
}

impl OpenArgs {
    pub(in crate::cli) async fn run(self) -> Result<(), Exit> {
        let (place, print) = (self.place, self.print);
        self.client
            .run(async |session| {
                let path = match place {
                    Some(place) => place.path(session).await?,
                    None => Vec::new(),
                };
                let path: Vec<_> = HOME
                    .into_iter()
                    .chain(path.iter().map(|it| &**it))
                    .collect();
                let url = session.api.url(&path, &Query::default())?;
                if !print && browse(&url) {
                    session.printer.note(&format!("opened {url}"));
                    return Ok(());
                }
                session.printer.said(&json!({ "url": url }), url.as_str())
            })
            .await
    }
}

impl Place {
    /// As the dashboard names it.
    async fn path(self, session: &Session) -> Result<Vec<String>, Exit> {
        let list = |name: &str| vec![name.to_owned()];
        let one = |name: &str, id: String| vec![name.to_owned(), id];
        Ok(match self {
            Self::Runs => list("runs"),
            Self::Run { id } => one("runs", runs::run_id(session, &id).await?),
            Self::Events => list("events"),
            Self::Event { id } => one("events", events::event_id(session, &id).await?),
            Self::Functions => list("functions"),
            Self::Function { function } => {
                let found = functions::find(session, &function).await?;
                let text = |id: &serde_json::Value| id.as_str().unwrap_or_default().to_owned();
                vec![
                    "functions".to_owned(),
                    text(&found["app"]["id"]),
                    text(&found["id"]),
                ]
            }
            Self::Apps => list("apps"),
            Self::App { app } => one("apps", app),
            Self::Flow => list("flow"),
            Self::Schedules => list("schedules"),
            Self::Errors => list("errors"),
            Self::Error { id } => one("errors", id),
            Self::Metrics => list("metrics"),
            Self::Operations => list("operations"),
            Self::Operation { id } => one("operations", id),
            Self::Send => list("send"),
            Self::Audit => list("audit"),
            Self::System => list("system"),
        })
    }
}

/// Whether a browser took the address.
fn browse(url: &Url) -> bool {
    let Some((program, arguments)) = opener() else {
        return false;
    };
    let status = Command::new(program)
        .args(arguments)
        .arg(url.as_str())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    status.is_ok_and(|status| status.success())
}

/// What opens addresses on this system; `None` if nobody could see it.
fn opener() -> Option<(&'static str, &'static [&'static str])> {
    if cfg!(target_os = "macos") {
        return Some(("open", &[]));
    }
    if cfg!(windows) {
        return Some(("rundll32", &["url.dll,FileProtocolHandler"]));
    }
    let screens = ["DISPLAY", "WAYLAND_DISPLAY", "BROWSER"];
    let has_screen = screens.iter().any(|name| std::env::var_os(name).is_some());
    has_screen.then_some(("xdg-open", &[]))
}
