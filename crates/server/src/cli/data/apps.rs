//! `everstep apps`.

use clap::{Args, Subcommand};
use http::Method;
use serde_json::{Value, json};

use super::bulk::confirm;
use crate::cli::Exit;
use crate::cli::client::{ClientArgs, Paging, Query, Rows, Session};
use crate::cli::print::{Column, Kind};

const COLUMNS: &[Column] = &[
    Column::new("id", "/id", Kind::Text),
    Column::new("functions", "/functionCount", Kind::Count),
    Column::new("status", "/latestSync/status", Kind::Status),
    Column::new("synced", "/latestSync/syncedAt", Kind::Time),
    Column::new("sdk", "/latestSync/sdkLanguage", Kind::Text),
    Column::new("version", "/latestSync/sdkVersion", Kind::Text),
    Column::new("framework", "/latestSync/framework", Kind::Text),
    Column::new("url", "/latestSync/url", Kind::Text),
    Column::new("error", "/latestSync/error/message", Kind::Text),
];
const SYNC: &[Column] = &[
    Column::new("app", "/appId", Kind::Text),
    Column::new("status", "/status", Kind::Status),
    Column::new("functions", "/functionCount", Kind::Count),
    Column::new("url", "/url", Kind::Text),
    Column::new("error", "/error/message", Kind::Text),
    Column::new("hint", "/error/hint", Kind::Text),
];
/// Apps of a server, as far as commands look.
const APPS_MAX: u64 = 1000;

#[derive(Debug, Args)]
pub struct AppsArgs {
    #[command(flatten)]
    client: ClientArgs,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List apps
    #[command(visible_alias = "ls")]
    List,
    /// Show an app
    Get { app: String },
    /// Add the app at a URL
    Add {
        /// Where it serves its functions, such as http://localhost:3000/api/inngest
        url: String,
    },
    /// Ask an app for its functions now
    Sync {
        app: String,
        /// Where it is, if it is not where it was
        #[arg(long = "at", value_name = "URL")]
        moved_to: Option<String>,
    },
    /// Remove an app: nothing triggers its functions until it registers again
    Remove {
        app: String,
        /// Why, for the audit log
        #[arg(long)]
        reason: Option<String>,
        /// Do it without asking
        #[arg(short, long)]
        yes: bool,
    },
    /// Look at what is at a URL, stage by stage, and say what is wrong
    Probe { url: String },
}

impl AppsArgs {
    pub(in crate::cli) async fn run(self) -> Result<(), Exit> {
        let verb = self.verb;
        self.client
            .run(async |session| verb.run(session).await)
            .await
    }
}

impl Verb {
    async fn run(self, session: &Session) -> Result<(), Exit> {
        match self {
            Self::List => session.printer.rows(&all(session).await?, COLUMNS),
            Self::Get { app } => {
                let path = ["v2", "apps", &app];
                let query = Query::default();
                let answer = session.api.send(Method::GET, &path, query, None).await?;
                session.printer.one(&answer["data"], COLUMNS)
            }
            Self::Add { url } => sync(session, &["v2", "apps"], &json!({ "url": url })).await,
            Self::Sync { app, moved_to } => {
                let body = match moved_to {
                    Some(url) => json!({ "url": url }),
                    None => json!({}),
                };
                sync(session, &["v2", "apps", &app, "syncs"], &body).await
            }
            Self::Remove { app, reason, yes } => {
                if !yes {
                    confirm(&format!(
                        "remove the app {app}; nothing triggers its functions then"
                    ))?;
                }
                let query = Query::default().maybe("reason", reason);
                let path = ["v2", "apps", &app];
                let answer = session.api.send(Method::DELETE, &path, query, None).await?;
                session
                    .printer
                    .said(&answer["data"], &format!("{app} is removed"))
            }
            Self::Probe { url } => probe(session, &url).await,
        }
    }
}

/// Prints how it went to ask an app for its functions; that it has not given them is a failure.
async fn sync(session: &Session, path: &[&str], body: &Value) -> Result<(), Exit> {
    let answer = session.api.post(path, body).await?;
    let sync = &answer["data"];
    session.printer.one(sync, SYNC)?;
    match sync["status"].as_str() {
        Some("error") => Err(Exit::failed("the app can't be synced")),
        _ => Ok(()),
    }
}

async fn probe(session: &Session, url: &str) -> Result<(), Exit> {
    let body = json!({ "url": url });
    let answer = session.api.post(&["v2", "apps", "probe"], &body).await?;
    let report = &answer["data"];
    let stages = report["stages"].as_array().into_iter().flatten();
    let lines: Vec<String> = stages.map(stage_line).collect();
    session.printer.said(report, &lines.join("\n"))?;
    match report["isPassed"].as_bool() {
        Some(true) => Ok(()),
        _ => Err(Exit::failed("the app can't be synced as it is")),
    }
}

fn stage_line(stage: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mark = match stage["status"].as_str() {
        Some("passed") => '✓',
        _ => '✗',
    };
    let took = match stage["durationMs"].as_f64() {
        Some(took) => format!("{took:.1} ms"),
        None => String::new(),
    };
    let (detail, error) = (text(&stage["detail"]), &stage["error"]);
    let mut line = format!("{mark} {:<9} {took:>9}  ", text(&stage["name"]));
    line += &detail;
    line += &text(&error["message"]);
    if let Some(hint) = error["hint"].as_str() {
        line += &format!("\n  {:<9} {:>9}  {hint}", "", "");
    }
    line.trim_end().to_owned()
}

pub(super) async fn all(session: &Session) -> Result<Rows, Exit> {
    let paging = Paging::first(APPS_MAX);
    session
        .api
        .list(&["v2", "apps"], Query::default(), &paging)
        .await
}
