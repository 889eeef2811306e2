//! `/v1/cancellations` (http-api §5.4).

use everstep_server::dev::Data;
use http::Method;
use serde_json::{Value, json};

use crate::support::app::{App, function, registration, sdk};
use crate::support::{Answer, Server, masked, until};

const PATH: &str = "/v1/cancellations";
const ULID: &str = "01HZZZZZZZZZZZZZZZZZZZ1000";

/// An app whose runs sleep for ever, as good as.
async fn app_that_sleeps() -> App {
    App::start(|_| async {
        sdk(
            206,
            &json!([{ "op": "Sleep", "id": "s", "name": "300d", "displayName": "s" }]),
        )
    })
    .await
}

/// Until now, as the server says.
async fn until_now(server: &Server) -> String {
    let events = server.get("/v1/events").await.json;
    events["metadata"]["fetched_at"]
        .as_str()
        .unwrap()
        .to_owned()
}

async fn cancel(server: &Server, more: Value) -> Answer {
    let started_before = until_now(server).await;
    let mut body =
        json!({ "app_id": "shop", "function_id": "pay", "started_before": started_before });
    let Value::Object(more) = more else {
        panic!("an object")
    };
    body.as_object_mut().unwrap().extend(more);
    server.post(PATH, &body).await
}

async fn delete(server: &Server, id: &str) -> Answer {
    let path = format!("{PATH}/{id}");
    server.send(Method::DELETE, &path, &[], "").await
}

/// The run of an event, once its status is this one.
async fn run_becomes(server: &Server, event: &str, status: &str) {
    until(&format!("the run is {status}"), async || {
        let runs = server.get(&format!("/v1/events/{event}/runs")).await.json;
        (runs["data"][0]["status"] == status).then_some(())
    })
    .await;
}

#[tokio::test]
async fn the_runs_of_a_function_are_cancelled() {
    let server = Server::start().await;
    let app = app_that_sleeps().await;
    app.register(&server).await;
    let event = server.event("shop/paid").await;
    run_becomes(&server, &event, "Running").await;

    let other = cancel(&server, json!({ "if": "event.data.n == 2" })).await;
    assert_eq!(other.status, 201, "{other:?}");
    let answer = cancel(&server, json!({ "if": "event.data.n == 1" })).await;
    let functions = server.get("/v1/apps/shop/functions").await.json;
    let expected = json!({
        "data": {
            "created_at": "<time>", "name": null, "id": "<ulid>",
            "account_id": "00000000-0000-4000-a000-000000000000",
            "environment_id": "00000000-0000-4000-b000-000000000000",
            "app_id": functions[0]["app_id"], "function_internal_id": functions[0]["internal_id"],
            "function_id": "shop-pay", "started_after": null, "started_before": "<time>",
            "if": "event.data.n == 1", "kind": "bulk_run", "cause": null,
            "target_id": functions[0]["internal_id"], "queue_name": null,
        },
        "metadata": { "fetched_at": "<time>", "cached_until": null },
    });
    assert_eq!(answer.masked(), (201, expected));
    run_becomes(&server, &event, "Cancelled").await;

    let list = server.get(PATH).await.json;
    let newest_first = json!([answer.json["data"], other.json["data"]]);
    assert_eq!(list["data"], newest_first);
    let newest = server.get(&format!("{PATH}?limit=1")).await.json;
    assert_eq!(newest["data"], json!([answer.json["data"]]));
    let cursor = answer.json["data"]["id"].as_str().unwrap();
    let older = server.get(&format!("{PATH}?cursor={cursor}")).await.json;
    assert_eq!(older["data"], json!([other.json["data"]]));
}

#[tokio::test]
async fn a_cancellation_is_stopped_and_forgotten() {
    let server = Server::start().await;
    let app = app_that_sleeps().await;
    app.register(&server).await;
    let answer = cancel(&server, json!({})).await;
    let id = answer.json["data"]["id"].as_str().unwrap();
    // Clients may send lower case.
    let stopped = delete(&server, &id.to_lowercase()).await;
    assert_eq!(stopped.masked(), (200, json!({ "ok": true })));
    assert_eq!(server.get(PATH).await.json["data"], json!([]));
    for (id, status, error) in [
        (id, 404, "cancellation not found"),
        (ULID, 404, "cancellation not found"),
        ("x", 400, "\"x\" is not a cancellation id"),
    ] {
        let expected = json!({ "error": error, "data": null, "status": status });
        assert_eq!(delete(&server, id).await.masked(), (status, expected));
    }
}

