//! What the functions do.
//!
//! An absent argument makes a function's result false, and a null one too: an app that sends null
//! means the same as one that leaves the member out. `size` is zero then.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use everstep_protocol::{Json, Timestamp};

use super::error::Failure;
use super::function::Function;
use super::meter::Meter;
use super::pattern::Pattern;
use super::print::print;
use super::time::{self, Part};
use super::value::{Map, MapKey, Value, whole};

/// What reading a date in one of many forms costs, in steps.
const DATE_STEPS: usize = 50;
/// What reading a JSON text costs besides its length.
const JSON_STEPS: usize = 25;
/// What looking a time zone up costs.
const ZONE_STEPS: usize = 250;
/// What compiling a regular expression during an evaluation costs.
const PATTERN_STEPS: usize = 5_000;
/// How much dearer a byte is that is parsed than one that is compared.
const PARSE_FACTOR: usize = 16;
/// How much larger a value is than its JSON text.
const JSON_FACTOR: usize = 4;

/// Calls a function with as many arguments as its signature has.
pub(super) fn call(
    function: Function,
    arguments: &[Cow<'_, Value>],
    now: Timestamp,
    meter: &mut Meter,
) -> Result<Value, Failure> {
    // `dyn` is not a function of values, but of types.
    if function != Function::Dyn && arguments.iter().any(|value| value.is_absent()) {
        let is_size = function == Function::Size;
        return Ok(if is_size {
            Value::Int(0)
        } else {
            Value::Bool(false)
        });
    }
    match (function, arguments) {
        (Function::Now, []) => time::timestamp_of_moment(now).map(Value::Timestamp),
        (Function::Matches, [text, pattern]) => {
            let Value::Text(pattern) = &**pattern else {
                return Err(types(function, arguments));
            };
            meter.steps(PATTERN_STEPS)?;
            let pattern = Pattern::compile(pattern).map_err(Failure::Pattern)?;
            matches(text, &pattern, meter).map(Value::Bool)
        }
        (function, [value]) => convert(function, value, now, meter),
        (Function::Part(part), [at, zone]) => match (&**at, &**zone) {
            (Value::Timestamp(at), Value::Text(zone)) => {
                meter.steps(ZONE_STEPS)?;
                meter.read(zone.len())?;
                part.of_timestamp(*at, Some(zone)).map(Value::Int)
            }
            _ => Err(types(function, arguments)),
        },
        (Function::Contains, [_, _]) => search(function, arguments, meter, |a, b| a.contains(b)),
        (Function::StartsWith, [_, _]) => {
            search(function, arguments, meter, |a, b| a.starts_with(b))
        }
        (Function::EndsWith, [_, _]) => search(function, arguments, meter, |a, b| a.ends_with(b)),
        (function, arguments) => Err(types(function, arguments)),
    }
}

/// Looks for the second of two strings in the first.
fn search(
    function: Function,
    arguments: &[Cow<'_, Value>],
    meter: &mut Meter,
    found: fn(&str, &str) -> bool,
) -> Result<Value, Failure> {
    let [text, part] = arguments else {
        return Err(types(function, arguments));
    };
    let (Value::Text(text), Value::Text(part)) = (&**text, &**part) else {
        return Err(types(function, arguments));
    };
    meter.read(text.len())?;
    meter.read(part.len())?;
    Ok(Value::Bool(found(text, part)))
}

/// Whether any part of the text matches.
pub(super) fn matches(
    value: &Value,
    pattern: &Pattern,
    meter: &mut Meter,
) -> Result<bool, Failure> {
    match value {
        Value::Unknown | Value::Null => Ok(false),
        Value::Text(text) => {
            meter.steps(pattern.cost(text))?;
            Ok(pattern.is_match(text))
        }
        other => Err(Failure::types("matches", &[other.kind(), "string"])),
    }
}

/// The functions of one argument.
fn convert(
    function: Function,
    value: &Value,
    now: Timestamp,
    meter: &mut Meter,
) -> Result<Value, Failure> {
    if let Value::Text(text) = value
        && function.parses()
    {
        meter.read(text.len().saturating_mul(PARSE_FACTOR))?;
    }
    match function {
        Function::Dyn => Ok(value.clone()),
        Function::Size => size(value, meter),
        Function::Int => int(value),
        Function::UInt => uint(value),
        Function::Double => double(value),
        Function::Bool => boolean(value),
        Function::Text => text(value, meter),
        Function::Bytes => bytes(value, meter),
        Function::Duration => duration(function, value).map(Value::Duration),
        Function::Timestamp => match value {
            Value::Timestamp(at) => Ok(*at),
            Value::Int(seconds) => time::timestamp_of_seconds(*seconds),
            Value::Text(text) => time::timestamp_of_text(text),
            other => Err(Failure::types(function.name(), &[other.kind()])),
        }
        .map(Value::Timestamp),
        Function::Part(part) => part_of(part, value),
        Function::Lowercase => change(function, value, meter, str::to_lowercase),
        Function::Uppercase => change(function, value, meter, str::to_uppercase),
        Function::Base64Decode => change(function, value, meter, |text| {
            let bytes = STANDARD.decode(text).unwrap_or_default();
            String::from_utf8_lossy(&bytes).into_owned()
        }),
        Function::JsonParse => json_parse(value, meter),
        Function::Date => date(value, meter),
        Function::NowPlus | Function::NowMinus => {
            let duration = duration(function, value)?;
            let now = time::timestamp_of_moment(now)?;
            let at = if function == Function::NowPlus {
                time::later(now, duration)
            } else {
                time::earlier(now, duration)
            };
            at.map(Value::Timestamp)
                .ok_or(Failure::Range(function.name()))
        }
        Function::Contains
        | Function::StartsWith
        | Function::EndsWith
        | Function::Matches
        | Function::Now => Err(Failure::types(function.name(), &[value.kind()])),
    }
}

/// Characters of a string, bytes, elements or entries.
fn size(value: &Value, meter: &mut Meter) -> Result<Value, Failure> {
    let size = match value {
        Value::Text(text) => {
            meter.read(text.len())?;
            text.chars().count()
        }
        Value::Bytes(bytes) => bytes.len(),
        Value::List(items) => items.len(),
        Value::Map(map) => map.entries().len(),
        other => return Err(Failure::types("size", &[other.kind()])),
    };
    i64::try_from(size)
        .map(Value::Int)
        .map_err(|_| Failure::Range("size"))
}

fn int(value: &Value) -> Result<Value, Failure> {
    let int = match value {
        Value::Int(value) => Some(*value),
        Value::UInt(value) => i64::try_from(*value).ok(),
        Value::Double(value) => match whole(value.trunc()) {
            Some(MapKey::Int(value)) => Some(value),
            Some(MapKey::Bool(_) | MapKey::UInt(_) | MapKey::Text(_)) | None => None,
        },
        Value::Text(text) => {
            return match text.parse() {
                Ok(value) => Ok(Value::Int(value)),
                Err(_) => Err(Failure::value(text, "an integer")),
            };
        }
        Value::Timestamp(at) => Some(at.as_second()),
        other => return Err(Failure::types("int", &[other.kind()])),
    };
    int.map(Value::Int).ok_or(Failure::Range("int"))
}

fn uint(value: &Value) -> Result<Value, Failure> {
    let uint = match value {
        Value::UInt(value) => Some(*value),
        Value::Int(value) => u64::try_from(*value).ok(),
        Value::Double(value) => match whole(value.trunc()) {
            Some(MapKey::Int(value)) => u64::try_from(value).ok(),
            Some(MapKey::UInt(value)) => Some(value),
            Some(MapKey::Bool(_) | MapKey::Text(_)) | None => None,
        },
        Value::Text(text) => {
            return match text.parse() {
                Ok(value) => Ok(Value::UInt(value)),
                Err(_) => Err(Failure::value(text, "an unsigned integer")),
            };
        }
        other => return Err(Failure::types("uint", &[other.kind()])),
    };
    uint.map(Value::UInt).ok_or(Failure::Range("uint"))
}

fn double(value: &Value) -> Result<Value, Failure> {
    if let Some(double) = value.as_double() {
        return Ok(Value::Double(double));
    }
    let Value::Text(text) = value else {
        return Err(Failure::types("double", &[value.kind()]));
    };
    match text.parse() {
        Ok(double) => Ok(Value::Double(double)),
        Err(_) => Err(Failure::value(text, "a number")),
    }
}

fn boolean(value: &Value) -> Result<Value, Failure> {
    match value {
        Value::Bool(value) => Ok(Value::Bool(*value)),
        Value::Text(text) => match &**text {
            "true" | "True" | "TRUE" | "t" | "1" => Ok(Value::Bool(true)),
            "false" | "False" | "FALSE" | "f" | "0" => Ok(Value::Bool(false)),
            other => Err(Failure::value(other, "a bool")),
        },
        other => Err(Failure::types("bool", &[other.kind()])),
    }
}

fn text(value: &Value, meter: &mut Meter) -> Result<Value, Failure> {
    match value {
        Value::Text(_) => Ok(value.clone()),
        Value::Bytes(bytes) => {
            meter.write(bytes.len())?;
            match std::str::from_utf8(bytes) {
                Ok(text) => Ok(Value::text(text)),
                Err(_) => Err(Failure::Value {
                    text: "a value of bytes".to_owned(),
                    wanted: "UTF-8",
                }),
            }
        }
        value => {
            let mut text = String::new();
            print(value, &mut text, meter)?;
            Ok(Value::text(text))
        }
    }
}

fn bytes(value: &Value, meter: &mut Meter) -> Result<Value, Failure> {
    match value {
        Value::Bytes(_) => Ok(value.clone()),
        Value::Text(text) => {
            meter.write(text.len())?;
            Ok(Value::Bytes(text.as_bytes().into()))
        }
        other => Err(Failure::types("bytes", &[other.kind()])),
    }
}

fn duration(function: Function, value: &Value) -> Result<jiff::SignedDuration, Failure> {
    match value {
        Value::Duration(duration) => Ok(*duration),
        Value::Text(text) => time::duration_of_text(text),
        other => Err(Failure::types(function.name(), &[other.kind()])),
    }
}

fn part_of(part: Part, value: &Value) -> Result<Value, Failure> {
    if let Value::Timestamp(at) = value {
        return part.of_timestamp(*at, None).map(Value::Int);
    }
    let Value::Duration(duration) = value else {
        return Err(Failure::types(Function::Part(part).name(), &[value.kind()]));
    };
    part.of_duration(*duration)
        .map(Value::Int)
        .ok_or_else(|| Failure::types(Function::Part(part).name(), &[value.kind()]))
}

/// A string that is made of another.
fn change(
    function: Function,
    value: &Value,
    meter: &mut Meter,
    change: fn(&str) -> String,
) -> Result<Value, Failure> {
    let Value::Text(text) = value else {
        return Err(Failure::types(function.name(), &[value.kind()]));
    };
    meter.write(text.len())?;
    Ok(Value::text(change(text)))
}

/// An object, which is empty if the text is not one.
fn json_parse(value: &Value, meter: &mut Meter) -> Result<Value, Failure> {
    let Value::Text(text) = value else {
        return Err(Failure::types("json_parse", &[value.kind()]));
    };
    meter.steps(JSON_STEPS)?;
    meter.write(text.len().saturating_mul(JSON_FACTOR))?;
    Ok(match Json::parse(text.as_bytes()) {
        Ok(json) if json.is_object() => Value::from_json(json.tree().root()),
        Ok(_) | Err(_) => Value::Map(Map::new(Vec::new())),
    })
}

fn date(value: &Value, meter: &mut Meter) -> Result<Value, Failure> {
    meter.steps(DATE_STEPS)?;
    let at = match value {
        Value::Timestamp(at) => Ok(*at),
        Value::Text(text) => time::date_of_text(text),
        Value::Int(number) => time::date_of_int(*number),
        Value::UInt(_) | Value::Double(_) => return date(&int(value)?, meter),
        other => Err(Failure::types("date", &[other.kind()])),
    };
    at.map(Value::Timestamp)
}

fn types(function: Function, arguments: &[Cow<'_, Value>]) -> Failure {
    let kinds: Vec<_> = arguments.iter().map(|value| value.kind()).collect();
    Failure::types(function.name(), &kinds)
}
