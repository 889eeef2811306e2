//! Function configuration as apps register it (sdk-protocol §3, server-semantics §3.2).
//!
//! Owns shapes and bounds. Expressions and keys are carried as text: whether they compile is for
//! the expression language to say.

mod fields;
mod flow;
mod read;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::{Serialize, Serializer};
use url::Url;

use crate::Json;
use crate::limits::{RATE_LIMIT_PERIOD_MAX, RETRIES_DEFAULT, RETRIES_MAX};

pub(crate) use self::fields::field;

/// One function of an app.
///
/// Two configurations are equal if all their parts are; `raw` alone is enough to make the same
/// configuration again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionConfig {
    /// Composite id `<app name>-<function id>`: the `fnId` query value, and the name used
    /// everywhere.
    pub slug: Arc<str>,
    /// Display name; the slug if the app gave none.
    pub name: String,
    /// What starts the function. Empty: only by invoke or API.
    pub triggers: Vec<Trigger>,
    /// How the function is reached.
    pub transport: Transport,
    /// Where calls go; see [`FunctionConfig::endpoint`].
    endpoint: Url,
    /// Retries of each job; `None` means the default. See [`FunctionConfig::max_attempts`].
    pub retries: Option<u32>,
    /// Limits on what runs at the same time.
    pub concurrency: Concurrency,
    /// Delays starts.
    pub throttle: Option<Throttle>,
    /// Drops starts. See [`FunctionConfig::effective_rate_limit`].
    pub rate_limit: Option<RateLimit>,
    /// Of several events the last one starts a run.
    pub debounce: Option<Debounce>,
    /// `priority.run`: an expression for the head start of a run, in seconds.
    pub priority: Option<String>,
    /// One run for several events.
    pub batch: Option<BatchEvents>,
    /// An expression: of events with equal values within 24 h one starts a run.
    pub idempotency: Option<String>,
    /// Events that cancel runs.
    pub cancel: Vec<CancelOn>,
    /// At most one run at a time.
    pub singleton: Option<Singleton>,
    /// When runs are cancelled for taking too long.
    pub timeouts: Timeouts,
    /// How a GO app checkpoints. For display only: the SDK decides itself (§7.1).
    pub checkpoint: Option<Checkpoint>,
    /// The configuration as the app sent it, canonical.
    pub raw: Json,
}

/// What starts a function (§3.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// An event.
    Event {
        /// Name or pattern (`prefix/*`, `prefix.*`).
        event: String,
        /// CEL over `event`.
        expression: Option<String>,
    },
    /// A schedule.
    Cron {
        /// Five fields, or six with seconds first, optionally after `TZ=<zone> ` or
        /// `CRON_TZ=<zone> `.
        cron: String,
        /// Upper bound of the delay of each tick.
        jitter: Option<Duration>,
    },
}

/// How calls reach a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// HTTP requests to the endpoint.
    Http,
    /// A WebSocket that the app opened (`connect-realtime`).
    Connect,
}

/// Limits on what runs at the same time (server-semantics §4.1).
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Concurrency {
    /// On calls that are executing, at most two.
    pub steps: Vec<ConcurrencyLimit>,
    /// On runs that have started and not ended, at most one with a limit above zero (CC-8).
    pub runs: Vec<ConcurrencyLimit>,
}

/// One concurrency limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConcurrencyLimit {
    /// How many at the same time; 0 is no limit of its own.
    pub limit: u32,
    /// An expression: one count for each of its values.
    pub key: Option<String>,
    /// Who shares the count.
    pub scope: ConcurrencyScope,
}

/// Who shares the count of a concurrency limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConcurrencyScope {
    /// The function.
    Function,
    /// All functions of the environment.
    Environment,
    /// All functions of the account.
    Account,
}

/// Delays starts beyond a rate (server-semantics §4.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Throttle {
    /// Starts per period, at least 1.
    pub limit: u32,
    /// At least one second.
    pub period: Duration,
    /// Further starts that may happen at once.
    pub burst: u32,
    /// An expression: one rate for each of its values.
    pub key: Option<String>,
}

