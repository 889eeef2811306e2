//! `GET /v2/runs/{run}/trace`: what happened in a run (http-api §8.2, §8.3).

use everstep_core::limits::STEP_INPUT_KEPT_MAX;
use everstep_protocol::StepId;
use everstep_protocol::trace::Seed;
use serde_json::{Value, json};

use crate::support::app::{App, function, registration, sdk};
use crate::support::{Server, masked, trace, until};

const ULID: &str = "01HZZZZZZZZZZZZZZZZZZZ1000";

/// What differs from run to run is replaced, durations and span ids too.
fn plain(span: &Value) -> Value {
    let mut span = masked(span);
    if let Some(members) = span.as_object_mut() {
        for (name, value) in members.iter_mut() {
            match name.as_str() {
                "id" | "spanId" => *value = json!("<span>"),
                "durationMs" => *value = json!("<ms>"),
                "timing" => *value = json!("<timing>"),
                "children" => {
                    let children = value.as_array().unwrap();
                    *value = children.iter().map(plain).collect();
                }
                _ => {}
            }
        }
    }
    span
}

fn stack(asked: &crate::support::app::Asked) -> usize {
    let stack = asked.json["ctx"]["stack"]["stack"].as_array();
    stack.map_or(0, Vec::len)
}

fn hashed(step: &str) -> String {
    StepId::derive(step, 0).to_string()
}

#[tokio::test]
async fn a_trace_has_exactly_these_members() {
    let server = Server::start().await;
    let app = App::start(|asked| async move {
        let input = json!([{ "n": 7 }]);
        match stack(&asked) {
            0 => sdk(206, &json!([{ "op": "StepRun", "id": hashed("first"), "name": "first", "data": { "n": 1 }, "opts": { "input": input } }])),
            1 => sdk(206, &json!([{ "op": "StepFailed", "id": hashed("second"), "name": "second", "error": { "name": "Error", "message": "never" } }])),
            _ => sdk(200, &json!("caught")),
        }
    })
    .await;
    app.register(&server).await;
    let event = server.event("shop/paid").await;
    let run = server.ended_run(&event).await["run_id"].clone();
    let run = run.as_str().unwrap();

    let path = format!("/v2/runs/{run}/trace?includeOutput=true");
    let answer = server.get(&path).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.json["data"]["runId"], run);
    let root = &answer.json["data"]["rootSpan"];
    let times = json!({ "queuedAt": "<time>", "startedAt": "<time>", "endedAt": "<time>", "durationMs": "<ms>" });
    let span = |members: Value| {
        let mut span = times.clone();
        let own = members.as_object().unwrap().clone();
        span.as_object_mut().unwrap().extend(own);
        span["id"] = json!("<span>");
        span
    };
    let error = json!({ "message": "never", "name": "Error" });
    let expected = span(json!({
        "name": "Run", "status": "COMPLETED", "output": "caught",
        "children": [
            span(json!({
                "name": "first", "status": "COMPLETED", "stepOp": "RUN", "stepType": "RUN",
                "stepId": hashed("first"), "httpStatus": 206, "timing": "<timing>",
                "input": [{ "n": 7 }], "output": { "n": 1 },
            })),
            span(json!({
                "name": "second", "status": "FAILED", "stepOp": "RUN", "stepType": "RUN",
                "stepId": hashed("second"), "error": error,
                "children": [span(json!({
                    "name": "Attempt 0", "status": "FAILED", "httpStatus": 206, "timing": "<timing>",
                    "error": error,
                }))],
            })),
            span(json!({
                "name": "Finalization", "status": "COMPLETED", "stepType": "FINALIZATION",
                "httpStatus": 200, "timing": "<timing>", "output": "caught",
            })),
        ],
    }));
    assert_eq!(plain(root), expected);
    let step = Seed::Step(&StepId::derive("first", 0)).span_id();
    assert_eq!(root["children"][0]["id"], step.to_string());

    let calls: Vec<_> = answer.json["data"]["calls"]
        .as_array()
        .unwrap()
        .iter()
        .collect();
    let outcomes: Vec<_> = calls
        .iter()
        .map(|call| call["outcome"].as_str().unwrap())
        .collect();
    assert_eq!(outcomes, ["SUCCEEDED", "FAILED", "SUCCEEDED"]);
    assert_eq!(calls[1]["error"]["message"], "never");
    assert!(calls[0]["durationMs"].as_f64().unwrap() > 0.0);
    let traceparent = format!("-{}-01", calls[0]["spanId"].as_str().unwrap());
    let asked = app.log();
    let first = asked
        .iter()
        .find(|it| it.method == http::Method::POST)
        .unwrap();
    assert!(first.header("traceparent").ends_with(&traceparent));

    // Without inputs and outputs, which can be large; the same tree is under both prefixes.
    let short = server.get(&format!("/api/v2/runs/{run}/trace")).await;
    let root = &short.json["data"]["rootSpan"];
    for span in [root, &root["children"][0], &root["children"][2]] {
        assert_eq!(
            (&span["input"], &span["output"]),
            (&Value::Null, &Value::Null)
        );
    }
    assert_eq!(root["children"][1]["error"], error);
}

