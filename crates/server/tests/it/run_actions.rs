//! What people do to one run and its steps, and the audit log (http-api §8.2, server-semantics
//! §3.14).

use http::Method;
use serde_json::{Value, json};

use crate::support::app::{App, function, registration, sdk};
use crate::support::{Answer, Server, until};

const ULID: &str = "01HZZZZZZZZZZZZZZZZZZZ1000";
const STEPS: [&str; 2] = ["first", "second"];

/// Executes two steps; the second one throws unless it is given an argument, and the function does
/// not catch that.
async fn two_steps() -> App {
    App::start(|asked| async move {
        let stack = &asked.json["ctx"]["stack"]["stack"];
        let done = stack.as_array().map_or(0, Vec::len);
        if done == 2 {
            let steps = &asked.json["steps"];
            return match steps[STEPS[1]]["error"].is_null() {
                true => sdk(200, steps),
                false => sdk(400, &json!({ "name": "Error", "message": "not caught" })),
            };
        }
        let id = STEPS[done];
        let input = &asked.json["steps"][id]["input"][0];
        let op = match (done, input.is_null()) {
            (0, _) => json!({ "op": "StepRun", "id": id, "displayName": "one", "data": 1 }),
            (_, false) => json!({ "op": "StepRun", "id": id, "displayName": "two", "data": input }),
            (_, true) => json!({
                "op": "StepFailed", "id": id, "displayName": "two",
                "error": { "name": "Error", "message": "no argument" },
            }),
        };
        sdk(206, &json!([op]))
    })
    .await
}

/// Answers each call with one op, for as many as there are, and then returns.
async fn with_op(op: Value) -> App {
    App::start(move |asked| {
        let op = op.clone();
        async move {
            let stack = &asked.json["ctx"]["stack"]["stack"];
            match stack.as_array().is_some_and(Vec::is_empty) {
                true => sdk(206, &json!([op])),
                false => sdk(200, &asked.json["steps"]),
            }
        }
    })
    .await
}

async fn run_of(server: &Server, event: &str) -> String {
    until("there is a run", async || {
        let runs = server.get(&format!("/v1/events/{event}/runs")).await.json;
        runs["data"][0]["run_id"].as_str().map(str::to_owned)
    })
    .await
}

/// The run, once it has ended.
async fn ended(server: &Server, run: &str) -> Value {
    until("the run has ended", async || {
        let run = server.get(&format!("/v1/runs/{run}")).await.json["data"].clone();
        (!run["ended_at"].is_null()).then_some(run)
    })
    .await
}

/// The step with this id, once the run has it in this state.
async fn step_waits(server: &Server, run: &str, id: &str) {
    until(&format!("step {id} waits"), async || {
        let trace = server.get(&format!("/v2/runs/{run}/trace")).await.json;
        let steps = trace["data"]["rootSpan"]["children"].as_array()?.clone();
        let is = |step: &&Value| step["stepId"] == id && step["status"] == "WAITING";
        steps.iter().find(is).map(|_| ())
    })
    .await;
}

async fn act(server: &Server, path: &str, body: &Value) -> Answer {
    server.post(&format!("/v2/runs/{path}"), body).await
}

async fn done(server: &Server, path: &str, body: &Value) -> Value {
    let answer = act(server, path, body).await;
    assert_eq!(answer.status, 200, "{path}: {answer:?}");
    answer.json["data"].clone()
}

async fn refused(server: &Server, path: &str, body: &Value, status: u16, code: &str, says: &str) {
    let answer = act(server, path, body).await;
    let error = &answer.json["errors"][0];
    let message = error["message"].as_str().unwrap_or_default();
    assert!(
        answer.status == status && error["code"] == code && message.contains(says),
        "{path} {body}: {answer:?}"
    );
}

