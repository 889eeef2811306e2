//! The grammar, names, and how expressions are written down again.

use super::{check, evaluate};
use crate::expression::parser::parse;
use crate::expression::unparse::unparse;

#[test]
fn literals() {
    check(&[
        ("0x1F", "{}", "31"),
        ("-0x10", "{}", "-16"),
        ("7u", "{}", "7u"),
        ("0xFFu", "{}", "255u"),
        ("1.5e3", "{}", "1500.0"),
        ("1e3", "{}", "1000.0"),
        (".5", "{}", "0.5"),
        ("-9223372036854775808", "{}", "-9223372036854775808"),
        ("'a\"b'", "{}", r#""a\"b""#),
        ("\"a'b\"", "{}", r#""a'b""#),
        ("'''it's\n\"x\"'''", "{}", r#""it's\n\"x\"""#),
        ("\"\"\"a\"b\"\"\"", "{}", r#""a\"b""#),
        ("r'\\d'", "{}", r#""\\d""#),
        ("b'\\x00\\377a'", "{}", r#"b"\x00\xffa""#),
        ("br'\\x'", "{}", r#"b"\\x""#),
        ("'é' == '\\u00e9'", "{}", "true"),
        ("[1, 'a', [true],]", "{}", r#"[1, "a", [true]]"#),
        (
            "{'a': 1, 2: {}, true: null,}",
            "{}",
            r#"{true: null, 2: {}, "a": 1}"#,
        ),
        ("{'a': 1, 'a': 2}", "{}", r#"{"a": 2}"#),
        (
            "-1u",
            "{}",
            "error: - can't be applied to uint at line 1 column 1",
        ),
        (
            "{[1]: 2}",
            "{}",
            "error: list is not a key of a map at line 1 column 2",
        ),
    ]);
}

#[test]
fn operators_bind_as_in_cel() {
    check(&[
        ("1 + 2 * 3 == 7 && !false || false", "{}", "true"),
        ("true || true && false", "{}", "true"),
        ("1 < 2 == true", "{}", "true"),
        ("true ? 1 : false ? 2 : 3", "{}", "1"),
        ("false ? 1 : false ? 2 : 3", "{}", "3"),
        ("2 in [1, 2] ? 'y' : 'n'", "{}", r#""y""#),
        ("10 - 3 - 2", "{}", "5"),
        ("-d.x + 1", r#"{"x":3}"#, "-2"),
        ("!d.x.y", r#"{"x":{"y":1}}"#, "false"),
        ("[1, 2][0]", "{}", "1"),
        ("{'a': [5]}.a[0]", "{}", "5"),
        (
            "'a'.size() + (2).size()",
            "{}",
            "error: size can't be applied to int at line 1 column 18",
        ),
    ]);
}

/// Texts and what is said of them.
const WRONG: &[(&str, &str)] = &[
    ("", "the expression is empty at line 1 column 1"),
    (
        " \n // nothing",
        "the expression is empty at line 2 column 12",
    ),
    (
        "1 +",
        "expected a value, found the end of the expression at line 1 column 4",
    ),
    (
        "1 2",
        "expected an operator or the end of the expression, found a number at line 1 column 3",
    ),
    (
        "event.data.x = 1",
        "unexpected character '='; equality is `==` at line 1 column 14",
    ),
    (
        "true & false",
        "unexpected character '&'; the conjunction is `&&` at line 1 column 6",
    ),
    ("'a", "a string that is not closed at line 1 column 1"),
    ("'a\nb'", "a string that is not closed at line 1 column 1"),
    ("'a\\'", "a string that is not closed at line 1 column 1"),
    (
        "(1",
        "expected `)`, found the end of the expression at line 1 column 3",
    ),
    (
        "[1 2]",
        "expected `,` or `]`, found a number at line 1 column 4",
    ),
    ("[,]", "expected a value, found `,` at line 1 column 2"),
    ("{'a' 1}", "expected `:`, found a number at line 1 column 6"),
    (
        "size('a'",
        "expected `,` or `)`, found the end of the expression at line 1 column 9",
    ),
    (
        "event.1",
        "expected an operator or the end of the expression, found a number at line 1 column 6",
    ),
    (
        "event.",
        "expected the name of a member, found the end of the expression at line 1 column 7",
    ),
    (
        "true ? 1",
        "expected `:`, found the end of the expression at line 1 column 9",
    ),
    ("1a", "a malformed number at line 1 column 1"),
    (
        "0x",
        "a number that is malformed or beyond 64 bits at line 1 column 1",
    ),
    (
        "9223372036854775808",
        "a number that is malformed or beyond 64 bits at line 1 column 1",
    ),
    ("1e999", "a number beyond the doubles at line 1 column 1"),
    ("in", "expected a value, found `in` at line 1 column 1"),
    (
        "data.x == 1",
        "there is no variable `data`; those of an expression are event, async and vars at line 1 column 1",
    ),
    (
        "event.data.x.trim()",
        "there is no function `trim` at line 1 column 14",
    ),
    ("foo(1)", "there is no function `foo` at line 1 column 1"),
    (
        "contains('a', 'b')",
        "`contains` is called as `x.contains(…)` at line 1 column 1",
    ),
    (
        "'a'.int()",
        "`int` is called as `int(x)` at line 1 column 5",
    ),
    (
        "size()",
        "`size` takes one argument, not 0 at line 1 column 1",
    ),
    (
        "'a'.size(1)",
        "`size` takes no argument, not 1 at line 1 column 5",
    ),
    (
        "now(1)",
        "`now` takes no argument, not 1 at line 1 column 1",
    ),
    (
        "'a'.contains()",
        "`contains` takes one argument, not 0 at line 1 column 5",
    ),
    (
        "now().getHours(1, 2)",
        "`getHours` takes 0 or 1 arguments, not 2 at line 1 column 7",
    ),
    (
        "matches('a')",
        "`matches` takes 2 arguments, not 1 at line 1 column 1",
    ),
    (
        "has(event)",
        "`has` takes a member, such as `has(event.data.x)` at line 1 column 5",
    ),
    (
        "[1].exists(1, true)",
        "expected the name of the variable for an element, found a number at line 1 column 12",
    ),
    (
        "[1].exists(x)",
        "expected `,`, found `)` at line 1 column 13",
    ),
    (
        "[1].exists(x, )",
        "`exists` takes a variable and one expression at line 1 column 5",
    ),
    (
        "[1].exists(x, 1, 2)",
        "`exists` takes a variable and one expression at line 1 column 5",
    ),
    (
        "[1].map(x, 1, 2, 3)",
        "`map` takes a variable and one or two expressions at line 1 column 5",
    ),
    (
        "[1].map(x, y)",
        "there is no variable `y`; those of an expression are event, async and vars at line 1 column 12",
    ),
    // The variable of a macro is gone after it.
    (
        "[1].all(x, x) && x",
        "there is no variable `x`; those of an expression are event, async and vars at line 1 column 18",
    ),
    (
        "event.data.ünder",
        "unexpected character 'ü' at line 1 column 12",
    ),
];

#[test]
fn what_is_wrong_is_said() {
    let wrong: Vec<String> = WRONG
        .iter()
        .filter_map(|(text, expected)| {
            let actual = evaluate(text, "{}");
            (actual != format!("invalid: {expected}"))
                .then(|| format!("{text}\n  {actual}\n  not {expected}"))
        })
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn what_is_written_down_is_in_normal_form() {
    const CASES: &[(&str, &str)] = &[
        ("event['data']['a b'].c", r#"event.data["a b"].c"#),
        ("(1+2)*3-(4-5)", "(1 + 2) * 3 - (4 - 5)"),
        ("(true&&false)||(1==2)", "true && false || 1 == 2"),
        ("true&&(false||true)", "true && (false || true)"),
        ("true&&(false&&true)", "true && false && true"),
        ("!(true&&false)", "!(true && false)"),
        ("-(5)", "-(5)"),
        ("-5", "-5"),
        ("1 - -5", "1 - -5"),
        ("(5).size()", "(5).size()"),
        ("(true ? 1 : 2) ? 3 : 4", "(true ? 1 : 2) ? 3 : 4"),
        ("true ? 1 : (false ? 2 : 3)", "true ? 1 : false ? 2 : 3"),
        ("(1 == 2) == false", "1 == 2 == false"),
        ("1 == (2 == 3)", "1 == (2 == 3)"),
        ("size('a') + 'a'.size()", r#""a".size() + "a".size()"#),
        ("int('1')", r#"int("1")"#),
        (
            "matches(event.name, '\\\\d+')",
            r#"event.name.matches("\\d+")"#,
        ),
        ("has(event.data['a b'])", r#"has(event.data["a b"])"#),
        ("[1, 2].map(x, x > 1, [x])", "[1, 2].map(x, x > 1, [x])"),
        ("{'a': event.ts}['a']", r#"{"a": event.ts}.a"#),
        ("now_plus('1h')", r#"now_plus("1h")"#),
        ("1295.0", "1295.0"),
        ("event.data.x[event.data.y]", "event.data.x[event.data.y]"),
    ];
    for (text, expected) in CASES {
        let parsed = parse(text).map_err(|flaw| flaw.message);
        let printed = unparse(&parsed.unwrap().root);
        assert_eq!(printed, *expected, "{text}");
        let again = unparse(&parse(&printed).map_err(|flaw| flaw.message).unwrap().root);
        assert_eq!(again, printed, "{text}");
    }
}

#[test]
fn every_function_is_found_by_its_name() {
    // `Function::name` looks the table up; it would panic for one that is missing.
    for text in [
        "size('a')",
        "'a'.contains('a')",
        "'a'.startsWith('a')",
        "'a'.endsWith('a')",
        "'a'.matches(event.name)",
        "int(1)",
        "uint(1)",
        "double(1)",
        "string(1)",
        "bytes('a')",
        "bool('t')",
        "dyn(1)",
        "duration('1s')",
        "timestamp(1)",
        "lowercase('a')",
        "uppercase('a')",
        "b64decode('')",
        "json_parse('')",
        "date(1)",
        "now()",
        "now_plus('1s')",
        "now_minus('1s')",
        "now().getFullYear()",
        "now().getMonth()",
        "now().getDate()",
        "now().getDayOfMonth()",
        "now().getDayOfWeek()",
        "now().getDayOfYear()",
        "now().getHours()",
        "now().getMinutes()",
        "now().getSeconds()",
        "now().getMilliseconds()",
    ] {
        let parsed = parse(text).map_err(|flaw| flaw.message).unwrap();
        assert!(!unparse(&parsed.root).is_empty(), "{text}");
    }
}
