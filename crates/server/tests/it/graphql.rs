//! GraphQL: the selections of the harnesses of the SDKs, and what is wrong with others (http-api §6).

use serde_json::{Value, json};

use crate::support::app::{App, function, registration, sdk};
use crate::support::{Server, closed_port, masked, until};

/// The answer to a query: its data, or its errors.
async fn ask(server: &Server, query: &str, variables: Value) -> Value {
    let body = json!({ "query": query, "variables": variables });
    let answer = server.post("/v0/gql", &body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json
}

async fn data(server: &Server, query: &str, variables: Value) -> Value {
    let json = ask(server, query, variables).await;
    assert_eq!(json["errors"], Value::Null, "{json}");
    json["data"].clone()
}

async fn error(server: &Server, query: &str) -> String {
    let json = ask(server, query, json!({})).await;
    json["errors"][0]["message"]
        .as_str()
        .unwrap_or_else(|| panic!("{query}: {json}"))
        .to_owned()
}

/// A server with an app whose function returns, and one run of it that has ended.
async fn with_run() -> (Server, App, String, String) {
    let server = Server::start().await;
    let app = App::start(|_| async { sdk(200, &json!({ "sum": 3 })) }).await;
    app.register(&server).await;
    let event = server.event("shop/paid").await;
    let run = server.ended_run(&event).await;
    let run = run["run_id"].as_str().unwrap().to_owned();
    (server, app, event, run)
}

#[tokio::test]
async fn the_selections_of_the_javascript_harness_have_answers() {
    let (server, _app, event, run) = with_run().await;
    let query = "query ($run: String!) { run(runID: $run) { status } }";
    assert_eq!(
        data(&server, query, json!({ "run": run })).await,
        json!({ "run": { "status": "COMPLETED" } })
    );
    let stream = "{ stream(query: { limit: 999 }) { id trigger type inBatch runs { id status } } }";
    let run_view = json!({ "id": run, "status": "COMPLETED" });
    assert_eq!(
        data(&server, stream, json!({})).await,
        json!({ "stream": [{ "id": event, "trigger": "shop/paid", "type": "EVENT", "inBatch": false, "runs": [run_view] }] })
    );
    let events = "{ events(query: {}) { id name status pendingRuns totalRuns payload } }";
    assert_eq!(
        data(&server, events, json!({})).await,
        json!({ "events": [{
            "id": event, "name": "shop/paid", "status": "COMPLETED", "pendingRuns": 0,
            "totalRuns": 1, "payload": "{\"n\":1}",
        }] })
    );
    let event_v2 = "query ($id: ULID!) { eventV2(id: $id) { id name raw idempotencyKey occurredAt receivedAt runs { id status } } }";
    let view = data(&server, event_v2, json!({ "id": event })).await;
    let mut raw: Value = serde_json::from_str(view["eventV2"]["raw"].as_str().unwrap()).unwrap();
    assert!(raw["ts"].take().is_i64());
    assert_eq!(
        raw,
        json!({ "data": { "n": 1 }, "id": event, "name": "shop/paid", "ts": null, "v": null })
    );
    assert_eq!(view["eventV2"]["runs"], json!([run_view]));
    let function_run = "query ($id: String!) { functionRun(query: { functionRunId: $id }) { id status output eventID event { name } function { slug } } }";
    assert_eq!(
        data(&server, function_run, json!({ "id": run })).await,
        json!({ "functionRun": {
            "id": run, "status": "COMPLETED", "output": "{\"sum\":3}", "eventID": event,
            "event": { "name": "shop/paid" }, "function": { "slug": "shop-pay" },
        } })
    );
}

#[tokio::test]
async fn the_selections_of_the_go_client_have_answers() {
    let (server, _app, event, run) = with_run().await;
    let functions = "{ functions { id name slug app { id externalID name } } }";
    let view = data(&server, functions, json!({})).await;
    let first = &view["functions"][0];
    assert_eq!(first["slug"], "shop-pay");
    assert_eq!(first["app"]["externalID"], "shop");
    let function_runs =
        "query ($id: String!) { event(query: { eventId: $id }) { functionRuns { id } } }";
    assert_eq!(
        data(&server, function_runs, json!({ "id": event })).await,
        json!({ "event": { "functionRuns": [{ "id": run }] } })
    );
    let trigger = "query ($run: String!) { runTrigger(runID: $run) { eventName IDs payloads timestamp isBatch batchID cron } }";
    let view = data(&server, trigger, json!({ "run": run })).await;
    let view = &view["runTrigger"];
    assert_eq!(
        (&view["eventName"], &view["IDs"]),
        (&json!("shop/paid"), &json!([event]))
    );
    assert!(view["payloads"][0].as_str().unwrap().contains("\"n\":1"));
    assert_eq!(
        (&view["isBatch"], &view["batchID"], &view["cron"]),
        (&json!(false), &json!(null), &json!(null))
    );
}

#[tokio::test]
async fn a_run_has_all_that_the_newer_queries_ask() {
    let (server, _app, event, run) = with_run().await;
    let query = "query ($run: String!) { run(runID: $run) {
        id appID functionID traceID queuedAt startedAt endedAt status sourceID triggerIDs eventName isBatch
        batchCreatedAt cronSchedule output hasAI isDeferred
        app { name method sdkLanguage sdkVersion framework functionCount connected autodiscovered error }
        function { slug concurrency triggers { type value condition }
          configuration { retries { value isDefault } concurrency { scope limit { value isPlanLimit } key } priority } }
        defers { fnSlug } siblingDefers { fnSlug } deferredFrom { runID }
    } }";
    let view = data(&server, query, json!({ "run": run })).await;
    let run_view = &view["run"];
    let expected = json!({
        "id": "<ulid>", "appID": run_view["appID"], "functionID": run_view["functionID"],
        "traceID": run_view["traceID"], "queuedAt": "<time>", "startedAt": "<time>",
        "endedAt": "<time>", "status": "COMPLETED", "sourceID": null, "triggerIDs": ["<ulid>"],
        "eventName": "shop/paid", "isBatch": false, "batchCreatedAt": null, "cronSchedule": null,
        "output": "{\"sum\":3}", "hasAI": false, "isDeferred": false,
        "app": {
            "name": "shop", "method": "SERVE", "sdkLanguage": "js", "sdkVersion": "4.24.0",
            "framework": "nodejs", "functionCount": 1, "connected": true, "autodiscovered": false,
            "error": null,
        },
        "function": {
            "slug": "shop-pay", "concurrency": 0,
            "triggers": [{ "type": "EVENT", "value": "shop/paid", "condition": null }],
            "configuration": {
                "retries": { "value": 0, "isDefault": false },
                "concurrency": [{ "scope": "ACCOUNT", "limit": { "value": -1, "isPlanLimit": true }, "key": null }],
                "priority": null,
            },
        },
        "defers": [], "siblingDefers": [], "deferredFrom": [],
    });
    assert_eq!(masked(run_view), expected);
    assert_eq!(run_view["triggerIDs"][0], json!(event));
}

