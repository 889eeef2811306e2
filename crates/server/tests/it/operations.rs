//! Bulk operations as clients see them.

use std::sync::Arc;
use std::time::Duration;

use everstep_core::Change;
use everstep_core::record::{RunRecord, RunStatus, ShardId};
use everstep_protocol::{AppId, FunctionId, RunId, Timestamp};
use everstep_server::dev::Data;
use everstep_server::search::CANDIDATES_MAX;
use everstep_store::{SqliteStore, Store as _};
use serde_json::{Value, json};

use crate::support::app::{App, sdk};
use crate::support::{Server, until};

const ULID: &str = "01HZZZZZZZZZZZZZZZZZZZ1000";
const PATH: &str = "/v2/bulk-operations";

/// Three runs that have failed.
async fn failed_runs() -> (Server, App) {
    let app =
        App::start(|_| async { sdk(400, &json!({ "name": "Error", "message": "no" })) }).await;
    let server = Server::start().await;
    app.register(&server).await;
    for n in 0..3 {
        let event = json!({ "name": "shop/paid", "data": { "n": n } });
        let sent = server.post("/e/key", &event).await;
        server
            .ended_run(sent.json["ids"][0].as_str().unwrap())
            .await;
    }
    // An operation is about what was there the millisecond before.
    let now = server.get("/v2/audit").await.json["metadata"]["fetchedAt"].clone();
    until("time passes", async || {
        let later = server.get("/v2/audit").await.json["metadata"]["fetchedAt"].clone();
        (later != now).then_some(())
    })
    .await;
    (server, app)
}

/// The operation, once it has ended.
async fn ended(server: &Server, id: &str) -> Value {
    until("the operation has ended", async || {
        let operation = server.get(&format!("{PATH}/{id}")).await.json["data"].clone();
        operation["endedAt"].is_string().then_some(operation)
    })
    .await
}

async fn refused(server: &Server, path: &str, body: &Value, status: u16, code: &str, says: &str) {
    let answer = server.post(path, body).await;
    let error = &answer.json["errors"][0];
    let message = error["message"].as_str().unwrap_or_default();
    assert!(
        answer.status == status && error["code"] == code && message.contains(says),
        "{path} {body}: {answer:?}"
    );
}

#[tokio::test]
async fn failed_runs_are_replayed() {
    let (server, _app) = failed_runs().await;
    let body = json!({
        "kind": "replay", "filter": { "status": "FAILED", "functionId": "shop-pay" },
        "ratePerSecond": 1000, "stopOnErrorPercent": 10, "reason": "the bug is fixed",
    });
    let preview = server.post(&format!("{PATH}/preview"), &body).await;
    let preview = &preview.json["data"];
    assert_eq!(
        (&preview["count"], &preview["isExact"]),
        (&json!(3), &json!(true))
    );
    assert_eq!(preview["sample"].as_array().unwrap().len(), 3);
    assert_eq!(preview["words"], "failed runs of function \"shop-pay\"");
    let list = server.get(PATH).await.json;
    assert!(list["data"].is_null(), "a preview does nothing: {list}");

    let created = server.post(PATH, &body).await;
    assert_eq!(created.status, 200, "{created:?}");
    let id = created.json["data"]["id"].as_str().unwrap().to_owned();
    let operation = ended(&server, &id).await;
    assert_eq!(operation["state"], "COMPLETED");
    let counts = json!({ "matched": 3, "done": 3, "skipped": 0, "failed": 0 });
    assert_eq!(operation["counts"], counts);
    assert_eq!(
        operation["filter"],
        json!({ "status": ["FAILED"], "functionId": ["shop-pay"] })
    );
    assert_eq!(operation["reason"], "the bug is fixed");
    until("they have failed again", async || {
        let runs = server.get("/v2/runs?status=FAILED").await.json;
        (runs["data"].as_array()?.len() == 6).then_some(())
    })
    .await;
    let list = server.get(PATH).await.json;
    assert_eq!(list["data"], json!([operation]));
    let audit = server.get("/v2/audit").await.json["data"].clone();
    assert_eq!(audit.as_array().unwrap().len(), 1, "{audit}");
    assert_eq!(audit[0]["action"], "operation.start");
    assert_eq!(audit[0]["target"]["operationId"], id.as_str());

    let code = "validation_error";
    let abort = format!("{PATH}/{id}/abort");
    refused(&server, &abort, &json!({}), 409, code, "not under way").await;
    let resume = format!("{PATH}/{id}/resume");
    refused(&server, &resume, &json!({}), 409, code, "is completed").await;
}

