//! `GET /v2/system/storage`: how much is stored, and what retention does about it.

use std::time::Duration;

use axum::extract::State;
use axum::response::Response;
use everstep_engine::{LastPortion, RetentionConfig};
use everstep_protocol::time::format_duration;
use everstep_store::{History, TableUse};
use serde_json::{Value, json};

use super::Api;
use super::envelope::envelope;
use super::error::V2Error;
use super::query::Query;

/// Tables are measured by reading all of them. Of more bytes than this that is done for those alone
/// who ask for it.
const MEASURED_MAX: u64 = 256 << 20;

/// What belongs to a kind of history: the first table has its rows, each once. What is in no list is
/// live state.
const CLASSES: [(&str, &[&str]); 4] = [
    (
        "runs",
        &[
            "runs",
            "run_outputs",
            "run_events",
            "steps",
            "defers",
            "metadata",
            "reruns",
            "run_attributes",
            "removed_runs",
        ],
    ),
    ("events", &["events", "event_payloads", "skips"]),
    ("traces", &["attempts", "spans"]),
    ("metrics", &["rollups", "error_groups", "error_decisions"]),
];

pub(super) async fn storage(State(api): State<Api>, mut query: Query) -> Result<Response, V2Error> {
    let measure = query.flag("measure");
    query.done()?;
    let store = api.engine.store();
    let storage = store.storage().await?;
    let tables = if measure.unwrap_or(storage.used_bytes <= MEASURED_MAX) {
        Some(store.storage_tables().await?)
    } else {
        None
    };
    let report = api.engine.retention();
    let data = json!({
        "fileBytes": storage.file_bytes,
        "usedBytes": storage.used_bytes,
        "oldestRun": storage.oldest_run.map(|at| at.to_string()),
        "oldestEvent": storage.oldest_event.map(|at| at.to_string()),
        "classes": tables.as_deref().map(classes),
        "tables": tables.as_deref().map(|tables| tables.iter().map(table).collect::<Vec<_>>()),
        "retention": retention(report.config.unwrap_or_default()),
        "removedRows": report.removed,
        "lastPortion": report.last.as_ref().map(portion),
        "lookedAt": report.looked_at.map(|at| at.to_string()),
    });
    Ok(envelope(data, api.clock.now()))
}

fn classes(tables: &[TableUse]) -> Value {
    let mut classes: Vec<(&str, u64, u64)> = Vec::new();
    for (class, members) in CLASSES {
        let of_class = tables
            .iter()
            .filter(|table| members.contains(&table.table.as_str()));
        let bytes = of_class.map(|table| table.bytes).sum();
        let rows = tables.iter().find(|table| table.table == members[0]);
        classes.push((class, rows.map_or(0, |table| table.rows), bytes));
    }
    let is_history = |table: &TableUse| {
        let mut members = CLASSES.iter().flat_map(|(_, members)| members.iter());
        members.any(|member| *member == table.table)
    };
    let live = tables.iter().filter(|table| !is_history(table));
    let (rows, bytes) = live.fold((0, 0), |(rows, bytes), table| {
        (rows + table.rows, bytes + table.bytes)
    });
    classes.push(("live", rows, bytes));
    let view = |(class, rows, bytes): (&str, u64, u64)| {
        (class.to_owned(), json!({ "rows": rows, "bytes": bytes }))
    };
    Value::Object(classes.into_iter().map(view).collect())
}

fn table(table: &TableUse) -> Value {
    json!({ "table": table.table, "rows": table.rows, "bytes": table.bytes })
}

/// What is not set is for ever, and any size.
fn retention(config: RetentionConfig) -> Value {
    let kept = |kept: Option<Duration>| kept.map(format_duration);
    json!({
        "runs": kept(config.runs),
        "events": kept(config.events),
        "traces": kept(config.traces),
        "sizeBytes": config.size,
    })
}

fn portion(portion: &LastPortion) -> Value {
    let history = match portion.history {
        History::Runs => "runs",
        History::Traces => "traces",
        History::Events => "events",
        History::Minutes => "minutes",
        History::Rollups => "rollups",
        History::Errors => "errors",
    };
    json!({
        "history": history,
        "at": portion.at.to_string(),
        "removedRows": portion.removed,
        "tookMs": portion.took.as_secs_f64() * 1000.0,
    })
}
