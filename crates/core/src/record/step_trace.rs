//! What is kept of a step beside its result: nothing is decided by it.

use everstep_protocol::{EventId, Json, Timestamp};

use crate::limits::STEP_INPUT_KEPT_MAX;

const INPUT: &str = "input";
const GIVEN_INPUT: &str = "givenInput";
const INPUT_SIZE: &str = "inputSize";
const REQUEST: &str = "request";
const UNTIL: &str = "until";
const EVENT: &str = "event";
const CONDITION: &str = "condition";
const SIGNAL: &str = "signal";
const FUNCTION: &str = "function";
const SENT_EVENT: &str = "sentEvent";
const FOUND_EVENT: &str = "foundEvent";
const TIMED_OUT: &str = "timedOut";

/// What is kept of a step for those who look at its run. Stores keep it as a JSON object without
/// looking into it; members that a step has no use for are not there.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StepTrace {
    /// The arguments of the step, unless they are larger than [`STEP_INPUT_KEPT_MAX`].
    pub input: Option<Json>,
    /// Arguments that a rerun gave it instead of its own: calls carry them.
    pub given_input: Option<Json>,
    /// Bytes of arguments that are not kept.
    pub input_size: Option<i64>,
    /// The request that the server made for it, without secrets.
    pub request: Option<Json>,
    /// When a sleep ends, or a wait at the latest.
    pub until: Option<Timestamp>,
    /// Name of the event that is waited for.
    pub event: Option<String>,
    /// Of the wait, as the user wrote it.
    pub condition: Option<String>,
    /// Name of the signal that is waited for.
    pub signal: Option<String>,
    /// The function that is invoked, by the name that the app gave.
    pub function: Option<String>,
    /// The event that the invoked run is started with.
    pub sent_event: Option<EventId>,
    /// The event that ended the wait.
    pub found_event: Option<EventId>,
    /// Whether the time of the wait ended it; `None` as long as it waits.
    pub timed_out: Option<bool>,
}

impl StepTrace {
    /// The arguments of a step, as far as they are kept. `None` if it has none.
    pub(crate) fn of_input(input: Option<Json>) -> Option<Self> {
        let input = input?;
        Some(if input.len() <= STEP_INPUT_KEPT_MAX {
            Self {
                input: Some(input),
                ..Self::default()
            }
        } else {
            Self {
                input_size: i64::try_from(input.len()).ok(),
                ..Self::default()
            }
        })
    }

    /// What [`StepTrace::to_json`] made. The text is read once: a run can have ten thousand steps.
    pub fn read(json: &Json) -> Self {
        let mut trace = Self::default();
        for (name, value) in json.members() {
            match name.as_str() {
                INPUT => trace.input = Some(value),
                GIVEN_INPUT => trace.given_input = Some(value),
                INPUT_SIZE => trace.input_size = integer(&value),
                REQUEST => trace.request = Some(value),
                UNTIL => trace.until = integer(&value).map(Timestamp::from_millis),
                EVENT => trace.event = value.to_text(),
                CONDITION => trace.condition = value.to_text(),
                SIGNAL => trace.signal = value.to_text(),
                FUNCTION => trace.function = value.to_text(),
                SENT_EVENT => trace.sent_event = id(&value),
                FOUND_EVENT => trace.found_event = id(&value),
                TIMED_OUT => trace.timed_out = Some(value.as_str() == "true"),
                _ => {}
            }
        }
        trace
    }

    /// One member of what [`StepTrace::to_json`] made.
    pub(crate) fn given_input(json: &Json) -> Option<Json> {
        json.member(GIVEN_INPUT)
    }

    /// As stores keep it.
    pub fn to_json(&self) -> Json {
        let text = |text: &Option<String>| text.as_deref().map(Json::string);
        let id = |id: Option<EventId>| id.map(|id| Json::string(&id.to_string()));
        let is_timed_out = |is: bool| Json::from_canonical(if is { "true" } else { "false" });
        let members = [
            (INPUT, self.input.clone()),
            (GIVEN_INPUT, self.given_input.clone()),
            (INPUT_SIZE, self.input_size.map(Json::integer)),
            (REQUEST, self.request.clone()),
            (UNTIL, self.until.map(|at| Json::integer(at.as_millis()))),
            (EVENT, text(&self.event)),
            (CONDITION, text(&self.condition)),
            (SIGNAL, text(&self.signal)),
            (FUNCTION, text(&self.function)),
            (SENT_EVENT, id(self.sent_event)),
            (FOUND_EVENT, id(self.found_event)),
            (TIMED_OUT, self.timed_out.map(is_timed_out)),
        ];
        let present = members
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)));
        Json::object(present)
    }
}

fn id(json: &Json) -> Option<EventId> {
    json.to_text()?.parse().ok()
}

/// Canonical integers below 2^53 are their digits.
fn integer(json: &Json) -> Option<i64> {
    json.as_str().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_reads_back_as_it_was() {
        let id = EventId::from_parts(Timestamp::from_millis(1_700_000_000_000), 7);
        let text = |text: &str| Some(text.to_owned());
        let full = StepTrace {
            input: Some(Json::from_canonical("[{\"a\":1}]")),
            given_input: Some(Json::from_canonical("[2]")),
            input_size: Some(3),
            request: Some(Json::object([])),
            until: Some(Timestamp::from_millis(1_700_000_000_123)),
            event: text("shop/paid"),
            condition: text("async.data.a == \"b\""),
            signal: text("go"),
            function: text("shop-pay"),
            sent_event: Some(id),
            found_event: Some(id),
            timed_out: Some(false),
        };
        for trace in [full, StepTrace::default()] {
            assert_eq!(StepTrace::read(&trace.to_json()), trace);
        }
        assert_eq!(StepTrace::default().to_json().as_str(), "{}");
    }

    #[test]
    fn a_large_input_leaves_its_size() {
        let long = |letters: usize| Json::string(&"x".repeat(letters));
        let kept = StepTrace::of_input(Some(long(STEP_INPUT_KEPT_MAX - 2))).unwrap();
        assert!(kept.input.is_some() && kept.input_size.is_none());
        let left = StepTrace::of_input(Some(long(STEP_INPUT_KEPT_MAX - 1))).unwrap();
        assert_eq!((left.input, left.input_size), (None, Some(262_145)));
        assert_eq!(StepTrace::of_input(None), None);
    }
}
