//! The function that waits for an event with the same `data.id` as its own, and then ends.

use bytes::Bytes;
use everstep_protocol::event::EventInput;
use everstep_protocol::{AppId, FunctionId, Json, StepId};
use serde_json::json;

use crate::shape::APP;

/// Triggers it.
pub(crate) const EVENT: &str = "bench/waiter";
/// What it waits for.
pub(crate) const AWAITED_EVENT: &str = "bench/awaited";
/// Which of those, as the app has it.
pub(crate) const CONDITION: &str = "event.data.id == async.data.id";
/// How its step is shown.
pub(crate) const STEP_NAME: &str = "await";

/// The composite id.
pub(crate) fn slug() -> String {
    format!("{APP}-waiter")
}

pub(crate) fn function() -> FunctionId {
    FunctionId::derive(AppId::derive(APP), &slug())
}

pub(crate) fn step_id() -> StepId {
    StepId::derive(STEP_NAME, 0)
}

/// An event that starts a run, or, by another name, ends the wait of the run that was started with
/// this key.
pub(crate) fn event(name: &str, key: &str) -> EventInput {
    EventInput::new(name, Json::from_value(&json!({ "id": key })))
}

/// The same as a request body.
pub(crate) fn event_body(name: &str, key: &str) -> String {
    json!({ "name": name, "data": { "id": key } }).to_string()
}

/// What the app answers to the first call.
pub(crate) fn reply() -> Bytes {
    let wait = json!([{
        "op": "WaitForEvent",
        "id": step_id().as_str(),
        "name": AWAITED_EVENT,
        "displayName": STEP_NAME,
        "opts": { "event": AWAITED_EVENT, "if": CONDITION, "timeout": "1d" },
        "userland": { "id": STEP_NAME },
    }]);
    wait.to_string().into()
}
