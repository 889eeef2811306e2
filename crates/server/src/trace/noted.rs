//! Where metadata goes: to the span that it is about, or else to the run.

use std::collections::{HashMap, HashSet};

use everstep_core::record::{MetadataRecord, MetadataTarget};
use everstep_protocol::limits::METADATA_ENTRY_SIZE;
use everstep_protocol::{Json, SpanId, StepId};

use super::Rows;
use super::tree::{Metadata, Span, SpanKind};

/// Synthetic: what the metadata of the run takes (TT-22).
const USAGE: &str = "inngest.usage";

/// The metadata of a run that has not found its span yet.
pub(super) struct Noted<'a> {
    by_step: HashMap<&'a StepId, Vec<&'a MetadataRecord>>,
    by_span: HashMap<SpanId, Vec<&'a MetadataRecord>>,
    /// Of the run, and of steps that it does not have.
    rest: Vec<Metadata>,
}

impl<'a> Noted<'a> {
    pub(super) fn of(rows: &'a Rows) -> Self {
        let mut noted = Self {
            by_step: HashMap::new(),
            by_span: HashMap::new(),
            rest: Vec::new(),
        };
        if rows.metadata.is_empty() {
            return noted;
        }
        let steps: HashSet<&StepId> = rows.steps.iter().map(|step| &step.id).collect();
        let spans: HashSet<SpanId> = rows.spans.iter().map(|span| span.id).collect();
        let mut size = 0;
        for record in &rows.metadata {
            size += record.kind.len() + record.values.len() + METADATA_ENTRY_SIZE;
            match &record.target {
                MetadataTarget::Span { span, .. } if spans.contains(span) => {
                    noted.by_span.entry(*span).or_default().push(record);
                }
                target => match target.step().filter(|step| steps.contains(step)) {
                    Some(step) => noted.by_step.entry(step).or_default().push(record),
                    None => noted.rest.push(shown(record, true)),
                },
            }
        }
        let updated_at = rows.metadata.iter().map(|record| record.updated_at).max();
        let size = i64::try_from(size).unwrap_or(i64::MAX);
        noted.rest.push(Metadata {
            scope: "run",
            kind: USAGE.into(),
            values: Json::object([("metadata_bytes", Json::integer(size))]),
            updated_at: updated_at.unwrap_or_default(),
            step: None,
            attempt: None,
            span: None,
        });
        noted
    }

    /// Those of a step, and of what is within it and has no span of its own.
    pub(super) fn put_step(&mut self, span: &mut Span, step: &StepId) {
        for record in self.by_step.remove(step).unwrap_or_default() {
            let of_attempt = match &record.target {
                MetadataTarget::Attempt { attempt, .. } => {
                    let kind = SpanKind::Attempt(*attempt);
                    span.children.iter_mut().find(|child| child.kind == kind)
                }
                MetadataTarget::Run | MetadataTarget::Step(_) | MetadataTarget::Span { .. } => None,
            };
            let metadata = match of_attempt {
                Some(attempt) => &mut attempt.metadata,
                None => &mut span.metadata,
            };
            metadata.push(shown(record, false));
        }
        span.metadata.sort_by(order);
    }

    /// Those of a span that user code opened.
    pub(super) fn put_span(&mut self, span: &mut Span) {
        let records = self.by_span.remove(&span.id).unwrap_or_default();
        span.metadata
            .extend(records.into_iter().map(|record| shown(record, false)));
        span.metadata.sort_by(order);
    }

    pub(super) fn take_rest(mut self) -> Vec<Metadata> {
        self.rest.sort_by(order);
        self.rest
    }
}

/// TT-22
fn order(a: &Metadata, b: &Metadata) -> std::cmp::Ordering {
    (a.scope, &a.kind).cmp(&(b.scope, &b.kind))
}

fn shown(record: &MetadataRecord, with_step: bool) -> Metadata {
    let (scope, attempt, span) = match &record.target {
        MetadataTarget::Run => ("run", None, None),
        MetadataTarget::Step(_) => ("step", None, None),
        MetadataTarget::Attempt { attempt, .. } => ("step_attempt", Some(*attempt), None),
        MetadataTarget::Span { span, .. } => ("extended_trace", None, Some(*span)),
    };
    Metadata {
        scope,
        kind: record.kind.clone(),
        values: record.values.clone(),
        updated_at: record.updated_at,
        step: record.target.step().filter(|_| with_step).cloned(),
        attempt,
        span,
    }
}
