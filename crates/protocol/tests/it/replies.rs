//! Classification: every recorded reply, and the cases that were not recorded.

use std::fmt::Write as _;
use std::time::Duration;

use everstep_protocol::limits::OPS_PER_REPLY_MAX;
use everstep_protocol::op::OpCode;
use everstep_protocol::reply::{CallContext, Outcome, RawResponse, Reply};
use everstep_protocol::{Timestamp, UserError};
use http::HeaderMap;
use serde_json::{Value, json};

use crate::support::{self, exchanges};

const NOW: Timestamp = Timestamp::from_millis(1_795_465_666_000);
const DISCOVERY: CallContext = CallContext {
    targeted: false,
    endpoint: false,
};
const TARGETED: CallContext = CallContext {
    targeted: true,
    endpoint: false,
};
const TS: &str = "inngest-js:v4.24.0";
const GO: &str = "go:v0.15.1";

/// One line for each recorded reply to a call.
#[test]
fn recorded_replies() {
    let mut lines = String::new();
    for exchange in exchanges() {
        let (method, path) = exchange.request().split_once(' ').unwrap();
        let is_call = method == "POST" && path.contains("stepId=");
        // Durable endpoints are re-entered with their own method and path.
        let is_entry = exchange.capture.starts_with("v4-dep") && exchange.status() == 206;
        if !exchange.to_app() || !(is_call || is_entry) {
            continue;
        }
        let context = CallContext {
            targeted: is_call && !path.ends_with("stepId=step"),
            endpoint: is_entry,
        };
        let response = RawResponse {
            status: exchange.status(),
            headers: &exchange.reply_headers(),
            body: &exchange.reply_bytes(),
        };
        let reply = Reply::classify(response, context, NOW);
        let (capture, number) = (&exchange.capture, exchange.number);
        let target = if context.targeted { " targeted" } else { "" };
        writeln!(lines, "{capture} {number}{target}: {}", describe(&reply)).unwrap();
    }
    insta::assert_snapshot!(lines);
}

fn describe(reply: &Reply) -> String {
    let mut out = match &reply.outcome {
        Outcome::Output(output) => format!("output {output}"),
        Outcome::Error(error) => format!("error {}", error.json),
        Outcome::Ops(ops) => {
            let ops = ops.iter().map(|op| {
                let mut text = format!("{} {:?}", op.code.as_str(), op.title());
                if let Some(data) = &op.data {
                    write!(text, " data={data}").unwrap();
                }
                if let Some(error) = &op.error {
                    write!(text, " error={}", error.json).unwrap();
                }
                if op.code == OpCode::Sleep {
                    let until = op.sleep_until(NOW).unwrap();
                    write!(text, " for={:?}", until.since(NOW)).unwrap();
                }
                text
            });
            format!("ops [{}]", ops.collect::<Vec<_>>().join("; "))
        }
    };
    if let Some(version) = reply.request_version {
        write!(out, " version={version}").unwrap();
    }
    if let Some(no_retry) = reply.no_retry {
        write!(out, " no_retry={no_retry}").unwrap();
    }
    if let Some(at) = reply.retry_at {
        write!(out, " retry_in={:?}", at.since(NOW)).unwrap();
    }
    write!(out, " status={}", reply.status.unwrap()).unwrap();
    out.chars().take(400).collect()
}

fn classify(status: u16, headers: &Value, body: impl AsRef<[u8]>, context: CallContext) -> Reply {
    let headers = support::headers(headers);
    let response = RawResponse {
        status,
        headers: &headers,
        body: body.as_ref(),
    };
    Reply::classify(response, context, NOW)
}

fn ts(status: u16, body: &str) -> Reply {
    classify(status, &json!({"x-inngest-sdk": TS}), body, DISCOVERY)
}

fn error(reply: &Reply) -> &UserError {
    reply.error().unwrap_or_else(|| panic!("{reply:?}"))
}

fn code(reply: &Reply) -> String {
    error(reply).code().unwrap_or_default()
}

