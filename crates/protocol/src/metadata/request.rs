//! The body of `POST /v1/runs/{run}/metadata` (connect-realtime §5.1, ME-4).

use super::{MetadataUpdate, RefusedMetadata};
use crate::json::JsonError;
use crate::json::tree::{Node, Tree};
use crate::{RunId, SpanId, StepId};

/// What a client wants to be noted.
///
/// ```
/// # use everstep_protocol::metadata::MetadataRequest;
/// let request = MetadataRequest::parse(br#"{
///     "target": {"step_id": "resize", "step_index": 1},
///     "metadata": [{"kind": "userland.default", "op": "set", "values": {"files": 2}}]
/// }"#)?;
/// assert_eq!(request.target.step.unwrap().index, 1);
/// # Ok::<(), everstep_protocol::metadata::MetadataRequestError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetadataRequest {
    /// What it is about.
    pub target: TargetName,
    /// At least one.
    pub updates: Vec<MetadataUpdate>,
}

/// What metadata is about, as a client names it. The run, if it names nothing else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TargetName {
    /// The run, if the body names it too.
    pub run: Option<RunId>,
    /// A step of it.
    pub step: Option<StepName>,
    /// An attempt of the step, zero-based.
    pub attempt: Option<u32>,
    /// A span within the step.
    pub span: Option<SpanId>,
}

/// A step, as the user calls it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepName {
    /// The id that the user wrote, or what the SDK made of it.
    pub id: String,
    /// Which use of the id within the run, from zero.
    pub index: u32,
}

impl StepName {
    /// The step whose id the user wrote.
    pub fn derived(&self) -> StepId {
        StepId::derive(&self.id, self.index)
    }

    /// The step that has this very id, if it can be one: some SDKs hash ids themselves.
    pub fn hashed(&self) -> Option<StepId> {
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        let is_hash = self.id.len() == 40 && self.id.bytes().all(is_digit);
        is_hash.then(|| StepId::new(self.id.as_str()))
    }
}

/// A body that is no request for metadata.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MetadataRequestError {
    /// Not JSON.
    #[error("not JSON: {0}")]
    Json(#[from] JsonError),
    /// Not an object.
    #[error("the body must be an object with \"target\" and \"metadata\"")]
    Shape,
    /// `target` is no object.
    #[error("target must be an object")]
    Target,
    /// A member of `target` is not what it must be.
    #[error("target.{member} must be {what}")]
    Member {
        /// Its name.
        member: &'static str,
        /// What it must be.
        what: &'static str,
    },
    /// Something within a step, and no step.
    #[error("target.{0} needs target.step_id")]
    StepMissing(&'static str),
    /// Nothing to note.
    #[error("metadata must be an array of at least one update")]
    Updates,
    /// One of the updates is refused.
    #[error("metadata[{index}]: {refused}")]
    Refused {
        /// Its place in the array, from zero.
        index: usize,
        /// What is wrong with it.
        refused: RefusedMetadata,
    },
}

impl MetadataRequest {
    /// Reads the body of a request. Members that are not known are ignored.
    ///
    /// # Errors
    ///
    /// See [`MetadataRequestError`].
    pub fn parse(body: &[u8]) -> Result<Self, MetadataRequestError> {
        let tree = Tree::parse(body)?;
        let body = tree.root();
        if !body.is_object() {
            return Err(MetadataRequestError::Shape);
        }
        let target = match body.present("target") {
            Some(target) => TargetName::from_node(target)?,
            None => TargetName::default(),
        };
        let updates = body.member("metadata").filter(|updates| updates.is_array());
        let updates = updates.ok_or(MetadataRequestError::Updates)?.items();
        if updates.len() == 0 {
            return Err(MetadataRequestError::Updates);
        }
        let updates = updates.enumerate().map(|(index, node)| {
            MetadataUpdate::from_node(node)
                .map_err(|refused| MetadataRequestError::Refused { index, refused })
        });
        Ok(Self {
            target,
            updates: updates.collect::<Result<_, _>>()?,
        })
    }
}

impl TargetName {
    fn from_node(target: Node<'_, '_>) -> Result<Self, MetadataRequestError> {
        if !target.is_object() {
            return Err(MetadataRequestError::Target);
        }
        let run = id(target, "run_id", "a run id")?;
        let span = id(target, "span_id", "16 lower-case hex digits")?;
        let index = count(target, "step_index")?;
        let attempt = count(target, "step_attempt")?;
        let step = match target.present("step_id") {
            None => None,
            Some(step) => {
                let text = step.as_text().filter(|text| !text.is_empty());
                let text = text.ok_or(MetadataRequestError::Member {
                    member: "step_id",
                    what: "a text that is not empty",
                })?;
                Some(StepName {
                    id: text.into_owned(),
                    index: index.unwrap_or(0),
                })
            }
        };
        if step.is_none() {
            let within = [
                ("step_index", index.is_some()),
                ("step_attempt", attempt.is_some()),
                ("span_id", span.is_some()),
            ];
            if let Some((member, _)) = within.into_iter().find(|(_, is_given)| *is_given) {
                return Err(MetadataRequestError::StepMissing(member));
            }
        }
        Ok(Self {
            run,
            step,
            attempt,
            span,
        })
    }
}

/// A member that is the text of an id, if it is there.
fn id<T: std::str::FromStr>(
    target: Node<'_, '_>,
    member: &'static str,
    what: &'static str,
) -> Result<Option<T>, MetadataRequestError> {
    let Some(node) = target.present(member) else {
        return Ok(None);
    };
    let id = node.as_text().and_then(|text| text.parse().ok());
    id.map(Some)
        .ok_or(MetadataRequestError::Member { member, what })
}

/// A member that counts from zero, if it is there.
fn count(target: Node<'_, '_>, member: &'static str) -> Result<Option<u32>, MetadataRequestError> {
    let Some(node) = target.present(member) else {
        return Ok(None);
    };
    let number = node.as_i64().and_then(|number| u32::try_from(number).ok());
    number.map(Some).ok_or(MetadataRequestError::Member {
        member,
        what: "a whole number from 0",
    })
}
