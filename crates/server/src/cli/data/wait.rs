//! Waiting for runs, and watching them.

use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use super::runs::{COLUMNS, view};
use crate::cli::Exit;
use crate::cli::client::{Paging, Query, Session, id_of};

/// Between two looks; they become rarer until it is [`PAUSE_MAX`].
const PAUSE_MIN: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_secs(2);
/// Runs that are looked at when all are watched.
const WATCHED: u64 = 100;

/// The run, once it has ended.
pub(super) async fn ended(
    session: &Session,
    id: &str,
    patience: Option<Duration>,
) -> Result<Value, Exit> {
    let until = patience.map(|patience| Instant::now() + patience);
    let mut pause = PAUSE_MIN;
    loop {
        let run = view(session, id).await?;
        if is_final(&run) {
            return Ok(run);
        }
        if until.is_some_and(|until| Instant::now() + pause > until) {
            return Err(Exit::timed_out(format!(
                "{id} is still {}",
                status(&run).to_lowercase()
            )));
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 3 / 2).min(PAUSE_MAX);
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
    let mut seen = String::new();
    let mut pause = PAUSE_MIN;
    loop {
        let run = view(session, id).await?;
        if status(&run) != seen {
            seen = status(&run).to_owned();
            pause = PAUSE_MIN;
            session.printer.line(&run, COLUMNS)?;
        }
        if is_final(&run) {
            return outcome(&run);
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 3 / 2).min(PAUSE_MAX);
    }
}

/// Prints runs as they come and change, until the process is ended.
pub(super) async fn watch_all(session: &Session) -> Result<(), Exit> {
    // What was there before is not news.
    let mut seen: Vec<_> = newest(session).await?.iter().map(state).collect();
    loop {
        tokio::time::sleep(PAUSE_MAX).await;
        let runs = newest(session).await?;
        for run in runs.iter().rev().filter(|run| !seen.contains(&state(run))) {
            session.printer.line(run, COLUMNS)?;
        }
        seen = runs.iter().map(state).collect();
    }
}

async fn newest(session: &Session) -> Result<Vec<Value>, Exit> {
    let paging = Paging::first(WATCHED);
    let runs = session.api.list(&["v2", "runs"], Query::default(), &paging);
    Ok(runs.await?.rows)
}

/// What tells a run that has changed from one that has not.
fn state(run: &Value) -> (String, String) {
    (id_of(run).to_owned(), status(run).to_owned())
}

fn status(run: &Value) -> &str {
    run["status"].as_str().unwrap_or_default()
}

/// One that was skipped is shown as queued, and stays so.
fn is_final(run: &Value) -> bool {
    matches!(status(run), "COMPLETED" | "FAILED" | "CANCELLED") || run["isSkipped"] == true
}
