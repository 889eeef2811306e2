//! What expressions mean, as tables of expressions, the data of the event, and results.

mod bind;
mod cache;
mod errors;
mod functions;
mod index;
mod language;
mod limits;
mod members;
mod properties;
mod semantics;
mod times;
mod vectors;

use everstep_protocol::{Json, Timestamp};

use super::syntax::{Kind, Node};
use super::unparse::unparse;
use super::{EventView, Expression, Scope, Value};

/// 2026-01-02T03:04:05.678Z
const NOW: Timestamp = Timestamp::from_millis(1_767_323_045_678);

/// An expression, the data of the event in a relaxed notation, and the result.
type Case = (&'static str, &'static str, &'static str);

/// An event with this data.
fn event(data: &str) -> EventView {
    let text = format!(
        r#"{{"name":"shop/order","id":"01J","ts":1700000000123,"user":{{"plan":"pro"}},"data":{data}}}"#
    );
    let json = Json::parse(text.as_bytes());
    EventView::new(json.unwrap_or_else(|error| panic!("{error} in {data}")))
}

/// The result as a literal; an instant or a duration as it is printed; an error as its message.
fn shown(result: Result<Value, impl std::fmt::Display>) -> String {
    match result {
        Ok(Value::Timestamp(at)) => at.to_string(),
        Ok(value @ Value::Duration(_)) => {
            let mut text = String::new();
            super::print::print(&value, &mut text, &mut super::meter::Meter::new()).unwrap();
            text
        }
        Ok(value) => unparse(&Node::new(Kind::Literal(value), 0)),
        Err(error) => format!("error: {error}"),
    }
}

/// `d` as a name stands for `event.data`, as in the tables of the specification.
fn expand(text: &str) -> String {
    let mut out = String::new();
    let mut before = ' ';
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let starts = !before.is_ascii_alphanumeric() && before != '_';
        if c == 'd' && starts && chars.peek() == Some(&'.') {
            out.push_str("event.data");
        } else {
            out.push(c);
        }
        before = c;
    }
    out
}

fn evaluate(expression: &str, data: &str) -> String {
    match Expression::compile(&expand(expression)) {
        Ok(expression) => shown(expression.evaluate(&Scope::new(&event(data), NOW))),
        Err(error) => format!("invalid: {error}"),
    }
}

/// Evaluates each case, and shows all that are wrong at once.
fn check(cases: &[Case]) {
    assert!(!cases.is_empty());
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|(expression, data, expected)| {
            let actual = evaluate(expression, data);
            (actual != *expected)
                .then(|| format!("{expression}\n  with {data}\n  is {actual}, not {expected}"))
        })
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
