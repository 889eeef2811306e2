//! Reading a function: identity, triggers, endpoint.

use std::sync::Arc;

use url::Url;

use super::fields::{Field, Problems};
use super::{ConfigError, ConfigErrorCode as Code, FunctionConfig, Transport, Trigger, flow};
use crate::Json;
use crate::json::tree::{Node, Tree};
use crate::limits::{
    CRON_JITTER_MAX, CRON_JITTER_MIN, RETRIES_MAX, TRIGGER_TEXT_MAX, TRIGGERS_MAX,
};
use crate::sync::strip_sync_query;

pub(super) fn function(json: &Json) -> Result<FunctionConfig, Vec<ConfigError>> {
    match Tree::parse(json.as_str().as_bytes()) {
        Ok(tree) => from_node(tree.root(), json),
        Err(error) => {
            let mut problems = Problems::new("");
            problems.push(Code::FunctionInvalid, "", &error.to_string());
            Err(problems.errors)
        }
    }
}

fn from_node(node: Node<'_, '_>, json: &Json) -> Result<FunctionConfig, Vec<ConfigError>> {
    let slug = super::field(node, "id")
        .and_then(Node::as_text)
        .unwrap_or_default();
    let mut problems = Problems::new(&slug);
    if !node.is_object() {
        problems.push(Code::FunctionInvalid, "", "must be an object");
        return Err(problems.errors);
    }
    if slug.is_empty() {
        problems.push(Code::FunctionInvalid, "id", "is required");
    }
    let name = super::field(node, "name")
        .and_then(Node::as_text)
        .filter(|name| !name.is_empty());
    let step = step(node, &mut problems);
    let endpoint = step.as_ref().and_then(|step| endpoint(step, &mut problems));
    let transport = endpoint
        .as_ref()
        .map_or(Transport::Http, |(transport, _)| *transport);
    let placeholder = || Url::parse("http://invalid.").expect("a valid URL");
    let config = FunctionConfig {
        name: name.unwrap_or_else(|| slug.clone()).into_owned(),
        slug: Arc::from(&*slug),
        triggers: triggers(node, &mut problems),
        transport,
        endpoint: endpoint.map_or_else(placeholder, |(_, url)| url),
        retries: step.and_then(|step| retries(&step, &mut problems)),
        concurrency: flow::concurrency(node, &mut problems),
        throttle: flow::throttle(node, &mut problems),
        rate_limit: flow::rate_limit(node, &mut problems),
        debounce: flow::debounce(node, &mut problems),
        priority: flow::priority(node, &mut problems),
        batch: flow::batch(node, &mut problems),
        idempotency: idempotency(node, &mut problems),
        cancel: flow::cancel(node, &mut problems),
        singleton: flow::singleton(node, &mut problems),
        timeouts: flow::timeouts(node, &mut problems),
        checkpoint: flow::checkpoint(node),
        raw: json.clone(),
    };
    flow::check_combinations(&config, &mut problems);
    // The placeholder URL never leaves: without an endpoint there is an error.
    if problems.errors.is_empty() {
        Ok(config)
    } else {
        Err(problems.errors)
    }
}

/// The only member of `steps`.
fn step<'t, 'a>(function: Node<'t, 'a>, problems: &mut Problems) -> Option<Field<'t, 'a>> {
    let steps = Field::top(function, "steps", Code::UrlInvalid);
    let Some(steps) = steps.filter(|steps| steps.node.is_object()) else {
        problems.push(Code::UrlInvalid, "steps", "is required");
        return None;
    };
    let mut members = steps.node.members();
    match (members.next(), members.next()) {
        (Some((name, _)), None) => steps.get(&name),
        _ => {
            steps.wrong(problems, "must hold exactly one step");
            None
        }
    }
}

fn endpoint(step: &Field<'_, '_>, problems: &mut Problems) -> Option<(Transport, Url)> {
    let Some(runtime) = step.get("runtime") else {
        step.missing(problems, "runtime");
        return None;
    };
    if runtime.get("url").is_none() {
        runtime.missing(problems, "url");
    }
    let url = runtime.text("url", problems)?;
    let field = runtime.get("url")?;
    let Ok(url) = Url::parse(&url) else {
        field.wrong(problems, "must be a URL");
        return None;
    };
    let connect = matches!(url.scheme(), "ws" | "wss");
    if !connect && !matches!(url.scheme(), "http" | "https") {
        field.wrong(problems, "must be an http, https, ws or wss URL");
        return None;
    }
    let kind = runtime.text("type", problems);
    let transport = match kind.as_deref() {
        Some("ws") => Transport::Connect,
        _ if connect => Transport::Connect,
        _ => Transport::Http,
    };
    Some((transport, strip_sync_query(url)))
}