/// Drops starts beyond a rate (server-semantics §4.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// Starts per period, at least 1.
    pub limit: u32,
    /// 1 s to 24 h.
    pub period: Duration,
    /// An expression: one rate for each of its values.
    pub key: Option<String>,
}

/// Of several events the last one starts a run (server-semantics §4.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Debounce {
    /// How long to wait for another event: 1 s to 7 d.
    pub period: Duration,
    /// How long to wait in all.
    pub timeout: Option<Duration>,
    /// An expression: events with different values do not replace each other.
    pub key: Option<String>,
}

/// One run for several events (server-semantics §4.5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchEvents {
    /// Events that fill a batch, at least 2.
    pub max_size: u32,
    /// How long a batch that is not full waits, at least 1 s.
    pub timeout: Duration,
    /// An expression: one batch for each of its values.
    pub key: Option<String>,
    /// An expression: events for which it is false start runs of their own.
    pub condition: Option<String>,
}

/// An event that cancels runs (server-semantics §3.11).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CancelOn {
    /// Name of the event.
    pub event: String,
    /// CEL over `event` (the run's) and `async` (the cancelling one).
    pub condition: Option<String>,
    /// How long the run can be cancelled: a duration or an RFC 3339 time, checked, for
    /// [`parse_timeout`](crate::time::parse_timeout). One year if absent.
    pub timeout: Option<String>,
}

/// At most one run at a time (server-semantics §4.6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Singleton {
    /// What happens to a second run.
    pub mode: SingletonMode,
    /// An expression: one run for each of its values.
    pub key: Option<String>,
}

/// What a singleton does when a run is active.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SingletonMode {
    /// The new run is skipped.
    Skip,
    /// The active run is cancelled.
    Cancel,
}

/// When runs are cancelled for taking too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Timeouts {
    /// From being queued to the first call.
    pub start: Option<Duration>,
    /// From the first call to the end.
    pub finish: Option<Duration>,
}

/// How a GO app checkpoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Checkpoint {
    /// Steps in one checkpoint.
    pub batch_steps: Option<u32>,
    /// Longest time between checkpoints.
    pub batch_interval: Option<Duration>,
    /// How long one call goes on.
    pub max_runtime: Option<Duration>,
}

impl FunctionConfig {
    /// Reads a function's configuration: as an app sent it, or the `raw` of another one.
    ///
    /// ```
    /// # use everstep_protocol::{Json, config::FunctionConfig};
    /// let json = Json::parse(br#"{
    ///     "id": "app-fn", "name": "Fn", "triggers": [{"event": "shop/order"}],
    ///     "steps": {"step": {"runtime": {"type": "http", "url": "http://app.test/api/inngest"}}}
    /// }"#).unwrap();
    /// let function = FunctionConfig::from_json(&json).unwrap();
    /// assert_eq!(function.max_attempts(), 5);
    /// assert_eq!(FunctionConfig::from_json(&function.raw).unwrap(), function);
    /// ```
    ///
    /// # Errors
    ///
    /// All that is wrong with it.
    pub fn from_json(json: &Json) -> Result<Self, Vec<ConfigError>> {
        read::function(json)
    }

    /// The configuration of a durable endpoint, which no app sends: nothing triggers it, and it is at
    /// `origin`.
    pub fn of_endpoint(slug: &str, name: &str, origin: &Url, max_attempts: u32) -> Self {
        let attempts = Json::integer(i64::from(max_attempts.saturating_sub(1)));
        let runtime = Json::object([
            ("type", Json::string("http")),
            ("url", Json::string(origin.as_str())),
        ]);
        let step = Json::object([
            ("id", Json::string("step")),
            ("name", Json::string("step")),
            ("retries", Json::object([("attempts", attempts)])),
            ("runtime", runtime),
        ]);
        let json = Json::object([
            ("id", Json::string(slug)),
            ("name", Json::string(name)),
            ("steps", Json::object([("step", step)])),
            ("triggers", Json::from_canonical("[]")),
        ]);
        Self::from_json(&json).expect("a name, an http URL and a count are all that can be wrong")
    }

