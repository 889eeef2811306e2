//! `POST /v1/checkpoint/{run}/async` and what apps fetch, while a call is in flight.

use std::sync::Arc;

use http::Method;
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::support::app::{App, Asked, sdk};
use crate::support::{Answer, Server, until};

const ULID: &str = "01HZZZZZZZZZZZZZZZZZZZ1000";

/// A run whose call is in flight until it is let go.
struct InFlight {
    server: Server,
    app: App,
    event: String,
    call: Asked,
    go: Arc<Notify>,
}

impl InFlight {
    async fn start() -> Self {
        let go = Arc::new(Notify::new());
        let gate = Arc::clone(&go);
        let app = App::start(move |_| {
            let gate = Arc::clone(&gate);
            async move {
                gate.notified().await;
                sdk(200, &json!("done"))
            }
        })
        .await;
        let server = Server::start().await;
        app.register(&server).await;
        let event = server.event("shop/paid").await;
        let call = until("the app is called", async || app.log().into_iter().next()).await;
        Self {
            server,
            app,
            event,
            call,
            go,
        }
    }

    fn run(&self) -> &str {
        self.call.json["ctx"]["run_id"].as_str().unwrap()
    }

    fn body(&self, steps: &Value) -> Value {
        let context = &self.call.json["ctx"];
        json!({
            "run_id": context["run_id"], "fn_id": context["fn_id"], "qi_id": context["qi_id"],
            "request_id": context["request_id"], "generation_id": context["generation_id"],
            "request_started_at": 1, "ts": 1, "steps": steps,
        })
    }

    async fn checkpoint(&self, body: &Value) -> Answer {
        self.server
            .post(&format!("/v1/checkpoint/{}/async", self.run()), body)
            .await
    }

    async fn end(self) -> Value {
        self.go.notify_waiters();
        self.server.ended_run(&self.event).await
    }
}

fn step(id: &str, data: Value) -> Value {
    json!({ "op": "StepRun", "id": id, "name": id, "displayName": id, "data": data })
}

#[tokio::test]
async fn steps_are_stored_in_order_while_the_call_goes_on() {
    let flight = InFlight::start().await;
    let steps = json!([step("bbb", json!({ "n": 1 })), step("aaa", json!(null))]);
    for _ in 0..2 {
        let answer = flight.checkpoint(&flight.body(&steps)).await;
        assert_eq!(
            (answer.status, answer.json),
            (200, json!({})),
            "again is no error"
        );
    }
    let alias = format!("/v1/http/runs/{}/async", flight.run());
    assert_eq!(
        flight
            .server
            .post(&alias, &flight.body(&json!([step("ccc", json!(3))])))
            .await
            .status,
        200
    );

    let path = format!("/v0/runs/{}/actions", flight.run());
    let actions = flight.server.get(&path).await;
    let expected =
        json!({ "bbb": { "data": { "n": 1 } }, "aaa": { "data": null }, "ccc": { "data": 3 } });
    assert_eq!((actions.status, actions.json), (200, expected));
    let url = flight.server.url(&path).parse().unwrap();
    let client = everstep_engine::http::HttpClient::new(std::time::Duration::from_secs(5));
    let raw = crate::support::request(&client, Method::GET, url, &[], bytes::Bytes::new()).await;
    let raw = String::from_utf8(raw.body.to_vec()).unwrap();
    assert_eq!(
        raw, r#"{"bbb":{"data":{"n":1}},"aaa":{"data":null},"ccc":{"data":3}}"#,
        "in the order of the stack"
    );

    let batch = flight
        .server
        .get(&format!("/v0/runs/{}/batch", flight.run()))
        .await;
    assert_eq!(
        (batch.status, &batch.json),
        (200, &flight.call.json["events"])
    );

    let run = flight.run().to_owned();
    let server_paths = [format!("/v0/runs/{run}/batch"), path];
    flight.go.notify_waiters();
    flight.server.ended_run(&flight.event).await;
    for path in server_paths {
        assert_eq!(
            flight.server.get(&path).await.status,
            410,
            "the run has ended"
        );
    }
}

