//! Searching runs and events with expressions.

use everstep_server::search::filter::FILTER_VALUES_MAX;
use http::Method;
use serde_json::{Value, json};

use crate::support::Server;
use crate::support::app::{App, function, registration, sdk};

/// Runs of two functions, and by which `n` their events have; newest first.
async fn shop(server: &Server) -> (App, Vec<Value>) {
    let app = App::start(|asked| async move {
        let n = asked.json["event"]["data"]["n"].as_i64().unwrap();
        let done = asked.json["steps"].as_object().map_or(0, serde_json::Map::len);
        match asked.path.contains("fnId=shop-fail") {
            true => sdk(400, &json!({ "name": "CardError", "message": "declined" })),
            false if done == 0 => {
                let step = json!([{ "op": "StepRun", "id": "a", "name": "charge card", "data": { "n": n } }]);
                sdk(206, &step)
            }
            false => sdk(200, &json!({ "double": 2 * n })),
        }
    })
    .await;
    let functions = [
        function(
            "shop-pay",
            "shop/paid",
            &app.url(),
            json!({ "name": "Pay" }),
        ),
        function("shop-fail", "shop/failed", &app.url(), json!({})),
    ];
    let body = registration(&app.url(), &functions);
    assert_eq!(server.post("/fn/register", &body).await.status, 200);
    let mut runs = Vec::new();
    for n in 0..3 {
        for name in ["shop/paid", "shop/failed"] {
            let event = json!({ "name": name, "id": format!("{name}-{n}"), "data": { "n": n } });
            let sent = server.post("/e/key", &event).await;
            let id = sent.json["ids"][0].as_str().unwrap().to_owned();
            let run = server.ended_run(&id).await;
            runs.insert(0, json!({ "id": run["run_id"], "name": name, "n": n }));
        }
    }
    (app, runs)
}

async fn found(server: &Server, list: &str, search: &str, limit: usize) -> Vec<String> {
    let mut found = Vec::new();
    let mut cursor = String::new();
    loop {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("search", search);
        query.append_pair("limit", &limit.to_string());
        query.append_pair("cursor", &cursor);
        let answer = server.get(&format!("{list}?{}", query.finish())).await;
        assert_eq!(answer.status, 200, "{search}: {answer:?}");
        let entries = answer.json["data"].as_array().cloned().unwrap_or_default();
        found.extend(
            entries
                .iter()
                .map(|it| it["id"].as_str().unwrap().to_owned()),
        );
        let page = &answer.json["page"];
        assert_eq!(page["cursor"].is_null(), page["scannedTo"].is_null());
        match page["cursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => return found,
        }
    }
}

