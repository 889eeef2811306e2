//! Sizes, counts and times that the protocol bounds, each with its unit (sdk-protocol §6.2, §8.5;
//! server-semantics §6).
//!
//! Bytes unless the name or the comment says otherwise.

use std::time::Duration;

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Nesting of a JSON text from users, in levels.
pub const JSON_DEPTH_MAX: usize = 512;

/// Body of a call. A longer one is sent with `use_api` (§4.4).
pub const CALL_BODY_MAX: usize = 4 * MIB;
/// Body of a call's reply after decompression. A longer one fails the run (`output_too_large`).
pub const REPLY_BODY_MAX: usize = 8 * MIB;
/// How long a call may take, keep-alive bytes or not (§6.1).
pub const CALL_DURATION_MAX: Duration = Duration::from_secs(2 * 60 * 60);
/// What the server adds to [`CALL_DURATION_MAX`] before it gives up.
pub const CALL_DURATION_GUARD: Duration = Duration::from_secs(5);
/// Redirects that are followed during one call (§5.1).
pub const REDIRECTS_MAX: usize = 60;
/// Bytes of a foreign error page that are kept as `stack` (§5.1 rule 9), and of the error body of
/// an AI provider (§9.1).
pub const FOREIGN_BODY_KEPT: usize = 8 * KIB;

/// Body of a request that the server makes for a step (§9.3).
pub const OUTBOUND_REQUEST_MAX: usize = CALL_BODY_MAX;
/// Body of the response to it, after decompression: it becomes the result of the step.
pub const OUTBOUND_RESPONSE_MAX: usize = STEP_OUTPUT_MAX;
/// How long such a request may take, redirects and a streamed response included.
pub const OUTBOUND_DURATION_MAX: Duration = CALL_DURATION_MAX;
/// Redirects that are followed during one such request, as many as browsers follow.
pub const OUTBOUND_REDIRECTS_MAX: usize = 20;
/// Headers of such a request, in headers: as many as the HTTP client takes in a response.
pub const OUTBOUND_HEADERS_MAX: usize = 100;
/// URL of such a request.
pub const OUTBOUND_URL_MAX: usize = 32 * KIB;

/// Result of one step.
pub const STEP_OUTPUT_MAX: usize = 4 * MIB;
/// `opts.input` of one op.
pub const STEP_INPUT_MAX: usize = 4 * MIB;
/// All of a run's state: events, step outputs, inputs, function output.
pub const STATE_MAX: usize = 32 * MIB;
/// Steps of a run, by default.
pub const STEPS_MAX: usize = 1000;
/// What [`STEPS_MAX`] can be configured to, at most.
pub const STEPS_MAX_CONFIGURABLE: usize = 10_000;
/// Ops in one reply. More fail the run.
pub const OPS_PER_REPLY_MAX: usize = 1000;

/// Body of a checkpoint of a durable endpoint.
pub const CHECKPOINT_SYNC_BODY_MAX: usize = 4 * MIB;
/// Body of an async checkpoint, which can carry several results.
pub const CHECKPOINT_BODY_MAX: usize = 8 * MIB;

/// Name of a durable endpoint, in characters. Longer ones are cut off.
pub const ENDPOINT_NAME_MAX: usize = 512;

/// How long the result of an endpoint's run can be fetched with the token that its client got.
pub const RESULT_TOKEN_AGE_MAX: Duration = Duration::from_secs(60 * 60);
/// How long a client may begin to follow an endpoint's run with the token that it got.
pub const STREAM_TOKEN_AGE_MAX: Duration = Duration::from_secs(16 * 60);
/// Bytes that one request tees to those who follow a run.
pub const TEE_MAX: usize = 1_024_000;

/// One event, serialised.
pub const EVENT_MAX: usize = 3 * MIB;
/// Events in one request, in events.
pub const EVENTS_PER_REQUEST_MAX: usize = 5000;
/// Name of an event, in characters.
pub const EVENT_NAME_MAX: usize = 512;
/// Earliest `ts` of an event, Unix ms: 1980-01-01.
pub const EVENT_TS_MIN_MS: i64 = 315_532_800_000;
/// Latest `ts` of an event, Unix ms: 2100-01-01.
pub const EVENT_TS_MAX_MS: i64 = 4_102_444_800_000;
/// Sessions of one event, in sessions (EV-40).
pub const SESSIONS_PER_EVENT_MAX: usize = 5;
/// Sessions of one run, in sessions (EV-40).
pub const SESSIONS_PER_RUN_MAX: usize = 25;
/// Key of a session.
pub const SESSION_KEY_MAX: usize = 128;
/// Id of a session.
pub const SESSION_ID_MAX: usize = 512;
/// `meta` of a defer.
pub const META_MAX: usize = 32 * KIB;
/// Defers of one run, rejected and aborted ones included, in defers.
pub const DEFERS_PER_RUN_MAX: usize = 20;
/// Input of one defer, and of all defers of a run together.
pub const DEFER_INPUT_MAX: usize = 4 * MIB;

