//! What can be read: `/dev`, `/v1/events`, `/v1/runs`, `/v0/runs`.

use serde_json::json;

use crate::support::app::{App, sdk};
use crate::support::{Server, masked, until};

const ULID: &str = "01HZZZZZZZZZZZZZZZZZZZ1000";

#[tokio::test]
async fn an_event_has_exactly_these_members() {
    let server = Server::start().await;
    let body = json!({
        "name": "a/b", "id": "mine", "ts": 1_700_000_000_000_i64, "v": "1",
        "data": { "n": 1, "_inngest": { "x": 1 } }, "user": { "id": 7 }, "meta": { "sessions": { "s": "1" } },
    });
    let id = server.post("/e/key", &body).await.json["ids"][0]
        .as_str()
        .unwrap()
        .to_owned();
    let answer = server.get(&format!("/v1/events/{id}")).await;
    let expected = json!({
        "data": {
            "internal_id": "<ulid>",
            "account_id": "00000000-0000-4000-a000-000000000000",
            "environment_id": "00000000-0000-4000-b000-000000000000",
            "source": "", "source_id": null, "received_at": "<time>",
            "id": "mine", "name": "a/b", "data": { "n": 1 }, "user": { "id": 7 }, "ts": 1_700_000_000_000_i64, "v": "1",
        },
        "metadata": { "fetched_at": "<time>", "cached_until": "<time>" },
    });
    assert_eq!(answer.masked(), (200, expected));
    assert_eq!(answer.headers["cache-control"], "private, max-age=5");
}

#[tokio::test]
async fn events_are_listed_newest_first_in_pages() {
    let server = Server::start().await;
    for n in 0..5 {
        server.event(&format!("a/{n}")).await;
    }
    let names = async |query: &str| {
        let answer = server.get(&format!("/v1/events{query}")).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let events = answer.json["data"].as_array().unwrap().clone();
        let names: Vec<_> = events
            .iter()
            .map(|event| event["name"].as_str().unwrap().to_owned())
            .collect();
        (
            names,
            events
                .last()
                .map(|event| event["internal_id"].as_str().unwrap().to_owned()),
        )
    };
    assert_eq!(names("").await.0, ["a/4", "a/3", "a/2", "a/1", "a/0"]);
    let (page, last) = names("?limit=2").await;
    assert_eq!(page, ["a/4", "a/3"]);
    assert_eq!(
        names(&format!("?limit=2&cursor={}", last.unwrap())).await.0,
        ["a/2", "a/1"]
    );
    assert_eq!(names("?name=a/3").await.0, ["a/3"]);
    assert_eq!(
        names("?received_after=2100-01-01T00:00:00Z").await.0,
        [""; 0]
    );
    assert_eq!(
        names("?received_before=2020-01-01T00:00:00Z").await.0,
        [""; 0]
    );
}

#[tokio::test]
async fn bad_queries_are_refused() {
    let server = Server::start().await;
    let cases = [
        (
            "/v1/events?limit=0",
            400,
            "limit must be a number from 1 to 100",
        ),
        (
            "/v1/events?limit=x",
            400,
            "limit must be a number from 1 to 100",
        ),
        (
            "/v1/events?limit=101",
            400,
            "limit must be a number from 1 to 100",
        ),
        ("/v1/events?cursor=x", 400, "\"x\" is not an event id"),
        (
            "/v1/events?received_after=yesterday",
            400,
            "received_after must be a time as of RFC 3339",
        ),
        ("/v1/events/x", 400, "\"x\" is not an event id"),
        (
            "/v1/events/01HZZZZZZZZZZZZZZZZZZZ1000",
            404,
            "event not found",
        ),
        ("/v1/events/x/runs", 400, "\"x\" is not an event id"),
        ("/v1/runs/x", 400, "\"x\" is not a run id"),
        ("/v1/runs/01HZZZZZZZZZZZZZZZZZZZ1000", 404, "run not found"),
        ("/v0/runs/x/batch", 400, "\"x\" is not a run id"),
        ("/v1/runs/%ff", 400, "the path is not valid"),
        (
            "/v1/events?limit=1&limit=2",
            400,
            "Failed to deserialize query string: duplicate field `limit`",
        ),
        ("/v1/apps/nobody/functions", 404, "app not found"),
    ];
    for (path, status, error) in cases {
        let expected = json!({ "error": error, "data": null, "status": status });
        assert_eq!(
            server.get(path).await.masked(),
            (status, expected),
            "{path}"
        );
    }
    for path in ["batch", "actions"] {
        let answer = server.get(&format!("/v0/runs/{ULID}/{path}")).await;
        let error = format!("runtime state is no longer available for runID: {ULID}");
        assert_eq!(
            (answer.status, answer.json["error"].as_str()),
            (410, Some(error.as_str()))
        );
        assert_eq!(answer.json["status"], 410);
    }
    let unknown = server.get(&format!("/v1/events/{ULID}/runs")).await;
    assert_eq!(
        (unknown.status, unknown.json["data"].clone()),
        (200, json!([]))
    );
}

