//! Inputs that carry metadata: what a client notes of a run, which may have ended (ME-5), and the
//! answers of apps that have some with them.
//!
//! Such an input waits until the metadata of its run is in memory. Nothing of it is decided before,
//! so what a crash loses meanwhile is what it would have lost a moment earlier.

use everstep_protocol::RunId;
use everstep_protocol::metadata::MetadataUpdate;
use everstep_protocol::op::Op;
use everstep_protocol::reply::Outcome;

use crate::effect::{Answer, Effect, ReplyTo};
use crate::input::Input;
use crate::record::{MetadataRecord, MetadataTarget};
use crate::shard::Shard;
use crate::turn::Turn;

/// Whether any of the ops carries metadata.
pub(crate) fn is_carried(ops: &[Op]) -> bool {
    ops.iter().any(|op| !op.metadata.is_empty())
}

impl Input {
    /// The run whose metadata the input changes.
    fn metadata_of(&self) -> Option<RunId> {
        match self {
            Self::UpdateMetadata { run, .. } => Some(*run),
            Self::CallEnded(ended) => match &ended.reply.outcome {
                Outcome::Ops(ops) if is_carried(ops) => Some(ended.job.run),
                Outcome::Ops(_) | Outcome::Output(_) | Outcome::Error(_) => None,
            },
            Self::Checkpoint(checkpoint) => is_carried(&checkpoint.ops).then_some(checkpoint.run),
            Self::StartEndpoint(start) => is_carried(&start.ops).then_some(start.run),
            Self::EndpointSteps(steps) => is_carried(&steps.ops).then_some(steps.run),
            // What is known of the request is metadata of its step.
            Self::RequestEnded(ended) => Some(ended.job.run),
            Self::Wake
            | Self::Sync { .. }
            | Self::Events { .. }
            | Self::Invoke { .. }
            | Self::Signal { .. }
            | Self::Cancel { .. }
            | Self::PutSpans { .. }
            | Self::CancellationsOpen { .. }
            | Self::AdvanceCancellation { .. }
            | Self::Control { .. }
            | Self::Inspect { .. }
            | Self::EventsLoaded { .. }
            | Self::RunLoaded { .. }
            | Self::MetadataLoaded { .. }
            | Self::OperationsOpen { .. }
            | Self::AdvanceOperation { .. }
            | Self::JobsLoaded { .. } => None,
        }
    }
}

impl Shard {
    /// The input, unless it waits now for the metadata that it changes.
    pub(crate) fn with_metadata(&mut self, turn: &mut Turn, input: Input) -> Option<Input> {
        match input.metadata_of() {
            Some(run) if !self.metadata.is_loaded(run) => {
                if self.metadata.park(run, input) {
                    turn.effects.push(Effect::LoadMetadata(run));
                }
                None
            }
            Some(_) | None => Some(input),
        }
    }

    pub(crate) fn metadata_loaded(
        &mut self,
        turn: &mut Turn,
        run: RunId,
        records: Vec<MetadataRecord>,
    ) {
        for input in self.metadata.load(run, records) {
            self.decide(turn, input);
        }
        turn.touch(run);
    }

    /// All of the updates of a client are made, or none.
    pub(crate) fn update_metadata(
        &mut self,
        turn: &mut Turn,
        run: RunId,
        updates: &[(MetadataTarget, MetadataUpdate)],
        reply_to: ReplyTo,
    ) {
        if let Some(metadata) = self.metadata.of(run) {
            let outcome = metadata.update_all(turn, updates);
            turn.reply(reply_to, Answer::Metadata(outcome));
        }
        turn.touch(run);
    }
}
