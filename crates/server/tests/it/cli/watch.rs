//! Commands that follow what happens.

use std::collections::BTreeSet;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, AtomicUsize, Ordering};

use axum::Router;
use axum::routing::get;
use serde_json::json;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Child;
use tokio::sync::{mpsc, watch};

use super::Cli;
use crate::support::{PATIENCE, until};

/// What stands between a command and a server, and can be cut.
struct Wire {
    url: String,
    to: Arc<AtomicU16>,
    cut: watch::Sender<bool>,
    connections: Arc<AtomicUsize>,
}

impl Wire {
    async fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (cut, is_cut) = watch::channel(false);
        let wire = Self {
            url,
            to: Arc::new(AtomicU16::new(port)),
            cut,
            connections: Arc::default(),
        };
        let (to, connections) = (Arc::clone(&wire.to), Arc::clone(&wire.connections));
        tokio::spawn(async move {
            loop {
                let (mut near, _) = listener.accept().await.unwrap();
                let port = to.load(Ordering::SeqCst);
                let mut is_cut = is_cut.clone();
                if *is_cut.borrow_and_update() {
                    continue;
                }
                connections.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(async move {
                    let mut far = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
                    tokio::select! {
                        _ = copy_bidirectional(&mut near, &mut far) => {}
                        _ = is_cut.wait_for(|is_cut| *is_cut) => {}
                    }
                });
            }
        });
        wire
    }

    /// The command follows the feed: that takes up one connection, and what it asks another one.
    async fn is_followed(&self) {
        until("the feed is followed", async || {
            (self.connections.load(Ordering::SeqCst) >= 2).then_some(())
        })
        .await;
    }
}

/// A command that goes on, and what it says.
struct Watching {
    _child: Child,
    out: mpsc::UnboundedReceiver<String>,
    err: mpsc::UnboundedReceiver<String>,
}

impl Watching {
    fn start(cli: &Cli, url: &str, words: &[&str]) -> Self {
        let mut command = cli.command(words);
        command
            .env("EVERSTEP_URL", url)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let out = lines(child.stdout.take().unwrap());
        let err = lines(child.stderr.take().unwrap());
        Self {
            _child: child,
            out,
            err,
        }
    }

    async fn out(&mut self) -> String {
        let line = tokio::time::timeout(PATIENCE, self.out.recv()).await;
        line.expect("it says something").expect("it goes on")
    }

    async fn err(&mut self) -> String {
        let line = tokio::time::timeout(PATIENCE, self.err.recv()).await;
        line.expect("it notes something").expect("it goes on")
    }

    /// The lines until one that begins with `start`, which is the last.
    async fn until(&mut self, start: &str) -> Vec<String> {
        let mut lines = Vec::new();
        loop {
            lines.push(self.out().await);
            if lines.last().is_some_and(|line| line.starts_with(start)) {
                return lines;
            }
        }
    }
}

fn lines(from: impl AsyncRead + Send + Unpin + 'static) -> mpsc::UnboundedReceiver<String> {
    let (sender, receiver) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        let mut lines = BufReader::new(from).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            let _ = sender.send(line);
        }
    });
    receiver
}

const RUNS: [&str; 4] = ["runs", "watch", "--columns", "id,status"];

#[tokio::test]
async fn runs_are_told_as_they_come_and_what_came_while_the_connection_was_lost() {
    let cli = Cli::start().await;
    let before = cli.new_run(1, "Completed").await;
    let wire = Wire::to(cli.server.dev.port).await;
    let mut watching = Watching::start(&cli, &wire.url, &RUNS);
    wire.is_followed().await;
    let first = cli.new_run(1, "Completed").await;
    let mut lines = watching.until(&format!("{first}  completed")).await;
    wire.cut.send_replace(true);
    let lost = watching.err().await;
    assert_eq!(lost, "the connection is lost; connecting again");
    let missed = cli.new_run(0, "Failed").await;
    wire.cut.send_replace(false);
    assert_eq!(watching.err().await, "connected again");
    lines.extend(watching.until(&format!("{missed}  failed")).await);
    let last = cli.new_run(1, "Completed").await;
    lines.extend(watching.until(&format!("{last}  completed")).await);
    assert!(
        !lines.iter().any(|line| line.starts_with(&before)),
        "{lines:?}"
    );
    let told: BTreeSet<_> = lines.iter().collect();
    assert_eq!(told.len(), lines.len(), "each once: {lines:?}");
}

