//! `everstep functions`.

use std::time::Duration;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{apps, explain, json_of, wait};
use crate::cli::Exit;
use crate::cli::client::{ClientArgs, Paging, Query, Rows, Session, span};
use crate::cli::print::{Column, Kind};

const COLUMNS: &[Column] = &[
    Column::new("id", "/slug", Kind::Text),
    Column::new("name", "/name", Kind::Text),
    Column::new("app", "/app/id", Kind::Text),
    Column::new("triggers", "/triggerTexts", Kind::Text),
    Column::new("paused", "/isPaused", Kind::Text),
    Column::new("archived", "/isArchived", Kind::Text).extra(),
];
/// Functions of an app, as far as commands look.
const FUNCTIONS_MAX: u64 = 10_000;

#[derive(Debug, Args)]
pub struct FunctionsArgs {
    #[command(flatten)]
    client: ClientArgs,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List functions
    #[command(visible_alias = "ls")]
    List,
    /// Show a function
    Get { function: String },
    /// Show what a function is configured to do, and what is set beside the code
    Config { function: String },
    /// Run a function
    Invoke {
        function: String,
        /// Its data: a JSON object, or @file
        #[arg(long, value_name = "JSON", default_value = "{}")]
        data: String,
        /// A second call with the same key within a day starts nothing
        #[arg(long, value_name = "KEY")]
        idempotency_key: Option<String>,
        /// Wait until the run has ended; ends with 10 if it failed, with 11 if it was cancelled
        #[arg(long)]
        wait: bool,
        /// Give up waiting after this long
        #[arg(long = "for", value_name = "SPAN", value_parser = span, requires = "wait")]
        patience: Option<Duration>,
    },
    /// Start no runs until it is resumed
    Pause {
        function: String,
        /// What becomes of runs that would start
        #[arg(long, default_value = "queue", value_parser = ["skip", "queue"])]
        new_runs: String,
        /// What becomes of runs that have started
        #[arg(long, default_value = "finish", value_parser = ["finish", "hold", "cancel"])]
        running: String,
        /// Why, for whoever asks
        #[arg(long)]
        reason: Option<String>,
    },
    /// Start no runs until it is resumed, and finish those that have started
    Drain {
        function: String,
        /// Why, for whoever asks
        #[arg(long)]
        reason: Option<String>,
    },
    /// Let it go on
    Resume { function: String },
    /// Say what its calls wait for
    Explain { function: String },
}

impl FunctionsArgs {
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
            Self::List => session
                .printer
                .rows(&Rows::all(all(session).await?), COLUMNS),
            Self::Get { function } => session
                .printer
                .one(&find(session, &function).await?, COLUMNS),
            Self::Config { function } => config(session, &function).await,
            Self::Invoke {
                function,
                data,
                idempotency_key,
                wait,
                patience,
            } => {
                let mut body = json!({ "data": json_of(&data)? });
                if let Some(key) = idempotency_key {
                    body["idempotencyKey"] = key.into();
                }
                invoke(session, &function, &body, wait, patience).await
            }
            Self::Pause {
                function,
                new_runs,
                running,
                reason,
            } => {
                let body = json!({ "newRuns": new_runs, "running": running, "reason": reason });
                act(session, &function, "pause", &body, "paused").await
            }
            Self::Drain { function, reason } => {
                let body = json!({ "reason": reason });
                act(session, &function, "drain", &body, "drains").await
            }
            Self::Resume { function } => {
                act(session, &function, "resume", &json!({}), "resumed").await
            }
            Self::Explain { function } => explain(session, "functions", &function).await,
        }
    }
}

async fn act(
    session: &Session,
    function: &str,
    action: &str,
    body: &Value,
    done: &str,
) -> Result<(), Exit> {
    let path = ["v1", "functions", function, action];
    let answer = session.api.post(&path, body).await?;
    let data = &answer["data"];
    let function = data["function"].as_str().unwrap_or(function);
    session.printer.said(data, &format!("{function} {done}"))
}

async fn invoke(
    session: &Session,
    function: &str,
    body: &Value,
    is_waiting: bool,
    patience: Option<Duration>,
) -> Result<(), Exit> {
    let function = find(session, function).await?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (app, id) = (text(&function["app"]["id"]), text(&function["id"]));
    let path = ["v2", "apps", &app, "functions", &id, "invoke"];
    let answer = session.api.post(&path, body).await?;
    let run = text(&answer["data"]["runId"]);
    if !is_waiting {
        return session.printer.said(&json!({ "id": run }), &run);
    }
    let run = wait::ended(session, &run, patience).await?;
    session.printer.said(&run, &run["output"].to_string())?;
    wait::outcome(&run)
}

async fn config(session: &Session, function: &str) -> Result<(), Exit> {
    let found = find(session, function).await?;
    let slug = found["slug"].as_str().unwrap_or(function);
    let path = ["v1", "functions", slug, "overrides"];
    let overrides = session.api.get(&path, Query::default()).await?;
    let data = json!({ "configuration": found["configuration"], "overrides": overrides["data"] });
    let text =
        serde_json::to_string_pretty(&data).map_err(|error| Exit::failed(error.to_string()))?;
    session.printer.said(&data, &text)
}

/// Every function of every app.
pub(super) async fn all(session: &Session) -> Result<Vec<Value>, Exit> {
    let mut functions = Vec::new();
    for app in apps::all(session).await?.rows {
        let app = app["id"].as_str().unwrap_or_default();
        let path = ["v2", "apps", app, "functions"];
        let paging = Paging::first(FUNCTIONS_MAX);
        let page = session.api.list(&path, Query::default(), &paging).await?;
        functions.extend(page.rows);
    }
    for function in &mut functions {
        let triggers = function["triggers"].as_array().into_iter().flatten();
        let texts: Vec<_> = triggers.map(|it| it["value"].clone()).collect();
        function["triggerTexts"] = texts.into();
    }
    Ok(functions)
}

/// By its full id, or by its id within an app if there is only one.
pub(super) async fn find(session: &Session, name: &str) -> Result<Value, Exit> {
    let functions = all(session).await?;
    if let Some(function) = functions.iter().find(|it| it["slug"] == name) {
        return Ok(function.clone());
    }
    let mut found = functions.iter().filter(|it| it["id"] == name);
    match (found.next(), found.next()) {
        (Some(function), None) => Ok(function.clone()),
        (Some(_), Some(_)) => Err(Exit::usage(format!(
            "more than one app has a function {name:?}: give its full id, such as shop-{name}"
        ))),
        (None, _) => Err(Exit::not_found(format!("there is no function {name:?}"))),
    }
}
