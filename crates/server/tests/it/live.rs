//! The live feed: what changes is told to those who look at it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use everstep_server::dev::Data;
use http::Method;
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio_tungstenite::tungstenite::Message;

use crate::support::app::{App, sdk};
use crate::support::live::{Events, Live};
use crate::support::{Server, masked};

/// An app of one step, which answers a call when it may.
async fn app_that_waits() -> (App, Arc<Semaphore>) {
    let turns = Arc::new(Semaphore::new(0));
    let given = Arc::clone(&turns);
    let app = App::start(move |asked| {
        let turns = Arc::clone(&given);
        async move {
            turns.acquire().await.unwrap().forget();
            if asked.json["steps"] == json!({}) {
                let step = json!({ "op": "StepRun", "id": "a1", "displayName": "a", "data": 1 });
                return sdk(206, &json!([step]));
            }
            sdk(200, &json!("done"))
        }
    })
    .await;
    (app, turns)
}

async fn on_disk(folder: &Path) -> Server {
    let data = Data::Folder(folder.to_owned());
    Server::with(|config| config.data = data).await
}

/// Whether the message tells of a row that is like this.
fn has(message: &Value, member: &str, value: impl Into<Value>) -> bool {
    let value = value.into();
    let mut rows = message["data"].as_array().into_iter().flatten();
    rows.any(|row| row[member] == value)
}

#[tokio::test]
async fn a_run_is_followed_from_its_start_to_its_end() {
    let server = Server::start().await;
    let (app, turns) = app_that_waits().await;
    app.register(&server).await;
    let mut live = Live::connect(&server).await;
    let all = live.follow("runs", None).await;
    assert_eq!(
        (&all["kind"], &all["data"]),
        (&json!("snapshot"), &json!([]))
    );

    let event = server.event("shop/paid").await;
    let started = live.until(|it| has(it, "status", "RUNNING")).await;
    assert_eq!(started["kind"], "delta");
    let run = started["data"][0]["id"].as_str().unwrap().to_owned();
    let topic = format!("run:{run}");
    let snapshot = live.follow(&topic, None).await;
    assert_eq!(snapshot["kind"], "snapshot");
    let expected = json!([{
        "id": "<ulid>",
        "function": { "id": "pay", "name": "shop-pay", "app": { "id": "shop" } },
        "app": { "id": "shop" },
        "status": "RUNNING",
        "queuedAt": "<time>",
        "startedAt": "<time>",
        "trigger": { "eventIds": ["<ulid>"], "eventName": "shop/paid" },
    }]);
    assert_eq!(masked(&snapshot["data"]), expected);
    assert_eq!(snapshot["data"][0]["id"], run);
    assert_eq!(snapshot["data"][0]["trigger"]["eventIds"][0], event);

    turns.add_permits(1);
    let of_step = |it: &Value| it["topic"] == topic && !it["data"][0]["steps"].is_null();
    let step = live.until(of_step).await;
    let expected = json!([{
        "stepId": "a1", "name": "a", "status": "COMPLETED", "queuedAt": "<time>", "endedAt": "<time>",
    }]);
    let mut steps = masked(&step["data"][0]["steps"]);
    steps[0].as_object_mut().unwrap().remove("startedAt");
    assert_eq!(steps, expected);
    assert_eq!(step["data"][0]["status"], "RUNNING");

    turns.add_permits(1);
    let mut last = Vec::new();
    for _ in 0..2 {
        last.push(live.until(|it| has(it, "status", "COMPLETED")).await);
    }
    assert_eq!(last[0]["data"][0]["id"], run);
    assert_eq!(last[1]["data"][0]["id"], run);
    let row = &last[0]["data"][0];
    assert!(
        row["endedAt"].is_string() && row["durationMs"].is_string(),
        "{row}"
    );
    let topics: Vec<_> = last.iter().map(|it| it["topic"].clone()).collect();
    assert_eq!(topics, [json!("runs"), json!(topic)]);
}

