//! Ops: what an SDK reports in a reply or a checkpoint (sdk-protocol §5.5–5.7).
//!
//! Owns the shapes of all SDKs. Does not know what an op causes: that is for the state machine.

use std::fmt;
use std::time::Duration;

use serde_json::value::RawValue;

use crate::json::JsonError;
use crate::json::tree::{Node, Tree};
use crate::limits::OPS_PER_REPLY_MAX;
use crate::metadata::OpMetadata;
use crate::time::{TimeError, parse_timeout};
use crate::{Json, StepId, Timestamp, UserError};

/// What an op asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OpCode {
    /// A step ran; `data` is its result.
    StepRun,
    /// `StepRun` of SDKs before 3.x. A `data` object whose only member is `data` was unwrapped
    /// when the op was parsed.
    Step,
    /// A step failed and may be tried again.
    StepError,
    /// A step failed for good.
    StepFailed,
    /// A step was found and waits for a targeted call.
    StepPlanned,
    /// The target of a call does not exist (in the public specification only).
    StepNotFound,
    /// Wait for a time.
    Sleep,
    /// Wait for an event.
    WaitForEvent,
    /// Wait for a signal.
    WaitForSignal,
    /// Run another function and wait for its result.
    InvokeFunction,
    /// Make a request to an AI provider.
    AiGateway,
    /// Make an HTTP request.
    Gateway,
    /// The function returned; `data` is its result.
    RunComplete,
    /// The handler of a durable endpoint returned; `data` is `{"data": <API result>}`.
    SyncRunComplete,
    /// Call again; nothing is stored.
    DiscoveryRequest,
    /// Start another function when the run ends.
    DeferAdd,
    /// Take a `DeferAdd` back.
    DeferAbort,
    /// `None`, or an empty `op`.
    None,
    /// An opcode that this server does not know.
    Unknown(String),
}

impl OpCode {
    /// Reads the `op` member. Never fails: what is not known is [`OpCode::Unknown`].
    pub fn parse(text: &str) -> Self {
        match text {
            "StepRun" => Self::StepRun,
            "Step" => Self::Step,
            "StepError" => Self::StepError,
            "StepFailed" => Self::StepFailed,
            "StepPlanned" => Self::StepPlanned,
            "StepNotFound" => Self::StepNotFound,
            "Sleep" => Self::Sleep,
            "WaitForEvent" => Self::WaitForEvent,
            "WaitForSignal" => Self::WaitForSignal,
            "InvokeFunction" => Self::InvokeFunction,
            "AIGateway" => Self::AiGateway,
            "Gateway" => Self::Gateway,
            "RunComplete" => Self::RunComplete,
            "SyncRunComplete" => Self::SyncRunComplete,
            "DiscoveryRequest" => Self::DiscoveryRequest,
            "DeferAdd" => Self::DeferAdd,
            "DeferAbort" => Self::DeferAbort,
            "None" | "" => Self::None,
            other => Self::Unknown(other.to_owned()),
        }
    }

    /// The code as it stands on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            Self::StepRun => "StepRun",
            Self::Step => "Step",
            Self::StepError => "StepError",
            Self::StepFailed => "StepFailed",
            Self::StepPlanned => "StepPlanned",
            Self::StepNotFound => "StepNotFound",
            Self::Sleep => "Sleep",
            Self::WaitForEvent => "WaitForEvent",
            Self::WaitForSignal => "WaitForSignal",
            Self::InvokeFunction => "InvokeFunction",
            Self::AiGateway => "AIGateway",
            Self::Gateway => "Gateway",
            Self::RunComplete => "RunComplete",
            Self::SyncRunComplete => "SyncRunComplete",
            Self::DiscoveryRequest => "DiscoveryRequest",
            Self::DeferAdd => "DeferAdd",
            Self::DeferAbort => "DeferAbort",
            Self::None => "None",
            Self::Unknown(other) => other,
        }
    }

    /// Whether the op only accompanies others: it causes no call and does not count towards a
    /// parallel group (sdk-protocol §5.7, §5.9).
    pub fn is_lazy(&self) -> bool {
        matches!(self, Self::DeferAdd | Self::DeferAbort)
    }

    /// Whether `data` is a result. On other ops it is null or noise (§5.5).
    fn has_data(&self) -> bool {
        matches!(
            self,
            Self::StepRun | Self::Step | Self::RunComplete | Self::SyncRunComplete
        )
    }
}

