//! `everstep errors`: groups of failures that are alike.

use clap::{Args, Subcommand};
use serde_json::json;

use super::bulk::{BulkArgs, BulkKind};
use crate::cli::Exit;
use crate::cli::client::{ClientArgs, Paging, Query, Session, moment, span};
use crate::cli::print::{Column, Kind};

const COLUMNS: &[Column] = &[
    Column::new("id", "/id", Kind::Text),
    Column::new("status", "/status", Kind::Status),
    Column::new("function", "/function", Kind::Text),
    Column::new("runs", "/runs", Kind::Count),
    Column::new("last-seen", "/lastSeen", Kind::Time),
    Column::new("name", "/name", Kind::Text),
    Column::new("message", "/message", Kind::Text),
    Column::new("first-seen", "/firstSeen", Kind::Time).extra(),
    Column::new("step", "/step", Kind::Text).extra(),
    Column::new("last-run", "/lastRunId", Kind::Text).extra(),
];

const DETAIL: &[Column] = &[
    Column::new("id", "/id", Kind::Text),
    Column::new("status", "/status", Kind::Status),
    Column::new("function", "/function", Kind::Text),
    Column::new("step", "/step", Kind::Text),
    Column::new("name", "/name", Kind::Text),
    Column::new("message", "/message", Kind::Text),
    Column::new("runs", "/runs", Kind::Count),
    Column::new("first-seen", "/firstSeen", Kind::Time),
    Column::new("last-seen", "/lastSeen", Kind::Time),
    Column::new("last-run", "/lastRunId", Kind::Text),
];

#[derive(Debug, Args)]
pub struct ErrorsArgs {
    #[command(flatten)]
    client: ClientArgs,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List error groups, the latest first
    #[command(visible_alias = "ls")]
    List {
        /// Only those with this status
        #[arg(long, value_parser = ["open", "resolved", "ignored"])]
        status: Option<String>,
        /// Only those of this function
        #[arg(long = "fn", value_name = "FUNCTION")]
        function: Option<String>,
        #[command(flatten)]
        paging: Paging,
    },
    /// Show a group
    Get { id: String },
    /// List the runs of a group
    Runs {
        id: String,
        #[command(flatten)]
        paging: Paging,
    },
    /// Run all of a group again, as new runs
    Replay {
        id: String,
        #[command(flatten)]
        bulk: BulkArgs,
    },
    /// Mark as done with: it opens again when it happens again
    Resolve { id: String },
    /// Hide it, for a while or for good
    Ignore {
        id: String,
        /// How long
        #[arg(long = "for", value_name = "SPAN", value_parser = span_until)]
        until: Option<String>,
    },
    /// Open again what was resolved or ignored
    Reopen { id: String },
}

impl ErrorsArgs {
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
            Self::List {
                status,
                function,
                paging,
            } => {
                let query = Query::default()
                    .maybe("status", status)
                    .maybe("functionId", function);
                let rows = session.api.list(&["v2", "errors"], query, &paging).await?;
                session.printer.rows(&rows, COLUMNS)
            }
            Self::Get { id } => {
                let path = ["v2", "errors", &id];
                let answer = session.api.get(&path, Query::default()).await?;
                session.printer.one(&answer["data"], DETAIL)
            }
            Self::Runs { id, paging } => {
                let path = ["v2", "errors", &id, "runs"];
                let rows = session.api.list(&path, Query::default(), &paging).await?;
                session.printer.rows(&rows, super::runs::COLUMNS)
            }
            Self::Replay { id, bulk } => bulk.of_error(id).start(session, BulkKind::Replay).await,
            Self::Resolve { id } => act(session, &id, "resolve", None).await,
            Self::Reopen { id } => act(session, &id, "reopen", None).await,
            Self::Ignore { id, until } => act(session, &id, "ignore", until).await,
        }
    }
}

async fn act(session: &Session, id: &str, action: &str, until: Option<String>) -> Result<(), Exit> {
    let body = until.map_or_else(|| json!({}), |until| json!({ "until": until }));
    let path = ["v2", "errors", id, action];
    let answer = session.api.post(&path, &body).await?;
    session.printer.one(&answer["data"], DETAIL)
}

/// The time that is so far from now.
fn span_until(text: &str) -> Result<String, String> {
    let until = jiff::Timestamp::now()
        .checked_add(span(text)?)
        .map_err(|_| format!("{text:?} is too long"))?;
    moment(&until.to_string())
}
