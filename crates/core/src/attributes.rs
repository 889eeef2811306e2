//! Attributes: values of runs by which they are found, such as the tenant that a run is for.
//!
//! Someone declares them once, for all functions, as an expression over the event that starts a run:
//! `tenant` is `event.data.orgId`. A run gets its values in the commit in which it is scheduled. It
//! has no attribute whose value is absent, null, a list, a map or too long, or can't be evaluated.
//!
//! **Invariant:** as long as none is declared, runs cost nothing more.

use std::collections::BTreeMap;
use std::sync::Arc;

use everstep_protocol::{EventId, RunId, Timestamp};

use crate::change::Change;
use crate::expression::{CompileError, EventView, Expression, Scope};
use crate::limits::{ATTRIBUTE_NAME_MAX, ATTRIBUTE_VALUE_MAX};
use crate::record::{AttributeRecord, RunAttributes};
use crate::shard::Shard;
use crate::turn::Turn;

/// The variables of the expression of an attribute.
const VARIABLES: &[&str] = &[EVENT];
const EVENT: &str = "event";

/// Whether attributes can have the name: it is a part of searches and of parameters of queries.
pub fn is_name(text: &str) -> bool {
    text.len() <= ATTRIBUTE_NAME_MAX
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Compiles the expression of an attribute.
///
/// # Errors
///
/// What is wrong with it, and where.
pub fn compile(text: &str) -> Result<Expression, CompileError> {
    Expression::compile_for(VARIABLES, text)
}

/// Those that are declared.
#[derive(Default)]
pub(crate) struct Attributes {
    /// By name. `None` if this version does not take the expression, which an earlier one did: no
    /// run has a value then.
    expressions: BTreeMap<Arc<str>, Option<Expression>>,
}

impl Attributes {
    pub(crate) fn new(records: Vec<AttributeRecord>) -> Self {
        let records = records.into_iter();
        Self {
            expressions: records
                .map(|record| (record.name, compile(&record.expression).ok()))
                .collect(),
        }
    }

    pub(crate) fn put(&mut self, name: Arc<str>, expression: Expression) {
        self.expressions.insert(name, Some(expression));
    }

    /// Whether there was one of that name.
    pub(crate) fn remove(&mut self, name: &str) -> bool {
        self.expressions.remove(name).is_some()
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.expressions.contains_key(name)
    }

    pub(crate) fn len(&self) -> usize {
        self.expressions.len()
    }

    /// Those of a run that this event starts.
    fn of(&self, event: &EventView, now: Timestamp) -> RunAttributes {
        if self.expressions.is_empty() {
            return RunAttributes::new();
        }
        let own = [(EVENT, event.value().clone())];
        let scope = Scope::of_own(&own, now);
        let values = self.expressions.iter().filter_map(|(name, expression)| {
            let value = expression.as_ref()?.scalar(&scope).ok()??;
            let fits = value.len() <= ATTRIBUTE_VALUE_MAX;
            fits.then(|| (Arc::clone(name), Arc::from(value)))
        });
        values.collect()
    }
}

impl Shard {
    /// A run is there for these events, of which `event` is the first.
    pub(crate) fn put_run_events(
        &self,
        turn: &mut Turn,
        run: RunId,
        events: Vec<EventId>,
        event: &EventView,
    ) {
        turn.change(Change::PutRunEvents { run, events });
        let attributes = self.attributes.of(event, turn.now);
        if !attributes.is_empty() {
            turn.change(Change::PutRunAttributes { run, attributes });
        }
    }
}

#[cfg(test)]
mod tests {
    use everstep_protocol::Json;

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    /// The value that an attribute has for `{"name":"a","data":{"x":…}}`.
    fn value(expression: &str, x: &str) -> Option<String> {
        let mut attributes = Attributes::default();
        attributes.put("a".into(), compile(expression).unwrap());
        let event = format!(r#"{{"name":"a","data":{{"x":{x}}}}}"#);
        let event = EventView::new(Json::parse(event.as_bytes()).unwrap());
        let values = attributes.of(&event, NOW);
        values.get("a").map(|value| value.to_string())
    }

    #[test]
    fn values_are_scalars_in_their_printed_form() {
        for (x, text) in [
            (r#""acme""#, Some("acme")),
            (r#""""#, Some("")),
            ("7", Some("7")),
            ("2.5", Some("2.5")),
            ("true", Some("true")),
            ("false", Some("false")),
            ("null", None),
            ("[1]", None),
            (r#"{"y":1}"#, None),
        ] {
            assert_eq!(value("event.data.x", x).as_deref(), text, "{x}");
        }
        assert_eq!(value("event.data.y", "1"), None, "absent");
        assert_eq!(value("event.data.x / 0", "1"), None, "no value");
        assert_eq!(value("event.name + '!'", "1").as_deref(), Some("a!"));
    }

    #[test]
    fn a_value_that_is_too_long_is_none() {
        let text = |length| format!("\"{}\"", "x".repeat(length));
        let longest = value("event.data.x", &text(ATTRIBUTE_VALUE_MAX));
        assert_eq!(longest.map(|value| value.len()), Some(ATTRIBUTE_VALUE_MAX));
        assert_eq!(value("event.data.x", &text(ATTRIBUTE_VALUE_MAX + 1)), None);
    }

    #[test]
    fn names_are_short_words() {
        let longest = "a".repeat(ATTRIBUTE_NAME_MAX);
        for name in ["tenant", "orgId", "a_1", &longest] {
            assert!(is_name(name), "{name}");
        }
        let longer = "a".repeat(ATTRIBUTE_NAME_MAX + 1);
        for name in ["", "Tenant", "_a", "1a", "a-b", "a.b", "größe", &longer] {
            assert!(!is_name(name), "{name}");
        }
    }

    #[test]
    fn an_expression_that_is_not_taken_any_more_gives_no_values() {
        let record = AttributeRecord {
            name: "a".into(),
            expression: "async.data.x".into(),
            created_at: NOW,
        };
        let attributes = Attributes::new(vec![record]);
        let event = EventView::new(Json::parse(br#"{"data":{"x":1}}"#).unwrap());
        assert!(attributes.has("a") && attributes.of(&event, NOW).is_empty());
    }
}
