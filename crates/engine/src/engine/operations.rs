//! Bulk operations: taken in here, and carried out in the background, a portion of each in turn.
//!
//! A portion is a page of runs. It is acted on first, and then its counts and the end of the page are
//! committed together. After a crash in between, the portion is carried out again: a run that was
//! cancelled has ended, and a rerun is found by its id, which follows from the operation and the run.
//! So none is lost and none is started twice. Of a portion that was repeated, runs that had been
//! cancelled count as skipped.
//!
//! **Invariant:** an operation ends. It is about runs of the time before it, so those that it starts
//! are not among them.

mod filter;

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use everstep_core::Input;
use everstep_core::effect::Answer;
use everstep_core::input::{Control, Portion};
use everstep_core::record::{
    self, OperationCounts, OperationKind, OperationRecord, OperationState, RunPlace, RunRecord,
    RunStatus,
};
use everstep_core::rerun::RerunFrom;
use everstep_protocol::{Json, OperationId, RunId, Timestamp};
use everstep_store::{Order, ReadError, RunCursor, RunFilter, RunPage, RunQuery};
use tracing::{error, info};

use super::worker::{Round, Work, insist, make_room};
use super::{Asker, ControlError, Engine, EngineError, RerunError};
use crate::driver::patience::read;
use crate::rt;

/// Runs that a portion acts on, side by side.
const RUNS_PER_PORTION_MAX: u32 = 32;

/// What to do, and to which runs.
#[derive(Clone, Debug)]
pub struct BulkOperation {
    pub kind: OperationKind,
    /// Runs of a later time than the operation are not meant.
    pub filter: RunFilter,
    /// What must hold for them besides, as the [`Searcher`](crate::Searcher) understands it.
    pub search: Option<String>,
    /// The filter as it was asked for, for whoever looks at the operation.
    pub asked: Json,
    /// Runs that are acted on in a second, at most.
    pub rate_per_second: Option<u32>,
    /// Stop when more of the runs than that can't be acted on.
    pub stop_on_error_percent: Option<u32>,
    pub by: Asker,
}

impl BulkOperation {
    /// The runs that a filter without a status means.
    pub fn runs_meant(kind: OperationKind, mut filter: RunFilter) -> RunFilter {
        if filter.statuses.is_empty() {
            filter.statuses = match kind {
                OperationKind::Cancel => vec![RunStatus::Queued, RunStatus::Running],
                OperationKind::Resume => vec![RunStatus::Failed],
                OperationKind::Replay => Vec::new(),
            };
        }
        filter
    }
}

