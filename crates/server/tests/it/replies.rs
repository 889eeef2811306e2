//! Apps that answer badly, or not at all, seen from the run that they were called for.

use axum::response::Response;
use http::Method;
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;

use crate::support::app::{App, Asked, function, plain, registration, sdk};
use crate::support::{Server, until};

/// Status, message and code of the run for which the app answered like this.
async fn outcome<F>(
    answer: impl Fn(Asked) -> F + Clone + Send + Sync + 'static,
) -> (String, String, String)
where
    F: Future<Output = Response> + Send,
{
    let server = Server::start().await;
    let app = App::start(answer).await;
    app.register(&server).await;
    let run = server.ended_run(&server.event("shop/paid").await).await;
    told(&run)
}

fn told(run: &Value) -> (String, String, String) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (
        text(&run["status"]),
        text(&run["output"]["message"]),
        text(&run["output"]["code"]),
    )
}

fn failed(message: &str, code: &str) -> (String, String, String) {
    ("Failed".to_owned(), message.to_owned(), code.to_owned())
}

#[tokio::test]
async fn an_html_page_is_no_answer_of_an_app() {
    let (status, _, code) = outcome(|_| async { plain(200, &[], "<html>") }).await;
    assert_eq!((status.as_str(), code.as_str()), ("Failed", "not_sdk"));
}

#[tokio::test]
async fn a_foreign_error_names_its_status() {
    for status in [404, 500, 502] {
        let (run, message, code) =
            outcome(move |_| async move { plain(status, &[], "<html>") }).await;
        assert_eq!((run.as_str(), code.as_str()), ("Failed", "http_error"));
        assert!(message.contains(&status.to_string()), "{message}");
    }
}

#[tokio::test]
async fn a_redirect_is_followed_with_method_and_body() {
    let server = Server::start().await;
    let app = App::start(|asked| async move {
        match asked.path.starts_with("/api/inngest/") {
            true => sdk(200, &json!("there")),
            false => plain(308, &[("location", "/api/inngest/")], ""),
        }
    })
    .await;
    app.register(&server).await;
    let run = server.ended_run(&server.event("shop/paid").await).await;
    assert_eq!(
        (&run["status"], &run["output"]),
        (&json!("Completed"), &json!("there"))
    );
    let asked = &app.log()[1];
    assert_eq!(
        (&asked.method, asked.path.as_str()),
        (&Method::POST, "/api/inngest/?fnId=shop-pay&stepId=step")
    );
    assert_eq!(asked.json["event"]["name"], "shop/paid");
    assert_eq!(asked.header("x-inngest-server-kind"), "dev");
    assert_eq!(asked.header("x-inngest-signature"), "");
}

#[tokio::test]
async fn a_redirect_that_never_ends_is_given_up() {
    let (status, message, _) =
        outcome(|_| async { plain(302, &[("location", "/api/inngest")], "") }).await;
    assert_eq!(status, "Failed");
    assert_eq!(message, "Unable to reach SDK URL: more than 60 redirects");
}

#[tokio::test]
async fn a_compressed_answer_is_read() {
    let (status, ..) = outcome(|_| async {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::Write::write_all(&mut gzip, b"\"zipped\"").unwrap();
        plain(
            200,
            &[
                ("x-inngest-sdk", "js:v4.24.0"),
                ("content-encoding", "gzip"),
            ],
            gzip.finish().unwrap(),
        )
    })
    .await;
    assert_eq!(status, "Completed");
}

#[tokio::test]
async fn an_answer_too_large_fails_the_run() {
    let (status, _, code) = outcome(|_| async {
        plain(
            200,
            &[("x-inngest-sdk", "js:v4.24.0")],
            vec![b' '; (8 << 20) + 1],
        )
    })
    .await;
    assert_eq!(
        (status.as_str(), code.as_str()),
        ("Failed", "output_too_large")
    );
}

#[tokio::test]
async fn an_error_of_the_function_is_kept_as_it_is() {
    let (status, message, _) = outcome(|_| async {
        sdk(
            500,
            &json!({ "name": "TypeError", "message": "x is not a function", "stack": "at y" }),
        )
    })
    .await;
    assert_eq!(
        (status.as_str(), message.as_str()),
        ("Failed", "x is not a function")
    );
}

/// Registers `shop-pay` at a socket that `treat` deals with, and gives the end of a run.
async fn run_at_socket<F>(
    treat: impl Fn(tokio::net::TcpStream) -> F + Send + 'static,
) -> (String, String, String)
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!(
        "http://localhost:{}/api/inngest",
        listener.local_addr().unwrap().port()
    );
    let accepting = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(treat(stream));
        }
    });
    let server = Server::start().await;
    let body = registration(&url, &[function("shop-pay", "shop/paid", &url, json!({}))]);
    server.post("/fn/register", &body).await;
    let run = server.ended_run(&server.event("shop/paid").await).await;
    accepting.abort();
    told(&run)
}

#[tokio::test]
async fn a_connection_that_closes_is_no_answer() {
    let end = run_at_socket(|mut stream| async move {
        let _ = stream.read(&mut [0; 1024]).await;
    })
    .await;
    let message =
        "Unable to reach SDK URL: the connection was closed before the reply was complete";
    assert_eq!(end, failed(message, "http_unreachable"));
}

/// A call that does not get to the app is no attempt: the run waits, and the console says why.
#[tokio::test]
async fn nobody_there_is_no_attempt() {
    let server = Server::start().await;
    let app = App::start(|_| async { sdk(200, &json!(null)) }).await;
    app.register(&server).await;
    let port = app.port;
    drop(app);
    let event = server.event("shop/paid").await;
    let shown = server.shows("gets no calls").await;
    let error = format!("nothing listens at http://localhost:{port} (connection refused)");
    assert!(shown.contains(&error), "{shown}");
    // Each probe is a start that does not take place.
    until("the run has not started", async || {
        let runs = server.get(&format!("/v1/events/{event}/runs")).await.json;
        (runs["data"][0]["status"] == "Scheduled").then_some(())
    })
    .await;
}

#[tokio::test]
async fn the_console_tells_events_attempts_and_ends() {
    let server = Server::start().await;
    let app = App::start(|asked| async move {
        match asked.json["ctx"]["attempt"] == 0 {
            true => sdk(500, &json!({ "name": "Error", "message": "not yet" })),
            false => sdk(200, &json!(null)),
        }
    })
    .await;
    let retried = json!({ "steps": { "step": {
        "id": "step", "name": "step", "retries": { "attempts": 1 },
        "runtime": { "type": "http", "url": app.url() },
    } } });
    let body = registration(
        &app.url(),
        &[function("shop-pay", "shop/paid", &app.url(), retried)],
    );
    server.post("/fn/register", &body).await;
    let event = server.event("shop/paid").await;
    let run = server.ended_run(&event).await;
    let shown = server.shows("✓ shop-pay  ").await;
    assert!(
        shown.contains(&format!("event  shop/paid  {event}  → 1 run")),
        "{shown}"
    );
    assert!(
        shown.contains("✗ shop-pay  attempt 1/2: Error: not yet (retry in "),
        "{shown}"
    );
    let path = match everstep_server::ui::IS_BUILT {
        true => "/ui/r",
        false => "/v1/runs",
    };
    let link = server.url(&format!("{path}/{}", run["run_id"].as_str().unwrap()));
    assert!(shown.contains(&link), "{shown}");
}
