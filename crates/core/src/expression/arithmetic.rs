//! `+`, `-`, `*`, `/` and `%`.
//!
//! Whole numbers stay whole, and out-of-range results are errors. A double makes the result a
//! double, because JSON does not tell `10` from `10.0`. A string on either side of `+`
//! concatenates.

use super::error::Failure;
use super::meter::Meter;
use super::print::print;
use super::time;
use super::value::{MapKey, Value};

/// The arithmetic operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

impl Arithmetic {
    pub(super) fn sign(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Remainder => "%",
        }
    }
}

/// The result. Of `+` an absent operand leaves the other one; the other operators make false of
/// it, as any function does.
pub(super) fn calculate(
    operator: Arithmetic,
    left: &Value,
    right: &Value,
    meter: &mut Meter,
) -> Result<Value, Failure> {
    if operator == Arithmetic::Add {
        return add(left, right, meter);
    }
    if matches!(left, Value::Unknown) || matches!(right, Value::Unknown) {
        return Ok(Value::Bool(false));
    }
    if let Some(result) = numbers(operator, left, right) {
        return result;
    }
    let result = match (operator, left, right) {
        (Arithmetic::Subtract, Value::Timestamp(left), Value::Timestamp(right)) => {
            time::between(*left, *right).map(Value::Duration)
        }
        (Arithmetic::Subtract, Value::Timestamp(at), Value::Duration(duration)) => {
            time::earlier(*at, *duration).map(Value::Timestamp)
        }
        (Arithmetic::Subtract, Value::Duration(left), Value::Duration(right)) => {
            time::difference(*left, *right).map(Value::Duration)
        }
        _ => return Err(types(operator, left, right)),
    };
    result.ok_or(Failure::Range(operator.sign()))
}

/// Null counts as absent here, so that it makes no difference whether an app leaves a member out.
fn add(left: &Value, right: &Value, meter: &mut Meter) -> Result<Value, Failure> {
    match (left, right) {
        (Value::Unknown, Value::Unknown) => return Ok(Value::Bool(false)),
        (Value::Unknown | Value::Null, known) | (known, Value::Unknown | Value::Null) => {
            return Ok(known.clone().into_element());
        }
        _ => {}
    }
    if let Some(result) = numbers(Arithmetic::Add, left, right) {
        return result;
    }
    let result = match (left, right) {
        (Value::Text(_), _) | (_, Value::Text(_)) => {
            let mut text = String::new();
            print(left, &mut text, meter)?;
            print(right, &mut text, meter)?;
            Some(Value::text(text))
        }
        (Value::List(left), Value::List(right)) => {
            meter.write_elements(left.len() + right.len())?;
            let items = left.iter().chain(right.iter());
            Some(Value::List(items.cloned().collect()))
        }
        (Value::Bytes(left), Value::Bytes(right)) => {
            meter.write(left.len() + right.len())?;
            Some(Value::Bytes([&**left, &**right].concat().into()))
        }
        (Value::Timestamp(at), Value::Duration(duration))
        | (Value::Duration(duration), Value::Timestamp(at)) => {
            time::later(*at, *duration).map(Value::Timestamp)
        }
        (Value::Duration(left), Value::Duration(right)) => {
            time::sum(*left, *right).map(Value::Duration)
        }
        _ => return Err(types(Arithmetic::Add, left, right)),
    };
    result.ok_or(Failure::Range("+"))
}

/// `None` unless both are numbers.
fn numbers(operator: Arithmetic, left: &Value, right: &Value) -> Option<Result<Value, Failure>> {
    Some(match (left, right) {
        (Value::Int(left), Value::Int(right)) => ints(operator, *left, *right),
        (Value::UInt(left), Value::UInt(right)) => uints(operator, *left, *right),
        // One of them is signed, so the result is.
        (Value::Int(_) | Value::UInt(_), Value::Int(_) | Value::UInt(_)) => {
            match (int(left), int(right)) {
                (Some(left), Some(right)) => ints(operator, left, right),
                _ => Err(Failure::Range(operator.sign())),
            }
        }
        _ => {
            let (left_double, right_double) = (left.as_double()?, right.as_double()?);
            doubles(operator, left_double, right_double).ok_or_else(|| types(operator, left, right))
        }
    })
}

fn int(value: &Value) -> Option<i64> {
    match MapKey::of(value)? {
        MapKey::Int(value) => Some(value),
        MapKey::Bool(_) | MapKey::UInt(_) | MapKey::Text(_) => None,
    }
}

fn ints(operator: Arithmetic, left: i64, right: i64) -> Result<Value, Failure> {
    let result = match operator {
        Arithmetic::Add => left.checked_add(right),
        Arithmetic::Subtract => left.checked_sub(right),
        Arithmetic::Multiply => left.checked_mul(right),
        Arithmetic::Divide | Arithmetic::Remainder if right == 0 => {
            return Err(Failure::DivisionByZero);
        }
        Arithmetic::Divide => left.checked_div(right),
        Arithmetic::Remainder => left.checked_rem(right),
    };
    result
        .map(Value::Int)
        .ok_or(Failure::Range(operator.sign()))
}

fn uints(operator: Arithmetic, left: u64, right: u64) -> Result<Value, Failure> {
    let result = match operator {
        Arithmetic::Add => left.checked_add(right),
        Arithmetic::Subtract => left.checked_sub(right),
        Arithmetic::Multiply => left.checked_mul(right),
        Arithmetic::Divide | Arithmetic::Remainder if right == 0 => {
            return Err(Failure::DivisionByZero);
        }
        Arithmetic::Divide => left.checked_div(right),
        Arithmetic::Remainder => left.checked_rem(right),
    };
    result
        .map(Value::UInt)
        .ok_or(Failure::Range(operator.sign()))
}

/// `None` for `%`, which doubles do not have.
fn doubles(operator: Arithmetic, left: f64, right: f64) -> Option<Value> {
    let result = match operator {
        Arithmetic::Add => left + right,
        Arithmetic::Subtract => left - right,
        Arithmetic::Multiply => left * right,
        Arithmetic::Divide => left / right,
        Arithmetic::Remainder => return None,
    };
    Some(Value::Double(result))
}

/// `-value`.
pub(super) fn negate(value: &Value) -> Result<Value, Failure> {
    let result = match value {
        Value::Unknown => return Ok(Value::Bool(false)),
        Value::Int(value) => value.checked_neg().map(Value::Int),
        Value::Double(value) => Some(Value::Double(-value)),
        Value::Duration(duration) => duration.checked_neg().map(Value::Duration),
        Value::Null
        | Value::Bool(_)
        | Value::UInt(_)
        | Value::Text(_)
        | Value::Bytes(_)
        | Value::List(_)
        | Value::Map(_)
        | Value::Timestamp(_) => return Err(Failure::types("-", &[value.kind()])),
    };
    result.ok_or(Failure::Range("-"))
}

fn types(operator: Arithmetic, left: &Value, right: &Value) -> Failure {
    Failure::types(operator.sign(), &[left.kind(), right.kind()])
}
