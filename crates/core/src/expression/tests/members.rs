//! Members of events, and what EX-4 says of texts.

use super::check;

#[test]
fn ex_4_indexing_is_member_access() {
    check(&[
        ("event['data'].x", r#"{"x":1}"#, "1"),
        ("event['data']['x']", r#"{"x":1}"#, "1"),
        ("event.data[d.key]", r#"{"x":1,"key":"x"}"#, "1"),
        ("d.l[1]", r#"{"l":[1,2]}"#, "2"),
        ("d.l[1.0]", r#"{"l":[1,2]}"#, "2"),
        ("event.data['a b']", r#"{"a b":1}"#, "1"),
        ("d.package.in.null", r#"{"package":{"in":{"null":7}}}"#, "7"),
    ]);
}

#[test]
fn ex_4_below_an_absent_parent_everything_is_unknown() {
    check(&[
        ("d.a.b.c == null", r#"{"a":null}"#, "true"),
        ("d.a['b'][0].c == null", "{}", "true"),
        ("d.l[2] == null", r#"{"l":[1,2]}"#, "true"),
        ("d.l[-1] == null", r#"{"l":[1,2]}"#, "true"),
        ("d.l['x'] == null", r#"{"l":[1,2]}"#, "true"),
        ("d.s.x == null", r#"{"s":"text"}"#, "true"),
        ("d.s[0] == null", r#"{"s":"text"}"#, "true"),
        ("event.data[d.x] == null", "{}", "true"),
        ("has(d.a.b)", r#"{"a":null}"#, "false"),
        ("has(d.a)", r#"{"a":null}"#, "true"),
        ("has(d.a)", "{}", "false"),
        ("has(event.data['a'])", r#"{"a":1}"#, "true"),
    ]);
}

#[test]
fn ex_4_dates_work_with_the_standard_library() {
    check(&[
        (
            "date('2020-01-01') + duration('36h')",
            "{}",
            "2020-01-02T12:00:00Z",
        ),
        ("date('2020-01-02') - date('2020-01-01')", "{}", "86400s"),
        (
            "date('2020-01-01') == timestamp('2020-01-01T00:00:00Z')",
            "{}",
            "true",
        ),
        ("date(event.ts) < now()", "{}", "true"),
        (
            "date(d.due) - duration('1h') > now()",
            r#"{"due":"2026-01-02T04:04:06Z"}"#,
            "true",
        ),
    ]);
}

#[test]
fn ex_4_space_around_is_ignored() {
    check(&[
        ("\n\t  d.x == 1 \r\n", r#"{"x":1}"#, "true"),
        ("\u{a0}d.x\u{2003}", r#"{"x":1}"#, "1"),
        ("d.x // the x\n + // and one\n 1 //", r#"{"x":1}"#, "2"),
    ]);
}

#[test]
fn ex_4_sequences_that_cel_rejects_are_raw() {
    check(&[
        (r"d.x.matches('^\w+\.\d$')", r#"{"x":"ab.1"}"#, "true"),
        (r"d.x.matches('^\w+\.\d$')", r#"{"x":"abc1"}"#, "false"),
        (
            r"'\w\.\d\u12\x1\1\8\ '",
            "{}",
            r#""\\w\\.\\d\\u12\\x1\\1\\8\\ ""#,
        ),
        (r"'\u+123'", "{}", r#""\\u+123""#),
        // Those that CEL knows keep their meaning.
        (
            r"'\\\'\n\x41\u00e9\U0001F600\101'",
            "{}",
            "\"\\\\'\\nAé😀A\"",
        ),
        (r"r'\n\\'", "{}", r#""\\n\\\\""#),
    ]);
}

#[test]
fn s2_2_the_members_of_an_event() {
    check(&[
        ("event.name", "{}", r#""shop/order""#),
        ("event.id", "{}", r#""01J""#),
        ("event.user.plan", "{}", r#""pro""#),
        ("event.ts", "{}", "1700000000123.0"),
        ("event.ts > 1600000000000", "{}", "true"),
        ("d.whole", r#"{"whole":1295.0}"#, "1295"),
        ("d.large", r#"{"large":1e300}"#, "1e300"),
        (
            "d.beyond",
            r#"{"beyond":9223372036854775808}"#,
            "9.223372036854776e18",
        ),
        ("size(event)", "{}", "5"),
    ]);
}
