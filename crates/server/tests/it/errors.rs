//! Errors of runs that are alike.

use http::Method;
use serde_json::{Value, json};

use crate::support::app::{App, sdk};
use crate::support::live::Live;
use crate::support::{Answer, Server, masked, until};

/// An app whose runs fail: the function throws on the error of a step, or one of its own.
async fn failing() -> (Server, App) {
    let app = App::start(|asked| async move {
        let number = asked.json["event"]["data"]["n"].clone();
        let error =
            |name: &str| json!({ "name": name, "message": format!("order {number} is gone") });
        let own = asked.json["event"]["data"]["own"].as_bool() == Some(true);
        if own || !asked.json["steps"]["charge-hash"].is_null() {
            return sdk(400, &error(if own { "OwnError" } else { "TypeError" }));
        }
        let op = json!([{
            "op": "StepFailed", "id": "charge-hash", "name": "charge", "displayName": "charge",
            "error": error("TypeError"),
        }]);
        sdk(206, &op)
    })
    .await;
    let server = Server::start().await;
    app.register(&server).await;
    (server, app)
}

/// One run that fails.
async fn fail(server: &Server, number: u32, own: bool) {
    let event = json!({ "name": "shop/paid", "data": { "n": number, "own": own } });
    let sent = server.post("/e/key", &event).await;
    let run = server
        .ended_run(sent.json["ids"][0].as_str().unwrap())
        .await;
    assert_eq!(run["status"], "Failed");
}

async fn errors(server: &Server, query: &str) -> Vec<Value> {
    let answer = server.get(&format!("/v2/errors{query}")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    // What is empty is left out.
    let groups = answer.json["data"].as_array();
    groups.cloned().unwrap_or_default()
}

fn refusal(answer: &Answer) -> (u16, &str, &str) {
    let error = &answer.json["errors"][0];
    (
        answer.status,
        error["code"].as_str().unwrap(),
        error["message"].as_str().unwrap(),
    )
}

#[tokio::test]
async fn failures_that_differ_by_numbers_are_one_error() {
    let (server, _app) = failing().await;
    fail(&server, 17, false).await;
    fail(&server, 18, false).await;
    fail(&server, 19, true).await;
    let errors = errors(&server, "").await;
    assert_eq!(errors.len(), 2, "{errors:?}");
    assert_eq!(
        (&errors[0]["name"], &errors[0]["step"]),
        (&json!("OwnError"), &json!(null))
    );
    let mut shown = masked(&errors[1]);
    shown["id"] = json!("<id>");
    shown["functionId"] = json!("<id>");
    let expected = json!({
        "id": "<id>", "functionId": "<id>", "function": "shop-pay",
        "stepId": "charge-hash", "step": "charge",
        "name": "TypeError", "message": "order 18 is gone",
        "runs": 2, "firstSeen": "<time>", "lastSeen": "<time>", "lastRunId": "<ulid>",
        "status": "open", "isBack": false, "ignoredUntil": null, "decidedAt": null,
    });
    assert_eq!(shown, expected);
}

#[tokio::test]
async fn an_error_is_resolved_and_comes_back() {
    let (server, _app) = failing().await;
    fail(&server, 1, false).await;
    let id = errors(&server, "").await[0]["id"].clone();
    let path = format!("/v2/errors/{}", id.as_str().unwrap());
    let decide = async |what: &str, body: Value| {
        let (path, actor) = (format!("{path}/{what}"), [("x-everstep-actor", "ada")]);
        let answer = server
            .send(Method::POST, &path, &actor, body.to_string())
            .await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json["data"]["status"].clone()
    };
    assert_eq!(decide("resolve", json!({})).await, "resolved");
    assert_eq!(errors(&server, "?status=open").await.len(), 0);
    assert_eq!(errors(&server, "?status=resolved").await.len(), 1);
    fail(&server, 2, false).await;
    let back = server.get(&path).await.json["data"].clone();
    assert_eq!(
        (&back["status"], &back["isBack"]),
        (&json!("open"), &json!(true))
    );
    assert_eq!(decide("ignore", json!({ "until": "24h" })).await, "ignored");
    let ignored = &errors(&server, "?status=ignored&functionId=shop-pay").await[0];
    assert!(ignored["ignoredUntil"].is_string());
    assert_eq!(decide("reopen", json!({})).await, "open");
    assert_eq!(decide("ignore", json!({})).await, "ignored");

    let log = server.get("/v2/audit").await.json["data"].clone();
    let actions: Vec<_> = log
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| &entry["action"])
        .collect();
    let expected = [
        "error.ignore",
        "error.reopen",
        "error.ignore",
        "error.resolve",
    ];
    assert_eq!(actions, expected);
    assert_eq!(log[0]["actor"], "ada");
    assert_eq!(log[3]["detail"], json!({ "errorGroup": id }));
    assert!(log[2]["detail"]["until"].is_string());
}

