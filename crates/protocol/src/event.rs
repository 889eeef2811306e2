//! Events as users send them and as SDKs read them (sdk-protocol §8, server-semantics §1).
//!
//! Owns what a valid event is. Does not know who is triggered by it.

mod seed;
mod sessions;

pub use self::seed::EventSeed;

use std::borrow::Cow;

use crate::json::JsonError;
use crate::json::tree::{Kind, Node, Tree, skip_space, utf8};
use crate::limits::{
    EVENT_MAX, EVENT_NAME_MAX, EVENT_TS_MAX_MS, EVENT_TS_MIN_MS, EVENTS_PER_REQUEST_MAX,
};
use crate::{EventId, Json, Timestamp};

/// Member of `data` that only the server may set (EV-3).
const RESERVED_MEMBER: &str = "_inngest";
/// Event names that only the server may use start with this, in any case (EV-2).
const RESERVED_PREFIX: &str = "inngest/";

/// An event as a user sent it, checked and brought into normal form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventInput {
    /// Never empty.
    pub name: String,
    /// The `id` that the user gave: a deduplication key, not the event's identity.
    pub user_id: Option<String>,
    /// `None` means the time of receipt.
    pub ts: Option<Timestamp>,
    /// An object without `_inngest`.
    pub data: Json,
    /// An object.
    pub user: Json,
    /// Schema version.
    pub v: Option<String>,
    /// `{"sessions": {…}}` if the event has sessions (EV-40, EV-41).
    pub meta: Option<Json>,
}

/// What a request to the event API holds. Requests are not atomic: the events before the first bad
/// one count (EV-5).
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct ParsedEvents {
    /// The events before the first bad one, in the order of the request.
    pub accepted: Vec<EventInput>,
    /// What is wrong with the first bad one, or with the request.
    pub error: Option<EventError>,
}

/// Why an event was refused. The texts are those that deployed servers answer with, where known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EventError {
    /// Neither JSON object nor array.
    #[error("Request body must contain an event object or an array of event objects")]
    NotEvents,
    /// An element of the array is not an object.
    #[error("an event must be an object, not {0}")]
    NotObject(&'static str),
    /// JSON that breaks off or is malformed.
    #[error("Request body is not valid JSON: {0}")]
    Json(JsonError),
    /// No name.
    #[error("event name is empty")]
    NameEmpty,
    /// A name of the server.
    #[error("event name is reserved for internal use: {0}")]
    NameReserved(String),
    /// Longer than [`EVENT_NAME_MAX`].
    #[error("event name is longer than {EVENT_NAME_MAX} characters")]
    NameTooLong,
    /// A member of the wrong type.
    #[error("event {member} must be {expected}, not {found}")]
    Type {
        /// Such as `data`.
        member: &'static str,
        /// Such as `an object`.
        expected: &'static str,
        /// Such as `an array`.
        found: &'static str,
    },
    /// `ts` is too early.
    #[error("timestamp is before Jan 1, 1980")]
    TsTooEarly,
    /// `ts` is too late.
    #[error("timestamp is after Jan 1, 2100")]
    TsTooLate,
    /// Longer than [`EVENT_MAX`].
    #[error("Event is over the max size: Max {EVENT_MAX} bytes / Size {0} bytes")]
    TooLarge(usize),
    /// More events than [`EVENTS_PER_REQUEST_MAX`].
    #[error("a request holds at most {EVENTS_PER_REQUEST_MAX} events")]
    TooMany,
    /// Sessions against EV-40.
    #[error("{0}")]
    Sessions(String),
}

/// Reads the body of `POST /e/{key}`: an array of events or a single one. An empty body holds no
/// events and is no error (EV-7). Forms and other texts are refused.
///
/// ```
/// # use everstep_protocol::event::parse_events;
/// let parsed = parse_events(br#"[{"name":"shop/order"},{"name":""}]"#);
/// assert_eq!(parsed.accepted.len(), 1);
/// assert_eq!(parsed.error.unwrap().to_string(), "event name is empty");
/// ```
pub fn parse_events(body: &[u8]) -> ParsedEvents {
    let mut parsed = ParsedEvents::default();
    parsed.error = collect_events(body, &mut parsed.accepted).err();
    parsed
}

