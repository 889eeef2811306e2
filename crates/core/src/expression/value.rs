//! The values of expressions.
//!
//! Owns what values are, how JSON becomes one, and truthiness. Does not know operators.

use std::sync::Arc;

use everstep_protocol::json::{Node, Shape};
use jiff::SignedDuration;

/// A value. Cheap to clone.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// What a path that leads nowhere gives: neither null nor an error.
    Unknown,
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A whole number, also one that JSON writes as such.
    Int(i64),
    /// A whole number from `uint(…)` or `5u`.
    UInt(u64),
    /// Any other number.
    Double(f64),
    /// A string.
    Text(Arc<str>),
    /// `b"…"`
    Bytes(Arc<[u8]>),
    /// A list, or an array of JSON. Its elements are never unknown.
    List(Arc<[Value]>),
    /// A map, or an object of JSON. Its values are never unknown.
    Map(Map),
    /// An instant, from the year 1 to 9999.
    Timestamp(jiff::Timestamp),
    /// A length of time, which can be negative.
    Duration(SignedDuration),
}

/// A map, sorted by its keys.
#[derive(Clone, Debug, PartialEq)]
pub struct Map(Arc<[(MapKey, Value)]>);

/// A key of a map. Whole numbers are equal whatever their type.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MapKey {
    /// `true` or `false`
    Bool(bool),
    /// Any number that fits.
    Int(i64),
    /// Only numbers beyond the range of `Int`.
    UInt(u64),
    /// A string, as all keys of JSON are.
    Text(Arc<str>),
}

impl Value {
    /// A string.
    pub fn text(text: impl Into<Arc<str>>) -> Self {
        Self::Text(text.into())
    }

    /// The value of a JSON text.
    pub fn from_json(node: Node<'_, '_>) -> Self {
        match node.shape() {
            Shape::Null => Self::Null,
            Shape::Bool(value) => Self::Bool(value),
            Shape::Number(text) => number(text),
            Shape::Text(text) => Self::text(text),
            Shape::Array(array) => Self::List(array.items().map(Self::from_json).collect()),
            Shape::Object(object) => {
                let members = object
                    .members()
                    .map(|(name, value)| (MapKey::Text(name.into()), Self::from_json(value)));
                Self::Map(Map::new(members.collect()))
            }
        }
    }

    /// Truthiness as JavaScript has it, except that empty lists and maps of either language are
    /// true: false are unknown, null, `false`, `""`, zero and NaN.
    pub fn is_truthy(&self) -> bool {
        match self {
            Self::Unknown | Self::Null => false,
            Self::Bool(value) => *value,
            Self::Int(value) => *value != 0,
            Self::UInt(value) => *value != 0,
            Self::Double(value) => *value != 0.0 && !value.is_nan(),
            Self::Text(text) => !text.is_empty(),
            Self::Bytes(_)
            | Self::List(_)
            | Self::Map(_)
            | Self::Timestamp(_)
            | Self::Duration(_) => true,
        }
    }

    /// Whether a path may have led here from an absent or null member.
    pub(super) fn is_absent(&self) -> bool {
        matches!(self, Self::Unknown | Self::Null)
    }

    /// The name of its type.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Unknown => "an absent value",
            Self::Null => "null",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::UInt(_) => "uint",
            Self::Double(_) => "double",
            Self::Text(_) => "string",
            Self::Bytes(_) => "bytes",
            Self::List(_) => "list",
            Self::Map(_) => "map",
            Self::Timestamp(_) => "timestamp",
            Self::Duration(_) => "duration",
        }
    }

    /// A number of any type as a double.
    pub(super) fn as_double(&self) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "what makes a double of an int")]
        match self {
            Self::Int(value) => Some(*value as f64),
            Self::UInt(value) => Some(*value as f64),
            Self::Double(value) => Some(*value),
            Self::Unknown
            | Self::Null
            | Self::Bool(_)
            | Self::Text(_)
            | Self::Bytes(_)
            | Self::List(_)
            | Self::Map(_)
            | Self::Timestamp(_)
            | Self::Duration(_) => None,
        }
    }

    /// The member `name` of a map.
    pub(super) fn member(&self, name: &str) -> Option<&Self> {
        let Self::Map(map) = self else {
            return None;
        };
        map.member(name)
    }

    /// What stands at `index` in a list or a map. Anything else has nothing there, as an absent
    /// parent has not.
    pub(super) fn element(&self, index: &Self) -> Option<&Self> {
        let index = MapKey::of(index)?;
        match (self, index) {
            (Self::Map(map), key) => map.get(&key),
            (Self::List(items), MapKey::Int(at)) => items.get(usize::try_from(at).ok()?),
            (_, _) => None,
        }
    }

    /// As an element of a list or a map, where an absent value is null.
    pub(super) fn into_element(self) -> Self {
        if matches!(self, Self::Unknown) {
            return Self::Null;
        }
        self
    }
}

