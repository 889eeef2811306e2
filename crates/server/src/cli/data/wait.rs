//! Waiting for runs, and watching them.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use super::runs::{COLUMNS, view};
use crate::cli::Exit;
use crate::cli::client::{Feed, News, Paging, Query, Session, id_of};

/// Runs that are looked at when all are watched and it is not told which have changed.
const LOOKED_AT: u64 = 100;
/// Runs of which it is remembered how they were told of: the newest.
const REMEMBERED: usize = 10_000;

/// The run, once it has ended.
pub(super) async fn ended(
    session: &Session,
    id: &str,
    patience: Option<Duration>,
) -> Result<Value, Exit> {
    let mut last = String::new();
    let ended = follow(session, id, |run| {
        last = status(run).to_lowercase();
        Ok(())
    });
    let Some(patience) = patience else {
        return ended.await;
    };
    match tokio::time::timeout(patience, ended).await {
        Ok(result) => result,
        Err(_) => Err(Exit::timed_out(format!("{id} is still {last}"))),
    }
}

/// The exit that tells how a run ended.
pub(super) fn outcome(run: &Value) -> Result<(), Exit> {
    let id = id_of(run);
    match status(run) {
        "FAILED" => Err(Exit::run_failed(format!("{id} failed"))),
        "CANCELLED" => Err(Exit::run_cancelled(format!("{id} was cancelled"))),
        _ => Ok(()),
    }
}

/// Prints a run each time that its status has changed, until it has ended.
pub(super) async fn watch_one(session: &Session, id: &str) -> Result<(), Exit> {
    let mut told = String::new();
    let run = follow(session, id, |run| {
        if status(run) == told {
            return Ok(());
        }
        status(run).clone_into(&mut told);
        session.printer.line(run, COLUMNS)
    });
    outcome(&run.await?)
}

/// Looks at a run whenever something happens to it, until it has ended.
async fn follow(
    session: &Session,
    id: &str,
    mut look: impl FnMut(&Value) -> Result<(), Exit>,
) -> Result<Value, Exit> {
    let mut run = view(session, id).await?;
    look(&run)?;
    if is_final(&run) {
        return Ok(run);
    }
    let mut feed = Feed::open(session, &format!("run:{}", id_of(&run))).await?;
    loop {
        run = feed.ask(async || view(session, id).await).await?;
        look(&run)?;
        if is_final(&run) {
            return Ok(run);
        }
        feed.next().await?;
    }
}

/// Prints runs as they come and change, until the process is ended.
pub(super) async fn watch_all(session: &Session) -> Result<(), Exit> {
    let mut told = Told::default();
    // What was there before is not news.
    for run in newest(session).await? {
        told.is_news(&run);
    }
    let mut feed = Feed::open(session, "runs").await?;
    let mut news = News::Look;
    loop {
        let mut runs = match news {
            News::Rows(runs) => runs,
            News::Look => feed.ask(async || newest(session).await).await?,
        };
        runs.sort_by(|a, b| id_of(a).cmp(id_of(b)));
        for run in runs.iter().filter(|run| told.is_news(run)) {
            session.printer.line(run, COLUMNS)?;
        }
        news = feed.next().await?;
    }
}

async fn newest(session: &Session) -> Result<Vec<Value>, Exit> {
    let paging = Paging::first(LOOKED_AT);
    let runs = session.api.list(&["v2", "runs"], Query::default(), &paging);
    Ok(runs.await?.rows)
}

/// The statuses of runs that were told.
#[derive(Default)]
struct Told(BTreeMap<String, String>);

impl Told {
    /// Whether the run was not told of as it is now; it is from now on.
    fn is_news(&mut self, run: &Value) -> bool {
        let told = self.0.insert(id_of(run).to_owned(), status(run).to_owned());
        if self.0.len() > REMEMBERED {
            // Ids begin with the time: the oldest run is the first.
            self.0.pop_first();
        }
        told.as_deref() != Some(status(run))
    }
}

fn status(run: &Value) -> &str {
    run["status"].as_str().unwrap_or_default()
}

/// One that was skipped is shown as queued, and stays so.
fn is_final(run: &Value) -> bool {
    matches!(status(run), "COMPLETED" | "FAILED" | "CANCELLED") || run["isSkipped"] == true
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_status_is_told_once_as_long_as_the_run_is_remembered() {
        let run =
            |number: usize, status: &str| json!({ "id": format!("{number:06}"), "status": status });
        let mut told = Told::default();
        assert!(told.is_news(&run(0, "RUNNING")));
        assert!(!told.is_news(&run(0, "RUNNING")));
        assert!(told.is_news(&run(0, "FAILED")));
        for number in 1..=REMEMBERED {
            assert!(told.is_news(&run(number, "RUNNING")));
        }
        assert_eq!(told.0.len(), REMEMBERED);
        assert!(
            !told.is_news(&run(1, "RUNNING")),
            "the newest are remembered"
        );
    }
}