#[tokio::test]
async fn a_run_is_cancelled_once() {
    let app = with_op(json!({ "op": "Sleep", "id": "s", "name": "300d" })).await;
    let server = Server::start().await;
    app.register(&server).await;
    let run = run_of(&server, &server.event("shop/paid").await).await;
    let path = format!("{run}/cancel");
    let body = json!({ "reason": "a mistake" });
    assert_eq!(done(&server, &path, &body).await, json!({ "runId": run }));
    assert_eq!(ended(&server, &run).await["status"], "Cancelled");
    let code = "run_already_cancelled";
    refused(&server, &path, &json!({}), 409, code, "already cancelled").await;

    let path = format!("{ULID}/cancel");
    refused(
        &server,
        &path,
        &json!({}),
        404,
        "not_found",
        "Run not found",
    )
    .await;
    refused(
        &server,
        "x/cancel",
        &json!({}),
        400,
        "invalid_request",
        "not a run id",
    )
    .await;
    let path = format!("{run}/cancel");
    let code = "invalid_field_format";
    refused(&server, &path, &json!({ "why": 1 }), 400, code, "not known").await;
    refused(&server, &path, &json!([]), 400, code, "must be an object").await;
    let body = json!({ "reason": "x".repeat(1025) });
    refused(&server, &path, &body, 400, code, "1024 bytes").await;
    // The first version of the API says nothing of it (CA-4).
    let path = format!("/v1/runs/{run}");
    let again = server.send(Method::DELETE, &path, &[], "").await;
    assert_eq!(again.status, 200);
}

#[tokio::test]
async fn a_run_that_has_ended_is_not_cancelled() {
    let app = App::start(|_| async { sdk(200, &json!(1)) }).await;
    let server = Server::start().await;
    app.register(&server).await;
    let event = server.event("shop/paid").await;
    let run = server.ended_run(&event).await["run_id"].clone();
    let path = format!("{}/cancel", run.as_str().unwrap());
    let code = "run_already_ended";
    refused(&server, &path, &json!({}), 409, code, "already ended").await;
}

#[tokio::test]
async fn a_run_is_run_once_more() {
    let app = two_steps().await;
    let server = Server::start().await;
    app.register(&server).await;
    let event = server.event("shop/paid").await;
    let failed = server.ended_run(&event).await;
    assert_eq!(failed["status"], "Failed");
    let first = failed["run_id"].as_str().unwrap();

    // Whole, and once more that one: the chain has one beginning.
    let mut run = first.to_owned();
    for _ in 0..2 {
        let rerun = done(&server, &format!("{run}/rerun"), &json!({})).await;
        rerun["runId"].as_str().unwrap().clone_into(&mut run);
        let again = ended(&server, &run).await;
        assert_eq!(again["status"], "Failed");
        assert_eq!(again["original_run_id"], first);
        assert_eq!(again["event_id"], event);
    }

    // From a step, with another argument.
    let body = json!({ "fromStep": { "stepId": "two", "input": ["given"] } });
    let plan = done(&server, &format!("{first}/rerun?dryRun=true"), &body).await;
    let one = json!([{ "id": "first", "name": "one" }]);
    let two = json!([{ "id": "second", "name": "two", "isFailed": true }]);
    assert_eq!(plan, json!({ "reused": one, "again": two }));
    let before = app.count(&Method::POST);
    let rerun = done(&server, &format!("{first}/rerun"), &body).await;
    let again = ended(&server, rerun["runId"].as_str().unwrap()).await;
    assert_eq!(again["status"], "Completed");
    let output = json!({ "first": { "data": 1 }, "second": { "data": "given" } });
    assert_eq!(again["output"], output);
    assert_eq!(
        app.count(&Method::POST),
        before + 2,
        "the first step is reused"
    );

    // The reruns of a run, newest first.
    let page = server
        .get(&format!("/v2/runs/{first}/reruns?limit=1"))
        .await;
    assert_eq!(page.json["data"][0]["runId"], rerun["runId"]);
    let cursor = page.json["page"]["cursor"].as_str().unwrap();
    let path = format!("/v2/runs/{first}/reruns?cursor={cursor}");
    let rest = server.get(&path).await.json;
    assert_eq!(rest["data"].as_array().unwrap().len(), 1);
    assert!(rest["page"]["hasMore"].is_null(), "{rest}");

    let path = format!("{first}/rerun");
    for (body, code, says) in [
        (
            json!({ "fromStep": { "stepId": "three" } }),
            "invalid_request",
            "rerun step not found",
        ),
        (
            json!({ "fromStep": {} }),
            "missing_field",
            "fromStep.stepId",
        ),
        (
            json!({ "fromStep": { "stepId": "two", "input": 1 } }),
            "invalid_field_format",
            "must be a list",
        ),
        (
            json!({ "fromStep": { "stepID": "two" } }),
            "invalid_field_format",
            "not known",
        ),
    ] {
        refused(&server, &path, &body, 400, code, says).await;
    }
    let path = format!("{ULID}/rerun");
    refused(
        &server,
        &path,
        &json!({}),
        404,
        "not_found",
        "Run not found",
    )
    .await;
}

