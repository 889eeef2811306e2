//! The limits that a call is under, and how each is named.

use std::sync::Arc;
use std::time::Duration;

use everstep_protocol::config::{ConcurrencyLimit, ConcurrencyScope, Throttle};
use everstep_protocol::ids::{ACCOUNT, ENVIRONMENT};
use everstep_protocol::{AppId, FunctionId, Json};

use crate::flow::gcra::Gcra;
use crate::flow::overrides::Overrides;
use crate::flow::plan::{KeyValue, Keyed};
use crate::function::Function;
use crate::record::{CallStage, LimitId, LimitName};

/// A limit as the runs of one function and key are under it.
#[derive(Clone, Debug, PartialEq)]
pub struct Limit {
    pub id: LimitId,
    pub demand: Demand,
    /// The expression of the key and its value for these runs.
    pub key: Option<(Arc<str>, Arc<str>)>,
}

/// What a limit asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Demand {
    /// The function is not paused.
    Unpaused(FunctionId),
    /// The app can be reached, and has not too many calls.
    App(AppId),
    /// Fewer calls in flight.
    Concurrency {
        name: LimitName,
        scope: ConcurrencyScope,
        limit: u32,
    },
    /// Fewer runs that have started and not ended.
    RunConcurrency { function: FunctionId, limit: u32 },
    /// Fewer starts lately.
    Throttle {
        rate: Gcra,
        limit: u32,
        period: Duration,
        burst: u32,
    },
}

impl Demand {
    /// Whether a call is under the limit.
    pub(crate) fn is_on(&self, stage: CallStage) -> bool {
        match (self, stage) {
            (Self::Unpaused(_) | Self::Concurrency { .. }, _) => true,
            (Self::App(_), CallStage::Start | CallStage::Step) => true,
            (Self::RunConcurrency { .. } | Self::Throttle { .. }, CallStage::Start) => true,
            (Self::App(_), CallStage::Request)
            | (
                Self::RunConcurrency { .. } | Self::Throttle { .. },
                CallStage::Step | CallStage::Request,
            ) => false,
        }
    }
}

/// Every limit that calls of these runs may be under, in the order in which they are asked: those
/// that say most about why a call waits come first.
pub(crate) fn limits_of(
    function: &Function,
    keys: Option<&str>,
    overrides: &Overrides,
) -> Vec<Limit> {
    let id = function.record.id;
    let values = keys.map(Json::from_canonical);
    let value = |key: &Arc<str>| {
        // Runs that were scheduled before the key was there are under no such limit.
        values.as_ref()?.member_text(key).map(Arc::from)
    };
    let mut limits = vec![
        Limit {
            id: pause_limit(id),
            demand: Demand::Unpaused(id),
            key: None,
        },
        Limit {
            id: app_limit(function.record.app),
            demand: Demand::App(function.record.app),
            key: None,
        },
    ];
    let mut counts: Vec<Limit> = function
        .plan
        .concurrency
        .iter()
        .filter_map(|(name, limit)| concurrency(id, *name, limit, value, overrides))
        .collect();
    // CC-4.
    counts.sort_by_key(|limit| match limit.demand {
        Demand::Concurrency { limit, .. } => (0, limit),
        _ => (1, 0),
    });
    limits.extend(counts);
    limits.extend(
        function
            .plan
            .throttle
            .as_ref()
            .and_then(|it| throttle(id, it, value, overrides)),
    );
    limits
}

fn concurrency(
    function: FunctionId,
    name: LimitName,
    keyed: &Keyed<ConcurrencyLimit>,
    value: impl Fn(&Arc<str>) -> Option<Arc<str>>,
    overrides: &Overrides,
) -> Option<Limit> {
    let ConcurrencyLimit { limit, scope, .. } = keyed.config;
    let key = match &keyed.key {
        None => None,
        Some(key) => Some((key.text.clone(), value(&key.text)?)),
    };
    let changed = overrides.find(function, name, key.as_ref().map(|(_, value)| value));
    let limit = changed.map_or(limit, |changed| changed.value);
    if limit == 0 && changed.is_none() {
        // No limit of its own.
        return None;
    }
    let demand = if name == LimitName::RunConcurrency {
        Demand::RunConcurrency { function, limit }
    } else {
        Demand::Concurrency { name, scope, limit }
    };
    let kind = match name {
        LimitName::RunConcurrency => "runs",
        _ => "calls",
    };
    let text = match &key {
        None => kind.to_owned(),
        Some((expression, value)) => format!("{kind}:{expression}={value}"),
    };
    let id = match scope {
        ConcurrencyScope::Function => function.hash(&text),
        ConcurrencyScope::Environment => FunctionId(ENVIRONMENT).hash(&text),
        ConcurrencyScope::Account => FunctionId(ACCOUNT).hash(&text),
    };
    Some(Limit {
        id: LimitId(id),
        demand,
        key,
    })
}

fn throttle(
    function: FunctionId,
    keyed: &Keyed<Throttle>,
    value: impl Fn(&Arc<str>) -> Option<Arc<str>>,
    overrides: &Overrides,
) -> Option<Limit> {
    let key = match &keyed.key {
        None => None,
        Some(key) => Some((key.text.clone(), value(&key.text)?)),
    };
    let mut config = keyed.config.clone();
    let text = key.as_ref().map(|(_, value)| value);
    if let Some(changed) = overrides.find(function, LimitName::Throttle, text) {
        config.limit = changed.value;
        config.period = changed.period.unwrap_or(config.period);
        config.burst = changed.burst.unwrap_or(config.burst);
    }
    Some(Limit {
        id: keyed_limit(function, "throttle", text),
        demand: Demand::Throttle {
            rate: Gcra::of_throttle(&config),
            limit: config.limit,
            period: config.period,
            burst: config.burst,
        },
        key,
    })
}

/// The calls of an app.
pub(crate) fn app_limit(app: AppId) -> LimitId {
    LimitId(app.0.into_bytes())
}

pub(crate) fn pause_limit(function: FunctionId) -> LimitId {
    LimitId(function.hash("pause"))
}

/// A limit of a function on its own. One without a key is not the one for the empty value.
pub(crate) fn keyed_limit(function: FunctionId, kind: &str, key: Option<&Arc<str>>) -> LimitId {
    let text = match key {
        None => kind.to_owned(),
        Some(value) => format!("{kind}={value}"),
    };
    LimitId(function.hash(&text))
}

/// The limit of a function for this value of its key; `None` if the event is passed over.
pub(crate) fn limit_for(function: FunctionId, kind: &str, key: &KeyValue) -> Option<LimitId> {
    match key {
        KeyValue::Nothing => None,
        KeyValue::Unkeyed | KeyValue::Text(_) => Some(keyed_limit(function, kind, key.text())),
    }
}
