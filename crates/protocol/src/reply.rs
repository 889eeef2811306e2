//! What an app answered to a call, classified (sdk-protocol §5.1–5.4, §6.1).
//!
//! Owns the decision what a response *is*. What follows from it (retry, next call) is for the
//! state machine.

use std::time::Duration;

use http::HeaderMap;

use crate::endpoint::ApiResult;
use crate::headers;
use crate::json::tree::{Node, Tree};
use crate::limits::{FOREIGN_BODY_KEPT, OPS_PER_REPLY_MAX};
use crate::op::{Op, OpError};
use crate::time::parse_retry_after;
use crate::{Json, Timestamp, UserError};

/// Values of the member `code` of errors that the server makes of a call's outcome
/// (server-semantics §3.12).
pub mod code {
    /// No response came.
    pub const HTTP_UNREACHABLE: &str = "http_unreachable";
    /// The call took too long.
    pub const REQUEST_DURATION_TOO_LONG: &str = "request_duration_too_long";
    /// A reply or an output is over its limit.
    pub const OUTPUT_TOO_LARGE: &str = "output_too_large";
    /// Success, but not from an SDK.
    pub const NOT_SDK: &str = "not_sdk";
    /// A failure that does not come from an SDK.
    pub const HTTP_ERROR: &str = "http_error";
    /// An SDK's reply that makes no sense.
    pub const INVALID_RESPONSE: &str = "invalid_response";
    /// The app does not know the step of a targeted call (§4.5).
    pub const STEP_NOT_FOUND: &str = "step_not_found";
    /// More ops in a reply, or steps in a run, than allowed.
    pub const FUNCTION_OVERFLOWED: &str = "function_overflowed";
}

/// Name of errors for too many ops or steps.
pub const FUNCTION_OVERFLOWED: &str = "InngestErrFunctionOverflowed";

/// A call's answer, or the lack of one.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// What it means.
    pub outcome: Outcome,
    /// `x-inngest-req-version`, if the reply carried one (§4.3).
    pub request_version: Option<i8>,
    /// `x-inngest-no-retry`, or `noRetry` of a streamed GO reply; absent means retriable (§5.3).
    pub no_retry: Option<bool>,
    /// `retry-after`, resolved against the time of receipt and clamped (§5.3).
    pub retry_at: Option<Timestamp>,
    /// HTTP status (the inner one of a streamed reply); `None` when no response came.
    pub status: Option<u16>,
    /// The call did not get to the app's SDK, so it was no attempt.
    pub turned_away: Option<TurnedAway>,
    /// What whoever made the call measured; `None` if no response came.
    pub timing: Option<CallTiming>,
}

/// Where the time of a call went until its answer began. What is left of it is the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallTiming {
    /// Name, TCP and TLS; zero on a connection that was there already.
    pub connect: Duration,
    /// From then until the head of the response.
    pub first_byte: Duration,
}

/// Why a call did not get to the app's SDK.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TurnedAway {
    /// No connection came about.
    Unreachable,
    /// Whatever is before the app answered 429 or 503.
    Overloaded,
}

/// What a reply means.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// 206: ops, in the order of the reply.
    Ops(Vec<Op>),
    /// The function returned.
    Output(Json),
    /// The function, the app or the network failed.
    Error(UserError),
}

/// An HTTP response as it came, redirects followed, body complete and decompressed.
#[derive(Clone, Copy, Debug)]
pub struct RawResponse<'a> {
    /// HTTP status.
    pub status: u16,
    /// HTTP headers.
    pub headers: &'a HeaderMap,
    /// Body, at most [`REPLY_BODY_MAX`](crate::limits::REPLY_BODY_MAX) bytes.
    pub body: &'a [u8],
}

/// What classification must know of the call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CallContext {
    /// The call was for one planned step, not a discovery.
    pub targeted: bool,
    /// The call went to a durable endpoint (§7.5).
    pub endpoint: bool,
}

impl Reply {
    /// Tells what a response is (sdk-protocol §5.1, rules 4 to 9). `now` is the time of receipt.
    ///
    /// ```
    /// # use everstep_protocol::reply::{CallContext, Outcome, RawResponse, Reply};
    /// # use everstep_protocol::{Json, Timestamp};
    /// let mut headers = http::HeaderMap::new();
    /// headers.insert("x-inngest-sdk", "inngest-js:v4.24.0".parse().unwrap());
    /// let response = RawResponse { status: 200, headers: &headers, body: b"{ \"sum\": 3 }" };
    /// let now = Timestamp::from_millis(1_700_000_000_000);
    /// let reply = Reply::classify(response, CallContext::default(), now);
    /// assert_eq!(reply.outcome, Outcome::Output(Json::from_canonical(r#"{"sum":3}"#)));
    /// ```
    pub fn classify(response: RawResponse<'_>, context: CallContext, now: Timestamp) -> Self {
        let frame = Frame::outer(response);
        if context.endpoint && frame.status != 206 && frame.sdk().is_some_and(is_go) {
            // The handler has come to its end, and answered as it would have answered its client.
            let RawResponse {
                status,
                headers,
                body,
            } = response;
            let result = ApiResult::of_response(status, headers, body).to_json();
            return frame.reply(Outcome::Output(result), now);
        }
        if frame.status == 201 && frame.sdk().is_some() {
            return match streamed(&frame, response.body, context, now) {
                Ok(reply) => reply,
                Err(error) => frame.reply(Outcome::Error(error), now),
            };
        }
        classify_frame(&frame, Body::Bytes(response.body), context, now)
    }

