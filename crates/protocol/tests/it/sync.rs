//! Registration of all SDKs, in-band sync, introspection, refusals.

use everstep_protocol::headers::ServerKind;
use everstep_protocol::sync::{
    AppSync, InBandSync, Introspection, RegisterError, RegisterRequest, SdkLanguage, normalize_url,
    sdk_denied, sdk_version,
};
use serde_json::{Value, json};

use crate::support::{capture, exchanges};

/// Recorded lists of functions were cut short, with a text for what is missing.
fn complete(body: &Value) -> Value {
    let mut body = body.clone();
    match body["functions"].as_array_mut() {
        Some(functions) => functions.retain(Value::is_object),
        None => body["functions"] = json!([]),
    }
    body
}

fn register(body: &Value) -> Result<AppSync, RegisterError> {
    RegisterRequest::parse(body.to_string().as_bytes())?.into_app_sync()
}

fn ts_body() -> Value {
    complete(capture("v4-register-dev")[0].request_body())
}

fn slugs(sync: &AppSync) -> Vec<&str> {
    sync.functions
        .iter()
        .map(|function| &*function.slug)
        .collect()
}

#[test]
fn recorded_registrations() {
    let mut count = 0;
    for exchange in exchanges() {
        if !exchange.request().starts_with("POST /fn/register") {
            continue;
        }
        let sync = register(&complete(exchange.request_body())).unwrap();
        assert_eq!(
            sync.url.as_str(),
            "http://app.test/api/inngest",
            "{}",
            exchange.capture
        );
        let name = match &exchange.capture[..2] {
            "go" => "wire-go",
            "py" => "wire-py",
            _ => "wire-app",
        };
        assert_eq!(sync.app_name, name);
        assert_eq!(sync.deploy_type, "ping");
        assert_eq!(
            sync.app_version.as_deref(),
            Some("v1.2.3"),
            "{}",
            exchange.capture
        );
        let language = SdkLanguage::parse(&sync.sdk);
        assert_ne!(language, SdkLanguage::Other);
        assert_eq!(language == SdkLanguage::Go, sync.framework.is_none());
        for function in &sync.functions {
            assert!(function.slug.starts_with(name));
            assert!(!function.endpoint().as_str().contains("deployId"));
        }
        count += 1;
    }
    assert!(count >= 15, "{count}");
}

#[test]
fn recorded_in_band_syncs() {
    let apps = [
        (
            "v4-cloud-inband-sync",
            "js:v4.24.0",
            "wire-app",
            Some("v1.2.3"),
            Some("nodejs"),
        ),
        (
            "v3-cloud-inband-sync",
            "js:v3.54.2",
            "wire-app",
            Some("v1.2.3"),
            Some("nodejs"),
        ),
        (
            "py-cloud-inband-sync",
            "py:v0.5.19",
            "wire-py",
            Some("v1.2.3"),
            Some("flask"),
        ),
        ("go-cloud-inband-sync", "go:v0.15.1", "wire-go", None, None),
    ];
    for (name, sdk, app_name, version, framework) in apps {
        let exchange = &capture(name)[0];
        let body = complete(exchange.reply_body());
        let sync = InBandSync::parse(body.to_string().as_bytes()).unwrap();
        assert_eq!(sync.environment.as_deref(), Some("branch-1"));
        let sync = sync.into_app_sync().unwrap();
        assert_eq!((sync.sdk.as_str(), sync.app_name.as_str()), (sdk, app_name));
        assert_eq!(sync.app_version.as_deref(), version);
        assert_eq!(sync.framework.as_deref(), framework, "{name}");
        assert_eq!(sync.functions.len(), 1);
    }
}

#[test]
fn recorded_introspections() {
    for exchange in exchanges() {
        let get = exchange.request().starts_with("GET /api/inngest");
        if !exchange.to_app() || !get || exchange.status() != 200 {
            continue;
        }
        let seen = Introspection::parse(&exchange.reply_bytes()).unwrap();
        assert!(seen.function_count.unwrap() > 0, "{}", exchange.capture);
        assert!(seen.has_signing_key.is_some() && seen.mode.is_some());
        if seen.authentication_succeeded == Some(true) {
            let hash = "4639d4e7a282667819361167a3da62f35852ba17e2d605767df80c3c5f7033ac";
            let own = seen.signing_key_hash.unwrap();
            let digits = own.rsplit('-').next().unwrap();
            assert!(hash.starts_with(digits) && digits.len() >= 12, "{own}");
            assert!(seen.app_id.unwrap().starts_with("wire-"));
        }
    }
    assert_eq!(
        Introspection::parse(b"[]").unwrap(),
        Introspection::default()
    );
    assert!(Introspection::parse(b"<html>").is_err());
}

