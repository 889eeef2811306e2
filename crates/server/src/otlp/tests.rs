//! What is read of a request, and what is refused.

use std::io::Write as _;

use everstep_core::record::SpanRecord;
use everstep_protocol::limits::{SPAN_MAX, TRACES_BODY_MAX};
use everstep_protocol::{Json, StepId};
use flate2::Compression;
use flate2::write::GzEncoder;
use http::HeaderMap;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message as _;
use serde_json::{Value, json};

use super::*;

const REFERENCE: &str = "%7B%22tp%22%3A%2200-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00%22%2C%22ts%22%3A%22%22%7D";
const FUNCTION: &str = "22222222-2222-4222-8222-222222222222";

fn text(key: &str, value: &str) -> Value {
    json!({ "key": key, "value": { "stringValue": value } })
}

/// The span of user code of the recording `traces-userland`, in short.
fn recorded() -> Value {
    json!({
        "traceId": "bf36d057dae3d32270c3282a45d3e1df", "spanId": "2856e23a22859c9e",
        "parentSpanId": "60077535f4ce94e4", "name": "inner", "kind": 3,
        "startTimeUnixNano": "1795465982320000000", "endTimeUnixNano": "1795465982335229843",
        "attributes": [
            { "key": "gen_ai.usage.input_tokens", "value": { "intValue": 3 } },
            { "key": "big", "value": { "intValue": "4" } },
            { "key": "flag", "value": { "boolValue": true } },
            { "key": "ratio", "value": { "doubleValue": 0.5 } },
            { "key": "list", "value": { "arrayValue": { "values": [{ "stringValue": "x" }] } } },
            { "key": "_inngest.own", "value": { "intValue": 1 } },
            { "key": "inngest.step.index", "value": { "intValue": 0 } },
            { "key": "inngest.step.attempt", "value": { "intValue": 2 } },
            text("inngest.step.hash", "fe05bcdcdc4928012781a5f1a2a77cbb5398e106"),
            text("sdk.run.id", "01J00000000000000000000000"),
            text("sys.function.id", FUNCTION),
            text("inngest.traceref", REFERENCE),
        ],
        "droppedAttributesCount": 0,
        "events": [{
            "name": "log", "timeUnixNano": "1795465982321000000",
            "attributes": [text("level", "warn")], "droppedAttributesCount": 0,
        }],
        "status": { "code": 2, "message": "no luck" }, "links": [], "flags": 257,
    })
}

fn request(scope: &str, spans: &[Value]) -> ExportTraceServiceRequest {
    let resource = json!({ "attributes": [text("service.name", "shop"), text("os", "linux")] });
    let scopes = json!([{ "scope": { "name": scope, "version": "1.2.3" }, "spans": spans }]);
    let body = json!({ "resourceSpans": [{ "resource": resource, "scopeSpans": scopes }] });
    serde_json::from_value(body).expect("it is a request")
}

fn only(span: Value) -> Result<Incoming, Rejection> {
    spans_of(&request("my-lib", &[span])).remove(0)
}

/// The recording with some of its attributes replaced, or taken away.
fn with(changes: &[(&str, Option<&str>)]) -> Value {
    let mut span = recorded();
    let attributes = span["attributes"].as_array_mut().expect("it has some");
    for (key, value) in changes {
        attributes.retain(|it| it["key"] != *key);
        attributes.extend(value.map(|value| text(key, value)));
    }
    span
}

#[test]
fn tr_1_a_span_as_the_typescript_sdk_sends_it() {
    let incoming = only(recorded()).expect("it is kept");
    assert_eq!(incoming.function, FUNCTION.parse().ok());
    let detail = json!({
        "attributes": { "big": 4, "flag": true, "gen_ai.usage.input_tokens": 3, "list": ["x"], "ratio": 0.5 },
        "events": [{ "at": "2026-11-23T20:33:02.321Z", "attributes": { "level": "warn" }, "name": "log" }],
        "kind": "CLIENT", "resource": { "os": "linux", "service.name": "shop" }, "scopeName": "my-lib",
        "scopeVersion": "1.2.3", "serviceName": "shop", "statusMessage": "no luck",
        "traceId": "bf36d057dae3d32270c3282a45d3e1df",
    });
    let expected = SpanRecord {
        run: "01J00000000000000000000000".parse().expect("an id"),
        id: "2856e23a22859c9e".parse().expect("an id"),
        parent: "60077535f4ce94e4".parse().ok(),
        call: "b7ad6b7169203331".parse().expect("an id"),
        step: Some(StepId::derive("one", 0)),
        attempt: Some(2),
        name: "inner".into(),
        started_ns: 1_795_465_982_320_000_000,
        ended_ns: 1_795_465_982_335_229_843,
        is_failed: true,
        detail: Json::from_value(&detail),
    };
    assert_eq!(incoming.record, expected);
}