#[tokio::test]
async fn runs_are_found_by_what_they_are_and_did() {
    let server = Server::start().await;
    let (_app, runs) = shop(&server).await;
    let first = runs[0]["id"].as_str().unwrap().to_owned();
    let of = |name: &'static str| move |run: &Value| run["name"] == name;
    let all = |_: &Value| true;
    type Meant<'m> = Box<dyn Fn(&Value) -> bool + 'm>;
    let cases: Vec<(String, Meant<'_>)> = vec![
        ("true".into(), Box::new(all)),
        ("run.status == 'FAILED'".into(), Box::new(of("shop/failed"))),
        ("run.status != 'FAILED'".into(), Box::new(of("shop/paid"))),
        (
            "run.status in ['COMPLETED', 'RUNNING']".into(),
            Box::new(of("shop/paid")),
        ),
        ("fn.id == 'pay'".into(), Box::new(of("shop/paid"))),
        ("fn.slug == 'shop-fail'".into(), Box::new(of("shop/failed"))),
        (
            "fn.name == 'Pay' && app.id == 'shop'".into(),
            Box::new(of("shop/paid")),
        ),
        ("app.id == 'nobody'".into(), Box::new(|_| false)),
        (
            "event.name == 'shop/paid'".into(),
            Box::new(of("shop/paid")),
        ),
        (
            "'shop/failed' == event.name".into(),
            Box::new(of("shop/failed")),
        ),
        ("trigger.kind == 'event'".into(), Box::new(all)),
        ("trigger.kind == 'cron'".into(), Box::new(|_| false)),
        ("event.data.n == 1".into(), Box::new(|run| run["n"] == 1)),
        (
            "event.id == 'shop/paid-2'".into(),
            Box::new(|run| run["n"] == 2 && run["name"] == "shop/paid"),
        ),
        (
            "event.data.n > 0 && run.status == 'COMPLETED'".into(),
            Box::new(|run| run["n"] != 0 && run["name"] == "shop/paid"),
        ),
        (
            "output.double == 4".into(),
            Box::new(|run| run["n"] == 2 && run["name"] == "shop/paid"),
        ),
        (
            "error.message.contains('declined')".into(),
            Box::new(of("shop/failed")),
        ),
        (
            "step('charge card').status == 'COMPLETED'".into(),
            Box::new(of("shop/paid")),
        ),
        (
            "step('charge card').output.n == 1".into(),
            Box::new(|run| run["n"] == 1 && run["name"] == "shop/paid"),
        ),
        (
            "step('another').status == 'COMPLETED'".into(),
            Box::new(|_| false),
        ),
        ("run.attempts == 1".into(), Box::new(of("shop/failed"))),
        (
            "run.queued_at > now_minus('1h') && run.ended_at <= now_plus('1h')".into(),
            Box::new(all),
        ),
        ("run.queued_at > now_plus('1h')".into(), Box::new(|_| false)),
        (
            "run.queued_at < now_minus('1h') || run.duration > duration('1h')".into(),
            Box::new(|_| false),
        ),
        (
            format!("run.id == '{first}'"),
            Box::new(move |run| run["id"] == first),
        ),
        (
            "output.double == 0 || error.name == 'CardError' && event.data.n == 2".into(),
            Box::new(|run| match run["name"].as_str().unwrap() {
                "shop/paid" => run["n"] == 0,
                _ => run["n"] == 2,
            }),
        ),
    ];
    for (search, is_meant) in cases {
        let meant = runs.iter().filter(|run| is_meant(run));
        let expected: Vec<_> = meant
            .map(|run| run["id"].as_str().unwrap().to_owned())
            .collect();
        for limit in [1, 100] {
            assert_eq!(
                found(&server, "/v2/runs", &search, limit).await,
                expected,
                "{search}"
            );
        }
    }
    // Together with a filter.
    let path =
        "/v2/runs?search=event.data.n%20%3E%200&status=FAILED&order=ASC&limit=1&includeOutput=true";
    let answer = server.get(path).await;
    assert_eq!(answer.json["data"][0]["id"], runs[2]["id"]);
    assert_eq!(answer.json["data"][0]["output"]["message"], "declined");
}