#[test]
fn member_names_in_any_spelling() {
    let functions = ts_body()["functions"].clone();
    let camel = json!({"url": "http://a.test/x", "appName": "wire-app", "functions": functions,
        "sdk": "js:v4.24.0", "deployType": "connect", "appVersion": "1"});
    let snake = json!({"URL": "http://a.test/x", "app_name": "wire-app", "Functions": functions,
        "SDK": "js:v4.24.0", "deploy_type": "connect", "app_version": "1"});
    let (a, b) = (register(&camel).unwrap(), register(&snake).unwrap());
    assert_eq!(
        AppSync {
            checksum: String::new(),
            ..a
        },
        AppSync {
            checksum: String::new(),
            ..b
        }
    );
}

#[test]
fn checksums() {
    let body = ts_body();
    let checksum = |body: &Value| register(body).unwrap().checksum;
    let base = checksum(&body);
    assert_eq!(base.len(), 64);
    let same = |change: fn(&mut Value)| {
        let mut body = body.clone();
        change(&mut body);
        checksum(&body) == base
    };
    assert!(same(|body| body["functions"]
        .as_array_mut()
        .unwrap()
        .reverse()));
    assert!(same(|body| body["featureObservations"] = json!(null)));
    assert!(!same(|body| body["functions"][0]["name"] = json!("other")));
    assert!(!same(|body| body["appVersion"] = json!("v2")));
    assert!(!same(|body| drop(
        body["functions"].as_array_mut().unwrap().pop()
    )));
}

#[test]
fn functions_are_sorted_and_unique() {
    let sync = register(&ts_body()).unwrap();
    let mut sorted = slugs(&sync);
    sorted.sort_unstable();
    assert_eq!(slugs(&sync), sorted);
    assert_eq!(sync.functions.len(), 8);

    let mut body = ts_body();
    let first = body["functions"][0].clone();
    body["functions"].as_array_mut().unwrap().push(first);
    let error = register(&body).unwrap_err().to_json().to_value();
    assert_eq!(error["data"][0]["code"], "duplicate_id");
    body["functions"] = json!([]);
    assert_eq!(register(&body).unwrap().functions, []);
    body["functions"] = json!(null);
    assert_eq!(register(&body).unwrap().functions, []);
}

#[test]
fn refusals() {
    let refuse = |body: Value| register(&body).unwrap_err().to_json().to_string();
    let malformed = |cause: &str| {
        format!(
            "{{\"code\":\"invalid_request\",\"error\":\"Invalid registration: {cause}\",\"status\":400}}"
        )
    };
    assert_eq!(
        refuse(json!({"url": "http://a.test/"})),
        r#"{"error":"App ID required","status":400}"#
    );
    assert_eq!(
        refuse(json!({"url": "http://a.test/", "appName": ""})),
        r#"{"error":"App ID required","status":400}"#
    );
    assert_eq!(refuse(json!({"appName": "a"})), malformed("no url"));
    assert_eq!(refuse(json!([])), malformed("not an object"));
    assert_eq!(
        refuse(json!({"url": "x", "appName": "a"})),
        malformed("\\\"x\\\" is not a URL")
    );
    assert_eq!(
        refuse(json!({"url": "ftp://x/", "appName": "a"})),
        malformed("apps are not reached by \\\"ftp\\\" URLs")
    );
    assert_eq!(
        refuse(json!({"url": "http://x/", "appName": "a", "functions": {}})),
        malformed("functions is not a list")
    );
    let text = RegisterRequest::parse(b"{")
        .unwrap_err()
        .to_json()
        .to_string();
    assert_eq!(text, malformed("unexpected end of text at line 1 column 2"));
    let kind = RegisterError::server_kind("dev", ServerKind::Cloud)
        .to_json()
        .to_string();
    assert_eq!(
        kind,
        r#"{"error":"Expected server kind dev, got cloud","status":400}"#
    );
    let unauthorized = RegisterError::unauthorized();
    assert_eq!(unauthorized.status, 401);
    let text = r#"{"code":"unauthorized","error":"Authentication failed","status":401}"#;
    assert_eq!(unauthorized.to_json().as_str(), text);
}

