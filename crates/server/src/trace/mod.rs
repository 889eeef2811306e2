//! The trace of a run: what happened in it, as a tree of spans (http-api §6.6).
//!
//! [`load`] reads the rows of a run, and [`build`] makes the tree of them: it is pure, so what it
//! makes of which rows is tested without a server. How a tree looks on the wire is for the routes.
//!
//! | module | owns |
//! |---|---|
//! | `tree` | the types of the tree |
//! | `calls` | which calls executed which step, and which the function around them |
//! | `step` | the span of a step, with its attempts |
//! | `noted` | where metadata goes |
//! | `userland` | where the spans of user code go, and what is kept of them |
//! | `ai` | what such a span tells of a conversation with an AI provider |

mod ai;
mod calls;
mod noted;
mod step;
mod tree;
pub mod userland;

use std::collections::HashMap;

use everstep_core::record::{
    AttemptRecord, EventRecord, JobRecord, MetadataRecord, RunRecord, RunStatus, SkipRecord,
    SpanRecord, StepRecord, StepTrace,
};
use everstep_protocol::trace::Seed;
use everstep_protocol::{EventId, RunId, Timestamp};
use everstep_store::{ReadError, Store, TriggeredRun};

use self::calls::Calls;
pub use self::calls::{Call, call_list};
use self::noted::Noted;
pub use self::tree::{
    Attempt, Link, Metadata, Skip, Span, SpanKind, SpanStatus, StepInfo, StepOp, StepPart, Timing,
    UserlandPart,
};
use self::userland::Userland;

/// Events sent by the steps of one run whose runs are looked up; those beyond have their ids only.
pub const LINKED_EVENTS_MAX: usize = 1_000;
/// Runs of one such event that are named.
pub const RUNS_PER_LINK_MAX: usize = 20;

/// All that a trace is made of.
#[derive(Debug)]
pub struct Rows {
    pub run: RunRecord,
    /// What triggered it, in order.
    pub events: Vec<EventRecord>,
    /// In stack order, then the outstanding ones.
    pub steps: Vec<StepRecord>,
    /// Oldest first.
    pub attempts: Vec<AttemptRecord>,
    pub jobs: Vec<JobRecord>,
    pub metadata: Vec<MetadataRecord>,
    /// By start.
    pub spans: Vec<SpanRecord>,
    /// Why the run did not start, if it was skipped.
    pub skip: Option<SkipRecord>,
    /// Runs that events triggered which steps sent.
    pub triggered: Vec<TriggeredRun>,
}

/// The rows of a run; `None` if there is none.
pub async fn load(store: &dyn Store, id: RunId) -> Result<Option<Rows>, ReadError> {
    let Some(run) = store.run_view(id).await? else {
        return Ok(None);
    };
    let events = store.run_events(id).await?;
    let skip = match events.first() {
        Some(event) if run.status == RunStatus::Skipped => {
            let skips = store.event_skips(event.id).await?;
            skips.into_iter().find(|skip| skip.function == run.function)
        }
        Some(_) | None => None,
    };
    let steps = store.run_steps(id).await?;
    let sent: Vec<EventId> = steps
        .iter()
        .filter(|step| step::may_send(step))
        .flat_map(|step| step::sent_events(step, &trace_of(step)))
        .take(LINKED_EVENTS_MAX)
        .collect();
    let triggered = match sent.is_empty() {
        true => Vec::new(),
        false => store.triggered_runs(&sent, RUNS_PER_LINK_MAX).await?,
    };
    Ok(Some(Rows {
        events,
        skip,
        steps,
        triggered,
        attempts: store.run_attempts(id).await?,
        jobs: store.run_jobs(id).await?,
        metadata: store.run_metadata(id).await?,
        spans: store.run_spans(id).await?,
        run,
    }))
}

/// The tree: the run, its steps in the order in which they started, and what is within them.
pub fn build(rows: &Rows) -> Span {
    let run = &rows.run;
    let mut userland = Userland::of(&rows.spans, &rows.attempts);
    let mut noted = Noted::of(rows);
    let mut root = Span {
        skip: rows.skip.as_ref().map(|skip| Skip {
            reason: skip.reason,
            existing_run: skip.detail.as_deref().and_then(|text| text.parse().ok()),
        }),
        started_at: run.started_at,
        ended_at: run.ended_at,
        ..Span::new(
            Seed::Run(run.id).span_id(),
            "Run",
            SpanKind::Run,
            SpanStatus::of_run(run.status),
            run.id.timestamp(),
        )
    };
    match run.status {
        RunStatus::Failed => root.error = run.output.clone(),
        RunStatus::Completed => root.output = run.output.clone(),
        RunStatus::Queued | RunStatus::Running | RunStatus::Cancelled | RunStatus::Skipped => {}
    }
    // TT-23
    if run.status != RunStatus::Skipped {
        root.children = children(rows, &mut noted, &mut userland);
    }
    root.children.extend(userland.take_rest(&mut noted));
    root.metadata = noted.take_rest();
    root
}

fn children(rows: &Rows, noted: &mut Noted<'_>, userland: &mut Userland<'_>) -> Vec<Span> {
    let mut calls = Calls::of(rows);
    let mut links: HashMap<EventId, Vec<TriggeredRun>> = HashMap::new();
    for run in &rows.triggered {
        links.entry(run.event).or_default().push(*run);
    }
    let mut children: Vec<Span> = Vec::with_capacity(rows.steps.len() + 1);
    for step in &rows.steps {
        let attempts = calls.take(&step.id);
        let step = step::Step::new(rows, step, &attempts);
        children.push(step.span(&links, noted, userland));
    }
    children.extend(calls.discoveries());
    // TT-9, but that steps of one millisecond stay in the order of the stack.
    children.sort_by_key(Span::begun_at);
    let last_end = children.iter().filter_map(|child| child.ended_at).max();
    children.extend(calls.body(last_end, userland, noted));
    children
}

fn trace_of(step: &StepRecord) -> StepTrace {
    step.trace.as_ref().map(StepTrace::read).unwrap_or_default()
}

/// The end of what is not over when the run is.
fn ended_with(run: &RunRecord) -> Option<Timestamp> {
    run.status.is_final().then_some(run.ended_at).flatten()
}

#[cfg(test)]
mod tests;