#[tokio::test]
async fn what_cannot_be_stored_is_refused() {
    let flight = InFlight::start().await;
    let run = flight.run().to_owned();
    let mut stale = flight.body(&json!([step("aaa", json!(1))]));
    stale["generation_id"] = json!(0);
    let answer = flight.checkpoint(&stale).await;
    assert_eq!(
        (answer.status, answer.json["status"].as_u64()),
        (409, Some(409)),
        "{answer:?}"
    );

    let mut foreign = flight.body(&json!([]));
    foreign["qi_id"] = json!(format!("{ULID}-0.1.1"));
    let answer = flight.checkpoint(&foreign).await;
    let error = format!("qi_id {ULID}-0.1.1 belongs to another run");
    assert_eq!(
        (answer.status, answer.json),
        (
            400,
            json!({ "error": error, "data": { "run_id": run }, "status": 400 })
        )
    );

    let sleep = json!([{ "op": "Sleep", "id": "aaa", "name": "1h", "opts": {} }]);
    let answer = flight.checkpoint(&flight.body(&sleep)).await;
    assert_eq!(
        (answer.status, answer.json["data"].clone()),
        (400, json!({ "run_id": run })),
        "{answer:?}"
    );

    let large = json!([step("aaa", json!("x".repeat((4 << 20) + 1)))]);
    let answer = flight.checkpoint(&flight.body(&large)).await;
    assert_eq!(
        (answer.status, answer.json["status"].as_u64()),
        (413, Some(413)),
        "{:?}",
        answer.json["error"]
    );

    let path = format!("/v1/checkpoint/{run}/async");
    let answer = flight
        .server
        .send(Method::POST, &path, &[], vec![b' '; (12 << 20) + 1])
        .await;
    assert_eq!(
        (answer.status, answer.json["data"].clone()),
        (413, json!({ "run_id": run }))
    );

    assert_eq!(
        flight.app.count(&Method::POST),
        1,
        "the call is still the first one"
    );
    let actions = flight.server.get(&format!("/v0/runs/{run}/actions")).await;
    assert_eq!(actions.json, json!({}), "nothing was stored");
    assert_eq!(flight.end().await["output"], "done");
}

#[tokio::test]
async fn bad_bodies_are_refused() {
    let flight = InFlight::start().await;
    let path = format!("/v1/checkpoint/{}/async", flight.run());
    for body in [
        "",
        "nonsense",
        "[]",
        "{\"steps\":5}",
        "{\"steps\":[5]}",
        "{\"steps\":[{\"id\":\"a\"}",
        "{\"generation_id\":\"x\"}",
    ] {
        let answer = flight.server.send(Method::POST, &path, &[], body).await;
        assert_eq!(
            (answer.status, answer.json["status"].as_u64()),
            (400, Some(400)),
            "{body}: {answer:?}"
        );
    }
    for body in [
        "{}",
        "{\"steps\":null}",
        "{\"steps\":[],\"qi_id\":\"x\",\"generation_id\":null,\"more\":{}}",
    ] {
        let answer = flight.server.send(Method::POST, &path, &[], body).await;
        assert_eq!(answer.status, 200, "{body}: {answer:?}");
    }
}

#[tokio::test]
async fn a_run_that_is_not_there_has_no_steps() {
    let server = Server::start().await;
    let body = json!({ "run_id": ULID, "fn_id": "x", "qi_id": "x", "steps": [] });
    let answer = server
        .post(&format!("/v1/checkpoint/{ULID}/async"), &body)
        .await;
    assert_eq!(
        (answer.status, &answer.json["data"]),
        (400, &json!({ "run_id": ULID }))
    );
    let answer = server.post("/v1/checkpoint/nonsense/async", &body).await;
    let expected = json!({ "error": "\"nonsense\" is not a run id", "data": { "run_id": "nonsense" }, "status": 400 });
    assert_eq!(answer.masked(), (400, expected));
}
