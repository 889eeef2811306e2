//! `everstep status`: a server on one screen.

use clap::Args;
use serde_json::{Value, json};

use super::apps;
use crate::cli::Exit;
use crate::cli::client::{ClientArgs, Paging, Query, Session, moment};
use crate::cli::print::{Column, Kind};

const COLUMNS: &[Column] = &[
    Column::new("server", "/server", Kind::Text),
    Column::new("version", "/version", Kind::Text),
    Column::new("apps", "/apps", Kind::Count),
    Column::new("apps-with-errors", "/appsWithErrors", Kind::Text),
    Column::new("functions", "/functions", Kind::Count),
    Column::new("queued", "/queued", Kind::Text),
    Column::new("running", "/running", Kind::Text),
    Column::new("failed-in-a-day", "/failed", Kind::Text),
];
/// Counted to here.
const COUNTED: u64 = 1000;

#[derive(Debug, Args)]
pub struct StatusArgs {
    #[command(flatten)]
    client: ClientArgs,
}

impl StatusArgs {
    pub(in crate::cli) async fn run(self) -> Result<(), Exit> {
        self.client
            .run(async |session| session.printer.one(&view(session).await?, COLUMNS))
            .await
    }
}

async fn view(session: &Session) -> Result<Value, Exit> {
    let dev = session.api.get(&["dev"], Query::default()).await?;
    let apps = apps::all(session).await?.rows;
    let broken: Vec<_> = apps
        .iter()
        .filter(|app| !app["latestSync"]["error"].is_null())
        .map(|app| app["id"].clone())
        .collect();
    let functions = apps.iter().filter_map(|app| app["functionCount"].as_u64());
    let day = moment("1d").map_err(Exit::failed)?;
    Ok(json!({
        "server": session.api.base(),
        "version": dev["version"],
        "apps": apps.len(),
        "appsWithErrors": broken,
        "functions": functions.sum::<u64>(),
        "queued": count(session, "QUEUED", None).await?,
        "running": count(session, "RUNNING", None).await?,
        "failed": count(session, "FAILED", Some(day)).await?,
    }))
}

/// How many runs have this status, up to [`COUNTED`].
async fn count(session: &Session, status: &str, since: Option<String>) -> Result<String, Exit> {
    let query = Query::default().set("status", status).maybe("from", since);
    let page = session
        .api
        .list(&["v2", "runs"], query, &Paging::first(COUNTED))
        .await?;
    Ok(match page.next {
        Some(_) => format!("at least {}", page.rows.len()),
        None => page.rows.len().to_string(),
    })
}