fn retries(step: &Field<'_, '_>, problems: &mut Problems) -> Option<u32> {
    let retries = step.get("retries")?.with_code(Code::RetriesInvalid);
    Some(retries.count("attempts", problems)?.min(RETRIES_MAX))
}

fn idempotency(function: Node<'_, '_>, problems: &mut Problems) -> Option<String> {
    let field = Field::top(function, "idempotency", Code::IdempotencyInvalid)?;
    match field.node.as_text() {
        Some(text) => Some(text.into_owned()).filter(|text| !text.is_empty()),
        None => {
            field.wrong(problems, "must be an expression");
            None
        }
    }
}

fn triggers(function: Node<'_, '_>, problems: &mut Problems) -> Vec<Trigger> {
    let Some(field) = Field::top(function, "triggers", Code::TriggerInvalid) else {
        return Vec::new();
    };
    if !field.node.is_array() {
        field.wrong(problems, "must be a list");
    }
    if field.node.items().len() > TRIGGERS_MAX {
        field.wrong(problems, "has at most 10 triggers");
        return Vec::new();
    }
    let mut triggers: Vec<Trigger> = Vec::new();
    for item in field.items() {
        let Some(trigger) = trigger(item.clone(), problems) else {
            continue;
        };
        if triggers.iter().any(|other| same_trigger(other, &trigger)) {
            let cron = matches!(trigger, Trigger::Cron { .. });
            let code = if cron {
                Code::ScheduleInvalid
            } else {
                Code::TriggerInvalid
            };
            problems.push(code, &item.path, "is a duplicate");
        }
        triggers.push(trigger);
    }
    triggers
}

/// Jitter does not make another schedule.
fn same_trigger(a: &Trigger, b: &Trigger) -> bool {
    match (a, b) {
        (Trigger::Cron { cron: a, .. }, Trigger::Cron { cron: b, .. }) => a == b,
        _ => a == b,
    }
}

fn trigger(field: Field<'_, '_>, problems: &mut Problems) -> Option<Trigger> {
    match (field.get("event"), field.get("cron")) {
        (Some(_), None) => event_trigger(&field, problems),
        (None, Some(_)) => cron_trigger(&field.with_code(Code::ScheduleInvalid), problems),
        _ => {
            field.wrong(problems, "must have either an event or a cron schedule");
            None
        }
    }
}

fn event_trigger(field: &Field<'_, '_>, problems: &mut Problems) -> Option<Trigger> {
    let expression = field.text("expression", problems);
    let errors = problems.errors.len();
    let event = field.text("event", problems).unwrap_or_default();
    if problems.errors.len() > errors {
        return None;
    }
    if event.is_empty() || event.chars().count() > TRIGGER_TEXT_MAX {
        field.wrong(problems, "must have an event name of 1 to 255 characters");
        return None;
    }
    Some(Trigger::Event { event, expression })
}

fn cron_trigger(field: &Field<'_, '_>, problems: &mut Problems) -> Option<Trigger> {
    let cron = field.text("cron", problems)?;
    if cron.chars().count() > TRIGGER_TEXT_MAX {
        field.wrong(problems, "must have a schedule of at most 255 characters");
        return None;
    }
    if !is_cron_shaped(&cron) {
        let message = "must have a schedule of five fields (minute, hour, day, month, weekday), \
                       or of six with seconds first";
        field.wrong(problems, message);
        return None;
    }
    let jitter = field
        .duration("jitter", problems)
        .filter(|jitter| !jitter.is_zero());
    if jitter.is_some_and(|jitter| !(CRON_JITTER_MIN..=CRON_JITTER_MAX).contains(&jitter)) {
        field.wrong(problems, "must have a jitter of 1s to 5m");
    }
    Some(Trigger::Cron { cron, jitter })
}

/// Five or six fields of the characters that cron fields are made of, after an optional time zone.
/// What the fields say is for `core` to check.
fn is_cron_shaped(cron: &str) -> bool {
    let is_zone = |word: &str| word.starts_with("TZ=") || word.starts_with("CRON_TZ=");
    let mut words = cron.split_ascii_whitespace().peekable();
    words.next_if(|word| is_zone(word));
    let is_field = |word: &str| {
        word.bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'*' | b',' | b'-' | b'/' | b'?'))
    };
    matches!(words.clone().count(), 5 | 6) && words.all(is_field)
}
