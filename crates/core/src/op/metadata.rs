//! What ops note beside what they ask for. It never fails them: what is refused leaves a warning
//! (ME-3).

use everstep_protocol::metadata::MetadataScope;
use everstep_protocol::op::{Op, OpCode};

use super::{asks, is_function_error};
use crate::metadata::RunMetadata;
use crate::record::{JobKind, JobRecord, MetadataTarget};
use crate::run::Run;
use crate::turn::Turn;

/// Note what the ops carry, before they are applied. An op that was applied before is repeated with
/// what it carries, which is noted once.
pub(crate) fn note(
    turn: &mut Turn,
    run: &Run,
    job: &JobRecord,
    ops: &[Op],
    metadata: &mut RunMetadata,
) {
    for op in ops {
        if op.metadata.is_empty() || is_repeated(run, job, op) {
            continue;
        }
        for noted in &op.metadata {
            let target = target(op, noted.scope, job.attempt);
            match &noted.update {
                Ok(update) => metadata.note(turn, &target, update),
                Err(refused) => {
                    metadata.warn(turn, &target, &refused.kind, &refused.error.to_string());
                }
            }
        }
    }
}

fn is_repeated(run: &Run, job: &JobRecord, op: &Op) -> bool {
    if !is_of_step(op) {
        return false;
    }
    let is_for_others = matches!(&job.kind, JobKind::Request(step) if *step != op.id);
    let is_known = || is_for_others || run.is_awaited(&op.id, job.id);
    run.is_memoized(&op.id) || (asks(op) && is_known())
}

/// Ops that are of no step speak of the run.
fn target(op: &Op, scope: MetadataScope, attempt: u32) -> MetadataTarget {
    if !is_of_step(op) {
        return MetadataTarget::Run;
    }
    let step = || op.id.clone();
    match scope {
        MetadataScope::Run => MetadataTarget::Run,
        // An op does not say which span it means.
        MetadataScope::Step | MetadataScope::ExtendedTrace | MetadataScope::Unknown => {
            MetadataTarget::Step(step())
        }
        MetadataScope::StepAttempt | MetadataScope::Request => MetadataTarget::Attempt {
            step: step(),
            attempt,
        },
    }
}

fn is_of_step(op: &Op) -> bool {
    match &op.code {
        OpCode::StepError | OpCode::StepFailed => !is_function_error(op),
        OpCode::StepRun
        | OpCode::Step
        | OpCode::StepPlanned
        | OpCode::StepNotFound
        | OpCode::Sleep
        | OpCode::WaitForEvent
        | OpCode::WaitForSignal
        | OpCode::InvokeFunction
        | OpCode::AiGateway
        | OpCode::Gateway
        | OpCode::Unknown(_) => true,
        OpCode::RunComplete
        | OpCode::SyncRunComplete
        | OpCode::DiscoveryRequest
        | OpCode::DeferAdd
        | OpCode::DeferAbort
        | OpCode::None => false,
    }
}
