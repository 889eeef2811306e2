//! Ops: what a reply asks for (sdk-protocol §5.5–5.11). One file per op.

mod defer_abort;
mod defer_add;
mod discovery_request;
mod function_error;
mod gateway;
mod invoke_function;
mod metadata;
mod run_complete;
mod sleep;
mod step_error;
mod step_failed;
mod step_not_found;
mod step_planned;
mod step_run;
mod wait;
mod wait_for_event;
mod wait_for_signal;

use everstep_protocol::limits::{OPS_PER_REPLY_MAX, STEPS_MAX};
use everstep_protocol::op::{Op, OpCode, ParallelMode};
use everstep_protocol::reply::Reply;
use everstep_protocol::{Json, StepId, UserError};

use crate::finish::RunEnd;
use crate::progress::{Again, Failure, Progress, is_last};
use crate::record::{JobKind, JobRecord, StepKind, StepRecord, StepStatus};
use crate::run::{Overflow, Run};
use crate::turn::Turn;
use crate::waits::Waits;

pub(crate) use self::metadata::note;

/// The application of one reply: its ops read and write here.
struct Applying<'a> {
    turn: &'a mut Turn,
    run: &'a mut Run,
    job: &'a JobRecord,
    reply: &'a Reply,
    waits: &'a mut Waits,
    progress: Progress,
    /// The reply named steps that have, or had, a job of their own: they lead on from here.
    planned: bool,
    /// The reply stored results of steps without a job of their own.
    stored_inline: bool,
}

/// Apply the ops of a reply to the run, all in this decision (§5.11).
pub(crate) fn apply_all(
    turn: &mut Turn,
    run: &mut Run,
    job: &JobRecord,
    reply: &Reply,
    ops: Vec<Op>,
    waits: &mut Waits,
) -> Progress {
    if ops.len() > OPS_PER_REPLY_MAX {
        return Progress::end(RunEnd::Failed(too_many_ops(ops.len())));
    }
    if is_group(&ops) && !run.record.parallel {
        run.record.parallel = true;
        turn.dirty(run.record.id);
    }
    apply_lazy(turn, run, &ops);
    let mut applying = Applying {
        turn,
        run,
        job,
        reply,
        waits,
        progress: Progress::default(),
        planned: false,
        stored_inline: false,
    };
    // Nothing but ops that cause no call: the app is asked again (DE-1).
    applying.progress.discover = !ops.is_empty() && ops.iter().all(|op| op.code.is_lazy());
    // Waits are there before anything else of the reply happens (§5.11).
    let (waits, others): (Vec<&Op>, Vec<&Op>) = ops.iter().partition(|op| is_wait(op));
    for op in waits.into_iter().chain(others) {
        applying.apply(op);
        if applying.progress.end.is_some() {
            break;
        }
    }
    applying.conclude()
}

/// Apply the ops that only accompany others, before the others (DE-1). They never fail a run.
pub(crate) fn apply_lazy(turn: &mut Turn, run: &mut Run, ops: &[Op]) {
    for op in ops {
        if op.code == OpCode::DeferAdd {
            defer_add::apply(turn, run, op);
        } else if op.code == OpCode::DeferAbort {
            defer_abort::apply(turn, run, op);
        }
    }
}

fn is_wait(op: &Op) -> bool {
    matches!(op.code, OpCode::WaitForEvent | OpCode::WaitForSignal)
}

/// More than one op that is not merely a result is a parallel group (§5.9, §5.11).
fn is_group(ops: &[Op]) -> bool {
    let is_lazy = |op: &&Op| op.code.is_lazy() || op.code == OpCode::None;
    let is_result = |op: &Op| {
        let is_value = matches!(
            op.code,
            OpCode::StepRun | OpCode::Step | OpCode::RunComplete | OpCode::SyncRunComplete
        );
        is_value || is_function_error(op)
    };
    let eager: Vec<&Op> = ops.iter().filter(|op| !is_lazy(op)).collect();
    eager.len() > 1 && !eager.iter().all(|op| is_result(op))
}

/// The error of a function comes as that of a step when defers have to come along (DE-2).
fn is_function_error(op: &Op) -> bool {
    matches!(op.code, OpCode::StepError | OpCode::StepFailed) && op.is_of_function()
}

/// Whether an op asks for something, which a run does once however often it is asked for.
fn asks(op: &Op) -> bool {
    matches!(
        op.code,
        OpCode::StepPlanned
            | OpCode::Sleep
            | OpCode::WaitForEvent
            | OpCode::WaitForSignal
            | OpCode::InvokeFunction
            | OpCode::Gateway
            | OpCode::AiGateway
    )
}

