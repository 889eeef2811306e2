//! `GET /metrics` for Prometheus (server-semantics §9.5, http-api §10).
//!
//! Names that begin with `inngest_` are those of other servers; `everstep_` are ours. Counters begin
//! at zero when the server starts.

mod text;

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use everstep_core::inspect::{Inspection, Report, Totals};
use everstep_engine::meter::{COMMIT_BUCKETS_US, Counts, FunctionCounts};
use everstep_protocol::FunctionId;
use everstep_store::Storage;
use http::StatusCode;
use http::header::CONTENT_TYPE;

use self::text::Text;
use super::Api;

const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Of functions that nothing is known of.
const UNKNOWN: &str = "unknown";

/// What other servers show of a queue at most.
const QUEUE_DEPTH_MAX: usize = 1_000_000_000;

/// What a scrape shows.
struct Scrape {
    counts: Counts,
    totals: Totals,
    storage: Storage,
    slugs: BTreeMap<FunctionId, String>,
    removed_rows: u64,
}

pub(super) async fn metrics(State(api): State<Api>) -> Response {
    match scrape(&api).await {
        Some(scrape) => ([(CONTENT_TYPE, TEXT)], scrape.text()).into_response(),
        None => {
            let message = "Failed to get queue depth";
            (StatusCode::INTERNAL_SERVER_ERROR, message).into_response()
        }
    }
}

async fn scrape(api: &Api) -> Option<Scrape> {
    let report = api.engine.inspect(Inspection::Totals).await.ok()?;
    let Report::Totals(totals) = report else {
        unreachable!("totals are reported as totals, not as {report:?}");
    };
    let store = api.engine.store();
    let functions = store.function_list().await.ok()?;
    let functions = functions.into_iter();
    Some(Scrape {
        counts: api.engine.counts(),
        totals,
        storage: store.storage().await.ok()?,
        slugs: functions
            .map(|function| (function.id, function.slug.to_string()))
            .collect(),
        removed_rows: api.engine.retention().removed,
    })
}

impl Scrape {
    fn text(&self) -> String {
        let mut text = Text::default();
        self.queue(&mut text);
        self.functions(&mut text);
        self.store(&mut text);
        text.finish()
    }

    fn slug(&self, function: FunctionId) -> &str {
        self.slugs.get(&function).map_or(UNKNOWN, String::as_str)
    }

    fn queue(&self, text: &mut Text) {
        let totals = &self.totals;
        let backlog: usize = totals.functions.values().map(|of| of.backlog).sum();
        let depth = backlog.min(QUEUE_DEPTH_MAX) as u64;
        text.gauge("inngest_queue_depth", "Calls that are due and wait.", depth);
        let running: usize = totals.functions.values().map(|of| of.running).sum();
        for (name, help, value) in [
            (
                "everstep_calls_in_flight",
                "Calls to apps under way.",
                running,
            ),
            (
                "everstep_runs_resident",
                "Runs that are in memory.",
                totals.runs_resident,
            ),
            (
                "everstep_waits_live",
                "Waits of live runs, and listeners that cancel runs.",
                totals.waits,
            ),
            (
                "everstep_calls_delayed",
                "Calls that are due within minutes.",
                totals.delayed,
            ),
        ] {
            text.gauge(name, help, value as u64);
        }
        text.counter(
            "everstep_events_received_total",
            "Events taken in, those of the server included.",
            self.counts.events,
        );
        text.family(
            "inngest_steps_scheduled",
            "gauge",
            "Calls of a function that are due and wait.",
        );
        for (function, of) in &totals.functions {
            let labels = [("fn", self.slug(*function))];
            text.sample("inngest_steps_scheduled", &labels, of.backlog as u64);
        }
        text.family(
            "inngest_steps_running",
            "gauge",
            "Calls of a function under way.",
        );
        for (function, of) in &totals.functions {
            let labels = [("fn", self.slug(*function))];
            text.sample("inngest_steps_running", &labels, of.running as u64);
        }
    }

    fn functions(&self, text: &mut Text) {
        type Read = fn(&FunctionCounts) -> u64;
        type Counter = (&'static str, &'static str, &'static [(&'static str, Read)]);
        const COUNTERS: [Counter; 6] = [
            (
                "inngest_function_run_scheduled_total",
                "Runs that were scheduled.",
                &[("", |of| of.runs_scheduled)],
            ),
            (
                "inngest_function_run_started_total",
                "Runs that started.",
                &[("", |of| of.runs_started)],
            ),
            (
                "inngest_function_run_ended_total",
                "Runs that ended.",
                &[
                    ("completed", |of| of.runs_completed),
                    ("failed", |of| of.runs_failed),
                    ("cancelled", |of| of.runs_cancelled),
                    ("skipped", |of| of.runs_skipped),
                ],
            ),
            (
                "inngest_sdk_req_scheduled_total",
                "Calls to apps that were decided on.",
                &[("", |of| of.calls_scheduled)],
            ),
            (
                "inngest_sdk_req_started_total",
                "Calls to apps that were made.",
                &[("", |of| of.calls_started)],
            ),
            (
                "inngest_sdk_req_ended_total",
                "Calls to apps that ended.",
                &[
                    ("success", |of| of.calls_succeeded),
                    ("errored", |of| of.calls_errored),
                    ("failed", |of| of.calls_failed),
                ],
            ),
        ];
        for (name, help, statuses) in COUNTERS {
            text.family(name, "counter", help);
            for (function, counts) in &self.counts.functions {
                for (status, read) in statuses {
                    let labels = [("fn", self.slug(*function)), ("status", status)];
                    let labels = if status.is_empty() {
                        &labels[..1]
                    } else {
                        &labels
                    };
                    text.sample(name, labels, read(counts));
                }
            }
        }
        text.counter(
            "inngest_step_output_bytes_total",
            "Bytes of values that steps were memoized with.",
            self.counts.step_output_bytes,
        );
    }

    fn store(&self, text: &mut Text) {
        let commits = &self.counts.commits;
        text.histogram(
            "everstep_commit_seconds",
            "How long commits took until they were durable.",
            COMMIT_BUCKETS_US.iter().zip(&commits.took),
            commits.done,
            commits.took_total,
        );
        for (name, help, value) in [
            (
                "everstep_committed_changes_total",
                "Changes that were committed.",
                commits.changes,
            ),
            (
                "everstep_commit_failures_total",
                "Commits that failed and were made again.",
                commits.failed,
            ),
            (
                "everstep_retention_removed_rows_total",
                "Rows that retention has removed.",
                self.removed_rows,
            ),
        ] {
            text.counter(name, help, value);
        }
        let storage = &self.storage;
        for (name, help, value) in [
            (
                "everstep_store_file_bytes",
                "Size of the database, its log apart.",
                storage.file_bytes,
            ),
            (
                "everstep_store_used_bytes",
                "What of the database holds data.",
                storage.used_bytes,
            ),
        ] {
            text.gauge(name, help, value);
        }
    }
}