#[tokio::test]
async fn a_server_that_was_started_again_is_looked_at_anew() {
    let cli = Cli::start().await;
    let other = Cli::start().await;
    let wire = Wire::to(cli.server.dev.port).await;
    let mut watching = Watching::start(&cli, &wire.url, &RUNS);
    wire.is_followed().await;
    let first = cli.new_run(1, "Completed").await;
    watching.until(&format!("{first}  completed")).await;
    wire.cut.send_replace(true);
    watching.err().await;
    let run = other.new_run(1, "Completed").await;
    wire.to.store(other.server.dev.port, Ordering::SeqCst);
    wire.cut.send_replace(false);
    assert_eq!(watching.err().await, "connected again");
    watching.until(&format!("{run}  completed")).await;
}

#[tokio::test]
async fn where_there_is_no_feed_the_list_is_looked_at() {
    let cli = Cli::start().await;
    let looks = Arc::new(AtomicUsize::new(0));
    let list = async move || {
        // The first look is at what was there before, the second at what came meanwhile.
        let runs = match looks.fetch_add(1, Ordering::SeqCst) {
            0 | 1 => json!([{ "id": "01A", "status": "RUNNING" }]),
            _ => json!([{ "id": "01B", "status": "QUEUED" }, { "id": "01A", "status": "FAILED" }]),
        };
        axum::Json(json!({ "data": runs, "page": {} }))
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().route("/v2/runs", get(list));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let mut watching = Watching::start(&cli, &url, &RUNS);
    assert_eq!(
        watching.err().await,
        "no live feed (404 Not Found): looking every 2 s"
    );
    assert_eq!(watching.out().await, "01A  failed");
    assert_eq!(watching.out().await, "01B  queued");
}

#[tokio::test]
async fn a_run_is_watched_until_it_has_ended() {
    let cli = Cli::start().await;
    let run = cli.new_run(9, "Running").await;
    let wire = Wire::to(cli.server.dev.port).await;
    let words = ["runs", "watch", &run[..14], "--columns", "id,status"];
    let mut watching = Watching::start(&cli, &wire.url, &words);
    assert_eq!(watching.out().await, format!("{run}  running"));
    wire.is_followed().await;
    assert_eq!(cli.run(&format!("runs cancel {run}")).await.code, 0);
    assert_eq!(watching.out().await, format!("{run}  cancelled"));
    assert_eq!(watching.err().await, format!("error: {run} was cancelled"));
    let status = watching._child.wait().await.unwrap();
    assert_eq!(status.code(), Some(11));
}

#[tokio::test]
async fn events_that_match_are_told_as_they_come() {
    let cli = Cli::start().await;
    let send = async |n: u32| {
        let data = format!("{{\"n\":{n}}}");
        let sent = cli
            .words(&["events", "send", "shop/paid", "--data", &data])
            .await;
        assert_eq!(sent.code, 0, "{sent:?}");
    };
    send(7).await;
    let wire = Wire::to(cli.server.dev.port).await;
    let words = [
        "events",
        "tail",
        "-q",
        "event.data.n > 5",
        "--columns",
        "name,data",
    ];
    let mut watching = Watching::start(&cli, &wire.url, &words);
    wire.is_followed().await;
    for n in [8, 1, 6] {
        send(n).await;
    }
    assert_eq!(watching.out().await, "shop/paid  {\"n\":8}");
    assert_eq!(watching.out().await, "shop/paid  {\"n\":6}");
}

#[tokio::test]
async fn a_server_that_is_not_there_is_not_watched() {
    let cli = Cli::start().await;
    for verb in ["runs watch", "events tail"] {
        let line = format!("{verb} --url http://127.0.0.1:9");
        assert_eq!(cli.run(&line).await.code, 5, "{verb}");
    }
}
