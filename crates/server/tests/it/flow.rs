//! Pauses, overrides, what is held back, and the audit log (server-semantics §3.4, §4).

use http::Method;
use serde_json::{Value, json};

use crate::support::app::{App, function, registration, sdk};
use crate::support::{Server, until};

const ULID: &str = "01HZZZZZZZZZZZZZZZZZZZ1000";
const FUNCTION: &str = "/v2/functions/shop-pay";

/// An app that answers at once, and a server that knows its function.
async fn server(config: Value) -> (Server, App) {
    let app = App::start(|_| async { sdk(200, &json!("done")) }).await;
    let server = Server::start().await;
    let functions = [function("shop-pay", "shop/paid", &app.url(), config)];
    let answer = server
        .post("/fn/register", &registration(&app.url(), &functions))
        .await;
    assert_eq!(answer.status, 200, "{answer:?}");
    (server, app)
}

async fn put(server: &Server, path: &str, body: Value) -> (u16, Value) {
    let answer = server.send(Method::PUT, path, &[], body.to_string()).await;
    (answer.status, answer.json)
}

/// The request is refused with an error that says so.
async fn refused(
    server: &Server,
    method: Method,
    path: &str,
    body: Value,
    status: u16,
    says: &str,
) {
    let answer = server.send(method, path, &[], body.to_string()).await;
    let text = answer.json["errors"][0]["message"].as_str();
    let text = text.unwrap_or_default();
    assert!(
        answer.status == status && text.contains(says),
        "{path} {body}: {answer:?}"
    );
}

async fn runs(server: &Server, event: &str) -> Value {
    let path = format!("/v1/events/{event}/runs");
    server.get(&path).await.json["data"].clone()
}

#[tokio::test]
async fn a_paused_function_queues_its_runs_until_it_is_resumed() {
    let (server, _app) = server(json!({})).await;
    let body = json!({ "newRuns": "queue", "running": "finish", "reason": "deploy" });
    let paused = server.post(&format!("{FUNCTION}/pause"), &body).await;
    assert_eq!(paused.status, 200, "{paused:?}");
    assert_eq!(paused.json["data"]["pause"]["reason"], "deploy");
    let event = server.event("shop/paid").await;
    until("it is queued", async || {
        let flow = server.get(&format!("{FUNCTION}/flow")).await.json["data"].clone();
        (flow["backlog"] == 1).then_some(())
    })
    .await;
    assert_eq!(runs(&server, &event).await[0]["status"], "Scheduled");
    let resumed = server.post(&format!("{FUNCTION}/resume"), &json!({})).await;
    assert_eq!(resumed.status, 200, "{resumed:?}");
    assert_eq!(server.ended_run(&event).await["status"], "Completed");
    let again = server.post(&format!("{FUNCTION}/resume"), &json!({})).await;
    assert_eq!(again.status, 409, "{again:?}");
}

#[tokio::test]
async fn a_function_that_drains_skips_new_runs() {
    let (server, app) = server(json!({})).await;
    let drained = server.post(&format!("{FUNCTION}/drain"), &json!({})).await;
    assert_eq!(drained.status, 200, "{drained:?}");
    let event = server.event("shop/paid").await;
    assert_eq!(server.ended_run(&event).await["status"], "Skipped");
    assert_eq!(app.count(&Method::POST), 0);
}

#[tokio::test]
async fn a_pause_can_cancel_the_runs_that_there_are() {
    let app = App::start(|_| async {
        let sleep = json!([{ "op": "Sleep", "id": "s", "name": "300d", "displayName": "s" }]);
        sdk(206, &sleep)
    })
    .await;
    let server = Server::start().await;
    app.register(&server).await;
    let event = server.event("shop/paid").await;
    until("the run sleeps", async || {
        (runs(&server, &event).await[0]["status"] == "Running").then_some(())
    })
    .await;
    // The range of the cancellation ends now: let the run be older.
    tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    let body = json!({ "newRuns": "queue", "running": "cancel" });
    let paused = server.post(&format!("{FUNCTION}/pause"), &body).await;
    assert!(
        paused.json["data"]["cancellation"].is_string(),
        "{paused:?}"
    );
    assert_eq!(server.ended_run(&event).await["status"], "Cancelled");
}