    /// Attempts of each job: retries and the first one (1 to 21; 5 by default).
    pub fn max_attempts(&self) -> u32 {
        self.retries.unwrap_or(RETRIES_DEFAULT).min(RETRIES_MAX) + 1
    }

    /// Where calls go: the registered URL without the query parameters `deployId` and `probe`,
    /// which belong to one sync (§2.1).
    pub fn endpoint(&self) -> &Url {
        &self.endpoint
    }

    /// The rate limit that applies: `idempotency` stands for one per 24 h and wins.
    pub fn effective_rate_limit(&self) -> Option<RateLimit> {
        match &self.idempotency {
            Some(key) => Some(RateLimit {
                limit: 1,
                period: RATE_LIMIT_PERIOD_MAX,
                key: Some(key.clone()),
            }),
            None => self.rate_limit.clone(),
        }
    }
}

/// Something wrong with a function's configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("function {function:?}: {field}: {message}")]
pub struct ConfigError {
    /// Slug of the function, or its place in the list if it has none.
    pub function: String,
    /// Path of the member, such as `concurrency[0].limit`.
    pub field: String,
    /// For machines.
    pub code: ConfigErrorCode,
    /// For people.
    pub message: String,
}

macro_rules! config_error_codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// Kinds of [`ConfigError`] (server-semantics §3.2). The texts are part of the contract.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ConfigErrorCode {
            $($(#[$doc])* $name,)*
        }

        impl ConfigErrorCode {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The code as clients see it.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }
        }
    };
}

config_error_codes! {
    /// The function is no object, or lacks an id.
    FunctionInvalid = "function_invalid",
    /// `steps` is missing or holds no usable URL.
    UrlInvalid = "url_invalid",
    /// `retries.attempts` is no count.
    RetriesInvalid = "retries_invalid",
    /// An event trigger is malformed or a duplicate, or there are too many triggers.
    TriggerInvalid = "trigger_invalid",
    /// A cron trigger is malformed or a duplicate.
    ScheduleInvalid = "schedule_invalid",
    /// A trigger's expression does not compile.
    TriggerExpressionInvalid = "trigger_expression_invalid",
    /// A concurrency limit is malformed, or there are too many.
    ConcurrencyLimitInvalid = "concurrency_limit_invalid",
    /// A concurrency key does not compile.
    ConcurrencyKeyExpressionInvalid = "concurrency_key_expression_invalid",
    /// `throttle` is malformed or its key does not compile.
    ThrottleInvalid = "throttle_invalid",
    /// `rateLimit` is malformed or its key does not compile.
    RateLimitInvalid = "rate_limit_invalid",
    /// `idempotency` is malformed or does not compile.
    IdempotencyInvalid = "idempotency_invalid",
    /// `debounce` is malformed or its key does not compile.
    DebounceInvalid = "debounce_invalid",
    /// `priority` is malformed or does not compile.
    PriorityInvalid = "priority_invalid",
    /// `batchEvents.maxSize` is missing or too small.
    BatchSizeInvalid = "batch_size_invalid",
    /// `batchEvents.timeout` is missing or too short.
    BatchTimeoutInvalid = "batch_timeout_invalid",
    /// `batchEvents.key` does not compile.
    BatchKeyExpressionInvalid = "batch_key_expression_invalid",
    /// `batchEvents.if` does not compile.
    BatchIfExpressionInvalid = "batch_if_expression_invalid",
    /// A `cancel` entry is malformed, or there are too many.
    CancelInvalid = "cancel_invalid",
    /// `singleton` is malformed or its key does not compile.
    SingletonInvalid = "singleton_invalid",
    /// `timeouts` holds no durations.
    TimeoutsInvalid = "timeouts_invalid",
    /// Two features that exclude each other.
    ComboUnsupported = "combo_unsupported",
    /// Two functions of one app have the same id.
    DuplicateId = "duplicate_id",
}

impl fmt::Display for ConfigErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for ConfigErrorCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
