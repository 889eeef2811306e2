//! The SDK protocol as types: what passes between an app with an Inngest SDK and this server.
//!
//! Everything here is pure: no I/O, no clock, no randomness. Payloads that belong to users are
//! [`Json`]: canonical text that is checked once, when it enters, and copied from then on.
//!
//! | module | owns |
//! |---|---|
//! | [`json`] | canonical JSON text (RFC 8785) |
//! | [`ids`] | identifiers and how they are derived |
//! | [`time`] | timestamps, durations, `Retry-After` |
//! | [`event`] | events as users send them and as SDKs read them |
//! | [`config`] | function configuration |
//! | [`sync`] | registration, in-band sync, introspection |
//! | [`call`] | the request that executes part of a run |
//! | [`reply`] | what an app answered, classified |
//! | [`op`] | the ops of a reply |
//! | [`defer`] | functions that a run wants started when it ends |
//! | [`metadata`] | what apps and clients note about runs and steps |
//! | [`endpoint`] | HTTP handlers that use steps while a client waits |
//! | [`gateway`] | requests that the server makes for steps |
//! | [`error`] | errors as user code sees them |
//! | [`signature`] | signing keys, signatures, bearer tokens |
//! | [`token`] | what clients show to read a run's result, or to follow it |
//! | [`trace`] | names of traces and spans, and the trace context of calls |
//! | [`headers`] | header names |
//! | [`limits`] | sizes and counts that the protocol bounds |

#![warn(missing_docs)]

pub mod call;
pub mod config;
pub mod defer;
pub mod endpoint;
pub mod error;
pub mod event;
mod fingerprint;
pub mod gateway;
pub mod headers;
pub mod ids;
pub mod json;
pub mod limits;
pub mod metadata;
pub mod op;
pub mod reply;
pub mod signature;
pub mod sync;
pub mod time;
pub mod token;
pub mod trace;

pub use error::UserError;
pub use ids::{
    AppId, AuditId, BatchId, CancellationId, DeferId, EventId, FunctionId, JobId, RequestId, RunId,
    SpanId, StepId, Ticket,
};
pub use json::Json;
pub use time::Timestamp;
pub use url::Url;