fn collect_events(body: &[u8], accepted: &mut Vec<EventInput>) -> Result<(), EventError> {
    if body.trim_ascii().is_empty() {
        return Ok(());
    }
    let start = skip_space(body, 0);
    if !matches!(body[start..].first(), Some(b'{' | b'[')) {
        return Err(EventError::NotEvents);
    }
    let text = utf8(body).map_err(EventError::Json)?;
    let mut at = start;
    if body[start] == b'{' {
        at = read_event(text, at, accepted)?;
    } else {
        at += 1;
        // Element by element, so that the events before a syntax error count too.
        while let Some(element) = next_element(text, at, accepted.is_empty())? {
            at = read_event(text, element, accepted)?;
        }
        at = skip_space(body, skip_space(body, at) + 1);
    }
    match skip_space(body, at) {
        end if end >= body.len() => Ok(()),
        end => Err(EventError::Json(JsonError::at(
            text,
            end,
            "text after the end of the value",
        ))),
    }
}

/// Where the next element of an array starts, `at` being after `[` or after an element; `None` if
/// the array ends.
fn next_element(text: &str, at: usize, first: bool) -> Result<Option<usize>, EventError> {
    let at = skip_space(text.as_bytes(), at);
    match text.as_bytes().get(at) {
        Some(b']') => Ok(None),
        Some(b',') if !first => Ok(Some(at + 1)),
        Some(_) if first => Ok(Some(at)),
        Some(_) => Err(EventError::Json(JsonError::at(
            text,
            at,
            "expected ',' or ']'",
        ))),
        None => Err(EventError::Json(JsonError::at(
            text,
            at,
            "unexpected end of text",
        ))),
    }
}

fn read_event(text: &str, at: usize, accepted: &mut Vec<EventInput>) -> Result<usize, EventError> {
    let (tree, end) = Tree::parse_prefix(text, at).map_err(EventError::Json)?;
    let event = EventInput::from_node(tree.root())?;
    if accepted.len() == EVENTS_PER_REQUEST_MAX {
        return Err(EventError::TooMany);
    }
    accepted.push(event);
    Ok(end)
}

impl EventInput {
    /// An event of the server itself, or of a test: a name and data, and nothing else.
    pub fn new(name: &str, data: Json) -> Self {
        Self {
            name: name.to_owned(),
            user_id: None,
            ts: None,
            data,
            user: empty_object(),
            v: None,
            meta: None,
        }
    }

    /// Reads a user's event.
    ///
    /// # Errors
    ///
    /// See [`EventError`].
    pub fn parse(json: &Json) -> Result<Self, EventError> {
        let tree = Tree::parse(json.as_str().as_bytes()).map_err(EventError::Json)?;
        Self::from_node(tree.root())
    }

    /// Reads the body of an invoke request: an event whose name does not matter (http-api §2.2).
    /// The result has the given name, which may be a reserved one.
    ///
    /// # Errors
    ///
    /// See [`EventError`].
    pub fn parse_invocation(body: &[u8], name: &str) -> Result<Self, EventError> {
        let tree = Tree::parse(body).map_err(EventError::Json)?;
        Self::read(tree.root(), Cow::Borrowed(name))
    }

    fn from_node(node: Node<'_, '_>) -> Result<Self, EventError> {
        if !node.is_object() {
            return Err(EventError::NotObject(kind_name(node)));
        }
        let name = text(node, "name")?.unwrap_or_default();
        check_name(&name)?;
        Self::read(node, name)
    }

    pub(crate) fn read(node: Node<'_, '_>, name: Cow<'_, str>) -> Result<Self, EventError> {
        if !node.is_object() {
            return Err(EventError::NotObject(kind_name(node)));
        }
        let event = Self {
            name: name.into_owned(),
            user_id: text(node, "id")?
                .filter(|id| !id.is_empty())
                .map(Cow::into_owned),
            ts: timestamp(node)?,
            data: object(node, "data", &[RESERVED_MEMBER])?,
            user: object(node, "user", &[])?,
            v: text(node, "v")?
                .filter(|v| !v.is_empty())
                .map(Cow::into_owned),
            meta: sessions::read(node.present("meta"))?,
        };
        match event.size() {
            size if size > EVENT_MAX => Err(EventError::TooLarge(size)),
            _ => Ok(event),
        }
    }

    /// Length of the payload in bytes, but for id and time.
    fn size(&self) -> usize {
        const NAMES: usize = r#"{"data":,"id":"","name":"","ts":,"user":}"#.len();
        NAMES
            + self.name.len()
            + self.user_id.as_ref().map_or(0, String::len)
            + self.data.len()
            + self.user.len()
            + self.meta.as_ref().map_or(0, Json::len)
    }

