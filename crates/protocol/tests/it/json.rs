//! The canonical form, and what is no JSON.

use everstep_protocol::Json;
use everstep_protocol::json::JsonError;
use everstep_protocol::limits::JSON_DEPTH_MAX;
use serde_json::json;

use crate::support::json;

#[test]
fn canonical_form() {
    let cases = [
        // Numbers print as ECMAScript prints doubles.
        ("0", "0"),
        ("-0", "0"),
        ("-0.0", "0"),
        ("0e5", "0"),
        ("1.0", "1"),
        ("-1.50", "-1.5"),
        ("1e3", "1000"),
        ("1E+2", "100"),
        ("999999999999999", "999999999999999"),
        ("9007199254740993", "9007199254740992"),
        ("12345678901234567890", "12345678901234567000"),
        ("-12345678901234567890", "-12345678901234567000"),
        ("123456789012345678901234567890", "1.2345678901234568e+29"),
        ("1e20", "100000000000000000000"),
        ("1e21", "1e+21"),
        ("0.000001", "0.000001"),
        ("0.0000001", "1e-7"),
        ("333333333.33333329", "333333333.3333333"),
        ("4.50", "4.5"),
        ("2e-3", "0.002"),
        ("1e-400", "0"),
        ("5e-324", "5e-324"),
        ("1.7976931348623157e308", "1.7976931348623157e+308"),
        // Strings keep the shortest escapes.
        (r#""""#, r#""""#),
        (r#""\u0041\/""#, r#""A/""#),
        (r#""\u00e9\u20AC""#, "\"é€\""),
        (r#""\u000a\u0008\u000b\u001f""#, r#""\n\b\u000b\u001f""#),
        (r#""\u0000""#, r#""\u0000""#),
        (r#""\"\\""#, r#""\"\\""#),
        (r#""\ud83d\ude00""#, "\"😀\""),
        ("\"\u{7f}\u{2028}\"", "\"\u{7f}\u{2028}\""),
        // Lone surrogates cannot be kept.
        (r#""\ud800""#, "\"\u{fffd}\""),
        (r#""\ude00x""#, "\"\u{fffd}x\""),
        (r#""\ud800\ud83d\ude00""#, "\"\u{fffd}😀\""),
        (r#""\ud800\n""#, "\"\u{fffd}\\n\""),
        // Members are sorted by UTF-16 code units, and the last of equal names wins.
        (r#"{"b":1,"a":2}"#, r#"{"a":2,"b":1}"#),
        (r#"{"a":1,"a":{"c":1,"b":2},"a":3}"#, r#"{"a":3}"#),
        (r#"{"a":1,"\u0061":2}"#, r#"{"a":2}"#),
        (r#"{"":1,"a":{},"A":[]}"#, r#"{"":1,"A":[],"a":{}}"#),
        (
            "{\"\u{fb33}\":1,\"😀\":2,\"\u{20ac}\":3}",
            "{\"\u{20ac}\":3,\"😀\":2,\"\u{fb33}\":1}",
        ),
        (
            r#"{"a\n":1,"a\"":2,"a":3,"a!":4}"#,
            r#"{"a":3,"a\n":1,"a!":4,"a\"":2}"#,
        ),
        (r#"{"10":1,"9":2,"1":3}"#, r#"{"1":3,"10":1,"9":2}"#),
        // White space goes.
        (
            " \t\r\n{ \"a\" : [ 1 , true , null , false ] } \n",
            r#"{"a":[1,true,null,false]}"#,
        ),
        ("[[],[[]],{}]", "[[],[[]],{}]"),
    ];
    for (input, canonical) in cases {
        assert_eq!(json(input).as_str(), canonical, "{input}");
        assert_eq!(json(canonical).as_str(), canonical, "{input}");
    }
}

#[test]
fn errors_say_where() {
    let cases = [
        ("", "unexpected end of text", 1, 1),
        ("nul", "expected a value", 1, 1),
        ("[1,]", "expected a value", 1, 4),
        ("[1 2]", "expected ',' or ']'", 1, 4),
        ("[1", "unexpected end of text", 1, 3),
        ("{\"a\":1,}", "expected a member name", 1, 8),
        ("{\"a\" 1}", "expected ':'", 1, 6),
        ("{\"a\":1 \"b\"}", "expected ',' or '}'", 1, 8),
        ("{a:1}", "expected a member name", 1, 2),
        ("1 2", "text after the end of the value", 1, 3),
        ("{}\n\n  x", "text after the end of the value", 3, 3),
        ("01", "number with a leading zero", 1, 1),
        ("-", "expected a digit", 1, 2),
        ("1.", "expected a digit", 1, 3),
        ("1e", "expected a digit", 1, 3),
        (".5", "expected a value", 1, 1),
        ("+1", "expected a value", 1, 1),
        ("NaN", "expected a value", 1, 1),
        ("1e999", "number out of range", 1, 1),
        ("\"abc", "unexpected end of text", 1, 5),
        ("\"a\nb\"", "control character in a string", 1, 3),
        ("[\"é\", \"\\x\"]", "unknown escape in a string", 1, 8),
        ("\"\\u12g4\"", "malformed \\u escape", 1, 2),
        ("\"\\u12", "malformed \\u escape", 1, 2),
        ("\"\\ud83d\\", "unexpected end of text", 1, 8),
        ("\u{feff}1", "expected a value", 1, 1),
    ];
    for (input, what, line, column) in cases {
        let error = Json::parse(input.as_bytes()).unwrap_err();
        assert_eq!(error, JsonError { what, line, column }, "{input}");
    }
    let error = Json::parse(b"[\"\xff\"]").unwrap_err();
    assert_eq!(error.to_string(), "invalid UTF-8 at line 1 column 3");
}

#[test]
fn depth_is_bounded() {
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    let deepest = json(&nested(JSON_DEPTH_MAX));
    assert!(deepest.to_value().is_array());
    let error = Json::parse(nested(JSON_DEPTH_MAX + 1).as_bytes()).unwrap_err();
    assert_eq!(error.what, "nested too deeply");
    let error = Json::parse("{\"a\":".repeat(100_000).as_bytes()).unwrap_err();
    assert_eq!(error.what, "nested too deeply");
    // Depth counts nesting, not siblings.
    assert!(Json::parse(format!("[{}[]]", "[[]],".repeat(10_000)).as_bytes()).is_ok());
}

#[test]
fn large_texts() {
    let wide: Vec<_> = (0..100_000)
        .rev()
        .map(|n| format!("\"k{n:06}\":{n}"))
        .collect();
    let sorted: Vec<_> = wide.iter().rev().map(String::as_str).collect();
    let canonical = json(&format!("{{{}}}", wide.join(",")));
    assert_eq!(canonical.as_str(), format!("{{{}}}", sorted.join(",")));
    let deep = "{\"z\":1,\"a\":[".repeat(250) + &"0,".repeat(100_000) + "0" + &"]}".repeat(250);
    let canonical =
        "{\"a\":[".repeat(250) + &"0,".repeat(100_000) + "0" + &"],\"z\":1}".repeat(250);
    assert_eq!(json(&deep).as_str(), canonical);
}

#[test]
fn members_and_items() {
    let object = json(r#"{"a":{"b":[1,"x,}"]},"c":"q\"}","n":null,"\n":1,"z":[]}"#);
    assert_eq!(object.member("a"), Some(json(r#"{"b":[1,"x,}"]}"#)));
    assert_eq!(object.member("c").unwrap().to_text().unwrap(), "q\"}");
    assert_eq!(object.member_text("c").unwrap(), "q\"}");
    assert_eq!(object.member("n"), Some(Json::null()));
    assert_eq!(object.member("\n"), Some(json("1")));
    assert_eq!(object.member("z"), Some(json("[]")));
    assert_eq!(object.member("b"), None);
    assert_eq!(object.member_text("n"), None);
    assert_eq!(object.members().count(), 5);
    assert_eq!(
        Json::object(
            object
                .members()
                .collect::<Vec<_>>()
                .iter()
                .map(|(name, value)| (name.as_str(), value.clone()))
        ),
        object
    );
    for text in ["[1]", "null", "\"{}\"", "1", "{}"] {
        assert_eq!(json(text).members().count(), 0, "{text}");
        assert_eq!(json(text).member("a"), None, "{text}");
    }
    let items = json(r#"[1,"a",[2,3],{"x":[]},null]"#);
    assert_eq!(
        items
            .items()
            .collect::<Vec<_>>()
            .iter()
            .map(Json::as_str)
            .collect::<Vec<_>>(),
        ["1", "\"a\"", "[2,3]", "{\"x\":[]}", "null"]
    );
    assert_eq!(Json::array(&items.items().collect::<Vec<_>>()), items);
    assert_eq!(json("[]").items().count(), 0);
}

#[test]
fn untrue_canonical_texts_do_no_harm() {
    for text in [
        "", "{", "}", "{\"", "{\"a\"}", "{\"a\":}", "{]}", "[\"\\", "[,]", "\"", "{\"a\\", "{a:1}",
    ] {
        let json = Json::from_canonical(text);
        let _ = (json.member("a"), json.to_value(), json.to_text());
        let _ = (json.members().count(), json.items().count());
    }
}

#[test]
fn builders() {
    assert_eq!(Json::default(), Json::null());
    assert_eq!(Json::string("a\"\n\u{1}é").as_str(), "\"a\\\"\\n\\u0001é\"");
    assert_eq!(Json::integer(-5).as_str(), "-5");
    assert_eq!(Json::integer(i64::MAX).as_str(), "9223372036854776000");
    let object = Json::object([("b", json("1")), ("a", json("2")), ("b", json("3"))]);
    assert_eq!(object.as_str(), r#"{"a":2,"b":3}"#);
    assert_eq!(Json::object([]).as_str(), "{}");
    assert_eq!(Json::array([]).as_str(), "[]");
}

#[test]
fn serde_values() {
    let value = json!({"b": [1, -2, 2.5, u64::MAX, null, true], "a": {"x": "é\n"}});
    let canonical = Json::from_value(&value);
    let text = r#"{"a":{"x":"é\n"},"b":[1,-2,2.5,18446744073709552000,null,true]}"#;
    assert_eq!(canonical.as_str(), text);
    assert_eq!(Json::from_value(&canonical.to_value()), canonical);
    assert_eq!(json("[1,1.5,-3]").to_value(), json!([1, 1.5, -3]));
}

#[derive(serde::Serialize, serde::Deserialize, PartialEq, Debug)]
struct Wrapper {
    name: String,
    payload: Json,
    #[serde(default)]
    other: Json,
}

#[test]
fn serde_passthrough() {
    let wrapper: Wrapper =
        serde_json::from_str(r#"{"name":"x","payload":{"b": 1.0,"a":12345678901234567890}}"#)
            .unwrap();
    assert_eq!(
        wrapper.payload.as_str(),
        r#"{"a":12345678901234567000,"b":1}"#
    );
    assert!(wrapper.other.is_null());
    let text = r#"{"name":"x","payload":{"a":12345678901234567000,"b":1},"other":null}"#;
    assert_eq!(serde_json::to_string(&wrapper).unwrap(), text);
    let value = serde_json::to_value(&wrapper).unwrap();
    assert_eq!(serde_json::from_value::<Wrapper>(value).unwrap(), wrapper);
}
