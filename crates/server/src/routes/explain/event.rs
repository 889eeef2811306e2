//! What an event started, and why it started no more.

use std::time::Duration;

use axum::extract::State;
use axum::response::Response;
use everstep_core::record::{FunctionRecord, RunRecord, RunStatus, SkipReason, SkipRecord};
use everstep_protocol::config::Trigger;
use serde_json::{Value, json};

use crate::error::ApiError;
use crate::routes::params::PathText;
use crate::routes::v1::{envelope, event_id};
use crate::routes::{Api, status_text};

pub(super) async fn explain(
    State(api): State<Api>,
    PathText(event): PathText,
) -> Result<Response, ApiError> {
    let id = event_id(&event)?;
    let store = api.engine.store();
    let event = store.event_view(id).await?;
    let event = event.ok_or_else(|| ApiError::not_found("event not found"))?;
    let runs = store.event_runs(id).await?;
    let skips = store.event_skips(id).await?;
    let functions = store.function_list().await?;
    let outcomes: Vec<Value> = functions
        .iter()
        .filter_map(|function| outcome(function, &event.name, &runs, &skips))
        .collect();
    let view = json!({
        "eventId": id.to_string(),
        "name": event.name,
        "summary": summary(&event.name, &outcomes, runs.len()),
        "functions": outcomes,
    });
    Ok(envelope(view, api.clock.now(), Duration::ZERO))
}

/// What came of the event for a function; `None` if it could not have triggered it.
fn outcome(
    function: &FunctionRecord,
    event: &str,
    runs: &[RunRecord],
    skips: &[SkipRecord],
) -> Option<Value> {
    let runs: Vec<&RunRecord> = runs
        .iter()
        .filter(|run| run.function == function.id)
        .collect();
    let skip = skips.iter().find(|skip| skip.function == function.id);
    let is_triggered = function.archived_at.is_none() && is_triggered(function, event);
    if runs.is_empty() && skip.is_none() && !is_triggered {
        return None;
    }
    let text = match (runs.first(), skip) {
        // An event that was held back has a skip, and later a run.
        (Some(run), _) if run.status != RunStatus::Skipped => {
            format!("run {} is {}", run.id, status_text(run.status))
        }
        (_, Some(skip)) => skip_text(skip),
        (Some(run), None) => format!("run {} was skipped", run.id),
        (None, None) => "not evaluated: the function was not registered then".to_owned(),
    };
    let runs = runs
        .iter()
        .map(|run| json!({ "runId": run.id.to_string(), "status": status_text(run.status) }));
    Some(json!({
        "functionId": function.id,
        "function": function.slug,
        "runs": runs.collect::<Vec<_>>(),
        "skip": skip.map(|skip| json!({ "reason": skip_words(skip.reason).0, "detail": skip.detail })),
        "text": text,
    }))
}

fn summary(event: &str, outcomes: &[Value], runs: usize) -> String {
    if outcomes.is_empty() {
        return format!("Event {event:?} started nothing: no function is triggered by that name.");
    }
    let texts = outcomes.iter().map(|outcome| {
        let text = |name| outcome[name].as_str().unwrap_or_default();
        format!("{}: {}", text("function"), text("text"))
    });
    let texts: Vec<_> = texts.collect();
    format!("Event {event:?} has {runs} runs. {}.", texts.join("; "))
}

fn is_triggered(function: &FunctionRecord, event: &str) -> bool {
    function
        .config
        .triggers
        .iter()
        .any(|trigger| match trigger {
            Trigger::Event { event: pattern, .. } => match pattern.strip_suffix('*') {
                Some(prefix) if prefix.ends_with(['/', '.']) => event.starts_with(prefix),
                Some(_) | None => event == pattern,
            },
            Trigger::Cron { .. } => false,
        })
}

/// A skip and its evidence, for people.
pub(super) fn skip_text(skip: &SkipRecord) -> String {
    let (_, text) = skip_words(skip.reason);
    match &skip.detail {
        Some(detail) => format!("{text} ({detail})"),
        None => text.to_owned(),
    }
}

/// For machines, and for people.
pub(in crate::routes) fn skip_words(reason: SkipReason) -> (&'static str, &'static str) {
    match reason {
        SkipReason::ExpressionFalse => ("expression_false", "the expression of no trigger holds"),
        SkipReason::ExpressionError => (
            "expression_error",
            "the expression of a trigger can't be evaluated for this event",
        ),
        SkipReason::EventDuplicate => (
            "event_duplicate",
            "an event with this id started a run before",
        ),
        SkipReason::IdempotencyDuplicate => (
            "idempotency_duplicate",
            "the idempotency key has this value already",
        ),
        SkipReason::TicksGivenUp => ("ticks_given_up", "too many ticks had passed"),
        SkipReason::RateLimited => ("rate_limited", "the rate limit is used up"),
        SkipReason::Debounced => ("debounced", "the debounce holds the event back"),
        SkipReason::DebounceOutdated => (
            "debounce_outdated",
            "the event is older than the one that the debounce holds back",
        ),
        SkipReason::Batched => ("batched", "the event was added to a batch"),
        SkipReason::Singleton => ("singleton", "another run is the only one that may run"),
        SkipReason::Paused => ("paused", "the function is paused"),
    }
}