#[tokio::test]
async fn pauses_that_make_no_sense_are_refused() {
    let (server, _app) = server(json!({})).await;
    let post = Method::POST;
    for action in ["pause", "resume", "drain"] {
        let path = format!("/v2/functions/shop-none/{action}");
        refused(&server, post.clone(), &path, json!({}), 404, "shop-none").await;
    }
    let path = format!("{FUNCTION}/pause");
    for (body, says) in [
        (json!({ "running": "hold" }), "'newRuns' is required"),
        (
            json!({ "newRuns": "skip", "running": "stop" }),
            "'running' must be one of finish, hold, cancel",
        ),
        (
            json!({ "newRuns": "skip", "running": "hold", "reason": 1 }),
            "'reason' must be",
        ),
        (json!({ "newruns": "skip" }), "'newruns' is not known"),
        (json!([]), "must be an object"),
        (
            json!({ "newRuns": "skip", "running": "hold", "reason": "x".repeat(1025) }),
            "'reason' must be 1024 bytes at most",
        ),
    ] {
        refused(&server, post.clone(), &path, body, 400, says).await;
    }
}

#[tokio::test]
async fn a_limit_is_set_beside_the_code_and_taken_back() {
    let (server, _app) = server(json!({ "concurrency": [{ "limit": 2 }] })).await;
    let path = format!("{FUNCTION}/overrides/concurrency");
    let body = json!({ "value": 5, "reason": "sale", "expiresIn": "1h" });
    let (status, answer) = put(&server, &path, body).await;
    assert_eq!(status, 200, "{answer}");
    let list = server.get(&format!("{FUNCTION}/overrides")).await.json["data"].clone();
    assert_eq!(
        (&list[0]["value"], &list[0]["codeValue"], &list[0]["drift"]),
        (&json!(5), &json!(2), &json!(3))
    );
    let flow = server.get(&format!("{FUNCTION}/flow")).await.json["data"].clone();
    let limits = flow["limits"].as_array().unwrap();
    let most = limits.iter().find(|limit| limit["name"] == "concurrency");
    assert_eq!(most.unwrap()["most"], 5);
    for status in [200, 404] {
        let answer = server.send(Method::DELETE, &path, &[], "").await;
        assert_eq!(answer.status, status, "{answer:?}");
    }
}

#[tokio::test]
async fn overrides_that_make_no_sense_are_refused() {
    let limits =
        json!({ "concurrency": [{ "limit": 2 }], "throttle": { "limit": 1, "period": "1m" } });
    let (server, _app) = server(limits).await;
    let of = |limit: &str| format!("{FUNCTION}/overrides/{limit}");
    for (limit, body, says) in [
        ("speed", json!({ "value": 1 }), "\"speed\" is no limit"),
        (
            "rate_limit",
            json!({ "value": 1 }),
            "no such limit in its code",
        ),
        ("concurrency", json!({}), "'value' is required"),
        (
            "concurrency",
            json!({ "value": -1 }),
            "'value' must be a whole number",
        ),
        ("concurrency", json!({ "value": 1, "key": "a" }), "no key"),
        (
            "concurrency",
            json!({ "value": 1, "period": "1m" }),
            "'period' is for",
        ),
        (
            "concurrency",
            json!({ "value": 1, "burst": 1 }),
            "'burst' is for",
        ),
        (
            "concurrency",
            json!({ "value": 1, "expiresIn": "soon" }),
            "'expiresIn' must be",
        ),
        (
            "concurrency",
            json!({ "value": 1, "expires": "1h" }),
            "'expires' is not known",
        ),
        (
            "throttle",
            json!({ "value": 0 }),
            "'value' must be at least 1",
        ),
        (
            "throttle",
            json!({ "value": 1, "period": "8d" }),
            "'period' must be from",
        ),
    ] {
        refused(&server, Method::PUT, &of(limit), body, 400, says).await;
    }
    let path = "/v2/functions/shop-none/overrides/concurrency";
    for method in [Method::PUT, Method::DELETE] {
        refused(
            &server,
            method,
            path,
            json!({ "value": 1 }),
            404,
            "shop-none",
        )
        .await;
    }
    for path in ["flow", "overrides"] {
        let path = format!("/v2/functions/shop-none/{path}");
        refused(&server, Method::GET, &path, json!({}), 404, "shop-none").await;
    }
}

