//! What is known of a run while the clauses of a search are looked at. It is loaded cost by cost.

use std::collections::BTreeMap;
use std::sync::Arc;

use everstep_core::expression::{EventView, Map, MapKey, Value};
use everstep_core::invoke::INVOKED;
use everstep_core::record::{
    AttemptRecord, EventRecord, FunctionRecord, RunAttributes, RunRecord, RunStatus, StepRecord,
    StepStatus,
};
use everstep_core::ticks::SCHEDULED;
use everstep_protocol::defer::DEFERRED_EVENT;
use everstep_protocol::{Json, StepId, Timestamp};
use everstep_store::RunTrigger;

use super::filter::spelt;
use crate::registry::{Registry, short_id};

/// Values of variables, as a scope takes them.
pub(super) type Own = Vec<(&'static str, Value)>;

/// The variables that the row of a run tells.
pub(super) fn of_row(run: &RunRecord, registry: &Registry) -> Own {
    let function = registry.function_by_id(run.function);
    let app = function.and_then(|function| registry.app_by_id(function.app));
    let app_name = app.map(|app| &*app.name);
    vec![
        ("run", run_value(run)),
        ("fn", function_value(function, app_name.unwrap_or(""))),
        (
            "app",
            map([
                ("id", app_name.map(Value::text)),
                (
                    "version",
                    app.and_then(|app| app.app_version.as_deref())
                        .map(Value::text),
                ),
            ]),
        ),
    ]
}

/// With what triggered the run; of its event, the name is known.
pub(super) fn add_trigger(own: &mut Own, run: &RunRecord, trigger: &RunTrigger) {
    let name = trigger.event_name.clone();
    let kind = match name.as_deref() {
        _ if run.batch.is_some() => "batch",
        Some(SCHEDULED) => "cron",
        Some(INVOKED) => "invoke",
        Some(DEFERRED_EVENT) => "defer",
        _ => "event",
    };
    own.push(("trigger", map([("kind", Some(Value::text(kind)))])));
    own.push(("event", map([("name", name.map(Value::Text))])));
}

/// With the whole of the run's first event.
pub(super) fn add_event(own: &mut Own, event: &EventRecord) {
    let value = EventView::new(event.payload.clone()).value().clone();
    set(own, "event", value);
}

/// With what the run returned, or the error it failed with.
pub(super) fn add_output(own: &mut Own, status: RunStatus, output: Option<&Json>) {
    let Some(output) = output else { return };
    let name = match status {
        RunStatus::Failed => "error",
        _ => "output",
    };
    set(own, name, value_of(output));
}

/// With the values of its attributes: `run.tags.tenant`.
pub(super) fn add_attributes(own: &mut Own, attributes: RunAttributes) {
    let tags = attributes.into_iter();
    let tags = tags.map(|(name, value)| (MapKey::Text(name), Value::Text(value)));
    add_to_run(own, "tags", Value::Map(Map::new(tags.collect())));
}

/// With how many calls were made for the run.
pub(super) fn add_attempts(own: &mut Own, attempts: &[AttemptRecord]) {
    let count = i64::try_from(attempts.len()).unwrap_or(i64::MAX);
    add_to_run(own, "attempts", Value::Int(count));
}

fn add_to_run(own: &mut Own, name: &str, value: Value) {
    let run = own.iter_mut().find(|(name, _)| *name == "run");
    let Some((_, Value::Map(run))) = run else {
        return;
    };
    let mut entries = run.entries().to_vec();
    entries.push((MapKey::Text(name.into()), value));
    *run = Map::new(entries);
}

/// With the steps by their names. Of several with one name, the last one counts.
pub(super) fn add_steps(own: &mut Own, steps: &[StepRecord], attempts: &[AttemptRecord]) {
    let mut counts: BTreeMap<&StepId, i64> = BTreeMap::new();
    for step in attempts.iter().filter_map(|attempt| attempt.step.as_ref()) {
        *counts.entry(step).or_default() += 1;
    }
    let steps = steps.iter().map(|step| {
        let attempts = counts.get(&step.id).copied().unwrap_or_default();
        (
            MapKey::Text(Arc::clone(&step.name)),
            step_value(step, attempts),
        )
    });
    set(own, "step", Value::Map(Map::new(steps.collect())));
}

/// An event as a search of events sees it.
pub(super) fn of_event(event: &EventRecord) -> Own {
    let view = EventView::new(event.payload.clone());
    let mut entries = match view.value() {
        Value::Map(map) => map.entries().to_vec(),
        _ => Vec::new(),
    };
    let more = [
        ("internal_id", Some(Value::text(event.id.to_string()))),
        ("received_at", time(event.received_at)),
    ];
    entries.extend(named(more));
    vec![("event", Value::Map(Map::new(entries)))]
}

fn run_value(run: &RunRecord) -> Value {
    let ended_within = run.started_at.zip(run.ended_at);
    let duration = ended_within.map(|(from, to)| {
        let ms = to.as_millis().saturating_sub(from.as_millis());
        Value::Duration(jiff::SignedDuration::from_millis(ms))
    });
    let keys = run.keys.clone().map(Json::from_canonical);
    map([
        ("id", Some(Value::text(run.id.to_string()))),
        ("status", Some(Value::text(spelt(run.status)))),
        ("queued_at", time(run.id.timestamp())),
        ("started_at", run.started_at.and_then(time)),
        ("ended_at", run.ended_at.and_then(time)),
        ("duration", duration),
        ("keys", keys.as_ref().map(value_of)),
    ])
}

fn function_value(function: Option<&FunctionRecord>, app: &str) -> Value {
    map([
        (
            "id",
            function.map(|function| Value::text(short_id(function, app))),
        ),
        (
            "slug",
            function.map(|function| Value::Text(Arc::clone(&function.slug))),
        ),
        (
            "name",
            function.map(|function| Value::text(&*function.config.name)),
        ),
    ])
}

/// The memoized value is `{"data": …}` or `{"error": …}`.
fn step_value(step: &StepRecord, attempts: i64) -> Value {
    let status = match step.status {
        StepStatus::Planned => "PLANNED",
        StepStatus::Retrying => "RETRYING",
        StepStatus::Sleeping => "SLEEPING",
        StepStatus::Waiting => "WAITING",
        StepStatus::Completed => "COMPLETED",
        StepStatus::Failed => "FAILED",
    };
    let member = |name: &str| {
        let value = step.value.as_ref()?.member(name)?;
        Some(value_of(&value))
    };
    let begun = step.started_at.or(Some(step.created_at));
    let duration = begun.zip(step.ended_at).map(|(from, to)| {
        let ms = to.as_millis().saturating_sub(from.as_millis());
        Value::Duration(jiff::SignedDuration::from_millis(ms))
    });
    map([
        ("status", Some(Value::text(status))),
        ("output", member("data")),
        ("error", member("error")),
        ("duration", duration),
        ("attempts", Some(Value::Int(attempts))),
    ])
}

fn set(own: &mut Own, name: &'static str, value: Value) {
    own.retain(|(known, _)| *known != name);
    own.push((name, value));
}

fn map<const N: usize>(members: [(&str, Option<Value>); N]) -> Value {
    Value::Map(Map::new(named(members).collect()))
}

fn named<const N: usize>(
    members: [(&str, Option<Value>); N],
) -> impl Iterator<Item = (MapKey, Value)> {
    let set = members.into_iter();
    set.filter_map(|(name, value)| Some((MapKey::Text(name.into()), value?)))
}

fn time(at: Timestamp) -> Option<Value> {
    let at = jiff::Timestamp::from_millisecond(at.as_millis()).ok()?;
    Some(Value::Timestamp(at))
}

fn value_of(json: &Json) -> Value {
    Value::from_json(json.tree().root())
}
