//! Pages and their cursors (http-api §6.4).

use async_graphql::{Error, Result, SimpleObject};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use everstep_protocol::{EventId, Timestamp};
use everstep_store::{RunCursor, RunTime};
use serde_json::{Value, json};

#[derive(Clone, Debug, Default, SimpleObject)]
pub(super) struct PageInfo {
    pub(super) has_next_page: bool,
    pub(super) has_previous_page: bool,
    pub(super) start_cursor: Option<String>,
    pub(super) end_cursor: Option<String>,
}

impl PageInfo {
    pub(super) fn new(cursors: &[String], has_next: bool, has_previous: bool) -> Self {
        Self {
            has_next_page: has_next,
            has_previous_page: has_previous,
            start_cursor: cursors.first().cloned(),
            end_cursor: cursors.last().cloned(),
        }
    }
}

fn field(time: RunTime) -> &'static str {
    match time {
        RunTime::QueuedAt => "queued_at",
        RunTime::StartedAt => "started_at",
        RunTime::EndedAt => "ended_at",
    }
}

/// `{"id", "c": {"<field>": {"f": "<field>", "v": <ms>}}}` in base64 (GQ-2).
pub(super) fn run_cursor(time: RunTime, cursor: RunCursor) -> String {
    let field = field(time);
    let value = json!({ "f": field, "v": cursor.at.as_millis() });
    encode(&json!({ "id": cursor.run.to_string(), "c": { field: value } }))
}

pub(super) fn parse_run_cursor(time: RunTime, text: &str) -> Result<RunCursor> {
    let json = decode(text)?;
    let run = json["id"].as_str().and_then(|id| id.parse().ok());
    let at = json["c"][field(time)]["v"].as_i64();
    match (run, at) {
        (Some(run), Some(at)) => Ok(RunCursor {
            at: Timestamp::from_millis(at),
            run,
        }),
        _ => Err(bad(text)),
    }
}

/// `{"ID"}` in base64 (GQ-4).
pub(super) fn event_cursor(event: EventId) -> String {
    encode(&json!({ "ID": event.to_string() }))
}

pub(super) fn parse_event_cursor(text: &str) -> Result<EventId> {
    let json = decode(text)?;
    let id = json["ID"].as_str().and_then(|id| id.parse().ok());
    id.ok_or_else(|| bad(text))
}

/// The search that lines of conditions are together (http-api §6.5).
pub(super) fn conditions(lines: Option<&str>) -> Option<String> {
    let lines = lines?.lines().map(str::trim);
    let lines = lines.filter(|line| !line.is_empty());
    let conditions: Vec<_> = lines.map(|line| format!("({line})")).collect();
    (!conditions.is_empty()).then(|| conditions.join(" && "))
}

fn encode(json: &Value) -> String {
    STANDARD.encode(json.to_string())
}

fn decode(text: &str) -> Result<Value> {
    let bytes = STANDARD.decode(text).map_err(|_| bad(text))?;
    serde_json::from_slice(&bytes).map_err(|_| bad(text))
}

fn bad(text: &str) -> Error {
    Error::new(format!("{text:?} is not a cursor of this list"))
}
