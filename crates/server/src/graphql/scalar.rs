//! Scalars of the schema (http-api §6).

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use everstep_protocol::time::parse_instant;
use everstep_protocol::{Json, Timestamp};

/// RFC 3339 with a fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Time(pub(super) Timestamp);

#[Scalar(name = "Time")]
impl ScalarType for Time {
    fn parse(value: Value) -> InputValueResult<Self> {
        let text = text(value)?;
        match parse_instant(&text) {
            Ok(at) => Ok(Self(at)),
            Err(_) => Err(InputValueError::custom(format!(
                "{text:?} is not a time as of RFC 3339"
            ))),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// An id that begins with its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct UlidText(pub(super) String);

#[Scalar(name = "ULID")]
impl ScalarType for UlidText {
    fn parse(value: Value) -> InputValueResult<Self> {
        text(value).map(Self)
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct UuidText(pub(super) String);

#[Scalar(name = "UUID")]
impl ScalarType for UuidText {
    fn parse(value: Value) -> InputValueResult<Self> {
        text(value).map(Self)
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

/// A text that holds JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bytes(pub(super) String);

#[Scalar(name = "Bytes")]
impl ScalarType for Bytes {
    fn parse(value: Value) -> InputValueResult<Self> {
        text(value).map(Self)
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

impl From<Json> for Bytes {
    fn from(json: Json) -> Self {
        Self(json.as_str().to_owned())
    }
}

/// An object.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Map(pub(super) serde_json::Value);

#[Scalar(name = "Map")]
impl ScalarType for Map {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::Object(_) => Ok(Self(value.into_json().unwrap_or_default())),
            other => Err(InputValueError::expected_type(other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::from_json(self.0.clone()).unwrap_or_default()
    }
}

/// Any value.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Unknown(pub(super) serde_json::Value);

#[Scalar(name = "Unknown")]
impl ScalarType for Unknown {
    fn parse(value: Value) -> InputValueResult<Self> {
        Ok(Self(value.into_json().unwrap_or_default()))
    }

    fn to_value(&self) -> Value {
        Value::from_json(self.0.clone()).unwrap_or_default()
    }
}

fn text<T: async_graphql::InputType>(value: Value) -> Result<String, InputValueError<T>> {
    match value {
        Value::String(text) => Ok(text),
        other => Err(InputValueError::expected_type(other)),
    }
}
