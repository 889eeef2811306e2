//! Events: what is accepted, what is refused, and what SDKs read.

use everstep_protocol::event::{EventInput, EventSeed, parse_events};
use everstep_protocol::limits::{EVENT_MAX, EVENTS_PER_REQUEST_MAX};
use everstep_protocol::{EventId, Timestamp};
use serde_json::json;

use crate::support::{capture, exchanges, json};

const NOW: Timestamp = Timestamp::from_millis(1_795_467_101_966);

fn accepted(body: &str) -> Vec<EventInput> {
    let parsed = parse_events(body.as_bytes());
    assert_eq!(parsed.error, None, "{body}");
    parsed.accepted
}

fn one(body: &str) -> EventInput {
    let mut events = accepted(body);
    assert_eq!(events.len(), 1, "{body}");
    events.remove(0)
}

/// The error of a request, and how many events came before it.
fn refused(body: impl AsRef<[u8]>) -> (usize, String) {
    let parsed = parse_events(body.as_ref());
    (parsed.accepted.len(), parsed.error.unwrap().to_string())
}

fn error(body: &str) -> String {
    let (accepted, error) = refused(body);
    assert_eq!(accepted, 0, "{body}");
    error
}

/// The edge cases recorded against a deployed server: counts, and its texts but for one, which
/// named the types of its implementation.
#[test]
fn recorded_edge_cases() {
    for exchange in capture("server-v4-events") {
        let reply = exchange.reply_body();
        let ids = reply["ids"].as_array().unwrap();
        let ids = ids.iter().filter(|id| *id != "").count();
        let parsed = parse_events(&exchange.request_bytes());
        assert_eq!(parsed.accepted.len(), ids, "{}", exchange.number);
        let error = parsed.error.map(|error| error.to_string());
        match reply["error"].as_str() {
            Some(text) if text.contains("unmarshal") => {
                assert_eq!(error.unwrap(), "event data must be an object, not an array");
            }
            text => assert_eq!(error.as_deref(), text),
        }
    }
}

/// Whatever SDKs sent is accepted, and its payload says the same.
#[test]
fn recorded_events() {
    let mut count = 0;
    for exchange in exchanges() {
        if exchange.capture == "server-v4-events" || !exchange.request().starts_with("POST /e/") {
            continue;
        }
        let sent = exchange.request_body().as_array().unwrap();
        let events = accepted(&exchange.request_body().to_string());
        assert_eq!(events.len(), sent.len());
        for (event, sent) in events.iter().zip(sent) {
            let payload = event.payload(EventSeed::parse("1,AQIDBAUGBwgJCg==").unwrap().id(1), NOW);
            for (name, value) in sent
                .as_object()
                .unwrap()
                .iter()
                .filter(|(name, _)| *name != "meta")
            {
                assert_eq!(
                    payload.member(name).unwrap().to_value(),
                    *value,
                    "{}",
                    exchange.capture
                );
            }
            count += 1;
        }
    }
    assert!(count > 20, "{count}");
}

