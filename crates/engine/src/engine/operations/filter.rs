//! The filter of a bulk operation as it is stored: what was asked for, as its client wrote it, and
//! the runs that were meant by it then, with the ids of apps and functions and the search that must
//! hold for them.

use std::collections::BTreeMap;

use everstep_core::record::{ErrorGroupId, RunStatus};
use everstep_protocol::{Json, Timestamp};
use everstep_store::{RunFilter, RunTime};

const STATUSES: [(RunStatus, &str); 6] = [
    (RunStatus::Queued, "queued"),
    (RunStatus::Running, "running"),
    (RunStatus::Completed, "completed"),
    (RunStatus::Failed, "failed"),
    (RunStatus::Cancelled, "cancelled"),
    (RunStatus::Skipped, "skipped"),
];

const TIMES: [(RunTime, &str); 3] = [
    (RunTime::QueuedAt, "queued"),
    (RunTime::StartedAt, "started"),
    (RunTime::EndedAt, "ended"),
];

pub(super) fn write(asked: &Json, runs: &RunFilter, search: Option<&str>) -> Json {
    let members = [("asked", asked.clone()), ("runs", write_runs(runs))];
    let search = search.map(|search| ("search", Json::string(search)));
    Json::object(members.into_iter().chain(search))
}

pub(super) fn asked(stored: &Json) -> Json {
    stored.member("asked").unwrap_or_else(|| Json::object([]))
}

/// The runs, and the search if there is one. `None` if it was written by something else.
pub(super) fn read(stored: &Json) -> Option<(RunFilter, Option<String>)> {
    let search = match stored.member("search") {
        None => None,
        Some(search) => Some(search.to_text()?),
    };
    Some((read_runs(stored)?, search))
}

fn read_runs(stored: &Json) -> Option<RunFilter> {
    let runs = stored.member("runs")?;
    let list = |name: &str| runs.member(name).unwrap_or_else(|| Json::array([]));
    let time = |name: &str| match runs.member(name) {
        None => Some(None),
        Some(at) => Some(Some(Timestamp::from_millis(at.as_str().parse().ok()?))),
    };
    let statuses = list("statuses");
    let statuses = statuses.items().map(|status| word(&STATUSES, &status));
    let apps = list("apps");
    let apps = apps.items().map(|app| app.to_text()?.parse().ok());
    let functions = list("functions");
    let functions = functions.items().map(|id| id.to_text()?.parse().ok());
    Some(RunFilter {
        time: word(&TIMES, &runs.member("time")?)?,
        from: time("from")?,
        until: time("until")?,
        statuses: statuses.collect::<Option<_>>()?,
        apps: apps.collect::<Option<_>>()?,
        functions: functions.collect::<Option<_>>()?,
        event_name: runs.member_text("eventName"),
        is_deferred: match runs.member("isDeferred") {
            None => None,
            Some(flag) => Some(flag.as_str().parse().ok()?),
        },
        key: runs.member_text("key"),
        error_group: match runs.member("errorGroup") {
            None => None,
            Some(group) => Some(ErrorGroupId::from_text(&group.to_text()?)?),
        },
        operation: match runs.member("operation") {
            None => None,
            Some(operation) => Some(operation.to_text()?.parse().ok()?),
        },
        attributes: match runs.member("attributes") {
            None => BTreeMap::new(),
            Some(pairs) => read_attributes(&pairs)?,
        },
    })
}

