//! `==`, `!=`, `<`, `<=`, `>`, `>=` and `in`, with the rules for absent and null operands
//! (server-semantics §2.2).

use std::cmp::Ordering;

use jiff::SignedDuration;

use super::error::Failure;
use super::meter::Meter;
use super::value::{MapKey, Value, whole};

/// The operators that compare by order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Order {
    pub(super) fn sign(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }

    fn admits(self, ordering: Ordering) -> bool {
        match self {
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
        }
    }
}

/// `left == right`. An absent value equals null and nothing else, not even another one. Values of
/// different types differ, except that numbers compare as numbers.
pub(super) fn equal(left: &Value, right: &Value, meter: &mut Meter) -> Result<bool, Failure> {
    if matches!((left, right), (Value::Unknown, Value::Unknown)) {
        return Ok(false);
    }
    if left.is_absent() || right.is_absent() {
        return Ok(left.is_absent() && right.is_absent());
    }
    if let Some(ordering) = compare_numbers(left, right) {
        return Ok(ordering == Some(Ordering::Equal));
    }
    match (left, right) {
        (Value::Text(left), Value::Text(right)) => {
            meter.read(left.len().min(right.len()))?;
            Ok(left == right)
        }
        (Value::Bytes(left), Value::Bytes(right)) => {
            meter.read(left.len().min(right.len()))?;
            Ok(left == right)
        }
        (Value::List(left), Value::List(right)) => {
            if left.len() != right.len() {
                return Ok(false);
            }
            all_equal(left.iter().zip(right.iter()), meter)
        }
        (Value::Map(left), Value::Map(right)) => {
            let (left, right) = (left.entries(), right.entries());
            if left.len() != right.len() {
                return Ok(false);
            }
            for (left, right) in left.iter().zip(right) {
                if !equal_keys(&left.0, &right.0, meter)? {
                    return Ok(false);
                }
            }
            let values = left.iter().zip(right).map(|(a, b)| (&a.1, &b.1));
            all_equal(values, meter)
        }
        // Scalars, whose types tell them apart.
        (left, right) => Ok(left == right),
    }
}

