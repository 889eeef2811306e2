use std::time::Duration;

use bytes::Bytes;
use everstep_protocol::reply::CallTiming;
use http::HeaderMap;
use serde_json::json;

use super::*;

fn advice() -> Advice {
    Advice {
        app_variable: "INNGEST_DEV=1".to_owned(),
        in_container: false,
    }
}

fn reply(status: u16, marks: &[&'static str], body: impl Into<Bytes>) -> Response {
    let mut headers = HeaderMap::new();
    for mark in marks {
        headers.insert(*mark, "x".parse().unwrap());
    }
    Response {
        status: StatusCode::from_u16(status).unwrap(),
        headers,
        body: body.into(),
        final_url: "http://localhost:3000/api/inngest".parse().unwrap(),
        timing: CallTiming {
            connect: Duration::ZERO,
            first_byte: Duration::ZERO,
        },
    }
}

/// The problem as `code: message → hint`.
fn told(response: &Response) -> String {
    match Problem::of_reply(response, &advice()) {
        None => "fine".to_owned(),
        Some(Problem {
            code,
            message,
            hint,
        }) => {
            format!(
                "{}: {message}{}",
                code.as_str(),
                hint.map_or_else(String::new, |hint| format!(" → {hint}"))
            )
        }
    }
}

const SDK: &[&str] = &["x-inngest-sdk", "x-inngest-sdk-handled"];
const HANDLED: &[&str] = &["x-inngest-sdk-handled"];

#[test]
fn replies_of_sdks() {
    let cases = [
        (
            200,
            SDK,
            r#"{"message":"Successfully registered","modified":true}"#,
            "fine",
        ),
        (200, SDK, "", "fine"),
        (
            400,
            SDK,
            r#"{"message":"Expected server kind dev, got cloud","modified":false}"#,
            "unauthorized: Expected server kind dev, got cloud → start the app with INNGEST_DEV=1",
        ),
        (
            400,
            SDK,
            r#"{"code":"server_kind_mismatch","message":"Sync rejected"}"#,
            "unauthorized: Sync rejected → start the app with INNGEST_DEV=1",
        ),
        (
            401,
            HANDLED,
            r#"{"message":"Unauthorized"}"#,
            "unauthorized: Unauthorized → start the app with INNGEST_DEV=1",
        ),
        (
            400,
            SDK,
            r#"{"message":"At least one function is invalid"}"#,
            "invalid_function: At least one function is invalid",
        ),
        (
            200,
            SDK,
            r#"{"code":"config_invalid","error":"At least one function is invalid","status":400}"#,
            "invalid_function: At least one function is invalid",
        ),
        (
            500,
            SDK,
            r#"{"message":"Failed to register; fetch failed"}"#,
            "internal_server_error: Failed to register; fetch failed → the app can't reach this server: start it with INNGEST_DEV=1",
        ),
        (
            500,
            HANDLED,
            r#"{"code":"internal_server_error"}"#,
            "internal_server_error: the app answered 500 Internal Server Error → the app's log may say more",
        ),
        (
            404,
            SDK,
            "not JSON",
            "url_not_found: the app answered 404 Not Found",
        ),
    ];
    for (status, marks, body, expected) in cases {
        assert_eq!(
            told(&reply(status, marks, body)),
            expected,
            "{status} {body}"
        );
    }
}

#[test]
fn replies_of_others() {
    let hint = "it is no Inngest SDK → check the path of the URL: SDKs serve at /api/inngest unless told otherwise";
    for (status, code) in [
        (200, "url_not_found"),
        (404, "url_not_found"),
        (401, "unauthorized"),
        (403, "forbidden"),
        (502, "internal_server_error"),
    ] {
        let response = reply(status, &[], "<html>");
        let expected = format!(
            "{code}: something answers {} there, but {hint}",
            response.status
        );
        assert_eq!(told(&response), expected);
    }
}

#[test]
fn a_message_of_an_app_is_kept_short() {
    let body = json!({ "message": "x".repeat(10_000) }).to_string();
    assert!(told(&reply(500, SDK, body)).len() < 500);
}

#[test]
fn a_refused_connection_is_explained() {
    let refused = || HttpError::Refused {
        origin: "http://localhost:3000".to_owned(),
    };
    let hint = |is_local, in_container| {
        Problem::of_error(
            &refused(),
            is_local,
            &Advice {
                in_container,
                ..advice()
            },
        )
        .hint
        .unwrap()
    };
    assert_eq!(hint(true, false), "start the app, or correct the port");
    assert_eq!(hint(false, true), "start the app, or correct the port");
    assert!(hint(true, true).contains("host.docker.internal"));
}

#[test]
fn a_refusal_names_the_function() {
    let body = json!({
        "url": "http://localhost:3000/api/inngest", "appName": "shop", "sdk": "js:v4.24.0",
        "functions": [{ "id": "shop-a", "name": "a", "triggers": [{ "cron": 5 }], "steps": {} }],
    });
    let error =
        everstep_protocol::sync::RegisterRequest::parse(body.to_string().as_bytes()).unwrap_err();
    let problem = Problem::of_refusal(&error);
    assert_eq!(problem.code, ProblemCode::InvalidFunction);
    assert!(
        problem
            .message
            .starts_with("At least one function is invalid: shop-a: "),
        "{}",
        problem.message
    );
}
