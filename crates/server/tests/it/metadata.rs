//! Metadata of runs and steps: what apps and clients note, and what is refused
//! (connect-realtime §5).

use everstep_protocol::StepId;
use everstep_protocol::limits::{METADATA_PER_RUN_MAX, METADATA_UPDATE_MAX};
use http::Method;
use serde_json::{Value, json};

use crate::support::app::{App, sdk};
use crate::support::{Server, masked, trace, until};

const ULID: &str = "01HZZZZZZZZZZZZZZZZZZZ1000";

fn id(step: &str) -> String {
    StepId::derive(step, 0).to_string()
}

/// A server with a run that did the step `resize` and has ended, or waits.
pub(crate) async fn with_run(has_ended: bool) -> (Server, App, String) {
    let app = App::start(move |asked| async move {
        let wait = json!({ "op": "WaitForEvent", "id": "w", "name": "never", "opts": { "timeout": "1h" } });
        match asked.json["ctx"]["stack"]["stack"].as_array().map(Vec::len) {
            Some(0) => {
                let metadata = json!([
                    { "kind": "userland.default", "scope": "step", "op": "set", "values": { "n": 1 } },
                    { "kind": "userland.default", "scope": "run", "op": "set", "values": { "r": 1 } },
                    { "kind": "inngest.timing", "scope": "step", "op": "set", "values": {} },
                ]);
                let step = json!({ "op": "StepRun", "id": id("resize"), "name": "resize", "data": 1, "metadata": metadata });
                sdk(206, &json!([step]))
            }
            _ if has_ended => sdk(200, &json!("done")),
            _ => sdk(206, &json!([wait])),
        }
    })
    .await;
    let server = Server::start().await;
    app.register(&server).await;
    let event = server.event("shop/paid").await;
    let run = if has_ended {
        server.ended_run(&event).await["run_id"].clone()
    } else {
        until("the run waits", async || {
            let runs = server.get(&format!("/v1/events/{event}/runs")).await;
            let run = runs.json["data"][0]["run_id"].clone();
            let shown = shown(&server, run.as_str()?).await;
            (shown["steps"][1]["status"] == "WAITING").then_some(run)
        })
        .await
    };
    (server, app, run.as_str().unwrap().to_owned())
}

/// What is noted of the run, and its steps with what is noted of each.
pub(crate) async fn shown(server: &Server, run: &str) -> Value {
    let root = trace(server, run).await;
    let steps = root["children"].as_array().into_iter().flatten();
    let steps: Vec<Value> = steps
        .filter(|span| span["stepId"].is_string())
        .map(|step| json!({ "status": step["status"], "metadata": noted(step) }))
        .collect();
    masked(&json!({ "metadata": noted(&root), "steps": steps }))
}

/// The values are JSON texts (http-api §8.3).
fn noted(span: &Value) -> Value {
    let all = span["metadata"].as_array().into_iter().flatten();
    let users = all.filter(|it| it["kind"] != "inngest.usage");
    let read = |metadata: &Value| {
        let mut metadata = metadata.clone();
        for value in metadata["values"].as_object_mut().unwrap().values_mut() {
            *value = serde_json::from_str(value.as_str().unwrap()).unwrap();
        }
        metadata
    };
    users.map(read).collect()
}

fn set(values: Value) -> Value {
    json!([{ "kind": "userland.default", "op": "set", "values": values }])
}

async fn note(server: &Server, run: &str, target: Value, metadata: Value) -> (u16, Value) {
    let body = json!({ "target": target, "metadata": metadata });
    let path = format!("/v1/runs/{run}/metadata");
    server.post(&path, &body).await.masked()
}

#[tokio::test]
async fn me_3_what_ops_carry_is_shown_and_what_is_refused_is_a_warning() {
    let (server, _app, run) = with_run(true).await;
    let data = shown(&server, &run).await;
    let of_run = json!([
        { "scope": "run", "kind": "userland.default", "values": { "r": 1 }, "updatedAt": "<time>" },
    ]);
    assert_eq!(data["metadata"], of_run);
    let why = "kinds that begin with \"inngest.\" are reserved; \"userland.<name>\" is free";
    let of_step = json!([
        { "scope": "step", "kind": "inngest.warnings", "values": { "inngest.timing": why }, "updatedAt": "<time>" },
        { "scope": "step", "kind": "userland.default", "values": { "n": 1 }, "updatedAt": "<time>" },
    ]);
    assert_eq!(data["steps"][0]["metadata"], of_step);
}

/// ME-4: a step is named by the id that the user wrote, or by its hash.
#[tokio::test]
async fn me_5_a_client_notes_something_of_a_run_that_has_ended() {
    let (server, _app, run) = with_run(true).await;
    let ok = (200, Value::Null);
    assert_eq!(
        note(
            &server,
            &run,
            json!({ "run_id": run }),
            set(json!({ "r": 2 }))
        )
        .await,
        ok
    );
    let add = json!([{ "kind": "userland.default", "op": "add", "values": { "n": 1 } }]);
    for step in ["resize", &id("resize")] {
        let target = json!({ "run_id": run, "step_id": step });
        assert_eq!(note(&server, &run, target, add.clone()).await, ok);
    }
    let attempt = json!({ "step_id": "resize", "step_attempt": 1 });
    assert_eq!(
        note(&server, &run, attempt, set(json!({ "a": 1 }))).await,
        ok
    );
    let span = json!({ "step_id": "resize", "step_attempt": 0, "span_id": "00f067aa0ba902b7" });
    assert_eq!(note(&server, &run, span, set(json!({ "s": 1 }))).await, ok);

    let data = shown(&server, &run).await;
    assert_eq!(data["metadata"][0]["values"], json!({ "r": 2 }));
    let of_step = &data["steps"][0]["metadata"];
    assert_eq!(of_step[2]["values"], json!({ "n": 3 }));
    let attempt = json!({ "scope": "step_attempt", "attempt": 1, "kind": "userland.default", "values": { "a": 1 }, "updatedAt": "<time>" });
    assert_eq!(of_step[3], attempt);
    let span = json!({ "scope": "extended_trace", "spanId": "00f067aa0ba902b7", "kind": "userland.default", "values": { "s": 1 }, "updatedAt": "<time>" });
    assert_eq!(of_step[0], span);
}

