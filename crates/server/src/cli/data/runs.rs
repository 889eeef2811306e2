//! `everstep runs`.

use std::time::Duration;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::bulk::{BulkArgs, BulkKind};
use super::filter::RunFilter;
use super::{diff, explain, for_each, json_of, trace, wait};
use crate::cli::Exit;
use crate::cli::client::{ClientArgs, Paging, Query, Session, each_id, full_id, span};
use crate::cli::print::{Column, Kind};

pub(super) const COLUMNS: &[Column] = &[
    Column::new("id", "/id", Kind::Text),
    Column::new("status", "/status", Kind::Status),
    Column::new("function", "/function/id", Kind::Text),
    Column::new("app", "/app/id", Kind::Text),
    Column::new("event", "/trigger/eventName", Kind::Text),
    Column::new("queued", "/queuedAt", Kind::Time),
    Column::new("took", "/durationMs", Kind::Millis),
    Column::new("started", "/startedAt", Kind::Time).extra(),
    Column::new("ended", "/endedAt", Kind::Time).extra(),
    Column::new("cron", "/trigger/cronSchedule", Kind::Text).extra(),
    Column::new("events", "/trigger/eventIds", Kind::Text).extra(),
    Column::new("output", "/output", Kind::Text).extra(),
];

const DETAIL: &[Column] = &[
    Column::new("id", "/id", Kind::Text),
    Column::new("status", "/status", Kind::Status),
    Column::new("function", "/function/id", Kind::Text),
    Column::new("app", "/app/id", Kind::Text),
    Column::new("event", "/trigger/eventName", Kind::Text),
    Column::new("events", "/trigger/eventIds", Kind::Text),
    Column::new("cron", "/trigger/cronSchedule", Kind::Text),
    Column::new("queued", "/queuedAt", Kind::Time),
    Column::new("started", "/startedAt", Kind::Time),
    Column::new("ended", "/endedAt", Kind::Time),
    Column::new("took", "/durationMs", Kind::Millis),
    Column::new("output", "/output", Kind::Text),
];

const RERUNS: &[Column] = &[
    Column::new("id", "/runId", Kind::Text),
    Column::new("queued", "/queuedAt", Kind::Time),
    Column::new("operation", "/operationId", Kind::Text),
];

#[derive(Debug, Args)]
pub struct RunsArgs {
    #[command(flatten)]
    client: ClientArgs,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List runs, newest first
    #[command(visible_alias = "ls")]
    List {
        #[command(flatten)]
        filter: RunFilter,
        #[command(flatten)]
        paging: Paging,
    },
    /// Show a run
    Get {
        /// Its id, or the beginning of it
        id: String,
    },
    /// Show the steps of a run: attempts, waits, timings
    Trace {
        /// Its id, or the beginning of it
        id: String,
    },
    /// Say why it does not go on, or what came of it
    Explain {
        /// Its id, or the beginning of it
        id: String,
    },
    /// Wait until it has ended; ends with 10 if it failed, with 11 if it was cancelled
    Wait {
        /// Its id, or the beginning of it
        id: String,
        /// Give up after this long
        #[arg(long = "for", value_name = "SPAN", value_parser = span)]
        patience: Option<Duration>,
    },
    /// Print what changes, of all runs or of one, until it has ended
    Watch {
        /// Its id, or the beginning of it
        id: Option<String>,
    },
    /// Cancel runs: those that are named, or all that match
    Cancel(ManyArgs),
    /// Run again from the same events, as new runs
    Rerun {
        /// Ids; `-` reads them from standard input
        #[arg(required = true)]
        ids: Vec<String>,
        /// Keep what was done before this step
        #[arg(long, value_name = "STEP")]
        from_step: Option<String>,
        /// Input of that step: a JSON array, or @file
        #[arg(long, value_name = "JSON", requires = "from_step")]
        input: Option<String>,
        /// Only say what would be reused and what would run again
        #[arg(long, requires = "from_step")]
        dry_run: bool,
    },
    /// List the runs that ran this one again
    Reruns {
        /// Its id, or the beginning of it
        id: String,
        #[command(flatten)]
        paging: Paging,
    },
    /// Run all that match again, as new runs
    Replay(BulkArgs),
    /// Go on with runs that failed, from their last successful step, as new runs
    Resume(ManyArgs),
    /// Compare two runs, step by step
    Diff { left: String, right: String },
    /// Print all that is known of runs: one JSON object each
    Export {
        /// Ids; `-` reads them from standard input
        #[arg(required = true)]
        ids: Vec<String>,
    },
}

/// Runs by id, or by a filter.
#[derive(Debug, Args)]
struct ManyArgs {
    /// Ids; `-` reads them from standard input
    #[arg(conflicts_with_all = ["query", "status", "function", "app", "event", "error", "attributes", "since", "until"])]
    ids: Vec<String>,
    #[command(flatten)]
    bulk: BulkArgs,
}

