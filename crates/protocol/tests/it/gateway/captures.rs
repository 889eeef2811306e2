//! The ops that SDKs sent, and the values that they were given back.

use everstep_protocol::Json;
use everstep_protocol::gateway::{AiRequest, GatewayRequest};
use everstep_protocol::op::{Op, OpCode};
use serde_json::Value;

use super::{no_response, response};
use crate::support::{Exchange, capture, exchanges};

/// The ops of this code in all replies of all captures.
fn recorded(code: &OpCode) -> Vec<(String, Op)> {
    let replies = exchanges().into_iter().filter(|exchange| {
        exchange.to_app() && exchange.status() == 206 && exchange.reply_body().is_array()
    });
    replies
        .flat_map(|exchange| {
            let ops = Op::parse_all(&exchange.reply_bytes()).unwrap();
            ops.into_iter()
                .map(move |op| (format!("{} {}", exchange.capture, exchange.number), op))
        })
        .filter(|(_, op)| op.code == *code)
        .collect()
}

/// The value of a step in the last call of a capture.
fn memoized(name: &str, step: &str) -> Value {
    let mut calls = capture(name).into_iter().filter(Exchange::to_app);
    let last = calls.next_back().unwrap();
    last.request_body()["steps"][step].clone()
}

fn infer(name: &str) -> (AiRequest, Value) {
    let ops = Op::parse_all(&capture(name)[0].reply_bytes()).unwrap();
    let value = memoized(name, ops[0].id.as_str());
    (ops[0].ai_request().unwrap(), value)
}

#[test]
fn every_recorded_op_is_read() {
    let fetches = recorded(&OpCode::Gateway);
    for (place, op) in &fetches {
        let request = op.gateway_request().unwrap();
        let sent = request.outbound();
        assert_eq!(sent.url.host_str(), Some("api.example.com"), "{place}");
    }
    let inferences = recorded(&OpCode::AiGateway);
    for (place, op) in &inferences {
        let request = op.ai_request().unwrap();
        let body = &request.outbound().body;
        assert_eq!(Json::parse(body.as_bytes()).ok(), op.opt("body"), "{place}");
        let key = op.opt("auth_key").unwrap().to_text().unwrap();
        let shown = format!("{op:?} {request:?} {}", request.redacted());
        assert!(!shown.contains(&key), "{place}: {shown}");
    }
    assert!(fetches.len() >= 7, "{}", fetches.len());
    assert!(inferences.len() >= 10, "{}", inferences.len());
}

#[test]
fn a_fetch_is_memoized_as_recorded() {
    let (name, id) = ("v4-call-fetch", "bd51e027df59ec3ae936a1e63d869fe38828d97e");
    let answer = response(201, &[("x-resp", "yes")], "BODY");
    let value = GatewayRequest::outcome(Ok(&answer)).unwrap();
    assert_eq!(value.to_value(), memoized(name, id));
}

#[test]
fn an_inference_is_memoized_as_recorded() {
    for name in [
        "v3-call-infer",
        "v4-call-infer",
        "v4-call-infer-anthropic",
        "v4-call-infer-gemini",
    ] {
        let (request, expected) = infer(name);
        let body = r#"{ "choices": [{"message": {"role":"assistant", "content":"hello"}}] }"#;
        let value = request.outcome(Ok(&response(200, &[], body))).unwrap();
        assert_eq!(value.to_value(), expected, "{name}");
    }
}

#[test]
fn a_refusal_of_the_provider_is_memoized_as_recorded() {
    let (request, mut expected) = infer("v4-call-infer-error");
    let error = request
        .outcome(Ok(&response(429, &[], r#"{"error":"rate"}"#)))
        .unwrap_err();
    // The recording holds a placeholder.
    expected["error"]["stack"] = r#"{"error":"rate"}"#.into();
    assert_eq!(error.memoized().to_value(), expected);
}

#[test]
fn the_lack_of_a_response_is_memoized_as_recorded() {
    let (request, mut expected) = {
        let exchanges = capture("server-v4-run-infer");
        let ops = Op::parse_all(&exchanges[1].reply_bytes()).unwrap();
        let value = memoized("server-v4-run-infer", ops[0].id.as_str());
        (ops[0].ai_request().unwrap(), value)
    };
    let error = request
        .outcome(Err(&no_response("Unable to reach SDK URL")))
        .unwrap_err();
    expected["error"]["stack"] = "Error making AI request: Unable to reach SDK URL".into();
    assert_eq!(error.memoized().to_value(), expected);
}
