//! `everstep flow`: what a function's limits hold back, and what can be done about it.

use std::time::Duration;

use clap::{Args, Subcommand};
use http::Method;
use serde_json::{Value, json};

use super::functions;
use crate::cli::Exit;
use crate::cli::client::{ClientArgs, Query, Rows, Session, span};
use crate::cli::print::{Column, Kind};

const FUNCTIONS: &[Column] = &[
    Column::new("function", "/function", Kind::Text),
    Column::new("in-use", "/inUse", Kind::Count),
    Column::new("backlog", "/backlog", Kind::Count),
    Column::new("oldest", "/oldestAgeMs", Kind::Millis),
    Column::new("mean-call", "/meanCallMs", Kind::Millis),
    Column::new("keys", "/lanesTotal", Kind::Count),
    Column::new("paused", "/pause/reason", Kind::Text).extra(),
];
const LANES: &[Column] = &[
    Column::new("key", "/keys", Kind::Text),
    Column::new("in-use", "/inUse", Kind::Count),
    Column::new("backlog", "/backlog", Kind::Count),
    Column::new("oldest", "/oldestAgeMs", Kind::Millis),
    Column::new("blocked-by", "/blockedBy", Kind::Text),
];
const DETAIL: &[Column] = &[
    Column::new("function", "/function", Kind::Text),
    Column::new("in-use", "/inUse", Kind::Count),
    Column::new("backlog", "/backlog", Kind::Count),
    Column::new("oldest", "/oldestAgeMs", Kind::Millis),
    Column::new("mean-call", "/meanCallMs", Kind::Millis),
    Column::new("pause", "/pause", Kind::Text),
    Column::new("limits", "/limits", Kind::Text),
    Column::new("overrides", "/overrides", Kind::Text),
    Column::new("debounces", "/debounces", Kind::Text),
    Column::new("batches", "/batches", Kind::Text),
    Column::new("holders", "/holders", Kind::Text),
];

#[derive(Debug, Args)]
pub struct FlowArgs {
    #[command(flatten)]
    client: ClientArgs,
    #[command(subcommand)]
    verb: Verb,
}

/// Limits that can be set beside the code.
const LIMITS: [&str; 5] = [
    "concurrency",
    "second_concurrency",
    "run_concurrency",
    "throttle",
    "rate_limit",
];

#[derive(Debug, Subcommand)]
enum Verb {
    /// List functions with what runs, waits and is held
    #[command(visible_alias = "ls")]
    List,
    /// Show what of a function runs, waits and is held, and by which limit
    Get { function: String },
    /// Show a function's keys: in use, backlog, oldest
    Keys { function: String },
    /// Set a limit beside the code, for all keys or one, for a while
    Limit {
        function: String,
        #[arg(value_parser = LIMITS)]
        limit: String,
        /// The limit
        value: u32,
        /// Only for this key: JSON, such as '"acme"'
        #[arg(long)]
        key: Option<String>,
        /// How long it holds
        #[arg(long = "for", value_name = "SPAN", value_parser = span)]
        expires_in: Option<Duration>,
        /// Why, for whoever asks
        #[arg(long)]
        reason: Option<String>,
    },
    /// Let the limit of the code count again
    Restore {
        function: String,
        #[arg(value_parser = LIMITS)]
        limit: String,
        /// Only for this key
        #[arg(long)]
        key: Option<String>,
    },
    /// Start the run of a debounce now
    FireDebounce { id: String },
    /// Start the run of a batch now
    FlushBatch { id: String },
    /// Take a limit's place from a run that holds it
    Release { limit: String, run: String },
}

impl FlowArgs {
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
            Self::List => list(session).await,
            Self::Get { function } => session
                .printer
                .one(&report(session, &function).await?, DETAIL),
            Self::Keys { function } => {
                let mut report = report(session, &function).await?;
                let lanes = match report["lanes"].take() {
                    Value::Array(lanes) => lanes,
                    _ => Vec::new(),
                };
                session.printer.rows(&Rows::all(lanes), LANES)
            }
            Self::Limit {
                function,
                limit,
                value,
                key,
                expires_in,
                reason,
            } => {
                let mut body = json!({ "value": value });
                let expires_in = expires_in.map(|span| format!("{}s", span.as_secs()));
                let members = [("key", key), ("expiresIn", expires_in), ("reason", reason)];
                for (name, value) in members {
                    if let Some(value) = value {
                        body[name] = value.into();
                    }
                }
                let path = ["v1", "functions", &function, "overrides", &limit];
                let sent = session
                    .api
                    .send(Method::PUT, &path, Query::default(), Some(&body));
                let text = format!("{limit} of {function} is {value}");
                session.printer.said(&sent.await?["data"], &text)
            }
            Self::Restore {
                function,
                limit,
                key,
            } => {
                let path = ["v1", "functions", &function, "overrides", &limit];
                let query = Query::default().maybe("key", key);
                let sent = session.api.send(Method::DELETE, &path, query, None);
                let text = format!("{limit} of {function} is that of the code");
                session.printer.said(&sent.await?["data"], &text)
            }
            Self::FireDebounce { id } => {
                act(session, &["v1", "debounces", &id, "fire"], "fired").await
            }
            Self::FlushBatch { id } => {
                act(session, &["v1", "batches", &id, "flush"], "flushed").await
            }
            Self::Release { limit, run } => {
                act(
                    session,
                    &["v1", "holds", &limit, &run, "release"],
                    "released",
                )
                .await
            }
        }
    }
}

async fn list(session: &Session) -> Result<(), Exit> {
    let mut reports = Vec::new();
    for function in functions::all(session).await? {
        let slug = function["slug"].as_str().unwrap_or_default();
        reports.push(report(session, slug).await?);
    }
    session.printer.rows(&Rows::all(reports), FUNCTIONS)
}

async fn report(session: &Session, function: &str) -> Result<Value, Exit> {
    let path = ["v1", "functions", function, "flow"];
    let mut answer = session.api.get(&path, Query::default()).await?;
    Ok(answer["data"].take())
}

async fn act(session: &Session, path: &[&str], done: &str) -> Result<(), Exit> {
    let answer = session.api.post(path, &json!({})).await?;
    session.printer.said(&answer["data"], done)
}
