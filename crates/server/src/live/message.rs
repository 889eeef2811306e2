//! What clients and the server say to each other.

use axum::extract::ws::Utf8Bytes;
use everstep_protocol::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::cursor::{Cursor, CursorError};
use super::topic::{Topic, TopicError};
use crate::routes::Code;

/// What a client asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Request {
    /// Follow a topic, from the cursor on if there is one.
    Follow(Topic, Option<Cursor>),
    Leave(Topic),
}

/// Why a client is not given what it asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    #[error(
        "the message is not JSON of the form {{\"sub\": topic, \"cursor\"?: cursor}} or {{\"unsub\": topic}}: {0}"
    )]
    Form(String),
    #[error("a message has at most {limit} bytes, this one has {size}")]
    TooLong { size: usize, limit: usize },
    #[error(transparent)]
    Topic(#[from] TopicError),
    #[error(transparent)]
    Cursor(#[from] CursorError),
    #[error("{0} does not exist")]
    NotFound(Topic),
    #[error("a connection follows at most {limit} topics")]
    TooManyTopics { limit: usize },
    #[error("the store is unavailable; ask again later")]
    Unavailable,
}

/// Of which kind a message of a topic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MessageKind {
    /// What there is now. Of topics that are lists: nothing; clients read them, as far as they
    /// show them.
    Snapshot,
    /// Rows that were touched, as they are now.
    Delta,
    /// More was touched than is told: what the client has of the topic is old.
    Gap,
}

/// A message of a topic, the same for all who follow it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Message {
    pub(crate) topic: Topic,
    pub(crate) kind: MessageKind,
    /// What the client has with this message.
    pub(crate) cursor: Cursor,
    pub(crate) text: Utf8Bytes,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RequestBody {
    sub: Option<String>,
    unsub: Option<String>,
    cursor: Option<String>,
}

impl Request {
    pub(super) fn parse(text: &str) -> Result<Self, Refusal> {
        let body: RequestBody =
            serde_json::from_str(text).map_err(|error| Refusal::Form(error.to_string()))?;
        match body {
            RequestBody {
                sub: Some(topic),
                unsub: None,
                cursor,
            } => {
                let cursor = cursor.map(|cursor| cursor.parse()).transpose()?;
                Ok(Self::Follow(topic.parse()?, cursor))
            }
            RequestBody {
                sub: None,
                unsub: Some(topic),
                cursor: None,
            } => Ok(Self::Leave(topic.parse()?)),
            RequestBody { .. } => Err(Refusal::Form("it has other members".to_owned())),
        }
    }
}

impl Refusal {
    /// As the v2 API names it (http-api §8.1).
    pub(crate) fn code(&self) -> Code {
        match self {
            Self::Form(_) | Self::TooLong { .. } => Code::InvalidRequest,
            Self::Topic(_) | Self::Cursor(_) => Code::InvalidFieldFormat,
            Self::NotFound(_) => Code::NotFound,
            Self::TooManyTopics { .. } => Code::ValidationError,
            Self::Unavailable => Code::InternalError,
        }
    }

    pub(super) fn text(&self) -> Utf8Bytes {
        let message = self.to_string();
        json!({ "kind": "error", "code": self.code(), "message": message })
            .to_string()
            .into()
    }
}

/// A sign of life, with the time by which clients tell the age of what they show.
pub(super) fn heartbeat(now: Timestamp) -> Utf8Bytes {
    json!({ "kind": "heartbeat", "at": now.to_string() })
        .to_string()
        .into()
}

impl MessageKind {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Snapshot => "snapshot",
            Self::Delta => "delta",
            Self::Gap => "gap",
        }
    }
}

impl Message {
    pub(super) fn new(topic: Topic, kind: MessageKind, cursor: Cursor, rows: Vec<Value>) -> Self {
        let mut body = json!({
            "topic": topic.to_string(),
            "kind": kind.as_str(),
            "cursor": cursor.to_string(),
        });
        if kind != MessageKind::Gap {
            body["data"] = rows.into();
        }
        let text = body.to_string().into();
        Self {
            topic,
            kind,
            cursor,
            text,
        }
    }

    pub(super) fn gap(topic: Topic, cursor: Cursor) -> Self {
        Self::new(topic, MessageKind::Gap, cursor, Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_read() {
        let cursor = Cursor { epoch: 1, place: 2 };
        let follow = format!(r#"{{"sub":"runs","cursor":"{cursor}"}}"#);
        let cases = [
            (r#"{"sub":"runs"}"#, Request::Follow(Topic::Runs, None)),
            (&follow, Request::Follow(Topic::Runs, Some(cursor))),
            (r#"{"unsub":"flow"}"#, Request::Leave(Topic::Flow)),
        ];
        for (text, request) in cases {
            assert_eq!(Request::parse(text), Ok(request), "{text}");
        }
    }

    #[test]
    fn what_is_no_request_is_refused_with_the_reason() {
        let cases = [
            ("sub runs", Code::InvalidRequest, "expected value at line 1"),
            ("[]", Code::InvalidRequest, "invalid length 0"),
            ("{}", Code::InvalidRequest, "it has other members"),
            (
                r#"{"sub":1}"#,
                Code::InvalidRequest,
                "invalid type: integer",
            ),
            (
                r#"{"subscribe":"runs"}"#,
                Code::InvalidRequest,
                "unknown field `subscribe`",
            ),
            (
                r#"{"sub":"runs","unsub":"runs"}"#,
                Code::InvalidRequest,
                "it has other members",
            ),
            (
                r#"{"unsub":"runs","cursor":"1-1"}"#,
                Code::InvalidRequest,
                "it has other members",
            ),
            (
                r#"{"sub":"jobs"}"#,
                Code::InvalidFieldFormat,
                "\"jobs\" is no topic: one of runs,",
            ),
            (
                r#"{"sub":"runs","cursor":"7"}"#,
                Code::InvalidFieldFormat,
                "the cursor is not one",
            ),
        ];
        for (text, code, message) in cases {
            let refusal = Request::parse(text).unwrap_err();
            assert_eq!(refusal.code(), code, "{text}");
            assert!(refusal.to_string().contains(message), "{text}: {refusal}");
        }
    }
}
