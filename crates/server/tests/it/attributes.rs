//! Runs are found by declared attributes.

use http::Method;
use serde_json::{Value, json};

use crate::support::app::{App, sdk};
use crate::support::{Answer, Server, until};

async fn served() -> (Server, App) {
    let app = App::start(|_| async { sdk(200, &json!("done")) }).await;
    let server = Server::start().await;
    app.register(&server).await;
    (server, app)
}

async fn declare(server: &Server, name: &str, body: &Value) -> Answer {
    let path = format!("/v2/attributes/{name}");
    server.send(Method::PUT, &path, &[], body.to_string()).await
}

async fn declared(server: &Server) {
    for (name, expression) in [
        ("tenant", "event.data.orgId"),
        ("seats", "event.data.seats"),
    ] {
        let answer = declare(server, name, &json!({ "expression": expression })).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.json["data"]["expression"], expression);
    }
}

/// The run of an event with this data, once it has ended.
async fn run(server: &Server, data: Value) -> String {
    let event = json!({ "name": "shop/paid", "data": data });
    let sent = server.post("/e/key", &event).await;
    let id = sent.json["ids"][0].as_str().unwrap();
    let run = server.ended_run(id).await;
    run["run_id"].as_str().unwrap().to_owned()
}

async fn found(server: &Server, query: &str) -> Vec<String> {
    let answer = server.get(&format!("/v2/runs?{query}")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let runs = answer.json["data"].as_array().cloned().unwrap_or_default();
    let ids = runs
        .iter()
        .map(|run| run["id"].as_str().unwrap().to_owned());
    ids.collect()
}

#[tokio::test]
async fn runs_are_found_by_their_attributes() {
    let (server, _app) = served().await;
    let before = run(&server, json!({ "orgId": "acme" })).await;
    declared(&server).await;
    let first = run(&server, json!({ "orgId": "acme", "seats": 7 })).await;
    let other = run(&server, json!({ "orgId": "zenith", "seats": 7 })).await;
    let last = run(&server, json!({ "orgId": "acme", "seats": [7] })).await;
    for (query, expected) in [
        ("attr.tenant=acme", vec![&last, &first]),
        ("attr.tenant=acme&order=ASC", vec![&first, &last]),
        ("attr.tenant=acme&attr.seats=7", vec![&first]),
        ("attr.seats=7&status=COMPLETED", vec![&other, &first]),
        ("attr.tenant=acme&timeField=endedAt", vec![&last, &first]),
        ("attr.tenant=nobody", vec![]),
        ("search=run.tags.tenant==%22zenith%22", vec![&other]),
        (
            "search=run.tags.tenant!=%22zenith%22",
            vec![&last, &first, &before],
        ),
        (
            "attr.tenant=acme&search=run.tags.seats==%227%22",
            vec![&first],
        ),
        (
            "attr.tenant=acme&search=run.tags.tenant==%22zenith%22",
            vec![],
        ),
    ] {
        let expected: Vec<_> = expected.into_iter().cloned().collect();
        assert_eq!(found(&server, query).await, expected, "{query}");
    }
    let shown = server.get(&format!("/v2/runs/{first}")).await.json;
    let attributes = json!({ "seats": "7", "tenant": "acme" });
    assert_eq!(shown["data"]["attributes"], attributes);
    let shown = server.get(&format!("/v2/runs/{before}")).await.json;
    assert!(shown["data"]["attributes"].is_null(), "declared later");
}

#[tokio::test]
async fn an_operation_is_about_runs_with_an_attribute() {
    let (server, _app) = served().await;
    declared(&server).await;
    run(&server, json!({ "orgId": "zenith" })).await;
    let meant = run(&server, json!({ "orgId": "acme" })).await;
    let filter = json!({ "status": ["COMPLETED"], "attributes": { "tenant": "acme" } });
    let body = json!({ "kind": "replay", "filter": filter });
    until("the run is of an earlier millisecond", async || {
        let preview = server.post("/v2/bulk-operations/preview", &body).await;
        (preview.json["data"]["count"] == 1).then_some(())
    })
    .await;
    let created = server.post("/v2/bulk-operations", &body).await;
    assert_eq!(created.status, 200, "{created:?}");
    assert_eq!(created.json["data"]["filter"], filter);
    let words = &created.json["data"]["words"];
    assert_eq!(words, "completed runs, with tenant \"acme\"");
    // The rerun has the attribute too.
    let runs = until("it has run again", async || {
        let runs = found(&server, "attr.tenant=acme").await;
        (runs.len() == 2).then_some(runs)
    })
    .await;
    assert_eq!(runs[1], meant);
}

#[tokio::test]
async fn attributes_are_listed_changed_and_deleted() {
    let (server, _app) = served().await;
    declared(&server).await;
    let list = async |query: &str| server.get(&format!("/v2/attributes{query}")).await.json;
    let names = |list: &Value| -> Vec<Value> {
        let list = list["data"].as_array().cloned().unwrap_or_default();
        list.iter().map(|it| it["name"].clone()).collect()
    };
    assert_eq!(names(&list("").await), ["seats", "tenant"]);
    let page = list("?limit=1").await;
    assert_eq!(names(&page), ["seats"]);
    let cursor = page["page"]["cursor"].as_str().unwrap();
    let page = list(&format!("?limit=1&cursor={cursor}")).await;
    assert_eq!(
        (names(&page), &page["page"]["hasMore"]),
        (vec![json!("tenant")], &json!(null))
    );

    let kept = run(&server, json!({ "orgId": "acme", "id": "a" })).await;
    declare(&server, "tenant", &json!({ "expression": "event.data.id" })).await;
    let changed = run(&server, json!({ "orgId": "acme", "id": "b" })).await;
    assert_eq!(
        found(&server, "attr.tenant=acme").await,
        std::slice::from_ref(&kept)
    );
    assert_eq!(found(&server, "attr.tenant=b").await, [changed]);

    let path = "/v2/attributes/tenant";
    let deleted = server.send(Method::DELETE, path, &[], String::new()).await;
    assert_eq!(
        (deleted.status, &deleted.json["data"]["name"]),
        (200, &json!("tenant"))
    );
    let again = server.send(Method::DELETE, path, &[], String::new()).await;
    assert_eq!(again.status, 404, "{again:?}");
    assert_eq!(names(&list("").await), ["seats"]);
    run(&server, json!({ "id": "b" })).await;
    assert_eq!(
        found(&server, "attr.tenant=b").await.len(),
        1,
        "none has it from now on"
    );
    assert_eq!(
        found(&server, "attr.tenant=acme").await,
        [kept],
        "those that have it keep it"
    );

    let log = server.get("/v2/audit").await.json["data"].clone();
    let log = log.as_array().unwrap();
    let actions: Vec<_> = log
        .iter()
        .map(|it| it["action"].as_str().unwrap())
        .collect();
    let declare = "attribute.declare";
    assert_eq!(actions, ["attribute.delete", declare, declare, declare]);
    let detail = json!({ "attribute": "tenant", "expression": "event.data.id" });
    assert_eq!(log[1]["detail"], detail);
}

#[tokio::test]
async fn attributes_that_make_no_sense_are_refused() {
    let (server, _app) = served().await;
    let good = json!({ "expression": "event.data.orgId" });
    for (name, body, code, says) in [
        ("Tenant", good.clone(), "invalid_request", "small letter"),
        ("a", json!([]), "invalid_field_format", "must be an object"),
        (
            "a",
            json!({}),
            "missing_field",
            "Field 'expression' is required",
        ),
        (
            "a",
            json!({ "expression": "event.data.orgId", "type": "text" }),
            "invalid_field_format",
            "Field 'type' is not known",
        ),
        (
            "a",
            json!({ "expression": "event.data." }),
            "invalid_field_format",
            "at line 1 column",
        ),
        (
            "a",
            json!({ "expression": "async.data.orgId" }),
            "invalid_field_format",
            "there is no variable `async`",
        ),
    ] {
        let answer = declare(&server, name, &body).await;
        let error = &answer.json["errors"][0];
        let message = error["message"].as_str().unwrap();
        assert_eq!(
            (answer.status, error["code"].as_str()),
            (400, Some(code)),
            "{message}"
        );
        assert!(message.contains(says), "{body}: {message}");
    }
    for number in 0..20 {
        let answer = declare(&server, &format!("a{number}"), &good).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    let beyond = declare(&server, "a20", &good).await;
    assert_eq!(beyond.status, 429, "{beyond:?}");
    let known = declare(&server, "a19", &good).await;
    assert_eq!(known.status, 200, "one that is there can be changed");
    for query in ["attr.A=1", "attr.a=1&attr.a=2"] {
        let answer = server.get(&format!("/v2/runs?{query}")).await;
        assert_eq!(answer.status, 400, "{query}");
    }
}
