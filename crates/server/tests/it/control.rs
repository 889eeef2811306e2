//! What clients do to runs: signals, invocations, cancellations.

use http::Method;
use serde_json::{Value, json};

use crate::support::app::{App, sdk};
use crate::support::{Server, trace, until};

const ULID: &str = "01HZZZZZZZZZZZZZZZZZZZ1000";

fn error(status: u16, error: &str) -> (u16, Value) {
    (
        status,
        json!({ "error": error, "data": null, "status": status }),
    )
}

/// An app whose function waits with the given op, and a server with a run of it.
async fn waiting(op: Value) -> (Server, App, String) {
    let app = App::start(move |asked| {
        let op = op.clone();
        async move {
            match asked.json["ctx"]["stack"]["stack"].as_array().map(Vec::len) {
                Some(0) => sdk(206, &json!([op])),
                _ => sdk(200, &asked.json["steps"]["w"]),
            }
        }
    })
    .await;
    let server = Server::start().await;
    app.register(&server).await;
    let event = server.event("shop/paid").await;
    let path = format!("/v1/events/{event}/runs");
    let run = until("the run waits", async || {
        let runs = server.get(&path).await.json["data"].clone();
        let run = runs[0]["run_id"].as_str()?.to_owned();
        let root = trace(&server, &run).await;
        (root["children"][0]["status"] == "WAITING").then_some(run)
    })
    .await;
    (server, app, run)
}

async fn ended(server: &Server, run: &str) -> Value {
    let path = format!("/v1/runs/{run}");
    until("the run ends", async || {
        let view = server.get(&path).await.json["data"].clone();
        view["ended_at"].is_string().then_some(view)
    })
    .await
}

#[tokio::test]
async fn sg_4_a_signal_resumes_its_waiter_once() {
    let op = json!({ "op": "WaitForSignal", "id": "w", "name": "w", "opts": { "signal": "go", "timeout": "1h" } });
    let (server, _app, run) = waiting(op).await;
    let signal = json!({ "signal": "go", "data": { "n": 1 } });
    let sent = server.post("/v1/signals", &signal).await;
    assert_eq!(
        (sent.status, &sent.json["data"]["run_id"]),
        (200, &json!(run))
    );
    let output = json!({ "data": { "data": { "n": 1 }, "signal": "go" } });
    assert_eq!(ended(&server, &run).await["output"], output);
    let again = server.post("/v1/signals", &signal).await;
    assert_eq!(again.masked(), error(404, "No signal found"));
}

#[tokio::test]
async fn a_signal_without_a_name_is_refused() {
    let server = Server::start().await;
    let answer = server.post("/v1/signals", &json!({ "data": 1 })).await;
    assert_eq!(answer.status, 400);
    assert!(
        answer.json["error"]
            .as_str()
            .unwrap()
            .contains("needs a name"),
        "{answer:?}"
    );
    let answer = server.send(Method::POST, "/v1/signals", &[], "{").await;
    assert_eq!(answer.status, 400);
}

#[tokio::test]
async fn ca_4_a_run_is_cancelled_and_stays_so() {
    let op =
        json!({ "op": "WaitForEvent", "id": "w", "name": "never", "opts": { "timeout": "1h" } });
    let (server, app, run) = waiting(op).await;
    let calls = app.log().len();
    let path = format!("/v1/runs/{run}");
    for _ in 0..2 {
        let answer = server.send(Method::DELETE, &path, &[], "").await;
        assert_eq!((answer.status, &answer.json), (200, &Value::Null));
        assert_eq!(ended(&server, &run).await["status"], "Cancelled");
    }
    assert_eq!(app.log().len(), calls, "it is not called any more");
}

#[tokio::test]
async fn what_is_no_run_is_not_cancelled() {
    let server = Server::start().await;
    let unknown = server
        .send(Method::DELETE, &format!("/v1/runs/{ULID}"), &[], "")
        .await;
    assert_eq!(unknown.masked(), error(404, "run not found"));
    let malformed = server.send(Method::DELETE, "/v1/runs/x", &[], "").await;
    assert_eq!(malformed.status, 400);
}

#[tokio::test]
async fn a_function_is_invoked_by_its_slug() {
    let app = App::start(|asked| async move { sdk(200, &asked.json["event"]["data"]["n"]) }).await;
    let server = Server::start().await;
    app.register(&server).await;
    let answer = server
        .post("/invoke/shop-pay", &json!({ "data": { "n": 7 } }))
        .await;
    assert_eq!(answer.status, 200);
    let event = answer.json["id"].as_str().unwrap();
    let run = until("there is a run", async || {
        let runs = server.get(&format!("/v1/events/{event}/runs")).await;
        runs.json["data"][0]["run_id"].as_str().map(str::to_owned)
    })
    .await;
    assert_eq!(ended(&server, &run).await["output"], json!(7));
}

#[tokio::test]
async fn an_invocation_needs_a_slug_and_an_event() {
    let server = Server::start().await;
    let missing = server.post("/invoke/", &json!({})).await;
    let text = json!({ "error": "Function slug is required", "status": 400 });
    assert_eq!(missing.masked(), (400, text));
    let bad = server.post("/invoke/shop-pay", &json!({ "data": 1 })).await;
    assert_eq!(bad.status, 400);
    let text = bad.json["error"].as_str().unwrap();
    assert!(text.starts_with("Invalid invocation event: "), "{text}");
}