#[tokio::test]
async fn every_function_is_told_of_in_short() {
    let app = App::start(|_| async {
        let sleep = json!([{ "op": "Sleep", "id": "s", "name": "300d", "displayName": "s" }]);
        sdk(206, &sleep)
    })
    .await;
    let server = Server::start().await;
    let config = |id: &str, more| {
        function(
            &format!("shop-{id}"),
            &format!("shop/{id}"),
            &app.url(),
            more,
        )
    };
    let functions = [
        config("hold", json!({ "singleton": { "mode": "skip" } })),
        config("idle", json!({})),
        config("late", json!({ "debounce": { "period": "1h" } })),
        config(
            "many",
            json!({ "batchEvents": { "maxSize": 10, "timeout": "1h" } }),
        ),
        config(
            "pay",
            json!({ "concurrency": [{ "limit": 2 }, { "limit": 1, "key": "event.data.n" }] }),
        ),
    ];
    let body = registration(&app.url(), &functions);
    assert_eq!(server.post("/fn/register", &body).await.status, 200);
    let queue = json!({ "newRuns": "queue", "running": "finish" });
    let paused = server.post(&format!("{FUNCTION}/pause"), &queue).await;
    assert_eq!(paused.status, 200, "{paused:?}");
    let path = format!("{FUNCTION}/overrides/concurrency");
    put(&server, &path, json!({ "value": 3 })).await;
    for name in [
        "shop/hold",
        "shop/late",
        "shop/many",
        "shop/pay",
        "shop/pay",
    ] {
        server.event(name).await;
    }
    let flow = until("all is as it is to be", async || {
        let flow = server.get("/v2/flow").await.json["data"].clone();
        let is_there = flow[0]["singletons"] == 1
            && flow[2]["debounces"] == 1
            && flow[3]["batches"] == 1
            && flow[4]["backlog"] == 2;
        is_there.then_some(flow)
    })
    .await;
    let mut flow = flow.as_array().unwrap().clone();
    let idle = &flow[1];
    let id = server.get("/v2/functions/shop-idle/flow").await.json["data"]["functionId"].clone();
    assert_eq!(*idle, json!({ "functionId": id, "function": "shop-idle" }));
    let pay = flow[4].as_object_mut().unwrap();
    let alone = server.get(&format!("{FUNCTION}/flow")).await.json["data"].clone();
    assert_eq!(pay["limit"], 3, "as it was set beside the code");
    assert_eq!(pay["pause"], alone["pause"]);
    assert_eq!(pay["overrides"], 1);
    assert_eq!(pay["blockedBy"][0]["name"], "pause");
    assert!(pay["oldestAgeMs"].is_u64());
    assert_eq!(pay.get("inUse"), None, "what is zero is left out");
    let of_idle = server.get("/v2/audit?functionId=shop-idle").await.json;
    assert_eq!(of_idle["data"], Value::Null, "that is of another function");
    server.post(&format!("{FUNCTION}/resume"), &json!({})).await;
    until("nothing waits any more", async || {
        let flow = server.get("/v2/flow").await.json["data"].clone();
        flow[4]["backlog"].is_null().then_some(())
    })
    .await;
}

#[tokio::test]
async fn calls_in_flight_are_told_of_in_short() {
    let (release, released) = tokio::sync::watch::channel(false);
    let app = App::start(move |_| {
        let mut released = released.clone();
        async move {
            released.wait_for(|released| *released).await.unwrap();
            sdk(200, &json!("done"))
        }
    })
    .await;
    let server = Server::start().await;
    let config = json!({ "concurrency": [{ "limit": 1 }] });
    let functions = [function("shop-pay", "shop/paid", &app.url(), config)];
    let body = registration(&app.url(), &functions);
    assert_eq!(server.post("/fn/register", &body).await.status, 200);
    let first = server.event("shop/paid").await;
    let flow = until("the call is made", async || {
        let flow = server.get("/v2/flow").await.json["data"][0].clone();
        (flow["inUse"] == 1).then_some(flow)
    })
    .await;
    assert_eq!(
        (&flow["limit"], &flow["backlog"]),
        (&json!(1), &Value::Null)
    );
    let second = server.event("shop/paid").await;
    let flow = until("another one waits for it", async || {
        let flow = server.get("/v2/flow").await.json["data"][0].clone();
        (flow["backlog"] == 1 && flow["blockedBy"].is_array()).then_some(flow)
    })
    .await;
    assert_eq!(flow["blockedBy"][0]["name"], "concurrency");
    release.send_replace(true);
    for event in [first, second] {
        server.ended_run(&event).await;
    }
}

