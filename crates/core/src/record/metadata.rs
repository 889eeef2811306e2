//! Rows of metadata: what is noted about a run and its parts.

use std::sync::Arc;

use everstep_protocol::{Json, RunId, SpanId, StepId, Timestamp};

/// What metadata is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MetadataTarget {
    Run,
    Step(StepId),
    /// An attempt of a step, zero-based.
    Attempt {
        step: StepId,
        attempt: u32,
    },
    /// A span that user code opened within a step.
    Span {
        step: StepId,
        span: SpanId,
    },
}

impl MetadataTarget {
    /// The step that it is, or is within.
    pub fn step(&self) -> Option<&StepId> {
        match self {
            Self::Run => None,
            Self::Step(step) | Self::Attempt { step, .. } | Self::Span { step, .. } => Some(step),
        }
    }
}

/// What is noted of one kind (connect-realtime §5). The step need not be known: scores name steps
/// that a run may not have, and a step that is being executed is not known yet.
#[derive(Clone, Debug, PartialEq)]
pub struct MetadataRecord {
    pub run: RunId,
    pub target: MetadataTarget,
    /// Unique within the target, such as `userland.default` or `inngest.score`.
    pub kind: Arc<str>,
    /// An object.
    pub values: Json,
    pub updated_at: Timestamp,
}
