//! Durable endpoints as the SDKs report them (sdk-protocol §7.4–7.7).

use everstep_protocol::endpoint::{
    ApiResult, EndpointError, EndpointRequest, EndpointStart, REQUEST_EVENT, parse_steps,
};
use everstep_protocol::op::OpCode;
use everstep_protocol::reply::{CallContext, Outcome, RawResponse, Reply};
use everstep_protocol::{EventId, Json, Timestamp};
use http::{HeaderMap, HeaderValue, Method};
use serde_json::{Value, json};

use crate::support::exchanges;

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);
const SDK: Option<&str> = Some("inngest-js:v4.24.0");

/// A start as TypeScript sends it.
fn start() -> Value {
    json!({
        "run_id": "01M8527VZ52VZANGGJNBKVQAKJ",
        "event": { "name": "inngest/http.request", "data": {
            "content_type": "application/json", "domain": "http://app.test", "ip": "", "method": "POST",
            "path": "/plain", "query_params": "a=1&b=%20", "body": "{\"in\":1}", "fn": "",
        } },
        "steps": [{ "op": "StepRun", "id": "a", "data": 1 }],
        "request_version": 2,
        "retries": 3,
    })
}

fn parse(body: &Value) -> Result<EndpointStart, EndpointError> {
    EndpointStart::parse(body.to_string().as_bytes(), SDK)
}

#[test]
fn recorded_starts_and_steps() {
    let (mut starts, mut steps) = (0, 0);
    for exchange in exchanges() {
        let body = exchange.request_body().to_string();
        match exchange.request() {
            "POST /v1/checkpoint" => {
                let start = EndpointStart::parse(body.as_bytes(), SDK).unwrap();
                assert_eq!(start.app, "http://app.test");
                assert_eq!((start.retries, start.request_version), (3, 2));
                assert_eq!(start.ops.len(), 1);
                starts += 1;
            }
            request if request.ends_with("/steps") => {
                let run = request.split('/').nth(3).unwrap().parse().unwrap();
                assert_eq!(parse_steps(body.as_bytes(), run).unwrap().len(), 1);
                steps += 1;
            }
            _ => {}
        }
    }
    assert!(starts >= 10 && steps >= 5, "{starts} starts, {steps} steps");
}

