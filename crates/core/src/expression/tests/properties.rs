//! What holds for any expression and any event.

use proptest::prelude::*;

use super::{NOW, event};
use crate::expression::parser::parse;
use crate::expression::unparse::unparse;
use crate::expression::{Bound, Expression, Scope};

const NAMES: [&str; 4] = ["a", "b", "c", "d"];

/// Data whose members `a` to `d` are all there.
fn data() -> impl Strategy<Value = String> {
    let scalar = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|value| value.to_string()),
        (-3_i32..3).prop_map(|value| value.to_string()),
        (-3_i32..3).prop_map(|value| format!("{value}.5")),
        "[ab]{0,2}".prop_map(|text| format!("{text:?}")),
        Just(r#""1""#.to_owned()),
    ];
    let value = scalar.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3)
                .prop_map(|items| format!("[{}]", items.join(","))),
            prop::collection::vec(("[abx]", inner), 0..3).prop_map(|members| {
                let members: Vec<_> = members
                    .iter()
                    .map(|(name, value)| format!("{name:?}:{value}"))
                    .collect();
                format!("{{{}}}", members.join(","))
            }),
        ]
    });
    prop::collection::vec(value, 4).prop_map(|values| {
        let members: Vec<_> = NAMES
            .iter()
            .zip(values)
            .map(|(name, value)| format!("{name:?}:{value}"))
            .collect();
        format!("{{{}}}", members.join(","))
    })
}

fn literal() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|value| value.to_string()),
        (-3_i32..3).prop_map(|value| value.to_string()),
        (0_u32..3).prop_map(|value| format!("{value}u")),
        (-3_i32..3).prop_map(|value| format!("{value}.5")),
        Just("2.0".to_owned()),
        "[ab\\\\\"é\n]{0,2}".prop_map(|text| {
            let mut quoted = String::new();
            crate::expression::literal::push_text(&text, &mut quoted);
            quoted
        }),
    ]
}

/// A reference into an event; into that of the run only where there is something.
fn reference() -> impl Strategy<Value = String> {
    let name = prop::sample::select(&NAMES);
    prop_oneof![
        name.clone().prop_map(|name| format!("event.data.{name}")),
        name.clone().prop_map(|name| format!("async.data.{name}")),
        (name.clone(), "[abx]").prop_map(|(name, inner)| format!("async.data.{name}.{inner}")),
        (name, 0..2).prop_map(|(name, at)| format!("async.data.{name}[{at}]")),
        Just("async.data.missing".to_owned()),
        Just("event.ts".to_owned()),
    ]
}

/// An expression that a cancellation could have.
fn restricted() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![reference(), literal()];
    leaf.prop_recursive(5, 40, 3, |inner| {
        let operator = prop::sample::select(&["==", "!=", "<", "<=", ">", ">=", "in", "&&", "||"]);
        prop_oneof![
            4 => (inner.clone(), operator, inner.clone())
                .prop_map(|(left, operator, right)| format!("({left}) {operator} ({right})")),
            1 => inner.clone().prop_map(|operand| format!("!({operand})")),
            1 => (inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(a, b, c)| format!("({a}) ? ({b}) : ({c})")),
            1 => prop::collection::vec(inner.clone(), 0..3)
                .prop_map(|items| format!("[{}]", items.join(", "))),
            1 => (prop::sample::select(&["int", "uint", "double"]), inner.clone())
                .prop_map(|(name, operand)| format!("{name}({operand})")),
            1 => (inner.clone(), inner)
                .prop_map(|(target, index)| format!("[{target}][{index}]")),
        ]
    })
}

/// An expression of the whole language.
fn unrestricted() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        reference(),
        literal(),
        Just("x".to_owned()),
        Just("now()".to_owned()),
        Just("vars".to_owned()),
        Just("b'a\\xff'".to_owned()),
        Just("duration('90m')".to_owned()),
        Just("date('2020-01-01')".to_owned()),
        Just("-9223372036854775808".to_owned()),
        Just("18446744073709551615u".to_owned()),
    ];
    leaf.prop_recursive(6, 60, 3, |inner| {
        let operator = prop::sample::select(&[
            "==", "!=", "<", ">=", "in", "&&", "||", "+", "-", "*", "/", "%",
        ]);
        let method = prop::sample::select(&[
            "contains", "startsWith", "endsWith", "matches", "getHours",
        ]);
        let function = prop::sample::select(&[
            "size", "int", "uint", "double", "string", "bytes", "bool", "dyn", "duration",
            "timestamp", "lowercase", "uppercase", "b64decode", "json_parse", "date", "now_plus",
            "now_minus",
        ]);
        let each = prop::sample::select(&["all", "exists", "exists_one", "filter", "map"]);
        prop_oneof![
            3 => (inner.clone(), operator, inner.clone())
                .prop_map(|(left, operator, right)| format!("({left}) {operator} ({right})")),
            1 => inner.clone().prop_map(|operand| format!("!({operand})")),
            1 => inner.clone().prop_map(|operand| format!("-({operand})")),
            1 => (inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(a, b, c)| format!("({a}) ? ({b}) : ({c})")),
            1 => prop::collection::vec(inner.clone(), 0..3)
                .prop_map(|items| format!("[{}]", items.join(", "))),
            1 => (inner.clone(), inner.clone()).prop_map(|(key, value)| format!("{{{key}: {value}}}")),
            1 => (inner.clone(), inner.clone()).prop_map(|(of, at)| format!("({of})[{at}]")),
            1 => inner.clone().prop_map(|target| format!("has(({target}).a)")),
            1 => (inner.clone(), method, inner.clone())
                .prop_map(|(target, name, part)| format!("({target}).{name}({part})")),
            1 => (function, inner.clone()).prop_map(|(name, operand)| format!("{name}({operand})")),
            2 => (inner.clone(), each, inner)
                .prop_map(|(target, name, body)| format!("({target}).{name}(x, {body})")),
        ]
    })
}

