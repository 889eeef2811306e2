//! Which runs someone means: the filter of lists, of counts and of operations on many runs.
//!
//! It is read from a query (`status=FAILED&appId=shop`) or from a JSON object
//! (`{"status": ["FAILED"], "appId": ["shop"]}`), whose members have the same names, and it can be
//! written as such an object again. Times are absolute once it is read. Names of apps and functions
//! stay names until [`Filter::resolve`] finds what they stand for.

mod attributes;

use std::collections::BTreeMap;

use everstep_core::record::{AppRecord, ErrorGroupId, FunctionRecord, RunStatus};
use everstep_protocol::time::{parse_duration, parse_instant};
use everstep_protocol::{FunctionId, Json, OperationId, Timestamp};
use everstep_store::{RunFilter, RunTime};

pub use self::attributes::attribute_name;
use crate::registry::{Registry, goes_by};

/// Values of one condition: statuses, apps, functions.
pub const FILTER_VALUES_MAX: usize = 100;

/// Runs that meet every condition that is set.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    pub time: RunTime,
    /// Inclusive.
    pub from: Option<Timestamp>,
    /// Exclusive.
    pub until: Option<Timestamp>,
    pub statuses: Vec<RunStatus>,
    /// Ids as apps give them.
    pub apps: Vec<String>,
    /// Ids without the prefix of the app if one is named, slugs, or UUIDs.
    pub functions: Vec<String>,
    pub event_name: Option<String>,
    pub is_deferred: Option<bool>,
    /// Value of a key of the limits that the run is under.
    pub key: Option<String>,
    /// Error that the runs failed with.
    pub error_group: Option<ErrorGroupId>,
    /// Bulk operation that made the runs.
    pub operation: Option<OperationId>,
    /// Values of attributes by name.
    pub attributes: BTreeMap<String, String>,
}

/// A member of a filter that can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name} {what}")]
pub struct FilterProblem {
    pub name: String,
    /// Continues a sentence that begins with the name.
    pub what: String,
}

/// What comes before the name of an attribute in a query.
const ATTRIBUTE_PREFIX: &str = "attr.";

/// The statuses as clients spell them.
const STATUSES: [(RunStatus, &str); 6] = [
    (RunStatus::Queued, "QUEUED"),
    (RunStatus::Running, "RUNNING"),
    (RunStatus::Completed, "COMPLETED"),
    (RunStatus::Failed, "FAILED"),
    (RunStatus::Cancelled, "CANCELLED"),
    (RunStatus::Skipped, "SKIPPED"),
];

/// The times as clients spell them, and what happened then.
const TIMES: [(RunTime, &str, &str); 3] = [
    (RunTime::QueuedAt, "queuedAt", "queued"),
    (RunTime::StartedAt, "startedAt", "started"),
    (RunTime::EndedAt, "endedAt", "ended"),
];

impl Filter {
    /// Takes what belongs to a filter out of the parameters of a query. `from` and `until` may be
    /// times, or say how long ago, such as `2h`.
    ///
    /// # Errors
    ///
    /// All that is wrong with it.
    pub fn take_from_query(
        query: &mut Vec<(String, String)>,
        now: Timestamp,
    ) -> Result<Self, Vec<FilterProblem>> {
        let mut filter = Self::default();
        let mut problems = Vec::new();
        query.retain(|(name, value)| match filter.set(name, value, now) {
            Ok(is_ours) => !is_ours,
            Err(what) => {
                problems.push(FilterProblem::new(name, what));
                false
            }
        });
        problems.extend(filter.flaws());
        done(filter, problems)
    }

    /// Reads an object whose members have the names of the query's parameters; what can be several
    /// is a list or one value.
    ///
    /// # Errors
    ///
    /// All that is wrong with it.
    pub fn of_json(json: &Json, now: Timestamp) -> Result<Self, Vec<FilterProblem>> {
        if !json.is_object() {
            let problem = FilterProblem::new("filter", "must be an object");
            return Err(vec![problem]);
        }
        let mut filter = Self::default();
        let mut problems = Vec::new();
        for (name, value) in json.members() {
            if name == "attributes" {
                problems.extend(filter.set_attributes(&value));
                continue;
            }
            let values: Vec<Json> = match value.is_array() {
                true => value.items().collect(),
                false => vec![value],
            };
            for value in values.iter().filter(|value| !value.is_null()) {
                let text = value.to_text().unwrap_or_else(|| value.as_str().to_owned());
                let set = filter.set(&name, &text, now);
                let known = set.and_then(|is_ours| match is_ours {
                    true => Ok(()),
                    false => Err("is not known".to_owned()),
                });
                problems.extend(known.err().map(|what| FilterProblem::new(&name, what)));
            }
        }
        problems.extend(filter.flaws());
        done(filter, problems)
    }

