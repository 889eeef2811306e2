//! Bounds of core. Those of the protocol are in [`everstep_protocol::limits`].

use std::time::Duration;

/// Calls in flight, over all apps, unless configured otherwise.
pub const CALLS_IN_FLIGHT_DEFAULT: usize = 500;
/// Calls in flight to one app, unless configured otherwise: an app that hangs does not take all.
pub const CALLS_PER_APP_DEFAULT: u32 = 100;
/// Jobs that make no call and whose runs are being loaded.
pub const UPKEEP_JOBS_MAX: usize = 100;

/// A run's head start or delay in seconds, by `priority.run` (server-semantics PR-1).
pub const PRIORITY_MAX: i64 = 43_200;
/// Bytes of events that fill a batch (server-semantics BA-1).
pub const BATCH_SIZE_BYTES_MAX: u64 = 10 * 1024 * 1024;
/// Events that fill a batch, whatever its function asks for: they are loaded at once.
pub const BATCH_EVENTS_MAX: usize = 10_000;
/// Debounces that fire in one decision, and batches; those behind them fire in the next ones.
pub const HELD_PER_TURN_MAX: usize = 100;
/// Bytes that are kept of the message of an error for its group.
pub const FAILURE_MESSAGE_MAX: usize = 1024;

/// Overrides of limits at the same time, over all functions.
pub const OVERRIDES_MAX: usize = 1_000;
/// How long no calls are made to an app that could not be reached. It doubles with each probe.
pub const OUTAGE_PROBE_AFTER: Duration = Duration::from_secs(1);
/// No longer than that, also if the app asks for it.
pub const OUTAGE_PROBE_AFTER_MAX: Duration = Duration::from_secs(60);

/// Bulk cancellations that have not ended. They are worked on in turn, so none of many ends soon.
pub const CANCELLATIONS_OPEN_MAX: usize = 100;

/// Bulk operations that are open. They are worked on in turn, so none of many ends soon.
pub const OPERATIONS_OPEN_MAX: usize = 20;
/// Runs that a bulk operation has acted on before it stops because of errors: one of one is no share.
pub const OPERATION_SAMPLE_MIN: u64 = 20;
/// Errors of a bulk operation that are kept, the first ones.
pub const OPERATION_ERRORS_KEPT_MAX: usize = 10;

/// Apps that have durable endpoints. An app is an origin, and comes with a request.
pub const ENDPOINT_APPS_MAX: usize = 1_000;

/// Durable endpoints of an app that are told apart. Runs of further ones belong to one called `*`.
pub const ENDPOINTS_PER_APP_MAX: usize = 1_000;

/// How long an app that executes a run itself may report nothing of it.
pub const SYNC_SILENCE_MAX: Duration = Duration::from_secs(60 * 60);

/// Bytes of the arguments of a step that are kept for those who look at its run.
pub const STEP_INPUT_KEPT_MAX: usize = 256 * KIB;

/// Jobs that are due later than this stay in the store until their time is near.
pub const HORIZON: Duration = Duration::from_secs(10 * 60);

/// Ticks of a schedule that have passed and still fire; older ones are given up.
pub const CRON_CATCH_UP_TICKS_MAX: usize = 1_000;

/// How far the next tick of a schedule is looked for. The rarest day, 29 February, can be eight
/// years away; twice that leaves room for a clock change that takes one out.
pub const CRON_SEARCH_MAX: Duration = Duration::from_secs(16 * 366 * 24 * 60 * 60);

/// Attributes that are declared at the same time: each is evaluated for every run.
pub const ATTRIBUTES_MAX: usize = 20;
/// Bytes of the name of an attribute.
pub const ATTRIBUTE_NAME_MAX: usize = 32;
/// Bytes of a value of an attribute. A run does not have one that is longer: a part of it would be
/// found as if it were the whole.
pub const ATTRIBUTE_VALUE_MAX: usize = 256;

/// Calls of the same lane before one that are counted for those who ask.
pub const AHEAD_COUNTED_MAX: usize = 10_000;
/// Runs that hold a limit and are named to those who ask.
pub const HOLDERS_SHOWN_MAX: usize = 10;
/// Keys of a function that are named to those who ask, those with the longest backlog.
pub const LANES_SHOWN_MAX: usize = 100;

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

/// Text of an expression, in bytes; also once the event of its run was put into it (EX-10).
pub const EXPRESSION_TEXT_MAX: usize = 64 * KIB;
/// Operators, values and calls of an expression.
pub const EXPRESSION_NODES_MAX: usize = 8 * KIB;
/// How deeply an expression is nested; `a.b` and `a + b` are two levels.
pub const EXPRESSION_DEPTH_MAX: usize = 128;
/// Constant regular expressions in one expression; each is compiled once.
pub const EXPRESSION_PATTERNS_MAX: usize = 16;
/// Text of a regular expression, in bytes.
pub const PATTERN_TEXT_MAX: usize = KIB;
/// A compiled regular expression in bytes, and its cache while it runs.
pub const PATTERN_SIZE_MAX: usize = 64 * KIB;
/// What one evaluation may do: a step is a node, an element, or 64 bytes of text that are looked at.
pub const EVALUATION_STEPS_MAX: usize = 100_000;
/// What may be done in one turn to tell which waits an event ends: as much as for one evaluation, and
/// what the last of them goes beyond it.
pub const SEARCH_STEPS_PER_TURN: usize = EVALUATION_STEPS_MAX;
/// Bytes of all texts, lists and maps that one evaluation makes.
pub const EVALUATION_SIZE_MAX: usize = 4 * MIB;
/// Bytes of the compiled expressions that are kept, as estimated from their nodes.
pub const EXPRESSIONS_CACHED_SIZE_MAX: usize = 32 * MIB;
/// The same while a shard starts. The conditions of its waits are compiled once each to be sorted in,
/// and most waits have one of their own; what is kept of them leaves holes in memory.
pub const EXPRESSIONS_CACHED_AT_START_SIZE_MAX: usize = 4 * MIB;
