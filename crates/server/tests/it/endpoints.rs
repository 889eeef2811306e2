//! Durable endpoints: an app starts a run, a client waits for its result or follows its stream
//! (sdk-protocol §7.4–7.6).

use std::time::Duration;

use bytes::Bytes;
use everstep_protocol::{RunId, Timestamp};
use everstep_server::dev::Data;
use http::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::app::{App, Asked, plain, sdk};
use crate::support::{Answer, Server, request, trace, until};

const SDK: (&str, &str) = ("x-inngest-sdk", "inngest-js:v4.24.0");

/// The id of a run as an SDK makes it.
fn ulid(number: u128) -> String {
    RunId::from_parts(Timestamp::from_millis(1_700_000_000_000), number).to_string()
}

fn start(run: &str, app: &str, steps: &Value) -> Value {
    json!({
        "run_id": run,
        "event": { "name": "inngest/http.request", "data": {
            "content_type": "text/plain", "domain": app, "ip": "", "method": "POST", "path": "/sleepy",
            "query_params": "q=1", "body": "hello", "fn": "",
        } },
        "steps": steps, "ts": 1, "request_version": 2, "retries": 3,
    })
}

fn step(id: &str, data: Value) -> Value {
    json!({ "op": "StepRun", "id": id, "name": id, "displayName": id, "data": data })
}

fn sleep(duration: &str) -> Value {
    json!([{ "op": "Sleep", "id": "zzz", "name": duration, "displayName": "z" }])
}

fn complete(status: u16, headers: Value, body: &str) -> Value {
    let result = json!({ "status": status, "headers": headers, "body": body, "version": 2 });
    json!({ "op": "RunComplete", "id": "end", "data": result })
}

/// Starts the run of that number; its id and what the app was told.
async fn begin(server: &Server, number: u128, app: &str, steps: Value) -> (String, Value) {
    let run = ulid(number);
    let body = start(&run, app, &steps).to_string();
    let answer = server
        .send(Method::POST, "/v1/checkpoint", &[SDK], body)
        .await;
    assert_eq!(answer.status, 200, "{answer:?}");
    (run, answer.json["data"].clone())
}

async fn report(server: &Server, run: &str, steps: &Value) -> Answer {
    let body = json!({ "run_id": run, "steps": steps });
    server
        .post(&format!("/v1/checkpoint/{run}/steps"), &body)
        .await
}

fn output_path(run: &str, told: &Value) -> String {
    format!(
        "/v1/http/runs/{run}/output?token={}",
        told["token"].as_str().unwrap()
    )
}

/// What a client gets: status, content type, body.
async fn output(server: &Server, run: &str, told: &Value) -> (u16, String, String) {
    let client = everstep_engine::http::HttpClient::new(Duration::from_secs(20));
    let url = server.url(&output_path(run, told)).parse().unwrap();
    let response = request(&client, Method::GET, url, &[], Bytes::new()).await;
    let content_type = response.headers.get("content-type");
    let content_type = content_type
        .map_or("", |value| value.to_str().unwrap())
        .to_owned();
    let body = String::from_utf8(response.body.to_vec()).unwrap();
    (response.status.as_u16(), content_type, body)
}

/// An app whose endpoint ends with this answer when it is entered.
async fn app_that_answers(answer: Value) -> App {
    App::start(move |_: Asked| {
        let answer = answer.clone();
        async move { sdk(206, &answer) }
    })
    .await
}

fn origin(app: &App) -> String {
    format!("http://localhost:{}", app.port)
}