#[tokio::test]
async fn a_debounce_is_shown_and_fired_by_hand() {
    let (server, _app) = server(json!({ "debounce": { "period": "1h" } })).await;
    let event = server.event("shop/paid").await;
    let held = until("the event is held", async || {
        let flow = server.get(&format!("{FUNCTION}/flow")).await.json["data"].clone();
        flow["debounces"].get(0).cloned()
    })
    .await;
    assert_eq!(held["event"]["id"], json!(event));
    assert_eq!(held["event"]["payload"]["name"], "shop/paid");
    let path = format!("/v2/debounces/{}/fire", held["id"].as_str().unwrap());
    assert_eq!(server.post(&path, &json!({})).await.status, 200);
    assert_eq!(server.ended_run(&event).await["status"], "Completed");
    assert_eq!(server.post(&path, &json!({})).await.status, 404);
    let of_function = server.get("/v2/audit?functionId=shop-pay").await.json;
    assert_eq!(of_function["data"][0]["action"], "debounce.fire");
    let target = &of_function["data"][0]["target"];
    assert_eq!(target["functionSlug"], "shop-pay");
}

#[tokio::test]
async fn a_batch_is_shown_and_flushed_by_hand() {
    let (server, _app) = server(json!({ "batchEvents": { "maxSize": 10, "timeout": "1h" } })).await;
    let event = server.event("shop/paid").await;
    let batch = until("the event is held", async || {
        let flow = server.get(&format!("{FUNCTION}/flow")).await.json["data"].clone();
        flow["batches"].get(0).cloned()
    })
    .await;
    assert_eq!(batch["events"], 1);
    let path = format!("/v2/batches/{}/flush", batch["id"].as_str().unwrap());
    assert_eq!(server.post(&path, &json!({})).await.status, 200);
    assert_eq!(server.ended_run(&event).await["status"], "Completed");
    assert_eq!(server.post(&path, &json!({})).await.status, 404);
    let of_function = server.get("/v2/audit?functionId=shop-pay").await.json;
    assert_eq!(of_function["data"][0]["action"], "batch.flush");
    let target = &of_function["data"][0]["target"];
    assert_eq!(target["functionSlug"], "shop-pay");
}

#[tokio::test]
async fn a_singleton_is_released_by_hand() {
    let app = App::start(|_| async {
        let sleep = json!([{ "op": "Sleep", "id": "s", "name": "300d", "displayName": "s" }]);
        sdk(206, &sleep)
    })
    .await;
    let server = Server::start().await;
    let config = json!({ "singleton": { "mode": "skip" } });
    let functions = [function("shop-pay", "shop/paid", &app.url(), config)];
    let body = registration(&app.url(), &functions);
    assert_eq!(server.post("/fn/register", &body).await.status, 200);
    server.event("shop/paid").await;
    let hold = until("the run holds it", async || {
        let flow = server.get(&format!("{FUNCTION}/flow")).await.json["data"].clone();
        flow["holders"].get(0).cloned()
    })
    .await;
    assert_eq!(hold["kind"], "singleton");
    let (limit, run) = (
        hold["limit"].as_str().unwrap(),
        hold["runId"].as_str().unwrap(),
    );
    let path = format!("/v2/holds/{limit}/{run}/release");
    assert_eq!(server.post(&path, &json!({})).await.status, 200);
    assert_eq!(server.post(&path, &json!({})).await.status, 404);
    let of_function = server.get("/v2/audit?functionId=shop-pay").await.json;
    assert_eq!(of_function["data"][0]["action"], "hold.release");
    let target = &of_function["data"][0]["target"];
    assert_eq!(target["functionSlug"], "shop-pay");
    assert_eq!(of_function["data"][0]["target"]["runId"], run);
}

