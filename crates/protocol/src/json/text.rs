//! Canonical scalars: strings and numbers as RFC 8785 prints them.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt::Write as _;

/// Prints doubles as ECMAScript does.
pub(super) type NumberBuffer = ryu_js::Buffer;

/// A position in the input and what is wrong there.
type Fault = (usize, &'static str);

/// Integers of at most this many digits are printed by ECMAScript as they are written.
const PLAIN_DIGITS_MAX: usize = 15;

/// Finds the end of the number at `start`, and tells whether it is canonical as it stands.
pub(super) fn scan_number(bytes: &[u8], start: usize) -> Result<(usize, bool), Fault> {
    let digits = |mut at: usize| {
        let from = at;
        while matches!(bytes.get(at), Some(b'0'..=b'9')) {
            at += 1;
        }
        if at == from {
            Err((at, "expected a digit"))
        } else {
            Ok(at)
        }
    };
    let negative = bytes.get(start) == Some(&b'-');
    let first = start + usize::from(negative);
    let mut at = digits(first)?;
    let zero = bytes[first] == b'0';
    if zero && at > first + 1 {
        return Err((first, "number with a leading zero"));
    }
    let mut plain = at - first <= PLAIN_DIGITS_MAX && !(zero && negative);
    if bytes.get(at) == Some(&b'.') {
        at = digits(at + 1)?;
        plain = false;
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        at += 1;
        if matches!(bytes.get(at), Some(b'+' | b'-')) {
            at += 1;
        }
        at = digits(at)?;
        plain = false;
    }
    Ok((at, plain))
}

/// A canonical number as serde_json holds it: an integer if it is written as one.
pub(super) fn number_value(text: &str) -> serde_json::Value {
    if let Ok(integer) = text.parse::<i64>() {
        return integer.into();
    }
    if let Ok(integer) = text.parse::<u64>() {
        return integer.into();
    }
    text.parse::<f64>().unwrap_or_default().into()
}

/// Appends `text` as a canonical JSON string, quotes included.
pub(crate) fn push_quoted(text: &str, out: &mut String) {
    out.reserve(text.len() + 2);
    out.push('"');
    // Nearly all texts have none, and that is known faster of all bytes than of one after the other.
    let has_escapes = text.bytes().fold(false, |any, byte| any | is_escaped(byte));
    if has_escapes {
        push_escaped(text, out);
    } else {
        out.push_str(text);
    }
    out.push('"');
}

fn push_escaped(text: &str, out: &mut String) {
    let mut copied = 0;
    for (at, byte) in text.bytes().enumerate() {
        if is_escaped(byte) {
            out.push_str(&text[copied..at]);
            push_char(char::from(byte), out);
            copied = at + 1;
        }
    }
    out.push_str(&text[copied..]);
}

fn is_escaped(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

fn push_char(c: char, out: &mut String) {
    match c {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\u{8}' => out.push_str("\\b"),
        '\t' => out.push_str("\\t"),
        '\n' => out.push_str("\\n"),
        '\u{c}' => out.push_str("\\f"),
        '\r' => out.push_str("\\r"),
        '\0'..'\u{20}' => {
            // Writing to a string cannot fail.
            let _ = write!(out, "\\u{:04x}", u32::from(c));
        }
        _ => out.push(c),
    }
}

/// Copies a string from `at` (its first escape) up to and including its closing quote, with
/// canonical escapes. Lone surrogates become U+FFFD, as UTF-8 cannot hold them. Returns where the
/// string ends.
pub(super) fn rewrite_string(input: &str, mut at: usize, out: &mut String) -> Result<usize, Fault> {
    let bytes = input.as_bytes();
    let mut copied = at;
    loop {
        match bytes.get(at) {
            Some(b'"') => {
                out.push_str(&input[copied..=at]);
                return Ok(at + 1);
            }
            Some(b'\\') => {
                out.push_str(&input[copied..at]);
                let (c, end) = unescape(bytes, at)?;
                push_char(c, out);
                at = end;
                copied = end;
            }
            Some(0..0x20) => return Err((at, "control character in a string")),
            Some(_) => at += 1,
            None => return Err((at, "unexpected end of text")),
        }
    }
}

/// The character of the escape at `at`, and where the escape ends.
fn unescape(bytes: &[u8], at: usize) -> Result<(char, usize), Fault> {
    let c = match bytes.get(at + 1) {
        Some(b'"') => '"',
        Some(b'\\') => '\\',
        Some(b'/') => '/',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => return unescape_unicode(bytes, at),
        Some(_) => return Err((at, "unknown escape in a string")),
        None => return Err((at, "unexpected end of text")),
    };
    Ok((c, at + 2))
}

fn unescape_unicode(bytes: &[u8], at: usize) -> Result<(char, usize), Fault> {
    let unit = |at: usize| -> Option<u32> {
        let digits = bytes.get(at..at + 6)?;
        if !digits.starts_with(b"\\u") {
            return None;
        }
        digits[2..].iter().try_fold(0, |unit, digit| {
            char::from(*digit)
                .to_digit(16)
                .map(|digit| unit * 16 + digit)
        })
    };
    let first = unit(at).ok_or((at, "malformed \\u escape"))?;
    if let 0xD800..0xDC00 = first
        && let Some(second @ 0xDC00..0xE000) = unit(at + 6)
    {
        let code = 0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00);
        return Ok((
            char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER),
            at + 12,
        ));
    }
    Ok((
        char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER),
        at + 6,
    ))
}

/// The value of a canonical string text.
pub(super) fn unquote(quoted: &str) -> Cow<'_, str> {
    let inner = quoted
        .get(1..quoted.len().saturating_sub(1))
        .unwrap_or_default();
    if !inner.contains('\\') {
        return Cow::Borrowed(inner);
    }
    let bytes = inner.as_bytes();
    let mut out = String::with_capacity(inner.len());
    let (mut at, mut copied) = (0, 0);
    while at < bytes.len() {
        if bytes[at] != b'\\' {
            at += 1;
            continue;
        }
        out.push_str(&inner[copied..at]);
        // A canonical text holds no malformed escape; a trusted text that is not canonical
        // keeps its characters.
        let (c, end) = unescape(bytes, at).unwrap_or(('\\', at + 1));
        out.push(c);
        at = end;
        copied = end;
    }
    out.push_str(&inner[copied..]);
    Cow::Owned(out)
}

/// Compares the values of two canonical string texts by UTF-16 code units.
pub(super) fn compare_quoted(a: &str, b: &str) -> Ordering {
    if a.contains('\\') || b.contains('\\') {
        return compare(&unquote(a), &unquote(b));
    }
    compare(&a[1..a.len() - 1], &b[1..b.len() - 1])
}

/// Compares by UTF-16 code units: as UTF-8 bytes do, except that U+E000–U+FFFF come after the
/// supplementary planes, which UTF-16 writes as surrogates.
pub(crate) fn compare(a: &str, b: &str) -> Ordering {
    let differing = a.bytes().zip(b.bytes()).find(|(a, b)| a != b);
    match differing {
        None => a.len().cmp(&b.len()),
        Some((x, y)) => match (x, y) {
            (0xEE | 0xEF, 0xF0..) => Ordering::Greater,
            (0xF0.., 0xEE | 0xEF) => Ordering::Less,
            _ => x.cmp(&y),
        },
    }
}
