//! A call was answered, or failed (sdk-protocol §5).

use everstep_protocol::reply::{Outcome, Reply, TurnedAway};
use everstep_protocol::{FunctionId, JobId, Json, StepId, Timestamp, UserError};

use crate::change::Change;
use crate::effect::Update;
use crate::finish::RunEnd;
use crate::flow::limit::app_limit;
use crate::input::CallEnded;
use crate::input::metadata::is_carried;
use crate::invoke::Invocation;
use crate::op;
use crate::progress::{Again, Failure, Progress, is_last};
use crate::record::{AttemptOutcome, AttemptRecord, JobKind, JobRecord, WaitReason};
use crate::run::Run;
use crate::shard::{News, Shard};
use crate::turn::Turn;

impl Shard {
    pub(crate) fn call_ended(&mut self, turn: &mut Turn, ended: CallEnded) {
        let function = self.schedule.calls.function_of(ended.job);
        if !self.free(turn, ended.job, ended.generation) {
            // Heard of before.
            return;
        }
        if let Some(function) = function {
            self.note_availability(turn, function, &ended.reply);
        }
        let Some(mut run) = self.runs.remove(&ended.job.run) else {
            // The run has ended meanwhile: nothing to apply the answer to (OP-6).
            return;
        };
        run.call_ends(ended.job);
        turn.touch(ended.job.run);
        let Some(job) = run.job(ended.job).cloned() else {
            // The step was memoized by another call meanwhile.
            self.runs.insert(ended.job.run, run);
            return;
        };
        if let Some(turned_away) = ended.reply.turned_away {
            park(turn, &mut run, &job, &ended, turned_away);
            self.runs.insert(ended.job.run, run);
            return;
        }
        self.apply(turn, run, job, ended);
    }

    /// Learn from the end of a call whether its app can be called at all.
    fn note_availability(&mut self, turn: &mut Turn, function: FunctionId, reply: &Reply) {
        let Some(function) = self.registry.function(function) else {
            return;
        };
        let app = function.record.app;
        if let Some(turned_away) = reply.turned_away {
            let is_new = self
                .flow
                .outages
                .failed(app, turned_away, reply.retry_at, turn.now);
            if is_new {
                let error = reply.error().cloned();
                turn.publish(Update::AppUnavailable { app, error });
            }
        } else if reply.status.is_some() && self.flow.outages.answered(app) {
            turn.publish(Update::AppAvailable { app });
            self.schedule.wake(app_limit(app), &self.flow, turn.now);
        }
    }

    fn apply(&mut self, turn: &mut Turn, mut run: Run, job: JobRecord, mut ended: CallEnded) {
        let outcome = std::mem::replace(&mut ended.reply.outcome, Outcome::Output(Json::null()));
        if !matches!(outcome, Outcome::Error(_)) && run.record.request_version < 0 {
            // The first successful answer fixes the version (§4.3).
            if let Some(version) = ended.reply.request_version {
                run.record.request_version = version;
                turn.dirty(run.record.id);
            }
        }
        let progress = match outcome {
            Outcome::Output(output) => Progress::end(RunEnd::of_output(&run, output)),
            Outcome::Error(error) => Progress::failed(error),
            Outcome::Ops(ops) => {
                if is_carried(&ops)
                    && let Some(metadata) = self.metadata.of(run.record.id)
                {
                    op::note(turn, &run, &job, &ops, metadata);
                }
                op::apply_all(turn, &mut run, &job, &ended.reply, ops, &mut self.waits)
            }
        };
        self.conclude(turn, run, job, &ended, progress);
    }

