//! `step.ai.infer`: keys, headers and errors by format (sdk-protocol §9.1, OP-4).

use everstep_protocol::Json;
use everstep_protocol::gateway::{AiFormat, AiRequest, RequestError};
use everstep_protocol::limits::{FOREIGN_BODY_KEPT, OUTBOUND_REQUEST_MAX};
use http::Method;
use serde_json::{Value, json};

use super::{no_response, op, response};

const KEY: &str = "sk-0123456789abcdef0123";

fn opts(format: &str, url: &str) -> Value {
    json!({"type": "step.ai.infer", "url": url, "format": format, "auth_key": KEY, "body": {"model": "m"}})
}

fn request(opts: &Value) -> Result<AiRequest, RequestError> {
    op("AIGateway", opts).ai_request()
}

/// Headers and query that hold the key.
fn keys(request: &AiRequest) -> String {
    let sent = request.outbound();
    let mut places: Vec<_> = sent
        .headers
        .iter()
        .filter(|(_, value)| value.is_sensitive())
        .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
        .collect();
    places.sort();
    places.extend(sent.url.query().map(|query| format!("?{query}")));
    places.join("; ").replace(KEY, "KEY")
}

#[test]
fn op_4_where_the_key_goes() {
    let cases = [
        ("openai-chat", "authorization: Bearer KEY"),
        ("openai-responses", "authorization: Bearer KEY"),
        ("grok", "authorization: Bearer KEY"),
        ("azure-openai", "api-key: KEY; authorization: Bearer KEY"),
        ("anthropic", "x-api-key: KEY"),
        ("gemini", "?key=KEY"),
        ("bedrock", "authorization: KEY"),
        ("teleport", "authorization: Bearer KEY"),
        ("", "authorization: Bearer KEY"),
    ];
    for (format, expected) in cases {
        let opts = opts(format, "https://a.test/v1");
        let request = request(&opts).unwrap();
        assert_eq!(keys(&request), expected, "{format}");
        assert_eq!(AiFormat::parse(format).as_str(), format);
        assert_eq!(request.redacted().member_text("format").unwrap(), format);

        let shown = format!(
            "{:?} {request:?} {}",
            op("AIGateway", &opts),
            request.redacted()
        );
        assert!(!shown.contains(KEY), "{format}: {shown}");
    }
}

#[test]
fn op_4_the_key_of_gemini_is_set_and_not_appended() {
    let cases = [
        ("https://a.test/x", "?key=KEY"),
        ("https://a.test/x?alt=sse", "?alt=sse&key=KEY"),
        // As TS sends it: nothing is written anew.
        ("https://a.test/x?key=KEY&q=a%20b", "?key=KEY&q=a%20b"),
        ("https://a.test/x?key=other&q=1", "?q=1&key=KEY"),
        ("https://a.test/x?key=KEY&key=KEY", "?key=KEY"),
        ("https://a.test/x?key=", "?key=KEY"),
    ];
    for (url, expected) in cases {
        let request = request(&opts("gemini", &url.replace("KEY", KEY))).unwrap();
        assert_eq!(keys(&request), expected, "{url}");
        let shown = request.redacted().member_text("url").unwrap();
        assert!(shown.contains("key=***"), "{shown}");
    }
}

