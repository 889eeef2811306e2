//! A function as the shard works with it: its record, and its texts compiled once.
//!
//! A sync refuses texts that do not compile, see [`validate`]. One that was stored and does not
//! compile any more, under stricter rules, matches nothing and says so.

use std::time::Duration;

use everstep_protocol::Timestamp;
use everstep_protocol::config::{ConfigError, ConfigErrorCode, FunctionConfig, Trigger};
use everstep_protocol::sync::AppSync;

use crate::cron::{self, CronSchedule};
use crate::expression::{EventView, Expression, Scope};
use crate::flow::plan::{Compiled, Plan};
use crate::record::{FunctionRecord, SkipReason};
use crate::registry::patterns;

pub(crate) struct Function {
    pub(crate) record: FunctionRecord,
    triggers: Vec<EventTrigger>,
    schedules: Vec<Schedule>,
    pub(crate) cancel: Vec<CancelListener>,
    pub(crate) plan: Plan,
}

struct EventTrigger {
    pattern: String,
    condition: Option<Compiled>,
}

/// A cron trigger.
pub(crate) struct Schedule {
    pub(crate) cron: CronSchedule,
    pub(crate) jitter: Option<Duration>,
}

/// An event that cancels runs of the function.
pub(crate) struct CancelListener {
    pub(crate) event: String,
    pub(crate) condition: Option<Compiled>,
    pub(crate) timeout: Option<String>,
}

/// How the triggers of a function see an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Evaluation {
    Matched,
    Skipped { reason: SkipReason, detail: String },
}

impl Function {
    pub(crate) fn new(record: FunctionRecord) -> Self {
        let compile = |text: &String| Expression::compile(text);
        let config = record.config.clone();
        let (mut triggers, mut schedules) = (Vec::new(), Vec::new());
        for trigger in &config.triggers {
            match trigger {
                Trigger::Event { event, expression } => triggers.push(EventTrigger {
                    pattern: event.clone(),
                    condition: expression.as_ref().map(compile),
                }),
                Trigger::Cron { cron, jitter } => {
                    // One that does not parse never fires, as one whose time never comes.
                    schedules.extend(CronSchedule::parse(cron).ok().map(|cron| Schedule {
                        cron,
                        jitter: *jitter,
                    }));
                }
            }
        }
        let cancel = config.cancel.iter().map(|listener| CancelListener {
            event: listener.event.clone(),
            condition: listener
                .condition
                .as_deref()
                .map(Expression::compile_cancellation),
            timeout: listener.timeout.clone(),
        });
        Self {
            triggers,
            schedules,
            cancel: cancel.collect(),
            plan: Plan::new(&config),
            record,
        }
    }

    pub(crate) fn is_active(&self) -> bool {
        self.record.archived_at.is_none()
    }

    pub(crate) fn event_patterns(&self) -> impl Iterator<Item = &str> {
        self.triggers.iter().map(|trigger| &*trigger.pattern)
    }

    pub(crate) fn schedules(&self) -> impl Iterator<Item = &Schedule> {
        self.schedules.iter()
    }

    pub(crate) fn schedule(&self, cron: &str) -> Option<&Schedule> {
        self.schedules().find(|known| known.cron.as_str() == cron)
    }

