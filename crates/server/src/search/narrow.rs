//! Which clauses of a search the store can answer. What it answers is evaluated again, so it may
//! find too much, but never too little.

use std::time::Duration;

use everstep_core::expression::{Comparator, Comparison, Value};
use everstep_core::record::RunStatus;
use everstep_protocol::{RunId, Timestamp};
use everstep_store::{EventFilter, RunFilter, RunTime};

use super::compiled::{Clause, SearchError};
use super::filter::{spelt, status};
use crate::registry::{Registry, short_id};

/// What times of lists are whole numbers of.
const MILLISECOND: Duration = Duration::from_millis(1);

/// Narrows a filter by what the clauses say. False if nothing can meet them.
pub(super) fn narrow_runs(
    filter: &mut RunFilter,
    clauses: &[Clause],
    registry: &Registry,
    now: Timestamp,
) -> bool {
    let mut comparisons = clauses
        .iter()
        .filter_map(|clause| clause.expression.comparison(now));
    comparisons.all(|comparison| narrow_by(filter, &comparison, registry))
}

fn narrow_by(filter: &mut RunFilter, comparison: &Comparison, registry: &Registry) -> bool {
    let members: Vec<&str> = comparison.path.members.iter().map(|it| &**it).collect();
    match (comparison.path.variable, &*members) {
        ("run", ["status"]) => narrow_statuses(filter, comparison),
        ("run", ["id"]) => {
            if let [id] = &*texts(comparison)
                && let Ok(id) = id.parse::<RunId>()
                && filter.time == RunTime::QueuedAt
            {
                let at = id.timestamp();
                limit(filter, Some(at), Some(at + MILLISECOND));
            }
            true
        }
        ("fn", ["id" | "slug"]) => {
            let wanted = texts(comparison);
            let is_slug = members == ["slug"];
            narrow_functions(filter, comparison, registry, |slug, short| {
                let name = if is_slug { slug } else { short };
                wanted.iter().any(|wanted| wanted == name)
            })
        }
        ("app", ["id"]) if is_equality(comparison) => {
            let wanted = texts(comparison);
            let apps = registry.apps.iter();
            let apps = apps.filter(|app| wanted.contains(&app.name));
            narrow_list(&mut filter.apps, apps.map(|app| app.id).collect())
        }
        ("event", ["name"]) => {
            if let [name] = &*texts(comparison)
                && comparison.comparator == Comparator::Equal
                && filter.event_name.is_none()
            {
                filter.event_name = Some(name.clone());
            }
            true
        }
        ("run", ["tags", name]) if comparison.comparator == Comparator::Equal => {
            let Value::Text(wanted) = &comparison.value else {
                return true;
            };
            let known = filter.attributes.entry((*name).to_owned());
            **known.or_insert_with(|| wanted.to_string()) == **wanted
        }
        ("run", [time @ ("queued_at" | "started_at" | "ended_at")]) => {
            narrow_time(filter, time, comparison);
            true
        }
        _ => true,
    }
}

fn narrow_statuses(filter: &mut RunFilter, comparison: &Comparison) -> bool {
    if !is_equality(comparison) {
        return true;
    }
    let wanted: Vec<RunStatus> = texts(comparison)
        .iter()
        .filter_map(|text| status(text).ok())
        .collect();
    narrow_list(&mut filter.statuses, wanted)
}

fn narrow_functions(
    filter: &mut RunFilter,
    comparison: &Comparison,
    registry: &Registry,
    is_wanted: impl Fn(&str, &str) -> bool,
) -> bool {
    if !is_equality(comparison) {
        return true;
    }
    let functions = registry.functions.iter().filter(|function| {
        let app = registry.app_by_id(function.app);
        let short = short_id(function, app.map_or("", |app| &app.name));
        is_wanted(&function.slug, short)
    });
    let wanted = functions.map(|function| function.id).collect();
    narrow_list(&mut filter.functions, wanted)
}

/// What is in both lists, where an empty one admits all. False if nothing is.
fn narrow_list<T: PartialEq>(list: &mut Vec<T>, wanted: Vec<T>) -> bool {
    if list.is_empty() {
        *list = wanted;
    } else {
        list.retain(|one| wanted.contains(one));
    }
    !list.is_empty()
}

