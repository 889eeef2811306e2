//! JSON as canonical text.
//!
//! Owns the canonical form (RFC 8785) and the one JSON reader of this crate. Knows nothing of what
//! the texts mean.

mod parser;
mod scan;
pub(crate) mod text;
pub(crate) mod tree;

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

pub use self::tree::{Node, Shape, Tree};

/// A JSON value as canonical text (RFC 8785): no insignificant white space, object members sorted
/// by UTF-16 code units, numbers printed as ECMAScript prints doubles. Cheap to clone.
///
/// User payloads are brought into this form once, when they enter the server. Stored bytes are
/// then copied into call requests as they are, and the signature over such a request is the
/// signature over its canonical form (sdk-protocol §1.5).
///
/// ```
/// use everstep_protocol::Json;
///
/// let json = Json::parse(br#"{ "b": 1.0, "a": 12345678901234567890 }"#)?;
/// assert_eq!(json.as_str(), r#"{"a":12345678901234567000,"b":1}"#);
/// # Ok::<(), everstep_protocol::json::JsonError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Json(Arc<str>);

impl Json {
    /// Trusts that `text` is canonical: for texts that this process or an earlier one made with
    /// [`Json`] and stored.
    pub fn from_canonical(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }

    /// Reads any JSON text and brings it into canonical form.
    ///
    /// Of members with equal names the last one wins. Numbers become IEEE doubles. A lone surrogate
    /// (`"\ud800"`) becomes U+FFFD.
    ///
    /// # Errors
    ///
    /// A text that is not JSON, not UTF-8, nested deeper than
    /// [`JSON_DEPTH_MAX`](crate::limits::JSON_DEPTH_MAX), or holds a number beyond the doubles.
    pub fn parse(bytes: &[u8]) -> Result<Self, JsonError> {
        Ok(Tree::parse(bytes)?.root().to_json())
    }

    /// The canonical form of a serde_json value.
    pub fn from_value(value: &serde_json::Value) -> Self {
        // The text of a `Value` is JSON; it can only be nested too deeply, or hold an integer
        // beyond the doubles (feature `arbitrary_precision`, which is off).
        Self::parse(value.to_string().as_bytes()).unwrap_or_default()
    }

    /// A JSON string.
    pub fn string(text: &str) -> Self {
        let mut out = String::with_capacity(text.len() + 2);
        text::push_quoted(text, &mut out);
        Self::from_canonical(out)
    }

    /// A JSON integer; beyond ±2^53 it is rounded to a double.
    pub fn integer(number: i64) -> Self {
        if number.unsigned_abs() <= 1 << 53 {
            return Self::from_canonical(number.to_string());
        }
        #[expect(clippy::cast_precision_loss, reason = "JSON numbers are doubles")]
        Self::from_canonical(ryu_js::Buffer::new().format_finite(number as f64))
    }

    /// A JSON number; `None` if it is not finite.
    pub fn number(number: f64) -> Option<Self> {
        let text = || ryu_js::Buffer::new().format_finite(number).to_owned();
        number.is_finite().then(|| Self::from_canonical(text()))
    }

