//! `everstep schedules`.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::cli::Exit;
use crate::cli::client::{ClientArgs, Paging, Query, Rows, Session};
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
const TIMES: &[Column] = &[
    Column::new("function", "/function/slug", Kind::Text),
    Column::new("at", "/at", Kind::Time),
    Column::new("cron", "/cron", Kind::Text),
    Column::new("zone", "/timeZone", Kind::Text),
    Column::new("paused", "/isPaused", Kind::Text),
];
/// Schedules, as far as the command looks.
const SCHEDULES_MAX: u64 = 1000;
/// Of these the API gives no more at a time.
const PAGE: usize = 40;

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
    /// List the next times of all schedules, in order
    Next {
        /// Only those of this function
        #[arg(long = "fn", value_name = "FUNCTION")]
        function: Option<String>,
    },
}

impl SchedulesArgs {
    pub(in crate::cli) async fn run(self) -> Result<(), Exit> {
        let verb = self.verb;
        self.client
            .run(async |session| verb.run(session).await)
            .await
    }
}

impl Verb {
    async fn run(self, session: &Session) -> Result<(), Exit> {
        let path = ["v2", "schedules"];
        let paging = Paging::first(SCHEDULES_MAX).pages_of(PAGE);
        let schedules = session.api.list(&path, Query::default(), &paging).await?;
        match self {
            Self::List => session.printer.rows(&schedules, COLUMNS),
            Self::Next { function } => {
                let times = times(&schedules.rows, function.as_deref());
                session.printer.rows(&Rows::all(times), TIMES)
            }
        }
    }
}

/// A row for each time to come. How many there are of a schedule is for the server to say.
fn times(schedules: &[Value], function: Option<&str>) -> Vec<Value> {
    let is_meant = |schedule: &&Value| {
        function.is_none_or(|function| schedule["function"]["slug"] == function)
    };
    let mut times: Vec<Value> = schedules
        .iter()
        .filter(is_meant)
        .flat_map(|schedule| {
            let at = schedule["nextAt"].as_array().into_iter().flatten();
            at.map(|at| {
                json!({
                    "at": at,
                    "function": schedule["function"],
                    "cron": schedule["cron"],
                    "timeZone": schedule["timeZone"],
                    "isPaused": schedule["isPaused"],
                })
            })
        })
        .collect();
    // All are written alike, in UTC: the order of the texts is that of the times.
    times.sort_by(|a, b| a["at"].as_str().cmp(&b["at"].as_str()));
    times
}
