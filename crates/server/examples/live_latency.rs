//! How long it takes from an event until those who follow events are told, beside the time until it
//! is acknowledged: `cargo run -p everstep-server --example live_latency`.
//!
//! Events come one at a time: first so far apart that each finds the feed at rest, then so close that
//! it gathers them for its ticks. State is in a file, in the folder of temporary files.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement that can't be made ends"
)]

use std::collections::HashMap;
use std::time::{Duration, Instant};

use everstep_core::retry::RetryPolicy;
use everstep_engine::RetentionConfig;
use everstep_engine::http::{HttpClient, Limits, Request};
use everstep_server::cli::LogLevel;
use everstep_server::console::{Detail, Format};
use everstep_server::dev::{Data, DevConfig, DevServer};
use everstep_server::listen::{Host, IfTaken};
use futures::{SinkExt as _, StreamExt as _};
use http::{HeaderMap, Method};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;

const EVENTS: usize = 300;
const FAR: Duration = Duration::from_millis(150);
const CLOSE: Duration = Duration::from_millis(5);

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    let config = config(folder.path().to_owned());
    let server = DevServer::start(config, std::io::sink()).await;
    let Ok(server) = server else {
        panic!("the server does not start");
    };
    let mut told = follow(server.port).await;
    let client = HttpClient::new(Duration::from_secs(10));
    for (what, pause) in [("far apart", FAR), ("close together", CLOSE)] {
        let mut sent = HashMap::new();
        let mut acknowledged = Vec::new();
        for _ in 0..EVENTS {
            let began = Instant::now();
            let id = send(&client, server.port).await;
            acknowledged.push(began.elapsed());
            sent.insert(id, began);
            tokio::time::sleep(pause).await;
        }
        let mut latencies = Vec::new();
        while !sent.is_empty() {
            let (id, at) = told.recv().await.unwrap();
            latencies.extend(sent.remove(&id).map(|began| at - began));
        }
        show(&format!("{what}: acknowledged after"), acknowledged);
        show(&format!("{what}: told after"), latencies);
    }
    server.stop(Duration::ZERO).await;
}

fn config(folder: std::path::PathBuf) -> DevConfig {
    DevConfig {
        urls: Vec::new(),
        host: Host::Loopback,
        port: 0,
        if_taken: IfTaken::Fail,
        discovery: None,
        poll: false,
        poll_interval: Duration::from_secs(5),
        retry: RetryPolicy::Backoff,
        calls_in_flight_max: 100,
        calls_per_app_max: 100,
        data: Data::Folder(folder),
        format: Format::Text { color: false },
        detail: Detail::Normal,
        level: LogLevel::Error,
        notices: Vec::new(),
        retention: RetentionConfig::default(),
        ui: false,
    }
}

/// The ids of events as they are told, each with the time.
async fn follow(port: u16) -> mpsc::UnboundedReceiver<(String, Instant)> {
    let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let url = format!("ws://localhost:{port}/v2/live");
    let (mut socket, _) = tokio_tungstenite::client_async(url, stream).await.unwrap();
    let request = Message::text(r#"{"sub":"events"}"#);
    socket.send(request).await.unwrap();
    // From the snapshot on, every event is told.
    while let Some(Ok(message)) = socket.next().await {
        let is_first = |text: &str| text.contains(r#""kind":"snapshot""#);
        if message.to_text().is_ok_and(is_first) {
            break;
        }
    }
    let (sender, told) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Some(Ok(message)) = socket.next().await {
            let at = Instant::now();
            let Message::Text(text) = message else {
                continue;
            };
            let message: Value = serde_json::from_str(&text).unwrap();
            assert_ne!(message["kind"], "gap", "too many at a time to measure");
            for row in message["data"].as_array().into_iter().flatten() {
                let _ = sender.send((row["id"].as_str().unwrap().to_owned(), at));
            }
        }
    });
    told
}

async fn send(client: &HttpClient, port: u16) -> String {
    let request = Request {
        method: Method::POST,
        url: format!("http://localhost:{port}/e/key").parse().unwrap(),
        headers: HeaderMap::new(),
        body: r#"{"name":"shop/paid","data":{"n":1}}"#.into(),
    };
    let limits = Limits {
        timeout: Duration::from_secs(10),
        body_max: 1 << 20,
        redirects_max: 0,
        answer_header: None,
    };
    let answer = client.send(request, limits).await.unwrap();
    let answer: Value = serde_json::from_slice(&answer.body).unwrap();
    answer["ids"][0].as_str().unwrap().to_owned()
}

fn show(what: &str, mut times: Vec<Duration>) {
    times.sort();
    let quantile = |part: usize| times[times.len() * part / 100].as_secs_f64() * 1000.0;
    println!(
        "{what} p50 {:.2} ms, p95 {:.2} ms, p99 {:.2} ms",
        quantile(50),
        quantile(95),
        quantile(99)
    );
}