#[tokio::test]
async fn events_are_found_by_what_they_say() {
    let server = Server::start().await;
    let (_app, _) = shop(&server).await;
    let lonely = server.event("shop/nothing").await;
    let all = found(&server, "/v2/events", "true", 3).await;
    assert_eq!(all.len(), 7, "no internal ones");
    assert_eq!(all[0], lonely);
    let cases = [
        ("event.name == 'shop/nothing'", vec![all[0].clone()]),
        ("event.data.n == 2", vec![all[1].clone(), all[2].clone()]),
        (
            "event.data.n == 2 && event.name == 'shop/paid'",
            vec![all[2].clone()],
        ),
        (
            "event.name in ['shop/nothing', 'none', 1]",
            vec![all[0].clone()],
        ),
        ("event.id == 'shop/paid-0'", vec![all[6].clone()]),
        ("event.received_at > now_plus('1m')", vec![]),
        (
            "event.received_at > now_minus('1h') && event.data.n == 2",
            vec![all[1].clone(), all[2].clone()],
        ),
    ];
    for (search, expected) in cases {
        for limit in [1, 100] {
            assert_eq!(
                found(&server, "/v2/events", search, limit).await,
                expected,
                "{search}"
            );
        }
    }
    let listed = server.get("/v2/events?name=shop/paid&limit=2").await;
    let event = &listed.json["data"][0];
    assert_eq!(
        (&event["name"], &event["runCount"]),
        (&json!("shop/paid"), &json!(1))
    );
    assert_eq!(
        (&event["senderId"], &event["data"]),
        (&json!("shop/paid-2"), &json!({ "n": 2 }))
    );
    assert_eq!(listed.json["page"]["hasMore"], true);
    let either = "/v2/events?name=shop/nothing&name=shop/paid&limit=2";
    let listed = server.get(either).await.json;
    let names: Vec<_> = listed["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| &event["name"])
        .collect();
    assert_eq!(names, ["shop/nothing", "shop/paid"]);
    let cursor = listed["page"]["cursor"].as_str().unwrap();
    let rest = server.get(&format!("{either}&cursor={cursor}")).await.json;
    assert_eq!(rest["data"].as_array().unwrap().len(), 2, "{rest}");
    assert_eq!(
        rest["page"]["scannedTo"],
        Value::Null,
        "what searches say alone"
    );
    let many = vec!["name=x"; FILTER_VALUES_MAX + 1].join("&");
    let refused = server.get(&format!("/v2/events?{many}")).await;
    assert_eq!(refused.status, 400);
    let message = refused.json["errors"][0]["message"].as_str().unwrap();
    assert!(message.contains("has 101 values"), "{message}");
    let internal = server
        .get("/v2/events?includeInternal=true&limit=100")
        .await;
    assert!(internal.json["data"].as_array().unwrap().len() > 7);
}

#[tokio::test]
async fn what_is_wrong_with_a_search_is_told_with_its_place() {
    let server = Server::start().await;
    let verdict = async |body: Value| {
        let answer = server.post("/v2/search/validate", &body).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json["data"].clone()
    };
    let valid = verdict(json!({ "search": "run.status == 'FAILED'" })).await;
    assert_eq!(valid, json!({ "isValid": true }));
    let cases = [
        (
            "runs",
            "run.stauts == 'FAILED'",
            4,
            "`run` has no `stauts`; it has id, status",
        ),
        (
            "runs",
            "run.status == 'Failed'",
            4,
            "\"Failed\" is no status; it is written \"FAILED\"",
        ),
        (
            "runs",
            "run.status == 'ASLEEP'",
            4,
            "a status must be one of QUEUED",
        ),
        ("runs", "run.status ==", 13, "expected a value"),
        (
            "runs",
            "1 == 1 &&\n async.data.x",
            11,
            "there is no variable `async`; those of an expression are run, fn",
        ),
        (
            "runs",
            "step('a').outputs == 1",
            10,
            "`step` has no `outputs`",
        ),
        ("events", "event.nmae == 'x'", 6, "`event` has no `nmae`"),
        (
            "events",
            "run.status == 'FAILED'",
            0,
            "there is no variable `run`; those of an expression are event",
        ),
    ];
    for (over, search, offset, message) in cases {
        let verdict = verdict(json!({ "search": search, "over": over })).await;
        assert_eq!(verdict["isValid"], false, "{search}");
        let error = &verdict["error"];
        assert!(
            error["message"].as_str().unwrap().starts_with(message),
            "{error}"
        );
        assert_eq!(error["offset"], offset, "{search}");
        assert!(error["excerpt"].as_str().unwrap().ends_with('^'));
        let query: String = url::form_urlencoded::byte_serialize(search.as_bytes()).collect();
        let listed = server.get(&format!("/v2/{over}?search={query}")).await;
        assert_eq!(listed.status, 400);
        let error = listed.json["errors"][0]["message"].as_str().unwrap();
        assert!(
            error.starts_with(&format!("Field 'search' is no search: {message}")),
            "{error}"
        );
    }
    for (body, message) in [
        ("{}", "Field 'search' is required"),
        (
            r#"{"search":"true","over":"apps"}"#,
            "Field 'over' must be runs or events",
        ),
        ("[]", "The body must be an object"),
        ("{", "The body is not JSON: "),
    ] {
        let answer = server
            .send(Method::POST, "/v2/search/validate", &[], body)
            .await;
        assert_eq!(answer.status, 400);
        let error = answer.json["errors"][0]["message"].as_str().unwrap();
        assert!(error.starts_with(message), "{error}");
    }
}
