//! Requests that the server makes for steps: `step.fetch` and `step.ai.infer` (sdk-protocol §9,
//! OP-4).
//!
//! Owns what is sent, what of the response becomes the value of the step, and what may be shown of
//! either. Does not know how a request travels, nor when it is tried again.
//!
//! | module | owns |
//! |---|---|
//! | `fetch` | `Gateway` ops |
//! | `infer` | `AIGateway` ops: authentication by format, errors of providers |
//! | `metadata` | what a trace keeps of a conversation with a provider |
//! | `options` | reading the options that both ops have |
//! | `secret` | what is a secret, and how texts look without it |
//!
//! # Contract
//!
//! A key of a user is in [`OutboundRequest`], because it must be sent, and nowhere else: no
//! `Debug`, no error text, no memoized value and no metadata of this module holds it.

mod fetch;
mod infer;
mod metadata;
mod options;
mod secret;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, Method};
use url::Url;

pub use self::fetch::GatewayRequest;
pub use self::infer::{AiFormat, AiRequest};
pub use self::options::RequestError;
pub use self::secret::Secret;

/// An HTTP request to wherever a step wants it to go.
#[derive(Clone, PartialEq, Eq)]
pub struct OutboundRequest {
    /// Any method but `CONNECT` and `TRACE`.
    pub method: Method,
    /// An http or https URL without user name, password and fragment.
    pub url: Url,
    /// Values that are secrets are marked as sensitive. They must not follow a redirect to another
    /// origin.
    pub headers: HeaderMap,
    /// Empty for none.
    pub body: Arc<str>,
}

/// A complete response, after redirects.
#[derive(Clone, PartialEq, Eq)]
pub struct OutboundResponse {
    /// HTTP status.
    pub status: u16,
    /// Where the response came from.
    pub final_url: Url,
    /// HTTP headers, without those that describe an encoding which the body no longer has.
    pub headers: HeaderMap,
    /// Decompressed. Bytes that are not UTF-8 were replaced by U+FFFD.
    pub body: String,
    /// From the start of the request until the last byte of the body.
    pub duration: Duration,
}

/// Why there is no response.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{cause}")]
pub struct OutboundError {
    /// For the person whose step it is.
    pub cause: String,
    /// Another attempt would end the same way.
    pub no_retry: bool,
}

/// Shows no secret, and of the body only the size.
impl fmt::Debug for OutboundRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutboundRequest")
            .field("method", &self.method)
            .field("url", &secret::without_secrets(&self.url))
            .field("headers", &self.headers)
            .field("body_bytes", &self.body.len())
            .finish()
    }
}

/// Shows no secret, and of headers and body only the size.
impl fmt::Debug for OutboundResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutboundResponse")
            .field("status", &self.status)
            .field("final_url", &secret::without_secrets(&self.final_url))
            .field("headers", &self.headers.len())
            .field("body_bytes", &self.body.len())
            .field("duration", &self.duration)
            .finish()
    }
}
