//! `POST /e/{key}`.

use http::Method;
use serde_json::{Value, json};

use crate::support::Server;

#[tokio::test]
async fn events_are_accepted_in_order() {
    let server = Server::start().await;
    let answer = server
        .post(
            "/e/any-key",
            &json!([{ "name": "a/1", "data": { "n": 1 } }, { "name": "a/2" }]),
        )
        .await;
    assert_eq!(
        answer.masked(),
        (200, json!({ "ids": ["<ulid>", "<ulid>"], "status": 200 }))
    );
    for (index, name) in ["a/1", "a/2"].into_iter().enumerate() {
        let id = answer.json["ids"][index].as_str().unwrap();
        let event = server.get(&format!("/v1/events/{id}")).await;
        assert_eq!(event.json["data"]["name"], name);
    }
    let single = server.post("/e/key", &json!({ "name": "a/3" })).await;
    assert_eq!(
        single.masked(),
        (200, json!({ "ids": ["<ulid>"], "status": 200 }))
    );
}

#[tokio::test]
async fn nothing_is_no_error() {
    let server = Server::start().await;
    for body in ["", "  \n", "[]"] {
        let answer = server.send(Method::POST, "/e/key", &[], body).await;
        assert_eq!(
            answer.masked(),
            (200, json!({ "ids": [], "status": 200 })),
            "{body:?}"
        );
    }
}

#[tokio::test]
async fn a_bad_event_is_refused_with_the_reason() {
    let server = Server::start().await;
    let cases = [
        (
            "notjson",
            "Request body must contain an event object or an array of event objects",
        ),
        (
            "5",
            "Request body must contain an event object or an array of event objects",
        ),
        (
            "name=a%2Fb",
            "Request body must contain an event object or an array of event objects",
        ),
        ("{}", "event name is empty"),
        ("[{\"name\":\"\"}]", "event name is empty"),
        (
            "[{\"name\":\"inngest/foo\"}]",
            "event name is reserved for internal use: inngest/foo",
        ),
        (
            "[{\"name\":\"a/b\",\"ts\":1}]",
            "timestamp is before Jan 1, 1980",
        ),
        (
            "[{\"name\":\"a/b\",\"data\":[1]}]",
            "event data must be an object, not an array",
        ),
        ("[5]", "an event must be an object, not a number"),
    ];
    for (body, error) in cases {
        let answer = server.send(Method::POST, "/e/key", &[], body).await;
        assert_eq!(
            answer.masked(),
            (400, json!({ "ids": [], "status": 400, "error": error })),
            "{body}"
        );
    }
    let answer = server
        .send(Method::POST, "/e/key", &[], "[{\"name\":\"a/b\"")
        .await;
    assert_eq!(answer.status, 400);
    assert!(
        answer.json["error"]
            .as_str()
            .unwrap()
            .starts_with("Request body is not valid JSON"),
        "{answer:?}"
    );
}

#[tokio::test]
async fn what_comes_before_a_bad_event_counts() {
    let server = Server::start().await;
    let body = json!([{ "name": "a/1" }, { "name": "a/2" }, { "name": "" }, { "name": "a/4" }]);
    let answer = server.post("/e/key", &body).await;
    let expected =
        json!({ "ids": ["<ulid>", "<ulid>"], "status": 400, "error": "event name is empty" });
    assert_eq!(answer.masked(), (400, expected));
    let stored = server.get("/v1/events").await;
    let names: Vec<_> = stored.json["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["name"].clone())
        .collect();
    assert_eq!(names, ["a/2", "a/1"]);
}

#[tokio::test]
async fn a_seed_makes_ids_and_repetitions_harmless() {
    let server = Server::start().await;
    let seed = [("x-inngest-event-id-seed", "1700000000000,AQIDBAUGBwgJCg==")];
    let body = json!([{ "name": "wire/s", "data": { "a": 1 } }, { "name": "wire/s" }]).to_string();
    for _ in 0..2 {
        let answer = server
            .send(Method::POST, "/e/key", &seed, body.clone())
            .await;
        let ids = json!(["01HF7YAT00041061050R3GG28B", "01HF7YAT00041061050R3GG28C"]);
        assert_eq!((answer.status, &answer.json["ids"]), (200, &ids));
    }
    let stored = server
        .get("/v1/events?received_after=2020-01-01T00:00:00Z")
        .await;
    assert_eq!(stored.json["data"].as_array().unwrap().len(), 2);
    let answer = server
        .send(
            Method::POST,
            "/e/key",
            &[("x-inngest-event-id-seed", "nonsense")],
            body,
        )
        .await;
    assert_eq!(answer.status, 200, "a seed that is none is ignored");
}

#[tokio::test]
async fn a_key_is_asked_for_but_not_checked() {
    let server = Server::start().await;
    let expected = json!({ "ids": [], "status": 401, "error": "Event key is required" });
    for path in ["/e/", "/e"] {
        assert_eq!(
            server.post(path, &json!({ "name": "a/b" })).await.masked(),
            (401, expected.clone())
        );
    }
}

#[tokio::test]
async fn sizes_are_bounded() {
    let server = Server::start().await;
    let answer = server
        .send(Method::POST, "/e/key", &[], vec![b' '; (32 << 20) + 1])
        .await;
    let expected = json!({ "ids": [], "status": 413, "error": "the request body is too large" });
    assert_eq!(answer.masked(), (413, expected));

    let large = json!({ "name": "a/b", "data": { "x": "x".repeat(3 << 20) } });
    let answer = server.post("/e/key", &large).await;
    assert_eq!(answer.status, 400);
    assert!(
        answer.json["error"]
            .as_str()
            .unwrap()
            .starts_with("Event is over the max size"),
        "{answer:?}"
    );

    let many: Vec<Value> = (0..5001)
        .map(|n| json!({ "name": "a/b", "data": { "n": n } }))
        .collect();
    let answer = server.post("/e/key", &json!(many)).await;
    assert_eq!(
        (answer.status, answer.json["ids"].as_array().unwrap().len()),
        (400, 5000)
    );
}

#[tokio::test]
async fn a_server_that_stops_says_try_again() {
    let server = Server::start().await;
    server.dev.engine.shutdown(std::time::Duration::ZERO).await;
    let answer = server.post("/e/key", &json!({ "name": "a/b" })).await;
    let expected = json!({ "ids": [], "status": 503, "error": "the server is shutting down" });
    assert_eq!(answer.masked(), (503, expected));
    assert_eq!(answer.headers["retry-after"], "1");
}
