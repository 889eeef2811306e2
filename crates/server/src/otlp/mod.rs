//! Spans as OpenTelemetry sends them: OTLP over HTTP, in JSON or protobuf, gzip or not
//! (connect-realtime §6.1).
//!
//! | module | owns |
//! |---|---|
//! | `encoding` | bodies: which form they have, reading them, answering in kind |
//! | `span` | what is kept of a span, and which run it names |

mod encoding;
mod span;

use std::collections::BTreeMap;

pub use self::encoding::{BodyError, Encoding};
pub use self::span::{Incoming, spans_of};

/// Why a span is not kept. The request is answered with 200 all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rejection {
    /// No `inngest.traceref` of this server on it.
    NotLinked,
    /// `sdk.run.id` or `sys.function.id` is missing, or is none.
    NoRun,
    /// There is no such run, or it is of another function.
    UnknownRun,
    /// Its id is not one.
    NoId,
    TooLarge,
    TooManyOfRun,
    TooManyRuns,
}

impl Rejection {
    fn as_str(self) -> &'static str {
        match self {
            Self::NotLinked => "without inngest.traceref of a call of this server",
            Self::NoRun => "without a run id in sdk.run.id",
            Self::UnknownRun => "of runs that do not exist, or are of another function",
            Self::NoId => "without a valid span id",
            Self::TooLarge => "too large",
            Self::TooManyOfRun => "of runs that have as many spans as are kept",
            Self::TooManyRuns => "of more runs than one request may name",
        }
    }
}

/// The spans of a request that are not kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rejections(BTreeMap<Rejection, u32>);

impl Rejections {
    pub fn add(&mut self, rejection: Rejection) {
        *self.0.entry(rejection).or_default() += 1;
    }

    pub fn count(&self) -> i64 {
        self.0.values().map(|count| i64::from(*count)).sum()
    }

    /// Why, for people; empty if there are none.
    pub fn message(&self) -> String {
        let counted = self.0.iter();
        let texts = counted.map(|(why, count)| format!("{count} {}", why.as_str()));
        texts.collect::<Vec<_>>().join("; ")
    }
}

#[cfg(test)]
mod tests;