#[tokio::test]
async fn the_audit_log_names_whoever_cancels() {
    let server = Server::start().await;
    let app = app_that_sleeps().await;
    app.register(&server).await;
    let by_ada = async |method: Method, path: &str, body: Value| {
        let actor = [("x-everstep-actor", "ada")];
        let answer = server.send(method, path, &actor, body.to_string()).await;
        assert!(answer.status < 300, "{path}: {answer:?}");
        answer.json
    };
    let before = until_now(&server).await;
    let body = json!({
        "app_id": "shop", "function_id": "pay", "started_before": before, "if": "event.data.n == 1",
    });
    let created = by_ada(Method::POST, PATH, body).await;
    let id = created["data"]["id"].as_str().unwrap();
    by_ada(Method::DELETE, &format!("{PATH}/{id}"), Value::Null).await;
    let pause = json!({ "newRuns": "skip", "running": "cancel" });
    let path = "/v2/functions/shop-pay/pause";
    let paused = by_ada(Method::POST, path, pause).await;

    let log = server.get("/v2/audit").await.json["data"].clone();
    let entries = log.as_array().unwrap().iter().rev();
    let entries: Vec<_> = entries
        .map(|entry| {
            assert_eq!(entry["actor"], "ada");
            assert_eq!(entry["target"]["functionSlug"], "shop-pay");
            let of = entry["detail"]["cancellation"].clone();
            (entry["action"].clone(), of)
        })
        .collect();
    let expected = [
        ("cancellation.create", json!(id)),
        ("cancellation.delete", json!(id)),
        ("function.pause", Value::Null),
        (
            "cancellation.create",
            paused["data"]["cancellation"].clone(),
        ),
    ];
    assert_eq!(
        entries,
        expected.map(|(action, of)| (json!(action), of)).to_vec()
    );
    let detail = &log.as_array().unwrap()[3]["detail"];
    assert_eq!(detail["startedBefore"], before.as_str());
    assert_eq!(detail["if"], "event.data.n == 1");
}

#[tokio::test]
async fn apps_and_functions_are_found_by_any_of_their_names() {
    let server = Server::start().await;
    let app = app_that_sleeps().await;
    let url = app.url();
    // The id of the second is the slug of the first.
    let functions =
        ["shop-pay", "shop-shop-pay"].map(|slug| function(slug, "shop/paid", &url, json!({})));
    let synced = server
        .post("/fn/register", &registration(&url, &functions))
        .await;
    assert_eq!(synced.status, 200, "{synced:?}");
    let known = server.get("/v1/apps/shop/functions").await.json;
    let uuid = |slug: &str| {
        let known = known.as_array().unwrap();
        let function = known
            .iter()
            .find(|function| function["id"] == slug)
            .unwrap();
        function["internal_id"].as_str().unwrap().to_owned()
    };
    let app_uuid = known[0]["app_id"].as_str().unwrap();
    for (app, function, slug) in [
        ("shop", "shop-pay", "shop-pay"),
        ("shop", "pay", "shop-pay"),
        (app_uuid, "pay", "shop-pay"),
        ("shop", "shop-shop-pay", "shop-shop-pay"),
        ("shop", &uuid("shop-shop-pay"), "shop-shop-pay"),
    ] {
        let names = json!({ "app_id": app, "function_id": function });
        let answer = cancel(&server, names).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        assert_eq!(answer.json["data"]["function_id"], slug, "{app} {function}");
    }
    for (names, error) in [
        (
            json!({ "app_id": "bank" }),
            "app \"bank\" not found: no such app has synced",
        ),
        (
            json!({ "function_id": "refund" }),
            "app \"shop\" has no function \"refund\"",
        ),
        (
            json!({ "function_id": "bank-pay" }),
            "app \"shop\" has no function \"bank-pay\"",
        ),
    ] {
        let expected = json!({ "error": error, "data": null, "status": 404 });
        assert_eq!(cancel(&server, names).await.masked(), (404, expected));
    }
}