/// More runs than one page of a search looks at.
#[tokio::test]
async fn a_preview_says_how_far_it_looked() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("everstep.db");
    let runs = u32::try_from(CANDIDATES_MAX).unwrap() + 100;
    let began = Timestamp::from_millis(1_700_000_000_000);
    let store = SqliteStore::open(&path).unwrap();
    let lease = store.shard_acquire(ShardId::EMBEDDED).await.unwrap();
    let changes: Arc<[Change]> = (0..runs).map(|number| old_run(began, number)).collect();
    store.commit(&lease, changes).await.unwrap();
    drop(store);
    let server = Server::with(|config| config.data = Data::Folder(folder.path().to_owned())).await;
    let preview = async |search: &str| {
        let body = json!({ "kind": "replay", "filter": { "search": search } });
        let answer = server.post(&format!("{PATH}/preview"), &body).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json["data"].clone()
    };
    // No index tells that.
    let none = preview("run.status == 'COMPLETED' && size(run.id) == 1").await;
    assert_eq!(
        (&none["count"], &none["isExact"]),
        (&json!(0), &json!(false))
    );
    let scanned_to: jiff::Timestamp = none["scannedTo"].as_str().unwrap().parse().unwrap();
    let last = began + Duration::from_millis(u64::from(runs));
    assert!(scanned_to.as_millisecond() > began.as_millis());
    assert!(scanned_to.as_millisecond() < last.as_millis());
    // What an index tells is found without looking at the others.
    let failed = preview("run.status == 'FAILED'").await;
    assert_eq!(
        (&failed["count"], &failed["isExact"]),
        (&json!(0), &json!(true))
    );
    assert_eq!(failed["scannedTo"], Value::Null);
}

/// A run that has ended, without anything beside its row.
fn old_run(began: Timestamp, number: u32) -> Change {
    let at = began + Duration::from_millis(number.into());
    Change::PutRun(RunRecord {
        id: RunId::from_parts(at, number.into()),
        function: FunctionId::derive(AppId::derive("shop"), "shop-pay"),
        function_version: 1,
        status: RunStatus::Completed,
        started_at: Some(at),
        ended_at: Some(at),
        max_attempts: 4,
        request_version: -1,
        parallel: false,
        next_job: 0,
        generation: 0,
        state_bytes: 0,
        steps_done: 0,
        invoked_by: Vec::new(),
        batch: None,
        keys: None,
        priority: 0,
        output: None,
    })
}

#[tokio::test]
async fn runs_that_a_search_finds_are_replayed() {
    let (server, _app) = failed_runs().await;
    let search = "event.data.n > 0 && run.status == 'FAILED'";
    let body = json!({ "kind": "replay", "filter": { "appId": "shop", "search": search } });
    let preview = server.post(&format!("{PATH}/preview"), &body).await;
    let preview = &preview.json["data"];
    assert_eq!(
        (&preview["count"], &preview["isExact"]),
        (&json!(2), &json!(true))
    );
    assert_eq!(preview["scannedTo"], Value::Null, "all was looked at");
    assert_eq!(preview["sample"].as_array().unwrap().len(), 2);
    let words = format!("runs of app \"shop\", where {search}");
    assert_eq!(preview["words"], words);

    let created = server.post(PATH, &body).await.json["data"].clone();
    let operation = ended(&server, created["id"].as_str().unwrap()).await;
    let counts = json!({ "matched": 2, "done": 2, "skipped": 0, "failed": 0 });
    assert_eq!(operation["counts"], counts);
    let id = operation["id"].as_str().unwrap();
    let made = server.get(&format!("/v2/runs?operation={id}")).await.json;
    let made = made["data"].as_array().unwrap().clone();
    assert_eq!(made.len(), 2, "{made:?}");
    let by_time = format!("/v2/runs?operation={id}&timeField=startedAt&limit=1");
    assert_eq!(server.get(&by_time).await.json["page"]["hasMore"], true);
    let none = server.get(&format!("/v2/runs?operation={ULID}")).await;
    assert_eq!(none.json["data"], Value::Null);
    let filter = json!({ "appId": ["shop"], "search": search });
    assert_eq!(
        (&operation["filter"], &operation["words"]),
        (&filter, &json!(words))
    );
    until("they have failed again", async || {
        let runs = server.get("/v2/runs?status=FAILED").await.json;
        (runs["data"].as_array()?.len() == 5).then_some(())
    })
    .await;

    // A search alone says enough, and may mean nothing.
    let body = json!({ "kind": "cancel", "filter": { "search": "event.data.n > 9" } });
    let preview = server.post(&format!("{PATH}/preview"), &body).await;
    assert_eq!(preview.json["data"]["count"], 0);
    assert_eq!(preview.json["data"]["isExact"], true);
}