#[tokio::test]
async fn a_configuration_is_shown_whole() {
    let server = Server::start().await;
    let app = App::start(|_| async { sdk(200, &json!(1)) }).await;
    let more = json!({
        "concurrency": [{ "limit": 2, "key": "event.data.user", "scope": "env" }],
        "throttle": { "limit": 3, "period": "1m", "burst": 2 },
        "priority": { "run": "10" },
        "debounce": { "period": "5s", "key": "event.data.user" },
        "singleton": { "mode": "cancel" },
        "cancel": [{ "event": "shop/stop", "if": "async.data.n == event.data.n", "timeout": "1h" }],
    });
    let registered = registration(
        &app.url(),
        &[function("shop-pay", "shop/paid", &app.url(), more)],
    );
    assert_eq!(server.post("/fn/register", &registered).await.status, 200);
    let query = "{ functionBySlug(query: { functionSlug: \"shop-pay\" }) { configuration {
        concurrency { scope limit { value isPlanLimit } key } throttle { limit period burst key }
        priority debounce { period key } singleton { mode key } rateLimit { limit } eventsBatch { maxSize }
        cancellations { event timeout condition } } } }";
    let view = data(&server, query, json!({})).await;
    assert_eq!(
        view["functionBySlug"]["configuration"],
        json!({
            "concurrency": [{ "scope": "ENVIRONMENT", "limit": { "value": 2, "isPlanLimit": false }, "key": "event.data.user" }],
            "throttle": { "limit": 3, "period": "1m", "burst": 2, "key": null },
            "priority": "10",
            "debounce": { "period": "5s", "key": "event.data.user" },
            "singleton": { "mode": "CANCEL", "key": null },
            "rateLimit": null, "eventsBatch": null,
            "cancellations": [{ "event": "shop/stop", "timeout": "1h", "condition": "async.data.n == event.data.n" }],
        })
    );
}

