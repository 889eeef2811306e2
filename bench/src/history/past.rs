//! Writes a history into the state of a server that does not run meanwhile: the rows that the server
//! itself writes for runs of ten steps, one call each.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use everstep_core::Change;
use everstep_core::record::{
    AppMethod, AppRecord, AttemptOutcome, AttemptRecord, EventRecord, FunctionRecord, RunRecord,
    RunStatus, ShardId, StepKind, StepRecord, StepStatus,
};
use everstep_protocol::config::FunctionConfig;
use everstep_protocol::event::EventInput;
use everstep_protocol::op::ParallelMode;
use everstep_protocol::{
    AppId, EventId, FunctionId, JobId, Json, RequestId, RunId, StepId, Timestamp,
};
use everstep_store::{SqliteStore, Store as _};
use serde_json::json;
use url::Url;

use crate::latency;

const STEPS: u32 = 10;
/// Of the run whose trace is read.
const STEPS_OF_LARGE_RUN: u32 = 10_000;
const APPS: u32 = 4;
const FUNCTIONS: u32 = 20;
const CUSTOMERS: u32 = 1_000;
/// One run in so many failed.
const FAILED_EVERY: u32 = 1_000;
/// Runs in one commit.
const BATCH: u32 = 500;
/// The history began so long ago, and its last run ended a while before anything is measured.
const BEGAN: Duration = Duration::from_secs(10 * 24 * 60 * 60);
const SPAN: Duration = Duration::from_secs(9 * 24 * 60 * 60);
/// Between the steps of a run.
const PACE: Duration = Duration::from_millis(10);
const CALL: Duration = Duration::from_millis(8);

/// A history that was written.
pub(super) struct Past {
    began: Timestamp,
    runs: u32,
}

impl Past {
    pub(super) async fn write(database: &Path, runs: u32) -> anyhow::Result<Self> {
        let now = i64::try_from(latency::now()?.as_millis())?;
        let began = Timestamp::from_millis(now) - BEGAN;
        let past = Self { began, runs };
        let store = SqliteStore::open(database)?;
        let lease = store.shard_acquire(ShardId::EMBEDDED).await?;
        let functions = (0..FUNCTIONS).map(|index| Change::PutFunction(function(index, began)));
        let apps = (0..APPS).map(|index| Change::PutApp(app(index, began)));
        let mut changes: Vec<Change> = apps.chain(functions).collect();
        for first in (0..runs).step_by(BATCH as usize) {
            for number in first..runs.min(first + BATCH) {
                past.put_run(number, STEPS, &mut changes);
            }
            let batch = std::mem::take(&mut changes);
            store.commit(&lease, batch.into()).await?;
        }
        past.put_run(runs, STEPS_OF_LARGE_RUN, &mut changes);
        store.commit(&lease, changes.into()).await?;
        Ok(past)
    }

    /// The run of 10,000 steps.
    pub(super) fn large_run(&self) -> RunId {
        self.run_id(self.runs)
    }

    /// A hundredth of the time, in its middle.
    pub(super) fn middle(&self) -> (Timestamp, Timestamp) {
        let from = self.began + SPAN / 2;
        (from, from + SPAN / 100)
    }

    fn put_run(&self, number: u32, steps: u32, changes: &mut Vec<Change>) {
        let run = self.run_id(number);
        let event = self.event(number);
        changes.push(Change::PutRunEvents {
            run,
            events: vec![event.id],
        });
        changes.push(Change::PutEvent(event));
        changes.push(Change::PutRun(self.run(number, steps)));
        for index in 0..steps {
            changes.push(Change::PutStep(step(run, index)));
            changes.push(Change::PutAttempt(attempt(run, index)));
        }
    }

    fn at(&self, number: u32) -> Timestamp {
        self.began + SPAN.mul_f64(f64::from(number) / f64::from(self.runs))
    }

    fn run_id(&self, number: u32) -> RunId {
        RunId::from_parts(self.at(number), entropy(number))
    }

    fn event(&self, number: u32) -> EventRecord {
        let at = self.at(number);
        let id = EventId::from_parts(at, entropy(number));
        let data = json!({ "customer": format!("c-{}", number % CUSTOMERS), "number": number });
        let event = EventInput::new(&event_name(number), Json::from_value(&data));
        EventRecord {
            id,
            name: event.name.as_str().into(),
            user_id: None,
            ts: at,
            received_at: at,
            payload: event.payload(id, at),
        }
    }

