//! Rows of errors: which run failed with which, and what people decided about those that are alike.

use std::fmt;
use std::sync::Arc;

use everstep_protocol::{FunctionId, RunId, StepId, Timestamp, UserError};

/// Names errors that are the same to a person: a hash over the function, the step, and the
/// fingerprint of the error.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ErrorGroupId(pub [u8; 16]);

impl ErrorGroupId {
    pub fn of(function: FunctionId, step: Option<&StepId>, error: &UserError) -> Self {
        let step = step.map_or("", StepId::as_str);
        Self(function.hash(&format!("{:016x} {step}", error.fingerprint())))
    }

    /// The inverse of its text.
    pub fn from_text(text: &str) -> Option<Self> {
        let is_hex = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = is_hex.then(|| u128::from_str_radix(text, 16).ok())?;
        Some(Self(number?.to_be_bytes()))
    }
}

/// 32 hex digits.
impl fmt::Display for ErrorGroupId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl fmt::Debug for ErrorGroupId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ErrorGroupId({self})")
    }
}

/// A run failed. It does so once, whatever commits are repeated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailureRecord {
    pub run: RunId,
    pub function: FunctionId,
    pub group: ErrorGroupId,
    /// The step that threw, if it is known.
    pub step: Option<StepId>,
    /// Such as `TypeError`.
    pub name: Arc<str>,
    /// To a maximum of bytes; the whole error is the output of the run.
    pub message: Arc<str>,
    pub at: Timestamp,
}

/// What someone decided about a group of errors. Whether that still holds follows from when an error
/// of the group was seen last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ErrorDecisionRecord {
    pub group: ErrorGroupId,
    pub decision: ErrorDecision,
    pub decided_at: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorDecision {
    /// To be looked after, as if nobody had decided anything.
    Open,
    /// It is mended: an error that is seen later opens the group again.
    Resolved,
    /// It is of no interest until then, or for ever.
    Ignored { until: Option<Timestamp> },
}