#[tokio::test]
async fn an_event_is_followed_with_its_runs() {
    let server = Server::start().await;
    let (app, turns) = app_that_waits().await;
    app.register(&server).await;
    turns.add_permits(2);
    let mut live = Live::connect(&server).await;
    live.follow("events", None).await;
    let event = server.event("shop/paid").await;
    let told = live.until(|it| has(it, "id", &*event)).await;
    let expected = json!([{
        "id": "<ulid>", "name": "shop/paid", "ts": "<time>", "receivedAt": "<time>", "runCount": 1,
    }]);
    assert_eq!(masked(&told["data"]), expected);
    server.ended_run(&event).await;
    let snapshot = live.follow(&format!("event:{event}"), None).await;
    let row = &snapshot["data"][0];
    assert_eq!(
        (&row["id"], &row["runs"][0]["status"]),
        (&json!(event), &json!("COMPLETED"))
    );
}

#[tokio::test]
async fn the_other_topics_name_what_changed() {
    let server = Server::start().await;
    let mut live = Live::connect(&server).await;
    for topic in ["apps", "functions", "flow", "operations", "audit"] {
        assert_eq!(live.follow(topic, None).await["kind"], "snapshot");
    }
    let (app, _turns) = app_that_waits().await;
    app.register(&server).await;
    for topic in ["apps", "functions"] {
        let told = live.until(|it| it["topic"] == topic).await;
        assert!(told["data"][0]["id"].is_string(), "{told}");
    }
    let pause = server
        .post(
            "/v2/functions/shop-pay/pause",
            &json!({ "newRuns": "skip", "running": "finish" }),
        )
        .await;
    assert_eq!(pause.status, 200, "{pause:?}");
    // The entry is of the commit that pauses, and may be told of first.
    let mut topics = std::collections::BTreeMap::new();
    while topics.len() < 2 {
        let told = live
            .until(|it| it["topic"] == "flow" || it["topic"] == "audit")
            .await;
        topics.insert(told["topic"].to_string(), told["data"].clone());
    }
    assert_eq!(topics["\"flow\""], json!([]));
    let entry = server.get("/v2/audit").await.json["data"][0].clone();
    assert_eq!(topics["\"audit\""], json!([{ "id": entry["id"] }]));
    let cancel = json!({ "kind": "cancel", "filter": { "appId": ["shop"] } });
    let operation = server.post("/v2/bulk-operations", &cancel).await.json;
    assert!(operation["data"]["id"].is_string(), "{operation}");
    let told = live.until(|it| it["topic"] == "operations").await;
    assert_eq!(told["data"][0]["id"], operation["data"]["id"]);
}

#[tokio::test]
async fn ten_clients_are_told_the_same() {
    let server = Server::start().await;
    let mut clients = Vec::new();
    for _ in 0..10 {
        let mut live = Live::connect(&server).await;
        live.follow("events", None).await;
        clients.push(live);
    }
    let event = server.event("shop/paid").await;
    let mut told = Vec::new();
    for live in &mut clients {
        told.push(live.next().await);
    }
    assert!(has(&told[0], "id", event), "{told:?}");
    assert!(told.iter().all(|it| *it == told[0]), "{told:?}");
}

