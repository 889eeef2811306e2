//! Strings and bytes as they are written in an expression.
//!
//! Reads what stands between the quotes, and writes literals which are read back as the same value.
//! A backslash sequence that CEL does not know stands for itself, so that `'\w+'` is a regular
//! expression as its author meant it (EX-4).

use std::fmt::Write as _;

/// What a backslash sequence stands for.
enum Escape {
    Char(char),
    /// Of `\x` and octal sequences: a byte in bytes, a code point in strings.
    Code(u8),
}

/// The value of a string literal, given what is between its quotes.
pub(super) fn unescape_text(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    unescape(raw, |piece| match piece {
        Piece::Plain(text) => out.push_str(text),
        Piece::Escape(Escape::Char(c)) => out.push(c),
        Piece::Escape(Escape::Code(code)) => out.push(char::from(code)),
    });
    out
}

/// The value of a bytes literal, given what is between its quotes.
pub(super) fn unescape_bytes(raw: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len());
    unescape(raw, |piece| match piece {
        Piece::Plain(text) => out.extend_from_slice(text.as_bytes()),
        Piece::Escape(Escape::Char(c)) => {
            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        }
        Piece::Escape(Escape::Code(code)) => out.push(code),
    });
    out
}

enum Piece<'a> {
    Plain(&'a str),
    Escape(Escape),
}

fn unescape<'a>(raw: &'a str, mut take: impl FnMut(Piece<'a>)) {
    let mut rest = raw;
    while let Some(backslash) = rest.find('\\') {
        take(Piece::Plain(&rest[..backslash]));
        rest = &rest[backslash..];
        if let Some((escape, len)) = escape(rest) {
            take(Piece::Escape(escape));
            rest = &rest[len..];
        } else {
            take(Piece::Plain("\\"));
            rest = &rest[1..];
        }
    }
    take(Piece::Plain(rest));
}

/// The sequence at the start of `text`, and its length.
fn escape(text: &str) -> Option<(Escape, usize)> {
    let c = match text.as_bytes().get(1)? {
        b'a' => '\u{7}',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'v' => '\u{b}',
        quoted @ (b'\\' | b'?' | b'"' | b'\'' | b'`') => char::from(*quoted),
        b'x' | b'X' => return Some((Escape::Code(byte(text, 2, 2, 16)?), 4)),
        b'0'..=b'3' => return Some((Escape::Code(byte(text, 1, 3, 8)?), 4)),
        b'u' => return Some((Escape::Char(char::from_u32(number(text, 2, 4, 16)?)?), 6)),
        b'U' => return Some((Escape::Char(char::from_u32(number(text, 2, 8, 16)?)?), 10)),
        _ => return None,
    };
    Some((Escape::Char(c), 2))
}

fn byte(text: &str, start: usize, digits: usize, radix: u32) -> Option<u8> {
    u8::try_from(number(text, start, digits, radix)?).ok()
}

fn number(text: &str, start: usize, digits: usize, radix: u32) -> Option<u32> {
    let digits = text.get(start..start + digits)?;
    // `from_str_radix` takes a sign.
    if !digits.chars().all(|c| c.is_digit(radix)) {
        return None;
    }
    u32::from_str_radix(digits, radix).ok()
}

/// Appends a string literal.
pub(super) fn push_text(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

/// Appends a bytes literal.
pub(super) fn push_bytes(bytes: &[u8], out: &mut String) {
    out.push_str("b\"");
    for byte in bytes {
        match byte {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b' '..=b'~' => out.push(char::from(*byte)),
            byte => {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\x{byte:02x}");
            }
        }
    }
    out.push('"');
}