/// A run that does not have the time meets `<` but not `>`, so only a lower bound says that it is in
/// the list of that time. Every run was queued.
fn narrow_time(filter: &mut RunFilter, name: &str, comparison: &Comparison) {
    let time = match name {
        "started_at" => RunTime::StartedAt,
        "ended_at" => RunTime::EndedAt,
        _ => RunTime::QueuedAt,
    };
    if filter.time != time {
        return;
    }
    let Some(at) = instant(&comparison.value) else {
        return;
    };
    // Bounds are in whole milliseconds, and the value may not be.
    match comparison.comparator {
        Comparator::Greater | Comparator::GreaterOrEqual => limit(filter, Some(at), None),
        Comparator::Less | Comparator::LessOrEqual if time == RunTime::QueuedAt => {
            limit(filter, None, Some(at + MILLISECOND));
        }
        Comparator::Equal => limit(filter, Some(at), Some(at + MILLISECOND)),
        Comparator::Less | Comparator::LessOrEqual | Comparator::In => {}
    }
}

/// Both windows at once.
fn limit(filter: &mut RunFilter, from: Option<Timestamp>, until: Option<Timestamp>) {
    filter.from = filter.from.max(from);
    filter.until = match (filter.until, until) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    };
}

/// Narrows a list of events.
pub(super) fn narrow_events(filter: &mut EventFilter, clauses: &[Clause], now: Timestamp) {
    for clause in clauses {
        let Some(comparison) = clause.expression.comparison(now) else {
            continue;
        };
        let members: Vec<&str> = comparison.path.members.iter().map(|it| &**it).collect();
        match &*members {
            ["name"] if is_equality(&comparison) && filter.names.is_empty() => {
                filter.names = texts(&comparison);
            }
            ["received_at"] => {
                let Some(at) = instant(&comparison.value) else {
                    continue;
                };
                // The bounds of the list are exclusive.
                let is_lower = matches!(
                    comparison.comparator,
                    Comparator::Greater | Comparator::GreaterOrEqual
                );
                if is_lower {
                    let after = at - MILLISECOND;
                    filter.received_after = filter.received_after.max(Some(after));
                }
            }
            _ => {}
        }
    }
}

/// Whether the clauses say which statuses are meant.
pub(super) fn has_status(clauses: &[Clause], now: Timestamp) -> bool {
    let mut comparisons = clauses
        .iter()
        .filter_map(|clause| clause.expression.comparison(now));
    comparisons.any(|comparison| is_status(&comparison) && is_equality(&comparison))
}

/// Refuses to compare a status with what is none.
pub(super) fn check_statuses(clauses: &[Clause], now: Timestamp) -> Result<(), SearchError> {
    for clause in clauses {
        let Some(comparison) = clause.expression.comparison(now) else {
            continue;
        };
        let spelt_so = |text: &String| status(text).is_ok_and(|status| spelt(status) == text);
        let wrong = texts(&comparison).into_iter().find(|text| !spelt_so(text));
        if let Some(text) = wrong.filter(|_| is_status(&comparison)) {
            let message = match status(&text) {
                Ok(status) => format!("{text:?} is no status; it is written {:?}", spelt(status)),
                Err(what) => format!("a status {what}"),
            };
            return Err(SearchError::at(&comparison.path, message));
        }
    }
    Ok(())
}

fn is_status(comparison: &Comparison) -> bool {
    let members = comparison.path.members.iter().map(|it| &**it);
    comparison.path.variable == "run" && members.eq(["status"])
}

fn is_equality(comparison: &Comparison) -> bool {
    matches!(comparison.comparator, Comparator::Equal | Comparator::In)
}

/// The texts that are compared with.
fn texts(comparison: &Comparison) -> Vec<String> {
    let one = |value: &Value| match value {
        Value::Text(text) => Some(text.to_string()),
        _ => None,
    };
    match &comparison.value {
        Value::List(values) => values.iter().filter_map(one).collect(),
        value => one(value).into_iter().collect(),
    }
}

/// The beginning of the millisecond.
fn instant(value: &Value) -> Option<Timestamp> {
    match value {
        Value::Timestamp(at) => Some(Timestamp::from_millis(at.as_millisecond())),
        _ => None,
    }
}
