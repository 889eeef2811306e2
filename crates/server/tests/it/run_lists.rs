//! Lists of runs in the v2 API, and the run object.

use serde_json::{Value, json};

use crate::support::app::{App, function, registration, sdk};
use crate::support::{Server, masked, until};

const ULID: &str = "01HZZZZZZZZZZZZZZZZZZZ1000";

/// A shop with a function that returns a number and one that fails.
async fn shop(server: &Server) -> App {
    let app = App::start(|asked| async move {
        match asked.path.contains("fnId=shop-fail") {
            true => sdk(400, &json!({ "name": "Error", "message": "no" })),
            false => sdk(200, &json!(7)),
        }
    })
    .await;
    let functions = [
        function("shop-pay", "shop/paid", &app.url(), json!({})),
        function("shop-fail", "shop/failed", &app.url(), json!({})),
    ];
    let body = registration(&app.url(), &functions);
    let answer = server.post("/fn/register", &body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    app
}

/// The ids of a list, page by page.
async fn all_pages(server: &Server, path: &str, limit: usize) -> Vec<String> {
    let mut found = Vec::new();
    let mut cursor = String::new();
    loop {
        let answer = server
            .get(&format!("{path}&limit={limit}&cursor={cursor}"))
            .await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let page = &answer.json["page"];
        assert_eq!(page["limit"], limit);
        let runs = answer.json["data"].as_array().cloned().unwrap_or_default();
        assert!(runs.len() <= limit);
        found.extend(
            runs.iter()
                .map(|run| run["id"].as_str().unwrap().to_owned()),
        );
        assert_eq!(page["hasMore"].is_null(), page["cursor"].is_null());
        match page["cursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => return found,
        }
    }
}

#[tokio::test]
async fn a_run_object_has_exactly_these_members() {
    let server = Server::start().await;
    let _app = shop(&server).await;
    let event = server.event("shop/paid").await;
    let id = server.ended_run(&event).await["run_id"].clone();
    let id = id.as_str().unwrap();
    let mut expected = json!({
        "id": "<ulid>",
        "function": { "id": "pay", "name": "shop-pay", "app": { "id": "shop" } },
        "app": { "id": "shop" },
        "status": "COMPLETED",
        "queuedAt": "<time>", "startedAt": "<time>", "endedAt": "<time>",
        "trigger": { "eventIds": ["<ulid>"], "eventName": "shop/paid" },
    });
    let shown = async |query: &str| {
        let answer = server.get(&format!("/v2/runs/{id}{query}")).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let mut run = answer.json["data"].clone();
        let duration = run.as_object_mut().unwrap().remove("durationMs");
        assert!(duration.unwrap().as_str().unwrap().parse::<u64>().is_ok());
        masked(&run)
    };
    assert_eq!(shown("").await, expected);
    expected["output"] = json!({ "data": 7 });
    assert_eq!(shown("?includeOutput=true").await, expected);

    let full = server
        .get(&format!("/v2/runs/{id}?includeOutput=true"))
        .await;
    for list in [
        "/v2/runs?includeOutput=true".to_owned(),
        "/api/v2/runs?include_output=true&appId=shop&functionId=pay".to_owned(),
        format!("/v2/events/{event}/runs?includeOutput=true"),
        "/v2/apps/shop/functions/pay/runs?includeOutput=true".to_owned(),
        "/v2/apps/shop/functions/shop-pay/runs?includeOutput=true".to_owned(),
    ] {
        let answer = server.get(&list).await;
        assert_eq!(answer.json["data"], json!([full.json["data"]]), "{list}");
        assert_eq!(answer.json["page"], json!({ "limit": 20 }), "{list}");
        assert_eq!(answer.headers["cache-control"], "no-store");
    }
}

#[tokio::test]
async fn runs_are_found_by_filter_and_in_pages() {
    let server = Server::start().await;
    let _app = shop(&server).await;
    let mut paid = Vec::new();
    let mut failed = Vec::new();
    for _ in 0..3 {
        for (name, ids) in [("shop/paid", &mut paid), ("shop/failed", &mut failed)] {
            let event = server.event(name).await;
            let run = server.ended_run(&event).await;
            ids.insert(0, run["run_id"].as_str().unwrap().to_owned());
        }
    }
    let oldest_first: Vec<String> = failed.iter().rev().cloned().collect();
    let cases: [(&str, &[String]); 9] = [
        ("status=FAILED", &failed),
        ("status=FAILED&order=ASC", &oldest_first),
        ("status=FAILED&timeField=endedAt&order=ASC", &oldest_first),
        ("appId=shop&functionId=pay", &paid),
        ("functionId=shop-pay", &paid),
        ("eventName=shop/paid&from=1h", &paid),
        ("status=FAILED&functionId=shop-pay", &[]),
        ("until=2020-01-01T00:00:00Z", &[]),
        ("status=RUNNING&status=QUEUED", &[]),
    ];
    for (query, expected) in cases {
        for limit in [1, 2, 100] {
            let found = all_pages(&server, &format!("/v2/runs?{query}"), limit).await;
            assert_eq!(found, expected, "{query}");
        }
    }
    assert_eq!(all_pages(&server, "/v2/runs?", 4).await.len(), 6);
    let path = "/v2/apps/shop/functions/fail/runs?status=FAILED";
    assert_eq!(all_pages(&server, path, 2).await, failed);
}

#[tokio::test]
async fn runs_of_an_event_are_in_pages() {
    let server = Server::start().await;
    let app = App::start(|_| async { sdk(200, &json!(null)) }).await;
    let functions: Vec<Value> = ["a", "b", "c"]
        .iter()
        .map(|name| function(&format!("shop-{name}"), "shop/paid", &app.url(), json!({})))
        .collect();
    let body = registration(&app.url(), &functions);
    assert_eq!(server.post("/fn/register", &body).await.status, 200);
    let event = server.event("shop/paid").await;
    until("all runs have ended", async || {
        let runs = server.get("/v2/runs?status=COMPLETED").await;
        (runs.json["data"].as_array()?.len() == 3).then_some(())
    })
    .await;
    let path = format!("/v2/events/{event}/runs?");
    let all = all_pages(&server, &path, 40).await;
    assert_eq!(all.len(), 3);
    assert_eq!(all_pages(&server, &path, 1).await, all);
    assert_eq!(all_pages(&server, &path, 2).await, all);
}

#[tokio::test]
async fn what_is_asked_for_wrongly_is_refused() {
    let server = Server::start().await;
    let _app = shop(&server).await;
    let cases = [
        (
            "/v2/runs?limit=0",
            400,
            "invalid_request",
            "Limit must be at least 1",
        ),
        (
            "/v2/runs?limit=-1",
            400,
            "invalid_request",
            "Limit must be at least 1",
        ),
        (
            "/v2/runs?limit=101",
            400,
            "invalid_request",
            "Limit cannot exceed 100",
        ),
        (
            "/v2/runs?limit=x",
            400,
            "invalid_field_format",
            "Field 'limit' must be a number",
        ),
        (
            "/v2/runs?cursor=x",
            400,
            "invalid_request",
            "Cursor is invalid",
        ),
        (
            "/v2/runs?cursor=1_x",
            400,
            "invalid_request",
            "Cursor is invalid",
        ),
        (
            "/v2/runs?order=UP",
            400,
            "invalid_field_format",
            "Field 'order' must be ASC or DESC",
        ),
        (
            "/v2/runs?includeOutput=yes",
            400,
            "invalid_field_format",
            "Field 'includeOutput' must be true or false",
        ),
    ];
    refused(&server, &cases).await;
    let several = server.get("/v2/runs?limit=0&status=x&what=1").await;
    assert_eq!(several.json["errors"].as_array().unwrap().len(), 3);
    let event = server.event("shop/nothing").await;
    for (query, message) in [
        ("limit=41", "Limit cannot exceed 40"),
        ("cursor=x", "Cursor is invalid"),
    ] {
        let answer = server
            .get(&format!("/v2/events/{event}/runs?{query}"))
            .await;
        assert_eq!(answer.json["errors"][0]["message"], message);
    }
}

#[tokio::test]
async fn what_is_not_there_is_named() {
    let server = Server::start().await;
    let _app = shop(&server).await;
    let cases = [
        (
            "/v2/runs?stauts=FAILED",
            400,
            "invalid_request",
            "There is no parameter 'stauts': there are order, cursor, limit, includeOutput, search, \
             timeField, from, until, status, appId, functionId, eventName, isDeferred, key, errorGroup, operation",
        ),
        (
            "/v2/runs?appId=nobody",
            400,
            "invalid_field_format",
            "Field 'appId' names \"nobody\", which is not known",
        ),
        (
            "/v2/runs?functionId=pay",
            400,
            "invalid_field_format",
            "Field 'functionId' names \"pay\", which is not known; name its app with appId, or give its slug",
        ),
        (
            "/v2/runs/x",
            400,
            "invalid_request",
            "\"x\" is not a run id",
        ),
        (
            "/v2/runs/01HZZZZZZZZZZZZZZZZZZZ1000",
            404,
            "not_found",
            "Run not found",
        ),
        (
            "/v2/apps/nobody/functions/pay/runs",
            404,
            "not_found",
            "App not found",
        ),
        (
            "/v2/apps/shop/functions/no/runs",
            404,
            "not_found",
            "Function not found",
        ),
        (
            "/v2/events/x/runs",
            400,
            "invalid_request",
            "\"x\" is not an event id",
        ),
    ];
    refused(&server, &cases).await;
    let event = server.get(&format!("/v2/events/{ULID}/runs")).await;
    assert_eq!(event.status, 404);
}

/// Path, status, code, message.
async fn refused(server: &Server, cases: &[(&str, u16, &str, &str)]) {
    for (path, status, code, message) in cases {
        let answer = server.get(path).await;
        let expected = json!({ "errors": [{ "code": code, "message": message }] });
        assert_eq!((answer.status, answer.json), (*status, expected), "{path}");
    }
}
