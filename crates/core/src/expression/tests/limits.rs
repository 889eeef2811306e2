//! Every limit, and what hostile expressions come up against.

use super::{NOW, event};
use crate::expression::{
    BindError, CompileError, CompileErrorKind, EvaluationError, EventView, Expression, Failure,
    Scope,
};
use crate::limits::{
    EVALUATION_SIZE_MAX, EVALUATION_STEPS_MAX, EXPRESSION_DEPTH_MAX, EXPRESSION_NODES_MAX,
    EXPRESSION_PATTERNS_MAX, EXPRESSION_TEXT_MAX, PATTERN_SIZE_MAX, PATTERN_TEXT_MAX,
};

fn refused(text: &str, kind: CompileErrorKind) -> CompileError {
    let error = Expression::compile(text).expect_err("beyond a limit");
    assert_eq!(error.kind, kind, "{error}");
    error
}

fn failure(text: &str, event: &EventView) -> Failure {
    let result: Result<_, EvaluationError> = Expression::compile(text)
        .unwrap()
        .evaluate(&Scope::new(event, NOW));
    result.expect_err("beyond a limit").failure
}

/// An event whose data has a list `l` of that many numbers.
fn numbers(count: usize) -> EventView {
    let items: Vec<String> = (0..count).map(|number| number.to_string()).collect();
    event(&format!(r#"{{"l":[{}]}}"#, items.join(",")))
}

#[test]
fn texts_are_of_bounded_length() {
    let longest = format!("'{}'", "x".repeat(EXPRESSION_TEXT_MAX - 2));
    assert!(Expression::compile(&longest).is_ok());
    let error = refused(&format!("{longest} "), CompileErrorKind::Limit);
    assert_eq!(
        error.message,
        "the expression has 65537 bytes; at most 65536 are allowed"
    );
}

#[test]
fn expressions_have_bounded_parts() {
    let list = |parts: usize| format!("[{}1]", "1,".repeat(parts - 2));
    assert!(Expression::compile(&list(EXPRESSION_NODES_MAX)).is_ok());
    let error = refused(&list(EXPRESSION_NODES_MAX + 1), CompileErrorKind::Limit);
    assert_eq!(error.message, "the expression has more than 8192 parts");
}

#[test]
fn nesting_is_bounded_whatever_nests() {
    for (open, middle, close) in [
        ("(", "1", ")"),
        ("[", "1", "]"),
        ("!", "true", ""),
        ("-", "event.ts", ""),
        ("- - ! ", "event.ts", ""),
        ("{1: ", "1", "}"),
        ("{", "1", ": 1}"),
        ("event[", "1", "]"),
        ("size(", "'a'", ")"),
        ("has(", "event.x", ".y)"),
        ("event.x.contains(", "1", ")"),
        ("true ? (", "1", ") : 1"),
        ("true ? 1 : ", "1", ""),
        ("1 + ", "1", ""),
        ("", "event", ".x"),
        ("", "event", "[0]"),
        ("event.l.exists(x, ", "true", ")"),
        ("[event.ts].map(x, [", "1", "])"),
    ] {
        // More than enough to overflow any stack, were it not for the bounds.
        for count in [EXPRESSION_DEPTH_MAX + 1, 10_000, 100_000] {
            let text = format!("{}{middle}{}", open.repeat(count), close.repeat(count));
            refused(&text, CompileErrorKind::Limit);
        }
    }
}

#[test]
fn nesting_up_to_the_bound_is_evaluated() {
    let count = EXPRESSION_DEPTH_MAX - 1;
    for text in [
        format!("{}1{}", "(".repeat(count), ")".repeat(count)),
        format!("{}event.ts", "!".repeat(count - 1)),
        format!("event{}", ".x".repeat(count)),
        format!("{}1", "1 + ".repeat(count)),
        format!("{}1", "true ? 1 : ".repeat(count)),
        format!(
            "{}true{}",
            "[1].exists(x, ".repeat(count),
            ")".repeat(count)
        ),
    ] {
        let expression =
            Expression::compile(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert!(
            expression.evaluate(&Scope::new(&event("{}"), NOW)).is_ok(),
            "{text}"
        );
        assert!(expression.bind(&event("{}")).is_ok(), "{text}");
    }
    // A chain is one level, however long.
    let chain = format!("{}true", "event.ts && ".repeat(2000));
    assert!(Expression::compile(&chain).is_ok());
}

#[test]
fn patterns_are_bounded() {
    let many = |count: usize| vec!["'a'.matches('b')"; count].join(" || ");
    assert!(Expression::compile(&many(EXPRESSION_PATTERNS_MAX)).is_ok());
    let error = refused(&many(EXPRESSION_PATTERNS_MAX + 1), CompileErrorKind::Limit);
    assert_eq!(error.message, "more than 16 regular expressions");

    let long = |len: usize| format!("'a'.matches('{}')", "b".repeat(len));
    assert!(Expression::compile(&long(PATTERN_TEXT_MAX)).is_ok());
    let error = refused(&long(PATTERN_TEXT_MAX + 1), CompileErrorKind::Pattern);
    assert_eq!(
        error.message,
        "a regular expression of more than 1024 bytes"
    );

    let error = refused("'a'.matches('(a{100}){100}')", CompileErrorKind::Pattern);
    let expected = format!(
        "the regular expression \"(a{{100}}){{100}}\" takes more than {PATTERN_SIZE_MAX} bytes when compiled"
    );
    assert_eq!(error.message, expected);
    // Usual ones are far from that.
    for pattern in [
        r"^[\w.+-]+@[\w-]+\.[\w.]{2,63}$",
        r"^(\d{1,3}\.){3}\d{1,3}$",
        r"(?i)^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$",
    ] {
        assert!(Expression::compile(&format!("event.name.matches('{pattern}')")).is_ok());
    }
}

#[test]
fn steps_are_bounded() {
    let event = numbers(2000);
    for text in [
        "event.data.l.all(x, event.data.l.all(y, x + y >= 0))",
        "event.data.l.map(x, event.data.l.map(y, event.data.l.map(z, x + y + z)))",
        "event.data.l.all(x, !(-1 in event.data.l))",
        "event.data.l.all(x, event.data.l == event.data.l)",
        "event.data.l.map(x, string(event.data.l)).size()",
        "event.data.l.map(x, 'a'.matches(event.name)).size()",
        "event.data.l.all(x, date('2020-01-01') < date('2020-01-02'))",
    ] {
        assert_eq!(failure(text, &event), Failure::Steps, "{text}");
    }
    assert_eq!(
        failure("event.data.l.all(x, event.data.l.all(y, true))", &event).to_string(),
        format!("the evaluation takes more than {EVALUATION_STEPS_MAX} steps")
    );
}

#[test]
fn steps_count_the_length_of_texts() {
    let long = "0".repeat(1_000_000);
    let items = ["1"; 1000].join(",");
    let event = event(&format!(
        r#"{{"l":[{items}],"s":"{long}","m":{{"{long}1":1,"{long}":2}}}}"#
    ));
    for text in [
        "int(event.data.s) == 1",
        "uint(event.data.s) == 1",
        "double(event.data.s) == 1",
        "bool(event.data.s)",
        "duration(event.data.s) == 1",
        "timestamp(event.data.s) == 1",
        "date(event.data.s) == 1",
        "json_parse(event.data.s).a == 1",
        "now_plus(event.data.s) == 1",
        "now().getHours(event.data.s) == 1",
        "size(event.data.s) == 1",
        "event.data.s.contains('1')",
        "'1'.startsWith(event.data.s)",
        "event.data.s.matches('1')",
        "event.data.s == event.data.s + '' && false",
        "event.data.s < '0' + event.data.s && false",
        "event.data.m[event.data.s] == 1",
        "event.data.s in event.data.m && false",
        "{event.data.s: 1} == 1",
        "event.data.m == event.data.m && false",
        "uppercase(event.data.s) == '1'",
        "b64decode(event.data.s) == '1'",
        "bytes(event.data.s) == b'1'",
        "bytes(event.data.s).size() == 1",
    ] {
        let text = format!("event.data.l.exists(x, {text})");
        let failure = failure(&text, &event);
        assert!(failure.is_limit(), "{text}: {failure}");
    }
}

#[test]
fn a_limit_is_not_a_falsy_value() {
    let event = numbers(2000);
    let endless = "event.data.l.all(x, event.data.l.all(y, x + y >= 0))";
    for text in [
        format!("!({endless})"),
        format!("{endless} || true"),
        format!("({endless}) ? 1 : 2"),
        format!("[1].exists(x, {endless})"),
        format!("[1].filter(x, {endless})"),
    ] {
        assert_eq!(failure(&text, &event), Failure::Steps, "{text}");
    }
    // Nor when it is folded.
    let expression = Expression::compile(&format!("!({endless}) || async.data.x")).unwrap();
    assert!(expression.bind(&event).is_err());
}

#[test]
fn the_size_of_what_is_made_is_bounded() {
    let doubled = |times: usize| {
        let mut text = "['xxxxxxxx']".to_owned();
        for _ in 0..times {
            text.push_str(".map(x, x + x)");
        }
        text
    };
    let event = event("{}");
    let fine = Expression::compile(&format!("{}[0].size()", doubled(15))).unwrap();
    assert!(fine.evaluate(&Scope::new(&event, NOW)).is_ok());
    assert_eq!(failure(&doubled(40), &event), Failure::Size);
    assert_eq!(
        failure(&doubled(40), &event).to_string(),
        format!("the evaluation makes values of more than {EVALUATION_SIZE_MAX} bytes")
    );
    let lists = format!("[event.name]{}", ".map(x, [x, x, x, x])".repeat(40));
    // Shared, so it is small until somebody looks at all of it.
    assert!(
        Expression::compile(&lists)
            .unwrap()
            .evaluate(&Scope::new(&event, NOW))
            .is_ok()
    );
    assert_eq!(failure(&format!("string({lists})"), &event), Failure::Size);
    assert_eq!(
        failure(&format!("{lists} == {lists}"), &event),
        Failure::Steps
    );
    let expression = Expression::compile(&lists).unwrap();
    assert_eq!(
        expression
            .key(&Scope::new(&event, NOW))
            .unwrap_err()
            .failure,
        Failure::Size
    );

    let bound = Expression::compile(&format!("{lists} == async.data.x")).unwrap();
    let Err(BindError::Evaluation(error)) = bound.bind(&event) else {
        panic!("bound");
    };
    assert_eq!(error.failure, Failure::Steps);

    let parsed = format!("json_parse({}[0])", doubled(18));
    assert_eq!(failure(&parsed, &event), Failure::Size);
}

#[test]
fn matching_is_linear() {
    let event = event(&format!(r#"{{"x":"{}"}}"#, "a".repeat(20_000)));
    let expression =
        Expression::compile("event.data.x.matches('^(a+)+$') && !event.data.x.matches('(a|a)*b')");
    assert_eq!(
        expression.unwrap().holds(&Scope::new(&event, NOW)),
        Ok(true)
    );
}

#[test]
fn deep_events_are_looked_into() {
    let depth = 400;
    let data = format!(r#"{{"x":{}1{}}}"#, "[".repeat(depth), "]".repeat(depth));
    let event = event(&data);
    let scope = Scope::new(&event, NOW);
    let same = Expression::compile("event.data.x == event.data.x && string(event.data.x) != ''");
    assert_eq!(same.unwrap().holds(&scope), Ok(true));
    // As a literal it is nested more deeply than an expression may be.
    let bound = Expression::compile("event.data.x == async.data.x").unwrap();
    assert!(bound.bind(&event).is_err());
}