    /// A call that failed without a response, for a reason that the caller states.
    pub fn failed(error: UserError) -> Self {
        Self {
            outcome: Outcome::Error(error),
            request_version: None,
            no_retry: None,
            retry_at: None,
            status: None,
            turned_away: None,
            timing: None,
        }
    }

    /// No connection came about, so that nothing of the call was sent.
    pub fn not_connected(cause: &str) -> Self {
        Self {
            turned_away: Some(TurnedAway::Unreachable),
            ..Self::unreachable(cause)
        }
    }

    /// No response came: the connection was cut. Retriable.
    pub fn unreachable(cause: &str) -> Self {
        let message = match cause {
            "" => "Unable to reach SDK URL".to_owned(),
            cause => format!("Unable to reach SDK URL: {cause}"),
        };
        Self::failed(UserError::with_code(
            "Error",
            &message,
            code::HTTP_UNREACHABLE,
        ))
    }

    /// The response was not complete within the time for a call. Retriable.
    pub fn timed_out(after: Duration) -> Self {
        let after = crate::time::format_duration(after);
        let message = format!("The request took longer than the limit of {after}.");
        Self::failed(UserError::with_code(
            "Error",
            &message,
            code::REQUEST_DURATION_TOO_LONG,
        ))
    }

    /// The response body is longer than `limit` bytes. Final.
    pub fn too_large(limit: usize) -> Self {
        let message = format!("The response is larger than the limit of {limit} bytes.");
        let error = UserError::with_code("Error", &message, code::OUTPUT_TOO_LARGE);
        Self {
            no_retry: Some(true),
            ..Self::failed(error)
        }
    }

    /// The error, if this is one.
    pub fn error(&self) -> Option<&UserError> {
        match &self.outcome {
            Outcome::Error(error) => Some(error),
            Outcome::Ops(_) | Outcome::Output(_) => None,
        }
    }
}

/// Status and headers of a response, or of the one that a streamed reply wraps.
struct Frame<'a> {
    status: u16,
    outer: &'a HeaderMap,
    /// Headers of the wrapped reply; they win.
    inner: Vec<(String, String)>,
    /// `noRetry: true` of a GO wrapper.
    no_retry: bool,
    /// `retryAt` of a GO wrapper.
    retry_at: Option<String>,
}

/// A reply's body: bytes, or a value that a streamed reply holds without encoding it again.
#[derive(Clone, Copy)]
enum Body<'t, 'a> {
    Bytes(&'a [u8]),
    Value(Node<'t, 'a>),
}

impl<'a> Frame<'a> {
    fn outer(response: RawResponse<'a>) -> Self {
        Self {
            status: response.status,
            outer: response.headers,
            inner: Vec::new(),
            no_retry: false,
            retry_at: None,
        }
    }

    fn header(&self, name: &str) -> Option<&str> {
        let inner = self
            .inner
            .iter()
            .rfind(|(inner, _)| inner.eq_ignore_ascii_case(name));
        match inner {
            Some((_, value)) => Some(value),
            None => self.outer.get(name)?.to_str().ok(),
        }
    }

    fn sdk(&self) -> Option<&str> {
        self.header(headers::SDK)
            .map(str::trim)
            .filter(|sdk| !sdk.is_empty())
    }