#[tokio::test]
async fn a_run_has_exactly_these_members() {
    let server = Server::start().await;
    let app = App::start(|_| async { sdk(200, &json!({ "sum": 3 })) }).await;
    app.register(&server).await;
    let event = server.event("shop/paid").await;
    let run = server.ended_run(&event).await;
    let expected = json!({
        "run_id": "<ulid>", "run_started_at": "<time>",
        "function_id": run["function_id"], "function_version": 1,
        "environment_id": "00000000-0000-4000-b000-000000000000",
        "event_id": "<ulid>", "status": "Completed", "ended_at": "<time>", "output": { "sum": 3 },
    });
    assert_eq!(masked(&run), expected);
    let answer = server
        .get(&format!("/v1/runs/{}", run["run_id"].as_str().unwrap()))
        .await;
    assert_eq!(answer.json["data"], run, "the same from both endpoints");
    assert_eq!(answer.headers["cache-control"], "private, max-age=3");
}

#[tokio::test]
async fn jobs_of_a_run_say_what_is_due() {
    let server = Server::start().await;
    let app = App::start(|_| async {
        let sleep =
            json!([{ "op": "Sleep", "id": "a", "name": "1h", "opts": { "duration": "1h" } }]);
        sdk(206, &sleep)
    })
    .await;
    app.register(&server).await;
    let event = server.event("shop/paid").await;
    let (run, jobs) = until("the run sleeps", async || {
        let runs = server.get(&format!("/v1/events/{event}/runs")).await.json;
        let run = runs["data"][0]["run_id"].as_str()?.to_owned();
        let jobs = server.get(&format!("/v1/runs/{run}/jobs")).await;
        (jobs.json["data"][0]["kind"] == "sleep").then_some((run, jobs))
    })
    .await;
    let job = json!({
        "JobID": format!("{run}:1"), "at": "<time>", "position": 0, "kind": "sleep", "attempt": 0, "Raw": null,
    });
    assert_eq!(masked(&jobs.json["data"]), json!([job]));
    assert_eq!(jobs.headers["cache-control"], "private, max-age=5");
    for (path, status) in [("x", 400), (ULID, 404)] {
        assert_eq!(
            server.get(&format!("/v1/runs/{path}/jobs")).await.status,
            status
        );
    }
}

#[tokio::test]
async fn dev_tells_what_is_registered() {
    let server = Server::start().await;
    let empty = server.get("/dev").await.json;
    assert_eq!(
        (&empty["functions"], &empty["handlers"], &empty["apps"]),
        (&json!([]), &json!([]), &json!([]))
    );
    let app = App::start(|_| async { sdk(200, &json!(null)) }).await;
    app.register(&server).await;
    let info = server.get("/dev").await.json;
    let uri = format!("{}?fnId=shop-pay&stepId=step", app.url());
    let function = &info["functions"][0];
    assert_eq!(
        *function,
        json!({
            "id": function["id"], "fv": 1, "name": "shop-pay", "slug": "shop-pay",
            "triggers": [{ "event": "shop/paid" }], "driver": { "uri": uri },
            "steps": [{ "id": "step", "name": "shop-pay", "uri": uri, "retries": 0 }],
        })
    );
    assert_eq!(info["handlers"][0]["functionIDs"], json!([function["id"]]));
    assert_eq!(info["handlers"][0]["sdk"]["appName"], "shop");
    assert_eq!(
        (
            info["apps"][0]["name"].as_str(),
            info["apps"][0]["state"].as_str()
        ),
        (Some("shop"), Some("ok"))
    );

    let functions = server.get("/v1/apps/shop/functions").await;
    assert_eq!(
        (
            functions.json[0]["id"].as_str(),
            functions.json[0]["internal_id"].as_str()
        ),
        (Some("shop-pay"), function["id"].as_str())
    );
}