impl RunsArgs {
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
            Self::List { filter, paging } => {
                let rows = session.api.list(&["v2", "runs"], filter.query(), &paging);
                session.printer.rows(&rows.await?, COLUMNS)
            }
            Self::Get { id } => {
                let run = view(session, &run_id(session, &id).await?).await?;
                session.printer.one(&run, DETAIL)
            }
            Self::Trace { id } => trace::show(session, &run_id(session, &id).await?).await,
            Self::Explain { id } => explain(session, "runs", &run_id(session, &id).await?).await,
            Self::Wait { id, patience } => {
                let run = wait::ended(session, &run_id(session, &id).await?, patience).await?;
                session.printer.one(&run, DETAIL)?;
                wait::outcome(&run)
            }
            Self::Watch { id: None } => wait::watch_all(session).await,
            Self::Watch { id: Some(id) } => {
                wait::watch_one(session, &run_id(session, &id).await?).await
            }
            Self::Cancel(many) => many.act(session, "cancel", BulkKind::Cancel).await,
            Self::Resume(many) => many.act(session, "resume", BulkKind::Resume).await,
            Self::Rerun {
                ids,
                from_step,
                input,
                dry_run,
            } => {
                let body = rerun_body(from_step.as_deref(), input.as_deref())?;
                let dry_run = Query::default().maybe("dryRun", dry_run.then(|| "true".to_owned()));
                rerun(session, &each_id(&ids)?, &body, &dry_run).await
            }
            Self::Reruns { id, paging } => {
                let path = ["v2", "runs", &run_id(session, &id).await?, "reruns"];
                let rows = session.api.list(&path, Query::default(), &paging).await?;
                session.printer.rows(&rows, RERUNS)
            }
            Self::Replay(bulk) => bulk.start(session, BulkKind::Replay).await,
            Self::Diff { left, right } => {
                let (left, right) = (
                    run_id(session, &left).await?,
                    run_id(session, &right).await?,
                );
                diff::show(session, &left, &right).await
            }
            Self::Export { ids } => export(session, &each_id(&ids)?).await,
        }
    }
}

impl ManyArgs {
    async fn act(self, session: &Session, action: &str, kind: BulkKind) -> Result<(), Exit> {
        if self.ids.is_empty() {
            return self.bulk.start(session, kind).await;
        }
        for_each(&each_id(&self.ids)?, async |id| {
            let id = run_id(session, id).await?;
            let answer = session
                .api
                .post(&["v2", "runs", &id, action], &json!({}))
                .await?;
            told(session, &answer["data"], &id, action)
        })
        .await
    }
}

/// What came of an action on a run: a new run, or the run itself.
fn told(session: &Session, data: &Value, id: &str, action: &str) -> Result<(), Exit> {
    let new = data["runId"].as_str().unwrap_or(id);
    let text = match action {
        "cancel" => format!("{id} is cancelled"),
        _ => format!("{id} goes on as {new}"),
    };
    let data = json!({ "id": new, "from": id });
    session.printer.said(&data, &text)
}

fn rerun_body(from_step: Option<&str>, input: Option<&str>) -> Result<Value, Exit> {
    let Some(step) = from_step else {
        return Ok(json!({}));
    };
    let mut from = json!({ "stepId": step });
    if let Some(input) = input {
        from["input"] = json_of(input)?;
    }
    Ok(json!({ "fromStep": from }))
}

async fn rerun(session: &Session, ids: &[String], body: &Value, query: &Query) -> Result<(), Exit> {
    for_each(ids, async |id| {
        let id = run_id(session, id).await?;
        let path = ["v2", "runs", &id, "rerun"];
        let answer = session
            .api
            .send(http::Method::POST, &path, query.clone(), Some(body));
        let answer = answer.await?;
        let data = &answer["data"];
        match data["runId"].as_str() {
            Some(new) => {
                let text = format!("{id} runs again as {new}");
                session
                    .printer
                    .said(&json!({ "id": new, "from": id }), &text)
            }
            None => session.printer.said(data, &plan(data)),
        }
    })
    .await
}

/// The two lists of a dry run.
fn plan(data: &Value) -> String {
    let names = |list: &Value| {
        let names: Vec<_> = list
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|step| step.as_str().or_else(|| step["name"].as_str()))
            .map(|name| format!("\n  {name}"))
            .collect();
        match names.is_empty() {
            true => "\n  nothing".to_owned(),
            false => names.concat(),
        }
    };
    format!(
        "will be reused:{}\nwill run again:{}",
        names(&data["reused"]),
        names(&data["again"])
    )
}

async fn export(session: &Session, ids: &[String]) -> Result<(), Exit> {
    for_each(ids, async |id| {
        let id = run_id(session, id).await?;
        let run = view(session, &id).await?;
        let trace = trace::of(session, &id).await?;
        let mut events = Vec::new();
        for event in run["trigger"]["eventIds"].as_array().into_iter().flatten() {
            let event = event.as_str().unwrap_or_default();
            let path = ["v1", "events", event];
            let answer = session.api.get(&path, Query::default()).await?;
            events.push(answer["data"].clone());
        }
        let bundle = json!({ "run": run, "trace": trace, "events": events });
        session.printer.said(&bundle, &bundle.to_string())
    })
    .await
}

/// The whole id of a run.
pub(super) async fn run_id(session: &Session, text: &str) -> Result<String, Exit> {
    full_id(&session.api, &["v2", "runs"], "run", text).await
}

/// A run with its output.
pub(super) async fn view(session: &Session, id: &str) -> Result<Value, Exit> {
    let query = Query::default().set("includeOutput", "true");
    let mut answer = session.api.get(&["v2", "runs", id], query).await?;
    Ok(answer["data"].take())
}