    fn reply(&self, outcome: Outcome, now: Timestamp) -> Reply {
        let no_retry = match self.header(headers::NO_RETRY).map(str::trim) {
            Some(value) if value.eq_ignore_ascii_case("true") => Some(true),
            Some(value) if value.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        };
        let retry_at = self
            .retry_at
            .as_deref()
            .or_else(|| self.header(headers::RETRY_AFTER));
        Reply {
            outcome,
            request_version: self
                .header(headers::REQUEST_VERSION)
                .and_then(|version| version.trim().parse().ok()),
            no_retry: if self.no_retry { Some(true) } else { no_retry },
            retry_at: retry_at.and_then(|at| parse_retry_after(at, now)),
            status: Some(self.status),
            turned_away: match (self.status, self.sdk()) {
                (429 | 503, None) => Some(TurnedAway::Overloaded),
                _ => None,
            },
            timing: None,
        }
    }
}

/// Unwraps a 201 reply (§6.1).
fn streamed(
    outer: &Frame<'_>,
    body: &[u8],
    context: CallContext,
    now: Timestamp,
) -> Result<Reply, UserError> {
    let tree = Tree::parse(body).map_err(|error| {
        invalid(&format!(
            "invalid response: the streamed reply is not complete: {error}"
        ))
    })?;
    let root = tree.root();
    if let Some(error) = root.present("error") {
        return Err(UserError::from_node(error));
    }
    let status = root.member("status").and_then(Node::as_i64);
    let status = status
        .and_then(|status| u16::try_from(status).ok())
        .ok_or_else(|| invalid("invalid response: the streamed reply has no status"))?;
    let frame = Frame {
        status,
        outer: outer.outer,
        inner: root
            .member("headers")
            .map(wrapped_headers)
            .unwrap_or_default(),
        no_retry: root
            .member("noRetry")
            .and_then(Node::as_bool)
            .unwrap_or(false),
        retry_at: root
            .member_text("retryAt")
            .map(std::borrow::Cow::into_owned),
    };
    Ok(match root.present("body") {
        None => classify_frame(&frame, Body::Bytes(b"null"), context, now),
        Some(body) => match body.as_text() {
            Some(text) => classify_frame(&frame, Body::Bytes(text.as_bytes()), context, now),
            None => classify_frame(&frame, Body::Value(body), context, now),
        },
    })
}

/// `headers` of a streamed reply: texts, or lists of texts.
fn wrapped_headers(node: Node<'_, '_>) -> Vec<(String, String)> {
    node.members()
        .filter_map(|(name, value)| {
            let value = value
                .as_text()
                .or_else(|| value.items().next()?.as_text())?;
            Some((name.into_owned(), value.into_owned()))
        })
        .collect()
}

/// Rules 5 to 9.
fn classify_frame(
    frame: &Frame<'_>,
    body: Body<'_, '_>,
    context: CallContext,
    now: Timestamp,
) -> Reply {
    let outcome = match (frame.status, frame.sdk()) {
        (206, sdk) => match ops(body) {
            Ok(ops) => Outcome::Ops(ops),
            Err(OpError::TooMany { count }) => return too_many_ops(frame, count, now),
            Err(_) if sdk.is_none() => Outcome::Error(not_sdk()),
            Err(error) => Outcome::Error(invalid(&error.to_string())),
        },
        (0..300, None) => Outcome::Error(not_sdk()),
        (0..300, Some(sdk)) => {
            let output = output(body);
            if context.targeted && output.is_null() && is_go(sdk) {
                Outcome::Error(step_not_found())
            } else {
                Outcome::Output(output)
            }
        }
        (_, Some(_)) => Outcome::Error(match body {
            Body::Bytes(bytes) => UserError::from_body(bytes),
            Body::Value(node) => UserError::from_node(node),
        }),
        (status, None) => Outcome::Error(foreign_error(status, body)),
    };
    frame.reply(outcome, now)
}

fn ops(body: Body<'_, '_>) -> Result<Vec<Op>, OpError> {
    match body {
        Body::Bytes(bytes) => Op::parse_all(bytes),
        Body::Value(node) => Op::from_nodes(node),
    }
}

/// The function's output; text that is not JSON becomes a JSON string, an empty body null.
fn output(body: Body<'_, '_>) -> Json {
    match body {
        Body::Value(node) => node.to_json(),
        Body::Bytes(bytes) if bytes.trim_ascii().is_empty() => Json::null(),
        Body::Bytes(bytes) => {
            Json::parse(bytes).unwrap_or_else(|_| Json::string(&String::from_utf8_lossy(bytes)))
        }
    }
}

fn is_go(sdk: &str) -> bool {
    crate::sync::SdkLanguage::parse(sdk) == crate::sync::SdkLanguage::Go
}

/// Final, whatever the headers say (OP-2).
fn too_many_ops(frame: &Frame<'_>, count: usize, now: Timestamp) -> Reply {
    let message = format!("The reply holds {count} ops, more than {OPS_PER_REPLY_MAX}.");
    let error = UserError::with_code(FUNCTION_OVERFLOWED, &message, code::FUNCTION_OVERFLOWED);
    Reply {
        no_retry: Some(true),
        ..frame.reply(Outcome::Error(error), now)
    }
}

fn invalid(message: &str) -> UserError {
    UserError::with_code("Error", message, code::INVALID_RESPONSE)
}

fn not_sdk() -> UserError {
    let message = "The response did not come from an Inngest SDK";
    UserError::with_code("Error", message, code::NOT_SDK)
}

fn step_not_found() -> UserError {
    let message = "The app did not find the step that it was called for. \
                   A deploy may have renamed or removed it.";
    UserError::with_code("Error", message, code::STEP_NOT_FOUND)
}

/// A proxy, a host or a web framework answered instead of the SDK (rule 9).
fn foreign_error(status: u16, body: Body<'_, '_>) -> UserError {
    let text = match body {
        Body::Bytes(bytes) => {
            String::from_utf8_lossy(&bytes[..bytes.len().min(FOREIGN_BODY_KEPT)]).into_owned()
        }
        Body::Value(node) => node.canonical().chars().take(FOREIGN_BODY_KEPT).collect(),
    };
    let message = format!("Your server returned HTTP {status} before the SDK responded.");
    UserError::with_code("Server returned a fatal error", &message, code::HTTP_ERROR)
        .with_member("stack", Json::string(&text))
}