    /// The filter as [`of_json`](Self::of_json) reads it.
    pub fn to_json(&self) -> Json {
        let text = |text: &String| Json::string(text);
        let texts = |texts: &[String]| {
            let texts: Vec<Json> = texts.iter().map(text).collect();
            (!texts.is_empty()).then(|| Json::array(&texts))
        };
        let statuses: Vec<String> = self.statuses.iter().map(|it| spelt(*it).into()).collect();
        let time = |at: Timestamp| Json::string(&at.to_string());
        let is_default = self.time == RunTime::default();
        let members = [
            (
                "timeField",
                (!is_default).then(|| Json::string(name(self.time))),
            ),
            ("from", self.from.map(time)),
            ("until", self.until.map(time)),
            ("status", texts(&statuses)),
            ("appId", texts(&self.apps)),
            ("functionId", texts(&self.functions)),
            ("eventName", self.event_name.as_ref().map(text)),
            (
                "isDeferred",
                self.is_deferred
                    .map(|it| Json::from_canonical(it.to_string())),
            ),
            ("key", self.key.as_ref().map(text)),
            (
                "errorGroup",
                self.error_group.map(|it| Json::string(&it.to_string())),
            ),
            (
                "operation",
                self.operation.map(|it| Json::string(&it.to_string())),
            ),
            (
                "attributes",
                (!self.attributes.is_empty()).then(|| {
                    let pairs = self.attributes.iter();
                    Json::object(pairs.map(|(name, value)| (&**name, text(value))))
                }),
            ),
        ];
        let set = members.into_iter();
        Json::object(set.filter_map(|(name, value)| Some((name, value?))))
    }

    /// The filter for people: `failed runs of app "shop", queued from 2026-01-01T00:00:00.000Z`.
    pub fn words(&self) -> String {
        let statuses: Vec<String> = self
            .statuses
            .iter()
            .map(|status| spelt(*status).to_lowercase())
            .collect();
        let quoted = |names: &[String]| {
            let names: Vec<String> = names.iter().map(|name| format!("{name:?}")).collect();
            names.join(" or ")
        };
        let mut words = match statuses.is_empty() {
            true => "runs".to_owned(),
            false => format!("{} runs", statuses.join(" or ")),
        };
        if !self.functions.is_empty() {
            words += &format!(" of function {}", quoted(&self.functions));
        }
        if !self.apps.is_empty() {
            words += &format!(" of app {}", quoted(&self.apps));
        }
        let (_, _, happened) = TIMES
            .into_iter()
            .find(|(time, ..)| *time == self.time)
            .expect("every time is listed");
        match (self.from, self.until) {
            (None, None) => {}
            (Some(from), None) => words += &format!(", {happened} from {from}"),
            (None, Some(until)) => words += &format!(", {happened} before {until}"),
            (Some(from), Some(until)) => {
                words += &format!(", {happened} from {from} until {until}");
            }
        }
        if let Some(name) = &self.event_name {
            words += &format!(", triggered by {name:?}");
        }
        match self.is_deferred {
            Some(true) => words += ", deferred by other runs",
            Some(false) => words += ", not deferred by other runs",
            None => {}
        }
        if let Some(key) = &self.key {
            words += &format!(", with the key {key:?}");
        }
        if let Some(group) = self.error_group {
            words += &format!(", with the error {group}");
        }
        if let Some(operation) = self.operation {
            words += &format!(", made by the operation {operation}");
        }
        for (name, value) in &self.attributes {
            words += &format!(", with {name} {value:?}");
        }
        if *self == Self::default() {
            words.insert_str(0, "all ");
        }
        words
    }

    /// The filter with the ids that its names stand for.
    ///
    /// # Errors
    ///
    /// Apps and functions that are not known.
    pub fn resolve(&self, registry: &Registry) -> Result<RunFilter, Vec<FilterProblem>> {
        let mut problems = Vec::new();
        let mut named = Vec::new();
        for name in &self.apps {
            match registry.app(name) {
                Some(app) => named.push(app),
                None => problems.push(unknown("appId", name)),
            }
        }
        let mut ids = Vec::new();
        for name in &self.functions {
            let found: Vec<FunctionId> = registry
                .functions
                .iter()
                .filter(|function| is_meant(name, function, &named))
                .map(|function| function.id)
                .collect();
            if found.is_empty() {
                let mut problem = unknown("functionId", name);
                if self.apps.is_empty() {
                    problem.what += "; name its app with appId, or give its slug";
                }
                problems.push(problem);
            }
            ids.extend(found);
        }
        let filter = RunFilter {
            time: self.time,
            from: self.from,
            until: self.until,
            statuses: self.statuses.clone(),
            apps: named.iter().map(|app| app.id).collect(),
            functions: ids,
            event_name: self.event_name.clone(),
            is_deferred: self.is_deferred,
            key: self.key.clone(),
            error_group: self.error_group,
            operation: self.operation,
            attributes: self.attributes.clone(),
        };
        done(filter, problems)
    }

