//! What can be wrong with the text of a schedule.

use everstep_protocol::limits::TRIGGER_TEXT_MAX;

/// Why a text is no schedule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CronError {
    /// More than [`TRIGGER_TEXT_MAX`] characters (CR-3).
    #[error("a schedule has at most {TRIGGER_TEXT_MAX} characters, not {0}")]
    TooLong(usize),
    /// `@daily` and the like (CR-1).
    #[error("schedules by name such as {name:?} are not supported; write {instead}")]
    Nickname {
        /// The text.
        name: String,
        /// Fields that mean the same, or an example.
        instead: &'static str,
    },
    /// Neither five nor six fields.
    #[error(
        "a schedule has five fields (minute, hour, day of month, month, weekday), or six with \
         seconds first, not {0}"
    )]
    FieldCount(usize),
    /// No zone has that name.
    #[error(
        "{0:?} is not a time zone; name one of the IANA database, such as \"Europe/Berlin\", or \
         leave it out for UTC"
    )]
    TimeZone(String),
    /// An item of a field.
    #[error("the {field} field has {item:?}, {problem}")]
    Field {
        /// Which field.
        field: &'static str,
        /// The part of the field between its commas.
        item: String,
        /// What is wrong with it.
        problem: FieldProblem,
    },
}

/// What is wrong with an item of a field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FieldProblem {
    /// Nothing between two commas, or at an end.
    #[error("an empty part; remove the comma")]
    Empty,
    /// Neither a number nor a name that the field knows.
    #[error("where {value:?} is not {expected}")]
    Value {
        /// The value.
        value: String,
        /// What it could be.
        expected: &'static str,
    },
    /// A number that the field does not have.
    #[error("where {value} is not from {min} to {max}")]
    OutOfRange {
        /// The number.
        value: String,
        /// The least.
        min: i8,
        /// The greatest.
        max: i8,
    },
    /// A range whose end is before its start.
    #[error("a range that ends before it starts; write {start}-{max},{min}-{end}")]
    Backwards {
        /// The start of the range.
        start: i8,
        /// The end of the range.
        end: i8,
        /// The least value of the field.
        min: i8,
        /// The greatest value of the field.
        max: i8,
    },
    /// Zero, or not a number.
    #[error("where the step {0:?} is not a whole number of at least 1")]
    Step(String),
}
