//! `POST /fn/register`.

use http::Method;
use serde_json::{Value, json};

use crate::support::Server;
use crate::support::app::{function, registration};

const URL: &str = "http://localhost:3000/api/inngest";

fn pay(more: Value) -> Value {
    function("shop-pay", "shop/paid", URL, more)
}

#[tokio::test]
async fn an_app_registers_and_registers_again() {
    let server = Server::start().await;
    let body = registration(URL, &[pay(json!({}))]);
    let first = server.post("/fn/register", &body).await;
    let expected = json!({
        "ok": true, "modified": true, "sync_id": first.json["sync_id"], "app_id": first.json["app_id"],
    });
    assert_eq!(first.masked(), (200, expected));
    let again = server.post("/fn/register?deployId=d1", &body).await;
    assert_eq!(
        (again.status, &again.json["modified"]),
        (200, &json!(false))
    );
    assert_eq!(again.json["sync_id"], first.json["sync_id"]);
    let none = server.post("/fn/register", &registration(URL, &[])).await;
    assert_eq!((none.status, &none.json["modified"]), (200, &json!(true)));
    assert_ne!(none.json["sync_id"], first.json["sync_id"]);
    assert_eq!(
        server.get("/dev").await.json["functions"],
        json!([]),
        "functions that are not named are archived"
    );
}

#[tokio::test]
async fn refusals_are_json_with_their_status() {
    let server = Server::start().await;
    let mut nameless = registration(URL, &[]);
    nameless["appName"] = json!("");
    let mut denied = registration(URL, &[]);
    denied["sdk"] = json!("js:v3.53.1");
    let cases = [
        (
            nameless,
            json!({ "error": "App ID required", "status": 400 }),
        ),
        (
            denied,
            json!({
                "code": "sdk_version_denied", "status": 400,
                "error": "SDK version js:v3.53.1 is not accepted for security reasons. Please upgrade the SDK.",
            }),
        ),
        (
            json!([]),
            json!({ "code": "invalid_request", "error": "Invalid registration: not an object", "status": 400 }),
        ),
        (
            json!({}),
            json!({ "code": "invalid_request", "error": "Invalid registration: no url", "status": 400 }),
        ),
    ];
    for (body, expected) in cases {
        let answer = server.post("/fn/register", &body).await;
        assert_eq!(answer.masked(), (400, expected), "{body}");
    }
    let answer = server
        .send(Method::POST, "/fn/register", &[], "{\"url\":")
        .await;
    assert_eq!((answer.status, &answer.json["status"]), (400, &json!(400)));
    let answer = server
        .send(Method::POST, "/fn/register", &[], vec![b' '; (8 << 20) + 1])
        .await;
    assert_eq!((answer.status, &answer.json["status"]), (413, &json!(413)));
}

#[tokio::test]
async fn an_invalid_function_changes_nothing() {
    let server = Server::start().await;
    server
        .post("/fn/register", &registration(URL, &[pay(json!({}))]))
        .await;
    let bad = pay(
        json!({ "triggers": [{ "event": "" }], "rateLimit": { "limit": 1, "period": "never" } }),
    );
    let answer = server
        .post("/fn/register", &registration(URL, &[bad]))
        .await;
    assert_eq!(
        (answer.status, answer.json["code"].as_str()),
        (400, Some("config_invalid"))
    );
    assert_eq!(answer.json["error"], "At least one function is invalid");
    let found: Vec<_> = answer.json["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["code"].clone())
        .collect();
    assert!(found.contains(&json!("rate_limit_invalid")), "{found:?}");
    assert_eq!(
        server.get("/dev").await.json["functions"][0]["triggers"],
        json!([{ "event": "shop/paid" }])
    );
}

#[tokio::test]
async fn an_app_that_expects_another_server_is_refused() {
    let server = Server::start().await;
    let body = registration(URL, &[]).to_string();
    let expects = |kind: &'static str| [("x-inngest-expected-server-kind", kind)];
    let answer = server
        .send(
            Method::POST,
            "/fn/register",
            &expects("cloud"),
            body.clone(),
        )
        .await;
    let expected = json!({ "error": "Expected server kind cloud, got dev", "status": 400 });
    assert_eq!(answer.masked(), (400, expected));
    let answer = server
        .send(Method::POST, "/fn/register", &expects("dev"), body)
        .await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn what_is_not_done_yet_is_told_once() {
    let server = Server::start().await;
    let connect = json!({ "steps": { "step": {
        "id": "step", "name": "step",
        "runtime": { "type": "ws", "url": "ws://connect?fnId=shop-pay&stepId=step" },
    } } });
    let body = registration(URL, &[pay(connect)]);
    for _ in 0..3 {
        server.post("/fn/register", &body).await;
    }
    // Something that comes after what there was to tell.
    server.event("the/end").await;
    let shown = server.shows("the/end").await;
    let line =
        "! shop uses what this version does not do yet: Connect, so it can't be called (shop-pay)";
    assert_eq!(shown.matches(line).count(), 1, "{shown}");
    assert_eq!(shown.matches("✓ shop found").count(), 1, "{shown}");
}

/// What only `core` can judge is refused as the rest is, and nothing is changed.
#[tokio::test]
async fn sy_1_schedules_and_expressions_are_checked() {
    let server = Server::start().await;
    let functions = [
        pay(json!({ "triggers": [{ "cron": "61 * * * *" }] })),
        function(
            "shop-ship",
            "shop/paid",
            URL,
            json!({
                "triggers": [{ "event": "shop/paid", "expression": "event.data.x ==" }],
                "cancel": [{ "event": "shop/stop", "if": "has(event.data.x)" }],
            }),
        ),
    ];
    let refused = server
        .post("/fn/register", &registration(URL, &functions))
        .await;
    assert_eq!(
        (refused.status, &refused.json["code"]),
        (400, &json!("config_invalid"))
    );
    let errors = refused.json["data"].as_array().unwrap();
    let found: Vec<_> = errors
        .iter()
        .map(|error| {
            (
                error["field"].as_str().unwrap(),
                error["code"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            ("triggers[0]", "schedule_invalid"),
            ("triggers[0].expression", "trigger_expression_invalid"),
            ("cancel[0].if", "cancel_invalid"),
        ]
    );
    assert_eq!(server.get("/dev").await.json["functions"], json!([]));
}
