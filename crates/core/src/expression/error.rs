//! What can be wrong with an expression, and where in its text.
//!
//! Does not know how expressions are read or evaluated.

use crate::limits::{EVALUATION_SIZE_MAX, EVALUATION_STEPS_MAX};

/// Characters of a line that are shown on either side of an error.
const EXCERPT_WIDTH: usize = 40;
/// Characters of a name or a value that a message shows.
const SHOWN_MAX: usize = 64;

/// A place in the text of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// In bytes, from 0.
    pub offset: usize,
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// The line, or the part of a long one around the place, and a second line with a caret
    /// below the place.
    pub excerpt: String,
}

impl Place {
    /// `offset` may lie beyond the end, but not within a character.
    pub(super) fn new(text: &str, offset: usize) -> Self {
        let offset = offset.min(text.len());
        let (before, after) = text.split_at(offset);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let column = before[line_start..].chars().count();
        let hidden = column.saturating_sub(EXCERPT_WIDTH);
        let end = after.find(['\n', '\r']).unwrap_or(after.len());
        let mut excerpt = String::new();
        let left = before[line_start..].chars().skip(hidden);
        let right = after[..end].chars().take(EXCERPT_WIDTH);
        excerpt.extend(left.chain(right).map(|c| if c == '\t' { ' ' } else { c }));
        excerpt.push('\n');
        excerpt.extend(std::iter::repeat_n(' ', column - hidden));
        excerpt.push('^');
        Self {
            offset,
            line: before.matches('\n').count() + 1,
            column: column + 1,
            excerpt,
        }
    }
}

/// Why a text is not an expression that is allowed where it stands.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message} at line {} column {}", place.line, place.column)]
pub struct CompileError {
    /// For those who act on it.
    pub kind: CompileErrorKind,
    /// For the author of the expression.
    pub message: String,
    /// Where.
    pub place: Place,
}

/// The kinds of [`CompileError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompileErrorKind {
    /// Not CEL.
    Syntax,
    /// A variable or function that does not exist.
    UnknownName,
    /// A function with too few or too many arguments, or called the wrong way.
    Arguments,
    /// A regular expression that is malformed or too large.
    Pattern,
    /// Too long, too large or too deep: [`limits`](crate::limits).
    Limit,
    /// Fine elsewhere, but not in `cancel[].if`.
    Restricted,
}

/// What is wrong, and the byte at which: a [`CompileError`] before the text is at hand.
pub(super) struct Flaw {
    pub(super) kind: CompileErrorKind,
    pub(super) message: String,
    pub(super) at: usize,
}

impl Flaw {
    pub(super) fn new(kind: CompileErrorKind, at: usize, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            at,
        }
    }

    pub(super) fn syntax(at: usize, message: impl Into<String>) -> Self {
        Self::new(CompileErrorKind::Syntax, at, message)
    }

    pub(super) fn within(self, text: &str) -> CompileError {
        CompileError {
            kind: self.kind,
            message: self.message,
            place: Place::new(text, self.at),
        }
    }
}

/// An expression that has no value for the given events.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{failure} at line {} column {}", place.line, place.column)]
pub struct EvaluationError {
    /// What went wrong.
    pub failure: Failure,
    /// Where.
    pub place: Place,
}

/// What can go wrong when an expression is evaluated.
///
/// Within an expression all but the last two count as falsy: `1 / 0 > 1 || true` is true.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Such as `1 < "a"`.
    #[error("{operation} can't be applied to {operands}")]
    Types {
        /// An operator or a function.
        operation: &'static str,
        /// The kinds of its operands, such as `int and string`.
        operands: String,
    },
    /// Such as `int("x")`.
    #[error("{text} is not {wanted}")]
    Value {
        /// The value.
        text: String,
        /// What the function takes.
        wanted: &'static str,
    },
    /// A result beyond the bounds of its type.
    #[error("the result of {0} is out of range")]
    Range(&'static str),
    /// Of integers.
    #[error("division by zero")]
    DivisionByZero,
    /// A regular expression which is known only at evaluation, and is malformed or too large.
    #[error("{0}")]
    Pattern(String),
    /// More than [`EVALUATION_STEPS_MAX`].
    #[error("the evaluation takes more than {EVALUATION_STEPS_MAX} steps")]
    Steps,
    /// More than [`EVALUATION_SIZE_MAX`].
    #[error("the evaluation makes values of more than {EVALUATION_SIZE_MAX} bytes")]
    Size,
}

impl Failure {
    pub(super) fn types(operation: &'static str, operands: &[&'static str]) -> Self {
        Self::Types {
            operation,
            operands: operands.join(" and "),
        }
    }

    pub(super) fn value(text: &str, wanted: &'static str) -> Self {
        let text = format!("{:?}", shown(text));
        Self::Value { text, wanted }
    }

    /// Whether a limit was reached: then the whole evaluation ends, while other failures are
    /// falsy.
    pub(super) fn is_limit(&self) -> bool {
        match self {
            Self::Steps | Self::Size => true,
            Self::Types { .. }
            | Self::Value { .. }
            | Self::Range(_)
            | Self::DivisionByZero
            | Self::Pattern(_) => false,
        }
    }
}

/// The beginning of a text that may be long.
pub(super) fn shown(text: &str) -> String {
    match text.char_indices().nth(SHOWN_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
