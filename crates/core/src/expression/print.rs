//! The printed form of values: what keys are made of, and what `+` appends to a string.

use std::fmt::Write as _;

use super::error::Failure;
use super::meter::Meter;
use super::value::{MapKey, Value};

/// Doubles from here on are printed with an exponent, as JSON prints them.
const EXPONENT_FROM: f64 = 1e21;
/// And so are doubles below this.
const EXPONENT_BELOW: f64 = 1e-6;

/// Appends the printed form: strings as they are, numbers in their shortest form, lists as
/// `[a b]`, maps as `map[key:value key:value]`, times as RFC 3339, durations as `90s`.
pub(super) fn print(value: &Value, out: &mut String, meter: &mut Meter) -> Result<(), Failure> {
    let before = out.len();
    match value {
        Value::List(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                separate(index, out);
                print(item, out, meter)?;
            }
            out.push(']');
            return meter.write(2 + items.len());
        }
        Value::Map(map) => {
            out.push_str("map[");
            for (index, (key, value)) in map.entries().iter().enumerate() {
                separate(index, out);
                print_key(key, out, meter)?;
                out.push(':');
                print(value, out, meter)?;
            }
            out.push(']');
            return meter.write(5 + 2 * map.entries().len());
        }
        Value::Text(text) => {
            // Before it is copied: it can be long.
            meter.write(text.len())?;
            out.push_str(text);
            return Ok(());
        }
        Value::Bytes(bytes) => {
            meter.write(bytes.len())?;
            out.push_str(&String::from_utf8_lossy(bytes));
            return Ok(());
        }
        // As the final result of an expression, an absent value is false.
        Value::Unknown => out.push_str("false"),
        Value::Null => out.push_str("null"),
        Value::Bool(value) => push(out, value),
        Value::Int(value) => push(out, value),
        Value::UInt(value) => push(out, value),
        Value::Double(value) => print_double(*value, out),
        Value::Timestamp(at) => push(out, at),
        Value::Duration(duration) => print_duration(*duration, out),
    }
    meter.steps(1)?;
    meter.write(out.len() - before)
}

fn print_key(key: &MapKey, out: &mut String, meter: &mut Meter) -> Result<(), Failure> {
    match key {
        MapKey::Bool(value) => push(out, value),
        MapKey::Int(value) => push(out, value),
        MapKey::UInt(value) => push(out, value),
        MapKey::Text(text) => {
            meter.write(text.len())?;
            out.push_str(text);
        }
    }
    meter.steps(1)
}

fn separate(index: usize, out: &mut String) {
    if index > 0 {
        out.push(' ');
    }
}

fn print_double(number: f64, out: &mut String) {
    let size = number.abs();
    if size >= EXPONENT_FROM || (size < EXPONENT_BELOW && size > 0.0) {
        let text = format!("{number:e}");
        // A positive exponent has a sign.
        let has_sign = text.contains("e-") || !text.contains('e');
        push(
            out,
            if has_sign {
                text
            } else {
                text.replace('e', "e+")
            },
        );
    } else {
        // Without the sign of a negative zero.
        push(out, number + 0.0);
    }
}

/// Seconds, with as many digits as needed: `90s`, `-1.5s`.
pub(super) fn print_duration(duration: jiff::SignedDuration, out: &mut String) {
    let nanos = duration.as_nanos();
    if nanos < 0 {
        out.push('-');
    }
    let nanos = nanos.unsigned_abs();
    push(out, nanos / 1_000_000_000);
    let fraction = format!("{:09}", nanos % 1_000_000_000);
    let fraction = fraction.trim_end_matches('0');
    if !fraction.is_empty() {
        out.push('.');
        out.push_str(fraction);
    }
    out.push('s');
}

fn push(out: &mut String, value: impl std::fmt::Display) {
    // Writing to a string cannot fail.
    let _ = write!(out, "{value}");
}
