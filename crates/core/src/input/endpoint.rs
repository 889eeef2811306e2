//! An app starts a run that it executes itself, and reports how it goes on (sdk-protocol §7.4).

use std::sync::Arc;

use everstep_protocol::op::{Op, OpCode};
use everstep_protocol::reply::{Outcome, Reply};
use everstep_protocol::{JobId, Json};

use super::call_ended::retry;
use super::checkpoint::admit;
use crate::change::Change;
use crate::effect::{Answer, CheckpointRefusal, EndpointRun, Update};
use crate::expression::EventView;
use crate::finish::RunEnd;
use crate::input::metadata::is_carried;
use crate::input::{EndpointSteps, StartEndpoint};
use crate::limits::SYNC_SILENCE_MAX;
use crate::op::{apply_all, note};
use crate::progress::{Again, Failure, is_last};
use crate::record::{JobKind, JobRecord, RunRecord, RunStatus, WaitReason};
use crate::run::Run;
use crate::shard::{Parked, Shard};
use crate::start::endpoint_key;
use crate::turn::Turn;

/// What an op means for a run that its app executes itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    /// The app goes on.
    Continues,
    /// The handler has answered its client.
    Ends,
    /// The app has given its client a token, or a place to ask at: the server is to go on.
    TurnsAsync,
    /// It makes no sense here.
    Refused,
}

/// The table of §7.4. An SDK that has reported a failed step waits to be called, also if the step has
/// failed for good: TypeScript has no other way to tell user code.
fn meaning(code: &OpCode) -> Meaning {
    match code {
        OpCode::StepRun | OpCode::Step | OpCode::DeferAdd | OpCode::DeferAbort | OpCode::None => {
            Meaning::Continues
        }
        OpCode::RunComplete | OpCode::SyncRunComplete => Meaning::Ends,
        OpCode::StepError
        | OpCode::StepFailed
        | OpCode::StepPlanned
        | OpCode::Sleep
        | OpCode::WaitForEvent
        | OpCode::WaitForSignal
        | OpCode::InvokeFunction
        | OpCode::AiGateway
        | OpCode::Gateway
        | OpCode::DiscoveryRequest => Meaning::TurnsAsync,
        OpCode::StepNotFound | OpCode::Unknown(_) => Meaning::Refused,
    }
}

impl Shard {
    /// Whether the run is new is for the store to say: its id comes from the app.
    pub(crate) fn start_endpoint(&mut self, turn: &mut Turn, start: StartEndpoint) {
        let id = start.run;
        if self.runs.contains_key(&id) {
            let refusal = CheckpointRefusal::RunExists(id);
            return turn.reply(start.reply_to, Answer::EndpointStarted(Err(refusal)));
        }
        let parked = self.loading.entry(id).or_insert_with(|| {
            turn.load_run(id);
            Parked::default()
        });
        parked.starts.push(start);
    }

    /// The store has answered. Of several starts of one run the first one counts.
    pub(crate) fn starts_found(
        &mut self,
        turn: &mut Turn,
        starts: Vec<StartEndpoint>,
        mut is_new: bool,
    ) {
        for start in starts {
            let reply_to = start.reply_to;
            let result = if is_new {
                self.begin_endpoint(turn, start)
            } else {
                Err(CheckpointRefusal::RunExists(start.run))
            };
            is_new &= result.is_err();
            turn.reply(reply_to, Answer::EndpointStarted(result));
        }
    }

    fn begin_endpoint(
        &mut self,
        turn: &mut Turn,
        start: StartEndpoint,
    ) -> Result<EndpointRun, CheckpointRefusal> {
        let function = self.endpoint_function(turn, &start)?;
        let key = start.idempotency.as_deref();
        let key = key.map(|text| endpoint_key(&function, text));
        if let Some(holder) = key.and_then(|key| self.idempotency.holder(key, turn.now)) {
            return Err(CheckpointRefusal::RunExists(holder.unwrap_or(start.run)));
        }
        let StartEndpoint { event, ops, .. } = start;
        let record = RunRecord {
            id: start.run,
            function: function.record.id,
            function_version: function.record.version,
            status: RunStatus::Running,
            started_at: Some(turn.now),
            ended_at: None,
            max_attempts: start.max_attempts,
            request_version: start.request_version,
            parallel: false,
            next_job: JobId::DISCOVERY + 1,
            generation: 0,
            state_bytes: event.payload.len() as u64,
            steps_done: 0,
            invoked_by: Vec::new(),
            batch: None,
            keys: None,
            priority: 0,
            output: None,
        };
        let mut run = Run::new(record, vec![event.clone()]);
        admit(&run, &ops, is_allowed)?;
        if let Some(key) = key {
            self.hold_key(turn, key, Some(start.run));
        }
        let view = EventView::new(event.payload.clone());
        self.put_run_events(turn, start.run, vec![event.id], &view);
        turn.publish(Update::EventReceived {
            event: event.id,
            name: event.name.to_string(),
            runs: 1,
        });
        turn.publish(Update::RunStarted {
            run: start.run,
            function: function.record.id,
        });
        turn.change(Change::PutEvent(event));
        let timeout = JobRecord {
            id: run.take_number(turn),
            kind: JobKind::SyncTimeout,
            due_at: turn.now,
            reason: WaitReason::Timeout,
            attempt: 0,
            generation: 1,
            epoch: turn.epoch,
            created_at: turn.now,
        };
        self.report(turn, run, timeout, ops);
        Ok(EndpointRun {
            app: function.record.app,
            function: function.record.id,
            slug: Arc::clone(&function.record.slug),
        })
    }

