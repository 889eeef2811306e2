//! `everstep ops`: bulk operations and how far they are.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::cli::Exit;
use crate::cli::client::{ClientArgs, Feed, Paging, Query, Session};
use crate::cli::print::{Column, Kind};

const COLUMNS: &[Column] = &[
    Column::new("id", "/id", Kind::Text),
    Column::new("kind", "/kind", Kind::Text),
    Column::new("state", "/state", Kind::Status),
    Column::new("matched", "/counts/matched", Kind::Count),
    Column::new("done", "/counts/done", Kind::Count),
    Column::new("skipped", "/counts/skipped", Kind::Count),
    Column::new("failed", "/counts/failed", Kind::Count),
    Column::new("created", "/createdAt", Kind::Time),
    Column::new("filter", "/words", Kind::Text),
];

pub(super) const DETAIL: &[Column] = &[
    Column::new("id", "/id", Kind::Text),
    Column::new("kind", "/kind", Kind::Text),
    Column::new("state", "/state", Kind::Status),
    Column::new("filter", "/words", Kind::Text),
    Column::new("reason", "/reason", Kind::Text),
    Column::new("matched", "/counts/matched", Kind::Count),
    Column::new("done", "/counts/done", Kind::Count),
    Column::new("skipped", "/counts/skipped", Kind::Count),
    Column::new("failed", "/counts/failed", Kind::Count),
    Column::new("rate", "/ratePerSecond", Kind::Count),
    Column::new("created", "/createdAt", Kind::Time),
    Column::new("ended", "/endedAt", Kind::Time),
];

#[derive(Debug, Args)]
pub struct OperationsArgs {
    #[command(flatten)]
    client: ClientArgs,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List bulk operations, newest first
    #[command(visible_alias = "ls")]
    List {
        #[command(flatten)]
        paging: Paging,
    },
    /// Show one
    Get { id: String },
    /// Follow one to its end; ends with 7 if some of it failed
    Watch { id: String },
    /// Stop one: what is done stays done
    Abort { id: String },
    /// Go on with one that was stopped
    Resume { id: String },
}

impl OperationsArgs {
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
            Self::List { paging } => {
                let path = ["v2", "bulk-operations"];
                let rows = session.api.list(&path, Query::default(), &paging).await?;
                session.printer.rows(&rows, COLUMNS)
            }
            Self::Get { id } => session.printer.one(&view(session, &id).await?, DETAIL),
            Self::Watch { id } => watch(session, &id).await,
            Self::Abort { id } => act(session, &id, "abort").await,
            Self::Resume { id } => act(session, &id, "resume").await,
        }
    }
}

async fn view(session: &Session, id: &str) -> Result<Value, Exit> {
    let path = ["v2", "bulk-operations", id];
    let mut answer = session.api.get(&path, Query::default()).await?;
    Ok(answer["data"].take())
}

async fn act(session: &Session, id: &str, action: &str) -> Result<(), Exit> {
    let path = ["v2", "bulk-operations", id, action];
    let answer = session.api.post(&path, &json!({})).await?;
    session.printer.one(&answer["data"], DETAIL)
}

/// Tells how far it is until it has ended, and prints what came of it.
pub(super) async fn watch(session: &Session, id: &str) -> Result<(), Exit> {
    let mut feed = Feed::open(session, "operations").await?;
    let mut told = String::new();
    loop {
        let operation = feed.ask(async || view(session, id).await).await?;
        let state = operation["state"].as_str().unwrap_or_default();
        if !matches!(state, "RUNNING" | "ABORTING") {
            session.printer.one(&operation, DETAIL)?;
            return outcome(&operation, id, state);
        }
        let count = |name: &str| operation["counts"][name].as_u64().unwrap_or_default();
        let text = format!(
            "{} done, {} skipped, {} failed",
            count("done"),
            count("skipped"),
            count("failed")
        );
        if text != told {
            session.printer.note(&text);
            told = text;
        }
        feed.next().await?;
    }
}

fn outcome(operation: &Value, id: &str, state: &str) -> Result<(), Exit> {
    match operation["counts"]["failed"].as_u64() {
        Some(failed) if failed > 0 => Err(Exit::partial(format!("{failed} runs failed"))),
        _ if state == "COMPLETED" => Ok(()),
        _ => Err(Exit::conflict(format!("{id} is {}", state.to_lowercase()))),
    }
}