#[tokio::test]
async fn a_failed_run_is_resumed() {
    let app = two_steps().await;
    let server = Server::start().await;
    app.register(&server).await;
    let event = server.event("shop/paid").await;
    let failed = server.ended_run(&event).await;
    let failed = failed["run_id"].as_str().unwrap();
    let plan = done(&server, &format!("{failed}/resume?dryRun=true"), &json!({})).await;
    assert_eq!(plan["reused"][0]["id"], "first");
    assert_eq!(plan["again"][0]["id"], "second");
    let before = app.count(&Method::POST);
    let resumed = done(&server, &format!("{failed}/resume"), &json!({})).await;
    let resumed = ended(&server, resumed["runId"].as_str().unwrap()).await;
    assert_eq!(resumed["original_run_id"], failed);
    assert_eq!(app.count(&Method::POST), before + 2, "not the first step");

    let app = App::start(|_| async { sdk(200, &json!(1)) }).await;
    app.register(&server).await;
    let event = server.event("shop/paid").await;
    let run = server.ended_run(&event).await["run_id"].clone();
    let path = format!("{}/resume", run.as_str().unwrap());
    let code = "validation_error";
    refused(&server, &path, &json!({}), 409, code, "nothing to resume").await;
}

#[tokio::test]
async fn a_paused_function_starts_no_rerun() {
    let app = two_steps().await;
    let server = Server::start().await;
    app.register(&server).await;
    let event = server.event("shop/paid").await;
    let failed = server.ended_run(&event).await;
    server
        .post("/v2/functions/shop-pay/drain", &json!({}))
        .await;
    let path = format!("{}/rerun", failed["run_id"].as_str().unwrap());
    let code = "validation_error";
    refused(&server, &path, &json!({}), 409, code, "paused").await;
}

#[tokio::test]
async fn steps_do_not_wait_any_longer() {
    let sleep = json!({ "op": "Sleep", "id": "s", "displayName": "nap", "name": "300d" });
    let wait = |event: &str| {
        json!({
            "op": "WaitForEvent", "id": "s", "displayName": "nap", "name": event,
            "opts": { "event": event, "timeout": "300d" },
        })
    };
    for (op, action, body, value) in [
        (sleep.clone(), "skip-sleep", json!({}), Value::Null),
        (wait("shop/none"), "time-out", json!({}), Value::Null),
        (
            wait("shop/none"),
            "answer",
            json!({ "payload": { "n": 1 }, "reason": "to see" }),
            json!({ "n": 1 }),
        ),
    ] {
        let app = with_op(op).await;
        let server = Server::start().await;
        app.register(&server).await;
        let run = run_of(&server, &server.event("shop/paid").await).await;
        step_waits(&server, &run, "s").await;
        let others = ["skip-sleep", "time-out", "retry"];
        for other in others.into_iter().filter(|other| *other != action) {
            if action == "answer" && other == "time-out" {
                continue;
            }
            let path = format!("{run}/steps/nap/{other}");
            let code = "validation_error";
            refused(&server, &path, &json!({}), 409, code, "").await;
        }
        let path = format!("{run}/steps/nap/{action}");
        assert_eq!(done(&server, &path, &body).await, json!({ "runId": run }));
        let output = ended(&server, &run).await["output"].clone();
        let found = if action == "answer" {
            &output["s"]["data"]
        } else {
            &output["s"]
        };
        assert_eq!(*found, value, "{action}: {output}");
        refused(&server, &path, &body, 409, "run_already_ended", "ended").await;
        let path = format!("{run}/steps/other/{action}");
        refused(
            &server,
            &path,
            &body,
            404,
            "not_found",
            "\"other\" not found",
        )
        .await;
        let path = format!("{ULID}/steps/s/{action}");
        refused(&server, &path, &body, 404, "not_found", "Run not found").await;
    }
}