#[tokio::test]
async fn runs_and_events_come_in_pages() {
    let (server, _app, _event, first) = with_run().await;
    let mut runs = vec![first];
    for _ in 0..4 {
        let event = server.event("shop/paid").await;
        let run = server.ended_run(&event).await;
        runs.push(run["run_id"].as_str().unwrap().to_owned());
    }
    let query = "query ($after: String) { runs(first: 2, after: $after, orderBy: [{ field: QUEUED_AT, direction: ASC }],
        filter: { from: \"2020-01-01T00:00:00Z\", status: [COMPLETED] }, preview: true) {
        edges { cursor node { id status queuedAt } } pageInfo { hasNextPage hasPreviousPage endCursor } totalCount(preview: true) } }";
    let (mut after, mut seen) = (Value::Null, Vec::new());
    for page in 0..3 {
        let view = data(&server, query, json!({ "after": after })).await;
        let view = &view["runs"];
        assert_eq!(view["totalCount"], 5);
        let edges = view["edges"].as_array().unwrap();
        seen.extend(
            edges
                .iter()
                .map(|edge| edge["node"]["id"].as_str().unwrap().to_owned()),
        );
        let info = &view["pageInfo"];
        assert_eq!(info["hasNextPage"], json!(page < 2), "{view}");
        assert_eq!(info["hasPreviousPage"], json!(page > 0));
        assert_eq!(info["endCursor"], edges.last().unwrap()["cursor"]);
        after = info["endCursor"].clone();
    }
    assert_eq!(seen, runs);

    let query = "query ($after: String) { eventsV2(first: 3, after: $after, filter: { from: \"2020-01-01T00:00:00Z\" }) {
        edges { node { name } } pageInfo { hasNextPage endCursor } totalCount } }";
    let view = data(&server, query, json!({})).await;
    let info = &view["eventsV2"]["pageInfo"];
    assert_eq!(
        (&info["hasNextPage"], &view["eventsV2"]["totalCount"]),
        (&json!(true), &json!(5))
    );
    let view = data(&server, query, json!({ "after": info["endCursor"] })).await;
    assert_eq!(view["eventsV2"]["edges"].as_array().unwrap().len(), 2);
    assert_eq!(view["eventsV2"]["pageInfo"]["hasNextPage"], json!(false));
}