#[test]
fn payloads() {
    let id: EventId = "01M852VHREHE27R610E3J4BN2N".parse().unwrap();
    let payload = |body: &str| one(body).payload(id, NOW).to_string();
    // As a deployed server sent it to an app (`server-v4-run-seq`).
    assert_eq!(
        payload(r#"{"name":"wire/seq","data":{"id":"x1","ok":true}}"#),
        r#"{"data":{"id":"x1","ok":true},"id":"01M852VHREHE27R610E3J4BN2N","name":"wire/seq","ts":1795467101966,"user":{}}"#,
    );
    assert_eq!(
        payload(
            r#"[{"v":"2024-01-01","user":{"z":1,"a":2},"ts":1700000000000,"id":"mine","name":"n"}]"#
        ),
        r#"{"data":{},"id":"mine","name":"n","ts":1700000000000,"user":{"a":2,"z":1},"v":"2024-01-01"}"#,
    );
    assert_eq!(
        payload(
            r#"{"name":"n","data":{"n":12345678901234567890},"meta":{"sessions":{"k":"s"},"x":1}}"#
        ),
        r#"{"data":{"n":12345678901234567000},"id":"01M852VHREHE27R610E3J4BN2N","meta":{"sessions":{"k":"s"}},"name":"n","ts":1795467101966,"user":{}}"#,
    );
    let own = EventInput::new("inngest/function.finished", json("{\"a\":1}")).payload(id, NOW);
    assert_eq!(
        own.member("name").unwrap().as_str(),
        "\"inngest/function.finished\""
    );
}

#[test]
fn defaults() {
    let event =
        one(r#"{"name":"n","id":"","data":null,"user":null,"ts":0,"v":"","meta":null,"other":1}"#);
    assert_eq!(event, EventInput::new("n", json("{}")));
    assert_eq!(one(r#"{"name":"n","id":null,"ts":null,"v":null}"#), event);
    assert_eq!(
        one(r#"{"name":"n","ts":1700000000000.0}"#).ts,
        Some(Timestamp::from_millis(1_700_000_000_000))
    );
    let reserved = one(r#"{"name":"n","data":{"_inngest":{"fn_id":"x"},"a":{"_inngest":1}}}"#);
    assert_eq!(reserved.data.as_str(), r#"{"a":{"_inngest":1}}"#);
}

#[test]
fn empty_requests() {
    for body in ["", " \n", "[]", " [ ] "] {
        assert_eq!(accepted(body), [], "{body:?}");
    }
}

#[test]
fn refused_bodies() {
    let not_events = "Request body must contain an event object or an array of event objects";
    for body in [
        "notjson",
        "\"text\"",
        "1",
        "null",
        "true",
        "name=x&data=1",
        "--boundary\r\n",
    ] {
        assert_eq!(error(body), not_events, "{body}");
    }
    assert_eq!(
        error("["),
        "Request body is not valid JSON: unexpected end of text at line 1 column 2"
    );
    assert_eq!(
        error("[,]"),
        "Request body is not valid JSON: expected a value at line 1 column 2"
    );
    assert_eq!(
        refused(b"[\"\xff\"]").1,
        "Request body is not valid JSON: invalid UTF-8 at line 1 column 3"
    );
    assert_eq!(error("[1]"), "an event must be an object, not a number");
    assert_eq!(error("[[]]"), "an event must be an object, not an array");
    assert_eq!(error("[null]"), "an event must be an object, not null");
}

/// EV-5: what comes before the first bad event counts.
#[test]
fn requests_are_not_atomic() {
    let cases = [
        (
            r#"[{"name":"a"},{"name":""},{"name":"c"}]"#,
            "event name is empty",
        ),
        (
            r#"[{"name":"a"},{"name":"b"#,
            "Request body is not valid JSON: unexpected end of text at line 1 column 25",
        ),
        (
            r#"[{"name":"a"} {"name":"b"}]"#,
            "Request body is not valid JSON: expected ',' or ']' at line 1 column 15",
        ),
        (
            r#"[{"name":"a"},]"#,
            "Request body is not valid JSON: expected a value at line 1 column 15",
        ),
        (
            r#"[{"name":"a"}] x"#,
            "Request body is not valid JSON: text after the end of the value at line 1 column 16",
        ),
        (
            r#"{"name":"a"}{"name":"b"}"#,
            "Request body is not valid JSON: text after the end of the value at line 1 column 13",
        ),
    ];
    for (body, text) in cases {
        assert_eq!(refused(body), (1, text.to_owned()), "{body}");
    }
}

#[test]
fn names() {
    for name in [
        "a",
        "a/b.c",
        "Inngest",
        "inngest",
        "my inngest/x",
        "ü/😀",
        "*",
    ] {
        assert_eq!(one(&json!({"name": name}).to_string()).name, name);
    }
    assert_eq!(
        one(&json!({"name": "é".repeat(512)}).to_string())
            .name
            .chars()
            .count(),
        512
    );
    let name_error = |name: &str| error(&json!({"name": name}).to_string());
    assert_eq!(
        name_error(&"x".repeat(513)),
        "event name is longer than 512 characters"
    );
    let reserved = "event name is reserved for internal use: ";
    for name in ["inngest/foo", "Inngest/Function.failed", "INNGEST/"] {
        assert_eq!(name_error(name), format!("{reserved}{name}"));
    }
    assert_eq!(
        error(r#"{"name":5}"#),
        "event name must be a text, not a number"
    );
    assert_eq!(error(r#"{"data":{}}"#), "event name is empty");
    assert_eq!(error(r#"{"name":null}"#), "event name is empty");
}

#[test]
fn member_types() {
    let with = |member: &str| error(&format!("{{\"name\":\"n\",{member}}}"));
    assert_eq!(
        with("\"data\":[1]"),
        "event data must be an object, not an array"
    );
    assert_eq!(
        with("\"data\":\"x\""),
        "event data must be an object, not a text"
    );
    assert_eq!(
        with("\"user\":7"),
        "event user must be an object, not a number"
    );
    assert_eq!(with("\"id\":7"), "event id must be a text, not a number");
    assert_eq!(with("\"v\":true"), "event v must be a text, not a boolean");
    assert_eq!(
        with("\"ts\":\"2030-01-01\""),
        "event ts must be an integer, not a text"
    );
    assert_eq!(
        with("\"ts\":1700000000000.5"),
        "event ts must be an integer, not a number"
    );
    assert_eq!(with("\"meta\":[]"), "event meta must be an object");
}

#[test]
fn times() {
    let ts = |ts: i64| format!("{{\"name\":\"n\",\"ts\":{ts}}}");
    for edge in [315_532_800_000, 4_102_444_800_000] {
        assert_eq!(one(&ts(edge)).ts, Some(Timestamp::from_millis(edge)));
    }
    for early in [1, -1, 315_532_799_999, i64::MIN] {
        assert_eq!(error(&ts(early)), "timestamp is before Jan 1, 1980");
    }
    for late in [4_102_444_800_001, i64::MAX] {
        assert_eq!(error(&ts(late)), "timestamp is after Jan 1, 2100");
    }
}

#[test]
fn sizes_and_counts() {
    let event = |len: usize| {
        format!(
            "{{\"name\":\"n\",\"data\":{{\"x\":\"{}\"}}}}",
            "x".repeat(len)
        )
    };
    let fixed = one(&event(0))
        .payload(EventSeed::parse("1,AQIDBAUGBwgJCg==").unwrap().id(1), NOW)
        .len();
    assert_eq!(accepted(&event(EVENT_MAX - fixed)).len(), 1);
    let text = error(&event(EVENT_MAX));
    assert!(
        text.starts_with("Event is over the max size: Max 3145728 bytes / Size 31457"),
        "{text}"
    );
    let many = |count: usize| format!("[{}]", vec!["{\"name\":\"n\"}"; count].join(","));
    assert_eq!(
        accepted(&many(EVENTS_PER_REQUEST_MAX)).len(),
        EVENTS_PER_REQUEST_MAX
    );
    let too_many = (
        EVENTS_PER_REQUEST_MAX,
        "a request holds at most 5000 events".to_owned(),
    );
    assert_eq!(refused(many(EVENTS_PER_REQUEST_MAX + 1)), too_many);
}

#[test]
fn sessions() {
    let meta = |meta: &str| {
        let event = one(&format!("{{\"name\":\"n\",\"meta\":{meta}}}"));
        event
            .meta
            .map(|meta| meta.member("sessions").unwrap().to_string())
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(
        meta(r#"{"sessions":{"b":"2","a":1.50}}"#),
        some(r#"{"a":"1.5","b":"2"}"#)
    );
    assert_eq!(meta(r"{}"), None);
    assert_eq!(meta(r#"{"sessions":{},"propagated_sessions":{}}"#), None);
    // Explicit ones win, propagated ones fill five slots in the order of their keys.
    assert_eq!(
        meta(
            r#"{"sessions":{"m":"own"},"propagated_sessions":{"z":"1","m":"2","b":"3","a":"4","y":"5","x":"6"}}"#
        ),
        some(r#"{"a":"4","b":"3","m":"own","x":"6","y":"5"}"#),
    );
    // Null keeps propagated ones out, one or all.
    assert_eq!(
        meta(r#"{"sessions":{"a":null},"propagated_sessions":{"a":"1","b":"2"}}"#),
        some(r#"{"b":"2"}"#)
    );
    assert_eq!(
        meta(r#"{"sessions":null,"propagated_sessions":{"a":"1"}}"#),
        None
    );
    // What SDKs propagate is never an error.
    assert_eq!(
        meta(r#"{"propagated_sessions":{"a":true,"b":"2","":"3"}}"#),
        some(r#"{"b":"2"}"#)
    );
    assert_eq!(meta(r#"{"propagated_sessions":"x"}"#), None);

    let wrong = |sessions: &str| {
        error(&format!(
            "{{\"name\":\"n\",\"meta\":{{\"sessions\":{sessions}}}}}"
        ))
    };
    assert_eq!(wrong("[]"), "event sessions must be an object");
    assert_eq!(
        wrong(r#"{"a":true}"#),
        "the id of session \"a\" must be a text or a number"
    );
    assert_eq!(
        wrong(r#"{"a":""}"#),
        "the id of session \"a\" must have 1 to 512 bytes"
    );
    assert_eq!(
        wrong(&json!({"a": "x".repeat(513)}).to_string()),
        "the id of session \"a\" must have 1 to 512 bytes"
    );
    assert_eq!(
        wrong(&json!({"x".repeat(129): "a"}).to_string()),
        "a session key has 1 to 128 bytes"
    );
    assert_eq!(
        wrong(r#"{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1}"#),
        "an event has at most 5 sessions"
    );
}

#[test]
fn invocations() {
    let name = "inngest/function.invoked";
    let event =
        EventInput::parse_invocation(br#"{"name":5,"data":{"a":1},"id":"x"}"#, name).unwrap();
    assert_eq!(
        (event.name.as_str(), event.user_id.as_deref()),
        (name, Some("x"))
    );
    assert_eq!(event.data.as_str(), "{\"a\":1}");
    for body in ["[]", "", "1", "{\"data\":1}"] {
        assert!(
            EventInput::parse_invocation(body.as_bytes(), name).is_err(),
            "{body}"
        );
    }
    let event = EventInput::parse(&json(r#"{"name":"n","data":{"a":1}}"#)).unwrap();
    assert_eq!(event, EventInput::new("n", json("{\"a\":1}")));
    assert!(EventInput::parse(&json("[]")).is_err());
}
