//! Flow control members of a function (sdk-protocol §3.3).

use std::time::Duration;

use super::fields::{Field, Problems};
use super::{
    BatchEvents, CancelOn, Checkpoint, Concurrency, ConcurrencyLimit, ConcurrencyScope,
    ConfigErrorCode as Code, Debounce, FunctionConfig, RateLimit, Singleton, SingletonMode,
    Throttle, Timeouts,
};
use crate::Timestamp;
use crate::json::tree::Node;
use crate::limits::{
    BATCH_SIZE_MIN, BATCH_TIMEOUT_MIN, CANCELS_MAX, CONCURRENCY_RUN_LIMITS_MAX,
    CONCURRENCY_STEP_LIMITS_MAX, DEBOUNCE_PERIOD_MAX, DEBOUNCE_PERIOD_MIN, RATE_LIMIT_PERIOD_MAX,
    RATE_LIMIT_PERIOD_MIN, THROTTLE_PERIOD_MIN,
};
use crate::time::{parse_duration, parse_timeout};

/// A number, a limit, a list of limits, or `{fn: […], step: […]}`.
pub(super) fn concurrency(function: Node<'_, '_>, problems: &mut Problems) -> Concurrency {
    let Some(field) = Field::top(function, "concurrency", Code::ConcurrencyLimitInvalid) else {
        return Concurrency::default();
    };
    let split = field.get("fn").is_some() || field.get("step").is_some();
    let concurrency = if split {
        let list = |name, problems: &mut Problems| {
            field
                .get(name)
                .map(|list| limits(&list, problems))
                .unwrap_or_default()
        };
        Concurrency {
            steps: list("step", problems),
            runs: list("fn", problems),
        }
    } else {
        Concurrency {
            steps: limits(&field, problems),
            runs: Vec::new(),
        }
    };
    if concurrency.steps.len() > CONCURRENCY_STEP_LIMITS_MAX {
        field.wrong(problems, "has at most 2 limits");
    }
    let runs = concurrency
        .runs
        .iter()
        .filter(|limit| limit.limit > 0)
        .count();
    if runs > CONCURRENCY_RUN_LIMITS_MAX {
        field.wrong(problems, "has at most 1 limit on runs");
    }
    concurrency
}

fn limits(field: &Field<'_, '_>, problems: &mut Problems) -> Vec<ConcurrencyLimit> {
    if field.node.is_array() {
        return field
            .items()
            .filter_map(|item| limit(&item, problems))
            .collect();
    }
    limit(field, problems).into_iter().collect()
}

fn limit(field: &Field<'_, '_>, problems: &mut Problems) -> Option<ConcurrencyLimit> {
    if !field.node.is_object() {
        let limit = field.own_count(problems)?;
        return Some(ConcurrencyLimit {
            limit,
            key: None,
            scope: ConcurrencyScope::Function,
        });
    }
    if field.get("limit").is_none() {
        field.missing(problems, "limit");
    }
    let limit = field.count("limit", problems);
    let key = field.text("key", problems);
    let scope = match field
        .text("scope", problems)
        .map(|scope| scope.to_ascii_lowercase())
    {
        None => ConcurrencyScope::Function,
        Some(scope) => match scope.as_str() {
            "fn" => ConcurrencyScope::Function,
            "env" => ConcurrencyScope::Environment,
            "account" => ConcurrencyScope::Account,
            _ => {
                field.wrong(
                    problems,
                    "has a scope other than \"fn\", \"env\" and \"account\"",
                );
                return None;
            }
        },
    };
    if scope != ConcurrencyScope::Function && key.is_none() {
        field.wrong(
            problems,
            "needs a key, as its scope is wider than the function",
        );
    }
    Some(ConcurrencyLimit {
        limit: limit?,
        key,
        scope,
    })
}

pub(super) fn throttle(function: Node<'_, '_>, problems: &mut Problems) -> Option<Throttle> {
    let field = Field::top(function, "throttle", Code::ThrottleInvalid)?;
    let period = field.duration_within("period", THROTTLE_PERIOD_MIN, Duration::MAX, problems);
    Some(Throttle {
        limit: field.count("limit", problems).unwrap_or(0).max(1),
        burst: field.count("burst", problems).unwrap_or(0),
        key: field.text("key", problems),
        period: period?,
    })
}

pub(super) fn rate_limit(function: Node<'_, '_>, problems: &mut Problems) -> Option<RateLimit> {
    let field = Field::top(function, "rateLimit", Code::RateLimitInvalid)?;
    let period = field.duration_within(
        "period",
        RATE_LIMIT_PERIOD_MIN,
        RATE_LIMIT_PERIOD_MAX,
        problems,
    );
    let errors = problems.errors.len();
    let limit = field.count("limit", problems).unwrap_or(0);
    if limit == 0 && problems.errors.len() == errors {
        problems.push(field.code, "rateLimit.limit", "must be at least 1");
    }
    Some(RateLimit {
        limit,
        key: field.text("key", problems),
        period: period?,
    })
}

pub(super) fn debounce(function: Node<'_, '_>, problems: &mut Problems) -> Option<Debounce> {
    let field = Field::top(function, "debounce", Code::DebounceInvalid)?;
    let period =
        field.duration_within("period", DEBOUNCE_PERIOD_MIN, DEBOUNCE_PERIOD_MAX, problems);
    Some(Debounce {
        timeout: field.duration("timeout", problems),
        key: field.text("key", problems),
        period: period?,
    })
}

