//! What holds for any input.

use std::sync::Arc;
use std::time::Duration;

use everstep_protocol::call::{CallRequest, actions_body, batch_body};
use everstep_protocol::config::FunctionConfig;
use everstep_protocol::event::{EventInput, EventSeed, parse_events};
use everstep_protocol::op::Op;
use everstep_protocol::reply::{CallContext, RawResponse, Reply};
use everstep_protocol::signature::SigningKey;
use everstep_protocol::sync::{InBandSync, Introspection, RegisterRequest, normalize_url};
use everstep_protocol::time::{format_duration, parse_duration, parse_retry_after, parse_timeout};
use everstep_protocol::{
    AppId, FunctionId, JobId, Json, RequestId, RunId, StepId, Timestamp, UserError,
};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde_json::{Number, Value, json};

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

fn value() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i32>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(|number| Number::from_f64(number).map_or(Value::Null, Value::Number)),
        any_text().prop_map(Value::String),
    ];
    scalar.prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::Array),
            btree_map(any_text(), inner, 0..6).prop_map(|map| map.into_iter().collect()),
        ]
    })
}

/// Texts with much of what is special: escapes, controls, both sides of the surrogates.
fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-c]{0,3}",
        "[\u{0}-\u{20}\"\\\\/\u{7f}aé€\u{d7ff}\u{e000}\u{ffff}\u{10000}😀]{0,6}",
        any::<String>(),
    ]
}

/// Texts that are nearly JSON.
fn jsonish() -> impl Strategy<Value = Vec<u8>> {
    let token = prop_oneof![
        "[\\[\\]{},:\" ]",
        "(true|null|-?[0-9]{1,3}(\\.[0-9])?(e[0-9]{1,3})?)",
        "\"(op|id|name|data|ts|error|body|status|functions|steps|a)\":?",
        "\"(\\\\u[0-9a-fd]{3,4}|\\\\[\"nx/]|é){0,3}\"",
        Just("{\"op\":\"StepRun\",\"id\":\"a\",".to_owned()),
    ];
    vec(token, 0..30).prop_map(|tokens| tokens.concat().into_bytes())
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        vec(any::<u8>(), 0..100),
        jsonish(),
        value().prop_map(|value| value.to_string().into_bytes()),
    ]
}

/// Integers beyond 2^53 become doubles, which the reference implementation leaves to its caller.
fn as_doubles(value: &Value) -> Value {
    match value {
        Value::Number(number) => number.as_f64().and_then(Number::from_f64).unwrap().into(),
        Value::Array(items) => items.iter().map(as_doubles).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (name.clone(), as_doubles(value)))
            .collect(),
        other => other.clone(),
    }
}

fn call_request(events: &[Value], steps: Vec<(String, Value)>) -> CallRequest {
    let run = RunId::from_parts(NOW, 42);
    CallRequest {
        run,
        function: FunctionId::derive(AppId::derive("app"), "app-fn"),
        app: AppId::derive("app"),
        function_slug: Arc::from("app-fn"),
        target: None,
        attempt: 3,
        max_attempts: 5,
        force_step_plan: true,
        version: 2,
        job: JobId { run, number: 9 },
        epoch: 1,
        generation: 2,
        request: RequestId::from_parts(NOW, 43),
        events: events.iter().map(Json::from_value).collect(),
        steps: steps
            .iter()
            .map(|(id, value)| (StepId::new(id.as_str()), Json::from_value(value)))
            .collect(),
        defers: Vec::new(),
    }
}

