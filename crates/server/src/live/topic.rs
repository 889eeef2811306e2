//! What a client can follow, and how it is written.

use std::fmt;
use std::str::FromStr;

use everstep_protocol::{EventId, RunId};

/// Characters of a topic that nobody knows, in the message that says so.
const SHOWN_MAX: usize = 64;

/// What a client follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Topic {
    /// All runs: their rows, not their steps.
    Runs,
    /// One run and its steps.
    Run(RunId),
    Events,
    /// One event, and the runs that it started.
    Event(EventId),
    Apps,
    Functions,
    /// That something changed of what limits runs, and of what they wait for.
    Flow,
    /// Bulk operations.
    Operations,
    /// Groups of errors.
    Errors,
    /// The audit log.
    Audit,
}

/// A text that is no topic.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no topic: one of runs, run:<run id>, events, event:<event id>, apps, functions, flow, \
     operations, errors, audit is"
)]
pub(crate) struct TopicError(String);

impl FromStr for Topic {
    type Err = TopicError;

    fn from_str(text: &str) -> Result<Self, TopicError> {
        let unknown = || TopicError(text.chars().take(SHOWN_MAX).collect());
        Ok(match (text, text.split_once(':')) {
            ("runs", _) => Self::Runs,
            ("events", _) => Self::Events,
            ("apps", _) => Self::Apps,
            ("functions", _) => Self::Functions,
            ("flow", _) => Self::Flow,
            ("operations", _) => Self::Operations,
            ("errors", _) => Self::Errors,
            ("audit", _) => Self::Audit,
            (_, Some(("run", id))) => Self::Run(id.parse().map_err(|_| unknown())?),
            (_, Some(("event", id))) => Self::Event(id.parse().map_err(|_| unknown())?),
            _ => return Err(unknown()),
        })
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Runs => f.write_str("runs"),
            Self::Run(run) => write!(f, "run:{run}"),
            Self::Events => f.write_str("events"),
            Self::Event(event) => write!(f, "event:{event}"),
            Self::Apps => f.write_str("apps"),
            Self::Functions => f.write_str("functions"),
            Self::Flow => f.write_str("flow"),
            Self::Operations => f.write_str("operations"),
            Self::Errors => f.write_str("errors"),
            Self::Audit => f.write_str("audit"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_is_read_as_it_is_written() {
        let texts = [
            "runs",
            "run:01JD00000000000000000000G1",
            "events",
            "event:01JD00000000000000000000G2",
            "apps",
            "functions",
            "flow",
            "operations",
            "errors",
            "audit",
        ];
        for text in texts {
            let topic: Topic = text.parse().unwrap();
            assert_eq!(topic.to_string(), text);
        }
    }

    #[test]
    fn any_other_text_is_no_topic() {
        let long = "é".repeat(1000);
        for text in [
            "", "run", "run:", "run:1", "event:x", "RUNS", "runs:", &long,
        ] {
            let error = text.parse::<Topic>().unwrap_err();
            let shown: String = text.chars().take(SHOWN_MAX).collect();
            assert_eq!(error, TopicError(shown), "{text:?}");
        }
    }
}
