//! How apps are found, synced and watched.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU16, Ordering};
use std::time::Duration;

use axum::response::Response;
use bytes::Bytes;
use everstep_engine::http::HttpClient;
use everstep_server::apps::Ports;
use http::Method;
use serde_json::{Value, json};

use crate::support::app::{App, Asked, function, plain, registration, sdk};
use crate::support::{Server, request, until};

/// How an app behaves; it can change its mind.
#[derive(Clone, Default)]
struct Mind {
    /// The server that it registers with.
    server: Arc<AtomicU16>,
    /// It answers to a sync with its functions instead of registering them.
    in_band: Arc<AtomicBool>,
    /// It has a second function.
    second: Arc<AtomicBool>,
}

impl Mind {
    fn functions(&self, url: &str) -> Vec<Value> {
        let more = self
            .second
            .load(Ordering::Relaxed)
            .then(|| function("shop-more", "shop/more", url, json!({})));
        std::iter::once(function("shop-pay", "shop/paid", url, json!({})))
            .chain(more)
            .collect()
    }

    /// What an SDK would do.
    async fn answer(self, asked: Asked) -> Response {
        let url = format!("http://{}/api/inngest", asked.header("host"));
        let functions = self.functions(&url);
        match asked.method {
            Method::GET => sdk(
                200,
                &json!({ "function_count": functions.len(), "mode": "dev" }),
            ),
            Method::PUT if self.in_band.load(Ordering::Relaxed) => {
                let body = json!({ "app_id": "shop", "functions": functions, "sdk": "js:v4.24.0", "url": asked.json["url"] });
                let mut response = sdk(200, &body);
                response
                    .headers_mut()
                    .insert("x-inngest-sync-kind", "in_band".parse().unwrap());
                response
            }
            Method::PUT => {
                let port = self.server.load(Ordering::Relaxed);
                let register = format!("http://127.0.0.1:{port}/fn/register")
                    .parse()
                    .unwrap();
                let body: Bytes = registration(&url, &functions).to_string().into();
                let reply = request(
                    &HttpClient::new(Duration::from_secs(5)),
                    Method::POST,
                    register,
                    &[],
                    body,
                )
                .await;
                let body: Value = serde_json::from_slice(&reply.body).unwrap();
                let status = body["status"].as_u64().unwrap_or(200);
                let message = body["error"].as_str().unwrap_or("Successfully registered");
                sdk(
                    u16::try_from(status).unwrap(),
                    &json!({ "message": message, "modified": body["modified"] }),
                )
            }
            _ => sdk(200, &json!(null)),
        }
    }

    async fn app(&self) -> App {
        self.app_at(0).await
    }

    async fn app_at(&self, port: u16) -> App {
        let mind = self.clone();
        App::start_at(port, move |asked| mind.clone().answer(asked)).await
    }

    async fn server(
        &self,
        app: &App,
        change: impl FnOnce(&mut everstep_server::dev::DevConfig),
    ) -> Server {
        let url = app.url().parse().unwrap();
        let server = Server::with(|config| {
            config.urls = vec![url];
            config.poll = true;
            change(config);
        })
        .await;
        self.server.store(server.dev.port, Ordering::Relaxed);
        server
    }
}

/// The only entry of `/dev`, once it is in this state.
async fn entry(server: &Server, state: &str) -> Value {
    until(&format!("the app is {state}"), async || {
        let info = server.get("/dev").await.json;
        let apps = info["apps"].as_array().unwrap().clone();
        assert!(apps.len() <= 1, "{apps:?}");
        apps.into_iter().find(|app| app["state"] == state)
    })
    .await
}

#[tokio::test]
async fn a_named_app_is_synced_and_followed() {
    let mind = Mind::default();
    let app = mind.app().await;
    let server = mind.server(&app, |_| {}).await;
    let first = entry(&server, "ok").await;
    assert_eq!(
        (first["name"].as_str(), first["functions"].as_u64()),
        (Some("shop"), Some(1))
    );
    mind.second.store(true, Ordering::Relaxed);
    until("the new function is known", async || {
        let functions = server.get("/dev").await.json["functions"]
            .as_array()
            .unwrap()
            .len();
        (functions == 2).then_some(())
    })
    .await;
    server.shows("✓ shop changed").await;

    let put = app
        .log()
        .into_iter()
        .find(|asked| asked.method == Method::PUT)
        .unwrap();
    assert_eq!(put.json, json!({ "url": app.url() }));
    assert_eq!(put.header("x-inngest-server-kind"), "dev");
    assert_eq!(put.header("content-type"), "application/json");
    assert_eq!(
        server.shown().matches("✓ shop found").count(),
        1,
        "{}",
        server.shown()
    );
}

