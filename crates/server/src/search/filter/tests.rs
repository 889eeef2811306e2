use super::*;

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

fn json(text: &str) -> Json {
    Json::parse(text.as_bytes()).unwrap()
}

fn query(text: &str) -> Vec<(String, String)> {
    let pairs = url::form_urlencoded::parse(text.as_bytes());
    pairs.into_owned().collect()
}

fn problems(result: Result<Filter, Vec<FilterProblem>>) -> Vec<String> {
    let problems = result.expect_err("something is wrong");
    problems.iter().map(ToString::to_string).collect()
}

/// Both spellings of the same filter, its JSON again, and its words.
#[test]
fn a_filter_is_the_same_from_query_and_json() {
    let cases = [
        ("", "{}", "all runs"),
        (
            "status=FAILED&status=cancelled&appId=shop",
            r#"{"status":["FAILED","CANCELLED"],"appId":["shop"]}"#,
            r#"failed or cancelled runs of app "shop""#,
        ),
        (
            "appId=shop&functionId=pay&from=2h&until=2023-11-14T22:00:00Z",
            r#"{"appId":"shop","functionId":"pay","from":"2023-11-14T20:13:20Z","until":"2023-11-14T22:00:00Z"}"#,
            r#"runs of function "pay" of app "shop", queued from 2023-11-14T20:13:20.000Z until 2023-11-14T22:00:00.000Z"#,
        ),
        (
            "timeField=endedAt&from=90s&eventName=a/b&isDeferred=false&key=42",
            r#"{"timeField":"endedAt","from":"90s","eventName":"a/b","isDeferred":false,"key":42}"#,
            r#"runs, ended from 2023-11-14T22:11:50.000Z, triggered by "a/b", not deferred by other runs, with the key "42""#,
        ),
        (
            "errorGroup=000102030405060708090A0B0C0D0E0F",
            r#"{"errorGroup":"000102030405060708090a0b0c0d0e0f"}"#,
            "runs, with the error 000102030405060708090a0b0c0d0e0f",
        ),
        (
            "operation=01jd00000000000000000000g1",
            r#"{"operation":"01JD00000000000000000000G1"}"#,
            "runs, made by the operation 01JD00000000000000000000G1",
        ),
        (
            "attr.tenant=acme&attr.seats=7",
            r#"{"attributes":{"seats":7,"tenant":"acme"}}"#,
            r#"runs, with seats "7", with tenant "acme""#,
        ),
    ];
    for (text, object, words) in cases {
        let mut pairs = query(text);
        pairs.push(("limit".to_owned(), "3".to_owned()));
        let from_query = Filter::take_from_query(&mut pairs, NOW).unwrap();
        assert_eq!(pairs.len(), 1, "the rest is left alone");
        let from_json = Filter::of_json(&json(object), NOW).unwrap();
        assert_eq!(from_query, from_json);
        assert_eq!(from_json.words(), words);
        let again = Filter::of_json(&from_json.to_json(), NOW + parse_duration("1h").unwrap());
        assert_eq!(again.unwrap(), from_json, "absolute once it is read");
    }
}

#[test]
fn what_is_wrong_is_named() {
    let mut pairs = query(
        "status=ASLEEP&timeField=now&from=yesterday&isDeferred=1&key=a&key=b&until=2h&errorGroup=1&operation=x&attr.A=1&attr.b=1&attr.b=2",
    );
    assert_eq!(
        problems(Filter::take_from_query(&mut pairs, NOW)),
        [
            "status must be one of QUEUED, RUNNING, COMPLETED, FAILED, CANCELLED, SKIPPED, not \"ASLEEP\"",
            "timeField must be queuedAt, startedAt or endedAt, not \"now\"",
            "from must be a time as of RFC 3339, or how long ago (such as \"2h\"), not \"yesterday\"",
            "isDeferred must be true or false",
            "key is given more than once",
            "errorGroup must be the id of an error (32 hex digits), not \"1\"",
            "operation must be the id of a bulk operation, not \"x\"",
            "attr.A must be letters, digits and _ that begin with a small letter, at most 32, not \"A\"",
            "attr.b is given more than once",
        ]
    );
    assert_eq!(
        problems(Filter::of_json(&json(r#"{"stauts":["FAILED"]}"#), NOW)),
        ["stauts is not known"],
        "a filter with a typo is not one for all runs"
    );
    let attributes = json(r#"{"attributes":{"a":[1],"b":null,"c":true}}"#);
    assert_eq!(
        problems(Filter::of_json(&attributes, NOW)),
        [
            "attributes.a must be a text, a number, true or false",
            "attributes.b must be a text, a number, true or false",
        ]
    );
    assert_eq!(
        problems(Filter::of_json(&json(r#"{"attributes":"a"}"#), NOW)),
        ["attributes must be an object of names and values"]
    );
    assert_eq!(
        problems(Filter::of_json(&json("[]"), NOW)),
        ["filter must be an object"]
    );
    assert_eq!(
        problems(Filter::of_json(&json(r#"{"from":"1h","until":"2h"}"#), NOW)),
        ["until is before from"]
    );
    let mut pairs = vec![("appId".to_owned(), "a".to_owned()); FILTER_VALUES_MAX];
    assert!(Filter::take_from_query(&mut pairs.clone(), NOW).is_ok());
    pairs.push(pairs[0].clone());
    assert_eq!(
        problems(Filter::take_from_query(&mut pairs, NOW)),
        ["appId has 101 values; at most 100 are allowed"]
    );
}