/// With a variable `x` around, which some parts refer to.
fn closed(text: &str) -> String {
    format!("[1, 'a', event.data.a].map(x, {text})")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn any_text_is_compiled_or_refused(text in "\\PC{0,40}") {
        let _ = Expression::compile(&text);
    }

    #[test]
    fn any_tokens_are_compiled_or_refused(
        tokens in prop::collection::vec(
            prop::sample::select(&[
                "event", "async", "x", "1", "1.5", "2u", "0x", "'a", "'b'", "\\", "\"", "b'", "'''",
                "(", ")", "[", "]", "{", "}", ".", ",", ":", "?", "!", "-", "+", "&&", "||", "==",
                "<", "in", "has", "map", "size", "matches", " ", "\n", "//", "null", "é", "1e",
            ]),
            0..20,
        )
    ) {
        let text = tokens.concat();
        if let Ok(expression) = Expression::compile(&text) {
            let event = event("{}");
            let _ = expression.evaluate(&Scope::new(&event, NOW));
        }
    }

    #[test]
    fn any_expression_is_evaluated_or_fails(text in unrestricted(), one in data(), other in data()) {
        let (one, other) = (event(&one), event(&other));
        if let Ok(expression) = Expression::compile(&closed(&text)) {
            let scope = Scope::new(&one, NOW).with_incoming(&other);
            let _ = expression.evaluate(&scope);
            let _ = expression.key(&scope);
            let _ = expression.bind(&one);
            let _ = expression.indexed();
        }
    }

    #[test]
    fn what_is_written_down_reads_as_the_same(text in unrestricted(), one in data(), other in data()) {
        let text = closed(&text);
        // Patterns that are constant may be malformed.
        if let Ok(parsed) = parse(&text) {
            let written = unparse(&parsed.root);
            let again = parse(&written).map_err(|flaw| flaw.message);
            prop_assert!(again.is_ok(), "{} is refused: {:?}", written, again.err());
            prop_assert_eq!(&unparse(&again.unwrap().root), &written);

            let (one, other) = (event(&one), event(&other));
            let scope = Scope::new(&one, NOW).with_incoming(&other);
            let first = Expression::compile(&text).unwrap().evaluate(&scope);
            let second = Expression::compile(&written).unwrap().evaluate(&scope);
            // Compared as text, as NaN differs from itself.
            let shown = |result| format!("{:?}", Result::map_err(result, |error: crate::expression::EvaluationError| error.failure));
            prop_assert_eq!(shown(first), shown(second), "{}", written);
        }
    }

    #[test]
    fn ex_10_a_bound_expression_holds_when_the_expression_does(
        text in restricted(),
        one in data(),
        other in data(),
    ) {
        let expression = Expression::compile_cancellation(&text);
        prop_assert!(expression.is_ok(), "{}: {:?}", text, expression.err());
        let expression = expression.unwrap();
        let (one, other) = (event(&one), event(&other));
        let scope = Scope::new(&one, NOW).with_incoming(&other);
        let expected = expression.holds(&scope).unwrap_or(false);
        match expression.bind(&one).unwrap() {
            Bound::Always => prop_assert!(expected),
            Bound::Never => prop_assert!(!expected),
            Bound::When(bound) => {
                let incoming = Scope::incoming(&other, NOW);
                let holds = bound.holds(&incoming).unwrap_or(false);
                prop_assert_eq!(holds, expected, "{}", bound.text());
                // It is stored as its text.
                let stored = Expression::compile(bound.text()).unwrap();
                prop_assert_eq!(&unparse(&parse(stored.text()).map_err(|flaw| flaw.message).unwrap().root), stored.text());
                if let Some(indexed) = bound.indexed() {
                    let found = indexed.path.key(&other).as_ref() == Some(&indexed.key);
                    let rest = indexed.rest.is_none_or(|rest| rest.holds(&incoming).unwrap_or(false));
                    prop_assert_eq!(found && rest, expected, "{}", bound.text());
                }
            }
        }
    }
}