/// Why a bulk operation was not changed.
#[derive(Debug, thiserror::Error)]
pub enum BulkError {
    #[error("there is no bulk operation {0}")]
    Unknown(OperationId),
    #[error(transparent)]
    Control(#[from] ControlError),
    #[error("the operation can't be read")]
    Read(#[from] ReadError),
}

/// What came of one run.
enum Outcome {
    Done,
    /// There was nothing to do any more.
    Skipped,
    Failed(String),
}

impl Engine {
    /// Do something to many runs. That it is to be done is durable when this returns, and in the
    /// audit log; it is done in the background.
    pub async fn operation_create(
        &self,
        bulk: BulkOperation,
    ) -> Result<OperationRecord, ControlError> {
        let first = self.shared.reserve_ids(self.shared.parts.clock.now(), 1);
        let id = OperationId::from_bytes((first + 1).to_be_bytes());
        let mut runs = BulkOperation::runs_meant(bulk.kind, bulk.filter);
        let now = id.timestamp();
        runs.until = Some(runs.until.map_or(now, |until| until.min(now)));
        let operation = OperationRecord {
            id,
            kind: bulk.kind,
            filter: filter::write(&bulk.asked, &runs, bulk.search.as_deref()),
            state: OperationState::Running,
            rate_per_second: bulk.rate_per_second,
            stop_on_error_percent: bulk.stop_on_error_percent,
            actor: bulk.by.actor.clone(),
            reason: bulk.by.reason,
            cursor: None,
            counts: OperationCounts::default(),
            errors: Vec::new(),
            ended_at: None,
            failure: None,
        };
        let control = Control::PutOperation(Box::new(operation.clone()));
        self.control(bulk.by.actor, control).await?;
        self.shared.operations.send_replace(());
        Ok(operation)
    }

    /// End a bulk operation with the portion that is under way. What was done stays.
    pub async fn operation_abort(&self, id: OperationId, by: Asker) -> Result<(), BulkError> {
        self.operation_stored(id).await?;
        let reason = by.reason;
        self.control(by.actor, Control::AbortOperation { id, reason })
            .await?;
        self.shared.operations.send_replace(());
        Ok(())
    }

    /// Let a bulk operation go on where it was aborted, or has stopped.
    pub async fn operation_resume(&self, id: OperationId, by: Asker) -> Result<(), BulkError> {
        let control = Control::ResumeOperation {
            stored: Box::new(self.operation_stored(id).await?),
            reason: by.reason,
        };
        self.control(by.actor, control).await?;
        self.shared.operations.send_replace(());
        Ok(())
    }

    async fn operation_stored(&self, id: OperationId) -> Result<OperationRecord, BulkError> {
        let stored = self.store().operation_view(id).await?;
        stored.ok_or(BulkError::Unknown(id))
    }

    async fn operations_open(&self) -> Result<Vec<OperationRecord>, EngineError> {
        let input = |reply_to| Input::OperationsOpen { reply_to };
        match self.ask(false, input).await? {
            Answer::OperationsOpen(open) => Ok(open),
            other => unreachable!("open operations are not answered as {other:?}"),
        }
    }

    async fn operation_advance(
        &self,
        id: OperationId,
        portion: Portion,
    ) -> Result<(), EngineError> {
        let input = |reply_to| Input::AdvanceOperation {
            id,
            portion,
            reply_to,
        };
        match self.ask(false, input).await? {
            Answer::OperationAdvanced => Ok(()),
            other => unreachable!("an advance is answered as one, not as {other:?}"),
        }
    }
}

/// The filter as it was asked for.
pub fn asked_filter(operation: &OperationRecord) -> Json {
    filter::asked(&operation.filter)
}

/// Carries out the bulk operations of an engine.
#[derive(Default)]
pub(super) struct Operating {
    /// When the next portion of an operation is due that is not to go faster.
    due: BTreeMap<OperationId, Timestamp>,
}

#[async_trait]
impl Work for Operating {
    async fn round(&mut self, engine: &Engine) -> Result<Round, EngineError> {
        let open = insist(|| engine.operations_open()).await?;
        self.due.retain(|id, _| open.iter().any(|it| it.id == *id));
        let mut round = Round::Idle;
        for operation in open {
            let now = engine.shared.parts.clock.now();
            let due = self.due.get(&operation.id).copied();
            let is_waiting = due.filter(|due| *due > now);
            if let (Some(due), OperationState::Running) = (is_waiting, operation.state) {
                round = round.or_until(due);
                continue;
            }
            let portion = engine.portion(&operation).await?;
            let acted = portion.counts;
            let is_last = portion.is_last;
            insist(|| engine.operation_advance(operation.id, portion.clone())).await?;
            if is_last {
                info!(id = %operation.id, "a bulk operation has ended");
            }
            if let Some(rate) = operation.rate_per_second {
                let acted = acted.done + acted.failed;
                let pause = Duration::from_millis(acted * 1_000 / u64::from(rate.max(1)));
                let end = engine.shared.parts.clock.now() + pause;
                self.due.insert(operation.id, end);
                round = round.or_until(end);
            } else {
                round = Round::Busy;
            }
        }
        Ok(round)
    }
}

impl Engine {
    /// Act on the next page of runs. An operation that is being aborted has none.
    async fn portion(&self, operation: &OperationRecord) -> Result<Portion, EngineError> {
        if operation.state == OperationState::Aborting {
            return Ok(Portion::default());
        }
        let page = match self.next_page(operation).await {
            Ok(page) => page,
            Err(failure) => {
                error!(id = %operation.id, failure, "a bulk operation can't go on");
                return Ok(Portion {
                    failure: Some(failure.into()),
                    ..Portion::default()
                });
            }
        };
        let mut portion = Portion {
            cursor: page.next.map(|next| RunPlace {
                at: next.at,
                run: next.run,
            }),
            is_last: page.next.is_none(),
            ..Portion::default()
        };
        for (run, outcome) in self.act_on_all(operation, page.runs).await? {
            match outcome {
                Outcome::Done => portion.counts.done += 1,
                Outcome::Skipped => portion.counts.skipped += 1,
                Outcome::Failed(message) => {
                    portion.counts.failed += 1;
                    portion.errors.push(record::OperationError {
                        run,
                        message: message.into(),
                    });
                }
            }
        }
        Ok(portion)
    }

    /// The next runs that are meant. There may be none, and more after them: a search looks at a
    /// bounded number of runs at a time. Or why they can't be told.
    async fn next_page(&self, operation: &OperationRecord) -> Result<RunPage, String> {
        let (filter, search) = filter::read(&operation.filter)
            .ok_or("its filter can't be read any more: another version wrote it")?;
        let rate = operation.rate_per_second.unwrap_or(RUNS_PER_PORTION_MAX);
        let query = RunQuery {
            order: Order::Descending,
            after: operation.cursor.map(|place| RunCursor {
                at: place.at,
                run: place.run,
            }),
            ..RunQuery::new(filter, rate.clamp(1, RUNS_PER_PORTION_MAX) as usize)
        };
        let asked_at = operation.id.timestamp();
        let parts = &self.shared.parts;
        let page = match &search {
            None => {
                read(|| async { parts.store.run_list(&query).await.map(|it| Some(Ok(it))) }).await
            }
            Some(search) => {
                let search = || parts.searcher.runs(search, asked_at, &query);
                read(|| async { search().await.map(Some) }).await
            }
        };
        match page {
            Some(page) => page.map_err(|error| error.to_string()),
            None => Err("a run can't be read; see the server's log".to_owned()),
        }
    }

    async fn act_on_all(
        &self,
        operation: &OperationRecord,
        runs: Vec<RunRecord>,
    ) -> Result<Vec<(RunId, Outcome)>, EngineError> {
        let (id, kind) = (operation.id, operation.kind);
        let acts: Vec<_> = runs
            .into_iter()
            .map(|run| {
                let (engine, run_id) = (self.clone(), run.id);
                let act = rt::spawn(async move { engine.act_on(id, kind, &run).await });
                (run_id, act)
            })
            .collect();
        let mut outcomes = Vec::new();
        for (run, act) in acts {
            let outcome = match act.await {
                Ok(outcome) => outcome?,
                Err(error) => {
                    error!(%run, %error, "a run of a bulk operation was given up");
                    Outcome::Failed("internal error; see the server's log".to_owned())
                }
            };
            outcomes.push((run, outcome));
        }
        Ok(outcomes)
    }

    async fn act_on(
        &self,
        operation: OperationId,
        kind: OperationKind,
        run: &RunRecord,
    ) -> Result<Outcome, EngineError> {
        let from = match (kind, run.status.is_final()) {
            (OperationKind::Cancel, false) => {
                let is_cancelled = insist(|| self.run_cancel(run.id)).await?;
                return Ok(if is_cancelled {
                    Outcome::Done
                } else {
                    Outcome::Skipped
                });
            }
            (OperationKind::Cancel, true)
            | (OperationKind::Replay | OperationKind::Resume, false) => {
                return Ok(Outcome::Skipped);
            }
            (OperationKind::Replay, true) => RerunFrom::Start,
            (OperationKind::Resume, true) => RerunFrom::Failure,
        };
        let Some(source) = read(|| self.rerun_source(run.id)).await else {
            return Ok(Outcome::Failed("the run can't be read".to_owned()));
        };
        loop {
            let rerun = self.rerun_in(operation, source.clone(), from.clone());
            return match rerun.await {
                Ok(_) => Ok(Outcome::Done),
                Err(RerunError::Engine(EngineError::Overloaded)) => {
                    make_room().await;
                    continue;
                }
                Err(RerunError::Engine(error @ EngineError::Stopped)) => Err(error),
                Err(RerunError::NotEnded(_) | RerunError::NothingFailed(_)) => Ok(Outcome::Skipped),
                Err(error) => Ok(Outcome::Failed(error.to_string())),
            };
        }
    }
}
