//! Commands about data: a file for each noun. They use the HTTP API that everyone has.

mod api;
mod apps;
mod attributes;
mod audit;
mod bulk;
mod diff;
mod doctor;
mod errors;
mod events;
mod filter;
mod flow;
mod functions;
mod open;
mod operations;
mod runs;
mod schedules;
mod status;
mod steps;
mod trace;
mod wait;

use serde_json::Value;

pub use self::api::ApiArgs;
pub use self::apps::AppsArgs;
pub use self::attributes::AttributesArgs;
pub use self::audit::AuditArgs;
pub use self::doctor::DoctorArgs;
pub use self::errors::ErrorsArgs;
pub use self::events::EventsArgs;
pub use self::flow::FlowArgs;
pub use self::functions::FunctionsArgs;
pub use self::open::OpenArgs;
pub use self::operations::OperationsArgs;
pub use self::runs::RunsArgs;
pub use self::schedules::SchedulesArgs;
pub use self::status::StatusArgs;
pub use self::steps::StepsArgs;

use super::Exit;
use super::client::{Query, Session};

/// Does something to each of several things, says what came of each, and ends with code 7 if only
/// some of it worked. A thing alone ends with the code of its own error.
async fn for_each(
    ids: &[String],
    mut act: impl AsyncFnMut(&str) -> Result<(), Exit>,
) -> Result<(), Exit> {
    let mut failed = Vec::new();
    for id in ids {
        if let Err(exit) = act(id).await {
            failed.push((id, exit));
        }
    }
    if ids.len() == 1 {
        return match failed.pop() {
            Some((_, exit)) => Err(exit),
            None => Ok(()),
        };
    }
    if failed.is_empty() {
        return Ok(());
    }
    let lines: Vec<_> = failed
        .iter()
        .map(|(id, exit)| format!("{id}: {}", exit.message().unwrap_or("failed")))
        .collect();
    let text = format!(
        "{} of {} failed:\n{}",
        failed.len(),
        ids.len(),
        lines.join("\n")
    );
    Err(match failed.len() == ids.len() {
        true => Exit::failed(text),
        false => Exit::partial(text),
    })
}

/// The explanation of why something waits, does not run, or started nothing.
async fn explain(session: &Session, noun: &str, id: &str) -> Result<(), Exit> {
    let answer = session
        .api
        .get(&["v1", noun, id, "explain"], Query::default())
        .await?;
    let data = &answer["data"];
    let mut text = data["summary"].as_str().unwrap_or_default().to_owned();
    for miss in near_misses(data) {
        text.push('\n');
        text.push_str(&miss);
    }
    session.printer.said(data, &text)
}

/// A line for each event that a wait might have been for.
fn near_misses(data: &Value) -> Vec<String> {
    let reasons = data["reasons"].as_array().into_iter().flatten();
    reasons
        .flat_map(|reason| reason["nearMisses"].as_array().into_iter().flatten())
        .filter_map(|miss| {
            let (event, clause) = (miss["eventId"].as_str()?, miss["clause"].as_str()?);
            let outcome = miss["outcome"].as_str()?;
            Some(format!("  event {event}: {clause} is {outcome}"))
        })
        .collect()
}

/// JSON from a flag: the text itself, or a file with `@`.
fn json_of(text: &str) -> Result<Value, Exit> {
    let text = match text.strip_prefix('@') {
        Some(file) => std::fs::read_to_string(file)
            .map_err(|error| Exit::failed(format!("{file}: {error}")))?,
        None => text.to_owned(),
    };
    serde_json::from_str(&text).map_err(|error| Exit::usage(format!("that is not JSON: {error}")))
}
