//! A fake app: an HTTP server that answers as the test says, and remembers what it was asked.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::Server;

/// A request to the app.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) json: Value,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }
}

pub(crate) struct App {
    pub(crate) port: u16,
    log: Arc<Mutex<Vec<Asked>>>,
    serving: tokio::task::JoinHandle<()>,
}

impl App {
    pub(crate) async fn start<F>(
        answer: impl Fn(Asked) -> F + Clone + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Response> + Send,
    {
        Self::start_at(0, answer).await
    }

    pub(crate) async fn start_at<F>(
        port: u16,
        answer: impl Fn(Asked) -> F + Clone + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Response> + Send,
    {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let log = Arc::<Mutex<Vec<Asked>>>::default();
        let seen = Arc::clone(&log);
        let router = Router::new().fallback(move |request: Request| {
            let (answer, seen) = (answer.clone(), Arc::clone(&seen));
            async move {
                let asked = asked(request).await;
                seen.lock().unwrap().push(asked.clone());
                answer(asked).await
            }
        });
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { port, log, serving }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://localhost:{}/api/inngest", self.port)
    }

    pub(crate) fn log(&self) -> Vec<Asked> {
        self.log.lock().unwrap().clone()
    }

    /// Requests with this method.
    pub(crate) fn count(&self, method: &Method) -> usize {
        self.log()
            .iter()
            .filter(|asked| asked.method == *method)
            .count()
    }

    /// Registers one function, `shop-pay` for the event `shop/paid`, without retries.
    pub(crate) async fn register(&self, server: &Server) {
        let body = registration(
            &self.url(),
            &[function("shop-pay", "shop/paid", &self.url(), json!({}))],
        );
        let answer = server.post("/fn/register", &body).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
}

impl Drop for App {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn asked(request: Request) -> Asked {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 64 << 20).await.unwrap();
    Asked {
        method: parts.method,
        path: parts.uri.path_and_query().unwrap().to_string(),
        headers: parts.headers,
        json: serde_json::from_slice(&body).unwrap_or_default(),
    }
}

/// The body of `POST /fn/register` as the TypeScript SDK sends it.
pub(crate) fn registration(url: &str, functions: &[Value]) -> Value {
    json!({
        "url": url, "deployType": "ping", "framework": "nodejs", "appName": "shop", "functions": functions,
        "sdk": "js:v4.24.0", "v": "0.1", "capabilities": { "trust_probe": "v1" },
    })
}

/// A function without retries, with `more` on top.
pub(crate) fn function(id: &str, event: &str, url: &str, more: Value) -> Value {
    let mut function = json!({
        "id": id, "name": id, "triggers": [{ "event": event }],
        "steps": { "step": {
            "id": "step", "name": "step", "retries": { "attempts": 0 },
            "runtime": { "type": "http", "url": format!("{url}?fnId={id}&stepId=step") },
        } },
    });
    let Value::Object(more) = more else {
        panic!("an object")
    };
    function.as_object_mut().unwrap().extend(more);
    function
}

/// An answer of an SDK.
pub(crate) fn sdk(status: u16, body: &Value) -> Response {
    let headers = [
        ("x-inngest-sdk", "inngest-js:v4.24.0"),
        ("x-inngest-req-version", "2"),
    ];
    (
        StatusCode::from_u16(status).unwrap(),
        headers,
        body.to_string(),
    )
        .into_response()
}

/// Any other answer.
pub(crate) fn plain(
    status: u16,
    headers: &[(&'static str, &'static str)],
    body: impl Into<Bytes>,
) -> Response {
    let mut response = (StatusCode::from_u16(status).unwrap(), body.into()).into_response();
    for (name, value) in headers {
        response.headers_mut().insert(*name, value.parse().unwrap());
    }
    response
}
