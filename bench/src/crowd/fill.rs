//! Writes a crowd into the state of a server that does not run meanwhile.

use std::path::Path;
use std::time::Duration;

use anyhow::bail;
use everstep_core::Change;
use everstep_core::expression::{Bound, EventView, Expression};
use everstep_core::record::{
    EventRecord, JobKind, JobRecord, RunRecord, RunStatus, ShardId, StepKind, StepRecord,
    StepStatus, WaitKind, WaitReason, WaitRecord,
};
use everstep_protocol::event::EventInput;
use everstep_protocol::op::ParallelMode;
use everstep_protocol::{EventId, JobId, RunId, Timestamp};
use everstep_store::{ShardLease, SqliteStore, Store as _};

use crate::tenant::{self, Tenant};
use crate::waiter;

/// Runs in one commit.
const BATCH: u32 = 2_000;
/// Runs that began in the same millisecond.
const RUNS_PER_MILLISECOND: u32 = 10;
/// Number of the job that ends the sleep or the wait: the one after the discovery.
const END: u32 = 1;

/// The state of a server, open for writing.
pub(crate) struct Fill {
    store: SqliteStore,
    lease: ShardLease,
    /// When the first run began.
    begun_at: Timestamp,
    condition: Expression,
}

impl Fill {
    pub(crate) async fn open(database: &Path, begun_at: Timestamp) -> anyhow::Result<Self> {
        let store = SqliteStore::open(database)?;
        let lease = store.shard_acquire(ShardId::EMBEDDED).await?;
        Ok(Self {
            store,
            lease,
            begun_at,
            condition: Expression::compile(waiter::CONDITION)?,
        })
    }

    /// What `rows` says of each of `count` runs.
    pub(crate) async fn write(
        &self,
        count: u32,
        rows: impl Fn(&Self, u32) -> anyhow::Result<Vec<Change>>,
    ) -> anyhow::Result<()> {
        let mut first = 0;
        while first < count {
            let next = count.min(first + BATCH);
            let mut changes = Vec::new();
            for number in first..next {
                changes.extend(rows(self, number)?);
            }
            self.store.commit(&self.lease, changes.into()).await?;
            first = next;
        }
        Ok(())
    }

    /// A run whose first step sleeps.
    pub(super) fn sleeper(&self, number: u32, wakes_at: Timestamp) -> Vec<Change> {
        let mut changes = self.run(number, &self.event(number, &key(number)));
        changes.push(self.step(number, StepKind::Sleep, StepStatus::Sleeping));
        changes.push(self.wake_up(number, wakes_at));
        changes
    }

    /// When the sleep of that run ends.
    pub(super) fn wake_up(&self, number: u32, wakes_at: Timestamp) -> Change {
        let kind = JobKind::SleepEnd(waiter::step_id());
        self.end(number, kind, wakes_at, WaitReason::Sleeping)
    }

    /// A run that was started with this key, and whose first step waits for an event with the same.
    pub(super) fn waiter(
        &self,
        number: u32,
        key: &str,
        expires_at: Timestamp,
    ) -> anyhow::Result<Vec<Change>> {
        let event = self.event(number, key);
        let Bound::When(condition) = self
            .condition
            .bind(&EventView::new(event.payload.clone()))?
        else {
            bail!("the condition of a wait does not depend on the event that is awaited");
        };
        let mut changes = self.run(number, &event);
        changes.push(self.step(number, StepKind::WaitForEvent, StepStatus::Waiting));
        changes.push(Change::PutWait(WaitRecord {
            id: self.end_id(number),
            step: Some(waiter::step_id()),
            kind: WaitKind::Event {
                name: waiter::AWAITED_EVENT.into(),
                condition: Some(condition.text().into()),
            },
            created_at: self.begun_at(number),
            expires_at,
            resolution: None,
        }));
        let kind = JobKind::WaitEnd(waiter::step_id());
        changes.push(self.end(number, kind, expires_at, WaitReason::Waiting));
        Ok(changes)
    }