#[tokio::test]
async fn an_operation_is_aborted_and_goes_on_later() {
    let (server, _app) = failed_runs().await;
    let body = json!({
        "kind": "resume", "filter": { "appId": "shop" }, "ratePerSecond": 1,
    });
    let created = server.post(PATH, &body).await.json["data"].clone();
    let path = format!("{PATH}/{}", created["id"].as_str().unwrap());
    let aborting = server.post(&format!("{path}/abort"), &json!({})).await;
    assert_eq!(aborting.status, 200, "{aborting:?}");
    let aborted = ended(&server, created["id"].as_str().unwrap()).await;
    assert_eq!(aborted["state"], "ABORTED");
    assert_ne!(aborted["counts"]["done"], 3);
    let resumed = server.post(&format!("{path}/resume"), &json!({})).await;
    assert_eq!(resumed.json["data"]["state"], "RUNNING", "{resumed:?}");
    until("it has ended", async || {
        let operation = server.get(&path).await.json["data"].clone();
        (operation["state"] == "COMPLETED" && operation["counts"]["done"] == 3).then_some(())
    })
    .await;
}

#[tokio::test]
async fn operations_that_make_no_sense_are_refused() {
    let (server, _app) = failed_runs().await;
    let filter = json!({ "status": "FAILED" });
    for path in [PATH.to_owned(), format!("{PATH}/preview")] {
        for (body, code, says) in [
            (json!({}), "missing_field", "'kind' is required"),
            (
                json!({ "kind": "cancel" }),
                "missing_field",
                "'filter' is required",
            ),
            (
                json!({ "kind": "cancel", "filter": {} }),
                "invalid_request",
                "means every run",
            ),
            (
                json!({ "kind": "replay", "filter": { "appId": "shop" } }),
                "invalid_request",
                "must have a 'status'",
            ),
            (
                json!({ "kind": "stop", "filter": filter }),
                "invalid_field_format",
                "cancel, replay or resume",
            ),
            (
                json!({ "kind": "cancel", "filter": { "state": "FAILED" } }),
                "invalid_field_format",
                "is not known",
            ),
            (
                json!({ "kind": "cancel", "filter": { "search": "event.data.n >" } }),
                "invalid_field_format",
                "'search' is no search",
            ),
            (
                json!({ "kind": "cancel", "filter": { "search": "run.state == 'x'" } }),
                "invalid_field_format",
                "`run` has no `state`",
            ),
            (
                json!({ "kind": "cancel", "filter": { "search": 1 } }),
                "invalid_field_format",
                "'search' must be a text",
            ),
            (
                json!({ "kind": "replay", "filter": { "search": "run.status != 'FAILED'" } }),
                "invalid_request",
                "must have a 'status'",
            ),
            (
                json!({ "kind": "cancel", "filter": [] }),
                "invalid_field_format",
                "must be an object",
            ),
            (
                json!({ "kind": "cancel", "filter": { "appId": "none" } }),
                "invalid_field_format",
                "none",
            ),
            (
                json!({ "kind": "cancel", "filter": filter, "ratePerSecond": 0 }),
                "invalid_field_format",
                "from 1 to",
            ),
            (
                json!({ "kind": "cancel", "filter": filter, "stopOnErrorPercent": 101 }),
                "invalid_field_format",
                "from 0 to 100",
            ),
            (
                json!({ "kind": "cancel", "filter": filter, "rate": 1 }),
                "invalid_field_format",
                "'rate' is not known",
            ),
        ] {
            refused(&server, &path, &body, 400, code, says).await;
        }
    }
    for action in ["abort", "resume"] {
        let path = format!("{PATH}/{ULID}/{action}");
        refused(
            &server,
            &path,
            &json!({}),
            404,
            "not_found",
            "Operation not found",
        )
        .await;
        let path = format!("{PATH}/x/{action}");
        let code = "invalid_request";
        refused(&server, &path, &json!({}), 400, code, "not an operation id").await;
    }
    let list = server.get(PATH).await.json;
    assert!(list["data"].is_null(), "{list}");
}