    pub(crate) fn endpoint_steps(&mut self, turn: &mut Turn, steps: EndpointSteps) {
        let id = steps.run;
        let Some(run) = self.runs.remove(&id) else {
            let parked = self.loading.entry(id).or_insert_with(|| {
                turn.load_run(id);
                Parked::default()
            });
            parked.steps.push(steps);
            return;
        };
        let reply_to = steps.reply_to;
        let result = match run.sync_timeout().cloned() {
            Some(timeout) => match admit(&run, &steps.ops, is_allowed) {
                Ok(()) => {
                    self.report(turn, run, timeout, steps.ops);
                    return turn.reply(reply_to, Answer::Checkpoint(Ok(())));
                }
                Err(refusal) => Err(refusal),
            },
            None if steps.ops.iter().all(|op| is_repeated(&run, op)) => Ok(()),
            None => Err(CheckpointRefusal::NotSync(id)),
        };
        turn.touch(id);
        self.runs.insert(id, run);
        turn.reply(reply_to, Answer::Checkpoint(result));
    }

    /// The run of these steps is not live. That its handler has come to its end can be said twice.
    pub(crate) fn steps_gone(&self, turn: &mut Turn, steps: &EndpointSteps, has_ended: bool) {
        let is_end = |op: &Op| meaning(&op.code) == Meaning::Ends;
        let result = if has_ended && steps.ops.iter().all(is_end) {
            Ok(())
        } else {
            Err(CheckpointRefusal::RunGone(steps.run))
        };
        turn.reply(steps.reply_to, Answer::Checkpoint(result));
    }

    /// Apply what the app reports of a run that it executes itself. `timeout` is its only job, stored
    /// or not.
    fn report(&mut self, turn: &mut Turn, mut run: Run, timeout: JobRecord, ops: Vec<Op>) {
        let turns_async = |op: &Op| meaning(&op.code) == Meaning::TurnsAsync;
        let turns_async = ops.iter().any(turns_async);
        let rediscovers = ops.iter().any(|op| op.code == OpCode::DiscoveryRequest);
        if is_carried(&ops)
            && let Some(metadata) = self.metadata.of(run.record.id)
        {
            note(turn, &run, &timeout, &ops, metadata);
        }
        let progress = apply_all(turn, &mut run, &timeout, &no_reply(), ops, &mut self.waits);
        self.lose_signals(turn, &mut run, &progress.lost_signals);
        if let Some(end) = progress.end {
            return self.finish(turn, run, end);
        }
        if let Some(failure) = progress.failure {
            if is_last(&timeout, &run, None) {
                return self.finish(turn, run, RunEnd::Failed(failure.error));
            }
            let policy = self.config.retry;
            let retry_at = policy.next(timeout.attempt, turn.now, &mut turn.entropy);
            let again = Again::AsDiscovery;
            retry(
                turn,
                &mut run,
                &timeout,
                retry_at,
                Failure { again, ..failure },
            );
        } else if turns_async {
            run.delete_job(turn, timeout.id);
            if rediscovers || !run.has_other_jobs(timeout.id) {
                run.discover(turn);
            }
        } else {
            let due_at = turn.now + SYNC_SILENCE_MAX;
            run.put_job(turn, JobRecord { due_at, ..timeout });
        }
        turn.touch(run.record.id);
        let function = self.registry.function(run.record.function).cloned();
        self.runs.insert(run.record.id, run);
        if let Some(function) = function {
            for invocation in progress.invocations {
                self.invoke(turn, &function, invocation);
            }
        }
    }
}

fn is_allowed(code: &OpCode) -> bool {
    meaning(code) != Meaning::Refused
}

/// Whether an op was heard of before, and a repetition is harmless: the server has gone on already.
fn is_repeated(run: &Run, op: &Op) -> bool {
    match meaning(&op.code) {
        Meaning::Continues if op.code == OpCode::None || op.code.is_lazy() => true,
        Meaning::Continues | Meaning::TurnsAsync => {
            op.is_of_function()
                || op.code == OpCode::DiscoveryRequest
                || run.is_memoized(&op.id)
                || run.open_step(&op.id).is_some()
        }
        Meaning::Ends | Meaning::Refused => false,
    }
}

/// The ops come without a reply, so nothing is said of retries.
fn no_reply() -> Reply {
    Reply {
        outcome: Outcome::Output(Json::null()),
        request_version: None,
        no_retry: None,
        retry_at: None,
        status: None,
        turned_away: None,
        timing: None,
    }
}