/// One op, with what the server needs of it. Other members were dropped when it was parsed:
/// `rawArgs` above all, which can hold user secrets.
#[derive(Clone, PartialEq)]
pub struct Op {
    /// What it asks for.
    pub code: OpCode,
    /// The step. May be empty on ops that concern no step.
    pub id: StepId,
    /// Varies by op: user id, event name, duration.
    pub name: String,
    /// Display name, if the user gave one.
    pub display_name: Option<String>,
    /// Canonical `opts`, if it is an object.
    pub opts: Option<Json>,
    /// Canonical result, on the ops that have one: `StepRun`, `Step`, `RunComplete`,
    /// `SyncRunComplete`. `None` if absent; null stays null.
    pub data: Option<Json>,
    /// Canonical error in the normal form of §5.4, if the op carries one.
    pub error: Option<UserError>,
    /// `userland.id`: the id that the user wrote.
    pub userland_id: Option<String>,
    /// When the step started, Unix ms, and how long it took, as the SDK measured it.
    pub timing: Option<Timing>,
    /// What is to be noted of the step or its run.
    pub metadata: Vec<OpMetadata>,
}

/// `timing` of an op.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// When the step started.
    pub started_at: Timestamp,
    /// How long it took.
    pub duration: Duration,
}

/// `opts.parallelMode` (sdk-protocol §5.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ParallelMode {
    /// The group is joined: one discovery when all its members are done.
    Join,
    /// Each member that is done causes a discovery.
    Race,
}

/// A reply or checkpoint that does not hold ops.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpError {
    /// Not JSON.
    #[error("invalid response: {0}")]
    Json(JsonError),
    /// JSON, but not an op where one must be.
    #[error("invalid response: op {index} is not an object with a text \"op\" and \"id\"")]
    Shape {
        /// Place in the array, from 0.
        index: usize,
    },
    /// More ops than [`OPS_PER_REPLY_MAX`] (OP-2).
    #[error("the reply holds {count} ops, more than {OPS_PER_REPLY_MAX}")]
    TooMany {
        /// How many there are.
        count: usize,
    },
}

impl Op {
    /// Reads the body of a 206 reply: an array of ops, or a single op (sdk-protocol §5.1).
    ///
    /// Unknown members are scanned over and never kept.
    ///
    /// ```
    /// # use everstep_protocol::op::{Op, OpCode};
    /// let body = br#"[{"op":"StepRun","id":"86f7e437","name":"a","data":{"n":1},"rawArgs":[]}]"#;
    /// let ops = Op::parse_all(body)?;
    /// assert_eq!(ops[0].code, OpCode::StepRun);
    /// assert_eq!(ops[0].memoized_data().as_str(), r#"{"data":{"n":1}}"#);
    /// # Ok::<(), everstep_protocol::op::OpError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// See [`OpError`]. An op with an unknown opcode is no error here.
    pub fn parse_all(body: &[u8]) -> Result<Vec<Self>, OpError> {
        let tree = Tree::parse(body).map_err(OpError::Json)?;
        Self::from_nodes(tree.root())
    }

    /// Reads ops that are part of a larger body, such as `steps` of a checkpoint.
    ///
    /// # Errors
    ///
    /// As [`Op::parse_all`].
    pub fn parse_list(ops: &RawValue) -> Result<Vec<Self>, OpError> {
        Self::parse_all(ops.get().as_bytes())
    }

    pub(crate) fn from_nodes(node: Node<'_, '_>) -> Result<Vec<Self>, OpError> {
        if !node.is_array() {
            return Ok(vec![
                Self::from_node(node).ok_or(OpError::Shape { index: 0 })?,
            ]);
        }
        let count = node.items().len();
        if count > OPS_PER_REPLY_MAX {
            return Err(OpError::TooMany { count });
        }
        node.items()
            .enumerate()
            .map(|(index, node)| Self::from_node(node).ok_or(OpError::Shape { index }))
            .collect()
    }

    fn from_node(node: Node<'_, '_>) -> Option<Self> {
        if !node.is_object() {
            return None;
        }
        let text = |name: &str| node.member_text(name).map(std::borrow::Cow::into_owned);
        let code = match node.present("op") {
            Some(code) => OpCode::parse(&code.as_text()?),
            None => OpCode::None,
        };
        let id = match node.present("id") {
            Some(id) => id.as_text()?,
            None if matches!(code, OpCode::None | OpCode::DiscoveryRequest) => "".into(),
            None => return None,
        };
        let data = node
            .member("data")
            .filter(|_| code.has_data())
            .map(|data| match code {
                OpCode::Step => unwrap_once(data),
                _ => data,
            });
        Some(Self {
            id: StepId::new(&*id),
            name: text("name").unwrap_or_default(),
            display_name: text("displayName").filter(|name| !name.is_empty()),
            opts: node
                .member("opts")
                .filter(|opts| opts.is_object())
                .map(Node::to_json),
            data: data.map(Node::to_json),
            error: node.present("error").map(UserError::from_node),
            userland_id: node
                .member("userland")
                .and_then(|userland| userland.member_text("id"))
                .map(std::borrow::Cow::into_owned),
            timing: node.member("timing").and_then(Timing::from_node),
            metadata: OpMetadata::of_op(node),
            code,
        })
    }

