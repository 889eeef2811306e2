//! `step.fetch` (sdk-protocol §9.2).

use everstep_protocol::gateway::{GatewayRequest, RequestError};
use everstep_protocol::limits::{OUTBOUND_HEADERS_MAX, OUTBOUND_REQUEST_MAX, OUTBOUND_URL_MAX};
use http::Method;
use serde_json::{Value, json};

use super::{no_response, op, response};

fn request(opts: &Value) -> Result<GatewayRequest, RequestError> {
    op("Gateway", opts).gateway_request()
}

fn error(opts: &Value) -> String {
    request(opts).unwrap_err().to_string()
}

#[test]
fn the_request_is_what_the_user_wrote() {
    let request = request(&json!({
        "url": "https://api.example.com/v1/thing?x=1#top",
        "method": "POST",
        "headers": {"content-type": "application/json", "X-A": "1"},
        "body": "{\"a\":1}",
    }))
    .unwrap();
    let sent = request.outbound();
    assert_eq!(sent.method, Method::POST);
    assert_eq!(sent.url.as_str(), "https://api.example.com/v1/thing?x=1");
    assert_eq!(sent.headers["content-type"], "application/json");
    assert_eq!(sent.headers["x-a"], "1");
    assert_eq!(sent.headers["accept"], "*/*");
    assert!(
        sent.headers["user-agent"]
            .to_str()
            .unwrap()
            .starts_with("Everstep/")
    );
    assert_eq!(sent.headers.len(), 4);
    assert_eq!(&*sent.body, "{\"a\":1}");
}

#[test]
fn what_is_absent_has_a_default() {
    for opts in [
        json!({"url": "http://a.test"}),
        json!({"url": "http://a.test", "method": null, "headers": null, "body": null}),
        json!({"url": "http://a.test", "method": "", "headers": {}, "body": ""}),
    ] {
        let request = request(&opts).unwrap();
        let sent = request.outbound();
        assert_eq!((&sent.method, &*sent.body), (&Method::GET, ""), "{opts}");
        assert_eq!(sent.url.as_str(), "http://a.test/");
    }
}

#[test]
fn methods() {
    let method = |text: &str| -> Result<String, RequestError> {
        let request = request(&json!({"url": "http://a.test", "method": text}))?;
        Ok(request.outbound().method.to_string())
    };
    for (given, sent) in [("get", "GET"), ("Patch", "PATCH"), ("purge", "purge")] {
        assert_eq!(method(given), Ok(sent.to_owned()));
    }
    for bad in ["CONNECT", "trace", "G T", "GÉT"] {
        let error = method(bad).unwrap_err().to_string();
        let expected = "opts.method must be an HTTP method other than CONNECT and TRACE";
        assert_eq!(error, expected, "{bad}");
    }
}

#[test]
fn headers_of_all_sdks() {
    let request = request(&json!({"url": "http://a.test", "headers": {
        "X-List": ["a", "b"], "x-number": 5, "x-bool": true, "x-null": null, "x-text": " é ",
        "Accept": "text/html", "user-agent": null,
        "Host": "b.test", "Content-Length": "99", "Transfer-Encoding": "chunked",
        "Connection": "close", "Accept-Encoding": "zstd",
    }}))
    .unwrap();
    let headers = &request.outbound().headers;
    let shown: Vec<_> = headers
        .iter()
        .map(|(name, value)| format!("{name}: {}", String::from_utf8_lossy(value.as_bytes())))
        .collect();
    let mut sorted = shown.clone();
    sorted.sort();
    assert_eq!(
        sorted,
        [
            "accept: text/html",
            "x-bool: true",
            "x-list: a",
            "x-list: b",
            "x-number: 5",
            "x-text: é",
        ]
    );
}

#[test]
fn bad_options_say_what_is_wrong_and_repeat_no_secret() {
    let url = "opts.url must be an absolute http or https URL";
    for bad in [
        json!({}),
        json!({"url": null}),
        json!({"url": 5}),
        json!({"url": ""}),
        json!({"url": "/relative"}),
        json!({"url": "ftp://a.test/"}),
        json!({"url": "file:///etc/passwd"}),
        json!({"url": "http://"}),
    ] {
        assert_eq!(error(&bad), url, "{bad}");
    }
    for bad in [
        "https://ada:pw@a.test/",
        "https://ada@a.test/",
        "https://:pw@a.test/",
    ] {
        assert_eq!(
            error(&json!({"url": bad})),
            "opts.url must be a URL without user name and password; send them in the header Authorization"
        );
    }
    let with = |name: &str, value: Value| {
        let mut opts = json!({"url": "http://a.test"});
        opts[name] = value;
        error(&opts)
    };
    assert_eq!(
        with("method", json!(1)),
        "opts.method must be an HTTP method other than CONNECT and TRACE"
    );
    assert_eq!(with("headers", json!([])), "opts.headers must be an object");
    assert_eq!(with("body", json!({"a": 1})), "opts.body must be a text");
    assert_eq!(
        with("headers", json!({"a b": "secret"})),
        "opts.headers holds \"a b\", which is not the name of an HTTP header"
    );
    for bad in [
        json!("secret\r\nx: y"),
        json!({"a": 1}),
        json!([["secret"]]),
    ] {
        assert_eq!(
            with("headers", json!({"authorization": bad})),
            "the value of \"authorization\" in opts.headers can't be sent in an HTTP header"
        );
    }
}

