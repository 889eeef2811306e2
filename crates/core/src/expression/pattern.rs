//! Regular expressions of `matches`, in the dialect of RE2.
//!
//! Matching takes time linear in the text whatever the pattern; what is left to bound is the length
//! of the text times the size of the compiled pattern.

use std::fmt;

use regex::{Regex, RegexBuilder};

use super::error::shown;
use crate::limits::{PATTERN_SIZE_MAX, PATTERN_TEXT_MAX};

/// Sizes of compiled patterns, and what they cost: how many steps for a byte that is matched. The
/// worst case is a walk through all of the pattern for each byte.
const COSTS: [(usize, usize); 2] = [(PATTERN_SIZE_MAX / 8, 2), (PATTERN_SIZE_MAX, 8)];

/// A compiled regular expression.
#[derive(Clone)]
pub(super) struct Pattern {
    regex: Regex,
    steps_per_byte: usize,
}

impl Pattern {
    /// Compiles, or tells what is wrong.
    pub(super) fn compile(text: &str) -> Result<Self, String> {
        if text.len() > PATTERN_TEXT_MAX {
            return Err(format!(
                "a regular expression of more than {PATTERN_TEXT_MAX} bytes"
            ));
        }
        let ascii = with_ascii_classes(text);
        let mut too_large = String::new();
        for (size, steps_per_byte) in COSTS {
            let compiled = RegexBuilder::new(&ascii)
                .size_limit(size)
                .dfa_size_limit(PATTERN_SIZE_MAX)
                .build();
            match compiled {
                Ok(regex) => {
                    return Ok(Self {
                        regex,
                        steps_per_byte,
                    });
                }
                Err(regex::Error::CompiledTooBig(_)) => {
                    too_large = format!(
                        "the regular expression {:?} takes more than {size} bytes when compiled",
                        shown(text)
                    );
                }
                Err(error) => return Err(malformed(text, &error)),
            }
        }
        Err(too_large)
    }

    /// What matching `text` may cost, in steps.
    pub(super) fn cost(&self, text: &str) -> usize {
        text.len().saturating_mul(self.steps_per_byte)
    }

    /// Whether any part of `text` matches.
    pub(super) fn is_match(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }
}

/// Patterns are equal if their texts are.
impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.regex.as_str() == other.regex.as_str()
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/{}/", self.regex.as_str())
    }
}

fn malformed(text: &str, error: &regex::Error) -> String {
    // The last line of the message says what is wrong, those before it show where.
    let error = error.to_string();
    let reason = error.lines().last().unwrap_or_default().trim();
    let reason = reason.strip_prefix("error: ").unwrap_or(reason);
    format!("malformed regular expression {:?}: {reason}", shown(text))
}

/// In RE2 the classes that are named by a letter, and word boundaries, know ASCII only.
fn with_ascii_classes(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut in_class = false;
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '[' => in_class = true,
            ']' => in_class = false,
            _ => {}
        }
        let escaped = if c == '\\' { chars.next() } else { None };
        match escaped {
            Some('d') => out.push_str("[0-9]"),
            Some('D') => out.push_str("[^0-9]"),
            Some('s') => out.push_str(r"[\t\n\x0C\r ]"),
            Some('S') => out.push_str(r"[^\t\n\x0C\r ]"),
            Some('w') => out.push_str("[0-9A-Za-z_]"),
            Some('W') => out.push_str("[^0-9A-Za-z_]"),
            Some(boundary @ ('b' | 'B')) if !in_class => {
                out.push_str(if boundary == 'b' {
                    r"(?-u:\b)"
                } else {
                    r"(?-u:\B)"
                });
            }
            _ => {
                out.push(c);
                out.extend(escaped);
            }
        }
    }
    out
}
