//! Equalities by which waits are indexed (EX-12).

use super::{NOW, event};
use crate::expression::{EventPath, Expression, IndexKey, Scope};

/// `path == key`, and what is left.
fn indexed(text: &str) -> Option<(String, String)> {
    let indexed = Expression::compile(text).unwrap().indexed()?;
    let equality = format!("{} == {}", indexed.path, indexed.key);
    let rest = indexed
        .rest
        .map_or(String::new(), |rest| rest.text().to_owned());
    Some((equality, rest))
}

#[test]
fn ex_12_the_best_equality_is_found() {
    const CASES: &[(&str, &str, &str)] = &[
        (
            r#""ab_1" == async.data.id"#,
            r#"async.data.id == "ab_1""#,
            "",
        ),
        ("async.data.id == 5", "async.data.id == 5", ""),
        (
            "async.data['a b'].c == 5.0",
            r#"async.data["a b"].c == 5"#,
            "",
        ),
        (
            "async.data.n == 1.5 && async.data.b",
            "async.data.n == 1.5",
            "async.data.b",
        ),
        // Strings before numbers before bools before null, and the first of each.
        (
            "async.data.a == null && async.data.b == true && async.data.c == 1 && async.data.d == 'x'",
            r#"async.data.d == "x""#,
            "async.data.a == null && async.data.b == true && async.data.c == 1",
        ),
        (
            "async.data.a == 'x' && async.data.b == 'y'",
            r#"async.data.a == "x""#,
            r#"async.data.b == "y""#,
        ),
        (
            "async.data.a == null && async.data.b > 1",
            "async.data.a == null",
            "async.data.b > 1",
        ),
        ("async.data.a == 1u", "async.data.a == 1", ""),
        ("async.name == 'x'", r#"async.name == "x""#, ""),
    ];
    for (text, equality, rest) in CASES {
        let expected = Some(((*equality).to_owned(), (*rest).to_owned()));
        assert_eq!(indexed(text), expected, "{text}");
    }
}

#[test]
fn ex_12_other_expressions_have_no_index() {
    for text in [
        "async.data.a",
        "async.data.a != 1",
        "async.data.a > 1",
        "async.data.a == 1 || async.data.b == 2",
        "!(async.data.a == 1)",
        "async.data.a == async.data.b",
        "event.data.a == 1",
        "async.data.a == [1]",
        "async.data.a[0] == 1",
        "async.data.a + 1 == 2",
        "async == 1 + 1",
        "1 == 1",
    ] {
        assert_eq!(indexed(text), None, "{text}");
    }
}

#[test]
fn ex_12_keys_are_equal_when_the_expression_holds() {
    let literals = [
        "null",
        "true",
        "false",
        "0",
        "1",
        "-1",
        "1.0",
        "-0.0",
        "1.5",
        "1u",
        "9007199254740993",
        "9007199254740992.0",
        "18446744073709551615u",
        "1e300",
        "''",
        "'1'",
        "'a'",
    ];
    let values = [
        "null",
        "true",
        "false",
        "0",
        "1",
        "-1",
        "1.0",
        "-0.0",
        "1.5",
        "9007199254740992",
        "1e300",
        r#""""#,
        r#""1""#,
        r#""a""#,
        "[]",
        "[1]",
        "{}",
    ];
    for literal in literals {
        let expression = Expression::compile(&format!("async.data.x == {literal}")).unwrap();
        let indexed = expression.indexed().unwrap();
        let datas = values.iter().map(|value| format!(r#"{{"x":{value}}}"#));
        for data in datas.chain(["{}".to_owned()]) {
            let event = event(&data);
            let found = indexed.path.key(&event).as_ref() == Some(&indexed.key);
            let holds = expression.holds(&Scope::incoming(&event, NOW));
            assert_eq!(Ok(found), holds, "{literal} with {data}");
        }
    }
}

#[test]
fn ex_12_keys_have_different_texts() {
    let keys = [
        IndexKey::Null,
        IndexKey::Bool(true),
        IndexKey::Int(1),
        IndexKey::UInt(u64::MAX),
        IndexKey::Double(1.5_f64.to_bits()),
        IndexKey::Double(1e300_f64.to_bits()),
        IndexKey::Text("1".into()),
        IndexKey::Text("null".into()),
        IndexKey::Text("".into()),
    ];
    let mut texts: Vec<String> = keys.iter().map(ToString::to_string).collect();
    texts.sort();
    texts.dedup();
    assert_eq!(texts.len(), keys.len(), "{texts:?}");
}

#[test]
fn ex_12_paths_are_stored_as_text() {
    for text in ["async.data.id", "async.name", r#"async.data["a b"].c"#] {
        let path = EventPath::parse(text).unwrap();
        assert_eq!(path.to_string(), text);
    }
    let data = event(r#"{"a b":{"c":"x"}}"#);
    let key = EventPath::parse("async.data['a b'].c").unwrap().key(&data);
    assert_eq!(key, Some(IndexKey::Text("x".into())));
    for text in [
        "event.data.id",
        "async.data[0]",
        "async.data.id == 1",
        "async.",
        "",
    ] {
        assert_eq!(EventPath::parse(text), None, "{text}");
    }
}

#[test]
fn ex_12_a_deeper_path_than_the_event_has_is_null() {
    let indexed = Expression::compile("async.data.a.b == 'x'").unwrap();
    let path = indexed.indexed().unwrap().path;
    for data in ["{}", r#"{"a":null}"#, r#"{"a":1}"#, r#"{"a":[1]}"#] {
        assert_eq!(path.key(&event(data)), Some(IndexKey::Null), "{data}");
    }
    assert_eq!(path.key(&event(r#"{"a":{"b":[1]}}"#)), None);
}
