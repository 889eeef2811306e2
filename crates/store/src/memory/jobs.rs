//! The table of jobs, and what is due.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use everstep_core::record::{DueCall, DueJob, JobKind, JobRecord, LoadedJob, RunRecord, ShardId};
use everstep_protocol::{JobId, RunId, Timestamp};

use crate::rules::{self, SharedTexts};

/// Jobs, each with its shard.
#[derive(Default)]
pub(super) struct Jobs {
    /// By run and number.
    rows: BTreeMap<RunId, BTreeMap<u32, (ShardId, JobRecord)>>,
    /// In the order in which they are due.
    due: BTreeMap<(ShardId, Timestamp), BTreeSet<JobId>>,
}

impl Jobs {
    pub(super) fn put(&mut self, shard: ShardId, job: JobRecord) {
        self.delete(job.id);
        self.due
            .entry((shard, job.due_at))
            .or_default()
            .insert(job.id);
        self.rows
            .entry(job.id.run)
            .or_default()
            .insert(job.id.number, (shard, job));
    }

    pub(super) fn delete(&mut self, id: JobId) {
        if let Some((shard, job)) = self
            .rows
            .get_mut(&id.run)
            .and_then(|jobs| jobs.remove(&id.number))
        {
            self.due.entry((shard, job.due_at)).or_default().remove(&id);
        }
    }

    pub(super) fn delete_of_run(&mut self, run: RunId) {
        for (number, (shard, job)) in self.rows.remove(&run).unwrap_or_default() {
            self.due
                .entry((shard, job.due_at))
                .or_default()
                .remove(&JobId { run, number });
        }
    }

    pub(super) fn of_run(&self, run: RunId) -> Vec<JobRecord> {
        let jobs = self.rows.get(&run).into_iter().flat_map(BTreeMap::values);
        jobs.map(|(_, job)| job.clone()).collect()
    }

    /// Earliest first, with what their `runs` say of calls.
    pub(super) fn due(
        &self,
        shard: ShardId,
        after: Option<Timestamp>,
        until: Timestamp,
        limit: usize,
        runs: &BTreeMap<RunId, RunRecord>,
    ) -> Vec<LoadedJob> {
        let start = match after {
            Some(after) if after >= until => return Vec::new(),
            Some(after) => Bound::Excluded((shard, after)),
            None => Bound::Included((shard, Timestamp::from_millis(i64::MIN))),
        };
        let mut texts = SharedTexts::default();
        self.due
            .range((start, Bound::Included((shard, until))))
            .flat_map(|(&(_, due_at), ids)| ids.iter().map(move |&id| DueJob { due_at, id }))
            .take(limit)
            .map(|due| {
                let call = self.call(due, runs, &mut texts);
                call.map_or(LoadedJob::Upkeep(due), LoadedJob::Call)
            })
            .collect()
    }

    /// The job as a call, if it makes one, and its run goes on.
    fn call(
        &self,
        due: DueJob,
        runs: &BTreeMap<RunId, RunRecord>,
        texts: &mut SharedTexts,
    ) -> Option<DueCall> {
        let (_, job) = self.rows.get(&due.id.run)?.get(&due.id.number)?;
        match job.kind {
            JobKind::Discovery | JobKind::Step(_) | JobKind::Request(_) => {}
            JobKind::SleepEnd(_)
            | JobKind::WaitEnd(_)
            | JobKind::Cancel
            | JobKind::StartTimeout
            | JobKind::FinishTimeout
            | JobKind::SyncTimeout => return None,
        }
        let run = runs.get(&due.id.run)?;
        Some(DueCall {
            due_at: due.due_at,
            id: due.id,
            reason: job.reason,
            stage: rules::call_stage(run.status)?,
            function: run.function,
            keys: run.keys.as_deref().map(|keys| texts.share(keys)),
            priority: run.priority,
        })
    }
}