impl Applying<'_> {
    fn apply(&mut self, op: &Op) {
        if self.is_found_by_others(op) {
            self.planned = true;
            return;
        }
        match &op.code {
            OpCode::StepRun | OpCode::Step => step_run::apply(self, op),
            OpCode::StepError | OpCode::StepFailed if op.is_of_function() => {
                function_error::apply(self, op);
            }
            OpCode::StepError => step_error::apply(self, op),
            OpCode::StepFailed => step_failed::apply(self, op),
            OpCode::StepPlanned => step_planned::apply(self, op),
            OpCode::StepNotFound => step_not_found::apply(self, op),
            OpCode::Sleep => sleep::apply(self, op),
            OpCode::RunComplete | OpCode::SyncRunComplete => run_complete::apply(self, op),
            OpCode::DiscoveryRequest => discovery_request::apply(self),
            OpCode::WaitForEvent => wait_for_event::apply(self, op),
            OpCode::WaitForSignal => wait_for_signal::apply(self, op),
            OpCode::InvokeFunction => invoke_function::apply(self, op),
            OpCode::Gateway => gateway::fetch(self, op),
            OpCode::AiGateway => gateway::infer(self, op),
            // Applied before.
            OpCode::DeferAdd | OpCode::DeferAbort => {}
            OpCode::Unknown(code) => {
                let message =
                    format!("The app reported the op {code:?}, which this server does not know.");
                self.fail_attempt(
                    UserError::new("UnknownOp", &message),
                    None,
                    Again::AfterDelay,
                );
            }
            OpCode::None => {}
        }
    }

    /// Memoize the value of the step of an op.
    fn store(&mut self, op: &Op, kind: StepKind, status: StepStatus, value: Json) {
        self.note_executed(op);
        let step = self.run.step_of(op, kind, status, self.turn.now);
        let mode = step.mode;
        let own_job = self.job.kind.step() == Some(&op.id);
        let new = !self.run.is_memoized(&op.id);
        if let Err(overflow) = self.run.memoize(self.turn, step, value) {
            return self.fail_run(overflow.to_error());
        }
        if own_job || self.job.kind != JobKind::Discovery {
            if new && self.run.discovers_after(mode) {
                self.progress.discover = true;
            }
        } else {
            self.stored_inline = true;
        }
    }

    /// The call that is answered executed the step of this op.
    fn note_executed(&mut self, op: &Op) {
        let executed = &mut self.progress.executed;
        executed.get_or_insert_with(|| op.id.clone());
    }

    /// The run fails at once, whatever attempts are left.
    fn fail_run(&mut self, error: UserError) {
        self.progress.end = Some(RunEnd::Failed(error));
    }

    /// The attempt failed; the job is tried again unless this was its last one.
    fn fail_attempt(&mut self, error: UserError, step: Option<String>, again: Again) {
        self.progress.failure = Some(Failure { error, step, again });
    }

    fn is_last_attempt(&self) -> bool {
        is_last(self.job, self.run, self.reply.no_retry)
    }

    fn targets(&self, step: &StepId) -> bool {
        self.job.kind == JobKind::Step(step.clone())
    }

    /// Whether the op asks for something that a discovery finds. The call that asks for a request
    /// again can be in flight beside one, which executes what this one would only plan.
    fn is_found_by_others(&self, op: &Op) -> bool {
        asks(op) && matches!(&self.job.kind, JobKind::Request(step) if *step != op.id)
    }

    /// Whether the app wants the request of this step no more: the race that it was part of is
    /// over, and the reply says what comes after it.
    fn is_dropped(&self, step: &StepId) -> bool {
        let of_race = |step: &StepRecord| step.mode == ParallelMode::Race;
        let is_request = self.job.kind == JobKind::Request(step.clone());
        is_request && self.planned && self.run.open_step(step).is_some_and(of_race)
    }

    /// What is left to decide when all ops were seen.
    fn conclude(mut self) -> Progress {
        if self.progress.end.is_some() || self.progress.failure.is_some() {
            return self.progress;
        }
        match &self.job.kind {
            JobKind::Discovery => {
                // Results that came with plans were stored before what was planned; what was
                // planned leads on from here (§5.11).
                self.progress.discover |= self.stored_inline && !self.planned;
                if !(self.progress.discover || self.planned || self.run.has_other_jobs(self.job.id))
                {
                    self.fail_attempt(nothing_to_do(), None, Again::AtOnce);
                }
            }
            JobKind::Step(step) | JobKind::Request(step) => {
                let done = self.run.is_memoized(step) || self.run.is_awaited(step, self.job.id);
                if !done && !self.progress.discover && !self.is_dropped(step) {
                    let name = self.run.open_step(step).map(|step| step.name.to_string());
                    self.fail_attempt(not_executed(step), name, Again::AfterDelay);
                }
            }
            JobKind::SleepEnd(_)
            | JobKind::WaitEnd(_)
            | JobKind::Cancel
            | JobKind::StartTimeout
            | JobKind::FinishTimeout
            | JobKind::SyncTimeout => {}
        }
        self.progress
    }
}

impl Run {
    /// Whether the app is asked what comes next when a step with a job of its own is done (§5.9).
    pub(crate) fn discovers_after(&self, mode: ParallelMode) -> bool {
        self.record.request_version < 2 || mode == ParallelMode::Race || !self.awaits_join()
    }
}

impl Overflow {
    /// As the error that the run fails with (server-semantics §3.12).
    pub(crate) fn to_error(self) -> UserError {
        match self {
            Self::Step { size, limit } => UserError::new(
                "output_too_large",
                &format!("The output of a step is {size} bytes, over the limit of {limit} bytes."),
            ),
            Self::State { limit, .. } => UserError::new(
                "InngestErrStateOverflowed",
                &format!("The function run exceeded the state size limit of {limit} bytes."),
            ),
            Self::Steps { limit } => UserError::new(
                "InngestErrFunctionOverflowed",
                &format!("The function run exceeded the step limit of {limit} steps."),
            ),
        }
    }
}

fn too_many_ops(count: usize) -> UserError {
    UserError::new(
        "InngestErrFunctionOverflowed",
        &format!(
            "The app reported {count} ops in one reply, over the limit of {OPS_PER_REPLY_MAX}; a run has at most {STEPS_MAX} steps."
        ),
    )
}

fn nothing_to_do() -> UserError {
    UserError::new(
        "EmptyReply",
        "The app answered with ops, but none of them gave the run anything to do.",
    )
}

fn not_executed(step: &StepId) -> UserError {
    UserError::new(
        "StepNotExecuted",
        &format!(
            "The app was asked to execute the step {step}, and its answer says nothing of that step."
        ),
    )
}
