//! `everstep schedules`.

use clap::{Args, Subcommand};

use crate::cli::Exit;
use crate::cli::client::{ClientArgs, Paging, Query, Session};
use crate::cli::print::{Column, Kind};

const COLUMNS: &[Column] = &[
    Column::new("function", "/function/slug", Kind::Text),
    Column::new("cron", "/cron", Kind::Text),
    Column::new("zone", "/timeZone", Kind::Text),
    Column::new("next", "/nextAt/0", Kind::Time),
    Column::new("paused", "/isPaused", Kind::Text),
    Column::new("last run", "/lastRun/id", Kind::Text),
    Column::new("status", "/lastRun/status", Kind::Status),
];
/// Schedules, as far as the command looks.
const SCHEDULES_MAX: u64 = 1000;

#[derive(Debug, Args)]
pub struct SchedulesArgs {
    #[command(flatten)]
    client: ClientArgs,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List schedules: when which function runs by the clock
    #[command(visible_alias = "ls")]
    List,
}

impl SchedulesArgs {
    pub(in crate::cli) async fn run(self) -> Result<(), Exit> {
        let Verb::List = self.verb;
        let list = async |session: &Session| {
            let paging = Paging::first(SCHEDULES_MAX);
            let path = ["v2", "schedules"];
            let rows = session.api.list(&path, Query::default(), &paging).await?;
            session.printer.rows(&rows, COLUMNS)
        };
        self.client.run(list).await
    }
}
