//! An app reports finished steps while its call is in flight (sdk-protocol §7.3).

use everstep_protocol::op::{Op, OpCode};

use crate::effect::{Answer, CheckpointRefusal};
use crate::input::Checkpoint;
use crate::metadata::RunMetadata;
use crate::op::{self, apply_lazy};
use crate::record::{Epoch, JobRecord, StepKind, StepStatus};
use crate::run::{Overflow, Run};
use crate::shard::{Parked, Shard};
use crate::turn::Turn;

impl Shard {
    pub(crate) fn checkpoint(&mut self, turn: &mut Turn, checkpoint: Checkpoint) {
        let id = checkpoint.run;
        if let Some(run) = self.runs.get_mut(&id) {
            let reply_to = checkpoint.reply_to;
            let metadata = self.metadata.of(id);
            let result = store(turn, run, checkpoint, metadata);
            turn.reply(reply_to, Answer::Checkpoint(result));
            return;
        }
        // The server may have restarted under the app's feet: the run is looked up.
        let parked = self.loading.entry(id).or_insert_with(|| {
            turn.load_run(id);
            Parked::default()
        });
        parked.checkpoints.push(checkpoint);
    }
}

/// Store the steps of a checkpoint: all of them, or none.
fn store(
    turn: &mut Turn,
    run: &mut Run,
    checkpoint: Checkpoint,
    metadata: Option<&mut RunMetadata>,
) -> Result<(), CheckpointRefusal> {
    let mut job = fence(run, &checkpoint)?;
    admit(run, &checkpoint.ops, is_allowed)?;
    if let Some(metadata) = metadata {
        op::note(turn, run, &job, &checkpoint.ops, metadata);
    }
    apply_lazy(turn, run, &checkpoint.ops);
    for op in &checkpoint.ops {
        match op.code {
            OpCode::StepRun | OpCode::Step => {
                let step = run.step_of(op, StepKind::Run, StepStatus::Completed, turn.now);
                run.memoize(turn, step, op.memoized_data())
                    .map_err(refusal)?;
            }
            // Defers are kept by now; `StepPlanned` says "is about to run": nothing to keep.
            _ => {}
        }
    }
    if job.attempt > 0 {
        job.attempt = 0;
        run.update_job(turn, job);
    }
    Ok(())
}

/// The job that the checkpoint belongs to, if its dispatch is the latest one.
fn fence(run: &Run, checkpoint: &Checkpoint) -> Result<JobRecord, CheckpointRefusal> {
    let Some(ticket) = checkpoint.ticket else {
        let job = run.discovery().cloned();
        return job.ok_or(CheckpointRefusal::RunGone(checkpoint.run));
    };
    let stale = CheckpointRefusal::Stale(ticket.job);
    let Some(job) = run.job(ticket.job) else {
        return Err(stale);
    };
    let generation = checkpoint.generation.unwrap_or(ticket.generation);
    if (Epoch(ticket.epoch), generation) < (job.epoch, job.generation) {
        return Err(stale);
    }
    Ok(job.clone())
}

fn is_allowed(code: &OpCode) -> bool {
    matches!(
        code,
        OpCode::StepRun
            | OpCode::Step
            | OpCode::StepPlanned
            | OpCode::DeferAdd
            | OpCode::DeferAbort
    )
}

/// Look at everything before anything is stored.
pub(super) fn admit(
    run: &Run,
    ops: &[Op],
    is_allowed: fn(&OpCode) -> bool,
) -> Result<(), CheckpointRefusal> {
    let mut state_bytes = run.record.state_bytes;
    let mut steps = run.record.steps_done;
    for op in ops {
        if !is_allowed(&op.code) {
            return Err(CheckpointRefusal::OpNotAllowed(op.code.as_str().to_owned()));
        }
        let is_result = matches!(op.code, OpCode::StepRun | OpCode::Step);
        if is_result && !run.is_memoized(&op.id) {
            state_bytes = run
                .room_for(op.memoized_data().len(), state_bytes, steps)
                .map_err(refusal)?;
            steps += 1;
        }
    }
    Ok(())
}

fn refusal(overflow: Overflow) -> CheckpointRefusal {
    match overflow {
        Overflow::Step { size, limit } => CheckpointRefusal::StepTooLarge { size, limit },
        Overflow::State { size, limit } => CheckpointRefusal::StateTooLarge { size, limit },
        Overflow::Steps { limit } => CheckpointRefusal::TooManySteps { limit },
    }
}