#[tokio::test]
async fn bad_requests_say_what_is_wrong() {
    let server = Server::start().await;
    let app = app_that_sleeps().await;
    app.register(&server).await;
    let cases = [
        (
            json!({ "app_id": null }),
            "app_id is required: the id of an app",
        ),
        (
            json!({ "function_id": "" }),
            "function_id is required: the id of a function of the app",
        ),
        (json!({ "app_id": 7 }), "app_id must be a string"),
        (
            json!({ "started_before": null }),
            "started_before is required: cancel runs that started until then",
        ),
        (
            json!({ "started_before": "yesterday" }),
            "started_before must be a time as of RFC 3339",
        ),
        (
            json!({ "started_after": 1_700_000_000 }),
            "started_after must be a string",
        ),
        (
            json!({ "started_after": "2024-05-01T00:00:00Z", "started_before": "2024-05-01T00:00:00Z" }),
            "started_after is 2024-05-01T00:00:00.000Z, and must be earlier than started_before, \
             2024-05-01T00:00:00.000Z",
        ),
        (
            json!({ "if": "event.data.n ==" }),
            "if is not a valid expression: ",
        ),
        (json!({ "if": "" }), "if is not a valid expression: "),
        (
            json!({ "started_afer": "2024-05-01T00:00:00Z" }),
            "\"started_afer\" is unknown: a cancellation has app_id, function_id, started_after, \
             started_before, if",
        ),
        (
            json!({ "started_before": "2100-01-01T00:00:00Z" }),
            "started_before is 2100-01-01T00:00:00.000Z, and may be ",
        ),
    ];
    for (more, error) in cases {
        let answer = cancel(&server, more.clone()).await;
        let said = answer.json["error"].as_str().unwrap();
        assert_eq!(answer.status, 400, "{more}: {answer:?}");
        assert!(said.starts_with(error), "{more}: {said}");
    }
    for (body, error) in [
        ("[]", "a cancellation is an object"),
        ("{", "not a cancellation: "),
    ] {
        let answer = server.send(Method::POST, PATH, &[], body).await;
        let said = answer.json["error"].as_str().unwrap();
        assert_eq!(answer.status, 400, "{body}: {answer:?}");
        assert!(said.starts_with(error), "{body}: {said}");
    }
    let limit = server.get(&format!("{PATH}?limit=0")).await;
    let error = "limit must be a number from 1 to 100";
    let expected = json!({ "error": error, "data": null, "status": 400 });
    assert_eq!(limit.masked(), (400, expected));
    assert_eq!(
        server.get(PATH).await.json["data"],
        json!([]),
        "nothing was stored"
    );
}

/// What a clock that is ahead by less than five seconds says is taken.
#[tokio::test]
async fn a_clock_may_be_a_little_ahead() {
    let server = Server::start().await;
    let app = app_that_sleeps().await;
    app.register(&server).await;
    let now: jiff::Timestamp = until_now(&server).await.parse().unwrap();
    for (ahead, status) in [(4, 201), (60, 400)] {
        let started_before = now + jiff::SignedDuration::from_secs(ahead);
        let answer = cancel(
            &server,
            json!({ "started_before": started_before.to_string() }),
        )
        .await;
        assert_eq!(answer.status, status, "{answer:?}");
    }
}

#[tokio::test]
async fn cancellations_are_kept_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_owned();
    let with = async |path: std::path::PathBuf| {
        Server::with(|config| config.data = Data::Folder(path)).await
    };
    let server = with(path.clone()).await;
    let app = app_that_sleeps().await;
    app.register(&server).await;
    let event = server.event("shop/paid").await;
    run_becomes(&server, &event, "Running").await;
    cancel(&server, json!({ "started_after": "2024-05-01T00:00:00Z" })).await;
    run_becomes(&server, &event, "Cancelled").await;
    let before = server.get(PATH).await.json["data"].clone();
    server.dev.stop(std::time::Duration::ZERO).await;
    let server = with(path).await;
    let after = server.get(PATH).await.json["data"].clone();
    assert_eq!(after, before);
    assert_eq!(masked(&after)[0]["started_after"], "<time>");
}
