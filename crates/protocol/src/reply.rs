//! What an app answered to a call, classified (sdk-protocol §5.1–5.4, §6.1).

use crate::op::Op;
use crate::{Json, Timestamp, UserError};

/// A call's answer, or the lack of one.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    pub outcome: Outcome,
    /// `x-inngest-req-version`, if the reply carried one (§4.3).
    pub request_version: Option<i8>,
    /// `x-inngest-no-retry`, or `noRetry` of a streamed GO reply; absent means retriable (§5.3).
    pub no_retry: Option<bool>,
    /// `retry-after`, resolved against the time of receipt and clamped (§5.3).
    pub retry_at: Option<Timestamp>,
    /// HTTP status (the inner one of a streamed reply); `None` when no response came.
    pub status: Option<u16>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// 206: ops, in the order of the reply.
    Ops(Vec<Op>),
    /// The function returned.
    Output(Json),
    /// The function, the app or the network failed.
    Error(UserError),
}
