//! Putting the event of a run into an expression (EX-10), and the policy for cancellations.

use super::{NOW, event};
use crate::expression::{BindError, Bound, CompileErrorKind, EventView, Expression, Scope};

const DATA: &str = r#"{"id":"ab_1","value":1295,"float":1.5,"yes":true,"no":false,"null":null,
    "list":[1,"a",{"k":2.5}],"map":{"a":{"b":"c"},"key":"a"},"quote":"a\"b\\c\n\u0007é","empty":"",
    "when":"2020-01-01","pattern":"^a+$","broken":"("}"#;

/// The text of what is left; `never` or `always`; or what went wrong.
fn bound(text: &str) -> String {
    let expression = Expression::compile(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    match expression.bind(&event(DATA)) {
        Ok(Bound::Never) => "never".to_owned(),
        Ok(Bound::Always) => "always".to_owned(),
        Ok(Bound::When(rest)) => rest.text().to_owned(),
        Err(error) => format!("error: {error}"),
    }
}

fn check(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        assert_eq!(bound(text), *expected, "{text}");
    }
}

#[test]
fn ex_10_references_become_literals() {
    check(&[
        (
            "event.data.id == async.data.id && 500 <= event.data.value",
            r#""ab_1" == async.data.id"#,
        ),
        ("async.data.v == event.data.value", "async.data.v == 1295"),
        ("async.data.v == event.data.float", "async.data.v == 1.5"),
        ("async.ts > event.ts", "async.ts > 1700000000123.0"),
        ("async.data.x == event.data.missing", "async.data.x == null"),
        (
            "async.data.x == event.data.id.deeper",
            "async.data.x == null",
        ),
        (
            "async.data.x == event.data.list",
            r#"async.data.x == [1, "a", {"k": 2.5}]"#,
        ),
        (
            "async.data.x == event.data.list[2].k",
            "async.data.x == 2.5",
        ),
        (
            "async.data.x == event.data['map']['a'].b",
            r#"async.data.x == "c""#,
        ),
        (
            "async.data.x == event.data.map[event.data.map.key].b",
            r#"async.data.x == "c""#,
        ),
        (
            "async.data.x == event.data.map[event.data.id]",
            "async.data.x == null",
        ),
        (
            "event.data.map[async.data.k] == 1",
            r#"{"a": {"b": "c"}, "key": "a"}[async.data.k] == 1"#,
        ),
        (
            "async.data.x == event.data.quote",
            r#"async.data.x == "a\"b\\c\n\u0007é""#,
        ),
        (
            "async.data.x in ['b', event.data.id]",
            r#"async.data.x in ["b", "ab_1"]"#,
        ),
        ("has(event.data.id) && async.data.x", "async.data.x"),
        ("has(event.data.missing) || async.data.x", "async.data.x"),
    ]);
}

#[test]
fn ex_10_constants_are_folded() {
    check(&[
        ("event.data.value > 1000", "always"),
        ("event.data.value > 2000", "never"),
        ("event.data.missing == null", "always"),
        ("event.data.no && async.data.x", "never"),
        ("async.data.x && event.data.no", "never"),
        ("async.data.x && event.data.yes", "async.data.x"),
        ("event.data.yes || async.data.x", "always"),
        ("async.data.x || event.data.yes", "always"),
        (
            "event.data.no || async.data.x || event.data.empty",
            "async.data.x",
        ),
        ("!(event.data.no || async.data.x)", "!async.data.x"),
        (
            "event.data.yes ? async.data.x : async.data.y",
            "async.data.x",
        ),
        (
            "event.data.no ? async.data.x : async.data.y",
            "async.data.y",
        ),
        (
            "async.data.x ? event.data.yes : event.data.no",
            "async.data.x ? true : false",
        ),
        (
            "(async.data.x && (event.data.yes && async.data.y)) && true",
            "async.data.x && async.data.y",
        ),
        (
            "event.data.list.exists(x, x == 'a') && async.data.x",
            "async.data.x",
        ),
        (
            "async.data.l.exists(x, [1, 2].exists(y, y == 1) && x == 1)",
            "async.data.l.exists(x, x == 1)",
        ),
        (
            "async.data.l.exists(x, event.data.list.exists(y, y == x))",
            r#"async.data.l.exists(x, [1, "a", {"k": 2.5}].exists(y, y == x))"#,
        ),
        (
            "async.data.l.map(x, event.data.value)[0] == 1295",
            "async.data.l.map(x, 1295)[0] == 1295",
        ),
        (
            "date(event.data.when) < date('2021-01-01') && async.data.x",
            "async.data.x",
        ),
        (
            "date(async.data.t) > date(event.data.when)",
            r#"date(async.data.t) > date("2020-01-01")"#,
        ),
        ("event.data.value / 0 == 1 || async.data.x", "async.data.x"),
        (
            "event.data.value / 0 == async.data.x",
            "1295 / 0 == async.data.x",
        ),
        ("1 / 0", "never"),
        (
            "event.data.id.matches('^ab') && async.data.x",
            "async.data.x",
        ),
        (
            "async.data.x.matches(event.data.pattern)",
            r#"async.data.x.matches("^a+$")"#,
        ),
    ]);
}

