//! Why something does not run, or did not: `/v1/{runs,events,functions}/…/explain`.

use axum::response::Response;
use http::Method;
use serde_json::{Value, json};

use crate::support::app::{App, function, plain, registration, sdk};
use crate::support::{Server, until};

const ULID: &str = "01HZZZZZZZZZZZZZZZZZZZ1000";

/// An app that always answers the same, and a server that knows its function.
async fn server(config: Value, status: u16, body: Value) -> (Server, App) {
    let app = App::start(move |_| {
        let body = body.clone();
        async move { sdk(status, &body) }
    })
    .await;
    let server = Server::start().await;
    register(&server, &app, config).await;
    (server, app)
}

async fn register(server: &Server, app: &App, config: Value) {
    let functions = [function("shop-pay", "shop/paid", &app.url(), config)];
    let body = registration(&app.url(), &functions);
    assert_eq!(server.post("/fn/register", &body).await.status, 200);
}

/// The explanation of the only run of the event, once it has a reason of that kind; and the reason.
async fn reason(server: &Server, event: &str, kind: &str) -> (Value, Value) {
    until(&format!("the run is {kind}"), async || {
        let runs = server.get(&format!("/v1/events/{event}/runs")).await.json;
        let run = runs["data"][0]["run_id"].as_str()?.to_owned();
        let answer = server.get(&format!("/v1/runs/{run}/explain")).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let reasons = answer.json["data"]["reasons"].as_array()?.clone();
        let found = reasons.into_iter().find(|reason| reason["kind"] == kind)?;
        Some((answer.json["data"].clone(), found))
    })
    .await
}

fn assert_says(text: &Value, expected: &str) {
    assert!(text.as_str().unwrap().contains(expected), "{text}");
}

#[tokio::test]
async fn a_run_that_sleeps_says_until_when() {
    let sleep = json!([{ "op": "Sleep", "id": "s", "name": "1h", "displayName": "nap" }]);
    let (server, _app) = server(json!({}), 206, sleep).await;
    let event = server.event("shop/paid").await;
    let (explanation, reason) = reason(&server, &event, "sleeping").await;
    assert_says(&explanation["summary"], "The run sleeps until 20");
    assert_eq!(reason["step"], "nap");
    assert!(reason["until"].is_string());
}

#[tokio::test]
async fn a_run_that_waits_for_an_event_tells_of_near_misses() {
    let wait = json!([{ "op": "WaitForEvent", "id": "w", "name": "shop/shipped", "displayName": "ship",
        "opts": { "event": "shop/shipped", "timeout": "1h", "if": "async.data.ok == true && async.data.n == 2" } }]);
    let (server, _app) = server(json!({}), 206, wait).await;
    let event = server.event("shop/paid").await;
    reason(&server, &event, "waiting_for_event").await;
    let body = json!({ "name": "shop/shipped", "data": { "ok": true, "n": 1 } });
    assert_eq!(server.post("/e/key", &body).await.status, 200);
    let (explanation, reason) = reason(&server, &event, "waiting_for_event").await;
    assert_says(
        &explanation["summary"],
        "waits for event \"shop/shipped\" with",
    );
    let miss = &reason["nearMisses"][0];
    assert_says(&miss["clause"], "data.n == 2");
    assert_eq!(miss["outcome"], "false");
}

#[tokio::test]
async fn a_run_that_waits_for_a_signal_names_it() {
    let wait = json!([{ "op": "WaitForSignal", "id": "w", "name": "w", "opts": { "signal": "go", "timeout": "1h" } }]);
    let (server, _app) = server(json!({}), 206, wait).await;
    let event = server.event("shop/paid").await;
    let (explanation, _) = reason(&server, &event, "waiting_for_signal").await;
    assert_says(&explanation["summary"], "signal \"go\"");
}

#[tokio::test]
async fn a_run_of_a_paused_function_says_why() {
    let (server, _app) = server(json!({}), 200, json!(1)).await;
    let body = json!({ "newRuns": "queue", "running": "finish", "reason": "deploy" });
    server.post("/v2/functions/shop-pay/pause", &body).await;
    let event = server.event("shop/paid").await;
    let (explanation, reason) = reason(&server, &event, "paused").await;
    assert_says(&explanation["summary"], "paused (deploy)");
    assert_eq!(reason["position"], 0);
    let function = server.get("/v1/functions/shop-pay/explain").await;
    assert_says(&function.json["data"]["summary"], "paused (deploy)");
}

#[tokio::test]
async fn a_run_over_the_concurrency_limit_names_the_holder() {
    let app = App::start(|_| std::future::pending::<Response>()).await;
    let server = Server::start().await;
    let config = json!({ "concurrency": [{ "limit": 1, "key": "event.name" }] });
    register(&server, &app, config).await;
    let first = server.event("shop/paid").await;
    let (executing, _) = reason(&server, &first, "executing").await;
    let second = server.event("shop/paid").await;
    let (explanation, reason) = reason(&server, &second, "concurrency").await;
    let holder = executing["runId"].as_str().unwrap();
    assert_says(&explanation["summary"], holder);
    assert_says(&explanation["summary"], "event.name = ");
    let limit = &reason["limit"];
    assert_eq!((&limit["inUse"], &limit["most"]), (&json!(1), &json!(1)));
    assert_eq!(limit["holders"][0]["runId"], holder);
}

