//! One reason why something does not go on.

use std::time::Duration;

use everstep_protocol::{Json, Timestamp};
use serde::Serialize;
use serde_json::Value;

/// A reason as clients see it.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Reason {
    pub(super) kind: &'static str,
    /// Part of a sentence, for people.
    pub(super) text: String,
    /// Display name of the step that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) step: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) since: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) until: Option<String>,
    /// Calls of the same function and key that go first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) position: Option<usize>,
    /// How long that may take, by how long calls took lately.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) estimate_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) limit: Option<Value>,
    /// One-based.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) attempt: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) max_attempts: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<Json>,
    /// Why the run was skipped, and the evidence: which run there was, of a singleton.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) skip: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) condition: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) near_misses: Vec<Value>,
}

impl Reason {
    pub(super) fn new(kind: &'static str, text: impl Into<String>) -> Self {
        Self {
            kind,
            text: text.into(),
            ..Self::default()
        }
    }

    #[must_use]
    pub(super) fn until(self, at: Timestamp) -> Self {
        Self {
            until: Some(at.to_string()),
            ..self
        }
    }

    #[must_use]
    pub(super) fn since(self, at: Timestamp) -> Self {
        Self {
            since: Some(at.to_string()),
            ..self
        }
    }
}

/// What all of them say, in one sentence.
pub(super) fn summary(subject: &str, reasons: &[Reason]) -> String {
    let texts: Vec<&str> = reasons.iter().map(|reason| reason.text.as_str()).collect();
    format!("{subject} {}.", texts.join("; and "))
}

pub(super) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