fn all_equal<'v>(
    pairs: impl Iterator<Item = (&'v Value, &'v Value)>,
    meter: &mut Meter,
) -> Result<bool, Failure> {
    for (left, right) in pairs {
        meter.steps(1)?;
        if !equal(left, right, meter)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn equal_keys(left: &MapKey, right: &MapKey, meter: &mut Meter) -> Result<bool, Failure> {
    meter.steps(1)?;
    if let (MapKey::Text(left), MapKey::Text(right)) = (left, right) {
        meter.read(left.len().min(right.len()))?;
    }
    Ok(left == right)
}

/// An ordering comparison. An absent value is less than anything; null counts as the zero value
/// of the other operand's type.
pub(super) fn ordered(
    order: Order,
    left: &Value,
    right: &Value,
    meter: &mut Meter,
) -> Result<bool, Failure> {
    let ordering = match (left, right) {
        (Value::Unknown, _) => Some(Ordering::Less),
        (_, Value::Unknown) => Some(Ordering::Greater),
        (Value::Null, Value::Null) => Some(Ordering::Equal),
        (Value::Null, right) => compare(&zero(order, right)?, right, order, meter)?,
        (left, Value::Null) => compare(left, &zero(order, left)?, order, meter)?,
        (left, right) => compare(left, right, order, meter)?,
    };
    // Nothing is less or greater than NaN.
    Ok(ordering.is_some_and(|ordering| order.admits(ordering)))
}

/// `None` if one of them is NaN.
fn compare(
    left: &Value,
    right: &Value,
    order: Order,
    meter: &mut Meter,
) -> Result<Option<Ordering>, Failure> {
    if let Some(ordering) = compare_numbers(left, right) {
        return Ok(ordering);
    }
    let ordering = match (left, right) {
        (Value::Bool(left), Value::Bool(right)) => left.cmp(right),
        (Value::Text(left), Value::Text(right)) => {
            meter.read(left.len().min(right.len()))?;
            left.cmp(right)
        }
        (Value::Bytes(left), Value::Bytes(right)) => {
            meter.read(left.len().min(right.len()))?;
            left.cmp(right)
        }
        (Value::Timestamp(left), Value::Timestamp(right)) => left.cmp(right),
        (Value::Duration(left), Value::Duration(right)) => left.cmp(right),
        (left, right) => return Err(Failure::types(order.sign(), &[left.kind(), right.kind()])),
    };
    Ok(Some(ordering))
}

/// The zero value of the type of `value`.
fn zero(order: Order, value: &Value) -> Result<Value, Failure> {
    match value {
        Value::Bool(_) => Ok(Value::Bool(false)),
        Value::Int(_) | Value::UInt(_) | Value::Double(_) => Ok(Value::Int(0)),
        Value::Text(_) => Ok(Value::text("")),
        Value::Bytes(_) => Ok(Value::Bytes([].into())),
        Value::Timestamp(_) => Ok(Value::Timestamp(super::time::EARLIEST)),
        Value::Duration(_) => Ok(Value::Duration(SignedDuration::ZERO)),
        Value::Unknown | Value::Null | Value::List(_) | Value::Map(_) => {
            Err(Failure::types(order.sign(), &["null", value.kind()]))
        }
    }
}

/// `None` unless both are numbers; then their order, which NaN has not. Exact, also between
/// doubles and integers which no double holds.
fn compare_numbers(left: &Value, right: &Value) -> Option<Option<Ordering>> {
    Some(match (left, right) {
        (Value::Int(left), Value::Int(right)) => Some(left.cmp(right)),
        (Value::UInt(left), Value::UInt(right)) => Some(left.cmp(right)),
        (Value::Double(left), Value::Double(right)) => left.partial_cmp(right),
        (Value::Double(left), Value::Int(_) | Value::UInt(_)) => {
            compare_double(*left, integer(right)?)
        }
        (Value::Int(_) | Value::UInt(_), Value::Double(right)) => {
            compare_double(*right, integer(left)?).map(Ordering::reverse)
        }
        (Value::Int(_) | Value::UInt(_), Value::Int(_) | Value::UInt(_)) => {
            Some(integer(left)?.cmp(&integer(right)?))
        }
        _ => return None,
    })
}

fn integer(value: &Value) -> Option<i128> {
    match MapKey::of(value)? {
        MapKey::Int(value) => Some(value.into()),
        MapKey::UInt(value) => Some(value.into()),
        MapKey::Bool(_) | MapKey::Text(_) => None,
    }
}

fn compare_double(double: f64, integer: i128) -> Option<Ordering> {
    let floor = match whole(double.floor()) {
        Some(MapKey::Int(floor)) => i128::from(floor),
        Some(MapKey::UInt(floor)) => i128::from(floor),
        // Beyond all integers of 64 bits, or infinite, or NaN.
        Some(MapKey::Bool(_) | MapKey::Text(_)) | None => return double.partial_cmp(&0.0),
    };
    let fraction_decides = || {
        if double.fract() == 0.0 {
            Ordering::Equal
        } else {
            Ordering::Greater
        }
    };
    Some(floor.cmp(&integer).then_with(fraction_decides))
}

/// `left in right`: an element of a list, or a key of a map. Nothing is in an absent list.
pub(super) fn contained(left: &Value, right: &Value, meter: &mut Meter) -> Result<bool, Failure> {
    match (left, right) {
        (Value::Unknown, _) | (_, Value::Unknown | Value::Null) => Ok(false),
        (_, Value::List(items)) => {
            for item in items.iter() {
                meter.steps(1)?;
                if equal(left, item, meter)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        (_, Value::Map(map)) => {
            meter.read_key(left)?;
            Ok(MapKey::of(left).is_some_and(|key| map.get(&key).is_some()))
        }
        (left, right) => Err(Failure::types("in", &[left.kind(), right.kind()])),
    }
}
