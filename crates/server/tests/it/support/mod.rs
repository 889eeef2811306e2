//! A server in this process, and what tests ask of it.

pub(crate) mod app;
pub(crate) mod live;

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use everstep_core::retry::RetryPolicy;
use everstep_engine::RetentionConfig;
use everstep_engine::http::{HttpClient, Limits, Request, Response};
use everstep_server::cli::LogLevel;
use everstep_server::console::{Detail, Format};
use everstep_server::dev::{Data, DevConfig, DevServer};
use everstep_server::listen::{Host, IfTaken};
use http::{HeaderMap, HeaderName, Method};
use serde_json::{Value, json};

/// Long enough for a machine that has other things to do.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(5);

pub(crate) struct Server {
    pub(crate) dev: DevServer,
    client: HttpClient,
    screen: Screen,
}

/// An answer: status, headers, JSON body (null if there is none).
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) json: Value,
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::with(|_| {}).await
    }

    /// A server in memory on any port, which looks for nothing and polls nothing unless changed.
    pub(crate) async fn with(change: impl FnOnce(&mut DevConfig)) -> Self {
        let mut config = DevConfig {
            urls: Vec::new(),
            host: Host::Loopback,
            port: 0,
            if_taken: IfTaken::Fail,
            discovery: None,
            poll: false,
            poll_interval: Duration::from_millis(50),
            retry: RetryPolicy::Fixed(Duration::from_millis(1)),
            calls_in_flight_max: 100,
            calls_per_app_max: 100,
            data: Data::Memory,
            retention: RetentionConfig::default(),
            ui: true,
            format: Format::Text { color: false },
            detail: Detail::Normal,
            level: LogLevel::Error,
            notices: Vec::new(),
        };
        change(&mut config);
        let screen = Screen::default();
        let dev = DevServer::start(config, screen.clone())
            .await
            .expect("the server starts");
        Self {
            dev,
            client: HttpClient::new(PATIENCE),
            screen,
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://localhost:{}{path}", self.dev.port)
    }

    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&'static str, &str)],
        body: impl Into<Bytes>,
    ) -> Answer {
        let url = self.url(path).parse().unwrap();
        Answer::of(request(&self.client, method, url, headers, body.into()).await)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], Bytes::new()).await
    }

    /// The body of an answer that is no JSON.
    pub(crate) async fn text(&self, path: &str) -> String {
        let url = self.url(path).parse().unwrap();
        let response = request(&self.client, Method::GET, url, &[], Bytes::new()).await;
        assert_eq!(response.status.as_u16(), 200, "{path}");
        String::from_utf8(response.body.to_vec()).unwrap()
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, &[], body.to_string()).await
    }

    /// Sends one event, and gives its id.
    pub(crate) async fn event(&self, name: &str) -> String {
        let answer = self
            .post("/e/key", &json!({ "name": name, "data": { "n": 1 } }))
            .await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json["ids"][0].as_str().unwrap().to_owned()
    }

    /// The only run of an event, once it has ended.
    pub(crate) async fn ended_run(&self, event: &str) -> Value {
        until("the run has ended", async || {
            let runs = self.get(&format!("/v1/events/{event}/runs")).await.json;
            let run = runs["data"].get(0)?.clone();
            (!run["ended_at"].is_null()).then_some(run)
        })
        .await
    }

    /// What the terminal shows, once it shows `text`.
    pub(crate) async fn shows(&self, text: &str) -> String {
        until(&format!("the terminal shows {text:?}"), async || {
            let shown = self.screen.text();
            shown.contains(text).then_some(shown)
        })
        .await
    }

    pub(crate) fn shown(&self) -> String {
        self.screen.text()
    }
}

impl Answer {
    fn of(response: Response) -> Self {
        let json = match response.body.is_empty() {
            true => Value::Null,
            false => serde_json::from_slice(&response.body)
                .unwrap_or_else(|_| panic!("no JSON: {:?}", response.body)),
        };
        Self {
            status: response.status.as_u16(),
            headers: response.headers,
            json,
        }
    }

    /// Status and body, with what differs from run to run replaced.
    pub(crate) fn masked(&self) -> (u16, Value) {
        (self.status, masked(&self.json))
    }
}

/// A port at which nobody listens.
pub(crate) async fn closed_port() -> u16 {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    listener.local_addr().unwrap().port()
}

/// The root span of a run, with inputs and outputs.
pub(crate) async fn trace(server: &Server, run: &str) -> Value {
    let path = format!("/v2/runs/{run}/trace?includeOutput=true");
    server.get(&path).await.json["data"]["rootSpan"].clone()
}

/// ULIDs, times and ports are replaced.
pub(crate) fn masked(json: &Value) -> Value {
    match json {
        Value::Array(items) => items.iter().map(masked).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (name.clone(), masked(value)))
            .collect(),
        Value::String(text) => masked_text(text).into(),
        Value::Null | Value::Bool(_) | Value::Number(_) => json.clone(),
    }
}

fn masked_text(text: &str) -> String {
    let is_ulid = text.len() == 26
        && text.starts_with("01")
        && text.bytes().all(|b| b.is_ascii_alphanumeric());
    let is_time = text.len() == 24 && text.starts_with("20") && text.ends_with('Z');
    match text {
        _ if is_ulid => "<ulid>".to_owned(),
        _ if is_time => "<time>".to_owned(),
        _ => text.to_owned(),
    }
}

/// Asks again and again until there is an answer.
pub(crate) async fn until<T>(what: &str, ask: impl AsyncFn() -> Option<T>) -> T {
    let asked = async {
        loop {
            if let Some(answer) = ask().await {
                return answer;
            }
            tokio::time::sleep(PAUSE).await;
        }
    };
    match tokio::time::timeout(PATIENCE, asked).await {
        Ok(answer) => answer,
        Err(_) => panic!("waited in vain: {what}"),
    }
}

pub(crate) async fn request(
    client: &HttpClient,
    method: Method,
    url: url::Url,
    headers: &[(&'static str, &str)],
    body: Bytes,
) -> Response {
    let headers = headers
        .iter()
        .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
        .collect();
    let limits = Limits {
        timeout: PATIENCE,
        body_max: 64 << 20,
        redirects_max: 0,
        answer_header: None,
    };
    client
        .send(
            Request {
                method,
                url,
                headers,
                body,
            },
            limits,
        )
        .await
        .unwrap()
}

/// A terminal that the test can read.
#[derive(Clone, Default)]
struct Screen(Arc<Mutex<Vec<u8>>>);

impl Screen {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Screen {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
