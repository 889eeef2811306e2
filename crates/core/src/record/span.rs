//! Rows of spans: what user code traced within a run.

use std::sync::Arc;

use everstep_protocol::{Json, RunId, SpanId, StepId};

/// A span that user code opened while a call was in flight (connect-realtime §6).
#[derive(Clone, Debug, PartialEq)]
pub struct SpanRecord {
    pub run: RunId,
    /// Unique within the run.
    pub id: SpanId,
    /// The span that it was opened in. It may come later, or never.
    pub parent: Option<SpanId>,
    /// The span of the call.
    pub call: SpanId,
    /// The step that was executed.
    pub step: Option<StepId>,
    /// Of that step, zero-based.
    pub attempt: Option<u32>,
    pub name: Arc<str>,
    /// Unix nanoseconds: spans are short.
    pub started_ns: u64,
    pub ended_ns: u64,
    pub is_failed: bool,
    /// What else is known: an object, of which nothing is looked at here.
    pub detail: Json,
}
