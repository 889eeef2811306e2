//! Where the spans of user code go, and what is kept of them (connect-realtime §6.3, TR-5).

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use everstep_core::record::{AttemptRecord, SpanRecord};
use everstep_protocol::trace::Seed;
use everstep_protocol::{Json, SpanId, StepId, Timestamp};

use super::ai;
use super::noted::Noted;
use super::tree::{Span, SpanKind, SpanStatus, UserlandPart};

/// How deeply spans are nested in a tree; those beyond are shown with the run.
const DEPTH_MAX: usize = 64;

/// What is kept of a span beside its columns. [`SpanRecord::detail`] is this in JSON.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Detail {
    /// `INTERNAL`, `SERVER`, `CLIENT`, `PRODUCER` or `CONSUMER`.
    pub kind: Option<String>,
    pub service_name: Option<String>,
    pub scope_name: Option<String>,
    pub scope_version: Option<String>,
    pub status_message: Option<String>,
    /// The trace that the span has in the process of the app.
    pub trace_id: Option<String>,
    /// Of the process: an object.
    pub resource: Option<Json>,
    /// An object.
    pub attributes: Option<Json>,
    /// What happened at instants, logs above all: objects with `name`, `at` and `attributes`.
    pub events: Option<Json>,
}

impl Detail {
    /// What [`Detail::to_json`] made.
    pub fn read(json: &Json) -> Self {
        let text = |name: &str| json.member_text(name);
        Self {
            kind: text("kind"),
            service_name: text("serviceName"),
            scope_name: text("scopeName"),
            scope_version: text("scopeVersion"),
            status_message: text("statusMessage"),
            trace_id: text("traceId"),
            resource: json.member("resource"),
            attributes: json.member("attributes"),
            events: json.member("events"),
        }
    }

    /// As stores keep it.
    pub fn to_json(&self) -> Json {
        let text = |text: &Option<String>| text.as_deref().map(Json::string);
        let members = [
            ("kind", text(&self.kind)),
            ("serviceName", text(&self.service_name)),
            ("scopeName", text(&self.scope_name)),
            ("scopeVersion", text(&self.scope_version)),
            ("statusMessage", text(&self.status_message)),
            ("traceId", text(&self.trace_id)),
            ("resource", self.resource.clone()),
            ("attributes", self.attributes.clone()),
            ("events", self.events.clone()),
        ];
        let present = members
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)));
        Json::object(present)
    }
}

/// The spans of a run that have not found their place yet.
pub(super) struct Userland<'a> {
    /// By the span that they were opened in.
    within: HashMap<SpanId, Vec<&'a SpanRecord>>,
    /// The outermost ones, by step.
    of_steps: HashMap<&'a StepId, Vec<&'a SpanRecord>>,
    /// The outermost ones that no step is known of, by the call.
    of_calls: HashMap<SpanId, Vec<&'a SpanRecord>>,
    placed: HashSet<SpanId>,
    all: &'a [SpanRecord],
}

impl<'a> Userland<'a> {
    pub(super) fn of(spans: &'a [SpanRecord], attempts: &'a [AttemptRecord]) -> Self {
        let mut userland = Self {
            within: HashMap::new(),
            of_steps: HashMap::new(),
            of_calls: HashMap::new(),
            placed: HashSet::new(),
            all: spans,
        };
        if spans.is_empty() {
            return userland;
        }
        let known: HashSet<SpanId> = spans.iter().map(|span| span.id).collect();
        let steps: HashMap<SpanId, &StepId> = attempts
            .iter()
            .filter_map(|attempt| {
                let step = attempt.step.as_ref()?;
                Some((Seed::Call(attempt.request).span_id(), step))
            })
            .collect();
        for span in spans {
            let list = match (
                span.parent.filter(|parent| known.contains(parent)),
                &span.step,
            ) {
                (Some(parent), _) => userland.within.entry(parent).or_default(),
                (None, Some(step)) => userland.of_steps.entry(step).or_default(),
                (None, None) => match steps.get(&span.call) {
                    Some(step) => userland.of_steps.entry(step).or_default(),
                    None => userland.of_calls.entry(span.call).or_default(),
                },
            };
            list.push(span);
        }
        userland
    }

    /// Put the spans of a step into its own, or into that of their attempt.
    pub(super) fn put_step(&mut self, span: &mut Span, step: &StepId, noted: &mut Noted<'_>) {
        for record in self.of_steps.remove(step).unwrap_or_default() {
            let own = self.place(record, noted);
            let kind = record.attempt.map(SpanKind::Attempt);
            let attempt = kind.and_then(|kind| {
                let mut attempts = span.children.iter_mut();
                attempts.find(|child| child.kind == kind)
            });
            match attempt {
                Some(attempt) => attempt.children.extend(own),
                None => span.children.extend(own),
            }
        }
    }

    /// The spans of a call that executed no step.
    pub(super) fn take_call(&mut self, call: SpanId, noted: &mut Noted<'_>) -> Vec<Span> {
        let records = self.of_calls.remove(&call).unwrap_or_default();
        let spans = records.into_iter();
        spans
            .filter_map(|record| self.place(record, noted))
            .collect()
    }

    /// Those that belong to nothing that is known: their step has no result yet, or they name each
    /// other as parents.
    pub(super) fn take_rest(mut self, noted: &mut Noted<'_>) -> Vec<Span> {
        let outermost: HashSet<SpanId> = self
            .of_steps
            .values()
            .chain(self.of_calls.values())
            .flatten()
            .map(|span| span.id)
            .collect();
        let (first, others): (Vec<_>, Vec<_>) = self
            .all
            .iter()
            .partition(|span| outermost.contains(&span.id));
        let records = first.into_iter().chain(others);
        records
            .filter_map(|record| self.place(record, noted))
            .collect()
    }

    /// The span with those within it; nothing, if it has its place.
    fn place(&mut self, record: &'a SpanRecord, noted: &mut Noted<'_>) -> Option<Span> {
        self.place_at(0, record, noted)
    }

    fn place_at(
        &mut self,
        depth: usize,
        record: &'a SpanRecord,
        noted: &mut Noted<'_>,
    ) -> Option<Span> {
        if !self.placed.insert(record.id) {
            return None;
        }
        let mut span = span_of(record);
        noted.put_span(&mut span);
        if depth < DEPTH_MAX {
            let within = self.within.remove(&record.id).unwrap_or_default();
            let children = within.into_iter();
            let placed = children.filter_map(|child| self.place_at(depth + 1, child, noted));
            span.children = placed.collect();
        }
        Some(span)
    }
}

fn span_of(record: &SpanRecord) -> Span {
    let ms = |ns: u64| Timestamp::from_millis(i64::try_from(ns / 1_000_000).unwrap_or(i64::MAX));
    let started_at = ms(record.started_ns);
    // TR-7
    let status = if record.is_failed {
        SpanStatus::Failed
    } else {
        SpanStatus::Completed
    };
    let detail = Detail::read(&record.detail);
    let duration = Duration::from_nanos(record.ended_ns.saturating_sub(record.started_ns));
    let metadata = ai::metadata(&detail, ms(record.ended_ns), duration);
    let part = UserlandPart {
        parent: record.parent,
        detail,
    };
    Span {
        started_at: Some(started_at),
        ended_at: Some(ms(record.ended_ns)),
        measured: Some(duration),
        metadata: metadata.into_iter().collect(),
        ..Span::new(
            record.id,
            &record.name,
            SpanKind::Userland(Box::new(part)),
            status,
            started_at,
        )
    }
}
