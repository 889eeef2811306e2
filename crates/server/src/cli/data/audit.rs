//! `everstep audit`: what people did.

use clap::{Args, Subcommand};

use crate::cli::Exit;
use crate::cli::client::{ClientArgs, Paging, Query};
use crate::cli::print::{Column, Kind};

const COLUMNS: &[Column] = &[
    Column::new("id", "/id", Kind::Text),
    Column::new("at", "/at", Kind::Time),
    Column::new("action", "/action", Kind::Text),
    Column::new("actor", "/actor", Kind::Text),
    Column::new("function", "/target/functionSlug", Kind::Text),
    Column::new("run", "/target/runId", Kind::Text),
    Column::new("reason", "/reason", Kind::Text),
    Column::new("detail", "/detail", Kind::Text).extra(),
];

#[derive(Debug, Args)]
pub struct AuditArgs {
    #[command(flatten)]
    client: ClientArgs,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List what people did, newest first
    #[command(visible_alias = "ls")]
    List {
        #[command(flatten)]
        paging: Paging,
    },
}

impl AuditArgs {
    pub(in crate::cli) async fn run(self) -> Result<(), Exit> {
        let Verb::List { paging } = self.verb;
        self.client
            .run(async |session| {
                let path = ["v2", "audit"];
                let rows = session.api.list(&path, Query::default(), &paging).await?;
                session.printer.rows(&rows, COLUMNS)
            })
            .await
    }
}
