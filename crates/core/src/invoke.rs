//! Invocations: a run starts another function and waits for its end (server-semantics §3.9), or a
//! client starts one.

use std::collections::VecDeque;

use everstep_protocol::event::EventInput;
use everstep_protocol::{EventId, JobId, Json, StepId, Timestamp, UserError};

use crate::effect::ReplyTo;
use crate::expression::EventView;
use crate::function::Function;
use crate::reception::Reception;
use crate::record::{EventRecord, Resolution};
use crate::shard::Shard;
use crate::start::{Arrival, Cause};
use crate::turn::Turn;

/// Name of the event that an invoked run is started with.
pub const INVOKED: &str = "inngest/function.invoked";

/// What a step asked for.
#[derive(Clone, Debug)]
pub(crate) struct Invocation {
    /// The wait that the invoked run answers.
    pub(crate) wait: JobId,
    /// Of the event that the invoked run is started with.
    pub(crate) event: EventId,
    pub(crate) step: StepId,
    pub(crate) name: String,
    /// Slug or id.
    pub(crate) function: String,
    pub(crate) payload: Json,
    pub(crate) expires_at: Timestamp,
}

impl Shard {
    /// Start the function that a step invoked.
    pub(crate) fn invoke(&mut self, turn: &mut Turn, by: &Function, invocation: Invocation) {
        let (wait, event) = (invocation.wait, invocation.event);
        let Some(target) = self.registry.find(&invocation.function).cloned() else {
            let error = not_found(&invocation.function);
            return self.resolve(turn, wait, Resolution::Value(error.memoized()));
        };
        let event = turn.event_with_id(event, event_of(by, invocation));
        let view = EventView::new(event.payload.clone());
        self.receive(turn, event.clone());
        let arrival = Arrival {
            function: &target,
            event: &event,
            view: &view,
        };
        if let Err(not_started) = self.start(turn, arrival, Cause::Invocation(wait)) {
            let error = not_started.to_error();
            self.resolve(turn, wait, Resolution::Value(error.memoized()));
        }
    }

    /// Start the function that a client invoked. That there is no such function shows as the end of
    /// a run that never began (http-api §2.2).
    pub(crate) fn invoke_from_outside(
        &mut self,
        turn: &mut Turn,
        function: &str,
        event: EventRecord,
        reply_to: ReplyTo,
    ) {
        let reception = Reception {
            events: VecDeque::from([event]),
            invoked: Some(function.to_owned()),
            reply_to,
            search: None,
        };
        self.begin_reception(turn, reception);
    }

    pub(crate) fn start_invoked(
        &mut self,
        turn: &mut Turn,
        function: &str,
        event: &EventRecord,
        view: &EventView,
    ) {
        match self.registry.find(function).cloned() {
            Some(target) => {
                // Why it starts no run is recorded there.
                let arrival = Arrival {
                    function: &target,
                    event,
                    view,
                };
                let _ = self.start(turn, arrival, Cause::Client);
            }
            None => {
                let data = Json::object([
                    (
                        "_inngest",
                        Json::object([("status", Json::string("Failed"))]),
                    ),
                    ("error", not_found(function).json),
                    ("event", event.payload.clone()),
                    ("events", Json::array([&event.payload])),
                    ("function_id", Json::string(function)),
                    ("run_id", Json::string("")),
                ]);
                self.send(turn, "inngest/function.finished", None, data);
            }
        }
    }
}

/// The event of an invocation (server-semantics §1.7).
fn event_of(by: &Function, invocation: Invocation) -> EventInput {
    let Invocation {
        wait,
        event: _,
        step,
        name,
        function,
        payload,
        expires_at,
    } = invocation;
    let own = Json::object([
        (
            "correlation_id",
            Json::string(&format!("{}.{step}", wait.run)),
        ),
        ("expire", Json::integer(expires_at.as_millis())),
        ("fn_id", Json::string(&function)),
        ("name", Json::string(&name)),
        ("source_app_id", Json::string(&by.record.app.to_string())),
        ("source_fn_id", Json::string(&by.record.id.to_string())),
        ("source_fn_v", Json::integer(i64::from(by.record.version))),
    ]);
    let object = |name: &str| payload.member(name).filter(Json::is_object);
    let data = object("data").unwrap_or_else(|| Json::object([]));
    let members: Vec<(String, Json)> = data.members().collect();
    let members = members.iter().map(|(name, value)| (&**name, value.clone()));
    EventInput {
        user: object("user").unwrap_or_else(|| Json::object([])),
        v: payload.member_text("v").filter(|v| !v.is_empty()),
        ..EventInput::new(INVOKED, Json::object(members.chain([("_inngest", own)])))
    }
}

/// IN-2.
fn not_found(function: &str) -> UserError {
    let message = format!("could not find function with ID: {function}");
    UserError::new("Error", &message)
}