    /// A JSON object of the given members, which need not be sorted. Of equal names the last wins.
    pub fn object<'a>(members: impl IntoIterator<Item = (&'a str, Self)>) -> Self {
        let mut members: Vec<_> = members.into_iter().collect();
        members.sort_by(|a, b| text::compare(a.0, b.0));
        let mut out = String::from("{");
        for (index, (name, value)) in members.iter().enumerate() {
            if members.get(index + 1).is_some_and(|next| next.0 == *name) {
                continue;
            }
            if out.len() > 1 {
                out.push(',');
            }
            text::push_quoted(name, &mut out);
            out.push(':');
            out.push_str(value.as_str());
        }
        out.push('}');
        Self::from_canonical(out)
    }

    /// A JSON array of the given elements.
    pub fn array<'a>(items: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut out = String::from("[");
        for item in items {
            if out.len() > 1 {
                out.push(',');
            }
            out.push_str(item.as_str());
        }
        out.push(']');
        Self::from_canonical(out)
    }

    /// The value `null`.
    pub fn null() -> Self {
        Self(Arc::from("null"))
    }

    /// The canonical text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The canonical text, shared.
    pub fn as_shared(&self) -> &Arc<str> {
        &self.0
    }

    /// Size of the text in bytes.
    #[expect(clippy::len_without_is_empty, reason = "a JSON text is never empty")]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether this is `null`.
    pub fn is_null(&self) -> bool {
        &*self.0 == "null"
    }

    /// Whether this is an object.
    pub fn is_object(&self) -> bool {
        self.0.starts_with('{')
    }

    /// Whether this is an array.
    pub fn is_array(&self) -> bool {
        self.0.starts_with('[')
    }

    /// The value as serde_json holds it. Null if a trusted text ([`Json::from_canonical`]) is not
    /// JSON.
    pub fn to_value(&self) -> serde_json::Value {
        match Tree::parse_prefix(&self.0, 0) {
            Ok((tree, _)) => tree.root().to_value(),
            Err(_) => serde_json::Value::Null,
        }
    }

    /// The value, parsed once, for whoever looks at much of it. `null` if a trusted text
    /// ([`Json::from_canonical`]) is not JSON.
    ///
    /// ```
    /// use everstep_protocol::Json;
    /// use everstep_protocol::json::Shape;
    ///
    /// let json = Json::parse(br#"[7.50]"#)?;
    /// let tree = json.tree();
    /// let first = tree.root().items().next();
    /// assert!(matches!(first.map(|item| item.shape()), Some(Shape::Number("7.5"))));
    /// # Ok::<(), everstep_protocol::json::JsonError>(())
    /// ```
    pub fn tree(&self) -> Tree<'_> {
        Tree::parse_prefix(&self.0, 0)
            .or_else(|_| Tree::parse_prefix("null", 0))
            .map(|(tree, _)| tree)
            .expect("null is JSON")
    }

    /// The member `name` of an object; `None` for other kinds.
    pub fn member(&self, name: &str) -> Option<Self> {
        scan::members(&self.0)
            .find(|(key, _)| text::unquote(key) == name)
            .map(|(_, value)| Self::from_canonical(value))
    }

    /// The text of the member `name`, if this is an object and the member a string.
    pub fn member_text(&self, name: &str) -> Option<String> {
        self.member(name)?.to_text()
    }

    /// The value of a string; `None` for other kinds.
    pub fn to_text(&self) -> Option<String> {
        self.0
            .starts_with('"')
            .then(|| text::unquote(&self.0).into_owned())
    }

    /// The value of a number; `None` for other kinds.
    pub fn to_number(&self) -> Option<f64> {
        let is_number = self
            .0
            .starts_with(|first: char| first == '-' || first.is_ascii_digit());
        is_number.then(|| self.0.parse().ok()).flatten()
    }

    /// The members of an object in canonical order; nothing for other kinds.
    pub fn members(&self) -> impl Iterator<Item = (String, Self)> {
        scan::members(&self.0)
            .map(|(key, value)| (text::unquote(key).into_owned(), Self::from_canonical(value)))
    }

    /// The elements of an array; nothing for other kinds.
    pub fn items(&self) -> impl Iterator<Item = Self> {
        scan::items(&self.0).map(Self::from_canonical)
    }
}

impl Default for Json {
    fn default() -> Self {
        Self::null()
    }
}

impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Copies the text into serde_json output; other formats get a wrapped text.
impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let raw: &RawValue = serde_json::from_str(&self.0).map_err(serde::ser::Error::custom)?;
        raw.serialize(serializer)
    }
}

/// Reads any value of serde_json input and brings it into canonical form.
impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        Self::parse(raw.get().as_bytes()).map_err(serde::de::Error::custom)
    }
}

/// A text that is not JSON, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} at line {line} column {column}")]
pub struct JsonError {
    /// What is wrong, such as `expected ':'`.
    pub what: &'static str,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

impl JsonError {
    pub(crate) fn at(input: &str, at: usize, what: &'static str) -> Self {
        // An error at a broken escape can lie before a multi-byte character.
        let before = &input.as_bytes()[..at.min(input.len())];
        let line_start = before
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |at| at + 1);
        Self {
            what,
            line: before.iter().filter(|byte| **byte == b'\n').count() + 1,
            column: String::from_utf8_lossy(&before[line_start..])
                .chars()
                .count()
                + 1,
        }
    }
}