#[test]
fn invalid_functions() {
    let mut body = ts_body();
    body["functions"][0]["triggers"] = json!([{"cron": "@daily"}]);
    body["functions"][1]["throttle"] = json!({"limit": 1, "period": "1x"});
    body["functions"][2] = json!("<31 more>");
    let error = register(&body).unwrap_err();
    assert_eq!(error.status, 400);
    let reply = error.to_json().to_value();
    assert_eq!(reply["code"], "config_invalid");
    assert_eq!(reply["error"], "At least one function is invalid");
    assert_eq!(reply["status"], 400);
    let data = reply["data"].as_array().unwrap();
    let brief: Vec<_> = data
        .iter()
        .map(|e| ["function", "field", "code"].map(|name| e[name].as_str().unwrap()))
        .collect();
    assert_eq!(
        brief,
        [
            ["wire-app-seq", "triggers[0]", "schedule_invalid"],
            [
                "wire-app-step-fail-uncaught",
                "throttle.period",
                "throttle_invalid"
            ],
            ["functions[2]", "", "function_invalid"],
        ]
    );
}

/// SY-7.
#[test]
fn denied_sdks() {
    for sdk in [
        "js:v3.22.0",
        "js:v3.40.7",
        "inngest-js:v3.53.1",
        "js:v3.53.0-beta.1",
        "js:3.30.0",
    ] {
        assert!(sdk_denied(sdk), "{sdk}");
    }
    for sdk in [
        "js:v3.21.9",
        "js:v3.53.2",
        "js:v3.54.2",
        "js:v4.24.0",
        "js:v2.0.0",
        "py:v3.30.0",
        "go:v3.30.0",
        "js:",
        "",
        "js:v3",
    ] {
        assert!(!sdk_denied(sdk), "{sdk}");
    }
    let body =
        json!({"url": "http://a.test/", "appName": "a", "functions": [], "sdk": "js:v3.22.0"});
    let error = register(&body).unwrap_err();
    assert_eq!(
        (error.status, error.code),
        (400, Some("sdk_version_denied"))
    );
    let in_band = json!({"url": "http://a.test/", "app_id": "a", "sdk_language": "js", "sdk_version": "3.22.0"});
    let error = InBandSync::parse(in_band.to_string().as_bytes()).unwrap_err();
    assert_eq!(error.code, Some("sdk_version_denied"));
}

#[test]
fn sdk_texts() {
    let cases = [
        ("js:v4.24.0", SdkLanguage::Js, Some((4, 24, 0))),
        ("inngest-js:v4.24.0", SdkLanguage::Js, Some((4, 24, 0))),
        ("go:v0.15.1", SdkLanguage::Go, Some((0, 15, 1))),
        ("inngest-py:v0.5.19", SdkLanguage::Py, Some((0, 5, 19))),
        ("js:v4.0.0-beta.2", SdkLanguage::Js, Some((4, 0, 0))),
        ("py", SdkLanguage::Py, None),
        ("kotlin:v1.2.3", SdkLanguage::Other, Some((1, 2, 3))),
        ("", SdkLanguage::Other, None),
    ];
    for (text, language, version) in cases {
        assert_eq!(SdkLanguage::parse(text), language, "{text}");
        assert_eq!(sdk_version(text), version, "{text}");
        assert_eq!(
            language.supports_use_api(),
            !text.starts_with("go:"),
            "{text}"
        );
    }
}

#[test]
fn urls() {
    let cases = [
        ("http://app.test/api/inngest", "http://app.test/api/inngest"),
        ("http://app.test:80/x", "http://app.test/x"),
        ("https://app.test:443", "https://app.test/"),
        ("wss://connect:443/", "wss://connect/"),
        ("http://127.0.0.1:3000/x", "http://localhost:3000/x"),
        ("http://0.0.0.0:3000/x", "http://localhost:3000/x"),
        ("http://localhost:3000/x", "http://localhost:3000/x"),
        ("http://127.0.0.1/x", "http://127.0.0.1/x"),
        ("http://127.0.0.2:3000/x", "http://127.0.0.2:3000/x"),
        ("http://[::1]:3000/x", "http://[::1]:3000/x"),
        ("http://APP.test/X?deployId=1", "http://app.test/X"),
        (
            "http://app.test/x?a=1&deployId=d&b=%20+&probe=trust#frag",
            "http://app.test/x?a=1&b=%20+",
        ),
        (
            "http://app.test/x?mydeployId=1&probe",
            "http://app.test/x?mydeployId=1",
        ),
        (" http://app.test/x? ", "http://app.test/x"),
    ];
    for (text, normal) in cases {
        assert_eq!(normalize_url(text).unwrap().as_str(), normal, "{text}");
        assert_eq!(normalize_url(normal).unwrap().as_str(), normal);
    }
    for text in [
        "",
        "app.test/x",
        "/api/inngest",
        "ftp://app.test",
        "file:///x",
        "http://",
        "localhost:3000",
    ] {
        assert!(normalize_url(text).is_err(), "{text}");
    }
}
