//! `everstep flow`: what a function's limits hold back, and what can be done about it.

use std::time::Duration;

use clap::{Args, Subcommand};
use http::Method;
use serde_json::{Value, json};

use crate::cli::Exit;
use crate::cli::client::{ClientArgs, Query, Rows, Session, span};
use crate::cli::print::{Column, Kind};

const FUNCTIONS: &[Column] = &[
    Column::new("function", "/function", Kind::Text),
    Column::new("in-use", "/inUse", Kind::Count),
    Column::new("limit", "/limit", Kind::Count),
    Column::new("backlog", "/backlog", Kind::Count),
    Column::new("oldest", "/oldestAgeMs", Kind::Millis),
    Column::new("blocked-by", "/blockedBy/0/name", Kind::Text),
    Column::new("pause", "/pause/reason", Kind::Text).extra(),
    Column::new("overrides", "/overrides", Kind::Count).extra(),
    Column::new("debounces", "/debounces", Kind::Count).extra(),
    Column::new("batches", "/batches", Kind::Count).extra(),
];
const LANES: &[Column] = &[
    Column::new("key", "/keys", Kind::Text),
    Column::new("in-use", "/inUse", Kind::Count),
    Column::new("backlog", "/backlog", Kind::Count),
    Column::new("oldest", "/oldestAgeMs", Kind::Millis),
    Column::new("blocked-by", "/blockedBy/0/name", Kind::Text),
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
    /// List what of every function runs and waits
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
            Self::List => {
                let mut answer = session.api.get(&["v2", "flow"], Query::default()).await?;
                session
                    .printer
                    .rows(&rows(answer["data"].take()), FUNCTIONS)
            }
            Self::Get { function } => session
                .printer
                .one(&report(session, &function).await?, DETAIL),
            Self::Keys { function } => {
                let mut report = report(session, &function).await?;
                let lanes = rows(report["lanes"].take());
                session.printer.rows(&lanes, LANES)
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
                let path = ["v2", "functions", &function, "overrides", &limit];
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
                let path = ["v2", "functions", &function, "overrides", &limit];
                let query = Query::default().maybe("key", key);
                let sent = session.api.send(Method::DELETE, &path, query, None);
                let text = format!("{limit} of {function} is that of the code");
                session.printer.said(&sent.await?["data"], &text)
            }
            Self::FireDebounce { id } => {
                act(session, &["v2", "debounces", &id, "fire"], "fired").await
            }
            Self::FlushBatch { id } => {
                act(session, &["v2", "batches", &id, "flush"], "flushed").await
            }
            Self::Release { limit, run } => {
                act(
                    session,
                    &["v2", "holds", &limit, &run, "release"],
                    "released",
                )
                .await
            }
        }
    }
}

async fn report(session: &Session, function: &str) -> Result<Value, Exit> {
    let path = ["v2", "functions", function, "flow"];
    let mut answer = session.api.get(&path, Query::default()).await?;
    Ok(answer["data"].take())
}

/// A list that comes as a whole.
fn rows(list: Value) -> Rows {
    Rows::all(match list {
        Value::Array(rows) => rows,
        _ => Vec::new(),
    })
}

async fn act(session: &Session, path: &[&str], done: &str) -> Result<(), Exit> {
    let answer = session.api.post(path, &json!({})).await?;
    session.printer.said(&answer["data"], done)
}