fn output(reply: &Reply) -> &str {
    match &reply.outcome {
        Outcome::Output(output) => output.as_str(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn outputs() {
    let cases = [
        ("{\"b\":1,\"a\":2}", "{\"a\":2,\"b\":1}"),
        ("null", "null"),
        ("", "null"),
        (" \n", "null"),
        ("\"text\"", "\"text\""),
        ("plain text", "\"plain text\""),
        ("<html>", "\"<html>\""),
        ("12345678901234567890", "12345678901234567000"),
    ];
    for (body, expected) in cases {
        for status in [200, 202, 299] {
            assert_eq!(output(&ts(status, body)), expected, "{body}");
        }
    }
    let reply = classify(200, &json!({"x-inngest-sdk": TS}), b"\xffabc", DISCOVERY);
    assert_eq!(output(&reply), "\"\u{fffd}abc\"");
}

/// Rule 7: success of something else than an SDK.
#[test]
fn not_an_sdk() {
    for (status, body) in [
        (200, "{}"),
        (201, "{\"status\":200}"),
        (204, ""),
        (206, "<html>"),
        (206, ""),
    ] {
        for headers in [
            json!({}),
            json!({"x-inngest-sdk": ""}),
            json!({"x-inngest-sdk": " "}),
        ] {
            let reply = classify(status, &headers, body, DISCOVERY);
            assert_eq!(code(&reply), "not_sdk", "{status} {body}");
            assert_eq!(
                error(&reply).message,
                "The response did not come from an Inngest SDK"
            );
            assert_eq!((reply.no_retry, reply.status), (None, Some(status)));
        }
    }
}

/// Rule 9: failure of something else than an SDK.
#[test]
fn foreign_errors() {
    let page = "é".repeat(5000);
    let headers = json!({"retry-after": "120", "x-powered-by": "proxy"});
    let reply = classify(502, &headers, &page, DISCOVERY);
    let error = error(&reply);
    assert_eq!(error.name, "Server returned a fatal error");
    assert_eq!(
        error.message,
        "Your server returned HTTP 502 before the SDK responded."
    );
    assert_eq!(error.stack().unwrap().len(), 8192);
    assert_eq!(error.code().unwrap(), "http_error");
    assert_eq!(reply.retry_at, Some(NOW + Duration::from_secs(120)));
    assert_eq!(reply.no_retry, None);
    // TS and PY drop their headers from a 401.
    let headers = json!({"x-inngest-sdk-handled": "true"});
    let reply = classify(401, &headers, "{\"message\":\"Unauthorized\"}", DISCOVERY);
    assert_eq!(code(&reply), "http_error");
    assert_eq!(
        code(&classify(304, &json!({}), "", DISCOVERY)),
        "http_error"
    );
}

#[test]
fn function_errors() {
    let headers = json!({"x-inngest-sdk": TS, "x-inngest-no-retry": "True", "retry-after": "5"});
    let body = "{\"name\":\"E\",\"message\":\"m\",\"code\":\"X1\",\"__serialized\":true}";
    let reply = classify(400, &headers, body, DISCOVERY);
    assert_eq!(
        error(&reply).json.as_str(),
        "{\"code\":\"X1\",\"message\":\"m\",\"name\":\"E\"}"
    );
    assert_eq!(reply.no_retry, Some(true));
    assert_eq!(reply.retry_at, Some(NOW + Duration::from_secs(5)));
    let headers = json!({"x-inngest-sdk": TS, "x-inngest-no-retry": "false"});
    assert_eq!(
        classify(500, &headers, "boom", DISCOVERY).no_retry,
        Some(false)
    );
    assert_eq!(ts(500, "boom").no_retry, None);
    assert_eq!(error(&ts(500, "boom")).message, "boom");
    assert_eq!(error(&ts(410, "")).message, "Unknown error");
    let stale = "{\"name\":\"StaleDispatchError\",\"message\":\"stale\"}";
    assert_eq!(error(&ts(400, stale)).name, "StaleDispatchError");
}

#[test]
fn ops_of_all_shapes() {
    let count = |body: &str| match ts(206, body).outcome {
        Outcome::Ops(ops) => ops.len(),
        other => panic!("{body}: {other:?}"),
    };
    assert_eq!(count("[]"), 0);
    assert_eq!(count("{\"op\":\"RunComplete\",\"id\":\"x\",\"data\":1}"), 1);
    assert_eq!(
        count("[{\"op\":\"StepRun\",\"id\":\"a\"},{\"op\":\"New\",\"id\":\"b\"}]"),
        2
    );
    for body in [
        "",
        "null",
        "1",
        "[1]",
        "{}x",
        "[{\"op\":1,\"id\":\"a\"}]",
        "[{\"op\":\"StepRun\"}]",
    ] {
        let reply = ts(206, body);
        assert_eq!(code(&reply), "invalid_response", "{body}");
        assert!(
            error(&reply).message.starts_with("invalid response"),
            "{body}"
        );
        assert_eq!(reply.no_retry, None);
    }
}

#[test]
fn too_many_ops() {
    let body = |count: usize| {
        let op = "{\"op\":\"StepPlanned\",\"id\":\"a\"}";
        format!("[{}]", vec![op; count].join(","))
    };
    assert!(matches!(
        ts(206, &body(OPS_PER_REPLY_MAX)).outcome,
        Outcome::Ops(_)
    ));
    let reply = ts(206, &body(OPS_PER_REPLY_MAX + 1));
    assert_eq!(error(&reply).name, "InngestErrFunctionOverflowed");
    assert_eq!(reply.no_retry, Some(true));
}

/// §4.5: GO answers 200 `null` if it does not find the step.
#[test]
fn step_not_found_in_go() {
    let go = json!({"x-inngest-sdk": GO, "x-inngest-req-version": "2"});
    let reply = classify(200, &go, "null\n", TARGETED);
    assert_eq!(code(&reply), "step_not_found");
    assert_eq!(reply.no_retry, None);
    assert_eq!(output(&classify(200, &go, "null", DISCOVERY)), "null");
    assert_eq!(output(&classify(200, &go, "1", TARGETED)), "1");
    let ts = json!({"x-inngest-sdk": TS});
    assert_eq!(output(&classify(200, &ts, "null", TARGETED)), "null");
    let wrapped = classify(201, &go, "  {\"status\":200,\"body\":null}", TARGETED);
    assert_eq!(code(&wrapped), "step_not_found");
}

#[test]
fn streamed_replies() {
    let stream = |body: &str| ts(201, body);
    // Double encoding, and headers of the inner reply.
    let reply = stream(
        "    {\"status\":500,\"headers\":{\"X-Inngest-No-Retry\":\"true\",\"Retry-After\":[\"7\"]},\
         \"body\":\"{\\\"message\\\":\\\"m\\\"}\",\"version\":2} ",
    );
    assert_eq!(error(&reply).message, "m");
    assert_eq!((reply.no_retry, reply.status), (Some(true), Some(500)));
    assert_eq!(reply.retry_at, Some(NOW + Duration::from_secs(7)));
    // GO: a raw body, noRetry and retryAt.
    let reply = stream(
        "{\"status\":500,\"body\":\"error calling function: x\",\"noRetry\":true,\"headers\":null,\
         \"retryAt\":\"2030-01-01T00:00:00Z\"}",
    );
    assert_eq!(error(&reply).message, "error calling function: x");
    assert_eq!(reply.no_retry, Some(true));
    assert_eq!(reply.retry_at, Some(NOW + Duration::from_secs(86_400)));
    assert_eq!(
        output(&stream("{\"status\":200,\"body\":{\"b\":1,\"a\":2}}")),
        "{\"a\":2,\"b\":1}"
    );
    assert_eq!(
        output(&stream("{\"status\":200,\"body\":\"\\\"x\\\"\"}")),
        "\"x\""
    );
    assert_eq!(output(&stream("{\"status\":200,\"body\":\"x\"}")), "\"x\"");
    assert_eq!(output(&stream("{\"status\":200}")), "null");
    assert_eq!(
        output(&stream("{\"status\":201,\"body\":{\"status\":500}}")),
        "{\"status\":500}"
    );
    let reply = stream("{\"status\":206,\"body\":[{\"op\":\"StepRun\",\"id\":\"a\",\"data\":1}]}");
    assert!(
        matches!(&reply.outcome, Outcome::Ops(ops) if ops.len() == 1),
        "{reply:?}"
    );
    // The inner reply can itself be no SDK's failure only by headers, which the outer one has.
    let reply = stream("{\"status\":503,\"body\":\"busy\"}");
    assert_eq!(error(&reply).message, "busy");
    let reply = stream("{\"error\":\"marshal failed\"}");
    assert_eq!(error(&reply).message, "marshal failed");
    assert_eq!(reply.no_retry, None);
    for body in [
        "",
        "   ",
        "{\"status\":200,\"bo",
        "[]",
        "{}",
        "{\"status\":\"200\"}",
        "{\"status\":99999}",
    ] {
        assert_eq!(code(&stream(body)), "invalid_response", "{body}");
    }
}

#[test]
fn header_forms() {
    let headers = |version: &str| json!({"x-inngest-sdk": TS, "x-inngest-req-version": version});
    let version = |text: &str| classify(200, &headers(text), "1", DISCOVERY).request_version;
    assert_eq!(version("2"), Some(2));
    assert_eq!(version(" 1 "), Some(1));
    assert_eq!(version("-1"), Some(-1));
    assert_eq!(version(""), None);
    assert_eq!(version("999"), None);
    let mut raw = HeaderMap::new();
    raw.insert(
        "x-inngest-sdk",
        http::HeaderValue::from_bytes(b"go:\xff").unwrap(),
    );
    let response = RawResponse {
        status: 200,
        headers: &raw,
        body: b"1",
    };
    // A header that is no text is no SDK's.
    assert_eq!(code(&Reply::classify(response, DISCOVERY, NOW)), "not_sdk");
}

#[test]
fn replies_that_never_came() {
    let reply = Reply::unreachable("connection refused");
    assert_eq!(code(&reply), "http_unreachable");
    assert_eq!(
        error(&reply).message,
        "Unable to reach SDK URL: connection refused"
    );
    assert_eq!((reply.status, reply.no_retry), (None, None));
    assert_eq!(
        error(&Reply::unreachable("")).message,
        "Unable to reach SDK URL"
    );
    let reply = Reply::timed_out(Duration::from_secs(7205));
    assert_eq!(code(&reply), "request_duration_too_long");
    assert_eq!(
        error(&reply).message,
        "The request took longer than the limit of 2h5s."
    );
    let reply = Reply::too_large(8 * 1024 * 1024);
    assert_eq!(code(&reply), "output_too_large");
    assert_eq!(reply.no_retry, Some(true));
    let reply = Reply::failed(UserError::new("E", "m"));
    assert_eq!(
        error(&reply).json.as_str(),
        "{\"message\":\"m\",\"name\":\"E\"}"
    );
}