#[test]
fn the_request_has_what_providers_need() {
    let request = request(&opts("openai-chat", "https://a.test/v1")).unwrap();
    let sent = request.outbound();
    assert_eq!(sent.method, Method::POST);
    assert_eq!(sent.headers["content-type"], "application/json");
    assert_eq!(sent.headers["accept"], "*/*");
    assert!(sent.headers.contains_key("user-agent"));
    assert!(!sent.headers.contains_key("anthropic-version"));
    assert_eq!(&*sent.body, r#"{"model":"m"}"#);
}

#[test]
fn the_version_of_anthropic_has_a_default() {
    let mut opts = opts("anthropic", "https://a.test/v1/messages");
    let version = |opts: &Value| {
        let request = request(opts).unwrap();
        request.outbound().headers["anthropic-version"].clone()
    };
    assert_eq!(version(&opts), "2023-06-01");
    opts["headers"] = json!({"anthropic-beta": "x"});
    assert_eq!(version(&opts), "2023-06-01");
    opts["headers"] = json!({"Anthropic-Version": "2024-01-01"});
    assert_eq!(version(&opts), "2024-01-01");
}

#[test]
fn given_headers_are_on_top() {
    let mut opts = opts("azure-openai", "https://a.test/v1");
    opts["headers"] =
        json!({"content-type": "application/vnd.x+json", "Authorization": "Custom 1"});
    let request = request(&opts).unwrap();
    assert_eq!(keys(&request), "api-key: KEY; authorization: Custom 1");
    let sent = request.outbound();
    assert_eq!(sent.headers["content-type"], "application/vnd.x+json");
    assert_eq!(sent.headers.get_all("authorization").iter().count(), 1);
    assert!(!request.redacted().as_str().contains("Custom"));
}

#[test]
fn local_models_need_no_key() {
    for key in [json!(""), json!(null)] {
        for format in ["openai-chat", "gemini", "anthropic"] {
            let mut opts = opts(format, "http://localhost:11434/v1?x=1");
            opts["auth_key"] = key.clone();
            assert_eq!(keys(&request(&opts).unwrap()), "?x=1");
        }
    }
}

#[test]
fn bad_options_say_what_is_wrong_and_repeat_no_key() {
    let error = |name: &str, value: Value| {
        let mut opts = opts("openai-chat", "https://a.test/v1");
        opts[name] = value;
        request(&opts).unwrap_err().to_string()
    };
    assert_eq!(
        error("url", json!("x")),
        "opts.url must be an absolute http or https URL"
    );
    assert_eq!(error("format", json!(1)), "opts.format must be a text");
    assert_eq!(error("auth_key", json!({})), "opts.auth_key must be a text");
    assert_eq!(
        error("auth_key", json!("se\ncret")),
        "opts.auth_key must be a text that an HTTP header can carry"
    );
    for bad in [json!(null), json!("{}"), json!([])] {
        assert_eq!(error("body", bad), "opts.body must be an object");
    }
    let large = error("body", json!({"a": "x".repeat(OUTBOUND_REQUEST_MAX - 7)}));
    assert_eq!(large, "opts.body is 4194305 bytes, more than 4194304");
}

#[test]
fn successes_end_at_299_and_any_body_is_kept() {
    let request = request(&opts("openai-chat", "https://a.test/v1")).unwrap();
    let value = |status, body: &str| {
        let value = request.outcome(Ok(&response(status, &[], body)));
        value
            .map(|value| value.to_string())
            .map_err(|error| error.message)
    };
    assert_eq!(
        value(200, "{\"b\":1.0,\"a\":[]}"),
        Ok(r#"{"data":{"a":[],"b":1}}"#.to_owned())
    );
    assert_eq!(value(299, "7"), Ok(r#"{"data":7}"#.to_owned()));
    assert_eq!(value(204, " \n"), Ok(r#"{"data":null}"#.to_owned()));
    assert_eq!(
        value(200, "data: {}\n\ndata: [DONE]\n\n"),
        Ok(r#"{"data":"data: {}\n\ndata: [DONE]\n\n"}"#.to_owned())
    );
    for status in [300, 304, 400, 429, 529] {
        let message = format!("Error making AI request: unsuccessful status code: {status}");
        assert_eq!(value(status, "{}"), Err(message));
    }
}

#[test]
fn errors_hold_the_body_as_json_and_as_text() {
    let request = request(&opts("openai-chat", "https://a.test/v1")).unwrap();
    let error = |body: &str| {
        let error = request.outcome(Ok(&response(500, &[], body))).unwrap_err();
        assert_eq!(error.name, "AIGatewayError");
        (error.json.member("data").unwrap(), error.stack().unwrap())
    };
    let body = r#"{ "error": {"type": "x"} }"#;
    let data = Json::from_canonical(r#"{"error":{"type":"x"}}"#);
    assert_eq!(error(body), (data, body.to_owned()));
    let page = "<html>";
    assert_eq!(error(page), (Json::string(page), page.to_owned()));
    assert_eq!(error(""), (Json::null(), String::new()));
    // A state has room for more than one page of a proxy.
    let long = "x".repeat(FOREIGN_BODY_KEPT + 1);
    let kept = &long[1..];
    assert_eq!(error(&long), (Json::string(kept), kept.to_owned()));
    let cut = format!("{}é", &long[2..]);
    assert!(error(&cut).1.ends_with("x\u{FFFD}"));
}

#[test]
fn op_4_a_key_that_comes_back_is_not_kept() {
    let request = request(&opts("openai-chat", "https://a.test/v1")).unwrap();
    let body = format!(r#"{{"error":"Incorrect API key provided: {KEY}."}}"#);
    for status in [200, 401] {
        let kept = match request.outcome(Ok(&response(status, &[], &body))) {
            Ok(value) => value,
            Err(error) => error.memoized(),
        };
        assert!(kept.as_str().contains("provided: ***."), "{kept}");
        assert!(!kept.as_str().contains(KEY), "{kept}");
    }
    let cause = no_response(&format!("302 redirects to \"?key={KEY}\""));
    let error = request.outcome(Err(&cause)).unwrap_err();
    assert_eq!(
        error.message,
        "Error making AI request: 302 redirects to \"?key=***\""
    );
    let prompt = json!({"messages": [format!("my key is {KEY}")]});
    let mut opts = opts("openai-chat", "https://a.test/v1");
    opts["body"] = prompt;
    let redacted = op("AIGateway", &opts).ai_request().unwrap().redacted();
    let body = redacted.member("body").unwrap();
    assert_eq!(body.as_str(), r#"{"messages":["my key is ***"]}"#);
}