    /// The canonical event object as SDKs read it: `id` is the user's or else the internal one,
    /// `ts` an integer, `user` present, `v` and `meta` only if set (sdk-protocol §4.1).
    pub fn payload(&self, id: EventId, now: Timestamp) -> Json {
        let internal;
        let id = match &self.user_id {
            Some(id) => id,
            None => {
                internal = id.to_string();
                &internal
            }
        };
        let ts = self.ts.unwrap_or(now).as_millis();
        let mut members = vec![
            ("data", self.data.clone()),
            ("id", Json::string(id)),
            ("name", Json::string(&self.name)),
            ("ts", Json::integer(ts)),
            ("user", self.user.clone()),
        ];
        members.extend(self.v.as_ref().map(|v| ("v", Json::string(v))));
        members.extend(self.meta.as_ref().map(|meta| ("meta", meta.clone())));
        Json::object(members)
    }
}

/// What is stored of the `meta` of an event: `{"sessions": {…}}`, or nothing (EV-40, EV-41).
pub(crate) fn sessions_of(meta: &Json) -> Result<Option<Json>, EventError> {
    let tree = meta.tree();
    let meta = tree.root();
    sessions::read(Some(meta).filter(|meta| !meta.is_null()))
}

fn check_name(name: &str) -> Result<(), EventError> {
    if name.is_empty() {
        return Err(EventError::NameEmpty);
    }
    let prefix = name.as_bytes().get(..RESERVED_PREFIX.len());
    if prefix.is_some_and(|prefix| prefix.eq_ignore_ascii_case(RESERVED_PREFIX.as_bytes())) {
        return Err(EventError::NameReserved(name.to_owned()));
    }
    if name.chars().count() > EVENT_NAME_MAX {
        return Err(EventError::NameTooLong);
    }
    Ok(())
}

fn text<'t>(node: Node<'t, '_>, member: &'static str) -> Result<Option<Cow<'t, str>>, EventError> {
    match node.present(member) {
        None => Ok(None),
        Some(value) => match value.as_text() {
            Some(text) => Ok(Some(text)),
            None => Err(wrong_type(member, "a text", value)),
        },
    }
}

/// An object member without some of its members; `{}` if it is absent or null.
fn object(node: Node<'_, '_>, member: &'static str, without: &[&str]) -> Result<Json, EventError> {
    let Some(value) = node.present(member) else {
        return Ok(empty_object());
    };
    if !value.is_object() {
        return Err(wrong_type(member, "an object", value));
    }
    if without.iter().all(|name| value.member(name).is_none()) {
        return Ok(value.to_json());
    }
    let kept: Vec<_> = value
        .members()
        .filter(|(name, _)| !without.contains(&name.as_ref()))
        .collect();
    Ok(Json::object(
        kept.iter()
            .map(|(name, value)| (name.as_ref(), value.to_json())),
    ))
}

fn timestamp(node: Node<'_, '_>) -> Result<Option<Timestamp>, EventError> {
    let Some(value) = node.present("ts") else {
        return Ok(None);
    };
    match value.as_f64() {
        None => Err(wrong_type("ts", "an integer", value)),
        Some(0.0) => Ok(None),
        // Infinitely early or late for an i64 is too early or late for an event.
        #[expect(clippy::cast_precision_loss, reason = "both bounds are exact")]
        Some(ts) if ts < EVENT_TS_MIN_MS as f64 => Err(EventError::TsTooEarly),
        #[expect(clippy::cast_precision_loss, reason = "both bounds are exact")]
        Some(ts) if ts > EVENT_TS_MAX_MS as f64 => Err(EventError::TsTooLate),
        Some(_) => match value.as_i64() {
            Some(ts) => Ok(Some(Timestamp::from_millis(ts))),
            None => Err(wrong_type("ts", "an integer", value)),
        },
    }
}

fn empty_object() -> Json {
    Json::from_canonical("{}")
}

fn wrong_type(member: &'static str, expected: &'static str, found: Node<'_, '_>) -> EventError {
    EventError::Type {
        member,
        expected,
        found: kind_name(found),
    }
}

fn kind_name(node: Node<'_, '_>) -> &'static str {
    match node.kind() {
        Kind::Null => "null",
        Kind::True | Kind::False => "a boolean",
        Kind::Number | Kind::NumberRewritten => "a number",
        Kind::Text | Kind::TextRewritten => "a text",
        Kind::Array => "an array",
        Kind::Object => "an object",
    }
}