fn write_runs(runs: &RunFilter) -> Json {
    // Every condition: a filter that lost one would mean more runs.
    let RunFilter {
        time,
        from,
        until,
        statuses,
        apps,
        functions,
        event_name,
        is_deferred,
        key,
        error_group,
        operation,
        attributes,
    } = runs;
    let list = |texts: Vec<String>| {
        let texts: Vec<Json> = texts.iter().map(|text| Json::string(text)).collect();
        Json::array(&texts)
    };
    let at = |at: &Timestamp| Json::integer(at.as_millis());
    let text = |text: &String| Json::string(text);
    let flag = |flag: bool| Json::from_canonical(if flag { "true" } else { "false" });
    let name_of = |status: &RunStatus| name(&STATUSES, status).to_owned();
    let members = [
        ("time", Some(Json::string(name(&TIMES, time)))),
        ("from", from.as_ref().map(at)),
        ("until", until.as_ref().map(at)),
        (
            "statuses",
            Some(list(statuses.iter().map(name_of).collect())),
        ),
        (
            "apps",
            Some(list(apps.iter().map(ToString::to_string).collect())),
        ),
        (
            "functions",
            Some(list(functions.iter().map(ToString::to_string).collect())),
        ),
        ("eventName", event_name.as_ref().map(text)),
        ("isDeferred", is_deferred.map(flag)),
        ("key", key.as_ref().map(text)),
        (
            "errorGroup",
            error_group.map(|group| Json::string(&group.to_string())),
        ),
        (
            "operation",
            operation.map(|operation| Json::string(&operation.to_string())),
        ),
        (
            "attributes",
            (!attributes.is_empty()).then(|| {
                let pairs = attributes.iter();
                Json::object(pairs.map(|(name, value)| (&**name, text(value))))
            }),
        ),
    ];
    let members = members.into_iter();
    Json::object(members.filter_map(|(name, value)| Some((name, value?))))
}

fn read_attributes(pairs: &Json) -> Option<BTreeMap<String, String>> {
    let pairs = pairs.is_object().then(|| pairs.members())?;
    pairs
        .map(|(name, value)| Some((name, value.to_text()?)))
        .collect()
}

fn name<T: PartialEq>(words: &[(T, &'static str)], value: &T) -> &'static str {
    let known = words.iter().find(|(known, _)| known == value);
    known
        .map(|(_, word)| *word)
        .expect("every value has a word")
}

fn word<T: Copy>(words: &[(T, &str)], text: &Json) -> Option<T> {
    let text = text.to_text()?;
    let known = words.iter().find(|(_, word)| *word == text);
    known.map(|(value, _)| *value)
}

#[cfg(test)]
mod tests {
    use everstep_protocol::{AppId, FunctionId, OperationId};

    use super::*;

    #[test]
    fn it_is_read_as_it_was_written() {
        let app = AppId::derive("shop");
        let all = RunFilter {
            time: RunTime::EndedAt,
            from: Some(Timestamp::from_millis(5)),
            until: Some(Timestamp::from_millis(1_700_000_000_000)),
            statuses: STATUSES.map(|(status, _)| status).to_vec(),
            apps: vec![app, AppId::derive("other")],
            functions: vec![FunctionId::derive(app, "shop-pay")],
            event_name: Some("shop/\"paid\"".to_owned()),
            is_deferred: Some(false),
            key: Some(String::new()),
            error_group: Some(ErrorGroupId([7; 16])),
            operation: Some(OperationId::from_bytes([1; 16])),
            attributes: [("plan", "pro"), ("tenant", "")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
        };
        let asked_for = Json::from_canonical(r#"{"status":"FAILED"}"#);
        for filter in [all, RunFilter::default()] {
            for search in [None, Some("event.data.plan == \"pro\"")] {
                let stored = write(&asked_for, &filter, search);
                let meant = (filter.clone(), search.map(str::to_owned));
                assert_eq!(read(&stored), Some(meant));
                assert_eq!(asked(&stored), asked_for);
            }
        }
    }

    #[test]
    fn what_something_else_wrote_is_not_read() {
        for stored in [
            "{}",
            r#"{"runs":{}}"#,
            r#"{"runs":{"time":"queued","statuses":["gone"]}}"#,
            r#"{"runs":{"time":"queued","functions":["x"]}}"#,
            r#"{"runs":{"time":"queued","until":"soon"}}"#,
            r#"{"runs":{"isDeferred":1,"time":"queued"}}"#,
            r#"{"runs":{"errorGroup":"x","time":"queued"}}"#,
            r#"{"runs":{"operation":"x","time":"queued"}}"#,
            r#"{"runs":{"attributes":{"a":1},"time":"queued"}}"#,
            r#"{"runs":{"attributes":"a","time":"queued"}}"#,
            r#"{"runs":{"time":"queued"},"search":1}"#,
        ] {
            assert_eq!(read(&Json::from_canonical(stored)), None, "{stored}");
        }
    }
}