#[tokio::test]
async fn the_trace_of_a_run_is_a_tree_with_outputs() {
    let server = Server::start().await;
    let app = App::start(|asked| async move {
        let stack = asked.json["ctx"]["stack"]["stack"].as_array().map_or(0, Vec::len);
        match stack {
            0 => sdk(206, &json!([{ "op": "StepRun", "id": "a", "name": "first", "displayName": "first", "data": { "n": 1 } }])),
            1 => sdk(206, &json!([{ "op": "Sleep", "id": "b", "name": "1ms", "displayName": "nap" }])),
            2 => sdk(206, &json!([{ "op": "StepFailed", "id": "c", "name": "bad", "displayName": "bad", "error": { "name": "Error", "message": "never" } }])),
            _ => sdk(200, &json!("caught")),
        }
    })
    .await;
    app.register(&server).await;
    let event = server.event("shop/paid").await;
    let run = server.ended_run(&event).await;
    let run = run["run_id"].as_str().unwrap();
    let query = "query ($run: String!) { run(runID: $run) { status traceID trace(preview: true) {
        name status isRoot outputID traceID metadata { scope kind values updatedAt }
        childrenSpans { name status stepOp stepID stepType spanID outputID duration isRoot parentSpan { name }
          stepInfo { ... on SleepStepInfo { sleepUntil } ... on RunStepInfo { type } }
          childrenSpans { name } } } } }";
    let view = data(&server, query, json!({ "run": run })).await;
    let root = &view["run"]["trace"];
    assert_eq!(
        (&root["name"], &root["status"], &root["isRoot"]),
        (&json!("Run"), &json!("COMPLETED"), &json!(true))
    );
    assert_eq!(root["traceID"], view["run"]["traceID"]);
    let children = root["childrenSpans"].as_array().unwrap();
    let seen: Vec<_> = children
        .iter()
        .map(|span| {
            (
                span["name"].as_str().unwrap(),
                span["status"].as_str().unwrap(),
                span["stepOp"].as_str(),
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            ("first", "COMPLETED", Some("RUN")),
            ("nap", "COMPLETED", Some("SLEEP")),
            ("bad", "FAILED", Some("RUN")),
            ("Finalization", "COMPLETED", None),
        ]
    );
    assert!(children[1]["stepInfo"]["sleepUntil"].is_string());
    assert_eq!(children[0]["parentSpan"]["name"], "Run");
    assert_eq!(children[3]["stepType"], "FINALIZATION");
    let output = "query ($id: String!) { runTraceSpanOutputByID(outputID: $id) { data error { message name } } }";
    for (id, expected) in [
        (
            &root["outputID"],
            json!({ "data": "\"caught\"", "error": null }),
        ),
        (
            &children[0]["outputID"],
            json!({ "data": "{\"n\":1}", "error": null }),
        ),
        (
            &children[2]["outputID"],
            json!({ "data": null, "error": { "message": "never", "name": "Error" } }),
        ),
    ] {
        let view = data(&server, output, json!({ "id": id })).await;
        assert_eq!(view["runTraceSpanOutputByID"], expected);
    }
    let alone = format!("{{ runTrace(runID: \"{run}\") {{ name childrenSpans {{ name }} }} }}");
    let view = data(&server, &alone, json!({})).await;
    assert_eq!(
        view["runTrace"]["childrenSpans"].as_array().unwrap().len(),
        4
    );
    let bad = "{ runTraceSpanOutputByID(outputID: \"x\") { data } }";
    assert_eq!(
        error(&server, bad).await,
        "\"x\" is not the id of an output"
    );
}

