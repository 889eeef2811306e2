//! `GET /v2/system`: since when the server runs, and its limits. `GET /v2/system/storage`: how much is
//! stored, and what retention does about it.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::extract::State;
use axum::response::Response;
use everstep_core::ShardConfig;
use everstep_core::limits::{
    ATTRIBUTES_MAX, CANCELLATIONS_OPEN_MAX, OPERATIONS_OPEN_MAX, OVERRIDES_MAX,
};
use everstep_engine::{LastPortion, RetentionConfig};
use everstep_protocol::limits::{
    CALL_DURATION_MAX, EVENT_MAX, EVENTS_PER_REQUEST_MAX, REPLY_BODY_MAX, RETRIES_MAX, SLEEP_MAX,
    STATE_MAX, STEP_OUTPUT_MAX, STEPS_MAX,
};
use everstep_protocol::time::format_duration;
use everstep_store::{History, TableUse};
use serde::Serialize;
use utoipa::ToSchema;

use super::Api;
use super::envelope::envelope;
use super::error::V2Error;
use super::query::Query;
use crate::cli::VERSION;
use crate::live::CONNECTIONS_MAX;
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
    (
        "metrics",
        &["rollups", "error_groups", "error_decisions", "error_counts"],
    ),
];

/// The server.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = System)]
struct SystemView {
    version: &'static str,
    started_at: String,
    uptime_ms: u64,
    limits: LimitsView,
}

/// The limits in force. What has its unit in its name is in it, the others are counts.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Limits)]
struct LimitsView {
    calls_in_flight: usize,
    calls_per_app: u32,
    call_duration_ms: u64,
    call_reply_bytes: usize,
    event_bytes: usize,
    events_per_request: usize,
    run_state_bytes: usize,
    run_steps: usize,
    step_output_bytes: usize,
    sleep_ms: u64,
    retries: u32,
    attributes: usize,
    overrides: usize,
    operations_open: usize,
    cancellations_open: usize,
    live_connections: usize,
}

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
    Routes::new("Server")
        .get(
            "/system",
            system,
            Operation::v2("getSystem", "Since when the server runs, and its limits")
                .replies::<SystemView>(),
        )
        .get(
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

pub(super) async fn system(State(api): State<Api>, query: Query) -> Result<Response, V2Error> {
    query.done()?;
    let now = api.clock.now();
    let data = SystemView {
        version: VERSION,
        started_at: api.started_at.to_string(),
        uptime_ms: millis(now.since(api.started_at)),
        limits: LimitsView::new(&api.shard),
    };
    Ok(envelope(data, now))
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

impl LimitsView {
    fn new(shard: &ShardConfig) -> Self {
        Self {
            calls_in_flight: shard.calls_in_flight_max,
            calls_per_app: shard.calls_per_app_max,
            call_duration_ms: millis(CALL_DURATION_MAX),
            call_reply_bytes: REPLY_BODY_MAX,
            event_bytes: EVENT_MAX,
            events_per_request: EVENTS_PER_REQUEST_MAX,
            run_state_bytes: STATE_MAX,
            run_steps: STEPS_MAX,
            step_output_bytes: STEP_OUTPUT_MAX,
            sleep_ms: millis(SLEEP_MAX),
            retries: RETRIES_MAX,
            attributes: ATTRIBUTES_MAX,
            overrides: OVERRIDES_MAX,
            operations_open: OPERATIONS_OPEN_MAX,
            cancellations_open: CANCELLATIONS_OPEN_MAX,
            live_connections: CONNECTIONS_MAX,
        }
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
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
