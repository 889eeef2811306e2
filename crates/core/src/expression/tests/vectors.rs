//! The conformance vectors of server-semantics §2.2, one row each.

use super::{Case, check};

#[test]
fn s2_2_conformance_vectors() {
    const CASES: &[Case] = &[
        ("d.name", r#"{"name":"Ann"}"#, r#""Ann""#),
        (
            "d.a + '-' + d.n + '-' + d.b + '-' + d.l + '-' + d.m",
            r#"{"a":"k","n":9.1,"b":true,"l":[3,"x",true]}"#,
            r#""k-9.1-true-[3 x true]-""#,
        ),
        ("d.a + d.missing", r#"{"a":"k"}"#, r#""k""#),
        ("d.missing", "{}", "false"),
        ("d.x == null", "{}", "true"),
        ("d.x != null", "{}", "false"),
        ("d.x == null", r#"{"x":"hi"}"#, "false"),
        ("d.x != ''", "{}", "true"),
        ("d.x > 0", r#"{"x":null}"#, "false"),
        ("null > 0", r#"{"x":null}"#, "false"),
        ("size(d.x) > 0", r#"{"x":null}"#, "false"),
        ("size(d.tags) == 0", "{}", "true"),
        ("size(d.tags) == 1", "{}", "false"),
        ("d.f > null && d.i > null", r#"{"f":3.1,"i":8}"#, "true"),
        ("d.i > 3.141 && d.f <= 2", r#"{"i":8,"f":1.1}"#, "true"),
        ("d.p.q.r == 'z'", r#"{"p":null}"#, "false"),
        ("d.p.q.r != 'z'", r#"{"p":null}"#, "true"),
        ("'t' in d.p.tags", "{}", "false"),
        ("(d.missing in ['A','B']) == false", "{}", "true"),
        ("d.missing.exists(x, x == 'a')", "{}", "false"),
        ("d.missing.contains(d.t)", r#"{"t":"n"}"#, "false"),
        (
            "d.tags.exists(x, x == 'b')",
            r#"{"tags":["a","b"]}"#,
            "true",
        ),
        ("d.a == d.b", r#"{"a":{"n":9},"b":{"n":1.2}}"#, "false"),
        (
            "d.a == d.b",
            r#"{"a":{"n":[9,{}]},"b":{"n":[9.0,{}]}}"#,
            "true",
        ),
        ("d.status == 200", r#"{"status":"200"}"#, "false"),
        ("int(d.status) == 200", r#"{"status":"200"}"#, "true"),
        ("d.x || d.y", r#"{"y":"u1"}"#, r#""u1""#),
        ("d.x || d.y", r#"{"x":"","y":"u1"}"#, r#""u1""#),
        ("d.x || d.y", "{}", "false"),
        ("d.x && d.y", r#"{"x":"a","y":"b"}"#, r#""b""#),
        ("d.x && d.y", r#"{"x":"","y":"b"}"#, r#""""#),
        ("has(d.a) && d.a", r#"{"a":false}"#, "false"),
        ("uppercase(d.p) == 'P1'", r#"{"p":"p1"}"#, "true"),
        (
            r#"json_parse(b64decode(d.e)).k == "v""#,
            r#"{"e":"eyJrIjoidiJ9"}"#,
            "true",
        ),
        (
            "date(d.t) + duration('1h') == date('2020-01-01T13:00:00')",
            r#"{"t":"2020-01-01T12:00:00"}"#,
            "true",
        ),
    ];
    check(CASES);
}
