//! Functions, macros and arithmetic.

use super::check;

#[test]
fn s2_2_strings() {
    check(&[
        ("'abc'.startsWith('ab')", "{}", "true"),
        ("'abc'.endsWith('ab')", "{}", "false"),
        ("'abc'.contains('b')", "{}", "true"),
        ("'abc'.contains('')", "{}", "true"),
        ("size('aé😀')", "{}", "3"),
        ("'abc'.size()", "{}", "3"),
        ("size(b'aé')", "{}", "3"),
        ("size([1, 2])", "{}", "2"),
        ("{'a': 1}.size()", "{}", "1"),
        ("lowercase('AÉ')", "{}", r#""aé""#),
        ("uppercase('aé')", "{}", r#""AÉ""#),
        (
            "size(1)",
            "{}",
            "error: size can't be applied to int at line 1 column 1",
        ),
        (
            "'a'.contains(1)",
            "{}",
            "error: contains can't be applied to string and int at line 1 column 5",
        ),
        (
            "uppercase(1)",
            "{}",
            "error: uppercase can't be applied to int at line 1 column 1",
        ),
    ]);
}

#[test]
fn s2_2_matches_is_re2() {
    check(&[
        ("'abc'.matches('b')", "{}", "true"),
        ("'abc'.matches('^b')", "{}", "false"),
        ("matches('abc', '[a-c]{3}')", "{}", "true"),
        (
            "d.x.matches(d.p)",
            r#"{"x":"ab1","p":"^[a-z]+\\d$"}"#,
            "true",
        ),
        // The classes of RE2 know ASCII only.
        (r"'é'.matches('\\w')", "{}", "false"),
        (r"'é'.matches('\\W')", "{}", "true"),
        (r"'٣'.matches('\\d')", "{}", "false"),
        (r"'é'.matches('\\p{L}')", "{}", "true"),
        (r"'a-b c'.matches('^[\\w-]+[\\s][^\\s]$')", "{}", "true"),
        (r"'a b'.matches('\\bb\\b')", "{}", "true"),
        (r"'éa'.matches('\\ba')", "{}", "true"),
        (r"'\x5d'.matches('[\\]]')", "{}", "true"),
        (
            "1.matches('a')",
            "{}",
            "error: matches can't be applied to int and string at line 1 column 3",
        ),
        (
            "'a'.matches(d.p)",
            r#"{"p":"("}"#,
            "error: malformed regular expression \"(\": unclosed group at line 1 column 5",
        ),
        (
            "'a'.matches('(')",
            "{}",
            "invalid: malformed regular expression \"(\": unclosed group at line 1 column 13",
        ),
        (
            "'a'.matches(1)",
            "{}",
            "invalid: `matches` takes a string as its pattern at line 1 column 13",
        ),
    ]);
}

#[test]
fn s2_2_conversions() {
    check(&[
        ("int('-12')", "{}", "-12"),
        ("int(1.9)", "{}", "1"),
        ("int(-1.9)", "{}", "-1"),
        ("int(3u)", "{}", "3"),
        ("int(timestamp('1970-01-01T00:01:00Z'))", "{}", "60"),
        ("uint('12')", "{}", "12u"),
        ("uint(1.9)", "{}", "1u"),
        ("uint(7)", "{}", "7u"),
        ("double('1.5')", "{}", "1.5"),
        ("double(2)", "{}", "2.0"),
        ("string(1.0)", "{}", r#""1""#),
        ("string([1, 'a'])", "{}", r#""[1 a]""#),
        ("string(b'ab')", "{}", r#""ab""#),
        ("bytes('ab')", "{}", r#"b"ab""#),
        ("bool('true')", "{}", "true"),
        ("bool('0')", "{}", "false"),
        ("dyn(1)", "{}", "1"),
        (
            "int('x')",
            "{}",
            "error: \"x\" is not an integer at line 1 column 1",
        ),
        (
            "int(1e30)",
            "{}",
            "error: the result of int is out of range at line 1 column 1",
        ),
        (
            "uint(-1)",
            "{}",
            "error: the result of uint is out of range at line 1 column 1",
        ),
        (
            "double('x')",
            "{}",
            "error: \"x\" is not a number at line 1 column 1",
        ),
        (
            "bool('yes')",
            "{}",
            "error: \"yes\" is not a bool at line 1 column 1",
        ),
        (
            "string(b'\\xff')",
            "{}",
            "error: a value of bytes is not UTF-8 at line 1 column 1",
        ),
        (
            "int([])",
            "{}",
            "error: int can't be applied to list at line 1 column 1",
        ),
    ]);
}

#[test]
fn s2_2_decoding() {
    check(&[
        ("b64decode('aGk=')", "{}", r#""hi""#),
        ("b64decode('not base64')", "{}", r#""""#),
        (
            "json_parse('{\"a\": [1.0, null]}')",
            "{}",
            r#"{"a": [1, null]}"#,
        ),
        ("json_parse('[1]')", "{}", "{}"),
        ("json_parse('{')", "{}", "{}"),
        (
            "json_parse(d.x).a.b == null",
            r#"{"x":"{\"a\":1}"}"#,
            "true",
        ),
    ]);
}

#[test]
fn s2_2_arithmetic() {
    check(&[
        ("1 + 2 * 3 - 4 / 2 % 2", "{}", "7"),
        ("(1 + 2) * 3", "{}", "9"),
        ("7 / 2", "{}", "3"),
        ("-7 / 2", "{}", "-3"),
        ("-7 % 3", "{}", "-1"),
        ("7 / 2.0", "{}", "3.5"),
        // JSON does not tell 10 from 10.0, so a double may meet an int.
        ("d.price * 1.5", r#"{"price":10.0}"#, "15.0"),
        ("d.price + 0.5", r#"{"price":10}"#, "10.5"),
        ("2u + 3", "{}", "5"),
        ("2u + 3u", "{}", "5u"),
        ("-(2 + 3)", "{}", "-5"),
        ("- 5", "{}", "-5"),
        ("--5", "{}", "5"),
        ("!-5", "{}", "false"),
        ("[1] + [2, 3]", "{}", "[1, 2, 3]"),
        ("b'a' + b'b'", "{}", r#"b"ab""#),
        ("1 / 0", "{}", "error: division by zero at line 1 column 3"),
        (
            "1u % 0u",
            "{}",
            "error: division by zero at line 1 column 4",
        ),
        ("1.0 / 0 > 1", "{}", "true"),
        (
            "9223372036854775807 + 1",
            "{}",
            "error: the result of + is out of range at line 1 column 21",
        ),
        (
            "-(-9223372036854775808)",
            "{}",
            "error: the result of - is out of range at line 1 column 1",
        ),
        (
            "-9223372036854775808 / -1",
            "{}",
            "error: the result of / is out of range at line 1 column 22",
        ),
        (
            "1u - 2u",
            "{}",
            "error: the result of - is out of range at line 1 column 4",
        ),
        (
            "18446744073709551615u + 1",
            "{}",
            "error: the result of + is out of range at line 1 column 23",
        ),
        (
            "1.5 % 1.0",
            "{}",
            "error: % can't be applied to double and double at line 1 column 5",
        ),
        (
            "true + 1",
            "{}",
            "error: + can't be applied to bool and int at line 1 column 6",
        ),
        (
            "-'a'",
            "{}",
            "error: - can't be applied to string at line 1 column 1",
        ),
    ]);
}

#[test]
fn s2_2_macros() {
    check(&[
        ("[1, 2, 3].all(x, x > 0)", "{}", "true"),
        ("[1, 2, 3].all(x, x > 1)", "{}", "false"),
        ("[].all(x, false)", "{}", "true"),
        ("[1, 2].exists(x, x == 2)", "{}", "true"),
        ("[].exists(x, true)", "{}", "false"),
        ("[1, 2, 2].exists_one(x, x == 2)", "{}", "false"),
        ("[1, 2, 3].exists_one(x, x == 2)", "{}", "true"),
        ("[1, 2, 3].filter(x, x != 2)", "{}", "[1, 3]"),
        ("[1, 2, 3].map(x, x * 2)", "{}", "[2, 4, 6]"),
        ("[1, 2, 3].map(x, x != 2, x * 2)", "{}", "[2, 6]"),
        // A map gives its keys.
        ("{'b': 1, 'a': 2}.map(k, k + '!')", "{}", r#"["a!", "b!"]"#),
        (
            "d.m.exists(k, d.m[k] == 2)",
            r#"{"m":{"a":1,"b":2}}"#,
            "true",
        ),
        (
            "[[1, 2], [3]].map(x, x.map(y, y + size(x)))",
            "{}",
            "[[3, 4], [4]]",
        ),
        // The innermost variable of a name counts.
        ("[1, 2].map(x, [10].map(x, x)[0] + x)", "{}", "[11, 12]"),
        ("[1].map(event, event)", "{}", "[1]"),
        (
            "d.items.exists(i, i.sku == 'b' && i.n > 1)",
            r#"{"items":[{"sku":"a"},{"sku":"b","n":2}]}"#,
            "true",
        ),
        (
            "d.items.filter(i, i.n > 1).size()",
            r#"{"items":[{"n":1},{"n":2},{}]}"#,
            "1",
        ),
        // What fails for an element does not hold for it.
        ("[1, 'a', 3].exists(x, x > 2)", "{}", "true"),
        ("['a', 3].all(x, x > 2)", "{}", "false"),
        ("[3, 'a'].filter(x, x > 2)", "{}", "[3]"),
        (
            "[[1].exists(x, x / 0 == 1), true].all(y, !y) || [2].exists(x, x == 2)",
            "{}",
            "true",
        ),
        (
            "['a'].map(x, x * 2)",
            "{}",
            "error: * can't be applied to string and int at line 1 column 16",
        ),
        (
            "1.map(x, x)",
            "{}",
            "error: map can't be applied to int at line 1 column 3",
        ),
    ]);
}