#[tokio::test]
async fn runs_of_an_error_are_paged() {
    let (server, _app) = failing().await;
    for number in 1..=3 {
        fail(&server, number, false).await;
    }
    let id = errors(&server, "").await[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let first = server
        .get(&format!("/v2/errors/{id}/runs?limit=2"))
        .await
        .json;
    assert_eq!(first["data"].as_array().unwrap().len(), 2);
    assert_eq!(first["page"]["hasMore"], true);
    assert_eq!(first["data"][0]["status"], "FAILED");
    assert_eq!(first["data"][0]["output"]["message"], "order 3 is gone");
    let cursor = first["page"]["cursor"].as_str().unwrap();
    let path = format!("/v2/errors/{id}/runs?limit=2&cursor={cursor}");
    let rest = server.get(&path).await.json;
    assert_eq!(rest["data"].as_array().unwrap().len(), 1);
    assert_eq!(rest["page"], json!({ "limit": 2 }));
    assert_eq!(rest["data"][0]["output"]["message"], "order 1 is gone");

    fail(&server, 4, true).await;
    let first = server.get("/v2/errors?limit=1").await.json;
    assert_eq!(first["data"][0]["name"], "OwnError");
    let cursor = first["page"]["cursor"].as_str().unwrap();
    let rest = errors(&server, &format!("?limit=1&cursor={cursor}")).await;
    assert_eq!(rest[0]["name"], "TypeError");
}

#[tokio::test]
async fn runs_of_an_error_are_replayed() {
    let (server, _app) = failing().await;
    fail(&server, 1, false).await;
    fail(&server, 2, false).await;
    fail(&server, 3, true).await;
    let errors = errors(&server, "").await;
    assert_eq!(errors[1]["name"], "TypeError");
    let id = errors[1]["id"].as_str().unwrap();
    let runs = async || {
        let list = server.get(&format!("/v2/runs?errorGroup={id}")).await.json;
        list["data"].as_array().cloned().unwrap_or_default()
    };
    let listed = runs().await;
    assert_eq!(listed.len(), 2, "{listed:?}");
    // An operation is about what was there the millisecond before.
    let last = listed[0]["queuedAt"].clone();
    until("time passes", async || {
        let later = server.get("/v2/audit").await.json["metadata"]["fetchedAt"].clone();
        (later.as_str() > last.as_str()).then_some(())
    })
    .await;
    let body = json!({
        "kind": "replay", "filter": { "status": "FAILED", "errorGroup": id },
        "ratePerSecond": 1000,
    });
    let created = server.post("/v2/bulk-operations", &body).await;
    assert_eq!(created.status, 200, "{created:?}");
    let filter = &created.json["data"]["filter"];
    assert_eq!(*filter, json!({ "status": ["FAILED"], "errorGroup": id }));
    let path = format!(
        "/v2/bulk-operations/{}",
        created.json["data"]["id"].as_str().unwrap()
    );
    let operation = until("the operation has ended", async || {
        let operation = server.get(&path).await.json["data"].clone();
        operation["endedAt"].is_string().then_some(operation)
    })
    .await;
    let counts = json!({ "matched": 2, "done": 2, "skipped": 0, "failed": 0 });
    assert_eq!(operation["counts"], counts);
    until("they have failed again", async || {
        (runs().await.len() == 4).then_some(())
    })
    .await;
    let misspelt = server.get("/v2/runs?errorGroup=7").await;
    let (status, code, message) = refusal(&misspelt);
    assert_eq!((status, code), (400, "invalid_field_format"));
    assert!(message.contains("32 hex digits"), "{message}");
}

#[tokio::test]
async fn bad_questions_about_errors_are_refused() {
    let (server, _app) = failing().await;
    fail(&server, 1, false).await;
    let known = errors(&server, "").await[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let none = "0".repeat(32);
    for (path, status, code, says) in [
        (
            "/v2/errors?status=lost".to_owned(),
            400,
            "invalid_field_format",
            "must be one of open",
        ),
        (
            "/v2/errors?limit=0".to_owned(),
            400,
            "invalid_request",
            "at least 1",
        ),
        (
            "/v2/errors?limit=101".to_owned(),
            400,
            "invalid_request",
            "cannot exceed 100",
        ),
        (
            "/v2/errors?limit=x".to_owned(),
            400,
            "invalid_field_format",
            "must be a number",
        ),
        (
            "/v2/errors?cursor=x".to_owned(),
            400,
            "invalid_request",
            "Cursor is invalid",
        ),
        (
            "/v2/errors?functionId=nope".to_owned(),
            404,
            "not_found",
            "\"nope\"",
        ),
        (
            "/v2/errors/x".to_owned(),
            400,
            "invalid_request",
            "32 hex digits",
        ),
        (
            format!("/v2/errors/{none}"),
            404,
            "not_found",
            "there is no error",
        ),
        (
            format!("/v2/errors/{none}/runs"),
            404,
            "not_found",
            "there is no error",
        ),
        (
            format!("/v2/errors/{known}/runs?cursor=x"),
            400,
            "invalid_request",
            "Cursor is invalid",
        ),
    ] {
        let answer = server.get(&path).await;
        let (was, named, message) = refusal(&answer);
        assert_eq!((was, named), (status, code), "{path}: {message}");
        assert!(message.contains(says), "{path}: {message}");
    }
    for (body, says) in [
        ("[", "not JSON"),
        ("[]", "must be an object"),
        (r#"{"until":7}"#, "Field 'until' must be a text"),
        (r#"{"until":"soon"}"#, "must be a time"),
        (
            r#"{"until":"2020-01-01T00:00:00Z"}"#,
            "must lie in the future",
        ),
    ] {
        let path = format!("/v2/errors/{known}/ignore");
        let answer = server.send(Method::POST, &path, &[], body.to_owned()).await;
        let (status, _, message) = refusal(&answer);
        assert_eq!(status, 400, "{body}: {message}");
        assert!(message.contains(says), "{body}: {message}");
    }
    for what in ["resolve", "ignore", "reopen"] {
        let answer = server
            .post(&format!("/v2/errors/{none}/{what}"), &json!({}))
            .await;
        assert_eq!(refusal(&answer).0, 404);
    }
}

#[tokio::test]
async fn runs_of_an_error_are_counted_over_time() {
    let (server, _app) = failing().await;
    fail(&server, 1, false).await;
    fail(&server, 2, false).await;
    fail(&server, 3, true).await;
    let plain = &errors(&server, "").await[0];
    assert!(plain["counts"].is_null(), "unless asked for");
    for (span, width) in [("24h", "1h"), ("7d", "7h")] {
        let groups = errors(&server, &format!("?counts={span}")).await;
        for (group, runs) in groups.iter().zip([1, 2]) {
            let counts = &group["counts"];
            let of_each = counts["runs"].as_array().unwrap();
            assert_eq!((of_each.len(), &counts["bucket"]), (24, &json!(width)));
            // An hour may have begun since.
            let lately: u64 = of_each[22..].iter().filter_map(Value::as_u64).sum();
            assert_eq!(lately, runs, "{counts}");
            let all: u64 = of_each.iter().filter_map(Value::as_u64).sum();
            assert_eq!(all, runs, "{counts}");
            let id = group["id"].as_str().unwrap();
            let one = server.get(&format!("/v2/errors/{id}?counts={span}")).await;
            assert_eq!(one.json["data"]["counts"]["bucket"], width);
        }
    }
    for span in ["1h", "25h", "0", "91d", "x"] {
        let answer = server.get(&format!("/v2/errors?counts={span}")).await;
        let (status, _, message) = refusal(&answer);
        let says = "'counts' must be a multiple of 24h";
        assert!(status == 400 && message.contains(says), "{span}: {message}");
    }
}

#[tokio::test]
async fn who_follows_errors_is_told_which_changed() {
    let (server, _app) = failing().await;
    let mut live = Live::connect(&server).await;
    assert_eq!(live.follow("errors", None).await["kind"], "snapshot");
    fail(&server, 1, false).await;
    let id = errors(&server, "").await[0]["id"].clone();
    let row = json!([{ "id": id }]);
    assert_eq!(live.next().await["data"], row);
    let path = format!("/v2/errors/{}/resolve", id.as_str().unwrap());
    assert_eq!(server.post(&path, &json!({})).await.status, 200);
    assert_eq!(live.next().await["data"], row);
}
