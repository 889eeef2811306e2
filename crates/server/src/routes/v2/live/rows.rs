//! Rows of the live feed: runs as lists show them, without outputs; events without their data.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use everstep_core::Change;
use everstep_core::record::{EventRecord, RunRecord, StepStatus};
use everstep_engine::Engine;
use everstep_engine::rt::{Random as _, SystemRandom};
use everstep_protocol::{EventId, RunId, StepId};
use everstep_store::{ReadError, Store};
use serde_json::{Value, json};
use tokio::sync::broadcast;

use crate::live::{ROWS_PER_MESSAGE_MAX, Source, StepMark, Touched};
use crate::registry::Registry;
use crate::routes::v2::run_object::RunObject;

/// Reads rows from the store of an engine.
pub(crate) struct LiveRows {
    engine: Engine,
    /// As it was when a run was read that it did not know the function of.
    registry: Mutex<Option<Arc<Registry>>>,
}

impl LiveRows {
    pub(crate) fn new(engine: Engine) -> Self {
        Self {
            engine,
            registry: Mutex::default(),
        }
    }

    async fn runs(&self, ids: impl Iterator<Item = RunId>) -> Result<Vec<Value>, ReadError> {
        let mut runs = Vec::new();
        for id in ids {
            runs.extend(self.store().run_view(id).await?);
        }
        self.views(runs).await
    }

    /// A run, and those of its steps that were touched.
    async fn run_and_steps(
        &self,
        run: RunId,
        steps: &BTreeMap<StepId, StepMark>,
    ) -> Result<Vec<Value>, ReadError> {
        let mut rows = self.runs([run].into_iter()).await?;
        if let Some(row) = rows.first_mut()
            && !steps.is_empty()
        {
            row["steps"] = steps.iter().map(|(id, mark)| step_row(id, mark)).collect();
        }
        Ok(rows)
    }

    async fn events(&self, ids: &[EventId]) -> Result<Vec<Value>, ReadError> {
        let mut rows = Vec::new();
        for event in self.store().events_by_id(ids).await? {
            let runs = self.store().event_runs(event.id).await?;
            let skips = self.store().event_skips(event.id).await?;
            rows.push(event_row(&event, runs.len(), skips.len()));
        }
        Ok(rows)
    }

    /// An event, and the first of its runs.
    async fn event_and_runs(&self, event: EventId) -> Result<Vec<Value>, ReadError> {
        let mut rows = self.events(&[event]).await?;
        if let Some(row) = rows.first_mut() {
            let mut runs = self.store().event_runs(event).await?;
            runs.truncate(ROWS_PER_MESSAGE_MAX);
            row["runs"] = self.views(runs).await?.into();
        }
        Ok(rows)
    }

    async fn views(&self, mut runs: Vec<RunRecord>) -> Result<Vec<Value>, ReadError> {
        for run in &mut runs {
            run.output = None;
        }
        let registry = self.registry(&runs).await?;
        let views = RunObject::of_all(self.store(), &registry, runs).await?;
        Ok(views.iter().map(|view| json!(view)).collect())
    }

    /// One that knows the functions of these runs, at least as new as the runs are.
    async fn registry(&self, runs: &[RunRecord]) -> Result<Arc<Registry>, ReadError> {
        let knows = |registry: &Registry, run: &RunRecord| {
            let function = registry.function_by_id(run.function);
            function.is_some_and(|function| function.version >= run.function_version)
        };
        let known = self.known().clone();
        if let Some(registry) = known
            && runs.iter().all(|run| knows(&registry, run))
        {
            return Ok(registry);
        }
        let registry = Arc::new(Registry::load(self.store()).await?);
        *self.known() = Some(Arc::clone(&registry));
        Ok(registry)
    }

    fn known(&self) -> MutexGuard<'_, Option<Arc<Registry>>> {
        self.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn store(&self) -> &dyn Store {
        &**self.engine.store()
    }
}

#[async_trait]
impl Source for LiveRows {
    fn commits(&self) -> broadcast::Receiver<Arc<[Change]>> {
        self.engine.commits()
    }

    fn epoch(&self) -> u64 {
        // Half of it is enough.
        (SystemRandom.entropy() >> 64) as u64
    }

    async fn rows(&self, touched: &Touched) -> Result<Vec<Value>, ReadError> {
        match touched {
            Touched::Runs(runs) => self.runs(runs.iter().copied()).await,
            Touched::Run(run, steps) => self.run_and_steps(*run, steps).await,
            Touched::Events(events) => {
                let events: Vec<_> = events.iter().copied().collect();
                self.events(&events).await
            }
            Touched::Event(event) => self.event_and_runs(*event).await,
            Touched::Ids(ids) => Ok(ids.iter().map(|id| json!({ "id": id })).collect()),
            Touched::Flow => Ok(Vec::new()),
        }
    }
}

fn event_row(event: &EventRecord, runs: usize, skips: usize) -> Value {
    let mut row = json!({
        "id": event.id.to_string(),
        "name": event.name,
        "ts": event.ts.to_string(),
        "receivedAt": event.received_at.to_string(),
    });
    if let Some(id) = &event.user_id {
        row["senderId"] = (**id).into();
    }
    for (name, count) in [("runCount", runs), ("skipCount", skips)] {
        if count > 0 {
            row[name] = count.into();
        }
    }
    row
}

/// A step without its values, which the trace of the run has.
fn step_row(id: &StepId, mark: &StepMark) -> Value {
    let mut row = json!({
        "stepId": id.as_str(),
        "name": mark.name,
        "status": step_status(mark.status),
        "queuedAt": mark.created_at.to_string(),
    });
    for (name, at) in [("startedAt", mark.started_at), ("endedAt", mark.ended_at)] {
        if let Some(at) = at {
            row[name] = at.to_string().into();
        }
    }
    row
}

/// As the v2 API spells it (http-api §8.3).
fn step_status(status: StepStatus) -> &'static str {
    match status {
        StepStatus::Planned | StepStatus::Retrying | StepStatus::Sleeping | StepStatus::Waiting => {
            "WAITING"
        }
        StepStatus::Completed => "COMPLETED",
        StepStatus::Failed => "FAILED",
    }
}