#[tokio::test]
async fn a_sync_may_come_in_the_answer() {
    let mind = Mind::default();
    mind.in_band.store(true, Ordering::Relaxed);
    let app = mind.app().await;
    let server = mind.server(&app, |_| {}).await;
    entry(&server, "ok").await;
    assert_eq!(
        server.get("/dev").await.json["functions"][0]["slug"],
        "shop-pay"
    );
}

#[tokio::test]
async fn an_app_that_registers_elsewhere_is_told_what_it_lacks() {
    let mind = Mind::default();
    let app = mind.app().await;
    let other = Server::start().await;
    let server = mind.server(&app, |_| {}).await;
    mind.server.store(other.dev.port, Ordering::Relaxed);
    let entry = until("the app fails", async || {
        let info = server.get("/dev").await.json;
        let entry = info["apps"][0].clone();
        (entry["error"]["message"] == "the app registered with another server").then_some(entry)
    })
    .await;
    let hint = format!(
        "start the app with INNGEST_DEV=http://localhost:{}",
        server.dev.port
    );
    assert_eq!(
        entry["error"],
        json!({
            "code": "unauthorized", "message": "the app registered with another server", "hint": hint,
        })
    );
    server.shows(&hint).await;
}

/// The error of an app that answers like this, told once although it is asked again and again.
async fn error_of(answer: impl Fn(Asked) -> Response + Clone + Send + Sync + 'static) -> Value {
    let app = App::start(move |asked| std::future::ready(answer(asked))).await;
    let url = app.url();
    let server = Server::with(|config| config.urls = vec![url.parse().unwrap()]).await;
    let entry = entry(&server, "failing").await;
    until("the app is asked again", async || {
        (app.log().len() > 4).then_some(())
    })
    .await;
    let code = entry["error"]["code"].as_str().unwrap();
    let shown = server.shows(code).await;
    assert_eq!(
        shown.matches(&format!("{code}: ")).count(),
        1,
        "told once: {shown}"
    );
    json!([code, entry["error"]["message"]])
}

