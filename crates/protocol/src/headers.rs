//! Header names (sdk-protocol §1.7, §1.8), lower case as HTTP/2 wants them.

use std::fmt;

/// Signature of a request to an app, or of its reply (§1.5, §1.6).
pub const SIGNATURE: &str = "x-inngest-signature";
/// Kind of this server: see [`ServerKind`].
pub const SERVER_KIND: &str = "x-inngest-server-kind";
/// Kind of server that an app expects; a mismatch is refused on sync (§2.3).
pub const EXPECTED_SERVER_KIND: &str = "x-inngest-expected-server-kind";
/// `in_band` or `out_of_band` (§2.4).
pub const SYNC_KIND: &str = "x-inngest-sync-kind";
/// The run that a call belongs to.
pub const RUN_ID: &str = "x-run-id";
/// Fresh for every dispatch of a job.
pub const REQUEST_ID: &str = "x-request-id";
/// Counts the dispatches of a job (§7.3).
pub const GENERATION_ID: &str = "x-inngest-generation-id";
/// The job of a call.
pub const JOB_ID: &str = "x-inngest-job-id";
/// Execution version (§4.3), in both directions.
pub const REQUEST_VERSION: &str = "x-inngest-req-version";
/// Target of a call: `step` or a step id.
pub const STEP_ID: &str = "x-inngest-step-id";
/// On re-entry of durable endpoints (§7.5).
pub const FORCE_STEP_PLAN: &str = "x-inngest-force-step-plan";
/// W3C trace context.
pub const TRACEPARENT: &str = "traceparent";
/// W3C trace context.
pub const TRACESTATE: &str = "tracestate";

/// Name and version of the SDK. On a reply it tells that an SDK answered (§1.8).
pub const SDK: &str = "x-inngest-sdk";
/// Set by TS and PY on every reply, the 401 included.
pub const SDK_HANDLED: &str = "x-inngest-sdk-handled";
/// Web framework of the app.
pub const FRAMEWORK: &str = "x-inngest-framework";
/// Hosting platform of the app.
pub const PLATFORM: &str = "x-inngest-platform";
/// Branch environment.
pub const ENVIRONMENT: &str = "x-inngest-env";
/// Whether an error is final (§5.3).
pub const NO_RETRY: &str = "x-inngest-no-retry";
/// When to try again (§5.3).
pub const RETRY_AFTER: &str = "retry-after";
/// Makes the ids of sent events deterministic (§8.4).
pub const EVENT_ID_SEED: &str = "x-inngest-event-id-seed";

/// What this server calls itself in `User-Agent`.
pub(crate) const USER_AGENT_TEXT: &str = concat!("Everstep/", env!("CARGO_PKG_VERSION"));

/// What this server tells apps that it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerKind {
    /// Development server: no keys, no signatures (§1.9).
    Dev,
    /// Anything else, self-hosted servers included.
    Cloud,
}

impl ServerKind {
    /// The header value.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Dev => "dev",
            Self::Cloud => "cloud",
        }
    }
}

impl fmt::Display for ServerKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
