//! An expression, clause by clause: the parts that its top-level `&&` joins.

/// The clauses in order; the expression itself, if nothing joins any. Each is part of the text.
pub(super) fn clauses(text: &str) -> Vec<&str> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let (mut depth, mut start, mut at) = (0_usize, 0, 0);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' | b'\'' => at = string_end(bytes, at),
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            // These bind weaker than `&&`, which is not at the top then.
            b'?' if depth == 0 => return vec![text.trim()],
            b'|' if depth == 0 && bytes.get(at + 1) == Some(&b'|') => return vec![text.trim()],
            b'&' if depth == 0 && bytes.get(at + 1) == Some(&b'&') => {
                found.push(text[start..at].trim());
                at += 1;
                start = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    found.push(text[start..].trim());
    found
}

/// The index of the quote that ends the string which begins at `start`. Bound expressions have plain
/// strings with escapes only.
fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            byte if *byte == bytes[start] => return at,
            _ => at += 1,
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::clauses;

    #[test]
    fn an_expression_falls_apart_at_its_top_level_ands() {
        for (text, expected) in [
            ("a == 1", vec!["a == 1"]),
            ("a == 1 && b", vec!["a == 1", "b"]),
            ("(a && b) && c[d && e]", vec!["(a && b)", "c[d && e]"]),
            ("a == \"x && y\" && b", vec!["a == \"x && y\"", "b"]),
            (r#"a == "\" && " && b"#, vec![r#"a == "\" && ""#, "b"]),
            ("a && b || c", vec!["a && b || c"]),
            ("(a || b) && c", vec!["(a || b)", "c"]),
            ("a && b ? c : d", vec!["a && b ? c : d"]),
            ("a == \"ö\" && 'é' == b", vec!["a == \"ö\"", "'é' == b"]),
            ("a == \"open", vec!["a == \"open"]),
        ] {
            assert_eq!(clauses(text), expected, "{text}");
        }
    }
}