proptest! {
    #[test]
    fn canonical_form_is_the_reference_form(value in value()) {
        let reference = serde_json_canonicalizer::to_string(&as_doubles(&value)).unwrap();
        let canonical = Json::from_value(&value);
        prop_assert_eq!(canonical.as_str(), &reference);
        // However the text was formatted.
        let pretty = serde_json::to_vec_pretty(&value).unwrap();
        prop_assert_eq!(&Json::parse(&pretty).unwrap(), &canonical);
        prop_assert_eq!(&Json::parse(canonical.as_str().as_bytes()).unwrap(), &canonical);
        prop_assert_eq!(&Json::from_value(&canonical.to_value()), &canonical);
    }

    #[test]
    fn what_parses_is_json_and_idempotent(bytes in bytes()) {
        let Ok(json) = Json::parse(&bytes) else {
            return Ok(());
        };
        prop_assert_eq!(&Json::parse(json.as_str().as_bytes()).unwrap(), &json);
        prop_assert!(serde_json::from_str::<Value>(json.as_str()).is_ok());
    }

    #[test]
    fn what_serde_json_reads_parses(bytes in jsonish()) {
        let ours = Json::parse(&bytes).is_ok();
        let theirs = serde_json::from_slice::<Value>(&bytes).is_ok();
        // serde_json refuses lone surrogates; we replace them.
        prop_assert!(ours || !theirs);
    }

    #[test]
    fn members_agree_with_values(value in value()) {
        let json = Json::from_value(&value);
        let canonical = json.to_value();
        if let Value::Object(members) = &canonical {
            prop_assert_eq!(json.members().count(), members.len());
            for (name, value) in members {
                prop_assert_eq!(&json.member(name).unwrap().to_value(), value);
            }
            let mut names: Vec<_> = json.members().map(|(name, _)| name).collect();
            names.sort_by(|a, b| a.encode_utf16().cmp(b.encode_utf16()));
            let own: Vec<_> = json.members().map(|(name, _)| name).collect();
            prop_assert_eq!(own, names);
        }
        if let Value::Array(items) = &canonical {
            prop_assert_eq!(json.items().map(|item| item.to_value()).collect::<Vec<_>>(), items.clone());
        }
    }

    #[test]
    fn texts_survive(text in any_text()) {
        let json = Json::string(&text);
        prop_assert_eq!(json.to_text(), Some(text.clone()));
        prop_assert_eq!(&Json::parse(json.as_str().as_bytes()).unwrap(), &json);
        prop_assert_eq!(json.to_value(), Value::String(text));
    }

    #[test]
    fn call_bodies_are_canonical(
        events in vec(value(), 1..4),
        steps in btree_map(any_text(), value(), 0..6),
        seed in any::<u64>(),
        max_len in prop_oneof![Just(0), Just(usize::MAX), 500..2000_usize],
    ) {
        let mut steps: Vec<_> = steps.into_iter().collect();
        if !steps.is_empty() {
            let middle = usize::try_from(seed).unwrap_or(0) % steps.len();
            steps.rotate_left(middle);
        }
        let request = call_request(&events, steps.clone());
        let body = request.body(max_len, true);
        let text = String::from_utf8(body.bytes.clone()).unwrap();
        let canonical = Json::parse(&body.bytes).unwrap();
        prop_assert_eq!(canonical.as_str(), &text);
        let full = request.body(max_len, false);
        prop_assert_eq!(full.bytes.len() > max_len, body.use_api);
        let read: Value = serde_json::from_str(&text).unwrap();
        let stack: Vec<_> = steps.iter().map(|(id, _)| id.as_str()).collect();
        prop_assert_eq!(&read["ctx"]["stack"]["stack"], &json!(stack));
        prop_assert!(serde_json::from_slice::<Value>(&actions_body(&request.steps)).is_ok());
        prop_assert!(serde_json::from_slice::<Value>(&batch_body(&request.events)).is_ok());
    }

    #[test]
    fn parsers_do_not_panic(bytes in bytes(), status in 0..700_u16, sdk in "(go:v1|inngest-js:v4|)", targeted: bool) {
        let mut headers = http::HeaderMap::new();
        headers.insert("x-inngest-sdk", sdk.parse().unwrap());
        let response = RawResponse { status, headers: &headers, body: &bytes };
        let reply = Reply::classify(response, CallContext { targeted, endpoint: false }, NOW);
        prop_assert!(reply.status.is_some());
        if let Ok(ops) = Op::parse_all(&bytes) {
            for op in ops {
                let _ = (op.title().len(), op.parallel_mode(), op.input(), op.step_type(), op.sleep_until(NOW));
                for memoized in [op.memoized_data(), op.memoized_error()] {
                    prop_assert_eq!(&Json::parse(memoized.as_str().as_bytes()).unwrap(), &memoized);
                }
            }
        }
        let error = UserError::from_body(&bytes);
        prop_assert_eq!(&UserError::from_json(&error.json), &error);
        prop_assert_eq!(error.json.member_text("message"), Some(error.message.clone()));
        let _ = error.fingerprint();
        let _ = RegisterRequest::parse(&bytes).and_then(RegisterRequest::into_app_sync);
        let _ = InBandSync::parse(&bytes).and_then(InBandSync::into_app_sync);
        let _ = Introspection::parse(&bytes);
        if let Ok(json) = Json::parse(&bytes) {
            let _ = FunctionConfig::from_json(&json);
        }
    }

    #[test]
    fn event_payloads_are_canonical(bytes in bytes(), data in value(), name in any_text(), id in any_text()) {
        let event = json!([{"name": name, "id": id, "data": data}]).to_string();
        for body in [bytes.as_slice(), event.as_bytes()] {
            for event in parse_events(body).accepted {
                let payload = event.payload(EventSeed::parse("1,AQIDBAUGBwgJCg==").unwrap().id(1), NOW);
                prop_assert_eq!(&Json::parse(payload.as_str().as_bytes()).unwrap(), &payload);
                let again = EventInput::parse(&payload).unwrap();
                prop_assert_eq!(again.data, event.data);
            }
        }
    }

    #[test]
    fn texts_do_not_panic(text in any::<String>()) {
        let _ = (parse_duration(&text), parse_timeout(&text, NOW), parse_retry_after(&text, NOW));
        let _ = (EventSeed::parse(&text), SigningKey::parse(&text), normalize_url(&text));
        let key = SigningKey::parse("signkey-test-00ff").unwrap();
        prop_assert!(!key.accepts_bearer(&text));
        prop_assert!(key.verify_response(&text, b"", NOW).is_err());
    }

    #[test]
    fn durations_round_trip(seconds in any::<u64>(), nanos in 0..1_000_000_000_u32) {
        let duration = Duration::new(seconds, nanos);
        prop_assert_eq!(parse_duration(&format_duration(duration)), Ok(duration));
    }

    #[test]
    fn signatures_hold_for_the_signed_bytes_only(body in vec(any::<u8>(), 1..50), flip in any::<prop::sample::Index>()) {
        let key = SigningKey::parse("signkey-test-5b1f0c9e7a3d4826b0c1d2e3f4a59687").unwrap();
        let header = key.sign_request(&body, NOW.as_seconds());
        prop_assert_eq!(key.verify_response(&header, &body, NOW), Ok(()));
        let mut other = body.clone();
        other[flip.index(body.len())] ^= 1;
        prop_assert!(key.verify_response(&header, &other, NOW).is_err());
    }
}
