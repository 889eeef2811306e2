//! The tree of a run's steps for people: one line for each span, with a bar over the time of the run.

use serde_json::Value;

use crate::cli::Exit;
use crate::cli::client::{Query, Session};
use crate::cli::print::{millis, span_text, write};

/// Characters of a bar.
const BAR_WIDTH: usize = 30;

/// A span in the order in which it is printed.
struct Line<'a> {
    depth: usize,
    span: &'a Value,
}

/// The trace of a run, with inputs and outputs.
pub(super) async fn of(session: &Session, id: &str) -> Result<Value, Exit> {
    let query = Query::default().set("includeOutput", "true");
    let path = ["v2", "runs", id, "trace"];
    let mut answer = session.api.get(&path, query).await?;
    Ok(answer["data"].take())
}

pub(super) async fn show(session: &Session, id: &str) -> Result<(), Exit> {
    let trace = of(session, id).await?;
    if !session.printer.is_table() {
        return session.printer.said(&trace, id);
    }
    write(&tree(&trace["rootSpan"]))
}

fn tree(root: &Value) -> String {
    let mut lines = Vec::new();
    flatten(root, 0, &mut lines);
    let width = |line: &Line<'_>| 2 * line.depth + name(line.span).chars().count();
    let names = lines.iter().map(width).max().unwrap_or_default();
    let from = at(root, "queuedAt").unwrap_or_default();
    let until = lines
        .iter()
        .filter_map(|line| at(line.span, "endedAt").or_else(|| at(line.span, "startedAt")))
        .max()
        .unwrap_or(from)
        .max(from + 1);
    lines
        .iter()
        .map(|line| {
            let indent = "  ".repeat(line.depth);
            let name = format!("{indent}{}", name(line.span));
            let status = line.span["status"]
                .as_str()
                .unwrap_or_default()
                .to_lowercase();
            let took = millis(&line.span["durationMs"]).map_or_else(String::new, span_text);
            let bar = bar(line.span, from, until);
            let text = format!("{name:names$}  {status:9}  {took:>8}  {bar}");
            format!("{}\n", text.trim_end())
        })
        .collect()
}

fn flatten<'a>(span: &'a Value, depth: usize, lines: &mut Vec<Line<'a>>) {
    lines.push(Line { depth, span });
    for child in span["children"].as_array().into_iter().flatten() {
        flatten(child, depth + 1, lines);
    }
}

fn name(span: &Value) -> &str {
    span["name"].as_str().unwrap_or_default()
}

/// Where in the time of the run it was queued (`.`) and worked (`#`).
fn bar(span: &Value, from: i64, until: i64) -> String {
    let Some(queued) = at(span, "queuedAt") else {
        return String::new();
    };
    let started = at(span, "startedAt").unwrap_or(until);
    let ended = at(span, "endedAt").unwrap_or(until);
    let place = |time: i64| {
        let part = (time.clamp(from, until) - from) * i64::try_from(BAR_WIDTH).unwrap_or(0);
        usize::try_from(part / (until - from)).unwrap_or(0)
    };
    let (queued, started) = (place(queued), place(started));
    // What took no time to speak of is still to be seen.
    let ended = place(ended).max(started + 1);
    format!(
        "{}{}{}",
        " ".repeat(queued),
        ".".repeat(started.saturating_sub(queued)),
        "#".repeat(ended - started)
    )
}

fn at(span: &Value, name: &str) -> Option<i64> {
    let time: jiff::Timestamp = span[name].as_str()?.parse().ok()?;
    Some(time.as_millisecond())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_tree_has_a_line_for_each_span_over_the_time_of_the_run() {
        let time = |second: u32| format!("2026-11-28T12:00:{second:02}Z");
        let root = json!({
            "name": "charge", "status": "RUNNING", "queuedAt": time(0), "startedAt": time(0),
            "children": [
                { "name": "fetch", "status": "COMPLETED", "durationMs": "10000",
                  "queuedAt": time(0), "startedAt": time(10), "endedAt": time(20),
                  "children": [{ "name": "Attempt 0", "status": "FAILED", "durationMs": "9",
                    "queuedAt": time(10), "startedAt": time(10), "endedAt": time(10) }] },
                { "name": "nap", "status": "WAITING", "queuedAt": time(20), "startedAt": time(30) },
            ],
        });
        assert_eq!(
            tree(&root),
            "charge         running              ##############################\n\
             \x20 fetch        completed     10.0s  ..........##########\n\
             \x20   Attempt 0  failed          9ms            #\n\
             \x20 nap          waiting                                  ..........#\n"
        );
    }
}
