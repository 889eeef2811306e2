//! Looking into canonical text without parsing it.
//!
//! Only for texts that are canonical already: there is no white space to skip and nothing to
//! check. A text that is not canonical gives nonsense or nothing, never a panic.

/// The members of an object text as (quoted name, value text).
pub(super) fn members(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = inner(text, '{', '}');
    std::iter::from_fn(move || {
        let key = rest.get(..value_end(rest)?)?;
        let after = rest.get(key.len()..)?.strip_prefix(':')?;
        let value = after.get(..value_end(after)?)?;
        rest = after.get(value.len()..)?.strip_prefix(',').unwrap_or("");
        Some((key, value))
    })
}

/// The elements of an array text.
pub(super) fn items(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = inner(text, '[', ']');
    std::iter::from_fn(move || {
        let value = rest.get(..value_end(rest)?)?;
        rest = rest.get(value.len()..)?.strip_prefix(',').unwrap_or("");
        Some(value)
    })
}

fn inner(text: &str, open: char, close: char) -> &str {
    text.strip_prefix(open)
        .and_then(|text| text.strip_suffix(close))
        .unwrap_or("")
}

/// Where the value at the start of `text` ends; `None` if there is none.
fn value_end(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => {
                at = string_end(bytes, at)?;
                if depth == 0 {
                    return Some(at);
                }
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            b',' | b':' if depth == 0 => break,
            _ => {}
        }
        at += 1;
    }
    (at > 0 && depth == 0).then_some(at)
}

fn string_end(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start + 1;
    loop {
        match bytes.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}
