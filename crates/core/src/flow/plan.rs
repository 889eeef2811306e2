//! The flow control that a function asks for, its expressions compiled once.

use std::collections::BTreeMap;
use std::sync::Arc;

use everstep_protocol::Json;
use everstep_protocol::config::{
    BatchEvents, ConcurrencyLimit, Debounce, FunctionConfig, RateLimit, Singleton, Throttle,
};

use crate::expression::{CompileError, Expression, Key, Scope, Value};
use crate::limits::PRIORITY_MAX;
use crate::record::LimitName;

/// An expression of a function, or why it is none.
pub(crate) type Compiled = Result<Expression, CompileError>;

pub(crate) struct Plan {
    pub(crate) concurrency: Vec<(LimitName, Keyed<ConcurrencyLimit>)>,
    pub(crate) throttle: Option<Keyed<Throttle>>,
    /// Not beside `idempotency`, which is one itself (server-semantics §10, 3).
    pub(crate) rate_limit: Option<Keyed<RateLimit>>,
    pub(crate) debounce: Option<Keyed<Debounce>>,
    pub(crate) batch: Option<Keyed<BatchEvents>>,
    batch_condition: Option<Compiled>,
    pub(crate) singleton: Option<Keyed<Singleton>>,
    pub(crate) idempotency: Option<Compiled>,
    priority: Option<Compiled>,
}

/// One member of the configuration, and its key.
pub(crate) struct Keyed<T> {
    pub(crate) config: T,
    pub(crate) key: Option<KeyExpression>,
}

/// An expression whose values have a count or rate each.
pub(crate) struct KeyExpression {
    pub(crate) text: Arc<str>,
    compiled: Compiled,
}

/// What a key says of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum KeyValue {
    /// There is no key: all events have the same.
    Unkeyed,
    Text(Arc<str>),
    /// False, absent, or an error: the feature passes the event over (SC-3).
    Nothing,
}

impl KeyValue {
    /// As it goes into the hash of a limit, which differs between these.
    pub(crate) fn text(&self) -> Option<&Arc<str>> {
        match self {
            Self::Text(text) => Some(text),
            Self::Unkeyed | Self::Nothing => None,
        }
    }
}

impl<T> Keyed<T> {
    fn new(config: T, key: Option<&String>) -> Self {
        let key = key.map(|text| KeyExpression {
            text: text.as_str().into(),
            compiled: Expression::compile(text),
        });
        Self { config, key }
    }

    pub(crate) fn value(&self, scope: &Scope<'_>) -> KeyValue {
        match &self.key {
            None => KeyValue::Unkeyed,
            Some(key) => key.value(scope),
        }
    }
}

impl KeyExpression {
    fn value(&self, scope: &Scope<'_>) -> KeyValue {
        let key = self
            .compiled
            .as_ref()
            .ok()
            .and_then(|key| key.key(scope).ok());
        match key {
            Some(Key::Text(text)) => KeyValue::Text(text.into()),
            Some(Key::None) | None => KeyValue::Nothing,
        }
    }
}

impl Plan {
    pub(crate) fn new(config: &FunctionConfig) -> Self {
        let compile = |text: &String| Expression::compile(text);
        let steps = config.concurrency.steps.iter();
        let names = [LimitName::Concurrency, LimitName::SecondConcurrency];
        let runs = config.concurrency.runs.iter();
        let runs = runs.map(|limit| (LimitName::RunConcurrency, limit));
        let concurrency = names.into_iter().zip(steps).chain(runs);
        Self {
            concurrency: concurrency
                .map(|(name, limit)| (name, Keyed::new(limit.clone(), limit.key.as_ref())))
                .collect(),
            throttle: config
                .throttle
                .as_ref()
                .map(|it| Keyed::new(it.clone(), it.key.as_ref())),
            rate_limit: config
                .rate_limit
                .as_ref()
                .filter(|_| config.idempotency.is_none())
                .map(|it| Keyed::new(it.clone(), it.key.as_ref())),
            debounce: config
                .debounce
                .as_ref()
                .map(|it| Keyed::new(it.clone(), it.key.as_ref())),
            batch: config
                .batch
                .as_ref()
                .map(|it| Keyed::new(it.clone(), it.key.as_ref())),
            batch_condition: config
                .batch
                .as_ref()
                .and_then(|batch| batch.condition.as_ref().map(compile)),
            singleton: config
                .singleton
                .as_ref()
                .map(|it| Keyed::new(it.clone(), it.key.as_ref())),
            idempotency: config.idempotency.as_ref().map(compile),
            priority: config.priority.as_ref().map(compile),
        }
    }

    /// The values of the keys of limits that calls are under, by expression: fixed for the whole run
    /// (CC-3). Runs for which a key has no value share the empty one.
    pub(crate) fn freeze(&self, scope: &Scope<'_>) -> Option<Arc<str>> {
        let concurrency = self
            .concurrency
            .iter()
            .filter_map(|(_, it)| it.key.as_ref());
        let throttle = self.throttle.iter().filter_map(|it| it.key.as_ref());
        let values: BTreeMap<&str, Json> = concurrency
            .chain(throttle)
            .map(|key| {
                let value = key.value(scope);
                (
                    &*key.text,
                    Json::string(value.text().map_or("", |text| text)),
                )
            })
            .collect();
        (!values.is_empty()).then(|| Json::object(values).as_shared().clone())
    }

    /// Whether a limit has a key; `None` if the function has no such limit.
    pub(crate) fn is_keyed(&self, name: LimitName) -> Option<bool> {
        match name {
            LimitName::Concurrency | LimitName::SecondConcurrency | LimitName::RunConcurrency => {
                let mut limits = self.concurrency.iter();
                let (_, limit) = limits.find(|(known, _)| *known == name)?;
                Some(limit.key.is_some())
            }
            LimitName::Throttle => self.throttle.as_ref().map(|it| it.key.is_some()),
            LimitName::RateLimit => self.rate_limit.as_ref().map(|it| it.key.is_some()),
        }
    }

    /// The head start of a run in seconds. What is no integer is none (PR-1).
    pub(crate) fn priority(&self, scope: &Scope<'_>) -> i32 {
        let Some(Ok(expression)) = &self.priority else {
            return 0;
        };
        match expression.evaluate(scope) {
            Ok(Value::Int(seconds)) => {
                let seconds = seconds.clamp(-PRIORITY_MAX, PRIORITY_MAX);
                i32::try_from(seconds).expect("it is within bounds")
            }
            _ => 0,
        }
    }

    /// Whether an event goes into a batch: not if the condition is false, or can't be evaluated.
    pub(crate) fn is_batched(&self, scope: &Scope<'_>) -> bool {
        self.batch.is_some()
            && match &self.batch_condition {
                None => true,
                Some(Ok(condition)) => condition.holds(scope).unwrap_or(false),
                Some(Err(_)) => false,
            }
    }
}