#[tokio::test]
async fn what_failed_is_tried_again_now() {
    let app = App::start(|asked| async move {
        match asked.json["ctx"]["attempt"].as_u64() {
            Some(0) => {
                let error = json!({ "name": "Error", "message": "no" });
                sdk(
                    206,
                    &json!([{ "op": "StepError", "id": "s", "error": error }]),
                )
            }
            _ => sdk(200, &json!("again")),
        }
    })
    .await;
    let hour = std::time::Duration::from_secs(3600);
    let retry = everstep_core::retry::RetryPolicy::Fixed(hour);
    let server = Server::with(|config| config.retry = retry).await;
    let mut function = function("shop-pay", "shop/paid", &app.url(), json!({}));
    function["steps"]["step"]["retries"]["attempts"] = json!(3);
    server
        .post("/fn/register", &registration(&app.url(), &[function]))
        .await;
    for path in ["retry", "steps/s/retry"] {
        let run = run_of(&server, &server.event("shop/paid").await).await;
        let path = format!("{run}/{path}");
        until("it is tried again", async || {
            let answer = act(&server, &path, &json!({})).await;
            (answer.status == 200).then_some(())
        })
        .await;
        assert_eq!(ended(&server, &run).await["output"], "again");
    }
}

#[tokio::test]
async fn the_audit_log_says_who_did_what_and_why() {
    let app = with_op(json!({ "op": "Sleep", "id": "s", "name": "300d" })).await;
    let server = Server::start().await;
    app.register(&server).await;
    let run = run_of(&server, &server.event("shop/paid").await).await;
    let actor = [("x-everstep-actor", "ada")];
    for (action, body) in [
        ("cancel", json!({ "reason": "a mistake" })),
        ("rerun", json!({ "reason": "it was none" })),
    ] {
        let path = format!("/v2/runs/{run}/{action}");
        let answer = server
            .send(Method::POST, &path, &actor, body.to_string())
            .await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    server
        .post("/v2/functions/shop-pay/drain", &json!({}))
        .await;
    let log = server.get("/v2/audit").await.json["data"].clone();
    let told: Vec<_> = log.as_array().unwrap().iter().collect();
    assert_eq!(told.len(), 3, "{log}");
    assert_eq!(told[0]["action"], "function.pause");
    assert_eq!(told[0]["target"]["functionSlug"], "shop-pay");
    assert!(told[0]["actor"].is_null());
    for (entry, action, reason) in [
        (told[1], "run.rerun", "it was none"),
        (told[2], "run.cancel", "a mistake"),
    ] {
        assert_eq!(entry["action"], action);
        assert_eq!(entry["actor"], "ada");
        assert_eq!(entry["reason"], reason);
        assert_eq!(entry["target"]["runId"], run.as_str());
    }
    assert!(told[1]["detail"]["newRun"].is_string(), "{log}");

    let bare = "/v2/audit?until=1h";
    assert_eq!(server.get(bare).await.json["data"], Value::Null);
    for (query, found) in [
        ("actor=ada", vec![told[1], told[2]]),
        ("actor=ada&action=run.rerun&action=none", vec![told[1]]),
        ("actor=none", vec![]),
        ("action=function.pause", vec![told[0]]),
        ("functionId=shop-pay", told.clone()),
        (&format!("runId={run}"), vec![told[1], told[2]]),
        ("from=1h", told.clone()),
    ] {
        let answer = server.get(&format!("/v2/audit?{query}")).await;
        let entries = answer.json["data"].as_array().cloned().unwrap_or_default();
        assert_eq!(entries.iter().collect::<Vec<_>>(), found, "{query}");
    }
    let unknown = server.get("/v2/audit?functionId=shop-none").await;
    assert_eq!(unknown.status, 404, "{unknown:?}");

    let page = server.get("/v2/audit?limit=2").await.json;
    let cursor = page["page"]["cursor"].as_str().unwrap();
    let rest = server.get(&format!("/v2/audit?cursor={cursor}")).await.json;
    assert_eq!(rest["data"], json!([told[2]]));
    for (query, says) in [
        ("limit=101", "cannot exceed 100"),
        ("cursor=x", "Cursor is invalid"),
        ("who=ada", "no parameter"),
        ("from=x", "'from' must be a time"),
        ("runId=x", "not a run id"),
    ] {
        let answer = server.get(&format!("/v2/audit?{query}")).await;
        let message = answer.json["errors"][0]["message"].as_str().unwrap();
        assert!(answer.status == 400 && message.contains(says), "{answer:?}");
    }
    let long = "x".repeat(129);
    let path = format!("/v2/runs/{run}/cancel");
    let actor = [("x-everstep-actor", long.as_str())];
    let answer = server.send(Method::POST, &path, &actor, "").await;
    assert_eq!(answer.status, 400, "{answer:?}");
}
