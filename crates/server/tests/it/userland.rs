//! `POST /v1/traces/userland`: spans of user code, and what is refused (connect-realtime §6).

use std::io::Write as _;

use bytes::Bytes;
use everstep_engine::http::{HttpClient, Response};
use everstep_protocol::StepId;
use everstep_protocol::limits::{SPANS_PER_RUN_MAX, TRACES_BODY_MAX};
use flate2::Compression;
use flate2::write::GzEncoder;
use http::Method;
use serde_json::{Value, json};

use crate::support::app::{App, sdk};
use crate::support::{Server, request, trace};

const JSON: &str = "application/json";
const PROTOBUF: &str = "application/x-protobuf";
const ULID: &str = "01HZZZZZZZZZZZZZZZZZZZ1000";

/// A run that has ended, and what its first call was told of its trace.
struct Traced {
    server: Server,
    _app: App,
    run: String,
    attributes: Vec<Value>,
}

fn text(key: &str, value: &str) -> Value {
    json!({ "key": key, "value": { "stringValue": value } })
}

/// The run did the step `resize`.
async fn traced() -> Traced {
    let app = App::start(|asked| async move {
        match asked.json["ctx"]["stack"]["stack"].as_array().map(Vec::len) {
            Some(0) => sdk(206, &json!([{ "op": "StepRun", "id": StepId::derive("resize", 0).to_string(), "name": "resize", "data": 1 }])),
            _ => sdk(200, &json!(null)),
        }
    })
    .await;
    let server = Server::start().await;
    app.register(&server).await;
    let event = server.event("shop/paid").await;
    let run = server.ended_run(&event).await["run_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let log = app.log();
    let call = log
        .iter()
        .find(|asked| asked.method == Method::POST)
        .unwrap();
    // As the SDK takes them apart.
    let state = call.header("tracestate");
    let state = |name: &str| {
        let entries = state.split(',').filter_map(|entry| entry.split_once('='));
        entries.into_iter().find(|entry| entry.0 == name).unwrap().1
    };
    let attributes = vec![
        text("inngest.traceparent", call.header("traceparent")),
        text("inngest.traceref", state("inngest@traceref")),
        text("sdk.run.id", call.header("x-run-id")),
        text("sdk.app.id", state("inngest@app")),
        text("sys.function.id", state("inngest@fn")),
    ];
    Traced {
        server,
        _app: app,
        run,
        attributes,
    }
}

impl Traced {
    fn span(&self, id: u64, name: &str, more: &[Value]) -> Value {
        let attributes = [&self.attributes, more].concat();
        json!({
            "traceId": "bf36d057dae3d32270c3282a45d3e1df", "spanId": format!("{id:016x}"), "name": name,
            "kind": 3, "startTimeUnixNano": "1795465982320000000", "endTimeUnixNano": "1795465982335229843",
            "attributes": attributes, "status": { "code": 1 },
        })
    }

    async fn post(&self, content_type: &str, coding: &str, body: impl Into<Bytes>) -> Response {
        let headers = [("content-type", content_type), ("content-encoding", coding)];
        let url = self.server.url("/v1/traces/userland").parse().unwrap();
        let client = HttpClient::new(std::time::Duration::from_secs(5));
        request(&client, Method::POST, url, &headers, body.into()).await
    }

    /// The status, and the answer in JSON.
    async fn bring(&self, spans: &[Value]) -> (u16, Value) {
        let response = self.post(JSON, "", export(spans).to_string()).await;
        let body = serde_json::from_slice(&response.body).unwrap();
        (response.status.as_u16(), body)
    }

    async fn children(&self) -> Vec<Value> {
        let root = trace(&self.server, &self.run).await;
        root["children"].as_array().unwrap().clone()
    }
}

fn export(spans: &[Value]) -> Value {
    let resource = json!({ "attributes": [text("service.name", "shop")] });
    let scopes = json!([{ "scope": { "name": "my-lib" }, "spans": spans }]);
    json!({ "resourceSpans": [{ "resource": resource, "scopeSpans": scopes }] })
}

fn accepted() -> (u16, Value) {
    (200, json!({ "partialSuccess": {} }))
}

fn rejected(count: u32, message: &str) -> (u16, Value) {
    (
        200,
        json!({ "partialSuccess": { "rejectedSpans": count, "errorMessage": message } }),
    )
}

#[tokio::test]
async fn spans_are_under_the_step_that_they_were_opened_in() {
    let traced = traced().await;
    let of_step = [
        text("inngest.step.hash", StepId::derive("resize", 0).as_str()),
        text("path", "/a.png"),
        text("gen_ai.request.model", "m1"),
    ];
    let mut log = traced.span(3, "of the call", &[]);
    log["events"] = json!([{ "name": "started", "timeUnixNano": "1795465982320000000", "attributes": [text("level", "info")] }]);
    let mut inner = traced.span(2, "inner", &of_step);
    inner["parentSpanId"] = json!(format!("{:016x}", 1));
    inner["status"] = json!({ "code": 2, "message": "no luck" });
    let outer = traced.span(1, "outer", &of_step);
    // A child comes before its parent, and once more with it (TR-6).
    assert_eq!(traced.bring(&[inner.clone(), log]).await, accepted());
    assert_eq!(traced.bring(&[outer, inner]).await, accepted());

    let children = traced.children().await;
    let step = &children[0];
    let names: Vec<_> = step["children"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["name"])
        .collect();
    assert_eq!(names, ["outer", "of the call"]);
    let outer = &step["children"][0];
    assert_eq!(
        outer["userland"]["spanAttrs"],
        json!({ "gen_ai.request.model": "m1", "path": "/a.png" })
    );
    assert_eq!(outer["userland"]["serviceName"], "shop");
    assert_eq!(
        (&outer["status"], &outer["durationMs"]),
        (&json!("COMPLETED"), &json!("15"))
    );
    assert_eq!(outer["metadata"][0]["values"]["request_model"], "\"m1\"");
    let inner = &outer["children"][0];
    assert_eq!(
        (&inner["name"], &inner["status"]),
        (&json!("inner"), &json!("FAILED"))
    );
    assert_eq!(inner["userland"]["statusMessage"], "no luck");
    let event = json!([{ "at": "2026-11-23T20:33:02.320Z", "attributes": { "level": "info" }, "name": "started" }]);
    assert_eq!(step["children"][1]["userland"]["events"], event);
}

#[tokio::test]
async fn tr_4_spans_of_no_known_run_are_counted_and_the_others_kept() {
    let traced = traced().await;
    let with = |key: &str, value: &str| {
        let mut span = traced.span(1, "other", &[]);
        let attributes = span["attributes"].as_array_mut().unwrap();
        attributes.retain(|it| it["key"] != key);
        attributes.push(text(key, value));
        span
    };
    let spans = [
        with("sdk.run.id", ULID),
        with("sys.function.id", "22222222-2222-4222-8222-222222222222"),
        with("inngest.traceref", "nonsense"),
        traced.span(2, "kept", &[]),
    ];
    let why = "1 without inngest.traceref of a call of this server; 2 of runs that do not exist, or are of another function";
    assert_eq!(traced.bring(&spans).await, rejected(3, why));
    let step = &traced.children().await[0];
    assert_eq!(step["children"][0]["name"], "kept");
    assert_eq!(step["children"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn tr_2_a_run_keeps_so_many_spans() {
    let traced = traced().await;
    let spans = |ids: std::ops::Range<usize>| -> Vec<Value> {
        ids.map(|id| traced.span(id as u64, "one of many", &[]))
            .collect()
    };
    let most = spans(1..SPANS_PER_RUN_MAX);
    assert_eq!(traced.bring(&most).await, accepted());
    let why = "2 of runs that have as many spans as are kept";
    let next = spans(SPANS_PER_RUN_MAX - 1..SPANS_PER_RUN_MAX + 3);
    assert_eq!(
        traced.bring(&next).await,
        rejected(2, why),
        "one is known, one is the last"
    );
    let step = &traced.children().await[0];
    assert_eq!(
        step["children"].as_array().unwrap().len(),
        SPANS_PER_RUN_MAX
    );
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn bodies_that_are_none_are_refused_in_their_own_encoding() {
    let traced = traced().await;
    let long = "x".repeat(TRACES_BODY_MAX + 1);
    let json_cases = [
        (
            "text/plain",
            "",
            "{}".into(),
            415,
            "the content type must be application/json or application/x-protobuf, not \"text/plain\"",
        ),
        (
            JSON,
            "br",
            "{}".into(),
            415,
            "the content encoding must be gzip or none, not \"br\"",
        ),
        (
            JSON,
            "",
            long.clone().into(),
            413,
            "the request is larger than 8388608 bytes",
        ),
        (
            JSON,
            "gzip",
            gzip(long.as_bytes()).into(),
            413,
            "the request is larger than 8388608 bytes",
        ),
        (
            JSON,
            "",
            Bytes::from("{"),
            400,
            "the body is not an ExportTraceServiceRequest in JSON: EOF while parsing an object at line 1 column 1",
        ),
    ];
    for (content_type, coding, body, status, message) in json_cases {
        let response = traced.post(content_type, coding, body).await;
        let answer: Value = serde_json::from_slice(&response.body).unwrap();
        assert_eq!(
            (response.status.as_u16(), answer),
            (status, json!({ "message": message }))
        );
    }
    let broken = traced
        .post(PROTOBUF, "", Bytes::from_static(b"\xff\xff"))
        .await;
    assert_eq!(
        (broken.status.as_u16(), &broken.headers["content-type"]),
        (400, &PROTOBUF.parse().unwrap())
    );
    // google.rpc.Status: the message is field 2.
    assert_eq!(broken.body[0], 0x12);
    assert!(String::from_utf8_lossy(&broken.body).contains("in protobuf"));
    // A request without spans is fine.
    let empty = traced.post(PROTOBUF, "gzip", gzip(b"")).await;
    assert_eq!((empty.status.as_u16(), empty.body.len()), (200, 0));
}