#[tokio::test]
async fn runs_and_events_are_searched() {
    let (server, _app, event, run) = with_run().await;
    server
        .post(
            "/e/key",
            &json!({ "name": "shop/paid", "data": { "n": 2 } }),
        )
        .await;
    let found = async |condition: &str| {
        let query = "query ($q: String) { runs(orderBy: [], filter: { from: \"2020-01-01T00:00:00Z\", query: $q }) { edges { node { id } } } }";
        let view = data(&server, query, json!({ "q": condition })).await;
        let edges = view["runs"]["edges"].as_array().unwrap().clone();
        edges
            .iter()
            .map(|edge| edge["node"]["id"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    until("both runs have ended", async || {
        (found("output.sum == 3").await.len() == 2).then_some(())
    })
    .await;
    assert_eq!(
        found("event.name == 'shop/paid'\nevent.data.n == 1").await,
        [run]
    );
    let query = "{ eventsV2(filter: { from: \"2020-01-01T00:00:00Z\", query: \"event.data.n == 1\" }) { edges { node { id } } } }";
    let view = data(&server, query, json!({})).await;
    assert_eq!(
        view["eventsV2"]["edges"],
        json!([{ "node": { "id": event } }])
    );
    let bad = "{ runs(orderBy: [], filter: { from: \"2020-01-01T00:00:00Z\", query: \"event.data.n ==\" }) { totalCount } }";
    assert!(!error(&server, bad).await.is_empty());
}

#[tokio::test]
async fn a_function_is_invoked_and_its_run_cancelled() {
    let server = Server::start().await;
    let sleep = json!([{ "op": "Sleep", "id": "a", "name": "1h", "displayName": "nap" }]);
    let app = App::start(move |_| {
        let sleep = sleep.clone();
        async move { sdk(206, &sleep) }
    })
    .await;
    app.register(&server).await;
    let invoke =
        "mutation { invokeFunction(functionSlug: \"shop-pay\", data: { n: 7 }, user: null) }";
    assert_eq!(
        data(&server, invoke, json!({})).await,
        json!({ "invokeFunction": true })
    );
    let running = "{ runs(orderBy: [], filter: { from: \"2020-01-01T00:00:00Z\", status: [RUNNING] }) { edges { node { id eventName } } } }";
    let run = until("the run is running", async || {
        let view = data(&server, running, json!({})).await;
        Some(
            view["runs"]["edges"].get(0)?["node"]["id"]
                .as_str()?
                .to_owned(),
        )
    })
    .await;
    let cancel = "mutation ($run: ULID!) { cancelRun(runID: $run) { id status } }";
    for _ in 0..2 {
        assert_eq!(
            data(&server, cancel, json!({ "run": run })).await,
            json!({ "cancelRun": { "id": run, "status": "CANCELLED" } }),
            "again is no error"
        );
    }
    let log = server.get("/v2/audit").await.json["data"].clone();
    assert_eq!(log.as_array().unwrap().len(), 1, "{log}");
}

#[tokio::test]
async fn a_run_is_run_once_more() {
    let server = Server::start().await;
    let app = App::start(|asked| async move {
        let stack = asked.json["ctx"]["stack"]["stack"].as_array().map_or(0, Vec::len);
        match stack {
            0 => sdk(206, &json!([{ "op": "StepRun", "id": "a", "name": "first", "displayName": "first", "data": 1 }])),
            _ => sdk(200, &asked.json["steps"]),
        }
    })
    .await;
    app.register(&server).await;
    let event = server.event("shop/paid").await;
    let run = server.ended_run(&event).await;
    let run = run["run_id"].as_str().unwrap();
    let whole = "mutation ($run: ULID!) { rerun(runID: $run) }";
    let new = data(&server, whole, json!({ "run": run })).await;
    let new = new["rerun"].as_str().unwrap().to_owned();
    assert_ne!(new, run);
    until("the new run has ended", async || {
        let view = server.get(&format!("/v1/runs/{new}")).await.json;
        (view["data"]["status"] == "Completed").then_some(())
    })
    .await;
    let from = "mutation ($run: ULID!, $step: String!, $input: Bytes) { rerun(runID: $run, fromStep: { stepID: $step, input: $input }) }";
    let view = data(
        &server,
        from,
        json!({ "run": run, "step": "a", "input": "[7]" }),
    )
    .await;
    assert!(view["rerun"].is_string());
    for (step, input, says) in [
        ("none", json!(null), "none"),
        ("a", json!("{}"), "not a list"),
        ("a", json!("["), ""),
    ] {
        let refused = ask(
            &server,
            from,
            json!({ "run": run, "step": step, "input": input }),
        )
        .await;
        let message = refused["errors"][0]["message"].as_str().unwrap();
        assert!(message.contains(says), "{message}");
    }
}

#[tokio::test]
async fn an_app_is_added_by_its_url() {
    let server = Server::start().await;
    let create =
        "mutation ($url: String!) { createApp(input: { url: $url }) { url error connected } }";
    let closed = format!("http://127.0.0.1:{}/api/inngest", closed_port().await);
    let view = data(&server, create, json!({ "url": closed })).await;
    assert_eq!(view["createApp"]["error"], "unreachable");
    assert_eq!(view["createApp"]["connected"], json!(false));
    let apps = data(&server, "{ apps { externalID error } }", json!({})).await;
    assert_eq!(apps["apps"].as_array().unwrap().len(), 1, "it is kept");
    let refused = ask(&server, create, json!({ "url": "ftp://x/y" })).await;
    let message = refused["errors"][0]["message"].as_str().unwrap();
    assert!(message.contains("not reached by"), "{message}");
}

#[tokio::test]
async fn what_is_wrong_with_a_query_is_said() {
    let (server, _app, _event, run) = with_run().await;
    let ended = format!("mutation {{ cancelRun(runID: \"{run}\") {{ id }} }}");
    for (query, message) in [
        (
            "{ run(runID: \"x\") { id } }",
            "\"x\" is not the id of a run",
        ),
        (
            "{ nothing }",
            "Unknown field \"nothing\" on type \"Query\".",
        ),
        ("{ run", " --> 1:6"),
        (
            "{ eventV2(id: \"01HZZZZZZZZZZZZZZZZZZZ1000\") { id } }",
            "event not found",
        ),
        (
            "{ runs(after: \"x\", orderBy: [], filter: { from: \"2020-01-01T00:00:00Z\" }) { totalCount } }",
            "\"x\" is not a cursor of this list",
        ),
        (
            "{ runs(orderBy: [], filter: { from: \"soon\" }) { totalCount } }",
            "\"soon\" is not a time as of RFC 3339",
        ),
        (&*ended, "cannot cancel an ended run"),
    ] {
        let error = error(&server, query).await;
        assert!(error.contains(message), "{query}: {error}");
    }
    let none = "{ run(runID: \"01HZZZZZZZZZZZZZZZZZZZ1000\") { id } }";
    assert_eq!(data(&server, none, json!({})).await, json!({ "run": null }));
    let answer = server.post("/v0/gql", &json!([1])).await;
    assert_eq!(answer.status, 400);
    let message = answer.json["errors"][0]["message"].as_str().unwrap();
    assert!(message.starts_with("the body is not {query, variables?, operationName?}"));
}

#[tokio::test]
async fn a_query_that_is_too_deep_or_too_long_is_refused() {
    let (server, _app, _event, _run) = with_run().await;
    let deep = format!(
        "{{ functions {}{} }}",
        "{ app { functions ".repeat(25),
        "{ id } ".to_owned() + &"} }".repeat(25)
    );
    assert!(error(&server, &deep).await.contains("recursion depth"));
    let wide: String = (0..2_001)
        .map(|n| format!("f{n}: functions {{ id }} "))
        .collect();
    let wide = format!("{{ {wide} }}");
    assert!(error(&server, &wide).await.contains("too complex"));
}

#[tokio::test]
async fn the_schema_can_be_asked_for() {
    let server = Server::start().await;
    let query = "{ __schema { queryType { fields { name } } mutationType { fields { name } } } }";
    let view = data(&server, query, json!({})).await;
    let fields = view["__schema"]["queryType"]["fields"].as_array().unwrap();
    assert!(fields.iter().any(|field| field["name"] == "runTrigger"));
}

#[tokio::test]
async fn the_history_of_a_run_is_what_happened_in_it() {
    let server = Server::start().await;
    let app = App::start(|asked| async move {
        match asked.json["steps"].as_object().map(serde_json::Map::len) {
            Some(0) => sdk(
                206,
                &json!([{ "op": "StepRun", "id": "a", "name": "charge", "displayName": "charge", "data": { "sum": 3 } }]),
            ),
            Some(1) => sdk(206, &json!([{ "op": "Sleep", "id": "s", "name": "1s", "displayName": "nap" }])),
            _ => sdk(200, &json!("done")),
        }
    })
    .await;
    app.register(&server).await;
    let event = server.event("shop/paid").await;
    let run = server.ended_run(&event).await["run_id"].clone();
    let query = "query ($id: String!) { functionRun(query: { functionRunId: $id }) { history {
        id type attempt stepName stepType groupID functionVersion createdAt url sleep { until }
        waitForEvent { eventName } invokeFunction { functionID } result { durationMS errorCode }
    } } }";
    let seen = data(&server, query, json!({ "id": run })).await;
    let history = seen["functionRun"]["history"].as_array().unwrap().clone();
    let kinds: Vec<_> = history
        .iter()
        .map(|item| (item["type"].as_str().unwrap(), item["stepName"].as_str()))
        .filter(|(kind, _)| *kind != "StepScheduled" && *kind != "StepStarted")
        .collect();
    let expected = [
        ("FunctionScheduled", None),
        ("FunctionStarted", None),
        ("StepCompleted", Some("charge")),
        ("StepSleeping", Some("nap")),
        ("StepCompleted", Some("nap")),
        ("FunctionCompleted", None),
    ];
    assert_eq!(kinds, expected);
    let of = |kind: &str| history.iter().find(|item| item["type"] == kind).unwrap();
    assert_eq!(of("StepCompleted")["stepType"], "Run");
    assert_eq!(of("FunctionStarted")["url"], app.url());
    assert_eq!(of("StepCompleted")["url"], Value::Null);
    assert!(of("StepSleeping")["sleep"]["until"].is_string());
    let ids: std::collections::BTreeSet<_> =
        history.iter().map(|it| it["id"].to_string()).collect();
    assert_eq!(ids.len(), history.len(), "each has its own");
    let query = "query ($id: String!, $item: ULID!) {
        functionRun(query: { functionRunId: $id }) { historyItemOutput(id: $item) } }";
    for (item, output) in [
        (of("StepCompleted"), json!("{\"sum\":3}")),
        (of("FunctionCompleted"), json!("\"done\"")),
        (of("FunctionScheduled"), Value::Null),
    ] {
        let variables = json!({ "id": run, "item": item["id"] });
        let seen = data(&server, query, variables).await;
        assert_eq!(seen["functionRun"]["historyItemOutput"], output);
    }
}

