//! The v2 API: what is registered, what starts runs, and what every server answers.

use http::Method;
use serde_json::{Value, json};

use crate::support::app::{App, function, registration, sdk};
use crate::support::{Server, masked, until};

async fn registered(server: &Server, functions: impl Fn(&str) -> Vec<Value>) -> App {
    let app = App::start(|_| async { sdk(200, &json!({ "ok": true })) }).await;
    let body = registration(&app.url(), &functions(&app.url()));
    let answer = server.post("/fn/register", &body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    app
}

async fn pause(server: &Server, new_runs: &str) {
    let body = json!({ "newRuns": new_runs, "running": "finish" });
    let paused = server.post("/v2/functions/shop-pay/pause", &body).await;
    assert_eq!(paused.status, 200, "{paused:?}");
}

fn errors(code: &str, message: &str) -> Value {
    json!({ "errors": [{ "code": code, "message": message }] })
}

#[tokio::test]
async fn a_server_tells_what_is_always_so() {
    let server = Server::start().await;
    let data = async |path: &str| {
        let answer = server.get(path).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json["data"].clone()
    };
    assert_eq!(data("/v2/health").await, json!({ "status": "ok" }));
    assert_eq!(data("/api/v2/health").await, json!({ "status": "ok" }));
    let account = data("/v2/account").await;
    assert_eq!(
        (&account["email"], &account["name"]),
        (&json!("dev@inngest.local"), &json!("Dev Server"))
    );
    let envs = data("/v2/envs?limit=250").await;
    assert_eq!(
        (&envs[0]["name"], &envs[0]["type"]),
        (&json!("dev"), &json!("TEST"))
    );
    for keys in ["/v2/keys/events", "/v2/keys/signing"] {
        let answer = server.get(keys).await;
        assert_eq!(answer.json["page"], json!({ "limit": 20 }));
        assert!(answer.json["data"].is_null(), "an empty list is left out");
        let beyond = server.get(&format!("{keys}?limit=101")).await;
        assert_eq!(
            beyond.json,
            errors("invalid_request", "Limit cannot exceed 100")
        );
    }
}

#[tokio::test]
async fn what_is_elsewhere_is_said_to_be() {
    let server = Server::start().await;
    let cases = [
        (Method::GET, "/v2/partner/accounts", "{}", "not_implemented"),
        (
            Method::POST,
            "/v2/envs",
            r#"{"name":"a"}"#,
            "not_implemented",
        ),
        (Method::PATCH, "/v2/envs/x", "{}", "not_implemented"),
        (Method::POST, "/v2/env/webhooks", "{}", "not_implemented"),
        (
            Method::POST,
            "/v2/insights/query/prompt",
            "{}",
            "not_implemented",
        ),
        (
            Method::GET,
            "/v2/insights/events/schemas",
            "",
            "not_implemented",
        ),
        (
            Method::GET,
            "/v2/sessions/key/id/runs",
            "",
            "not_implemented",
        ),
        (Method::GET, "/v2/sandboxes/x/logs", "", "api_error"),
    ];
    for (method, path, body, code) in cases {
        let answer = server.send(method, path, &[], body).await;
        assert_eq!(
            (answer.status, &answer.json["errors"][0]["code"]),
            (501, &json!(code)),
            "{path}"
        );
    }
    let unnamed = server
        .send(Method::POST, "/v2/envs", &[], r#"{"name":""}"#)
        .await;
    assert_eq!(unnamed.status, 400);
}

#[tokio::test]
async fn apps_are_listed_by_name() {
    let server = Server::start().await;
    let app = registered(&server, |url| {
        vec![function("shop-pay", "shop/paid", url, json!({}))]
    })
    .await;
    let expected = json!({
        "id": "shop", "name": "shop", "method": "SERVE", "createdAt": "<time>", "functionCount": 1,
        "latestSync": {
            "status": "SUCCESS", "syncedAt": "<time>", "sdkLanguage": "js", "sdkVersion": "4.24.0",
            "framework": "nodejs", "url": app.url(),
        },
    });
    assert_eq!(
        masked(&server.get("/v2/apps/shop").await.json["data"]),
        expected
    );
    let second = registered(&server, |_| Vec::new()).await;
    let mut body = registration(
        &second.url(),
        &[function("b-x", "b/x", &second.url(), json!({}))],
    );
    body["appName"] = json!("b");
    assert_eq!(server.post("/fn/register", &body).await.status, 200);
    let first = server.get("/v2/apps?limit=1").await.json;
    assert_eq!(
        (&first["data"][0]["id"], &first["page"]["cursor"]),
        (&json!("b"), &json!("b"))
    );
    let rest = server.get("/v2/apps?limit=1&cursor=b").await.json;
    assert_eq!(
        (&rest["data"][0]["id"], &rest["page"]),
        (&json!("shop"), &json!({ "limit": 1 }))
    );
    assert!(server.get("/v2/apps?archived=true").await.json["data"].is_null());
    for (path, status, error) in [
        (
            "/v2/apps?cursor=nobody",
            400,
            errors("invalid_request", "Cursor is invalid"),
        ),
        ("/v2/apps/nobody", 404, errors("not_found", "App not found")),
        (
            "/v2/apps/nobody/functions",
            404,
            errors("not_found", "App not found"),
        ),
    ] {
        let answer = server.get(path).await;
        assert_eq!((answer.status, answer.json), (status, error), "{path}");
    }
}

#[tokio::test]
async fn a_function_object_has_exactly_these_members() {
    let server = Server::start().await;
    let more = json!({
        "name": "Pay",
        "triggers": [{ "event": "shop/paid", "expression": "event.data.n > 1" }, { "cron": "0 0 1 1 *", "jitter": "5m" }],
        "concurrency": [{ "limit": 3, "key": "event.data.n" }],
        "timeouts": { "finish": "1h" },
        "idempotency": "event.data.n",
        "throttle": { "limit": 2, "period": "1m" },
        "singleton": { "mode": "skip" },
        "cancel": [{ "event": "shop/void", "if": "async.data.n == event.data.n" }],
    });
    let failed = json!({
        "triggers": [{ "event": "inngest/function.failed", "expression": "event.data.function_id == 'shop-pay'" }],
        "name": "Pay (failure)",
    });
    let _app = registered(&server, |url| {
        vec![
            function("shop-pay", "shop/paid", url, more.clone()),
            function("shop-pay-failure", "shop/x", url, failed.clone()),
        ]
    })
    .await;
    let shown = server.get("/v2/apps/shop/functions/pay").await.json["data"].clone();
    let expected = json!({
        "id": "pay", "name": "Pay", "slug": "shop-pay", "app": { "id": "shop" },
        "triggers": [
            { "type": "EVENT", "value": "shop/paid", "if": "event.data.n > 1" },
            { "type": "CRON", "value": "0 0 1 1 *", "jitter": "5m" },
        ],
        "failureHandler": { "slug": "shop-pay-failure", "name": "Pay (failure)" },
        "configuration": {
            "retries": {},
            "concurrency": [{ "scope": "FUNCTION", "limit": { "value": 3 }, "key": "event.data.n" }],
            "throttle": { "limit": 2, "period": "1m" },
            "singleton": { "mode": "SKIP" },
            "timeouts": { "finish": "1h" },
            "idempotency": "event.data.n",
            "cancellations": [{ "event": "shop/void", "if": "async.data.n == event.data.n" }],
        },
    });
    assert_eq!(shown, expected);
    let first = server.get("/v2/apps/shop/functions?limit=1").await.json;
    let cursor = first["page"]["cursor"].as_str().unwrap();
    let second = server
        .get(&format!("/v2/apps/shop/functions?limit=1&cursor={cursor}"))
        .await
        .json;
    let ids = [&first["data"][0]["id"], &second["data"][0]["id"]];
    assert!(
        ids.contains(&&json!("pay")) && ids.contains(&&json!("pay-failure")),
        "{ids:?}"
    );
    assert!(second["page"]["hasMore"].is_null());
    assert_eq!(
        server.get("/v2/apps/shop/functions?cursor=x").await.status,
        400
    );
    pause(&server, "queue").await;
    let paused = server.get("/v2/apps/shop/functions/shop-pay").await.json;
    assert_eq!(paused["data"]["isPaused"], true);
}

#[tokio::test]
async fn an_event_is_sent_and_durable() {
    let server = Server::start().await;
    let sent = server
        .post(
            "/v2/events",
            &json!({ "name": "a/b", "id": "mine", "data": { "n": 1 }, "ts": "1700000000000" }),
        )
        .await;
    assert_eq!(sent.status, 200, "{sent:?}");
    let id = sent.json["data"]["eventId"].as_str().unwrap();
    let event = server.get(&format!("/v1/events/{id}")).await.json["data"].clone();
    assert_eq!(
        (&event["id"], &event["ts"], &event["data"]),
        (
            &json!("mine"),
            &json!(1_700_000_000_000_i64),
            &json!({ "n": 1 })
        )
    );
    for (body, code) in [
        ("{}", "missing_field"),
        (r#"{"name":"inngest/x"}"#, "validation_error"),
        (r#"{"name":"a","data":1}"#, "validation_error"),
        ("[]", "validation_error"),
        ("{", "invalid_request"),
    ] {
        let answer = server.send(Method::POST, "/v2/events", &[], body).await;
        assert_eq!(
            (answer.status, &answer.json["errors"][0]["code"]),
            (400, &json!(code)),
            "{body}"
        );
    }
    let name = "x".repeat(513);
    let long = server.post("/v2/events", &json!({ "name": name })).await;
    assert_eq!(
        (long.status, &long.json["errors"][0]["code"]),
        (400, &json!("validation_error"))
    );
}

#[tokio::test]
async fn a_function_is_invoked_once_for_a_key() {
    let server = Server::start().await;
    let app = registered(&server, |url| {
        vec![
            function("shop-pay", "shop/paid", url, json!({})),
            function(
                "shop-rare",
                "shop/x",
                url,
                json!({ "rateLimit": { "limit": 1, "period": "1h" } }),
            ),
            function(
                "shop-late",
                "shop/y",
                url,
                json!({ "debounce": { "period": "1h" } }),
            ),
        ]
    })
    .await;
    let invoke = async |function: &str, body: Value| {
        let path = format!("/v2/apps/shop/functions/{function}/invoke");
        let answer = server.post(&path, &body).await;
        (answer.status, answer.json)
    };
    let body = json!({ "data": { "n": 7 }, "idempotencyKey": "once" });
    let (status, first) = invoke("pay", body.clone()).await;
    assert_eq!(status, 200, "{first}");
    let run = first["data"]["runId"].as_str().unwrap().to_owned();
    let (status, again) = invoke("shop-pay", body).await;
    assert_eq!((status, &again["data"]["runId"]), (409, &json!(run)));
    let (status, other) = invoke("pay", json!({ "data": {} })).await;
    assert_eq!(status, 200);
    assert_ne!(other["data"]["runId"], json!(run));
    let shown = until("the run has ended", async || {
        let shown = server
            .get(&format!("/v2/runs/{run}?includeOutput=true"))
            .await
            .json;
        (shown["data"]["status"] == "COMPLETED").then_some(shown)
    })
    .await;
    assert_eq!(shown["data"]["output"], json!({ "ok": true }));
    let asked = app.log();
    assert!(
        asked
            .iter()
            .any(|asked| asked.json["event"]["data"]["n"] == 7)
    );

    let data = json!({ "data": {} });
    assert_eq!(invoke("rare", data.clone()).await.0, 200);
    for (function, code) in [("rare", "rate_limited"), ("late", "function_debounced")] {
        let (status, answer) = invoke(function, data.clone()).await;
        assert_eq!(
            (status, &answer["errors"][0]["code"]),
            (422, &json!(code)),
            "{answer}"
        );
    }
    pause(&server, "skip").await;
    let (status, answer) = invoke("pay", data.clone()).await;
    assert_eq!(
        (status, &answer["errors"][0]["code"]),
        (422, &json!("function_skipped")),
        "{answer}"
    );

    for (function, body, status, error) in [
        (
            "pay",
            json!({}),
            400,
            errors("missing_field", "Field 'data' is required"),
        ),
        (
            "pay",
            json!({ "data": 1 }),
            400,
            errors("invalid_field_format", "Field 'data' must be an object"),
        ),
        ("no", data, 404, errors("not_found", "Function not found")),
    ] {
        assert_eq!(invoke(function, body).await, (status, error));
    }
}
