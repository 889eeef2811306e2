//! Metadata: what apps and clients note about a run, a step, an attempt or a span
//! (connect-realtime §5.1).
//!
//! Owns what an update looks like and which ones are refused. Does not know what is noted already,
//! nor what an update makes of it.
//!
//! | module | owns |
//! |---|---|
//! | `request` | the body of `POST /v1/runs/{run}/metadata` |
//! | `score` | what a score looks like |

mod request;
mod score;

use std::sync::Arc;

use crate::Json;
use crate::json::tree::Node;
use crate::limits::{METADATA_KIND_MAX, METADATA_UPDATE_MAX};

pub use self::request::{MetadataRequest, MetadataRequestError, StepName, TargetName};
pub use self::score::{Score, ScoreError};

/// The kinds that are the server's own or have a meaning for it.
pub mod kind {
    /// What is known of a conversation with an AI provider.
    pub const AI: &str = "inngest.ai";
    /// What is known of an HTTP request.
    pub const HTTP: &str = "inngest.http";
    /// Which experiment and variant a run or step is part of.
    pub const EXPERIMENT: &str = "inngest.experiment";
    /// Scores, by name.
    pub const SCORE: &str = "inngest.score";
    /// What went wrong with a step or run without failing it.
    pub const WARNINGS: &str = "inngest.warnings";
}

/// Kinds with this start are reserved.
const RESERVED: &str = "inngest.";

/// The reserved kinds that apps and clients may write (ME-3).
const WRITABLE: &[&str] = &[
    kind::AI,
    kind::HTTP,
    "inngest.http.timing",
    "inngest.response_headers",
    kind::WARNINGS,
    kind::EXPERIMENT,
    kind::SCORE,
    "inngest.sandbox",
];

/// What an update does to the values of its kind (ME-1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetadataOperation {
    /// Replaces the top-level members that it names.
    Merge,
    /// Replaces all values.
    Set,
    /// Removes the members that it names.
    Delete,
    /// Adds its numbers to those that are there.
    Add,
}

impl MetadataOperation {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "merge" => Some(Self::Merge),
            "set" => Some(Self::Set),
            "delete" => Some(Self::Delete),
            "add" => Some(Self::Add),
            _ => None,
        }
    }
}

/// What an update of an op is about (ME-2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetadataScope {
    /// The run.
    Run,
    /// The step of the op.
    Step,
    /// The attempt of that step.
    StepAttempt,
    /// A span within the step; ops do not say which.
    ExtendedTrace,
    /// The call that the op answers.
    Request,
    /// `unknown`, or nothing that is known.
    Unknown,
}

impl MetadataScope {
    fn parse(text: &str) -> Self {
        match text {
            "run" => Self::Run,
            "step" => Self::Step,
            "step_attempt" => Self::StepAttempt,
            "extended_trace" => Self::ExtendedTrace,
            "request" => Self::Request,
            _ => Self::Unknown,
        }
    }
}

/// An update that is not refused.
///
/// ```
/// # use everstep_protocol::metadata::{MetadataError, MetadataOperation, MetadataUpdate};
/// # use everstep_protocol::Json;
/// let values = Json::parse(br#"{"files":1}"#)?;
/// let update = MetadataUpdate::new("userland.upload", MetadataOperation::Add, values.clone());
/// assert_eq!(update?.kind(), "userland.upload");
/// let refused = MetadataUpdate::new("inngest.timing", MetadataOperation::Set, values);
/// assert!(matches!(refused, Err(MetadataError::KindReserved)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetadataUpdate {
    kind: Arc<str>,
    operation: MetadataOperation,
    values: Json,
}

/// An update that came with an op.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpMetadata {
    /// What it is about.
    pub scope: MetadataScope,
    /// What is to be done, or why it is not: that fails no op.
    pub update: Result<MetadataUpdate, RefusedMetadata>,
}

/// An update that is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("metadata of the kind {kind:?}: {error}")]
pub struct RefusedMetadata {
    /// Its kind, cut off at the limit; empty if it names none.
    pub kind: String,
    /// What is wrong with it.
    pub error: MetadataError,
}

/// What is wrong with an update.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MetadataError {
    /// Not an object, or a member is missing or of another type.
    #[error("it needs a text \"kind\", a text \"op\" and an object \"values\"")]
    Shape,
    /// The kind is empty, too long, or has control characters.
    #[error("a kind has 1 to {METADATA_KIND_MAX} bytes and no control characters")]
    Kind,
    /// One of the reserved kinds that only the server writes, or that do not exist.
    #[error("kinds that begin with \"inngest.\" are reserved; \"userland.<name>\" is free")]
    KindReserved,
    /// No operation.
    #[error("op must be \"merge\", \"set\", \"delete\" or \"add\", not {0:?}")]
    Operation(String),
    /// The values are too long.
    #[error("its values are {size} bytes, over the limit of {METADATA_UPDATE_MAX}")]
    TooLarge {
        /// How long they are, in canonical form.
        size: usize,
    },
    /// A value to add that is no number.
    #[error("{0:?} is no number, so it can't be added")]
    NotANumber(String),
    /// A score that is none.
    #[error(transparent)]
    Score(#[from] ScoreError),
}

