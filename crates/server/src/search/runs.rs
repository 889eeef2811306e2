//! Searching runs.

use std::sync::Arc;

use everstep_core::record::RunRecord;
use everstep_engine::rt::Clock;
use everstep_protocol::{RunId, Timestamp};
use everstep_store::{ReadError, RunCursor, RunQuery, RunTime, RunTrigger, Store};

use super::compiled::{Clause, SearchError, compile};
use super::facts::{self, Own};
use super::narrow::{check_statuses, has_status, narrow_runs};
use super::vocabulary::{Cost, RUN_VARIABLES, RUNS};
use super::{CANDIDATES_MAX, PORTION, SCAN_TIME_MAX, ScannedRuns};
use crate::registry::Registry;

/// A search over runs: `run.status == "FAILED" && event.data.orgId == "acme"`.
#[derive(Clone, Debug)]
pub struct RunSearch {
    text: Arc<str>,
    clauses: Vec<Clause>,
    /// When it was asked for; `now()` stays that while it goes on.
    now: Timestamp,
}

/// A run that has met all clauses so far.
struct Candidate {
    run: RunRecord,
    known: Own,
}

impl RunSearch {
    /// # Errors
    ///
    /// What is wrong with it, and where.
    pub fn compile(text: &str, now: Timestamp) -> Result<Self, SearchError> {
        let clauses = compile(text, RUN_VARIABLES, RUNS)?;
        check_statuses(&clauses, now)?;
        Ok(Self {
            text: text.into(),
            clauses,
            now,
        })
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it says which statuses the runs have.
    pub fn has_status(&self) -> bool {
        has_status(&self.clauses, self.now)
    }

    /// A page of the runs that the query would list and the search holds for. It may be short, and
    /// not the last one: then it has looked at all that a page may.
    pub async fn runs(
        &self,
        store: &dyn Store,
        registry: &Registry,
        query: RunQuery,
        clock: &dyn Clock,
    ) -> Result<ScannedRuns, ReadError> {
        let began = clock.now();
        let mut found = Vec::new();
        let mut portion = RunQuery {
            with_output: false,
            limit: PORTION,
            ..query.clone()
        };
        if !narrow_runs(&mut portion.filter, &self.clauses, registry, self.now) {
            return Ok(ScannedRuns { found, next: None });
        }
        let time = query.filter.time;
        let mut candidates = 0;
        loop {
            let page = store.run_list(&portion).await?;
            candidates += page.runs.len();
            portion.after = page.next;
            for run in self.that_hold(store, registry, page.runs).await? {
                found.push(run);
                if found.len() > query.limit {
                    // There is one more: the next page begins after the last of this one.
                    found.pop();
                    let next = found.last().and_then(|run| place(time, run));
                    let found = outputs(store, found, query.with_output).await?;
                    return Ok(ScannedRuns { found, next });
                }
            }
            let is_over = page.next.is_none()
                || candidates >= CANDIDATES_MAX
                || clock.now().since(began) >= SCAN_TIME_MAX;
            if is_over {
                let found = outputs(store, found, query.with_output).await?;
                let next = page.next;
                return Ok(ScannedRuns { found, next });
            }
        }
    }

    /// Those of the runs for which all clauses hold.
    async fn that_hold(
        &self,
        store: &dyn Store,
        registry: &Registry,
        runs: Vec<RunRecord>,
    ) -> Result<Vec<RunRecord>, ReadError> {
        let mut left: Vec<Candidate> = runs
            .into_iter()
            .map(|run| Candidate {
                known: facts::of_row(&run, registry),
                run,
            })
            .collect();
        for cost in Cost::ALL {
            if self.clauses.iter().any(|clause| clause.needs(cost)) {
                load(store, cost, &mut left).await?;
            }
            left.retain(|candidate| {
                let mut due = self.clauses.iter().filter(|clause| clause.cost() == cost);
                due.all(|clause| clause.holds(&candidate.known, self.now))
            });
        }
        Ok(left.into_iter().map(|candidate| candidate.run).collect())
    }
}

/// Adds what this cost buys to what is known of the candidates.
async fn load(
    store: &dyn Store,
    cost: Cost,
    candidates: &mut [Candidate],
) -> Result<(), ReadError> {
    match cost {
        Cost::Row => {}
        Cost::Attributes => {
            let ids: Vec<RunId> = candidates.iter().map(|it| it.run.id).collect();
            let attributes = store.run_attributes(&ids).await?;
            for (candidate, attributes) in candidates.iter_mut().zip(attributes) {
                facts::add_attributes(&mut candidate.known, attributes);
            }
        }
        Cost::Trigger => {
            let triggers = triggers(store, candidates).await?;
            for (candidate, trigger) in candidates.iter_mut().zip(triggers) {
                facts::add_trigger(&mut candidate.known, &candidate.run, &trigger);
            }
        }
        Cost::Event => {
            // The first one alone: a batch can have thousands.
            let triggers = triggers(store, candidates).await?;
            for (candidate, trigger) in candidates.iter_mut().zip(triggers) {
                if let Some(first) = trigger.events.first()
                    && let Some(event) = store.event_view(*first).await?
                {
                    facts::add_event(&mut candidate.known, &event);
                }
            }
        }
        Cost::Output => {
            for Candidate { run, known } in candidates {
                let stored = store.run_view(run.id).await?;
                let output = stored.and_then(|stored| stored.output);
                facts::add_output(known, run.status, output.as_ref());
            }
        }
        Cost::Attempts => {
            for Candidate { run, known } in candidates {
                facts::add_attempts(known, &store.run_attempts(run.id).await?);
            }
        }
        Cost::Steps => {
            for Candidate { run, known } in candidates {
                let steps = store.run_steps(run.id).await?;
                let attempts = store.run_attempts(run.id).await?;
                facts::add_steps(known, &steps, &attempts);
            }
        }
    }
    Ok(())
}

async fn triggers(
    store: &dyn Store,
    candidates: &[Candidate],
) -> Result<Vec<RunTrigger>, ReadError> {
    let ids: Vec<RunId> = candidates.iter().map(|it| it.run.id).collect();
    store.run_triggers(&ids, 1).await
}

/// The runs with what they returned, if that is wanted.
async fn outputs(
    store: &dyn Store,
    mut runs: Vec<RunRecord>,
    wanted: bool,
) -> Result<Vec<RunRecord>, ReadError> {
    for run in runs.iter_mut().filter(|_| wanted) {
        let stored = store.run_view(run.id).await?;
        run.output = stored.and_then(|stored| stored.output);
    }
    Ok(runs)
}

fn place(time: RunTime, run: &RunRecord) -> Option<RunCursor> {
    let at = time.of(run)?;
    Some(RunCursor { at, run: run.id })
}

#[cfg(test)]
mod tests;
