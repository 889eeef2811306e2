//! Call requests: bytes, headers, URL.

use std::sync::Arc;

use everstep_protocol::call::{CallRequest, actions_body, batch_body};
use everstep_protocol::headers::ServerKind;
use everstep_protocol::{AppId, DeferId, FunctionId, JobId, Json, RunId, StepId};
use serde_json::{Value, json};
use url::Url;

use crate::support::{capture, exchanges, json};

const LIMIT: usize = 4 * 1024 * 1024;

/// A call as a recorded body describes it. Job ids of this server have another form than recorded
/// ones.
fn request(body: &Value) -> CallRequest {
    let ctx = &body["ctx"];
    let number = |value: &Value| u32::try_from(value.as_u64().unwrap()).unwrap();
    let text = |value: &Value, default: &str| value.as_str().unwrap_or(default).to_owned();
    let run: RunId = text(&ctx["run_id"], "01M852VHTS8NRJPGW20K7E12YQ")
        .parse()
        .unwrap();
    let function = text(&ctx["fn_id"], "931cada7-1660-5d37-9019-8c9ea4bcf7ee");
    let events = match body["events"].as_array() {
        Some(events) => events.iter().map(Json::from_value).collect(),
        None => vec![Json::from_value(&body["event"])],
    };
    let stack = ctx["stack"]["stack"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let steps = stack.iter().map(|id| {
        (
            StepId::new(id.as_str().unwrap()),
            Json::from_value(&body["steps"][id.as_str().unwrap()]),
        )
    });
    CallRequest {
        run,
        function: FunctionId(function.parse().unwrap()),
        app: AppId::derive("wire-app"),
        function_slug: Arc::from("wire-app-seq"),
        target: None,
        attempt: number(&ctx["attempt"]),
        max_attempts: number(&ctx["max_attempts"]),
        force_step_plan: ctx["disable_immediate_execution"].as_bool().unwrap(),
        version: i8::try_from(body["version"].as_i64().unwrap()).unwrap(),
        job: JobId { run, number: 7 },
        epoch: 3,
        generation: number(&ctx["generation_id"]),
        request: text(&ctx["request_id"], "01M852VHVG7NNBJ013QC5RWSMJ")
            .parse()
            .unwrap(),
        events,
        steps: steps.collect(),
        defers: Vec::new(),
    }
}

fn recorded_call() -> (Value, CallRequest) {
    let exchange = &capture("server-v4-run-seq")[3];
    assert!(exchange.to_app());
    (
        exchange.request_body().clone(),
        request(exchange.request_body()),
    )
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

/// A complete body as a deployed server sent it, byte for byte but for the ids of the job.
#[test]
fn recorded_body() {
    let (mut recorded, request) = recorded_call();
    recorded["ctx"]["job_id"] = json!("01M852VHTS8NRJPGW20K7E12YQ-7");
    recorded["ctx"]["qi_id"] = json!("01M852VHTS8NRJPGW20K7E12YQ-7.3.1");
    let body = request.body(LIMIT, true);
    assert!(!body.use_api);
    assert_eq!(text(body.bytes), Json::from_value(&recorded).to_string());
}

/// What was recorded of the other calls: stack, steps, event, counters.
#[test]
fn recorded_bodies_in_part() {
    let mut count = 0;
    for exchange in exchanges() {
        let recorded = exchange.request_body();
        let trimmed = recorded["ctx"]["max_attempts"].is_null() || recorded["event"].is_null();
        if !exchange.to_app() || trimmed || !exchange.request().contains("stepId=") {
            continue;
        }
        let use_api = recorded["use_api"] == true;
        let body = request(recorded).body(if use_api { 1 } else { LIMIT }, true);
        assert_eq!(body.use_api, use_api);
        let body: Value = serde_json::from_slice(&body.bytes).unwrap();
        for name in [
            "attempt",
            "max_attempts",
            "disable_immediate_execution",
            "stack",
        ] {
            assert_eq!(
                body["ctx"][name], recorded["ctx"][name],
                "{}",
                exchange.capture
            );
        }
        for name in ["event", "version"] {
            assert_eq!(body[name], recorded[name], "{}", exchange.capture);
        }
        // Some were sent without the steps of the stack: to be fetched, or edited input.
        let complete = recorded["steps"].as_object().unwrap().len()
            == recorded["ctx"]["stack"]["stack"].as_array().unwrap().len();
        if complete && recorded["ctx"]["stack"]["current"] != 0 {
            assert_eq!(body["steps"], recorded["steps"], "{}", exchange.capture);
        }
        count += 1;
    }
    assert!(count > 60, "{count}");
}

#[test]
fn bodies_are_canonical() {
    let (_, mut request) = recorded_call();
    request.steps = vec![
        (StepId::new("b"), json(r#"{"data":{"x":[1,2]}}"#)),
        (StepId::new("😀"), Json::null()),
        (StepId::new("\u{fb33}"), Json::null()),
        (
            StepId::new("a\"\n"),
            json(r#"{"error":{"message":"m","name":"E"}}"#),
        ),
    ];
    request.events.push(json(r#"{"name":"second"}"#));
    for max_len in [LIMIT, 10] {
        let body = text(request.body(max_len, true).bytes);
        assert_eq!(json(&body).as_str(), body);
        let body = json(&body).to_value();
        // The stack keeps the order of completion.
        let stack = json!({"current": 4, "stack": ["b", "😀", "\u{fb33}", "a\"\n"]});
        assert_eq!(body["ctx"]["stack"], stack);
        assert_eq!(body["event"]["name"], "wire/seq");
    }
}

/// Also when everything else is left for the app to fetch.
#[test]
fn de_3_calls_carry_the_defers_of_the_run() {
    let (_, mut request) = recorded_call();
    request.defers = vec![
        (DeferId::new("ee17"), true),
        (DeferId::new("0a"), false),
        (DeferId::new("q\""), true),
    ];
    for max_len in [LIMIT, 10] {
        let body = text(request.body(max_len, true).bytes);
        assert_eq!(json(&body).as_str(), body);
        let defers = r#""defers":{"0a":{"abortable":false},"ee17":{"abortable":true},"q\"":{"abortable":true}},"#;
        assert!(body.contains(defers), "{body}");
    }
}

#[test]
fn long_bodies_use_the_api() {
    let (_, mut request) = recorded_call();
    request
        .steps
        .push((StepId::new("a"), Json::string(&"x".repeat(1000))));
    let full = request.body(usize::MAX, true);
    let exact = full.bytes.len();
    assert_eq!(request.body(exact, true), full);
    let short = request.body(exact - 1, true);
    assert!(short.use_api && short.bytes.len() < 1000);
    let body: Value = serde_json::from_slice(&short.bytes).unwrap();
    assert_eq!(body["use_api"], true);
    assert_eq!(body["ctx"]["use_api"], true);
    assert_eq!((&body["steps"], &body["events"]), (&json!({}), &json!([])));
    assert_eq!(body["ctx"]["stack"], json!({"current": 1, "stack": ["a"]}));
    assert_eq!(body["event"]["name"], "wire/seq");
    // GO apps get the whole body whatever its size.
    assert_eq!(request.body(10, false), full);
}

#[test]
fn urls() {
    let (_, mut request) = recorded_call();
    let url = |request: &CallRequest, endpoint: &str| {
        request.url(&Url::parse(endpoint).unwrap()).to_string()
    };
    let cases = [
        (
            "http://app.test/api/inngest",
            "http://app.test/api/inngest?fnId=wire-app-seq&stepId=step",
        ),
        (
            "http://app.test/x?fnId=old&stepId=old",
            "http://app.test/x?fnId=wire-app-seq&stepId=step",
        ),
        // GO: its own parameter stays.
        (
            "http://app.test/x?fnId=old&step=step",
            "http://app.test/x?fnId=wire-app-seq&step=step&stepId=step",
        ),
        (
            "http://app.test/x?a=%20b&stepId=1&c&stepId=2&d=+",
            "http://app.test/x?a=%20b&stepId=step&c&d=+&fnId=wire-app-seq",
        ),
        (
            "wss://connect/?fnId=x",
            "wss://connect/?fnId=wire-app-seq&stepId=step",
        ),
        (
            "http://app.test/x?",
            "http://app.test/x?fnId=wire-app-seq&stepId=step",
        ),
    ];
    for (endpoint, expected) in cases {
        assert_eq!(url(&request, endpoint), expected);
    }
    request.target = Some(StepId::new("86f7e437"));
    request.function_slug = Arc::from("my app/ü-&fn");
    let expected = "http://app.test/x?fnId=my+app%2F%C3%BC-%26fn&stepId=86f7e437";
    assert_eq!(url(&request, "http://app.test/x"), expected);
}

#[test]
fn headers() {
    let (_, mut request) = recorded_call();
    request.target = Some(StepId::new("86f7e437"));
    let headers = request.headers(ServerKind::Dev);
    let context = request.trace_context();
    let expected = [
        ("content-type", "application/json"),
        ("accept-encoding", "gzip, br"),
        ("x-run-id", "01M852VHTS8NRJPGW20K7E12YQ"),
        ("traceparent", &*context.traceparent),
        ("tracestate", &*context.tracestate),
        ("x-request-id", "01M852VHVG7NNBJ013QC5RWSMJ"),
        ("x-inngest-generation-id", "1"),
        ("x-inngest-job-id", "01M852VHTS8NRJPGW20K7E12YQ-7"),
        ("x-inngest-req-version", "-1"),
        ("x-inngest-step-id", "86f7e437"),
        ("x-inngest-server-kind", "dev"),
    ];
    for (name, value) in expected {
        assert_eq!(headers[name], value, "{name}");
    }
    assert!(
        headers["user-agent"]
            .to_str()
            .unwrap()
            .starts_with("Everstep/")
    );
    assert_eq!(headers.len(), expected.len() + 1);
    request.target = None;
    assert_eq!(
        request.headers(ServerKind::Cloud)["x-inngest-step-id"],
        "step"
    );
    assert_eq!(
        request.headers(ServerKind::Cloud)["x-inngest-server-kind"],
        "cloud"
    );
    request.target = Some(StepId::new("a\nb"));
    assert!(
        !request
            .headers(ServerKind::Dev)
            .contains_key("x-inngest-step-id")
    );
}

#[test]
fn bodies_that_apps_fetch() {
    let steps = [
        (StepId::new("b"), json(r#"{"data":1}"#)),
        (StepId::new("a"), Json::null()),
    ];
    assert_eq!(text(actions_body(&steps)), r#"{"b":{"data":1},"a":null}"#);
    assert_eq!(text(actions_body(&[])), "{}");
    assert_eq!(
        text(batch_body(&[json("{}"), json(r#"{"name":"x"}"#)])),
        r#"[{},{"name":"x"}]"#
    );
    assert_eq!(text(batch_body(&[])), "[]");
}

#[test]
fn job_ids() {
    let job: JobId = "01M852VHTS8NRJPGW20K7E12YQ-7".parse().unwrap();
    assert_eq!(job.number, 7);
    assert_eq!(job.to_string(), "01M852VHTS8NRJPGW20K7E12YQ-7");
    for text in [
        "",
        "01M852VHTS8NRJPGW20K7E12YQ",
        "x-1",
        "01M852VHTS8NRJPGW20K7E12YQ--1",
        "am9iLTEwMDE6OmRlZmF1bHQ=",
    ] {
        assert!(text.parse::<JobId>().is_err(), "{text}");
    }
}
