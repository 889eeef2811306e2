//! Defers: functions that a run wants started when it ends (connect-realtime §4).
//!
//! Owns what a `DeferAdd` must look like and the id of the event that it becomes. Does not know how
//! many defers a run has, nor when the event is sent.

use crate::event;
use crate::limits::{DEFER_INPUT_MAX, META_MAX};
use crate::op::Op;
use crate::{DeferId, Json};

/// Name of the event that a defer becomes when its run ends.
pub const DEFERRED_EVENT: &str = "inngest/deferred.schedule";

/// What a `DeferAdd` asks for. One that can't be done is rejected, which never fails its run (DE-5).
///
/// ```
/// # use everstep_protocol::defer::DeferRequest;
/// # use everstep_protocol::op::Op;
/// let ops = Op::parse_all(
///     br#"{"op":"DeferAdd","id":"ee17","name":"d1","opts":{"fn_slug":"shop-mail","input":{"to":"a@b"}}}"#,
/// )?;
/// let request = DeferRequest::read(&ops[0]);
/// assert_eq!(request.function_slug, "shop-mail");
/// assert_eq!(request.payload.unwrap().input.as_str(), r#"{"to":"a@b"}"#);
/// # Ok::<(), everstep_protocol::op::OpError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeferRequest {
    /// The hashed id.
    pub id: DeferId,
    /// The id that the user wrote, or the name that stands for it.
    pub name: String,
    /// Composite id of the function to start; empty if the op names none.
    pub function_slug: String,
    /// What it is started with, or why it can't be.
    pub payload: Result<DeferPayload, DeferRejection>,
}

/// What the deferred function is started with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeferPayload {
    /// An object: the `data` of the event, but for `_inngest`.
    pub input: Json,
    /// `{"sessions": {…}}`, if the event is to have sessions.
    pub meta: Option<Json>,
}

/// Why a defer was rejected (DE-5). That a run has too many of them is no reason here: it leaves no
/// trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DeferRejection {
    /// The input is longer than [`DEFER_INPUT_MAX`].
    PerDeferSize,
    /// With this input, those of the run would be longer than [`DEFER_INPUT_MAX`] together.
    AggregateSize,
    /// `meta` is longer than [`META_MAX`].
    MetaSize,
    /// `meta` is no object, or its sessions are against EV-40.
    InvalidMeta,
    /// There is no input, or it is no object.
    InvalidInput,
    /// There are no `opts`, or they name no function.
    InvalidOpts,
}

impl DeferRequest {
    /// Reads a `DeferAdd`.
    pub fn read(op: &Op) -> Self {
        let function_slug = op.opt("fn_slug").and_then(|slug| slug.to_text());
        let function_slug = function_slug.unwrap_or_default();
        let payload = if function_slug.is_empty() {
            Err(DeferRejection::InvalidOpts)
        } else {
            DeferPayload::read(op)
        };
        Self {
            id: DeferId::of(&op.id),
            name: op.userland_id.as_deref().unwrap_or(op.title()).to_owned(),
            function_slug,
            payload,
        }
    }
}

impl DeferPayload {
    fn read(op: &Op) -> Result<Self, DeferRejection> {
        let input = op.opt("input").filter(Json::is_object);
        let input = input.ok_or(DeferRejection::InvalidInput)?;
        if input.len() > DEFER_INPUT_MAX {
            return Err(DeferRejection::PerDeferSize);
        }
        let meta = match op.opt("meta") {
            Some(meta) if meta.len() > META_MAX => return Err(DeferRejection::MetaSize),
            Some(meta) => event::sessions_of(&meta).map_err(|_| DeferRejection::InvalidMeta)?,
            None => None,
        };
        Ok(Self { input, meta })
    }
}

/// The defer that a `DeferAbort` takes back; `None` if it names none.
pub fn abort_target(op: &Op) -> Option<DeferId> {
    let target = op.opt("target_hashed_id")?.to_text()?;
    Some(DeferId::new(target))
}
