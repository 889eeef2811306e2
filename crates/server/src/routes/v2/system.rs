//! `GET /v2/system/storage`: how much is stored, and what retention does about it.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::extract::State;
use axum::response::Response;
use everstep_engine::{LastPortion, RetentionConfig};
use everstep_protocol::time::format_duration;
use everstep_store::{History, TableUse};
use serde::Serialize;
use utoipa::ToSchema;

use super::Api;
use super::envelope::envelope;
use super::error::V2Error;
use super::query::Query;
use crate::routes::openapi::{Kind, Member, Operation, Routes};

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

/// How much is stored.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Storage)]
struct StorageView {
    file_bytes: u64,
    used_bytes: u64,
    #[schema(required)]
    oldest_run: Option<String>,
    #[schema(required)]
    oldest_event: Option<String>,
    /// By kind of history; null if the tables were not measured.
    #[schema(required)]
    classes: Option<BTreeMap<&'static str, UseView>>,
    #[schema(required)]
    tables: Option<Vec<TableView>>,
    retention: RetentionView,
    removed_rows: u64,
    #[schema(required)]
    last_portion: Option<PortionView>,
    #[schema(required)]
    looked_at: Option<String>,
}

#[derive(Clone, Copy, Default, Serialize, ToSchema)]
#[schema(as = StorageUse)]
struct UseView {
    rows: u64,
    bytes: u64,
}

#[derive(Serialize, ToSchema)]
#[schema(as = TableUse)]
struct TableView {
    table: String,
    rows: u64,
    bytes: u64,
}

/// What is not set is for ever, and any size.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Retention)]
struct RetentionView {
    #[schema(required)]
    runs: Option<String>,
    #[schema(required)]
    events: Option<String>,
    #[schema(required)]
    traces: Option<String>,
    #[schema(required)]
    size_bytes: Option<u64>,
}

/// What retention removed last.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RetentionPortion)]
struct PortionView {
    history: &'static str,
    at: String,
    removed_rows: usize,
    took_ms: f64,
}

pub(super) fn routes() -> Routes {
    let measure = Member::new(
        "measure",
        Kind::Flag,
        "Measure tables even if they are large",
    );
    Routes::new("Server").get(
        "/system/storage",
        storage,
        Operation::v2(
            "getStorage",
            "How much is stored, and what retention does about it",
        )
        .query(&[measure])
        .replies::<StorageView>(),
    )
}

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
    let data = StorageView {
        file_bytes: storage.file_bytes,
        used_bytes: storage.used_bytes,
        oldest_run: storage.oldest_run.map(|at| at.to_string()),
        oldest_event: storage.oldest_event.map(|at| at.to_string()),
        classes: tables.as_deref().map(classes),
        tables: tables.map(|tables| tables.into_iter().map(TableView::new).collect()),
        retention: RetentionView::new(report.config.unwrap_or_default()),
        removed_rows: report.removed,
        last_portion: report.last.as_ref().map(PortionView::new),
        looked_at: report.looked_at.map(|at| at.to_string()),
    };
    Ok(envelope(data, api.clock.now()))
}

fn classes(tables: &[TableUse]) -> BTreeMap<&'static str, UseView> {
    let mut classes = BTreeMap::new();
    for (class, members) in CLASSES {
        let of_class = tables
            .iter()
            .filter(|table| members.contains(&table.table.as_str()));
        let rows = tables.iter().find(|table| table.table == members[0]);
        let used = UseView {
            rows: rows.map_or(0, |table| table.rows),
            bytes: of_class.map(|table| table.bytes).sum(),
        };
        classes.insert(class, used);
    }
    let is_history = |table: &TableUse| {
        let mut members = CLASSES.iter().flat_map(|(_, members)| members.iter());
        members.any(|member| *member == table.table)
    };
    let live = tables.iter().filter(|table| !is_history(table));
    let live = live.fold(UseView::default(), |sum, table| UseView {
        rows: sum.rows + table.rows,
        bytes: sum.bytes + table.bytes,
    });
    classes.insert("live", live);
    classes
}

impl TableView {
    fn new(table: TableUse) -> Self {
        Self {
            table: table.table,
            rows: table.rows,
            bytes: table.bytes,
        }
    }
}

impl RetentionView {
    fn new(config: RetentionConfig) -> Self {
        let kept = |kept: Option<Duration>| kept.map(format_duration);
        Self {
            runs: kept(config.runs),
            events: kept(config.events),
            traces: kept(config.traces),
            size_bytes: config.size,
        }
    }
}

impl PortionView {
    fn new(portion: &LastPortion) -> Self {
        Self {
            history: match portion.history {
                History::Runs => "runs",
                History::Traces => "traces",
                History::Events => "events",
                History::Minutes => "minutes",
                History::Rollups => "rollups",
                History::Errors => "errors",
            },
            at: portion.at.to_string(),
            removed_rows: portion.removed,
            took_ms: portion.took.as_secs_f64() * 1000.0,
        }
    }
}