#[tokio::test]
async fn bad_requests_for_a_trace_are_refused() {
    let server = Server::start().await;
    let cases = [
        (
            format!("/v2/runs/{ULID}/trace"),
            404,
            "not_found",
            "Run not found",
        ),
        (
            "/v2/runs/nonsense/trace".to_owned(),
            400,
            "invalid_request",
            "\"nonsense\" is not a run id",
        ),
        (
            format!("/v2/runs/{ULID}/trace?includeOutput=1"),
            400,
            "invalid_field_format",
            "Field 'includeOutput' must be true or false",
        ),
    ];
    for (path, status, code, message) in cases {
        let answer = server.get(&path).await;
        let expected = json!({ "errors": [{ "code": code, "message": message }] });
        assert_eq!((answer.status, answer.json), (status, expected));
    }
    let gone = server.get(&format!("/v1/runs/{ULID}/steps")).await;
    assert_eq!(gone.status, 404);
}

#[tokio::test]
async fn an_input_that_is_too_large_leaves_its_size() {
    let server = Server::start().await;
    let app = App::start(|asked| async move {
        let input = json!(["x".repeat(STEP_INPUT_KEPT_MAX)]);
        match stack(&asked) {
            0 => sdk(206, &json!([{ "op": "StepRun", "id": "a", "name": "a", "data": 1, "opts": { "input": input } }])),
            _ => sdk(200, &json!(null)),
        }
    })
    .await;
    app.register(&server).await;
    let event = server.event("shop/paid").await;
    let run = server.ended_run(&event).await;
    let root = trace(&server, run["run_id"].as_str().unwrap()).await;
    let step = &root["children"][0];
    let size = (STEP_INPUT_KEPT_MAX + 4).to_string();
    assert_eq!(
        (&step["input"], &step["inputSize"]),
        (&Value::Null, &json!(size))
    );
}