#[tokio::test]
async fn a_name_that_is_too_long_is_refused() {
    let (server, _app) = server(json!({})).await;
    let long = "x".repeat(129);
    let actor = [("x-everstep-actor", long.as_str())];
    let path = format!("{FUNCTION}/drain");
    let answer = server.send(Method::POST, &path, &actor, "").await;
    let text = answer.json["errors"][0]["message"].as_str();
    assert!(
        answer.status == 400 && text.unwrap_or_default().contains("limit of 128"),
        "{answer:?}"
    );
}

#[tokio::test]
async fn what_is_not_held_is_not_let_go() {
    let server = Server::start().await;
    let none = "0".repeat(32);
    for (path, status, says) in [
        (
            format!("/v2/debounces/{none}/fire"),
            404,
            "no such debounce",
        ),
        ("/v2/debounces/x/fire".to_owned(), 400, "32 hex digits"),
        (format!("/v2/batches/{ULID}/flush"), 404, "no such batch"),
        ("/v2/batches/x/flush".to_owned(), 400, "not a batch id"),
        (
            format!("/v2/holds/{none}/{ULID}/release"),
            404,
            "does not hold",
        ),
        (format!("/v2/holds/x/{ULID}/release"), 400, "32 hex digits"),
        (format!("/v2/holds/{none}/x/release"), 400, "not a run id"),
    ] {
        refused(&server, Method::POST, &path, json!({}), status, says).await;
    }
}

#[tokio::test]
async fn the_audit_log_is_paged_newest_first() {
    let (server, _app) = server(json!({})).await;
    let body = json!({ "reason": "why not" });
    server.post(&format!("{FUNCTION}/drain"), &body).await;
    server.post(&format!("{FUNCTION}/resume"), &json!({})).await;
    let first = server.get("/v2/audit?limit=1").await.json;
    assert_eq!(first["data"][0]["action"], "function.resume");
    let path = format!(
        "/v2/audit?cursor={}",
        first["page"]["cursor"].as_str().unwrap()
    );
    let rest = server.get(&path).await.json["data"].clone();
    assert_eq!(rest.as_array().unwrap().len(), 1);
    assert_eq!(rest[0]["action"], "function.pause");
    assert_eq!(rest[0]["reason"], "why not");
}

#[tokio::test]
async fn the_audit_log_names_whoever_steers() {
    let (server, _app) = server(json!({ "concurrency": [{ "limit": 2 }] })).await;
    let queue = json!({ "newRuns": "queue", "running": "finish" });
    let limit = format!("{FUNCTION}/overrides/concurrency");
    let by_ada = async |method: Method, path: &str, body: &Value| {
        let actor = [("x-everstep-actor", "ada")];
        let answer = server.send(method, path, &actor, body.to_string()).await;
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        assert!(answer.json["errors"].is_null(), "{path}: {answer:?}");
    };
    by_ada(Method::POST, &format!("{FUNCTION}/pause"), &queue).await;
    let event = server.event("shop/paid").await;
    let run = until("its run is queued", async || {
        let run = runs(&server, &event).await[0]["run_id"].clone();
        run.as_str().map(str::to_owned)
    })
    .await;
    let none = json!({});
    by_ada(Method::PUT, &limit, &json!({ "value": 1 })).await;
    by_ada(Method::DELETE, &limit, &none).await;
    by_ada(Method::DELETE, &format!("/v1/runs/{run}"), &none).await;
    let rerun = json!({ "query": format!("mutation {{ rerun(runID: \"{run}\") }}") });
    by_ada(Method::POST, "/v0/gql", &rerun).await;
    by_ada(Method::POST, &format!("{FUNCTION}/resume"), &none).await;
    by_ada(Method::POST, &format!("{FUNCTION}/drain"), &none).await;

    let log = server.get("/v2/audit").await.json["data"].clone();
    let entries = log.as_array().unwrap().iter().rev();
    let entries: Vec<_> = entries
        .map(|entry| (&entry["action"], &entry["actor"]))
        .collect();
    let ada = json!("ada");
    let expected = [
        json!("function.pause"),
        json!("limit.override"),
        json!("limit.restore"),
        json!("run.cancel"),
        json!("run.rerun"),
        json!("function.resume"),
        json!("function.pause"),
    ];
    let expected: Vec<_> = expected.iter().map(|action| (action, &ada)).collect();
    assert_eq!(entries, expected);
}
