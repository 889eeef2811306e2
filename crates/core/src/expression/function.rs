//! The functions and macros that expressions can name, how they are called, and with how many
//! arguments.
//!
//! Does not know what they do.

use std::ops::RangeInclusive;

use super::error::{CompileErrorKind, Flaw, shown};
use super::time::Part;

/// The functions. What each does is in `call.rs`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    Size,
    Contains,
    StartsWith,
    EndsWith,
    Matches,
    Int,
    UInt,
    Double,
    Text,
    Bytes,
    Bool,
    Dyn,
    Duration,
    Timestamp,
    Part(Part),
    Lowercase,
    Uppercase,
    Base64Decode,
    JsonParse,
    Date,
    Now,
    NowPlus,
    NowMinus,
}

/// How a function is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// `f(x)`
    Global,
    /// `x.f()`
    Method,
    /// Either.
    Both,
}

/// A function as expressions see it.
pub(super) struct Signature {
    pub(super) name: &'static str,
    pub(super) function: Function,
    form: Form,
    /// How many, with the value that a method is called on.
    arguments: RangeInclusive<usize>,
}

const fn signature(
    name: &'static str,
    function: Function,
    form: Form,
    arguments: RangeInclusive<usize>,
) -> Signature {
    Signature {
        name,
        function,
        form,
        arguments,
    }
}

const fn part(name: &'static str, part: Part) -> Signature {
    signature(name, Function::Part(part), Form::Method, 1..=2)
}

/// All functions.
const FUNCTIONS: [Signature; 32] = [
    signature("size", Function::Size, Form::Both, 1..=1),
    signature("contains", Function::Contains, Form::Method, 2..=2),
    signature("startsWith", Function::StartsWith, Form::Method, 2..=2),
    signature("endsWith", Function::EndsWith, Form::Method, 2..=2),
    signature("matches", Function::Matches, Form::Both, 2..=2),
    signature("int", Function::Int, Form::Global, 1..=1),
    signature("uint", Function::UInt, Form::Global, 1..=1),
    signature("double", Function::Double, Form::Global, 1..=1),
    signature("string", Function::Text, Form::Global, 1..=1),
    signature("bytes", Function::Bytes, Form::Global, 1..=1),
    signature("bool", Function::Bool, Form::Global, 1..=1),
    signature("dyn", Function::Dyn, Form::Global, 1..=1),
    signature("duration", Function::Duration, Form::Global, 1..=1),
    signature("timestamp", Function::Timestamp, Form::Global, 1..=1),
    part("getFullYear", Part::Year),
    part("getMonth", Part::Month),
    part("getDate", Part::Date),
    part("getDayOfMonth", Part::DayOfMonth),
    part("getDayOfWeek", Part::DayOfWeek),
    part("getDayOfYear", Part::DayOfYear),
    part("getHours", Part::Hours),
    part("getMinutes", Part::Minutes),
    part("getSeconds", Part::Seconds),
    part("getMilliseconds", Part::Milliseconds),
    signature("lowercase", Function::Lowercase, Form::Global, 1..=1),
    signature("uppercase", Function::Uppercase, Form::Global, 1..=1),
    signature("b64decode", Function::Base64Decode, Form::Global, 1..=1),
    signature("json_parse", Function::JsonParse, Form::Global, 1..=1),
    signature("date", Function::Date, Form::Global, 1..=1),
    signature("now", Function::Now, Form::Global, 0..=0),
    signature("now_plus", Function::NowPlus, Form::Global, 1..=1),
    signature("now_minus", Function::NowMinus, Form::Global, 1..=1),
];

impl Function {
    fn signature(self) -> &'static Signature {
        FUNCTIONS
            .iter()
            .find(|signature| signature.function == self)
            .expect("a test looks every function up")
    }

    pub(super) fn name(self) -> &'static str {
        self.signature().name
    }

    /// Whether it is written `x.f()`, where there is a choice.
    pub(super) fn is_method(self) -> bool {
        self.signature().form != Form::Global
    }

    /// Whether it reads a string from its beginning to its end, byte by byte.
    pub(super) fn parses(self) -> bool {
        match self {
            Self::Int
            | Self::UInt
            | Self::Double
            | Self::Bool
            | Self::Duration
            | Self::Timestamp
            | Self::JsonParse
            | Self::Date
            | Self::NowPlus
            | Self::NowMinus => true,
            Self::Size
            | Self::Contains
            | Self::StartsWith
            | Self::EndsWith
            | Self::Matches
            | Self::Text
            | Self::Bytes
            | Self::Dyn
            | Self::Part(_)
            | Self::Lowercase
            | Self::Uppercase
            | Self::Base64Decode
            | Self::Now => false,
        }
    }

    /// Whether its result depends on when it is evaluated.
    pub(super) fn reads_time(self) -> bool {
        matches!(self, Self::Now | Self::NowPlus | Self::NowMinus)
    }
}

/// The function that is called `name(…)` or, as a method, `x.name(…)`; `count` includes `x`.
pub(super) fn find(
    name: &str,
    as_method: bool,
    count: usize,
    at: usize,
) -> Result<&'static Signature, Flaw> {
    let Some(signature) = FUNCTIONS.iter().find(|signature| signature.name == name) else {
        let message = format!("there is no function `{}`", shown(name));
        return Err(Flaw::new(CompileErrorKind::UnknownName, at, message));
    };
    let flaw = |message: String| Flaw::new(CompileErrorKind::Arguments, at, message);
    match signature.form {
        Form::Global if as_method => {
            return Err(flaw(format!("`{name}` is called as `{name}(x)`")));
        }
        Form::Method if !as_method => {
            return Err(flaw(format!("`{name}` is called as `x.{name}(…)`")));
        }
        Form::Global | Form::Method | Form::Both => {}
    }
    if !signature.arguments.contains(&count) {
        let own = usize::from(as_method);
        let (min, max) = (
            signature.arguments.start().saturating_sub(own),
            signature.arguments.end() - own,
        );
        let takes = match (min, max) {
            (0, 0) => "no argument".to_owned(),
            (1, 1) => "one argument".to_owned(),
            (min, max) if min == max => format!("{min} arguments"),
            (min, max) => format!("{min} or {max} arguments"),
        };
        let given = count - own;
        return Err(flaw(format!("`{name}` takes {takes}, not {given}")));
    }
    Ok(signature)
}

/// The macros that look at each element of a list, or each key of a map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EachKind {
    All,
    Exists,
    ExistsOne,
    Map,
    Filter,
}

impl EachKind {
    const ALL: [(Self, &'static str); 5] = [
        (Self::All, "all"),
        (Self::Exists, "exists"),
        (Self::ExistsOne, "exists_one"),
        (Self::Map, "map"),
        (Self::Filter, "filter"),
    ];

    pub(super) fn named(name: &str) -> Option<Self> {
        let (kind, _) = Self::ALL.iter().find(|(_, other)| *other == name)?;
        Some(*kind)
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Exists => "exists",
            Self::ExistsOne => "exists_one",
            Self::Map => "map",
            Self::Filter => "filter",
        }
    }
}