#[tokio::test]
async fn me_6_what_is_not_there_is_not_found() {
    let (server, _app, run) = with_run(true).await;
    let error = |text: &str| json!({ "error": text, "data": null, "status": 404 });
    let unknown = note(&server, ULID, json!({}), set(json!({}))).await;
    assert_eq!(unknown, (404, error("run not found")));
    let unknown = note(
        &server,
        &run,
        json!({ "step_id": "resize", "step_index": 1 }),
        set(json!({})),
    )
    .await;
    let text = "the run has no step \"resize\" of index 1";
    assert_eq!(unknown, (404, error(text)));
}

/// The step that a live run is executing was not reported yet.
#[tokio::test]
async fn me_4_a_live_run_may_have_the_step_already() {
    let (server, _app, run) = with_run(false).await;
    let hash = id("upload");
    for (step, values) in [("upload", json!({ "n": 1 })), (&hash, json!({ "n": 2 }))] {
        let target = json!({ "step_id": step });
        let noted = note(&server, &run, target, set(values.clone())).await;
        assert_eq!(noted, (200, Value::Null));
        let data = shown(&server, &run).await;
        let expected = json!({ "scope": "step", "stepId": hash, "kind": "userland.default", "values": values, "updatedAt": "<time>" });
        assert_eq!(data["metadata"][1], expected);
    }
}

#[tokio::test]
async fn me_6_malformed_metadata_is_refused() {
    let (server, _app, run) = with_run(true).await;
    let cases = [
        (
            json!({ "metadata": [] }),
            "metadata must be an array of at least one update",
        ),
        (
            json!({ "target": { "step_index": 1 }, "metadata": set(json!({})) }),
            "target.step_index needs target.step_id",
        ),
        (
            json!({ "target": { "run_id": ULID }, "metadata": set(json!({})) }),
            "target.run_id is <ulid>, another run than that of the path",
        ),
        (
            json!({ "metadata": [{ "kind": "inngest.usage", "op": "set", "values": {} }] }),
            "metadata[0]: metadata of the kind \"inngest.usage\": kinds that begin with \"inngest.\" are reserved; \"userland.<name>\" is free",
        ),
        (
            json!({ "target": { "step_id": "resize" }, "metadata": [
                { "kind": "userland.default", "op": "set", "values": { "n": "text" } },
                { "kind": "userland.default", "op": "add", "values": { "n": 1 } },
            ] }),
            "nothing can be added to \"n\": it is no number, or too large a one",
        ),
    ];
    let path = format!("/v1/runs/{run}/metadata");
    for (body, expected) in cases {
        let answer = server.post(&path, &body).await;
        let text = answer.json["error"]
            .as_str()
            .unwrap()
            .replace(ULID, "<ulid>");
        assert_eq!((answer.status, &*text), (400, expected), "{body}");
    }
    let answer = server.send(Method::POST, &path, &[], "{").await;
    assert_eq!(answer.status, 400);
    let answer = server
        .post(
            "/v1/runs/x/metadata",
            &json!({ "metadata": set(json!({})) }),
        )
        .await;
    assert_eq!(answer.status, 400);
    let values = shown(&server, &run).await["steps"][0]["metadata"][1]["values"].clone();
    assert_eq!(
        values,
        json!({ "n": 1 }),
        "of what is refused, nothing is noted"
    );
}

#[tokio::test]
async fn me_6_too_much_metadata_is_refused() {
    let (server, _app, run) = with_run(true).await;
    let long = |size: usize| json!({ "x": "y".repeat(size) });
    let (status, body) = note(&server, &run, json!({}), set(long(METADATA_UPDATE_MAX))).await;
    assert_eq!(status, 413, "{body}");
    let half: Vec<Value> = (0..METADATA_PER_RUN_MAX / METADATA_UPDATE_MAX / 2)
        .map(|n| json!({ "kind": format!("userland.{n}"), "op": "set", "values": long(METADATA_UPDATE_MAX - 8) }))
        .collect();
    let fill = async |target| note(&server, &run, target, json!(half)).await;
    assert_eq!(fill(json!({})).await.0, 200);
    let (status, body) = fill(json!({ "step_id": "resize" })).await;
    assert_eq!(status, 413, "{body}");
    let text = body["error"].as_str().unwrap();
    assert!(
        text.starts_with("the metadata of the run would be "),
        "{text}"
    );
    // As much again in the same places is no more than before.
    assert_eq!(fill(json!({})).await.0, 200);
    let huge = json!({ "metadata": set(long(2 * METADATA_PER_RUN_MAX)) });
    let path = format!("/v1/runs/{run}/metadata");
    assert_eq!(server.post(&path, &huge).await.status, 413);
}