    /// Evaluate the triggers in declared order: the first that holds wins (TR-3). One that can't
    /// be evaluated is passed over (TR-4).
    pub(crate) fn evaluate(&self, name: &str, event: &EventView, now: Timestamp) -> Evaluation {
        let scope = Scope::new(event, now);
        let mut texts_false = Vec::new();
        let mut problem = None;
        let named = |trigger: &&EventTrigger| patterns(name).any(|text| text == trigger.pattern);
        for trigger in self.triggers.iter().filter(named) {
            let outcome = match &trigger.condition {
                None => return Evaluation::Matched,
                Some(Err(error)) => Err(error.to_string()),
                Some(Ok(condition)) => condition
                    .holds(&scope)
                    .map_err(|error| format!("{}: {error}", condition.text())),
            };
            match (outcome, &trigger.condition) {
                (Ok(true), _) => return Evaluation::Matched,
                (Ok(false), Some(Ok(condition))) => texts_false.push(condition.text()),
                (Ok(false), _) => {}
                (Err(text), _) => problem = problem.or(Some(text)),
            }
        }
        match problem {
            Some(detail) => Evaluation::Skipped {
                reason: SkipReason::ExpressionError,
                detail,
            },
            None => Evaluation::Skipped {
                reason: SkipReason::ExpressionFalse,
                detail: texts_false.join("; "),
            },
        }
    }
}

/// Check what only `core` can read of an app's functions: schedules and expressions
/// (server-semantics §2.2, §2.3). An app with an error is not to be synced.
pub fn validate(app: &AppSync) -> Result<(), Vec<ConfigError>> {
    let mut errors = Vec::new();
    for function in &app.functions {
        if let Err(found) = cron::validate(function) {
            errors.extend(found);
        }
        for (field, code, result) in expressions(function) {
            if let Err(error) = result {
                errors.push(ConfigError {
                    function: function.slug.to_string(),
                    field,
                    code,
                    message: error.to_string(),
                });
            }
        }
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(errors)
    }
}

/// Every expression of a function, with what an error in it is called.
fn expressions(function: &FunctionConfig) -> Vec<(String, ConfigErrorCode, Compiled)> {
    use ConfigErrorCode as Code;
    let mut found = Vec::new();
    let mut add = |field: String, code: Code, text: Option<&String>| {
        if let Some(text) = text {
            found.push((field, code, Expression::compile(text)));
        }
    };
    for (index, trigger) in function.triggers.iter().enumerate() {
        if let Trigger::Event { expression, .. } = trigger {
            let field = format!("triggers[{index}].expression");
            add(field, Code::TriggerExpressionInvalid, expression.as_ref());
        }
    }
    let limits = &function.concurrency;
    for (index, limit) in limits.steps.iter().chain(&limits.runs).enumerate() {
        let field = format!("concurrency[{index}].key");
        add(
            field,
            Code::ConcurrencyKeyExpressionInvalid,
            limit.key.as_ref(),
        );
    }
    let keys = [
        (
            "throttle.key",
            Code::ThrottleInvalid,
            function.throttle.as_ref().and_then(|it| it.key.as_ref()),
        ),
        (
            "rateLimit.key",
            Code::RateLimitInvalid,
            function.rate_limit.as_ref().and_then(|it| it.key.as_ref()),
        ),
        (
            "debounce.key",
            Code::DebounceInvalid,
            function.debounce.as_ref().and_then(|it| it.key.as_ref()),
        ),
        (
            "singleton.key",
            Code::SingletonInvalid,
            function.singleton.as_ref().and_then(|it| it.key.as_ref()),
        ),
        (
            "batchEvents.key",
            Code::BatchKeyExpressionInvalid,
            function.batch.as_ref().and_then(|it| it.key.as_ref()),
        ),
        (
            "batchEvents.if",
            Code::BatchIfExpressionInvalid,
            function.batch.as_ref().and_then(|it| it.condition.as_ref()),
        ),
        (
            "priority.run",
            Code::PriorityInvalid,
            function.priority.as_ref(),
        ),
        (
            "idempotency",
            Code::IdempotencyInvalid,
            function.idempotency.as_ref(),
        ),
    ];
    for (field, code, text) in keys {
        add(field.to_owned(), code, text);
    }
    for (index, listener) in function.cancel.iter().enumerate() {
        if let Some(text) = &listener.condition {
            let compiled = Expression::compile_cancellation(text);
            found.push((format!("cancel[{index}].if"), Code::CancelInvalid, compiled));
        }
    }
    found
}
