//! The table of server-semantics §2.2 for absent and null operands, coercion and truthiness, row
//! by row, and the rules EX-1 and EX-2.

use super::{NOW, check, event, expand};
use crate::expression::{Expression, Key, Scope};

#[test]
fn s2_2_unknown_equals_null_and_nothing_else() {
    check(&[
        ("d.x == null", "{}", "true"),
        ("null == d.x", "{}", "true"),
        ("d.x != null", "{}", "false"),
        ("d.x == 1", "{}", "false"),
        ("1 == d.x", "{}", "false"),
        ("d.x == false", "{}", "false"),
        ("d.x != 1", "{}", "true"),
        ("d.x == d.y", "{}", "false"),
        ("d.x != d.y", "{}", "true"),
    ]);
}

#[test]
fn s2_2_unknown_is_less_than_anything() {
    check(&[
        ("d.x < 1", "{}", "true"),
        ("d.x <= 'a'", "{}", "true"),
        ("d.x < -1", "{}", "true"),
        ("d.x > 1", "{}", "false"),
        ("d.x >= 1", "{}", "false"),
        ("1 < d.x", "{}", "false"),
        ("1 <= d.x", "{}", "false"),
        ("1 > d.x", "{}", "true"),
        ("'' >= d.x", "{}", "true"),
        // The left operand decides.
        ("d.x < d.y", "{}", "true"),
        ("d.x >= d.y", "{}", "false"),
    ]);
}