/// Canonical JSON writes whole doubles as integers, so a number has a fraction, or is beyond
/// 64 bits, or is an int.
fn number(text: &str) -> Value {
    match text.parse() {
        Ok(int) => Value::Int(int),
        Err(_) => Value::Double(text.parse().unwrap_or(f64::NAN)),
    }
}

impl Map {
    /// Of equal keys the last one wins.
    pub fn new(mut entries: Vec<(MapKey, Value)>) -> Self {
        if !entries.is_sorted_by(|a, b| a.0 < b.0) {
            // Stable, and reversed so that the last of equal keys is the one that stays.
            entries.reverse();
            entries.sort_by(|a, b| a.0.cmp(&b.0));
            entries.dedup_by(|later, kept| later.0 == kept.0);
        }
        Self(entries.into())
    }

    /// The entries in the order of their keys.
    pub fn entries(&self) -> &[(MapKey, Value)] {
        &self.0
    }

    /// The value of a key.
    pub fn get(&self, key: &MapKey) -> Option<&Value> {
        let at = self.0.binary_search_by(|entry| entry.0.cmp(key)).ok()?;
        Some(&self.0[at].1)
    }

    /// The value of a string key.
    pub fn member(&self, name: &str) -> Option<&Value> {
        let order = |entry: &(MapKey, Value)| match &entry.0 {
            MapKey::Text(text) => (**text).cmp(name),
            // Strings come after all other keys.
            MapKey::Bool(_) | MapKey::Int(_) | MapKey::UInt(_) => std::cmp::Ordering::Less,
        };
        let at = self.0.binary_search_by(order).ok()?;
        Some(&self.0[at].1)
    }
}

impl MapKey {
    /// The value as a key; `None` for those that no key equals.
    pub fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Bool(value) => Some(Self::Bool(*value)),
            Value::Int(value) => Some(Self::Int(*value)),
            Value::UInt(value) => Some(match i64::try_from(*value) {
                Ok(value) => Self::Int(value),
                Err(_) => Self::UInt(*value),
            }),
            Value::Double(value) => whole(*value),
            Value::Text(text) => Some(Self::Text(Arc::clone(text))),
            Value::Unknown
            | Value::Null
            | Value::Bytes(_)
            | Value::List(_)
            | Value::Map(_)
            | Value::Timestamp(_)
            | Value::Duration(_) => None,
        }
    }

    /// The key as a value.
    pub(super) fn to_value(&self) -> Value {
        match self {
            Self::Bool(value) => Value::Bool(*value),
            Self::Int(value) => Value::Int(*value),
            Self::UInt(value) => Value::UInt(*value),
            Self::Text(text) => Value::Text(Arc::clone(text)),
        }
    }
}

/// A double without a fraction as the whole number that it equals.
pub(super) fn whole(number: f64) -> Option<MapKey> {
    const INT_END: f64 = 9_223_372_036_854_775_808.0;
    const UINT_END: f64 = 18_446_744_073_709_551_616.0;
    if number.fract() != 0.0 {
        return None;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a whole number within the range of the type"
    )]
    if (-INT_END..INT_END).contains(&number) {
        Some(MapKey::Int(number as i64))
    } else if (INT_END..UINT_END).contains(&number) {
        Some(MapKey::UInt(number as u64))
    } else {
        None
    }
}
