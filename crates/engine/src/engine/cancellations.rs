//! Bulk cancellations: taken in here, and carried out in the background, a portion of each in turn
//! (server-semantics §8).
//!
//! How far each has come is committed after every portion, so a restart goes on there; runs that
//! it looks at again have ended, and cancelling them changes nothing. A run that can't be matched,
//! because its condition fails for its event, is left alone.
//!
//! **Invariant:** a run in the range is looked at. Its id carries when it was decided on, and it can
//! be read once that was committed. So a portion ends at the time at which the driver was asked for
//! the open cancellations: what was decided on before is durable when it answers.

use std::sync::Arc;

use async_trait::async_trait;
use everstep_core::Input;
use everstep_core::effect::Answer;
use everstep_core::expression::{EvaluationError, EventView, Expression, Scope};
use everstep_core::input::Control;
use everstep_core::record::{CancellationRecord, ShardId};
use everstep_protocol::{AppId, CancellationId, FunctionId, Json, RunId, Timestamp};
use tracing::{debug, error, info};

use super::worker::{Round, Work, insist};
use super::{ControlError, Engine, EngineError};
use crate::driver::patience::read;
use crate::rt;

/// Live runs, of whatever function, that a portion looks at.
const RUNS_READ_MAX: usize = 500;

/// Runs of the function that a portion matches and cancels, side by side.
const RUNS_CANCELLED_MAX: usize = 32;

/// Which runs to cancel.
#[derive(Clone, Debug)]
pub struct BulkCancellation {
    pub app: AppId,
    pub function: FunctionId,
    /// Runs that started then or later; from the beginning, if `None`.
    pub started_after: Option<Timestamp>,
    /// Runs that started then or earlier.
    pub started_before: Timestamp,
    /// Runs whose first event fulfils it.
    pub condition: Option<Expression>,
}

impl Engine {
    /// Cancel the runs of a function that started in a range of time. That they are to be cancelled
    /// is durable when this returns; it is done in the background.
    pub async fn cancellation_create(
        &self,
        actor: Option<Arc<str>>,
        bulk: BulkCancellation,
    ) -> Result<CancellationRecord, ControlError> {
        let first = self.shared.reserve_ids(self.shared.parts.clock.now(), 1);
        let cancellation = CancellationRecord {
            id: CancellationId::from_bytes((first + 1).to_be_bytes()),
            app: bulk.app,
            function: bulk.function,
            started_after: bulk.started_after,
            started_before: bulk.started_before,
            condition: bulk.condition.map(|condition| condition.text().into()),
            next: CancellationRecord::first_run(bulk.started_after),
            ended_at: None,
        };
        let control = Control::PutCancellation(Box::new(cancellation.clone()));
        self.control(actor, control).await?;
        self.shared.cancellations.send_replace(());
        Ok(cancellation)
    }

    /// Stop a bulk cancellation, if it goes on, and forget it. Runs that were cancelled stay so; the
    /// portion under way is finished.
    pub async fn cancellation_delete(
        &self,
        actor: Option<Arc<str>>,
        cancellation: &CancellationRecord,
    ) -> Result<(), ControlError> {
        let control = Control::DeleteCancellation {
            id: cancellation.id,
            function: cancellation.function,
        };
        self.control(actor, control).await.map(drop)
    }

    async fn cancellations_open(&self) -> Result<Vec<CancellationRecord>, EngineError> {
        let input = |reply_to| Input::CancellationsOpen { reply_to };
        match self.ask(false, input).await? {
            Answer::CancellationsOpen(open) => Ok(open),
            other => unreachable!("open cancellations are not answered as {other:?}"),
        }
    }

    async fn cancellation_advance(
        &self,
        id: CancellationId,
        next: RunId,
    ) -> Result<(), EngineError> {
        let input = |reply_to| Input::AdvanceCancellation { id, next, reply_to };
        match self.ask(false, input).await? {
            Answer::CancellationAdvanced => Ok(()),
            other => unreachable!("an advance is answered as one, not as {other:?}"),
        }
    }
}

/// Carries out the bulk cancellations of an engine.
pub(super) struct Cancelling;

#[async_trait]
impl Work for Cancelling {
    async fn round(&mut self, engine: &Engine) -> Result<Round, EngineError> {
        engine.cancel_portions().await
    }
}

