//! `everstep audit`: what people did.

use clap::{Args, Subcommand};

use crate::cli::Exit;
use crate::cli::client::{ClientArgs, Paging, Query, moment};
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
        filter: AuditFilter,
        #[command(flatten)]
        paging: Paging,
    },
}

/// Which entries.
#[derive(Debug, Args)]
struct AuditFilter {
    /// What was done, such as run.cancel; repeat or separate by commas for more
    #[arg(long, value_delimiter = ',')]
    action: Vec<String>,
    /// Who did it; repeat for more
    #[arg(long = "by", value_name = "ACTOR")]
    actor: Vec<String>,
    /// Function, by its full id such as shop-charge
    #[arg(long = "fn", value_name = "FUNCTION")]
    function: Option<String>,
    /// Run, by its id
    #[arg(long)]
    run: Option<String>,
    /// At or after this: a span before now such as 2h, or a time
    #[arg(long, value_name = "WHEN", value_parser = moment)]
    since: Option<String>,
    /// Before this
    #[arg(long, value_name = "WHEN", value_parser = moment)]
    until: Option<String>,
}

impl AuditFilter {
    fn query(self) -> Query {
        Query::default()
            .all("action", &self.action)
            .all("actor", &self.actor)
            .maybe("functionId", self.function)
            .maybe("runId", self.run)
            .maybe("from", self.since)
            .maybe("until", self.until)
    }
}

impl AuditArgs {
    pub(in crate::cli) async fn run(self) -> Result<(), Exit> {
        let Verb::List { filter, paging } = self.verb;
        self.client
            .run(async |session| {
                let path = ["v2", "audit"];
                let rows = session.api.list(&path, filter.query(), &paging).await?;
                session.printer.rows(&rows, COLUMNS)
            })
            .await
    }
}