    /// Whether an error of this op is one of the function itself: it comes under the id of the end
    /// of the function (DE-2). A step that a user called `complete` has the same id, and a name.
    pub fn is_of_function(&self) -> bool {
        self.name.is_empty()
            && self.display_name.is_none()
            && self.userland_id.is_none()
            && self.id == StepId::complete()
    }

    /// What people call the step: its display name, else the id that the user wrote, else `name`.
    pub fn title(&self) -> &str {
        self.display_name
            .as_deref()
            .or(self.userland_id.as_deref())
            .unwrap_or(&self.name)
    }

    /// How the parallel group that this op belongs to goes on.
    pub fn parallel_mode(&self) -> ParallelMode {
        match self
            .opt("parallelMode")
            .and_then(|mode| mode.to_text())
            .as_deref()
        {
            Some("race") => ParallelMode::Race,
            _ => ParallelMode::Join,
        }
    }

    /// `opts.type`: the kind of step, such as `step.sendEvent` or `step.ai.wrap`.
    pub fn step_type(&self) -> Option<String> {
        self.opt("type")?.to_text()
    }

    /// `opts.input`: the arguments of the step.
    pub fn input(&self) -> Option<Json> {
        self.opt("input").filter(|input| !input.is_null())
    }

    /// A member of `opts`.
    pub fn opt(&self, name: &str) -> Option<Json> {
        self.opts.as_ref()?.member(name)
    }

    /// When a `Sleep` that was received at `now` ends: `opts.duration`, else `name`, as a duration
    /// or an instant. Never before `now`. May be later than
    /// [`SLEEP_MAX`](crate::limits::SLEEP_MAX) allows.
    ///
    /// # Errors
    ///
    /// A text that is neither a duration nor an instant.
    pub fn sleep_until(&self, now: Timestamp) -> Result<Timestamp, TimeError> {
        let duration = self.opt("duration").and_then(|duration| duration.to_text());
        let until = parse_timeout(duration.as_deref().unwrap_or(&self.name), now)?;
        Ok(until.max(now))
    }

    /// The value that calls carry for the step once its result is stored: `{"data":…}`.
    pub fn memoized_data(&self) -> Json {
        memoized("data", self.data.as_ref().map_or("null", Json::as_str))
    }

    /// The value that calls carry for the step once its failure is stored: `{"error":{…}}`.
    pub fn memoized_error(&self) -> Json {
        match &self.error {
            Some(error) => error.memoized(),
            None => UserError::from_body(b"").memoized(),
        }
    }
}

/// Of the options of a request (sdk-protocol §9) only the size is shown: they hold keys.
impl fmt::Debug for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let holds_keys = matches!(self.code, OpCode::AiGateway | OpCode::Gateway);
        let mut shown = f.debug_struct("Op");
        shown
            .field("code", &self.code)
            .field("id", &self.id)
            .field("name", &self.name)
            .field("display_name", &self.display_name);
        match &self.opts {
            Some(opts) if holds_keys => shown.field("opts_bytes", &opts.len()),
            opts => shown.field("opts", opts),
        };
        shown
            .field("data", &self.data)
            .field("error", &self.error)
            .field("userland_id", &self.userland_id)
            .field("timing", &self.timing)
            .field("metadata", &self.metadata)
            .finish()
    }
}

pub(crate) fn memoized(member: &str, value: &str) -> Json {
    Json::from_canonical(["{\"", member, "\":", value, "}"].concat())
}

/// What old SDKs sent as `{"data": X}` is X.
fn unwrap_once<'t, 'a>(data: Node<'t, 'a>) -> Node<'t, 'a> {
    match data.member("data") {
        Some(inner) if data.members().len() == 1 => inner,
        _ => data,
    }
}

impl Timing {
    /// `{a, b}`: start in Unix nanoseconds and duration in nanoseconds. The start is beyond 2^53 and
    /// so some hundred nanoseconds off. Zeros mean that nothing was measured.
    fn from_node(node: Node<'_, '_>) -> Option<Self> {
        let start = node
            .member("a")
            .and_then(nanos)
            .filter(|start| *start > 0)?;
        let duration = node.member("b").and_then(nanos).unwrap_or(0);
        let ms = i64::try_from(start / 1_000_000).unwrap_or(i64::MAX);
        Some(Self {
            started_at: Timestamp::from_millis(ms),
            duration: Duration::from_nanos(duration),
        })
    }
}

/// A count of nanoseconds, by its canonical digits as long as there are any: they are what was
/// meant, where a double is only near it. Negative ones become zero.
fn nanos(node: Node<'_, '_>) -> Option<u64> {
    let number = node.as_f64()?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "casts of doubles saturate"
    )]
    Some(node.canonical().parse().unwrap_or(number as u64))
}