    /// Sets a member from its text; false if filters have none of this name.
    fn set(&mut self, name: &str, text: &str, now: Timestamp) -> Result<bool, String> {
        let one = |place: &mut Option<String>| match place.replace(text.to_owned()) {
            None => Ok(()),
            Some(_) => Err("is given more than once".to_owned()),
        };
        match name {
            "timeField" | "time_field" => self.time = time_field(text)?,
            "from" => self.from = Some(instant(text, now)?),
            "until" => self.until = Some(instant(text, now)?),
            "status" | "status[]" => self.statuses.push(status(text)?),
            "appId" | "app_id" | "appId[]" => self.apps.push(text.to_owned()),
            "functionId" | "function_id" | "functionId[]" => self.functions.push(text.to_owned()),
            "eventName" | "event_name" => one(&mut self.event_name)?,
            "isDeferred" | "is_deferred" => self.is_deferred = Some(flag(text)?),
            "key" => one(&mut self.key)?,
            "errorGroup" | "error_group" => {
                if self.error_group.replace(error_group(text)?).is_some() {
                    return Err("is given more than once".to_owned());
                }
            }
            "operation" => {
                if self.operation.replace(operation(text)?).is_some() {
                    return Err("is given more than once".to_owned());
                }
            }
            _ => match name.strip_prefix(ATTRIBUTE_PREFIX) {
                Some(attribute) => self.set_attribute(attribute, text)?,
                None => return Ok(false),
            },
        }
        Ok(true)
    }

    /// What is wrong with the filter as a whole.
    fn flaws(&self) -> impl Iterator<Item = FilterProblem> {
        let lengths = [
            ("status", self.statuses.len()),
            ("appId", self.apps.len()),
            ("functionId", self.functions.len()),
        ];
        let too_long = lengths
            .into_iter()
            .filter(|(_, length)| *length > FILTER_VALUES_MAX)
            .map(|(name, length)| {
                let what = format!("has {length} values; at most {FILTER_VALUES_MAX} are allowed");
                FilterProblem::new(name, what)
            });
        let is_reversed = self
            .from
            .zip(self.until)
            .is_some_and(|(from, to)| from > to);
        let reversed = is_reversed.then(|| FilterProblem::new("until", "is before from"));
        too_long.chain(reversed)
    }
}

impl FilterProblem {
    pub(super) fn new(name: &str, what: impl Into<String>) -> Self {
        Self {
            name: name.to_owned(),
            what: what.into(),
        }
    }
}

/// A status as clients spell it.
pub fn spelt(status: RunStatus) -> &'static str {
    let (_, text) = STATUSES
        .into_iter()
        .find(|(known, _)| *known == status)
        .expect("every status is listed");
    text
}

/// A text that says yes or no.
///
/// # Errors
///
/// What it must be.
pub fn flag(text: &str) -> Result<bool, String> {
    text.parse().map_err(|_| "must be true or false".to_owned())
}

fn name(time: RunTime) -> &'static str {
    let (_, text, _) = TIMES
        .into_iter()
        .find(|(known, ..)| *known == time)
        .expect("every time is listed");
    text
}

fn done<T>(value: T, problems: Vec<FilterProblem>) -> Result<T, Vec<FilterProblem>> {
    match problems.is_empty() {
        true => Ok(value),
        false => Err(problems),
    }
}

fn unknown(name: &str, value: &str) -> FilterProblem {
    FilterProblem::new(name, format!("names {value:?}, which is not known"))
}

/// Whether the function goes by this name, alone or within one of the apps.
fn is_meant(name: &str, function: &FunctionRecord, apps: &[&AppRecord]) -> bool {
    if apps.is_empty() {
        return *function.slug == *name || function.id.to_string() == name;
    }
    apps.iter()
        .any(|app| app.id == function.app && goes_by(name, function, app))
}

pub(super) fn status(text: &str) -> Result<RunStatus, String> {
    let known = STATUSES
        .into_iter()
        .find(|(_, known)| known.eq_ignore_ascii_case(text));
    known.map(|(status, _)| status).ok_or_else(|| {
        let known: Vec<&str> = STATUSES.iter().map(|(_, text)| *text).collect();
        format!("must be one of {}, not {text:?}", known.join(", "))
    })
}

fn time_field(text: &str) -> Result<RunTime, String> {
    let known = TIMES.into_iter().find(|(_, known, _)| *known == text);
    known
        .map(|(time, ..)| time)
        .ok_or_else(|| format!("must be queuedAt, startedAt or endedAt, not {text:?}"))
}

fn error_group(text: &str) -> Result<ErrorGroupId, String> {
    ErrorGroupId::from_text(text)
        .ok_or_else(|| format!("must be the id of an error (32 hex digits), not {text:?}"))
}

fn operation(text: &str) -> Result<OperationId, String> {
    text.parse()
        .map_err(|_| format!("must be the id of a bulk operation, not {text:?}"))
}

/// A time, or how long ago.
///
/// # Errors
///
/// What it must be: continues a sentence that begins with its name.
pub fn instant(text: &str, now: Timestamp) -> Result<Timestamp, String> {
    parse_instant(text)
        .or_else(|_| parse_duration(text).map(|ago| now - ago))
        .map_err(|_| {
            format!("must be a time as of RFC 3339, or how long ago (such as \"2h\"), not {text:?}")
        })
}

#[cfg(test)]
mod tests;