#[tokio::test]
async fn a_handler_does_steps_and_answers_its_client_itself() {
    let server = Server::start().await;
    let (run, told) = begin(
        &server,
        1,
        "http://app.test",
        json!([step("aaa", json!(1))]),
    )
    .await;
    assert_eq!(told["run_id"], run);
    for member in ["fn_id", "app_id", "token", "realtime_token"] {
        assert!(
            told[member].as_str().is_some_and(|text| !text.is_empty()),
            "{member}: {told}"
        );
    }
    for steps in [
        json!([step("bbb", json!(2))]),
        json!([complete(201, json!({}), "made")]),
    ] {
        let answer = report(&server, &run, &steps).await;
        assert_eq!((answer.status, answer.json), (200, json!({})));
    }
    let view = server.get(&format!("/v1/runs/{run}")).await.json["data"].clone();
    assert_eq!(
        (&view["status"], &view["function_id"]),
        (&json!("Completed"), &told["fn_id"])
    );
    let root = trace(&server, &run).await;
    let spans = root["children"].as_array().unwrap().iter();
    assert_eq!(spans.filter(|it| it["stepId"].is_string()).count(), 2);
    assert_eq!(
        output(&server, &run, &told).await,
        (201, String::new(), "made".to_owned())
    );
    // The console knows the endpoint by its name, and nobody polls the app.
    server.shows("http://app.test-POST /sleepy").await;
    let info = server.get("/dev").await.json;
    assert_eq!(info["apps"], json!([]));
    assert_eq!(info["functions"][0]["name"], "POST /sleepy");
}

#[tokio::test]
async fn a_client_waits_for_the_result_of_a_run_that_turned_async() {
    let headers = json!({
        "content-type": "text/html", "set-cookie": "a=b", "content-length": "99", "x-own": "yes",
        "content-security-policy": "none",
    });
    let app = app_that_answers(complete(202, headers, "<b>done</b>")).await;
    let server = Server::start().await;
    let (run, told) = begin(&server, 2, &origin(&app), json!([step("aaa", json!(1))])).await;
    assert_eq!(report(&server, &run, &sleep("1s")).await.status, 200);
    let (status, content_type, body) = output(&server, &run, &told).await;
    assert_eq!(
        (status, &*content_type, &*body),
        (202, "text/html", "<b>done</b>")
    );

    let asked = app.log().into_iter().next().unwrap();
    assert_eq!(
        (asked.method.as_str(), &*asked.path),
        ("POST", "/sleepy?q=1")
    );
    assert_eq!(asked.header("x-run-id"), run);
    assert_eq!(asked.header("content-type"), "text/plain");
    assert_eq!(asked.headers.get("x-inngest-signature").unwrap(), "");
    assert!(!asked.headers.contains_key("x-inngest-step-id"));

    // Both prefixes; headers of the handler, but for those that are not for this origin.
    let alias = output_path(&run, &told).replace("/v1/http/runs", "/v1/checkpoint");
    let client = everstep_engine::http::HttpClient::new(Duration::from_secs(20));
    let url = server.url(&alias).parse().unwrap();
    let headers = request(&client, Method::POST, url, &[], Bytes::new())
        .await
        .headers;
    assert_eq!(headers["x-own"], "yes");
    assert_eq!(headers["access-control-allow-origin"], "*");
    assert!(
        headers["content-security-policy"]
            .to_str()
            .unwrap()
            .starts_with("sandbox")
    );
    assert!(!headers.contains_key("set-cookie"));
}

#[tokio::test]
async fn results_of_every_kind() {
    let server = Server::start().await;
    let json_type = || "application/json".to_owned();
    let cases = [
        (
            complete(404, json!({}), "no"),
            (404, String::new(), "no".to_owned()),
        ),
        (
            complete(204, json!({}), "ignored"),
            (204, String::new(), String::new()),
        ),
        // What is no API result: the output as it is.
        (
            json!({ "op": "RunComplete", "id": "x", "data": { "a": 1 } }),
            (200, json_type(), "{\"a\":1}".to_owned()),
        ),
        (
            complete(101, json!({}), ""),
            (
                500,
                json_type(),
                "{\"body\":\"\",\"headers\":{},\"status\":101,\"version\":2}".to_owned(),
            ),
        ),
        (
            json!({ "op": "SyncRunComplete", "id": "x", "data": { "data": { "status": 200, "headers": {}, "body": "aGk=", "duration": 1 } } }),
            (200, String::new(), "hi".to_owned()),
        ),
    ];
    for (number, (op, expected)) in (100..).zip(cases) {
        let (run, told) = begin(&server, number, "http://app.test", json!([op])).await;
        assert_eq!(output(&server, &run, &told).await, expected, "{op}");
    }
    let (run, told) = begin(&server, 200, "http://app.test", json!([])).await;
    server
        .send(Method::DELETE, &format!("/v1/runs/{run}"), &[], "")
        .await;
    let (status, _, body) = output(&server, &run, &told).await;
    assert_eq!(status, 500);
    assert!(body.contains("cancelled"), "{body}");
}