    /// Decide what becomes of the job and its run.
    fn conclude(
        &mut self,
        turn: &mut Turn,
        mut run: Run,
        job: JobRecord,
        ended: &CallEnded,
        mut progress: Progress,
    ) {
        self.lose_signals(turn, &mut run, &progress.lost_signals);
        let invocations = std::mem::take(&mut progress.invocations);
        let end = progress.end.take().or_else(|| {
            let failure = progress.failure.as_ref()?;
            let is_last = is_last(&job, &run, ended.reply.no_retry);
            is_last.then(|| RunEnd::Failed(failure.error.clone()))
        });
        if let Some(end) = end {
            let (outcome, error) = match &end {
                RunEnd::Failed(error) | RunEnd::Unsuccessful { error, .. } => {
                    (AttemptOutcome::Failed, Some(error.clone()))
                }
                RunEnd::Completed(_) | RunEnd::Cancelled => (AttemptOutcome::Succeeded, None),
            };
            let executed = progress.executed.take();
            record_attempt(turn, &job, ended, executed, outcome, error);
            // They came before what ended the run (§5.11), and their runs outlive it (IN-5).
            self.start_invocations(turn, run.record.function, invocations);
            return self.finish(turn, run, end);
        }
        if let Some(failure) = progress.failure {
            record_attempt(
                turn,
                &job,
                ended,
                progress.executed,
                AttemptOutcome::Retried,
                Some(failure.error.clone()),
            );
            let retry_at = match failure.again {
                Again::AtOnce => turn.now,
                Again::AfterDelay | Again::AsDiscovery => {
                    ended.reply.retry_at.unwrap_or_else(|| {
                        self.config
                            .retry
                            .next(job.attempt, turn.now, &mut turn.entropy)
                    })
                }
            };
            retry(turn, &mut run, &job, retry_at, failure);
            if progress.discover && job.kind != JobKind::Discovery {
                run.discover(turn);
            }
        } else {
            let (outcome, error) = (progress.outcome(), progress.step_error);
            record_attempt(turn, &job, ended, progress.executed, outcome, error);
            let missed = job.kind == JobKind::Discovery && run.rediscover;
            if progress.discover || missed || !run.has_other_jobs(job.id) {
                run.discover_after(turn, &job);
            } else {
                run.delete_job(turn, job.id);
            }
        }
        if job.kind == JobKind::Discovery {
            run.rediscover = false;
        }
        let function = run.record.function;
        self.runs.insert(run.record.id, run);
        self.start_invocations(turn, function, invocations);
    }

    /// Start the functions that steps of a run of this function invoked.
    fn start_invocations(&mut self, turn: &mut Turn, by: FunctionId, invocations: Vec<Invocation>) {
        // The hot path has none.
        if invocations.is_empty() {
            return;
        }
        if let Some(function) = self.registry.function(by).cloned() {
            for invocation in invocations {
                self.invoke(turn, &function, invocation);
            }
        }
    }

    /// The signals of these waits went over to waits of the run (SG-3), and do not come back when it
    /// ends.
    pub(super) fn lose_signals(&mut self, turn: &mut Turn, run: &mut Run, waits: &[JobId]) {
        for wait in waits {
            turn.change(Change::LoseSignal(*wait));
            let news = News::SignalLost(*wait);
            if wait.run == run.record.id {
                run.hear(news);
            } else {
                self.tell(*wait, news);
            }
        }
    }
}

/// The call did not get to the app, so nothing was tried: the job waits for its turn as it was.
fn park(
    turn: &mut Turn,
    run: &mut Run,
    job: &JobRecord,
    ended: &CallEnded,
    turned_away: TurnedAway,
) {
    let error = ended.reply.error().cloned();
    record_attempt(turn, job, ended, None, AttemptOutcome::Retried, error);
    let next = JobRecord {
        due_at: turn.now,
        reason: match turned_away {
            TurnedAway::Unreachable => WaitReason::Unreachable,
            TurnedAway::Overloaded => WaitReason::Overloaded,
        },
        generation: job.generation + 1,
        epoch: turn.epoch,
        ..job.clone()
    };
    run.put_job(turn, next);
}

/// The same job again, as the next generation (§5.8).
pub(super) fn retry(
    turn: &mut Turn,
    run: &mut Run,
    job: &JobRecord,
    retry_at: Timestamp,
    failure: Failure,
) {
    let again = failure.again;
    turn.publish(Update::AttemptFailed {
        run: run.record.id,
        function: run.record.function,
        step: failure.step,
        attempt: job.attempt + 1,
        max_attempts: run.record.max_attempts,
        retry_at,
        error: failure.error,
    });
    let next = JobRecord {
        due_at: retry_at,
        reason: WaitReason::Backoff,
        attempt: job.attempt + 1,
        generation: job.generation + 1,
        epoch: turn.epoch,
        ..job.clone()
    };
    if again == Again::AsDiscovery && job.kind != JobKind::Discovery {
        run.delete_job(turn, job.id);
        if run.discovery().is_some() {
            return run.discover(turn);
        }
        return run.put_discovery(turn, next);
    }
    run.put_job(turn, next);
}

fn record_attempt(
    turn: &mut Turn,
    job: &JobRecord,
    ended: &CallEnded,
    executed: Option<StepId>,
    outcome: AttemptOutcome,
    error: Option<UserError>,
) {
    turn.change(Change::PutAttempt(AttemptRecord {
        job: job.id,
        request: ended.request,
        generation: ended.generation,
        attempt: job.attempt,
        step: job.kind.step().cloned().or(executed),
        outcome,
        due_at: job.due_at,
        started_at: ended.started_at,
        duration: ended.duration,
        timing: ended.reply.timing,
        http_status: ended.reply.status,
        error,
    }));
}
