//! What a function asks for, as the v2 API shows it (http-api §8.3): `configuration`.

use std::time::Duration;

use everstep_protocol::config::{
    ConcurrencyLimit, ConcurrencyScope, FunctionConfig, SingletonMode, Timeouts,
};
use everstep_protocol::limits::RETRIES_DEFAULT;
use everstep_protocol::time::format_duration;
use serde_json::{Value, json};

pub(super) fn configuration(config: &FunctionConfig) -> Value {
    let cancellations = config.cancel.iter().map(|cancel| {
        json!({ "event": cancel.event, "timeout": cancel.timeout, "if": cancel.condition })
    });
    let of_steps = config.concurrency.steps.iter().map(concurrency);
    let of_runs = config.concurrency.runs.iter().map(concurrency);
    let timeouts = json!({
        "start": config.timeouts.start.map(text),
        "finish": config.timeouts.finish.map(text),
    });
    let batch = config.batch.as_ref().map(|batch| {
        json!({ "maxSize": batch.max_size, "timeout": text(batch.timeout), "key": batch.key })
    });
    let rate_limit = config.rate_limit.as_ref().map(
        |limit| json!({ "limit": limit.limit, "period": text(limit.period), "key": limit.key }),
    );
    let debounce = config.debounce.as_ref().map(|debounce| {
        json!({
            "period": text(debounce.period),
            "timeout": debounce.timeout.map(text),
            "key": debounce.key,
        })
    });
    let throttle = config.throttle.as_ref().map(|throttle| {
        json!({
            "limit": throttle.limit,
            "period": text(throttle.period),
            "burst": throttle.burst,
            "key": throttle.key,
        })
    });
    let singleton = config.singleton.as_ref().map(|singleton| {
        let mode = match singleton.mode {
            SingletonMode::Skip => "SKIP",
            SingletonMode::Cancel => "CANCEL",
        };
        json!({ "mode": mode, "key": singleton.key })
    });
    let retries = config.retries.unwrap_or(RETRIES_DEFAULT);
    set(json!({
        "cancellations": cancellations.collect::<Vec<_>>(),
        "retries": { "value": retries, "isDefault": config.retries.is_none() },
        "priority": config.priority,
        "eventsBatch": batch,
        "concurrency": of_steps.collect::<Vec<_>>(),
        "runConcurrency": of_runs.collect::<Vec<_>>(),
        "rateLimit": rate_limit,
        "debounce": debounce,
        "throttle": throttle,
        "singleton": singleton,
        "idempotency": config.idempotency,
        "timeouts": (config.timeouts != Timeouts::default()).then_some(timeouts),
    }))
}

fn concurrency(limit: &ConcurrencyLimit) -> Value {
    let scope = match limit.scope {
        ConcurrencyScope::Function => "FUNCTION",
        ConcurrencyScope::Environment => "ENVIRONMENT",
        ConcurrencyScope::Account => "ACCOUNT",
    };
    json!({ "scope": scope, "limit": { "value": limit.limit }, "key": limit.key })
}

fn text(duration: Duration) -> String {
    format_duration(duration)
}

/// What is set: without what has the value that it has anyway, at every level.
fn set(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let members = members.into_iter().map(|(name, value)| (name, set(value)));
            members.filter(|(_, value)| !is_unset(value)).collect()
        }
        Value::Array(items) => items.into_iter().map(set).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
    }
}

fn is_unset(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Number(number) => number.as_i64() == Some(0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Bool(true) | Value::Object(_) => false,
    }
}