#[tokio::test]
async fn a_throttled_run_says_until_when() {
    let config = json!({ "throttle": { "limit": 1, "period": "1h" } });
    let (server, _app) = server(config, 200, json!(1)).await;
    let first = server.event("shop/paid").await;
    server.ended_run(&first).await;
    let second = server.event("shop/paid").await;
    let (explanation, reason) = reason(&server, &second, "throttled").await;
    assert_says(&explanation["summary"], "throttled to 1 starts");
    assert!(reason["until"].is_string(), "{reason}");
}

#[tokio::test]
async fn a_run_whose_app_is_away_says_when_it_is_tried() {
    let (server, app) = server(json!({}), 200, json!(1)).await;
    drop(app);
    let event = server.event("shop/paid").await;
    let (explanation, reason) = reason(&server, &event, "app_unreachable").await;
    assert_says(&explanation["summary"], "can't be reached");
    assert!(reason["until"].is_string(), "{reason}");
    server.shows("shop gets no calls").await;
}

#[tokio::test]
async fn a_run_that_backs_off_counts_its_attempts() {
    let app = App::start(|_| async {
        plain(
            500,
            &[
                ("x-inngest-sdk", "inngest-js:v4.24.0"),
                ("retry-after", "3600"),
            ],
            "\"boom\"",
        )
    })
    .await;
    let server = Server::start().await;
    let mut function = function("shop-pay", "shop/paid", &app.url(), json!({}));
    function["steps"]["step"]["retries"]["attempts"] = json!(3);
    let body = registration(&app.url(), &[function]);
    assert_eq!(server.post("/fn/register", &body).await.status, 200);
    let event = server.event("shop/paid").await;
    let (_, reason) = reason(&server, &event, "backing_off").await;
    assert_eq!(
        (&reason["attempt"], &reason["maxAttempts"]),
        (&json!(2), &json!(4))
    );
}

#[tokio::test]
async fn a_delayed_run_says_until_when() {
    let (server, _app) = server(json!({}), 200, json!(1)).await;
    let body = json!({ "name": "shop/paid", "ts": 4_000_000_000_000_i64 });
    let event = server.post("/e/key", &body).await.json["ids"][0].clone();
    let (_, reason) = reason(&server, event.as_str().unwrap(), "delayed").await;
    assert_says(&reason["until"], "2096-10-02");
}

#[tokio::test]
async fn a_run_that_has_ended_says_how() {
    let (server, _app) = server(json!({}), 200, json!(1)).await;
    let event = server.event("shop/paid").await;
    let (explanation, _) = reason(&server, &event, "ended").await;
    assert_says(&explanation["summary"], "The run completed at");
}

#[tokio::test]
async fn a_run_beyond_the_calls_of_its_app_says_so() {
    let app = App::start(|_| std::future::pending::<Response>()).await;
    let server = Server::with(|config| config.calls_per_app_max = 1).await;
    register(&server, &app, json!({})).await;
    let first = server.event("shop/paid").await;
    let (executing, _) = reason(&server, &first, "executing").await;
    let second = server.event("shop/paid").await;
    let (explanation, reason) = reason(&server, &second, "app_busy").await;
    assert_says(&explanation["summary"], "1 calls of the app are in flight");
    let holders = &reason["limit"]["holders"];
    assert_eq!(holders[0]["runId"], executing["runId"]);
}

#[tokio::test]
async fn the_run_of_an_endpoint_is_executed_by_its_app() {
    let server = Server::start().await;
    let start = json!({
        "run_id": ULID,
        "event": { "name": "inngest/http.request", "data": {
            "content_type": "text/plain", "domain": "http://app.test", "ip": "", "method": "POST",
            "path": "/pay", "query_params": "", "body": "", "fn": "",
        } },
        "steps": [], "ts": 1, "request_version": 2, "retries": 0,
    });
    let sdk = [("x-inngest-sdk", "inngest-js:v4.24.0")];
    let answer = server.send(Method::POST, "/v1/checkpoint", &sdk, start.to_string());
    assert_eq!(answer.await.status, 200);
    let answer = server.get(&format!("/v1/runs/{ULID}/explain")).await;
    let reason = &answer.json["data"]["reasons"][0];
    assert_eq!(reason["kind"], "app_executes", "{answer:?}");
    assert_says(
        &answer.json["data"]["summary"],
        "executed by its app itself",
    );
    assert!(reason["until"].is_string(), "{reason}");
}