#[tokio::test]
async fn a_step_that_fails_is_tried_again_by_the_server() {
    let app = App::start(|asked: Asked| async move {
        let failed = json!([{ "op": "StepError", "id": "fff", "name": "flaky", "error": { "name": "Error", "message": "boom" } }]);
        // Its fourth attempt is the last: the app is told so by a fifth call.
        let answer = match asked.header("x-inngest-generation-id") {
            "1" | "2" | "3" => failed,
            _ => complete(500, json!({}), "caught"),
        };
        sdk(206, &answer)
    })
    .await;
    let server = Server::start().await;
    let failed = json!([{ "op": "StepError", "id": "fff", "name": "flaky", "error": { "name": "Error", "message": "boom" } }]);
    let (run, told) = begin(&server, 3, &origin(&app), failed).await;
    let (status, _, body) = output(&server, &run, &told).await;
    assert_eq!((status, &*body), (500, "caught"));
    assert_eq!(app.log().len(), 4);
    let view = server.get(&format!("/v1/runs/{run}")).await.json["data"].clone();
    assert_eq!(view["status"], "Failed");
}

#[tokio::test]
async fn a_handler_that_fails_for_good_fails_its_run() {
    let app = App::start(|_: Asked| async {
        let headers = [
            ("x-inngest-sdk", "inngest-js:v4.24.0"),
            ("x-inngest-no-retry", "true"),
        ];
        plain(
            400,
            &headers,
            r#"{"name":"NonRetriableError","message":"final"}"#,
        )
    })
    .await;
    let server = Server::start().await;
    let (run, told) = begin(
        &server,
        4,
        &origin(&app),
        json!([{ "op": "DiscoveryRequest", "id": "d" }]),
    )
    .await;
    let (status, content_type, body) = output(&server, &run, &told).await;
    assert_eq!((status, &*content_type), (500, "application/json"));
    assert!(body.contains("final"), "{body}");
}