    fn run(&self, number: u32, steps: u32) -> RunRecord {
        let has_failed = number % FAILED_EVERY == FAILED_EVERY / 2;
        let (status, output) = if has_failed {
            let error = json!({ "name": "Error", "message": "the card was declined" });
            (RunStatus::Failed, error)
        } else {
            (RunStatus::Completed, json!({ "number": number }))
        };
        let begun = self.at(number);
        RunRecord {
            id: self.run_id(number),
            function: function_id(number),
            function_version: 1,
            status,
            started_at: Some(begun),
            ended_at: Some(begun + PACE * steps),
            max_attempts: 1,
            request_version: 2,
            parallel: false,
            next_job: JobId::DISCOVERY + 1,
            generation: steps,
            state_bytes: 0,
            steps_done: steps,
            invoked_by: Vec::new(),
            batch: None,
            keys: None,
            priority: 0,
            output: Some(Json::from_value(&output)),
        }
    }
}

pub(super) fn app_name(number: u32) -> String {
    format!("history-{}", number % APPS)
}

/// The composite id of the function that runs of this number are of.
pub(super) fn function_slug(number: u32) -> String {
    format!("{}-function-{}", app_name(number), number % FUNCTIONS)
}

/// What triggers it.
pub(super) fn event_name(number: u32) -> String {
    format!("history/function-{}", number % FUNCTIONS)
}

fn function_id(number: u32) -> FunctionId {
    FunctionId::derive(AppId::derive(&app_name(number)), &function_slug(number))
}

fn url() -> Url {
    Url::parse("http://127.0.0.1:9").expect("it is a URL")
}

fn app(number: u32, synced_at: Timestamp) -> AppRecord {
    AppRecord {
        id: AppId::derive(&app_name(number)),
        name: app_name(number),
        method: AppMethod::Serve,
        url: url().to_string(),
        sdk: "bench:v1".to_owned(),
        framework: None,
        app_version: None,
        checksum: String::new(),
        synced_at,
        archived_at: None,
    }
}

fn function(number: u32, created_at: Timestamp) -> FunctionRecord {
    let slug = function_slug(number);
    FunctionRecord {
        id: function_id(number),
        app: AppId::derive(&app_name(number)),
        slug: slug.as_str().into(),
        version: 1,
        config: Arc::new(FunctionConfig::of_endpoint(&slug, &slug, &url(), 1)),
        created_at,
        archived_at: None,
    }
}

fn step(run: RunId, index: u32) -> StepRecord {
    let begun = run.timestamp() + PACE * index;
    let value = json!({ "data": { "amount": 1234, "currency": "EUR", "ok": true } });
    StepRecord {
        run,
        id: StepId::derive("charge", index),
        kind: StepKind::Run,
        status: StepStatus::Completed,
        name: "charge".into(),
        step_type: None,
        mode: ParallelMode::Join,
        position: Some(index),
        value: Some(Json::from_value(&value)),
        trace: None,
        created_at: begun + CALL,
        started_at: Some(begun),
        ended_at: Some(begun + CALL),
    }
}

fn attempt(run: RunId, index: u32) -> AttemptRecord {
    let begun = run.timestamp() + PACE * index;
    AttemptRecord {
        job: JobId::discovery(run),
        request: RequestId::from_parts(begun, u128::from(index)),
        generation: index + 1,
        attempt: 0,
        step: Some(StepId::derive("charge", index)),
        outcome: AttemptOutcome::Succeeded,
        due_at: begun,
        started_at: begun,
        duration: CALL,
        timing: None,
        http_status: Some(206),
        error: None,
    }
}

/// Ids differ in their upper bits, as random ones do.
fn entropy(number: u32) -> u128 {
    u128::from(number) << 48
}

#[cfg(test)]
mod tests {
    use everstep_store::{RunFilter, RunQuery};

    use super::*;

    #[tokio::test]
    async fn a_history_is_what_reads_look_for() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("history.db");
        let past = Past::write(&database, FAILED_EVERY).await.unwrap();
        let store = SqliteStore::open(&database).unwrap();
        let count = async |filter| store.run_count(&filter, 10_000).await.unwrap().runs;
        assert_eq!(count(RunFilter::default()).await, 1_001);
        let failed = RunFilter {
            statuses: vec![RunStatus::Failed],
            ..RunFilter::default()
        };
        assert_eq!(count(failed).await, 1);
        let (from, until) = past.middle();
        let window = RunFilter {
            from: Some(from),
            until: Some(until),
            event_name: Some(event_name(0)),
            ..RunFilter::default()
        };
        let page = store.run_list(&RunQuery::new(window, 100)).await.unwrap();
        assert_eq!(
            page.runs.len(),
            1,
            "the first of ten runs, each of another function"
        );
        let steps = store.run_steps(past.large_run()).await.unwrap();
        assert_eq!(steps.len(), STEPS_OF_LARGE_RUN as usize);
    }
}