#[tokio::test]
async fn a_run_that_invoked_another_waits_for_it() {
    let invoke = json!([{ "op": "InvokeFunction", "id": "i", "name": "i", "displayName": "ship",
        "opts": { "function_id": "shop-ship", "timeout": "1h" } }]);
    // The query names the function, not the context of the call.
    let app = App::start(move |asked| {
        let invoke = invoke.clone();
        async move {
            match asked.path.contains("fnId=shop-pay&") {
                true => sdk(206, &invoke),
                false => std::future::pending().await,
            }
        }
    })
    .await;
    let server = Server::start().await;
    let functions = [
        function("shop-pay", "shop/paid", &app.url(), json!({})),
        function("shop-ship", "shop/shipped", &app.url(), json!({})),
    ];
    let body = registration(&app.url(), &functions);
    assert_eq!(server.post("/fn/register", &body).await.status, 200);
    let event = server.event("shop/paid").await;
    let (explanation, reason) = reason(&server, &event, "waiting_for_run").await;
    assert_says(&explanation["summary"], "waits for the run that it invoked");
    assert_eq!(reason["step"], "ship");
    assert!(reason["until"].is_string(), "{reason}");
}

/// More than are loaded at a time, so that the last of them is seen while it waits to go on.
const CROWD: usize = 300;

#[tokio::test]
async fn a_run_whose_wait_has_ended_says_that_it_goes_on() {
    let wait = json!([{ "op": "WaitForEvent", "id": "w", "name": "shop/shipped", "displayName": "ship",
        "opts": { "event": "shop/shipped", "timeout": "1h" } }]);
    let (server, _app) = server(json!({}), 206, wait).await;
    let events: Vec<Value> = (0..CROWD).map(|_| json!({ "name": "shop/paid" })).collect();
    let answer = server.post("/e/key", &json!(events)).await;
    let ids = answer.json["ids"].as_array().unwrap();
    for id in ids {
        reason(&server, id.as_str().unwrap(), "waiting_for_event").await;
    }
    let last = ids.last().unwrap().as_str().unwrap();
    let shipped = server.event("shop/shipped");
    let (_, (explanation, reason)) = tokio::join!(shipped, reason(&server, last, "resuming"));
    assert_says(
        &explanation["summary"],
        "has got what step \"ship\" waited for",
    );
    assert_eq!(reason["step"], "ship");
}

#[tokio::test]
async fn a_run_that_a_singleton_skipped_names_the_one_that_there_is() {
    let app = App::start(|_| std::future::pending::<Response>()).await;
    let server = Server::start().await;
    let config = json!({ "singleton": { "mode": "skip" } });
    register(&server, &app, config).await;
    let first = server.event("shop/paid").await;
    let (executing, _) = reason(&server, &first, "executing").await;
    let second = server.event("shop/paid").await;
    let (skipped, reason) = reason(&server, &second, "ended").await;
    assert_eq!(skipped["status"], "Skipped");
    let holder = executing["runId"].as_str().unwrap();
    assert_says(&skipped["summary"], holder);
    assert_eq!(reason["skip"]["reason"], "singleton");
    assert_eq!(reason["skip"]["detail"], holder);
}

#[tokio::test]
async fn an_event_tells_what_it_started_and_what_not() {
    let config = json!({ "triggers": [{ "event": "shop/*", "expression": "event.data.n == 2" }] });
    let (server, _app) = server(config, 200, json!(1)).await;
    let event = server.event("shop/paid").await;
    let explain = async |event: &str| server.get(&format!("/v1/events/{event}/explain")).await;
    let explanation = until("it is skipped", async || {
        let data = explain(&event).await.json["data"].clone();
        (!data["functions"][0]["skip"].is_null()).then_some(data)
    })
    .await;
    assert_eq!(
        explanation["functions"][0]["skip"]["reason"],
        "expression_false"
    );
    assert_says(
        &explanation["summary"],
        "shop-pay: the expression of no trigger holds",
    );
    let other = server.event("other").await;
    let other = explain(&other).await.json["data"].clone();
    assert_says(&other["summary"], "no function is triggered by that name");
    let body = json!({ "name": "shop/paid", "data": { "n": 2 } });
    let event = server.post("/e/key", &body).await.json["ids"][0].clone();
    let event = event.as_str().unwrap();
    let run = server.ended_run(event).await;
    let explanation = explain(event).await.json["data"].clone();
    assert_eq!(
        explanation["functions"][0]["runs"][0]["runId"],
        run["run_id"]
    );
    assert_says(&explanation["summary"], "is Completed");
}

#[tokio::test]
async fn what_is_not_there_is_not_explained() {
    let server = Server::start().await;
    for (path, status, says) in [
        (format!("/v1/runs/{ULID}/explain"), 404, "run not found"),
        ("/v1/runs/x/explain".to_owned(), 400, "not a run id"),
        (format!("/v1/events/{ULID}/explain"), 404, "event not found"),
        ("/v1/events/x/explain".to_owned(), 400, "not an event id"),
        ("/v1/functions/x/explain".to_owned(), 404, "\"x\" not found"),
    ] {
        let answer = server.send(Method::GET, &path, &[], "").await;
        assert_eq!(answer.status, status, "{path}");
        assert_says(&answer.json["error"], says);
    }
}