    /// A run of a tenant whose first call is due.
    pub(crate) fn queued(&self, number: u32, function: Tenant, tenant: u32) -> Vec<Change> {
        let begun_at = self.begun_at(number);
        let event = self.event_of(number, function.event(tenant, None));
        let run = RunRecord {
            function: function.function(),
            status: RunStatus::Queued,
            started_at: None,
            request_version: -1,
            next_job: JobId::DISCOVERY + 1,
            generation: 0,
            keys: Some(tenant::keys(tenant).into()),
            ..self.run_record(number)
        };
        let discovery = JobRecord {
            id: JobId::discovery(run.id),
            kind: JobKind::Discovery,
            due_at: begun_at,
            reason: WaitReason::Queued,
            attempt: 0,
            generation: 1,
            epoch: self.lease.epoch,
            created_at: begun_at,
        };
        let mut changes = run_and_event(run, &event);
        changes.push(Change::PutJob(discovery));
        changes
    }

    fn begun_at(&self, number: u32) -> Timestamp {
        self.begun_at + Duration::from_millis(u64::from(number / RUNS_PER_MILLISECOND))
    }

    fn run_id(&self, number: u32) -> RunId {
        RunId::from_parts(self.begun_at(number), entropy(number))
    }

    fn event(&self, number: u32, key: &str) -> EventRecord {
        self.event_of(number, waiter::event(waiter::EVENT, key))
    }

    fn event_of(&self, number: u32, event: EventInput) -> EventRecord {
        let now = self.begun_at(number);
        let id = EventId::from_parts(now, entropy(number));
        EventRecord {
            id,
            name: event.name.as_str().into(),
            user_id: None,
            ts: now,
            received_at: now,
            payload: event.payload(id, now),
        }
    }

    /// A run whose first call was answered, and the event that triggered it.
    fn run(&self, number: u32, event: &EventRecord) -> Vec<Change> {
        run_and_event(self.run_record(number), event)
    }

    fn run_record(&self, number: u32) -> RunRecord {
        RunRecord {
            id: self.run_id(number),
            function: waiter::function(),
            function_version: 1,
            status: RunStatus::Running,
            started_at: Some(self.begun_at(number)),
            ended_at: None,
            max_attempts: 1,
            request_version: 2,
            parallel: false,
            next_job: END + 1,
            generation: 1,
            state_bytes: 0,
            steps_done: 0,
            invoked_by: Vec::new(),
            batch: None,
            keys: None,
            priority: 0,
            output: None,
        }
    }

    fn step(&self, number: u32, kind: StepKind, status: StepStatus) -> Change {
        Change::PutStep(StepRecord {
            trace: None,
            run: self.run_id(number),
            id: waiter::step_id(),
            kind,
            status,
            name: waiter::STEP_NAME.into(),
            step_type: None,
            mode: ParallelMode::Join,
            position: None,
            value: None,
            created_at: self.begun_at(number),
            started_at: None,
            ended_at: None,
        })
    }

    fn end_id(&self, number: u32) -> JobId {
        JobId {
            run: self.run_id(number),
            number: END,
        }
    }

    fn end(&self, number: u32, kind: JobKind, due_at: Timestamp, reason: WaitReason) -> Change {
        Change::PutJob(JobRecord {
            id: self.end_id(number),
            kind,
            due_at,
            reason,
            attempt: 0,
            generation: 0,
            epoch: self.lease.epoch,
            created_at: self.begun_at(number),
        })
    }
}

fn run_and_event(run: RunRecord, event: &EventRecord) -> Vec<Change> {
    let events = Change::PutRunEvents {
        run: run.id,
        events: vec![event.id],
    };
    vec![Change::PutEvent(event.clone()), Change::PutRun(run), events]
}

/// What the run of that number waits for, unless all wait for the same.
pub(super) fn key(number: u32) -> String {
    format!("crowd-{number}")
}

/// Ids of one millisecond differ in their upper bits, as random ones do.
fn entropy(number: u32) -> u128 {
    u128::from(number) << 48
}
