//! What functions are configured to do.

use std::sync::Arc;

use async_graphql::{Enum, Object, SimpleObject};
use everstep_protocol::config::{
    ConcurrencyLimit, ConcurrencyScope, FunctionConfig, SingletonMode,
};
use everstep_protocol::limits::RETRIES_DEFAULT;
use everstep_protocol::time::format_duration;

pub(super) struct Configuration(pub(super) Arc<FunctionConfig>);

#[derive(SimpleObject)]
#[graphql(name = "CancellationConfiguration")]
struct Cancellation {
    event: String,
    timeout: Option<String>,
    condition: Option<String>,
}

#[derive(SimpleObject)]
#[graphql(name = "RetryConfiguration")]
struct Retries {
    value: u32,
    is_default: Option<bool>,
}

#[derive(SimpleObject)]
#[graphql(name = "EventsBatchConfiguration")]
struct EventsBatch {
    max_size: u32,
    timeout: String,
    key: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(name = "ConcurrencyScope")]
enum Scope {
    Account,
    Environment,
    Function,
}

#[derive(SimpleObject)]
#[graphql(name = "ConcurrencyConfiguration")]
struct Concurrency {
    scope: Scope,
    limit: LimitValue,
    key: Option<String>,
}

#[derive(SimpleObject)]
#[graphql(name = "ConcurrencyLimitConfiguration")]
struct LimitValue {
    /// −1 is none.
    value: i64,
    is_plan_limit: Option<bool>,
}

#[derive(SimpleObject)]
#[graphql(name = "RateLimitConfiguration")]
struct RateLimit {
    limit: u32,
    period: String,
    key: Option<String>,
}

#[derive(SimpleObject)]
#[graphql(name = "DebounceConfiguration")]
struct Debounce {
    period: String,
    key: Option<String>,
}

#[derive(SimpleObject)]
#[graphql(name = "ThrottleConfiguration")]
struct Throttle {
    burst: u32,
    key: Option<String>,
    limit: u32,
    period: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(name = "SingletonMode")]
enum Mode {
    Skip,
    Cancel,
}

#[derive(SimpleObject)]
#[graphql(name = "SingletonConfiguration")]
struct Singleton {
    mode: Mode,
    key: Option<String>,
}

#[Object(name = "FunctionConfiguration")]
impl Configuration {
    async fn cancellations(&self) -> Vec<Cancellation> {
        let cancellations = self.0.cancel.iter().map(|it| Cancellation {
            event: it.event.clone(),
            timeout: it.timeout.clone(),
            condition: it.condition.clone(),
        });
        cancellations.collect()
    }

    async fn retries(&self) -> Retries {
        Retries {
            value: self.0.retries.unwrap_or(RETRIES_DEFAULT),
            is_default: Some(self.0.retries.is_none()),
        }
    }

    async fn priority(&self) -> Option<&str> {
        self.0.priority.as_deref()
    }

    async fn events_batch(&self) -> Option<EventsBatch> {
        self.0.batch.as_ref().map(|it| EventsBatch {
            max_size: it.max_size,
            timeout: format_duration(it.timeout),
            key: it.key.clone(),
        })
    }

    /// At least one: without a limit of its own a function is under that of the server.
    async fn concurrency(&self) -> Vec<Concurrency> {
        let limits: Vec<_> = self
            .0
            .concurrency
            .steps
            .iter()
            .map(Concurrency::new)
            .collect();
        if !limits.is_empty() {
            return limits;
        }
        vec![Concurrency {
            scope: Scope::Account,
            limit: LimitValue {
                value: -1,
                is_plan_limit: Some(true),
            },
            key: None,
        }]
    }

    async fn rate_limit(&self) -> Option<RateLimit> {
        self.0.rate_limit.as_ref().map(|it| RateLimit {
            limit: it.limit,
            period: format_duration(it.period),
            key: it.key.clone(),
        })
    }

    async fn debounce(&self) -> Option<Debounce> {
        self.0.debounce.as_ref().map(|it| Debounce {
            period: format_duration(it.period),
            key: it.key.clone(),
        })
    }

    async fn throttle(&self) -> Option<Throttle> {
        self.0.throttle.as_ref().map(|it| Throttle {
            burst: it.burst,
            key: it.key.clone(),
            limit: it.limit,
            period: format_duration(it.period),
        })
    }

    async fn singleton(&self) -> Option<Singleton> {
        self.0.singleton.as_ref().map(|it| Singleton {
            mode: match it.mode {
                SingletonMode::Skip => Mode::Skip,
                SingletonMode::Cancel => Mode::Cancel,
            },
            key: it.key.clone(),
        })
    }
}

impl Concurrency {
    fn new(limit: &ConcurrencyLimit) -> Self {
        Self {
            scope: match limit.scope {
                ConcurrencyScope::Function => Scope::Function,
                ConcurrencyScope::Environment => Scope::Environment,
                ConcurrencyScope::Account => Scope::Account,
            },
            limit: LimitValue {
                value: i64::from(limit.limit),
                is_plan_limit: Some(false),
            },
            key: limit.key.clone(),
        }
    }
}