pub(super) fn batch(function: Node<'_, '_>, problems: &mut Problems) -> Option<BatchEvents> {
    let field = Field::top(function, "batchEvents", Code::BatchSizeInvalid)?;
    let errors = problems.errors.len();
    let max_size = field.count("maxSize", problems).unwrap_or(0);
    if max_size < BATCH_SIZE_MIN && problems.errors.len() == errors {
        problems.push(
            Code::BatchSizeInvalid,
            "batchEvents.maxSize",
            "must be at least 2",
        );
    }
    let field = field.with_code(Code::BatchTimeoutInvalid);
    let text = field
        .get("timeout")
        .and_then(|timeout| timeout.node.as_text());
    if text.is_some_and(|text| text.contains(['d', 'w'])) {
        problems.push(
            field.code,
            "batchEvents.timeout",
            "cannot have units above hours",
        );
    }
    let timeout = field.duration_within("timeout", BATCH_TIMEOUT_MIN, Duration::MAX, problems);
    let key = field
        .clone()
        .with_code(Code::BatchKeyExpressionInvalid)
        .text("key", problems);
    let condition = field
        .with_code(Code::BatchIfExpressionInvalid)
        .text("if", problems);
    Some(BatchEvents {
        max_size,
        timeout: timeout?,
        key,
        condition,
    })
}

pub(super) fn cancel(function: Node<'_, '_>, problems: &mut Problems) -> Vec<CancelOn> {
    let Some(field) = Field::top(function, "cancel", Code::CancelInvalid) else {
        return Vec::new();
    };
    if !field.node.is_array() {
        field.wrong(problems, "must be a list");
    }
    if field.node.items().len() > CANCELS_MAX {
        field.wrong(problems, "has at most 5 entries");
    }
    field
        .items()
        .filter_map(|item| cancel_on(&item, problems))
        .collect()
}

fn cancel_on(field: &Field<'_, '_>, problems: &mut Problems) -> Option<CancelOn> {
    if !field.node.is_object() {
        field.wrong(problems, "must be an object");
        return None;
    }
    if field.get("event").is_none() {
        field.missing(problems, "event");
    }
    let event = field.text("event", problems);
    let timeout = field.text("timeout", problems);
    let malformed = |timeout: &String| parse_timeout(timeout, Timestamp::default()).is_err();
    if timeout.as_ref().is_some_and(malformed) {
        field.wrong(
            problems,
            "has a timeout that is neither a duration nor an RFC 3339 time",
        );
    }
    Some(CancelOn {
        event: event?,
        condition: field.text("if", problems),
        timeout,
    })
}

pub(super) fn singleton(function: Node<'_, '_>, problems: &mut Problems) -> Option<Singleton> {
    let field = Field::top(function, "singleton", Code::SingletonInvalid)?;
    let mode = match field.text("mode", problems).as_deref() {
        Some("skip") => SingletonMode::Skip,
        Some("cancel") => SingletonMode::Cancel,
        _ => {
            field.wrong(problems, "has a mode other than \"skip\" and \"cancel\"");
            return None;
        }
    };
    Some(Singleton {
        mode,
        key: field.text("key", problems),
    })
}

pub(super) fn timeouts(function: Node<'_, '_>, problems: &mut Problems) -> Timeouts {
    let Some(field) = Field::top(function, "timeouts", Code::TimeoutsInvalid) else {
        return Timeouts::default();
    };
    Timeouts {
        start: field.duration("start", problems),
        finish: field.duration("finish", problems),
    }
}

pub(super) fn priority(function: Node<'_, '_>, problems: &mut Problems) -> Option<String> {
    Field::top(function, "priority", Code::PriorityInvalid)?.text("run", problems)
}

/// For display only, so that nothing in it is an error.
pub(super) fn checkpoint(function: Node<'_, '_>) -> Option<Checkpoint> {
    let node = super::field(function, "checkpoint").filter(|node| node.is_object())?;
    let duration = |name| {
        let value = super::field(node, name)?;
        let nanos = value.as_i64().and_then(|nanos| u64::try_from(nanos).ok());
        match value.as_text() {
            Some(text) => parse_duration(&text).ok(),
            None => nanos.map(Duration::from_nanos),
        }
    };
    let steps = super::field(node, "batchSteps").and_then(Node::as_i64);
    Some(Checkpoint {
        batch_steps: steps.and_then(|steps| u32::try_from(steps).ok()),
        batch_interval: duration("batchInterval"),
        max_runtime: duration("maxRuntime"),
    })
}

/// Batches exclude what needs a single event.
pub(super) fn check_combinations(config: &FunctionConfig, problems: &mut Problems) {
    if config.batch.is_none() {
        return;
    }
    let excluded = [
        ("cancel", !config.cancel.is_empty()),
        ("debounce", config.debounce.is_some()),
        ("singleton", config.singleton.is_some()),
        ("priority", config.priority.is_some()),
    ];
    for (name, present) in excluded {
        if present {
            problems.push(
                Code::ComboUnsupported,
                name,
                "cannot be combined with batchEvents",
            );
        }
    }
}