#[tokio::test]
async fn what_does_not_exist_here_is_empty() {
    let server = Server::start().await;
    let workers = "{ workerConnections(first: 10, orderBy: [{ field: CONNECTED_AT, direction: DESC }],
        filter: { appIDs: [], status: [READY] }) {
        edges { node { id status connectedAt app { name } } cursor } pageInfo { hasNextPage } totalCount } }";
    let none = json!({ "edges": [], "pageInfo": { "hasNextPage": false }, "totalCount": 0 });
    assert_eq!(
        data(&server, workers, json!({})).await,
        json!({ "workerConnections": none })
    );
    let debug = "{ debugRun(query: { functionSlug: \"shop-pay\", debugRunID: \"x\" }) { debugTraces { name } } }";
    assert_eq!(
        data(&server, debug, json!({})).await,
        json!({ "debugRun": { "debugTraces": [] } })
    );
}

#[tokio::test]
async fn events_of_several_names_are_listed() {
    let server = Server::start().await;
    for name in ["shop/a", "shop/b", "shop/c"] {
        server.event(name).await;
    }
    let query = "query ($names: [String!]) { eventsV2(filter: { from: \"2020-01-01T00:00:00Z\", eventNames: $names }) {
        edges { node { name } } totalCount } }";
    let seen = data(
        &server,
        query,
        json!({ "names": ["shop/c", "shop/a", "none"] }),
    )
    .await;
    let edges = [
        json!({ "node": { "name": "shop/c" } }),
        json!({ "node": { "name": "shop/a" } }),
    ];
    let expected = json!({ "eventsV2": { "edges": edges, "totalCount": 2 } });
    assert_eq!(seen, expected);
}