impl MetadataUpdate {
    /// An update of an app or a client.
    ///
    /// # Errors
    ///
    /// See [`MetadataError`].
    pub fn new(
        kind: &str,
        operation: MetadataOperation,
        values: Json,
    ) -> Result<Self, MetadataError> {
        let is_written_as_text = !kind.is_empty() && !kind.chars().any(char::is_control);
        if !is_written_as_text || kind.len() > METADATA_KIND_MAX {
            return Err(MetadataError::Kind);
        }
        if kind.starts_with(RESERVED) && !WRITABLE.contains(&kind) {
            return Err(MetadataError::KindReserved);
        }
        if !values.is_object() {
            return Err(MetadataError::Shape);
        }
        if values.len() > METADATA_UPDATE_MAX {
            let size = values.len();
            return Err(MetadataError::TooLarge { size });
        }
        if kind == self::kind::SCORE {
            score::check(operation, &values)?;
        }
        if operation == MetadataOperation::Add
            && let Some((name, _)) = values
                .members()
                .find(|(_, value)| value.to_number().is_none())
        {
            return Err(MetadataError::NotANumber(name));
        }
        Ok(Self::by_server(kind, operation, values))
    }

    /// An update that the server itself makes.
    pub fn by_server(kind: &str, operation: MetadataOperation, values: Json) -> Self {
        Self {
            kind: Arc::from(kind),
            operation,
            values,
        }
    }

    /// What is noted, such as `userland.default`.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// What becomes of the values that are there.
    pub fn operation(&self) -> MetadataOperation {
        self.operation
    }

    /// An object. Of a `Delete` only the names count.
    pub fn values(&self) -> &Json {
        &self.values
    }

    /// Reads `{kind, op, values}`; other members are ignored (ME-7).
    fn from_node(node: Node<'_, '_>) -> Result<Self, RefusedMetadata> {
        let kind = node.member_text("kind").unwrap_or_default();
        let refused = |error| RefusedMetadata {
            kind: beginning(&kind).to_owned(),
            error,
        };
        let read = || {
            let operation = node.member_text("op").ok_or(MetadataError::Shape)?;
            let values = node.member("values").ok_or(MetadataError::Shape)?;
            let operation = MetadataOperation::parse(&operation)
                .ok_or_else(|| MetadataError::Operation(beginning(&operation).to_owned()))?;
            if node.member_text("kind").is_none() {
                return Err(MetadataError::Shape);
            }
            Self::new(&kind, operation, values.to_json())
        };
        read().map_err(refused)
    }
}

impl OpMetadata {
    /// What an op carries: its `metadata`, and the mark of the experiment that it is part of.
    pub(crate) fn of_op(op: Node<'_, '_>) -> Vec<Self> {
        let carried = op.member("metadata").into_iter().flat_map(Node::items);
        let carried = carried.map(|node| Self {
            scope: MetadataScope::parse(&node.member_text("scope").unwrap_or_default()),
            update: MetadataUpdate::from_node(node),
        });
        carried.chain(Self::of_variant(op)).collect()
    }

    /// ME-11: steps of a variant say in their options which one that is.
    fn of_variant(op: Node<'_, '_>) -> Option<Self> {
        const MEMBERS: [(&str, &str); 3] = [
            ("experimentName", "name"),
            ("variant", "variant"),
            ("selectionStrategy", "selection_strategy"),
        ];
        let opts = op.member("opts")?;
        opts.member_text("experimentName")?;
        let values = MEMBERS.iter().filter_map(|(option, name)| {
            let text = opts.member_text(option)?;
            Some((*name, Json::string(&text)))
        });
        let operation = MetadataOperation::Merge;
        let update = MetadataUpdate::new(kind::EXPERIMENT, operation, Json::object(values));
        Some(Self {
            scope: MetadataScope::Step,
            update: update.map_err(|error| RefusedMetadata {
                kind: kind::EXPERIMENT.to_owned(),
                error,
            }),
        })
    }
}

/// As much of a text as a kind may have of bytes.
fn beginning(text: &str) -> &str {
    let mut end = text.len().min(METADATA_KIND_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