#[tokio::test]
async fn what_is_wrong_with_a_report_is_said() {
    let server = Server::start().await;
    let (run, _) = begin(&server, 5, "http://app.test", json!([])).await;
    let again = start(&run, "http://app.test", &json!([]));
    let mut no_domain = start(&ulid(6), "app.test", &json!([]));
    no_domain["event"]["data"]["domain"] = "".into();
    let mut large = start(&ulid(7), "http://app.test", &json!([]));
    large["event"]["data"]["body"] = "x".repeat(3 << 20).into();
    let (steps, other) = (format!("/v1/checkpoint/{run}/steps"), ulid(99));
    let bad_op = json!({ "steps": [{ "op": "Telepathy", "id": "a" }] });
    let posts: [(&str, Value, u16, &str); 9] = [
        ("/v1/checkpoint", again.clone(), 409, "already exists"),
        ("/v1/http/runs", again, 409, "already exists"),
        (
            "/v1/checkpoint",
            no_domain,
            400,
            "event.data.domain must be",
        ),
        ("/v1/checkpoint", large, 413, "over the max size"),
        (
            "/v1/checkpoint",
            json!("x".repeat(4 << 20)),
            413,
            "too large",
        ),
        (&steps, bad_op, 400, "Telepathy"),
        (
            &steps,
            json!({ "run_id": other, "steps": [] }),
            400,
            "another one",
        ),
        (
            &format!("/v1/checkpoint/{other}/steps"),
            json!({ "steps": [step("a", json!(1))] }),
            400,
            "does not exist",
        ),
        (
            "/v1/checkpoint/nonsense/steps",
            json!({}),
            400,
            "not a run id",
        ),
    ];
    for (path, body, status, text) in posts {
        let answer = server.post(path, &body).await;
        let error = answer.json["error"].as_str().unwrap_or_default();
        assert_eq!(answer.status, status, "{path}: {error}");
        assert!(error.contains(text), "{path}: {error}");
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_token_or_a_stream_is_said() {
    let server = Server::start().await;
    let (run, told) = begin(&server, 5, "http://app.test", json!([])).await;
    let (token, other) = (told["token"].as_str().unwrap(), ulid(99));
    let stream = told["realtime_token"].as_str().unwrap();
    let gets = [
        (
            format!("/v1/http/runs/{run}/output"),
            401,
            "a token is required",
        ),
        (
            format!("/v1/http/runs/{run}/output?token=run.jwt.token"),
            401,
            "malformed",
        ),
        (
            format!("/v1/http/runs/{run}/output?token={stream}"),
            401,
            "not for this",
        ),
        (
            format!("/v1/http/runs/{other}/output?token={token}"),
            401,
            "not for this",
        ),
        (
            "/v1/http/runs/nonsense/output?token=a".to_owned(),
            400,
            "not a run id",
        ),
        ("/v1/realtime/sse".to_owned(), 401, "a token is required"),
        (
            format!("/v1/realtime/sse?token={token}"),
            401,
            "not for this",
        ),
    ];
    for (path, status, text) in gets {
        let answer = server.get(&path).await;
        let error = answer.json["error"].as_str().unwrap_or_default();
        assert_eq!(answer.status, status, "{path}: {error}");
        assert!(error.contains(text), "{path}: {error}");
    }
    let tee = server.post("/v1/realtime/publish/tee", &json!("")).await;
    assert_eq!(tee.status, 400);
    let large = vec![b'x'; 1_024_001];
    let tee = server
        .send(
            Method::POST,
            "/v1/realtime/publish/tee?channel=a",
            &[],
            large,
        )
        .await;
    assert_eq!(tee.status, 413);
}

#[tokio::test]
async fn a_run_sleeps_through_a_restart_and_its_client_gets_the_result() {
    let folder = tempfile::tempdir().unwrap();
    let data = || Data::Folder(folder.path().to_owned());
    let app = app_that_answers(complete(200, json!({}), "rested")).await;
    let server = Server::with(|config| config.data = data()).await;
    let (run, told) = begin(&server, 8, &origin(&app), sleep("1s")).await;
    server.dev.stop(Duration::from_secs(1)).await;
    let server = Server::with(|config| config.data = data()).await;
    assert_eq!(output(&server, &run, &told).await.2, "rested");
    // App and function are known, and the id stays taken.
    let info = server.get("/dev").await.json;
    assert_eq!(info["functions"][0]["id"], told["fn_id"]);
    assert_eq!(info["apps"], json!([]));
    let again = server
        .post("/v1/checkpoint", &start(&run, &origin(&app), &json!([])))
        .await;
    assert_eq!(again.status, 409);
}

#[tokio::test]
async fn a_client_that_waits_does_not_hold_up_the_end_of_the_server() {
    let server = Server::start().await;
    let (run, told) = begin(&server, 9, "http://app.test", sleep("1h")).await;
    let mut follows = follow(&server, &told).await;
    let url = server.url(&output_path(&run, &told)).parse().unwrap();
    let waiting = tokio::spawn(async move {
        let client = everstep_engine::http::HttpClient::new(Duration::from_secs(20));
        request(&client, Method::GET, url, &[], Bytes::new()).await
    });
    until("the client waits", async || {
        (server.dev.endings.clients() == 1).then_some(())
    })
    .await;
    tokio::time::timeout(
        Duration::from_secs(4),
        server.dev.stop(Duration::from_secs(1)),
    )
    .await
    .expect("nobody is waited for");
    assert_eq!(waiting.await.unwrap().status, 503);
    let mut rest = Vec::new();
    follows.read_to_end(&mut rest).await.unwrap();
}

/// A client that follows the stream of a run: a connection whose head was read.
async fn follow(server: &Server, told: &Value) -> TcpStream {
    follow_until(server, told, ":\n\n").await
}

/// The same, read until it has said this.
async fn follow_until(server: &Server, told: &Value, end: &str) -> TcpStream {
    let token = told["realtime_token"].as_str().unwrap();
    let mut stream = TcpStream::connect(("127.0.0.1", server.dev.port))
        .await
        .unwrap();
    let head = format!("GET /v1/realtime/sse?token={token} HTTP/1.1\r\nhost: a\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let head = read_until(&mut stream, end).await;
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert!(head.contains("content-type: text/event-stream"), "{head}");
    stream
}

async fn read_until(stream: &mut TcpStream, end: &str) -> String {
    let mut text = String::new();
    let mut buffer = [0; 1024];
    // Of the whole: signs of life come again and again.
    let until = tokio::time::Instant::now() + Duration::from_secs(20);
    while !text.contains(end) {
        let read = tokio::time::timeout_at(until, stream.read(&mut buffer));
        let length = read.await.expect("in time").unwrap();
        assert!(length > 0, "closed after {text:?}");
        text.push_str(std::str::from_utf8(&buffer[..length]).unwrap());
    }
    text
}

/// An app that streams: a request whose body goes on.
async fn tee(server: &Server, run: &str) -> TcpStream {
    let mut stream = TcpStream::connect(("127.0.0.1", server.dev.port))
        .await
        .unwrap();
    let head = format!(
        "POST /v1/realtime/publish/tee?channel={run} HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

async fn push(stream: &mut TcpStream, text: &str) {
    let chunk = format!("{:x}\r\n{text}\r\n", text.len());
    stream.write_all(chunk.as_bytes()).await.unwrap();
}

/// §7.6, RL-18.
#[tokio::test]
async fn clients_get_the_bytes_that_the_app_streams_as_they_come() {
    let server = Server::start().await;
    let (run, told) = begin(&server, 10, "http://app.test", sleep("1h")).await;
    let (_, other) = begin(&server, 11, "http://app.test", sleep("1h")).await;
    let mut clients = [follow(&server, &told).await, follow(&server, &told).await];
    let mut stranger = follow(&server, &other).await;
    let mut app = tee(&server, &run).await;
    for text in [
        "event: inngest.stream\ndata: {\"n\":1}\n\n",
        "event: inngest.response\ndata: 2\n\n",
    ] {
        push(&mut app, text).await;
        for client in &mut clients {
            let seen = read_until(client, text).await;
            assert!(seen.contains(text), "{seen:?}");
        }
    }
    app.write_all(b"0\r\n\r\n").await.unwrap();
    assert!(
        read_until(&mut app, "\r\n\r\n")
            .await
            .starts_with("HTTP/1.1 200")
    );
    let mut buffer = [0; 64];
    let heard = tokio::time::timeout(Duration::from_millis(50), stranger.read(&mut buffer)).await;
    assert!(heard.is_err(), "another run's stream");
}

#[tokio::test]
async fn a_client_that_comes_a_little_late_misses_nothing() {
    let server = Server::start().await;
    let (run, told) = begin(&server, 12, "http://app.test", sleep("1h")).await;
    let path = format!("/v1/realtime/publish/tee?channel={run}");
    let answer = server
        .send(Method::POST, &path, &[], "data: early\n\n")
        .await;
    assert_eq!((answer.status, answer.json), (200, Value::Null));
    follow_until(&server, &told, "data: early\n\n").await;
}

/// http-api §5.7.
#[tokio::test]
async fn a_text_that_the_app_gives_starts_one_run() {
    let server = Server::start().await;
    let send = |number: u128, idempotency: Value| {
        let mut body = start(&ulid(number), "http://app.test", &json!([]));
        body["idempotency"] = idempotency;
        server.send(Method::POST, "/v1/checkpoint", &[SDK], body.to_string())
    };
    assert_eq!(send(1, json!("once")).await.status, 200);
    let again = send(2, json!("once")).await;
    assert_eq!(again.status, 409);
    assert_eq!(again.json["data"]["run_id"], ulid(1));
    assert_eq!(
        again.json["error"],
        format!("run {} already exists", ulid(1))
    );
    let unknown = server.get(&format!("/v1/runs/{}", ulid(2))).await;
    assert_eq!(unknown.status, 404);
    for nothing in [json!(""), Value::Null] {
        for number in [3, 4] {
            let number = number + 10 * u128::from(nothing.is_null());
            assert_eq!(send(number, nothing.clone()).await.status, 200);
        }
    }
    assert_eq!(send(5, json!("x".repeat(1024))).await.status, 200);
    for wrong in [json!("x".repeat(1025)), json!(1)] {
        let answer = send(6, wrong).await;
        assert_eq!(answer.status, 400);
        let error = answer.json["error"].as_str().unwrap();
        assert!(
            error.contains("idempotency must be a text of at most 1,024 bytes"),
            "{error}"
        );
    }
}
