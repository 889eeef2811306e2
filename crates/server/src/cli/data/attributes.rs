//! `everstep attributes`: values of runs by which they are found.

use clap::{Args, Subcommand};
use http::Method;
use serde_json::json;

use crate::cli::Exit;
use crate::cli::client::{ClientArgs, Paging, Query, Session};
use crate::cli::print::{Column, Kind};

const COLUMNS: &[Column] = &[
    Column::new("name", "/name", Kind::Text),
    Column::new("expression", "/expression", Kind::Text),
    Column::new("created", "/createdAt", Kind::Time),
];
/// More than there may be.
const ATTRIBUTES_MAX: u64 = 1000;

#[derive(Debug, Args)]
pub struct AttributesArgs {
    #[command(flatten)]
    client: ClientArgs,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List attributes
    #[command(visible_alias = "ls")]
    List,
    /// Declare one: runs that start from now on have it
    Set {
        name: String,
        /// Its value in CEL, such as event.data.orgId
        expression: String,
    },
    /// Forget one
    Remove { name: String },
}

impl AttributesArgs {
    pub(in crate::cli) async fn run(self) -> Result<(), Exit> {
        let verb = self.verb;
        self.client
            .run(async |session| verb.run(session).await)
            .await
    }
}

impl Verb {
    async fn run(self, session: &Session) -> Result<(), Exit> {
        let query = Query::default();
        match self {
            Self::List => {
                let paging = Paging::first(ATTRIBUTES_MAX);
                let rows = session
                    .api
                    .list(&["v2", "attributes"], query, &paging)
                    .await?;
                session.printer.rows(&rows, COLUMNS)
            }
            Self::Set { name, expression } => {
                let path = ["v2", "attributes", &name];
                let body = json!({ "expression": expression });
                let sent = session.api.send(Method::PUT, &path, query, Some(&body));
                session.printer.one(&sent.await?["data"], COLUMNS)
            }
            Self::Remove { name } => {
                let path = ["v2", "attributes", &name];
                let sent = session.api.send(Method::DELETE, &path, query, None).await?;
                session
                    .printer
                    .said(&sent["data"], &format!("{name} is removed"))
            }
        }
    }
}