/// A wait for an event, a sleep, events that were sent, and an invoked run.
#[tokio::test]
async fn steps_say_what_they_are_about_and_lead_to_other_runs() {
    let server = Server::start().await;
    let app = App::start(|asked| async move {
        if !asked.path.contains("shop-pay") {
            return sdk(200, &json!("shipped"));
        }
        let step = |op: &str, name: &str, opts: Value| json!([{ "op": op, "id": hashed(name), "name": name, "opts": opts }]);
        match stack(&asked) {
            0 => sdk(206, &step("WaitForEvent", "wait", json!({ "event": "shop/ready", "if": "async.data.n == 1", "timeout": "1h" }))),
            1 => sdk(206, &step("Sleep", "sleep", json!({ "duration": "1ms" }))),
            2 => sdk(206, &step("InvokeFunction", "invoke", json!({ "function_id": "shop-ship", "payload": {} }))),
            3 => {
                let ids = json!({ "ids": [asked.json["event"]["data"]["sent"]] });
                sdk(206, &json!([{ "op": "StepRun", "id": hashed("send"), "name": "send", "data": ids, "opts": { "type": "step.sendEvent" } }]))
            }
            _ => sdk(200, &json!(null)),
        }
    })
    .await;
    let functions = [
        function("shop-pay", "shop/paid", &app.url(), json!({})),
        function("shop-ship", "shop/sent", &app.url(), json!({})),
    ];
    let registered = server
        .post("/fn/register", &registration(&app.url(), &functions))
        .await;
    assert_eq!(registered.status, 200, "{registered:?}");
    let sent = server.event("shop/sent").await;
    server.ended_run(&sent).await;
    let paid = server
        .post(
            "/e/key",
            &json!({ "name": "shop/paid", "data": { "sent": sent } }),
        )
        .await;
    let paid = paid.json["ids"][0].as_str().unwrap().to_owned();
    let run = until("the run waits", async || {
        let runs = server.get(&format!("/v1/events/{paid}/runs")).await.json;
        let run = runs["data"][0]["run_id"].as_str()?.to_owned();
        let root = trace(&server, &run).await;
        (root["children"][0]["status"] == "WAITING").then_some(run)
    })
    .await;
    let waiting = trace(&server, &run).await["children"][0]["stepInfo"].clone();
    let mut info = json!({ "eventName": "shop/ready", "expression": "async.data.n == 1", "timeout": "<time>" });
    assert_eq!(masked(&waiting), info);

    let ready = server.event("shop/ready").await;
    server.ended_run(&paid).await;
    let root = trace(&server, &run).await;
    let [wait, sleep, invoke, send, _] = root["children"].as_array().unwrap().as_slice() else {
        panic!("{root}");
    };
    assert_eq!(wait["stepInfo"]["foundEventID"], ready);
    info["foundEventID"] = json!("<ulid>");
    info["timedOut"] = json!(false);
    assert_eq!(masked(&wait["stepInfo"]), info);
    assert_eq!(
        (&wait["stepOp"], &wait["output"]["name"]),
        (&json!("WAIT_FOR_EVENT"), &json!("shop/ready"))
    );
    assert_eq!(
        masked(&sleep["stepInfo"]),
        json!({ "sleepUntil": "<time>" })
    );
    let expected = json!({
        "triggeringEventID": "<ulid>", "functionID": "shop-ship", "timeout": "<time>",
        "runID": "<ulid>", "timedOut": false,
    });
    assert_eq!(masked(&invoke["stepInfo"]), expected);
    assert_eq!(invoke["output"], "shipped");
    let link = &invoke["links"][0];
    assert_eq!(link["eventId"], invoke["stepInfo"]["triggeringEventID"]);
    assert_eq!(link["runs"][0]["id"], invoke["stepInfo"]["runID"]);
    assert_eq!(
        (&send["stepType"], &send["links"][0]["eventId"]),
        (&json!("step.sendEvent"), &json!(sent))
    );
    assert_eq!(send["links"][0]["runs"][0]["status"], "COMPLETED");
}

#[tokio::test]
async fn a_wait_that_timed_out_says_so() {
    let server = Server::start().await;
    let app = App::start(|asked| async move {
        match stack(&asked) {
            0 => sdk(206, &json!([{ "op": "WaitForEvent", "id": "w", "name": "never", "opts": { "timeout": "1ms" } }])),
            _ => sdk(200, &json!(null)),
        }
    })
    .await;
    app.register(&server).await;
    let event = server.event("shop/paid").await;
    let run = server.ended_run(&event).await;
    let root = trace(&server, run["run_id"].as_str().unwrap()).await;
    let wait = &root["children"][0];
    assert_eq!(
        (&wait["status"], &wait["stepInfo"]["timedOut"]),
        (&json!("COMPLETED"), &json!(true))
    );
    assert_eq!(wait["output"], Value::Null);
}