#[tokio::test]
async fn who_comes_back_misses_nothing() {
    let server = Server::start().await;
    let mut live = Live::connect(&server).await;
    live.follow("events", None).await;
    let first = server.event("shop/paid").await;
    let told = live.until(|it| has(it, "id", &*first)).await;
    drop(live);
    let mut missed = Vec::new();
    for _ in 0..5 {
        missed.push(server.event("shop/paid").await);
    }
    let mut live = Live::connect(&server).await;
    let mut ids = Vec::new();
    let mut message = live.follow("events", Some(&told["cursor"])).await;
    loop {
        assert_eq!(message["kind"], "delta");
        let rows = message["data"].as_array().unwrap();
        ids.extend(
            rows.iter()
                .map(|row| row["id"].as_str().unwrap().to_owned()),
        );
        if ids.len() >= missed.len() {
            break;
        }
        message = live.next().await;
    }
    assert_eq!(ids, missed);
    // What is not followed any more is not told.
    live.say(r#"{"unsub":"events"}"#).await;
    live.follow("apps", None).await;
    server.event("shop/paid").await;
    let (app, _turns) = app_that_waits().await;
    app.register(&server).await;
    assert_eq!(live.next().await["topic"], "apps");
}

#[tokio::test]
async fn a_cursor_of_an_earlier_process_is_a_gap() {
    let folder = tempfile::tempdir().unwrap();
    let server = on_disk(folder.path()).await;
    let mut live = Live::connect(&server).await;
    live.follow("events", None).await;
    server.event("shop/paid").await;
    let cursor = live.next().await["cursor"].clone();
    let (_, closed) = tokio::join!(server.dev.stop(Duration::ZERO), live.closed());
    assert_eq!(u16::from(closed.unwrap().code), 1001);

    let server = on_disk(folder.path()).await;
    let mut live = Live::connect(&server).await;
    let gap = live.follow("events", Some(&cursor)).await;
    assert_eq!((&gap["kind"], &gap["data"]), (&json!("gap"), &Value::Null));
    let event = server.event("shop/paid").await;
    assert!(has(&live.next().await, "id", event));
}

#[tokio::test]
async fn too_much_at_a_time_is_a_gap() {
    let server = Server::start().await;
    let mut live = Live::connect(&server).await;
    live.follow("events", None).await;
    let events = vec![json!({ "name": "shop/paid" }); 500];
    assert_eq!(server.post("/e/key", &events.into()).await.status, 200);
    let gap = live.next().await;
    assert_eq!(
        (&gap["topic"], &gap["kind"]),
        (&json!("events"), &json!("gap"))
    );
    // From there it goes on.
    let event = server.event("shop/paid").await;
    let told = live.next().await;
    assert!(has(&told, "id", event), "{told}");
}

#[tokio::test]
async fn what_a_client_gets_wrong_it_is_told() {
    let server = Server::start().await;
    let mut live = Live::connect(&server).await;
    let unknown = "run:01JD00000000000000000000G1";
    let long = json!({ "sub": "x".repeat(5000) }).to_string();
    let cases: [(Message, &str, &str); 6] = [
        (
            "runs".into(),
            "invalid_request",
            "the message is not JSON of the form",
        ),
        (
            r#"{"sub":"jobs"}"#.into(),
            "invalid_field_format",
            "\"jobs\" is no topic",
        ),
        (
            r#"{"sub":"runs","cursor":"x"}"#.into(),
            "invalid_field_format",
            "the cursor is not one that this feed gave out",
        ),
        (
            json!({ "sub": unknown }).to_string().into(),
            "not_found",
            "run:01JD00000000000000000000G1 does not exist",
        ),
        (
            long.into(),
            "invalid_request",
            "a message has at most 4096 bytes, this one has 5010",
        ),
        (
            Message::binary(vec![1, 2]),
            "invalid_request",
            "it is binary",
        ),
    ];
    for (message, code, text) in cases {
        live.say(message).await;
        let error = live.next().await;
        assert_eq!(
            (&error["kind"], &error["code"]),
            (&json!("error"), &json!(code))
        );
        assert!(error["message"].as_str().unwrap().contains(text), "{error}");
    }
    for number in 0..32 {
        let event = server.event("shop/paid").await;
        let first = live.follow(&format!("event:{event}"), None).await;
        assert_eq!(first["kind"], "snapshot", "{number}");
    }
    live.say(r#"{"sub":"runs"}"#).await;
    let error = live.next().await;
    assert_eq!(error["message"], "a connection follows at most 32 topics");
}

#[tokio::test]
async fn a_message_that_is_much_too_long_ends_the_connection() {
    let server = Server::start().await;
    let mut live = Live::connect(&server).await;
    live.say("x".repeat(65 * 1024)).await;
    live.closed().await;
    // Others are served on.
    assert_eq!(
        Live::connect(&server).await.follow("runs", None).await["kind"],
        "snapshot"
    );
}

#[tokio::test]
async fn a_client_is_told_the_time_as_a_sign_of_life() {
    let server = Server::start().await;
    let mut live = Live::connect(&server).await;
    let Some(Message::Text(first)) = live.frame().await else {
        panic!("no message");
    };
    let first = masked(&serde_json::from_str(&first).unwrap());
    assert_eq!(first, json!({ "kind": "heartbeat", "at": "<time>" }));
}

#[tokio::test]
async fn pages_from_elsewhere_are_kept_out() {
    let server = Server::start().await;
    let own = server.url("");
    assert!(Live::connect_from(&server, Some(&own)).await.is_ok());
    for foreign in ["http://evil.example", "http://localhost:1", "null"] {
        let refused = Live::connect_from(&server, Some(foreign)).await.err();
        assert_eq!(refused.unwrap(), 403, "{foreign}");
    }
    let answer = server.get("/v2/live").await;
    assert_eq!(answer.status, 400);
    assert_eq!(answer.json["errors"][0]["code"], "invalid_request");
    let headers = [("origin", "http://evil.example")];
    let answer = server.send(Method::GET, "/v2/live", &headers, "").await;
    assert_eq!(answer.json["errors"][0]["code"], "access_denied");
}

#[tokio::test]
async fn the_same_is_told_with_server_sent_events() {
    let server = Server::start().await;
    let mut events = Events::open(&server, "/v2/live/sse?topic=events", "").await;
    let first = events.next().await;
    assert_eq!(first.event, "snapshot");
    let mut told = Vec::new();
    for _ in 0..3 {
        let event = server.event("shop/paid").await;
        let sent = events.next().await;
        assert_eq!(
            (&*sent.event, &sent.data["cursor"]),
            ("delta", &json!(sent.id))
        );
        assert!(has(&sent.data, "id", event), "{sent:?}");
        told.push(sent);
    }
    drop(events);
    // Browsers come back like this,
    let header = format!("Last-Event-ID: {}\r\n", told[0].id);
    let mut events = Events::open(&server, "/v2/live/sse?topic=events", &header).await;
    let missed = events.next().await;
    let expected: Vec<_> = told[1..]
        .iter()
        .map(|it| it.data["data"][0].clone())
        .collect();
    assert_eq!(
        (&*missed.event, &missed.data["data"]),
        ("delta", &json!(expected))
    );
    // and others like that.
    let path = format!("/api/v2/live/sse?topic=events&cursor={}", told[1].id);
    let mut other = Events::open(&server, &path, "").await;
    assert_eq!(other.next().await.data["data"], json!([expected[1]]));
    let ((), rest) = tokio::join!(server.dev.stop(Duration::ZERO), events.rest());
    assert_eq!(rest, "");
}

#[tokio::test]
async fn a_stream_that_is_asked_for_wrongly_is_refused() {
    let server = Server::start().await;
    let cases = [
        ("", 400, "missing_field"),
        ("?topic=jobs", 400, "invalid_field_format"),
        ("?topic=runs&cursor=1", 400, "invalid_field_format"),
        ("?topic=runs&topic=events", 400, "invalid_request"),
        ("?topic=run:01JD00000000000000000000G1", 404, "not_found"),
    ];
    for (query, status, code) in cases {
        let answer = server.get(&format!("/v2/live/sse{query}")).await;
        assert_eq!(answer.status, status, "{query}");
        assert_eq!(answer.json["errors"][0]["code"], code, "{query}");
    }
    let headers = [("last-event-id", "1")];
    let path = "/v2/live/sse?topic=runs";
    let answer = server.send(Method::GET, path, &headers, "").await;
    assert_eq!(answer.json["errors"][0]["code"], "invalid_field_format");
}