impl Engine {
    /// Carry out a portion of every open cancellation.
    async fn cancel_portions(&self) -> Result<Round, EngineError> {
        let asked_at = self.shared.parts.clock.now();
        let visible = RunId::from_parts(asked_at, 0);
        let open = insist(|| self.cancellations_open()).await?;
        let mut wait_until: Option<Timestamp> = None;
        let mut is_busy = false;
        for cancellation in open {
            let end = cancellation.end();
            let next = if cancellation.next < end.min(visible) {
                self.cancel_portion(&cancellation, end.min(visible)).await?
            } else {
                cancellation.next
            };
            // An empty range ends here too.
            if next > cancellation.next || next >= end {
                let advance = || self.cancellation_advance(cancellation.id, next);
                insist(advance).await?;
                if next >= end {
                    info!(id = %cancellation.id, "a bulk cancellation has ended");
                }
            }
            if next < end.min(visible) {
                is_busy = true;
            } else if next < end {
                let at = end.timestamp();
                wait_until = Some(wait_until.map_or(at, |earlier| earlier.min(at)));
            }
        }
        Ok(match wait_until {
            _ if is_busy => Round::Busy,
            Some(at) => Round::Until(at),
            None => Round::Idle,
        })
    }

    /// Cancel the first runs of what is left before `end`. The first run that was not looked at.
    async fn cancel_portion(
        &self,
        cancellation: &CancellationRecord,
        end: RunId,
    ) -> Result<RunId, EngineError> {
        let text = cancellation.condition.as_deref();
        let condition = match text.map(Expression::compile).transpose() {
            Ok(condition) => condition,
            Err(error) => {
                // It did when it came: this version of the server reads it otherwise.
                error!(id = %cancellation.id, %error, "the condition of a bulk cancellation does not compile; no run matches");
                return Ok(end);
            }
        };
        let store = &self.shared.parts.store;
        let (shard, from) = (ShardId::EMBEDDED, cancellation.next);
        let live = read(|| store.runs_live(shard, from, end, RUNS_READ_MAX)).await;
        let looked_at_all = live.len() < RUNS_READ_MAX;
        let last = live.last().map(|(run, _)| *run);
        let ours = live
            .into_iter()
            .filter(|(_, function)| *function == cancellation.function);
        let mut ours: Vec<RunId> = ours.map(|(run, _)| run).collect();
        let next = if ours.len() > RUNS_CANCELLED_MAX {
            ours.split_off(RUNS_CANCELLED_MAX)[0]
        } else if looked_at_all {
            end
        } else {
            last.map_or(end, successor)
        };
        let cancelled: Vec<_> = ours
            .into_iter()
            .map(|run| {
                let (engine, condition) = (self.clone(), condition.clone());
                rt::spawn(async move { engine.cancel_matching(run, condition).await })
            })
            .collect();
        for cancelled in cancelled {
            match cancelled.await {
                Ok(outcome) => outcome?,
                Err(error) => error!(%error, "a run that was to be cancelled was given up"),
            }
        }
        Ok(next)
    }

    async fn cancel_matching(
        &self,
        run: RunId,
        condition: Option<Expression>,
    ) -> Result<(), EngineError> {
        if let Some(condition) = condition {
            let store = &self.shared.parts.store;
            let events = read(|| store.run_events(run)).await;
            // In batch runs it is the first event that counts (EX-13).
            let Some(event) = events.into_iter().next() else {
                return Ok(());
            };
            let now = self.shared.parts.clock.now();
            match holds(&condition, event.payload, now) {
                Ok(true) => {}
                Ok(false) => return Ok(()),
                Err(error) => {
                    debug!(%run, %error, "the condition of a bulk cancellation fails; the run goes on");
                    return Ok(());
                }
            }
        }
        insist(|| self.run_cancel(run)).await.map(drop)
    }
}

fn holds(condition: &Expression, event: Json, now: Timestamp) -> Result<bool, EvaluationError> {
    condition.holds(&Scope::new(&EventView::new(event), now))
}

/// The id after this one.
fn successor(run: RunId) -> RunId {
    let number = u128::from_be_bytes(run.to_bytes());
    RunId::from_bytes(number.saturating_add(1).to_be_bytes())
}