#[test]
fn ex_10_where_a_value_is_used_it_stays() {
    check(&[
        ("(event.data.id && async.data.x) == 1", "async.data.x == 1"),
        (
            "(async.data.x && event.data.id) == 'a'",
            r#"(async.data.x && "ab_1") == "a""#,
        ),
        (
            "(async.data.x || event.data.no) == false",
            "(async.data.x || false) == false",
        ),
        ("(event.data.no || async.data.x) == 1", "async.data.x == 1"),
        ("(event.data.no && async.data.x) == false", "always"),
        (
            "(async.data.x || event.data.id || async.data.y) == 1",
            r#"(async.data.x || "ab_1") == 1"#,
        ),
        (
            "(event.data.yes ? event.data.id : 'x') == async.data.x",
            r#""ab_1" == async.data.x"#,
        ),
    ]);
}

#[test]
fn ex_10_what_is_absent_elsewhere_stays_absent() {
    // `[][0]` is no reference to the event: unlike null it differs from itself.
    check(&[
        ("[][0] == async.data.x", "[][0] == async.data.x"),
        ("[][0] == [event.data.id][1]", "never"),
        ("[][0] || async.data.x", "async.data.x"),
    ]);
}

#[test]
fn ex_10_the_present_and_vars_stay_open() {
    check(&[
        (
            "now() > date(event.data.when)",
            r#"now() > date("2020-01-01")"#,
        ),
        (
            "now_plus('1h') > date(async.ts)",
            r#"now_plus("1h") > date(async.ts)"#,
        ),
        ("vars.x == event.data.id", r#"vars.x == "ab_1""#),
    ]);
}

#[test]
fn ex_10_a_reference_absent_on_both_sides_matches() {
    let expression = Expression::compile("event.data.x == async.data.x").unwrap();
    let (empty, other) = (event("{}"), event(r#"{"x":1}"#));
    let Ok(Bound::When(bound)) = expression.bind(&empty) else {
        panic!("not open");
    };
    assert_eq!(bound.text(), "null == async.data.x");
    assert_eq!(bound.holds(&Scope::incoming(&empty, NOW)), Ok(true));
    assert_eq!(bound.holds(&Scope::incoming(&other, NOW)), Ok(false));
    // Not so without binding.
    let both = Scope::new(&empty, NOW).with_incoming(&empty);
    assert_eq!(expression.holds(&both), Ok(false));
}

#[test]
fn ex_10_what_can_not_be_bound_says_so() {
    assert_eq!(
        bound("async.data.x.matches(event.data.broken)"),
        "error: malformed regular expression \"(\": unclosed group at line 1 column 22"
    );
    let long = "x".repeat(crate::limits::EXPRESSION_TEXT_MAX);
    let event = event(&format!(r#"{{"long":"{long}"}}"#));
    let expression = Expression::compile("event.data.long == async.data.x").unwrap();
    let Err(BindError::Compile(error)) = expression.bind(&event) else {
        panic!("bound");
    };
    assert_eq!(error.kind, CompileErrorKind::Limit);
}

#[test]
fn ex_13_an_event_is_parsed_once_for_all_expressions() {
    let event = EventView::new(super::event(DATA).json().clone());
    let first: *const _ = event.value();
    let expression = Expression::compile("event.data.id == 'ab_1'").unwrap();
    assert_eq!(expression.holds(&Scope::new(&event, NOW)), Ok(true));
    assert!(std::ptr::eq(first, event.value()));
}

#[test]
fn s2_2_cancellations_compare_and_nothing_else() {
    for text in [
        "event.data.id == async.data.id",
        "!(event.data.a != async.data['b'] || async.data.c < 1) && async.data.d in [1, -2, 'x']",
        "async.data.x ? async.data.y >= 1.5 : async.data.z <= 2u",
        "int(async.data.x) == 1 && uint(event.data.y) > 2u && double(async.data.z) == 0.5",
        "async.data.x == null && {'a': 1}.a == event.data.m[async.data.i]",
    ] {
        let expression = Expression::compile_cancellation(text);
        assert!(expression.is_ok(), "{text}: {:?}", expression.err());
    }
    for (text, what, column) in [
        ("has(async.data.x)", "`has`", 1),
        ("async.data.x + 1 == 2", "`+`", 14),
        ("1 - async.data.x == 2", "`-`", 3),
        ("-async.data.x == 2", "`-`", 1),
        ("true && async.data.l.exists(x, x == 1)", "`exists`", 22),
        ("async.data.x.startsWith('a')", "`startsWith`", 14),
        ("async.data.x.matches('a')", "`matches`", 14),
        ("async.data.x.matches(event.data.y)", "`matches`", 14),
        ("size(async.data.x) == 1", "`size`", 1),
        ("string(async.data.x) == '1'", "`string`", 1),
        ("async.ts < now()", "`now`", 12),
        ("[int(async.data.x * 2)] == [2]", "`*`", 19),
    ] {
        let error = Expression::compile_cancellation(text).unwrap_err();
        assert_eq!(error.kind, CompileErrorKind::Restricted, "{text}");
        let expected = format!("Cancellation expression is invalid: {what} can't be used here");
        assert_eq!(error.message, expected, "{text}");
        assert_eq!(error.place.column, column, "{text}");
        // Elsewhere they are allowed; a wait only warns.
        let expression = Expression::compile(text).unwrap();
        assert_eq!(expression.restriction(), Some(error));
    }
}
