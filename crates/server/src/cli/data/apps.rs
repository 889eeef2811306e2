//! `everstep apps`.

use clap::{Args, Subcommand};
use http::Method;

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
    Column::new("error", "/latestSync/error", Kind::Text),
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
        }
    }
}

pub(super) async fn all(session: &Session) -> Result<Rows, Exit> {
    let paging = Paging::first(APPS_MAX);
    session
        .api
        .list(&["v2", "apps"], Query::default(), &paging)
        .await
}