#[test]
fn limits_are_exact() {
    let url = |length: usize| {
        let start = "http://a.test/";
        json!({"url": format!("{start}{}", "x".repeat(length - start.len()))})
    };
    assert!(request(&url(OUTBOUND_URL_MAX)).is_ok());
    let long = error(&url(OUTBOUND_URL_MAX + 1));
    assert_eq!(long, "opts.url must be at most 32768 bytes long");

    let body = |length: usize| json!({"url": "http://a.test", "body": "x".repeat(length)});
    assert!(request(&body(OUTBOUND_REQUEST_MAX)).is_ok());
    let large = error(&body(OUTBOUND_REQUEST_MAX + 1));
    assert_eq!(large, "opts.body is 4194305 bytes, more than 4194304");

    let headers = |count: usize| {
        let headers: Value = (0..count).map(|i| (format!("x-{i}"), json!("v"))).collect();
        json!({"url": "http://a.test", "headers": headers})
    };
    assert!(request(&headers(OUTBOUND_HEADERS_MAX)).is_ok());
    let many = "opts.headers holds more than 100 headers";
    assert_eq!(error(&headers(OUTBOUND_HEADERS_MAX + 1)), many);
    // More than the header map of the HTTP library could hold at all.
    assert_eq!(error(&headers(40_000)), many);
    let list = json!({"url": "http://a.test", "headers": {"x": vec!["v"; 40_000]}});
    assert_eq!(error(&list), many);
}

#[test]
fn tc_4_what_is_shown_holds_no_secret() {
    let opts = json!({
        "url": "https://a.test/x?token=hidden-1&page=2",
        "headers": {"Authorization": "Bearer hidden-2", "x-api-key": ["hidden-3", "hidden-4"], "x-a": "1"},
        "body": "text",
    });
    let op = op("Gateway", &opts);
    let request = op.gateway_request().unwrap();
    let redacted = request.redacted();
    assert_eq!(
        redacted.member_text("url").unwrap(),
        "https://a.test/x?token=***&page=2"
    );
    assert_eq!(redacted.member_text("method").unwrap(), "GET");
    assert_eq!(redacted.member_text("body").unwrap(), "text");
    let headers = redacted.member("headers").unwrap();
    assert_eq!(headers.member_text("authorization").unwrap(), "***");
    assert_eq!(headers.member_text("x-api-key").unwrap(), "***,***");
    assert_eq!(headers.member_text("x-a").unwrap(), "1");
    let mut answer = response(200, &[("set-cookie", "hidden-5")], "hidden-6");
    answer.final_url = "https://a.test/?key=hidden-7".parse().unwrap();
    let shown = format!("{op:?} {request:#?} {:?} {answer:?}", request.outbound());
    assert!(!shown.contains("hidden"), "{shown}");
    assert!(
        shown.contains("Sensitive") && shown.contains("body_bytes: 8"),
        "{shown}"
    );
}

#[test]
fn any_status_is_a_success() {
    for status in [200, 204, 304, 404, 500] {
        let value = GatewayRequest::outcome(Ok(&response(status, &[], "")));
        let value = value.unwrap().to_value();
        assert_eq!(value["data"]["status_code"], status);
    }
    let headers = [
        ("content-type", "text/html"),
        ("etag", "W/\"1\""),
        ("set-cookie", "a=1"),
        ("set-cookie", "b=2"),
        ("x-2-b", ""),
    ];
    let body = "<b>\u{FFFD}\"\\\n{}";
    let value = GatewayRequest::outcome(Ok(&response(404, &headers, body))).unwrap();
    assert_eq!(
        value.to_value(),
        json!({"data": {
            "url": "https://api.example.com/v1/thing?x=1",
            "headers": {"Content-Type": "text/html", "Etag": "W/\"1\"", "Set-Cookie": "a=1,b=2", "X-2-B": ""},
            "body": body,
            "status_code": 404,
        }})
    );
}

#[test]
fn no_response_is_an_error() {
    let error = GatewayRequest::outcome(Err(&no_response("connection refused"))).unwrap_err();
    assert_eq!(
        error.memoized().as_str(),
        r#"{"error":{"message":"Error making gateway request: connection refused","name":"GatewayError"}}"#
    );
}

#[test]
fn what_is_noted_of_a_request_has_no_secrets() {
    let request = request(&json!({
        "url": "https://a.test/?token=secret", "method": "POST", "body": "12345",
        "headers": {"authorization": "secret"},
    }))
    .unwrap();
    let mut answer = response(201, &[], "a body");
    answer.final_url = "https://a.test/moved?token=secret".parse().unwrap();
    let noted = request.metadata(&answer);
    let latency_ms = answer.duration.as_millis();
    assert_eq!(
        noted.as_str(),
        format!(
            r#"{{"latency_ms":{latency_ms},"method":"POST","request_size":5,"response_size":6,"status_code":201,"url":"https://a.test/moved?token=***"}}"#
        )
    );
}
