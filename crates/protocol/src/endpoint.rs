//! Durable endpoints: HTTP handlers of an app that use steps while a client waits
//! (sdk-protocol §7.4–7.7).
//!
//! Owns the two bodies with which an app reports such a run, the client's request inside of the
//! first one, and what the handler answered. Does not know what becomes of the run.

mod request;
mod result;

pub use self::request::EndpointRequest;
pub use self::result::ApiResult;

use crate::event::{EventError, EventInput};
use crate::json::JsonError;
use crate::json::tree::{Node, Tree};
use crate::limits::{ENDPOINT_NAME_MAX, RETRIES_DEFAULT, RETRIES_MAX};
use crate::op::{Op, OpError};
use crate::sync::SdkLanguage;
use crate::{Json, RunId, Url};

/// Name of the event that such a run starts with. Only the server makes events of this name, so a
/// run whose event has it is the run of an endpoint.
pub const REQUEST_EVENT: &str = "inngest/http.request";

/// What GO calls this event. GO says nothing else of itself.
const REQUEST_EVENT_GO: &str = "http/run.started";

/// Member of the event's `data` that says how `body` stands there.
const SERVER_MEMBER: &str = "_inngest";
const ENCODING_MEMBER: &str = "body_encoding";
const BASE64: &str = "base64";

/// Bytes of the text that starts one run a day.
const IDEMPOTENCY_MAX: usize = 1024;

/// Body of `POST /v1/checkpoint`: an app starts a run.
#[derive(Clone, Debug, PartialEq)]
pub struct EndpointStart {
    /// Made by the SDK.
    pub run: RunId,
    /// Named [`REQUEST_EVENT`].
    pub event: EventInput,
    /// The origin that the app serves, such as `https://app.test`: the name of the app.
    pub app: String,
    /// The same as a URL.
    pub url: Url,
    /// What the user called the endpoint, else `<METHOD> <path>`.
    pub function: String,
    /// As the SDK names itself.
    pub sdk: String,
    /// What happened so far.
    pub ops: Vec<Op>,
    /// Execution version of the SDK; −1 if it named none.
    pub request_version: i8,
    /// Retries of each job.
    pub retries: u32,
    /// A text that starts one run of the endpoint a day (http-api §5.7).
    pub idempotency: Option<String>,
}

/// Why a body was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// Not JSON.
    #[error("not a checkpoint: {0}")]
    Json(JsonError),
    /// A member that is missing, or makes no sense.
    #[error("not a checkpoint: {member} must be {expected}")]
    Member {
        /// Path of the member.
        member: &'static str,
        /// What it must be.
        expected: &'static str,
    },
    /// The event is none.
    #[error("not a checkpoint: {0}")]
    Event(EventError),
    /// The steps are none.
    #[error("{0}")]
    Ops(OpError),
    /// Path and body name different runs.
    #[error("the body is about the run {0}, the path about another one")]
    OtherRun(String),
}

impl EndpointStart {
    /// Reads the body. `sdk` is the header by which SDKs but GO's name themselves.
    ///
    /// # Errors
    ///
    /// See [`EndpointError`].
    pub fn parse(body: &[u8], sdk: Option<&str>) -> Result<Self, EndpointError> {
        let tree = Tree::parse(body).map_err(EndpointError::Json)?;
        let root = tree.root();
        let run = root.member_text("run_id").and_then(|id| id.parse().ok());
        let node = root
            .present("event")
            .ok_or_else(|| wrong("event", "an event with the client's request"))?;
        let sdk = match (sdk, node.member_text("name").as_deref()) {
            (Some(sdk), _) => sdk,
            (None, Some(REQUEST_EVENT_GO)) => "go",
            (None, _) => "",
        };
        let mut event =
            EventInput::read(node, REQUEST_EVENT.into()).map_err(EndpointError::Event)?;
        if SdkLanguage::parse(sdk) == SdkLanguage::Go {
            event.data = with_encoding(&event.data);
        }
        let request = EndpointRequest::of_data(&event.data)?;
        Ok(Self {
            run: run.ok_or_else(|| wrong("run_id", "a ULID"))?,
            app: request.url.origin().ascii_serialization(),
            url: request.origin(),
            function: function_name(&event.data, &request),
            event,
            sdk: sdk.to_owned(),
            ops: ops(root)?,
            request_version: number(root, "request_version")
                .and_then(|version| i8::try_from(version).ok())
                .unwrap_or(-1),
            retries: retries(number(root, "retries")),
            idempotency: idempotency(root)?,
        })
    }
}

/// Reads the body of `POST /v1/checkpoint/{run}/steps`: what happened since.
///
/// # Errors
///
/// See [`EndpointError`].
pub fn parse_steps(body: &[u8], run: RunId) -> Result<Vec<Op>, EndpointError> {
    let tree = Tree::parse(body).map_err(EndpointError::Json)?;
    let root = tree.root();
    if !root.is_object() {
        return Err(wrong("the body", "an object"));
    }
    match root.member_text("run_id") {
        Some(other) if other.parse() != Ok(run) => Err(EndpointError::OtherRun(other.into_owned())),
        Some(_) | None => ops(root),
    }
}

fn ops(root: Node<'_, '_>) -> Result<Vec<Op>, EndpointError> {
    match root.present("steps") {
        Some(steps) => Op::from_nodes(steps).map_err(EndpointError::Ops),
        None => Ok(Vec::new()),
    }
}

fn number(root: Node<'_, '_>, name: &str) -> Option<i64> {
    root.present(name).and_then(Node::as_i64)
}

/// As given; GO gives none and means none; a negative number stands for the default (http-api §5.7).
fn retries(given: Option<i64>) -> u32 {
    match given.map(u32::try_from) {
        None => 0,
        Some(Ok(retries)) => retries.min(RETRIES_MAX),
        Some(Err(_)) => RETRIES_DEFAULT,
    }
}

/// None, if it is empty.
fn idempotency(root: Node<'_, '_>) -> Result<Option<String>, EndpointError> {
    let Some(node) = root.present("idempotency") else {
        return Ok(None);
    };
    let text = node.as_text().filter(|text| text.len() <= IDEMPOTENCY_MAX);
    let text = text.ok_or_else(|| wrong("idempotency", "a text of at most 1,024 bytes"))?;
    Ok((!text.is_empty()).then(|| text.into_owned()))
}

/// Cut off if it is too long: it is a name, and the client's request is kept whole elsewhere.
fn function_name(data: &Json, request: &EndpointRequest) -> String {
    let name = match data.member_text("fn").filter(|name| !name.is_empty()) {
        Some(name) => name,
        None => format!("{} {}", request.method, request.url.path()),
    };
    name.chars().take(ENDPOINT_NAME_MAX).collect()
}

/// GO sends the body of the client's request as base64, and does not say so.
fn with_encoding(data: &Json) -> Json {
    let members: Vec<(String, Json)> = data.members().collect();
    let members = members.iter().map(|(name, value)| (&**name, value.clone()));
    let own = Json::object([(ENCODING_MEMBER, Json::string(BASE64))]);
    Json::object(members.chain([(SERVER_MEMBER, own)]))
}

fn wrong(member: &'static str, expected: &'static str) -> EndpointError {
    EndpointError::Member { member, expected }
}