#[tokio::test]
async fn an_app_in_cloud_mode_is_told_so_once() {
    const HANDLED: [(&str, &str); 1] = [("x-inngest-sdk-handled", "true")];
    let errors = tokio::join!(
        error_of(|_| plain(401, &HANDLED, r#"{"message":"Unauthorized"}"#)),
        error_of(|_| plain(500, &HANDLED, r#"{"code":"internal_server_error"}"#)),
        error_of(|_| sdk(200, &json!({ "mode": "cloud", "function_count": 1 }))),
        error_of(|_| sdk(403, &json!({}))),
    );
    for error in <[Value; 4]>::from(errors) {
        assert_eq!(error, json!(["unauthorized", "the app is in cloud mode"]));
    }
}

#[tokio::test]
async fn what_is_no_app_is_told_so_once() {
    let errors = tokio::join!(
        error_of(|_| plain(200, &[], "<html>")),
        error_of(|_| plain(403, &[], "<html>")),
        error_of(|_| plain(404, &[], "<html>")),
        error_of(|_| plain(502, &[], "<html>")),
    );
    let text = |status| format!("something answers {status} there, but it is no Inngest SDK");
    let expected = [
        json!(["url_not_found", text("200 OK")]),
        json!(["forbidden", text("403 Forbidden")]),
        json!(["url_not_found", text("404 Not Found")]),
        json!(["internal_server_error", text("502 Bad Gateway")]),
    ];
    assert_eq!(<[Value; 4]>::from(errors), expected);
}

#[tokio::test]
async fn an_app_that_fails_to_sync_is_told_so_once() {
    let put_fails = |status, body: &'static str| {
        error_of(move |asked| match asked.method {
            Method::GET => sdk(200, &json!({ "mode": "dev" })),
            _ => plain(status, &[("x-inngest-sdk", "x")], body),
        })
    };
    let errors = tokio::join!(
        put_fails(500, r#"{"message":"Failed to register; fetch failed"}"#),
        put_fails(400, r#"{"message":"At least one function is invalid"}"#),
    );
    let expected = [
        json!(["internal_server_error", "Failed to register; fetch failed"]),
        json!(["invalid_function", "At least one function is invalid"]),
    ];
    assert_eq!(<[Value; 2]>::from(errors), expected);
}

#[tokio::test]
async fn an_app_whose_functions_are_refused_is_told_which() {
    let app = App::start(|asked| async move {
        match asked.method {
            Method::GET => sdk(200, &json!({ "mode": "dev" })),
            _ => {
                let bad = function("shop-bad", "", "http://localhost/x", json!({}));
                let mut response = sdk(200, &json!({
                    "app_id": "shop", "functions": [bad], "sdk": "js:v4.24.0", "url": "http://localhost/x",
                }));
                response.headers_mut().insert("x-inngest-sync-kind", "in_band".parse().unwrap());
                response
            }
        }
    })
    .await;
    let url = app.url();
    let server = Server::with(|config| config.urls = vec![url.parse().unwrap()]).await;
    let entry = entry(&server, "failing").await;
    assert_eq!(entry["error"]["code"], "invalid_function");
    let message = entry["error"]["message"].as_str().unwrap();
    assert!(
        message.starts_with("At least one function is invalid: shop-bad: "),
        "{message}"
    );
}

#[tokio::test]
async fn an_app_that_starts_late_or_again_is_noticed() {
    let mind = Mind::default();
    let app = mind.app().await;
    let port = app.port;
    let server = mind.server(&app, |_| {}).await;
    entry(&server, "ok").await;
    drop(app);
    let gone = entry(&server, "failing").await;
    assert_eq!(gone["error"]["code"], "unreachable");
    let app = mind.app_at(port).await;
    entry(&server, "ok").await;
    server.shows("✓ shop answers again").await;
    drop(app);
}

#[tokio::test]
async fn without_polling_an_app_is_synced_once() {
    let mind = Mind::default();
    let app = mind.app().await;
    let stranger = App::start(|_| async { plain(404, &[], "") }).await;
    let url = stranger.url().parse().unwrap();
    let server = mind
        .server(&app, |config| {
            config.poll = false;
            config.urls.push(url);
        })
        .await;
    until("a URL without an app is tried some times", async || {
        (stranger.log().len() > 5 && app.count(&Method::PUT) > 0).then_some(())
    })
    .await;
    assert_eq!(app.count(&Method::PUT), 1);
    let info = server.get("/dev").await.json;
    assert_eq!(
        (&info["apps"][0]["state"], &info["apps"][1]["state"]),
        (&json!("ok"), &json!("failing"))
    );
}

#[tokio::test]
async fn an_app_is_found_on_a_usual_port() {
    let mind = Mind::default();
    let app = mind.app().await;
    let stranger = App::start(|_| async { plain(404, &[], "") }).await;
    let ports = Ports::only([app.port, stranger.port, 1]);
    let server = Server::with(|config| {
        config.discovery = Some(ports);
        config.poll_interval = Duration::from_millis(300);
    })
    .await;
    mind.server.store(server.dev.port, Ordering::Relaxed);
    assert_eq!(entry(&server, "ok").await["url"], app.url());
    let paths: Vec<_> = stranger.log().into_iter().map(|asked| asked.path).collect();
    assert!(
        paths.iter().all(|path| path == "/api/inngest"),
        "others are asked for the usual path only: {paths:?}"
    );
}

#[tokio::test]
async fn an_app_is_found_at_an_unusual_path_and_although_it_is_in_cloud_mode() {
    let app = App::start(|asked| async move {
        match asked.path.as_str() {
            "/.netlify/functions/inngest" => plain(401, &[("x-inngest-sdk-handled", "true")], "{}"),
            _ => plain(404, &[], ""),
        }
    })
    .await;
    let ports = Ports::only([app.port]);
    let server = Server::with(|config| config.discovery = Some(ports)).await;
    let entry = entry(&server, "failing").await;
    assert!(
        entry["url"]
            .as_str()
            .unwrap()
            .ends_with("/.netlify/functions/inngest"),
        "{entry}"
    );
    assert_eq!(entry["error"]["message"], "the app is in cloud mode");
    let paths: Vec<_> = app
        .log()
        .into_iter()
        .map(|asked| asked.path)
        .take(3)
        .collect();
    assert_eq!(
        paths,
        ["/api/inngest", "/x/inngest", "/.netlify/functions/inngest"]
    );
}

#[tokio::test]
async fn an_app_that_registers_itself_is_polled() {
    let mind = Mind::default();
    let app = mind.app().await;
    let server = Server::with(|config| config.poll = true).await;
    mind.server.store(server.dev.port, Ordering::Relaxed);
    app.register(&server).await;
    until("the app is polled", async || {
        (app.count(&Method::PUT) > 1).then_some(())
    })
    .await;
    assert_eq!(entry(&server, "ok").await["url"], app.url());
}