#[test]
fn the_clients_request_is_made_again_as_it_was() {
    let start = parse(&start()).unwrap();
    assert_eq!(start.event.name, REQUEST_EVENT);
    assert_eq!(start.function, "POST /plain");
    assert_eq!(start.ops[0].code, OpCode::StepRun);
    let payload = start.event.payload(EventId::from_parts(NOW, 1), NOW);
    let request = EndpointRequest::of_event(&payload).unwrap();
    assert_eq!(request.method, Method::POST);
    assert_eq!(request.url.as_str(), "http://app.test/plain?a=1&b=%20");
    assert_eq!(
        request.content_type,
        Some(HeaderValue::from_static("application/json"))
    );
    assert_eq!(request.body, br#"{"in":1}"#);
}

#[test]
fn go_names_no_sdk_and_sends_bodies_as_base64() {
    let mut body = start();
    body["event"]["name"] = "http/run.started".into();
    body["event"]["data"]["body"] = "AP8=".into();
    body["event"]["data"]["fn"] = "upload".into();
    body["event"]["data"]["path"] = "/a b".into();
    for member in ["retries", "request_version"] {
        body.as_object_mut().unwrap().remove(member);
    }
    let start = EndpointStart::parse(body.to_string().as_bytes(), None).unwrap();
    assert_eq!(
        (start.sdk.as_str(), start.function.as_str()),
        ("go", "upload")
    );
    assert_eq!((start.retries, start.request_version), (0, -1));
    let payload = start.event.payload(EventId::from_parts(NOW, 1), NOW);
    let request = EndpointRequest::of_event(&payload).unwrap();
    assert_eq!(request.body, [0, 255]);
    assert_eq!(request.url.path(), "/a%20b");
}

#[test]
fn http_api_5_7_negative_retries_are_the_default_and_many_are_clamped() {
    for (given, taken) in [(-1, 4), (0, 0), (7, 7), (99, 20)] {
        let mut body = start();
        body["retries"] = given.into();
        assert_eq!(parse(&body).unwrap().retries, taken, "{given}");
    }
}

#[test]
fn what_is_wrong_with_a_start_is_named() {
    let cases = [
        ("/run_id", json!("nothing"), "run_id must be a ULID"),
        (
            "/event",
            Value::Null,
            "event must be an event with the client's request",
        ),
        ("/event", json!(1), "an event must be an object"),
        ("/event/data", json!([]), "event data must be an object"),
        (
            "/event/data/method",
            json!(""),
            "event.data.method must be the method of a request",
        ),
        (
            "/event/data/method",
            json!("CONNECT"),
            "event.data.method must be",
        ),
        (
            "/event/data/domain",
            json!("app.test"),
            "event.data.domain must be an http or https origin",
        ),
        (
            "/event/data/domain",
            json!("file:///etc"),
            "event.data.domain must be",
        ),
        ("/steps", json!([{ "op": 1 }]), "op 0 is not an object"),
    ];
    for (place, value, message) in cases {
        let mut body = start();
        *body.pointer_mut(place).unwrap() = value;
        let error = parse(&body).unwrap_err().to_string();
        assert!(error.contains(message), "{place}: {error}");
    }
    for body in ["", "[]", "{}", "{\"run_id\":"] {
        assert!(
            EndpointStart::parse(body.as_bytes(), SDK).is_err(),
            "{body}"
        );
    }
}

#[test]
fn steps_belong_to_the_run_of_the_path() {
    let run = "01M8527VZ52VZANGGJNBKVQAKJ".parse().unwrap();
    assert_eq!(parse_steps(br#"{"steps":null}"#, run), Ok(Vec::new()));
    let other = br#"{"run_id":"01M8527WK9EPDWC5GBM0JJPZ49","steps":[]}"#;
    assert!(matches!(
        parse_steps(other, run),
        Err(EndpointError::OtherRun(_))
    ));
    assert!(parse_steps(b"[]", run).is_err());
}

#[test]
fn api_results_of_all_sdks() {
    let cases = [
        (
            json!({ "status": 200, "headers": {}, "body": "null", "version": 2 }),
            200,
            "null",
        ),
        // GO before SyncRunComplete, and since.
        (
            json!({ "status_code": 404, "headers": {}, "body": "aGk=", "duration": 5 }),
            404,
            "hi",
        ),
        (
            json!({ "status": 200, "headers": {}, "body": "aGk=", "duration": 5 }),
            200,
            "hi",
        ),
        (json!({ "status": 204, "headers": { "a": "b" } }), 204, ""),
    ];
    for (output, status, body) in cases {
        let result = ApiResult::of(&Json::from_value(&output)).unwrap();
        assert_eq!(
            (result.status, &*result.body),
            (status, body.as_bytes()),
            "{output}"
        );
        assert_eq!(result.is_success(), status < 300);
        let wrapped = Json::from_value(&json!({ "data": output }));
        assert_eq!(ApiResult::unwrapped(wrapped), Json::from_value(&output));
    }
    let others = [
        json!(null),
        json!({ "status": "ok", "body": "" }),
        json!({ "status": 200 }),
        json!({ "data": 1 }),
    ];
    for other in others {
        let other = Json::from_value(&other);
        assert_eq!(ApiResult::of(&other), None, "{other:?}");
        assert_eq!(ApiResult::unwrapped(other.clone()), other);
    }
}

#[test]
fn a_go_handler_that_has_come_to_its_end_answers_as_it_would_its_client() {
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("x-inngest-sdk", "go:v0.15.1"),
        ("x-run-id", "01"),
        ("content-type", "text/plain"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    for (status, body) in [(200, b"hi".as_slice()), (500, &[0, 255]), (201, b"")] {
        let response = RawResponse {
            status,
            headers: &headers,
            body,
        };
        let context = CallContext {
            targeted: false,
            endpoint: true,
        };
        let Outcome::Output(output) = Reply::classify(response, context, NOW).outcome else {
            panic!("an output");
        };
        let result = ApiResult::of(&output).unwrap();
        assert_eq!((result.status, &*result.body), (status, body));
        let content_type = ("content-type".to_owned(), "text/plain".to_owned());
        assert_eq!(result.headers, [content_type]);
    }
}