/// TR-4
#[test]
fn what_names_no_run_is_rejected() {
    let cases = [
        (with(&[("inngest.traceref", None)]), Rejection::NotLinked),
        (
            with(&[("inngest.traceref", Some("nonsense"))]),
            Rejection::NotLinked,
        ),
        (with(&[("sdk.run.id", None)]), Rejection::NoRun),
        (with(&[("sdk.run.id", Some("nonsense"))]), Rejection::NoRun),
        (
            with(&[("sys.function.id", Some("nonsense"))]),
            Rejection::NoRun,
        ),
        (
            with(&[("long", Some(&"x".repeat(SPAN_MAX)))]),
            Rejection::TooLarge,
        ),
    ];
    for (span, rejection) in cases {
        assert_eq!(only(span), Err(rejection));
    }
    for id in ["", "0000000000000000", "28"] {
        let mut span = recorded();
        span["spanId"] = json!(id);
        assert_eq!(only(span), Err(Rejection::NoId), "{id:?}");
    }
    assert!(only(with(&[("sys.function.id", None)])).is_ok());
}

/// TR-5 (2)
#[test]
fn the_span_of_the_sdk_itself_is_not_kept() {
    let mut root = recorded();
    root["name"] = json!("inngest.execution");
    assert_eq!(
        spans_of(&request("inngest", &[root.clone(), recorded()])).len(),
        1
    );
    assert_eq!(spans_of(&request("other", &[root])).len(), 1);
}

#[test]
fn rejections_are_counted_and_named() {
    let mut rejections = Rejections::default();
    assert_eq!(
        (rejections.count(), rejections.message()),
        (0, String::new())
    );
    for rejection in [
        Rejection::TooLarge,
        Rejection::NotLinked,
        Rejection::TooLarge,
    ] {
        rejections.add(rejection);
    }
    assert_eq!(rejections.count(), 3);
    let message = "1 without inngest.traceref of a call of this server; 2 too large";
    assert_eq!(rejections.message(), message);
}

fn headers(content_type: &str, encoding: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert("content-type", content_type.parse().expect("a header"));
    headers.insert("content-encoding", encoding.parse().expect("a header"));
    headers
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("it is written");
    encoder.finish().expect("it is written")
}

#[test]
fn both_encodings_are_read_gzip_or_not() {
    let expected = request("my-lib", &[recorded()]);
    let json = serde_json::to_vec(&expected).expect("it is written");
    let protobuf = expected.encode_to_vec();
    for (content_type, body) in [
        ("application/json; charset=utf-8", json),
        ("application/x-protobuf", protobuf),
    ] {
        for (coding, body) in [("", body.clone()), ("gzip", gzip(&body))] {
            let headers = headers(content_type, coding);
            let encoding = Encoding::of(&headers).expect("it is known");
            let read = encoding.read(&headers, &body).expect("it is read");
            assert_eq!(read, expected, "{content_type} {coding}");
        }
    }
}

#[test]
fn bodies_that_are_none_are_refused_by_what_is_wrong_with_them() {
    let error = |content_type, coding, body: &[u8]| {
        let headers = headers(content_type, coding);
        let read = Encoding::of(&headers).and_then(|it| it.read(&headers, body));
        let error = read.expect_err("it is no request");
        (error.status().as_u16(), error.to_string())
    };
    let (json, protobuf) = ("application/json", "application/x-protobuf");
    let bomb = gzip(&vec![b' '; TRACES_BODY_MAX + 1]);
    let cases = [
        (
            error("text/plain", "", b""),
            415,
            "the content type must be application/json",
        ),
        (
            error(json, "br", b"{}"),
            415,
            "the content encoding must be gzip or none",
        ),
        (
            error(json, "", b"{"),
            400,
            "the body is not an ExportTraceServiceRequest in JSON",
        ),
        (
            error(json, "", b"7"),
            400,
            "the body is not an ExportTraceServiceRequest in JSON",
        ),
        (
            error(protobuf, "", b"\xff\xff"),
            400,
            "the body is not an ExportTraceServiceRequest in protobuf",
        ),
        (error(json, "gzip", b"{}"), 400, "the body is not gzip"),
        (
            error(json, "gzip", &bomb),
            413,
            "the request is larger than 8388608 bytes",
        ),
    ];
    for ((status, message), expected, start) in cases {
        assert_eq!(status, expected, "{message}");
        assert!(message.starts_with(start), "{message}");
    }
    let headers = headers(json, "gzip");
    let full = gzip(&[b"{}".as_slice(), &vec![b' '; TRACES_BODY_MAX - 2]].concat());
    assert!(Encoding::Json.read(&headers, &full).is_ok());
}