#[test]
fn s2_2_unknown_in_arithmetic() {
    check(&[
        ("d.x + 1", "{}", "1"),
        ("'a' + d.x", "{}", r#""a""#),
        ("d.x + d.y", "{}", "false"),
        ("(d.x + d.y) == false", "{}", "true"),
        ("(d.x - 1) == false", "{}", "true"),
        ("(2 * d.x) == false", "{}", "true"),
        ("(-d.x) == false", "{}", "true"),
    ]);
}

#[test]
fn s2_2_unknown_arguments_make_false() {
    check(&[
        ("size(d.x)", "{}", "0"),
        ("d.x.size()", "{}", "0"),
        ("(d.x in ['a']) == false", "{}", "true"),
        ("('a' in d.x) == false", "{}", "true"),
        ("d.x.startsWith('a') == false", "{}", "true"),
        ("'a'.startsWith(d.x) == false", "{}", "true"),
        ("d.x.matches('.*') == false", "{}", "true"),
        ("'a'.matches(d.x) == false", "{}", "true"),
        ("int(d.x) == false", "{}", "true"),
        ("uppercase(d.x) == false", "{}", "true"),
        ("date(d.x) == false", "{}", "true"),
        ("d.x.all(y, y) == false", "{}", "true"),
        ("d.x.map(y, y) == false", "{}", "true"),
        ("dyn(d.x) == null", "{}", "true"),
    ]);
}

#[test]
fn s2_2_unknown_alone_is_false() {
    check(&[
        ("d.x", "{}", "false"),
        ("event.v", "{}", "false"),
        ("async.data.x", "{}", "false"),
        ("vars.x", "{}", "false"),
        ("true ? d.x : 1", "{}", "false"),
        ("true && d.x", "{}", "false"),
        // Within a list it is what JSON has for it.
        ("[d.x, 1]", "{}", "[null, 1]"),
        ("{'a': d.x}", "{}", r#"{"a": null}"#),
        ("[1].map(x, d.x)", "{}", "[null]"),
    ]);
}

#[test]
fn s2_2_null_equals_null_alone() {
    check(&[
        ("null == null", "{}", "true"),
        ("d.x == null", r#"{"x":null}"#, "true"),
        ("null == 0", "{}", "false"),
        ("null != ''", "{}", "true"),
        ("null == false", "{}", "false"),
        ("null == d.x", r#"{"x":null}"#, "true"),
        ("[null] == [null]", "{}", "true"),
        ("null in [1, null]", "{}", "true"),
    ]);
}

#[test]
fn s2_2_null_is_ordered_as_a_zero_value() {
    check(&[
        ("null < 1", "{}", "true"),
        ("null > -1", "{}", "true"),
        ("null >= 0.0", "{}", "true"),
        ("null <= 0u", "{}", "true"),
        ("null < 'a'", "{}", "true"),
        ("null < ''", "{}", "false"),
        ("'' <= null", "{}", "true"),
        ("null < true", "{}", "true"),
        ("false < null", "{}", "false"),
        ("b'a' > null", "{}", "true"),
        ("null < duration('1s')", "{}", "true"),
        ("null < timestamp('2020-01-01T00:00:00Z')", "{}", "true"),
        ("null <= null", "{}", "true"),
        ("null < null", "{}", "false"),
        (
            "null < [1]",
            "{}",
            "error: < can't be applied to null and list at line 1 column 6",
        ),
    ]);
}

#[test]
fn s2_2_null_arguments_count_as_absent() {
    check(&[
        ("size(null)", "{}", "0"),
        ("d.x.contains('a') == false", r#"{"x":null}"#, "true"),
        ("d.x.exists(y, y == 1) == false", r#"{"x":null}"#, "true"),
        ("'a' in d.x", r#"{"x":null}"#, "false"),
        ("'a' + null", "{}", r#""a""#),
        ("null + 1", "{}", "1"),
        ("null + null == null", "{}", "true"),
        (
            "null - 1",
            "{}",
            "error: - can't be applied to null and int at line 1 column 6",
        ),
    ]);
}

#[test]
fn s2_2_numbers_compare_whatever_their_type() {
    check(&[
        ("1 == 1.0", "{}", "true"),
        ("1u == 1", "{}", "true"),
        ("1u == 1.0", "{}", "true"),
        ("1 < 1.5", "{}", "true"),
        ("-1 < 1u", "{}", "true"),
        ("-1.5 < -1", "{}", "true"),
        ("2.5 > 2u", "{}", "true"),
        ("d.i == d.f", r#"{"i":3,"f":3.0}"#, "true"),
        // Exact, also where a double would be rounded.
        ("9007199254740993 == 9007199254740992.0", "{}", "false"),
        ("9007199254740993 > 9007199254740992.0", "{}", "true"),
        ("18446744073709551615u < 1e30", "{}", "true"),
        ("-1e30 < -9223372036854775808", "{}", "true"),
        (
            "18446744073709551615u == 18446744073709551616.0",
            "{}",
            "false",
        ),
        ("9223372036854775808u > 9223372036854775807", "{}", "true"),
        ("0.0 / 0.0 == 0.0 / 0.0", "{}", "false"),
        ("0.0 / 0.0 < 1", "{}", "false"),
        ("0.0 / 0.0 >= 1.0", "{}", "false"),
        ("1 in [1.0]", "{}", "true"),
        ("{1: 'a'}[1.0]", "{}", r#""a""#),
        ("{1u: 'a'}[1]", "{}", r#""a""#),
        ("[1, {'a': 2}] == [1.0, {'a': 2u}]", "{}", "true"),
    ]);
}

#[test]
fn s2_2_different_types_differ_without_an_error() {
    check(&[
        ("'200' == 200", "{}", "false"),
        ("'200' != 200", "{}", "true"),
        ("true == 1", "{}", "false"),
        ("[1] == 1", "{}", "false"),
        ("{} == []", "{}", "false"),
        ("b'a' == 'a'", "{}", "false"),
        ("duration('1s') == 1", "{}", "false"),
        ("{1: 2} == {'1': 2}", "{}", "false"),
        ("[1, 2] == [1]", "{}", "false"),
        (
            "'a' < 1",
            "{}",
            "error: < can't be applied to string and int at line 1 column 5",
        ),
        (
            "[1] < [2]",
            "{}",
            "error: < can't be applied to list and list at line 1 column 5",
        ),
        (
            "1 in 'a'",
            "{}",
            "error: in can't be applied to int and string at line 1 column 3",
        ),
    ]);
}

#[test]
fn s2_2_strings_concatenate_the_printed_form() {
    check(&[
        ("'a' + 1", "{}", r#""a1""#),
        ("'a' + -1", "{}", r#""a-1""#),
        ("'a' + 1u", "{}", r#""a1""#),
        ("'a' + 1.0", "{}", r#""a1""#),
        ("'a' + 0.1", "{}", r#""a0.1""#),
        ("'a' + -0.0", "{}", r#""a0""#),
        ("'a' + 1e21", "{}", r#""a1e+21""#),
        ("'a' + 1e20", "{}", r#""a100000000000000000000""#),
        ("'a' + 0.0000001", "{}", r#""a1e-7""#),
        ("'a' + true", "{}", r#""atrue""#),
        (
            "'a' + [1, 'b', [false, null]]",
            "{}",
            r#""a[1 b [false null]]""#,
        ),
        ("'a' + []", "{}", r#""a[]""#),
        (
            "'a' + {'k': 1, 'j': 'x', 3: true}",
            "{}",
            r#""amap[3:true j:x k:1]""#,
        ),
        ("'a' + b'bc'", "{}", r#""abc""#),
        ("'a' + duration('90m')", "{}", r#""a5400s""#),
        (
            "'a' + timestamp('2020-01-01T00:00:00Z')",
            "{}",
            r#""a2020-01-01T00:00:00Z""#,
        ),
        ("1 + 'a'", "{}", r#""1a""#),
        ("'ts ' + event.ts", "{}", r#""ts 1700000000123""#),
    ]);
}

#[test]
fn s2_2_falsy_are_absence_errors_null_false_empty_and_zero() {
    check(&[
        ("!d.x", "{}", "true"),
        ("!null", "{}", "true"),
        ("!false", "{}", "true"),
        ("!''", "{}", "true"),
        ("!0", "{}", "true"),
        ("!0u", "{}", "true"),
        ("!0.0", "{}", "true"),
        ("!-0.0", "{}", "true"),
        ("!(1 / 0)", "{}", "true"),
        ("!(0.0 / 0.0)", "{}", "true"),
        ("!'0'", "{}", "false"),
        ("!'a'", "{}", "false"),
        ("!-1", "{}", "false"),
        ("![]", "{}", "false"),
        ("!{}", "{}", "false"),
        ("!b''", "{}", "false"),
        ("!duration('0')", "{}", "false"),
        ("'' ? 1 : 2", "{}", "2"),
        ("'a' ? 1 : 2", "{}", "1"),
        ("1 / 0 ? 1 : 2", "{}", "2"),
        ("d.x ? 1 : 2", "{}", "2"),
        ("[1, 0, 2].filter(x, x)", "{}", "[1, 2]"),
    ]);
}

#[test]
fn s2_2_logic_returns_the_deciding_operand() {
    check(&[
        ("1 && 'a'", "{}", r#""a""#),
        ("0 && 'a'", "{}", "0"),
        ("1 && 0 && 'a'", "{}", "0"),
        ("'' || 0", "{}", "0"),
        ("0 || '' || 'x' || 'y'", "{}", r#""x""#),
        ("null && 1", "{}", "null"),
        ("(d.x || d.y) == null", "{}", "true"),
        ("1 / 0 || 'a'", "{}", r#""a""#),
        ("'a' || 1 / 0", "{}", r#""a""#),
        ("false && 1 / 0", "{}", "false"),
        (
            "1 / 0 && true",
            "{}",
            "error: division by zero at line 1 column 3",
        ),
        (
            "false || 1 / 0",
            "{}",
            "error: division by zero at line 1 column 12",
        ),
        ("!(1 / 0 && true)", "{}", "true"),
    ]);
}

#[test]
fn ex_1_the_result_is_truthiness() {
    let event = event(r#"{"name":"x","zero":0}"#);
    for (text, expected) in [
        ("event.data.name", true),
        ("event.data.zero", false),
        ("event.data.missing", false),
        ("event.data.missing == null", true),
        ("[]", true),
    ] {
        let expression = Expression::compile(text).unwrap();
        let holds = expression.holds(&Scope::new(&event, NOW));
        assert_eq!(holds, Ok(expected), "{text}");
    }
}

#[test]
fn ex_2_keys_are_strings_or_printed() {
    let event = event(r#"{"s":"a b","n":12,"f":1.50,"l":[1,"x"],"t":true,"no":false,"e":""}"#);
    let text = |text: &str| Key::Text(text.to_owned());
    for (expression, expected) in [
        ("d.s", text("a b")),
        ("d.n", text("12")),
        ("d.f", text("1.5")),
        ("d.l", text("[1 x]")),
        ("d.t", text("true")),
        ("d.e", text("")),
        ("d.s + '-' + d.n", text("a b-12")),
        ("null", text("null")),
        ("d.no", Key::None),
        ("d.missing", Key::None),
        ("d.missing.contains('a')", Key::None),
    ] {
        let compiled = Expression::compile(&expand(expression)).unwrap();
        assert_eq!(
            compiled.key(&Scope::new(&event, NOW)),
            Ok(expected),
            "{expression}"
        );
    }
}
