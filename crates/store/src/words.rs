//! The words that enums are stored as: those of the glossary, the same in every dialect.

use everstep_core::record::{
    AppMethod, AttemptOutcome, HoldKind, LimitName, OperationKind, OperationState, PausedRuns,
    PausedStarts, RunStatus, SkipReason, StepKind, StepStatus, WaitReason,
};
use everstep_protocol::defer::DeferRejection;
use everstep_protocol::op::ParallelMode;

/// An enum that is stored as a word.
pub(crate) trait Word: Copy + 'static {
    fn word(self) -> &'static str;
    fn from_word(word: &str) -> Option<Self>;
}

macro_rules! words {
    ($($enum:ident { $($variant:ident = $word:literal),+ $(,)? })+) => { $(
        impl Word for $enum {
            fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }

            fn from_word(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }
    )+ };
}

words! {
    AppMethod {
        Serve = "serve",
        Api = "api",
    }
    RunStatus {
        Queued = "queued",
        Running = "running",
        Completed = "completed",
        Failed = "failed",
        Cancelled = "cancelled",
        Skipped = "skipped",
    }
    StepKind {
        Run = "run",
        Sleep = "sleep",
        WaitForEvent = "wait_for_event",
        WaitForSignal = "wait_for_signal",
        Invoke = "invoke",
        Fetch = "fetch",
        Infer = "infer",
    }
    StepStatus {
        Planned = "planned",
        Retrying = "retrying",
        Sleeping = "sleeping",
        Waiting = "waiting",
        Completed = "completed",
        Failed = "failed",
    }
    ParallelMode {
        Join = "join",
        Race = "race",
    }
    WaitReason {
        Queued = "queued",
        Delayed = "delayed",
        Backoff = "backoff",
        Sleeping = "sleeping",
        Waiting = "waiting",
        Timeout = "timeout",
        Unreachable = "unreachable",
        Overloaded = "overloaded",
    }
    HoldKind {
        Place = "place",
        Singleton = "singleton",
    }
    AttemptOutcome {
        Succeeded = "succeeded",
        Retried = "retried",
        Failed = "failed",
    }
    DeferRejection {
        PerDeferSize = "per_defer_size",
        AggregateSize = "aggregate_size",
        MetaSize = "meta_size",
        InvalidMeta = "invalid_meta",
        InvalidInput = "invalid_input",
        InvalidOpts = "invalid_opts",
    }
    SkipReason {
        ExpressionFalse = "expression_false",
        ExpressionError = "expression_error",
        EventDuplicate = "event_duplicate",
        IdempotencyDuplicate = "idempotency_duplicate",
        TicksGivenUp = "ticks_given_up",
        RateLimited = "rate_limited",
        Debounced = "debounced",
        DebounceOutdated = "debounce_outdated",
        Batched = "batched",
        Singleton = "singleton",
        Paused = "paused",
    }
    PausedStarts {
        Skip = "skip",
        Queue = "queue",
    }
    PausedRuns {
        Finish = "finish",
        Hold = "hold",
    }
    LimitName {
        Concurrency = "concurrency",
        SecondConcurrency = "second_concurrency",
        RunConcurrency = "run_concurrency",
        Throttle = "throttle",
        RateLimit = "rate_limit",
    }
    OperationKind {
        Cancel = "cancel",
        Replay = "replay",
        Resume = "resume",
    }
    OperationState {
        Running = "running",
        Aborting = "aborting",
        Aborted = "aborted",
        Stopped = "stopped",
        Completed = "completed",
        Failed = "failed",
    }
}
