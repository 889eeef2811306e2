//! Requests that the server makes for steps (sdk-protocol §9, OP-4).

mod captures;
mod fetch;
mod infer;
mod metadata;

use std::time::Duration;

use everstep_protocol::gateway::{OutboundError, OutboundResponse};
use everstep_protocol::op::Op;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

fn op(code: &str, opts: &Value) -> Op {
    let op = serde_json::json!({"op": code, "id": "x", "opts": opts});
    Op::parse_all(op.to_string().as_bytes()).unwrap().remove(0)
}

fn response(status: u16, headers: &[(&'static str, &'static str)], body: &str) -> OutboundResponse {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
    OutboundResponse {
        status,
        final_url: "https://api.example.com/v1/thing?x=1".parse().unwrap(),
        headers: map,
        body: body.to_owned(),
        duration: Duration::from_millis(1250),
    }
}

fn no_response(cause: &str) -> OutboundError {
    OutboundError {
        cause: cause.to_owned(),
        no_retry: false,
    }
}
