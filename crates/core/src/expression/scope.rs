//! What an expression is evaluated against: events, and the time.

use std::cell::OnceCell;

use everstep_protocol::json::{Node, Shape};
use everstep_protocol::{Json, Timestamp};

use super::syntax::Variable;
use super::value::{Map, MapKey, Value};

/// The members of an event that expressions see.
const MEMBERS: [&str; 7] = ["data", "id", "meta", "name", "ts", "user", "v"];
/// The member that is a double although it is whole.
const TIME: &str = "ts";

/// An event as expressions see it. It is parsed when an expression first asks for it, and then
/// kept for all others.
#[derive(Clone, Debug)]
pub struct EventView {
    json: Json,
    value: OnceCell<Value>,
}

impl EventView {
    /// An event as it is stored ([`EventInput::payload`](everstep_protocol::event::EventInput)).
    pub fn new(json: Json) -> Self {
        Self {
            json,
            value: OnceCell::new(),
        }
    }

    /// The event's JSON.
    pub fn json(&self) -> &Json {
        &self.json
    }

    /// The event as a map.
    pub fn value(&self) -> &Value {
        self.value.get_or_init(|| event(self.json.tree().root()))
    }
}

fn event(node: Node<'_, '_>) -> Value {
    let members = node.members().filter_map(|(name, node)| {
        let name = MEMBERS.iter().find(|known| ***known == *name)?;
        let value = match (*name, node.shape()) {
            (TIME, Shape::Number(text)) => Value::Double(text.parse().ok()?),
            _ => Value::from_json(node),
        };
        Some((MapKey::Text((*name).into()), value))
    });
    Value::Map(Map::new(members.collect()))
}

/// The variables of one evaluation.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'e> {
    event: Option<&'e EventView>,
    incoming: Option<&'e EventView>,
    own: &'e [(&'static str, Value)],
    now: Timestamp,
}

impl<'e> Scope<'e> {
    /// `event` is the given one; there is no `async`.
    pub fn new(event: &'e EventView, now: Timestamp) -> Self {
        Self {
            event: Some(event),
            incoming: None,
            own: &[],
            now,
        }
    }

    /// `async` is the given event, and there is no `event`: for expressions that have been bound.
    pub fn incoming(incoming: &'e EventView, now: Timestamp) -> Self {
        Self {
            event: None,
            incoming: Some(incoming),
            own: &[],
            now,
        }
    }

    /// Values of the variables that the expression was compiled for; one that is not among them is
    /// unknown.
    pub fn of_own(own: &'e [(&'static str, Value)], now: Timestamp) -> Self {
        Self {
            event: None,
            incoming: None,
            own,
            now,
        }
    }

    /// With the given event as `async`.
    #[must_use]
    pub fn with_incoming(self, incoming: &'e EventView) -> Self {
        Self {
            incoming: Some(incoming),
            ..self
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.now
    }

    /// Unknown if the variable is not set. `vars` never is: nothing sets it.
    pub(super) fn variable(&self, variable: Variable) -> &'e Value {
        let event = match variable {
            Variable::Event => self.event,
            Variable::Async => self.incoming,
            Variable::Vars => None,
            Variable::Own(name) => {
                let own = self.own.iter().find(|(known, _)| *known == name);
                return own.map_or(&Value::Unknown, |(_, value)| value);
            }
        };
        event.map_or(&Value::Unknown, EventView::value)
    }
}