/// Kind of metadata (ME-3).
pub const METADATA_KIND_MAX: usize = 128;
/// Values of one update of metadata (ME-6).
pub const METADATA_UPDATE_MAX: usize = 64 * KIB;
/// All metadata of a run (ME-6): kinds, values and [`METADATA_ENTRY_SIZE`].
pub const METADATA_PER_RUN_MAX: usize = MIB;
/// What an entry counts for beside its kind and values, so that small ones are bounded too.
pub const METADATA_ENTRY_SIZE: usize = 64;
/// What warnings of refused metadata may take beyond [`METADATA_PER_RUN_MAX`].
pub const METADATA_WARNINGS_MAX: usize = 16 * KIB;
/// Name of a score (ME-8).
pub const SCORE_NAME_MAX: usize = 128;
/// Scores in one request, in scores (ME-9).
pub const SCORES_PER_REQUEST_MAX: usize = 100;

/// Body of a request with spans, before and after decompression (connect-realtime §6.1).
pub const TRACES_BODY_MAX: usize = 8 * MIB;
/// Runs that the spans of one request belong to, in runs.
pub const RUNS_PER_EXPORT_MAX: usize = 1000;
/// Spans of one run that are kept, in spans (connect-realtime TR-2).
pub const SPANS_PER_RUN_MAX: usize = 1000;
/// What is kept of one span.
pub const SPAN_MAX: usize = 32 * KIB;

/// Longest sleep or wait (§5.7).
pub const SLEEP_MAX: Duration = Duration::from_secs(366 * 24 * 60 * 60);
/// Timeout of an invoke or a signal wait without one (§5.7).
pub const WAIT_TIMEOUT_DEFAULT: Duration = Duration::from_secs(365 * 24 * 60 * 60);
/// Shortest delay that `retry-after` can ask for.
pub const RETRY_AFTER_MIN: Duration = Duration::from_secs(1);
/// Longest delay that `retry-after` can ask for.
pub const RETRY_AFTER_MAX: Duration = DAY;

/// Retries of a function, at most; more are clamped.
pub const RETRIES_MAX: u32 = 20;
/// Retries of a function that says nothing.
pub const RETRIES_DEFAULT: u32 = 4;
/// Triggers of a function, in triggers.
pub const TRIGGERS_MAX: usize = 10;
/// Event name or cron expression of a trigger, in characters.
pub const TRIGGER_TEXT_MAX: usize = 255;
/// Shortest cron jitter other than zero.
pub const CRON_JITTER_MIN: Duration = Duration::from_secs(1);
/// Longest cron jitter.
pub const CRON_JITTER_MAX: Duration = Duration::from_secs(5 * 60);
/// Step concurrency limits of a function, in entries.
pub const CONCURRENCY_STEP_LIMITS_MAX: usize = 2;
/// Run concurrency limits of a function with a limit above zero, in entries.
pub const CONCURRENCY_RUN_LIMITS_MAX: usize = 1;
/// `cancel` entries of a function.
pub const CANCELS_MAX: usize = 5;
/// Shortest throttle period.
pub const THROTTLE_PERIOD_MIN: Duration = Duration::from_secs(1);
/// Shortest rate limit period.
pub const RATE_LIMIT_PERIOD_MIN: Duration = Duration::from_secs(1);
/// Longest rate limit period, and the window of event idempotency.
pub const RATE_LIMIT_PERIOD_MAX: Duration = DAY;
/// Shortest debounce period.
pub const DEBOUNCE_PERIOD_MIN: Duration = Duration::from_secs(1);
/// Longest debounce period.
pub const DEBOUNCE_PERIOD_MAX: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// Smallest `batchEvents.maxSize`, in events.
pub const BATCH_SIZE_MIN: u32 = 2;
/// Shortest batch timeout.
pub const BATCH_TIMEOUT_MIN: Duration = Duration::from_secs(1);

/// How far a signature's time may be from now, in either direction (§1.5).
pub const SIGNATURE_AGE_MAX: Duration = Duration::from_secs(5 * 60);
