//! The binary as a process: flags, exit codes, signals, output.

use std::path::Path;
use std::process::{Output, Stdio};
use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStderr, Command};

use crate::support::app::{App, function, registration, sdk};
use crate::support::{request, until};

fn everstep(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_everstep"));
    command
        .current_dir(folder)
        .args(arguments)
        .stdin(Stdio::null())
        .kill_on_drop(true);
    for (name, _) in std::env::vars().filter(|(name, _)| {
        name.starts_with("INNGEST_")
            || name.starts_with("EVERSTEP_")
            || name == "RUST_LOG"
            || name == "LOG_LEVEL"
    }) {
        command.env_remove(name);
    }
    command
}

async fn output(folder: &Path, arguments: &[&str]) -> Output {
    let running = everstep(folder, arguments).output();
    tokio::time::timeout(Duration::from_secs(30), running)
        .await
        .expect("it ends")
        .unwrap()
}

fn code(output: &Output) -> (i32, String) {
    (
        output.status.code().unwrap(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

/// A server process that is up.
struct Dev {
    child: Child,
    url: String,
    lines: Lines<BufReader<ChildStderr>>,
}

impl Dev {
    async fn start(folder: &Path, arguments: &[&str]) -> Self {
        let all = [&["dev", "--json", "--no-discovery", "-p", "0"], arguments].concat();
        Self::of(everstep(folder, &all)).await
    }

    async fn of(mut command: Command) -> Self {
        let mut child = command
            .stderr(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let ready = line(&mut lines, "server ready").await;
        Self {
            child,
            url: ready["url"].as_str().unwrap().to_owned(),
            lines,
        }
    }

    async fn line(&mut self, message: &str) -> Value {
        line(&mut self.lines, message).await
    }

    async fn ask(&self, method: Method, path: &str, body: &Value) -> (u16, Value) {
        let client = everstep_engine::http::HttpClient::new(Duration::from_secs(5));
        let url = format!("{}{path}", self.url).parse().unwrap();
        let response = request(&client, method, url, &[], body.to_string().into()).await;
        (
            response.status.as_u16(),
            serde_json::from_slice(&response.body).unwrap(),
        )
    }

    async fn signal(&self, name: &str) {
        let pid = self.child.id().expect("it runs").to_string();
        assert!(
            Command::new("kill")
                .args([name, &pid])
                .status()
                .await
                .unwrap()
                .success()
        );
    }

    async fn exit_code(&mut self) -> Option<i32> {
        let ended = tokio::time::timeout(Duration::from_secs(30), self.child.wait());
        ended.await.expect("it ends").unwrap().code()
    }
}

/// The next line with this message.
async fn line(lines: &mut Lines<BufReader<ChildStderr>>, message: &str) -> Value {
    let search = async {
        while let Some(line) = lines.next_line().await.unwrap() {
            let json: Value =
                serde_json::from_str(&line).unwrap_or_else(|_| panic!("no JSON: {line}"));
            if json["message"] == message {
                return json;
            }
        }
        panic!("no line says {message:?}");
    };
    tokio::time::timeout(Duration::from_secs(30), search)
        .await
        .unwrap_or_else(|_| panic!("no {message:?} in time"))
}

#[tokio::test]
async fn state_outlives_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let mut dev = Dev::start(folder.path(), &[]).await;
    let (status, reply) = dev
        .ask(Method::POST, "/e/key", &json!({ "name": "a/b" }))
        .await;
    assert_eq!(status, 200);
    dev.line("event received").await;
    dev.signal("-TERM").await;
    assert_eq!(dev.exit_code().await, Some(0), "a drained server ends well");

    let mut dev = Dev::start(folder.path(), &[]).await;
    let id = reply["ids"][0].as_str().unwrap();
    assert_eq!(
        dev.ask(Method::GET, &format!("/v1/events/{id}"), &Value::Null)
            .await
            .0,
        200
    );
    dev.signal("-INT").await;
    assert_eq!(dev.exit_code().await, Some(0));
    assert!(folder.path().join(".everstep/everstep.db").exists());
    assert_eq!(
        std::fs::read_to_string(folder.path().join(".everstep/.gitignore")).unwrap(),
        "*\n"
    );
}

#[tokio::test]
async fn ephemeral_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let mut dev = Dev::start(folder.path(), &["--ephemeral"]).await;
    dev.signal("-TERM").await;
    assert_eq!(dev.exit_code().await, Some(0));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_second_signal_does_not_wait_for_calls() {
    let folder = tempfile::tempdir().unwrap();
    let app = App::start(|_| async {
        std::future::pending::<()>().await;
        sdk(200, &json!(null))
    })
    .await;
    for (first, second, expected) in [("-TERM", "-TERM", 143), ("-INT", "-INT", 130)] {
        let mut dev = Dev::start(folder.path(), &["--ephemeral"]).await;
        let body = registration(
            &app.url(),
            &[function("shop-pay", "shop/paid", &app.url(), json!({}))],
        );
        assert_eq!(dev.ask(Method::POST, "/fn/register", &body).await.0, 200);
        let before = app.count(&Method::POST);
        dev.ask(Method::POST, "/e/key", &json!({ "name": "shop/paid" }))
            .await;
        until("the app is called", async || {
            (app.count(&Method::POST) > before).then_some(())
        })
        .await;
        dev.signal(first).await;
        dev.line("notice").await;
        assert_eq!(
            dev.ask(Method::GET, "/health", &Value::Null).await.0,
            200,
            "it serves while it drains"
        );
        dev.signal(second).await;
        assert_eq!(dev.exit_code().await, Some(expected));
    }
}

#[tokio::test]
async fn what_is_taken_or_broken_has_its_exit_code() {
    let folder = tempfile::tempdir().unwrap();
    let mut dev = Dev::start(folder.path(), &[]).await;
    let port = dev.url.rsplit(':').next().unwrap().to_owned();

    let (exit, text) = code(
        &output(
            folder.path(),
            &["dev", "--ephemeral", "--strict-port", "-p", &port],
        )
        .await,
    );
    assert_eq!(
        (exit, text.as_str()),
        (69, format!("error: port {port} is in use\n").as_str())
    );

    let (exit, text) = code(&output(folder.path(), &["dev", "-p", "0"]).await);
    assert_eq!(exit, 69, "{text}");
    assert!(text.contains("--ephemeral"), "{text}");

    std::fs::write(folder.path().join("file"), "").unwrap();
    let (exit, text) = code(
        &output(
            folder.path(),
            &["dev", "-p", "0", "--sqlite-dir", "file/below"],
        )
        .await,
    );
    assert_eq!(exit, 73, "{text}");

    let mut next = Dev::of(everstep(
        folder.path(),
        &[
            "dev",
            "--json",
            "--no-discovery",
            "--ephemeral",
            "-p",
            &port,
        ],
    ))
    .await;
    assert_ne!(next.url, dev.url, "the next free port");
    for server in [&mut dev, &mut next] {
        server.signal("-TERM").await;
        assert_eq!(server.exit_code().await, Some(0));
    }
}

#[tokio::test]
async fn variables_stand_for_flags() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = everstep(folder.path(), &["dev", "--no-discovery"]);
    command
        .env("INNGEST_PORT", "1")
        .env("EVERSTEP_PORT", "0")
        .env("INNGEST_EPHEMERAL", "1")
        .env("INNGEST_JSON", "true")
        .env("INNGEST_POLL_INTERVAL", "9")
        .env(
            "INNGEST_SDK_URL",
            "http://localhost:9/a,http://localhost:9/b",
        )
        .env("INNGEST_NO_POLL", "no")
        .env("INNGEST_SIGNING_KEY", "signkey-prod-0123456789abcdef")
        .env("INNGEST_DEV", "1");
    let mut dev = Dev::of(command).await;
    let notice = dev.line("notice").await;
    let text = notice["notice"].as_str().unwrap();
    assert!(
        text.starts_with("INNGEST_SIGNING_KEY is ignored") && !text.contains("0123"),
        "{text}"
    );
    let options = dev.ask(Method::GET, "/dev", &Value::Null).await.1["startOpts"].clone();
    assert_eq!(
        (&options["poll_interval"], &options["poll"]),
        (&json!(9), &json!(true))
    );
    assert_eq!(
        options["urls"],
        json!(["http://localhost:9/a", "http://localhost:9/b"])
    );
    dev.signal("-TERM").await;
    assert_eq!(dev.exit_code().await, Some(0));

    let mut command = everstep(folder.path(), &["dev"]);
    command.env("EVERSTEP_PROT", "1");
    let (exit, text) = code(&command.output().await.unwrap());
    assert_eq!(
        (exit, text.contains("did you mean EVERSTEP_PORT?")),
        (78, true),
        "{text}"
    );
}

#[tokio::test]
async fn version_and_health_are_for_scripts() {
    let folder = tempfile::tempdir().unwrap();
    let version = output(folder.path(), &["version"]).await;
    assert_eq!(
        String::from_utf8_lossy(&version.stdout),
        format!("{}\n", env!("CARGO_PKG_VERSION"))
    );
    let version = output(folder.path(), &["version", "--json"]).await;
    let json: Value = serde_json::from_slice(&version.stdout).unwrap();
    assert_eq!(json, json!({ "version": env!("CARGO_PKG_VERSION") }));

    let mut dev = Dev::start(folder.path(), &["--ephemeral"]).await;
    assert_eq!(
        code(&output(folder.path(), &["health", "--url", &dev.url]).await),
        (0, String::new())
    );
    let url = dev.url.clone();
    dev.signal("-TERM").await;
    assert_eq!(dev.exit_code().await, Some(0));
    let (exit, text) = code(&output(folder.path(), &["health", "--url", &url]).await);
    assert_eq!(exit, 5, "{text}");
    let (exit, text) =
        code(&output(folder.path(), &["health", "--wait", "200ms", "--url", &url]).await);
    assert_eq!(exit, 8, "{text}");
    let app = App::start(|_| async { sdk(503, &json!(null)) }).await;
    let (exit, text) = code(&output(folder.path(), &["health", "--url", &app.url()]).await);
    assert_eq!(exit, 1, "{text}");
}

#[tokio::test]
async fn stdout_is_for_data_only() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = everstep(
        folder.path(),
        &["dev", "--no-discovery", "--ephemeral", "-p", "0"],
    );
    let mut child = command
        .stderr(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut shown = String::new();
    while !shown.contains("Your app needs INNGEST_DEV=http://localhost:") {
        shown.push_str(
            &lines
                .next_line()
                .await
                .unwrap()
                .expect("it tells what an app needs"),
        );
    }
    assert!(
        !shown.contains('\x1b'),
        "no colours without a terminal: {shown:?}"
    );
    let pid = child.id().unwrap().to_string();
    Command::new("kill")
        .args(["-TERM", &pid])
        .status()
        .await
        .unwrap();
    let output = child.wait_with_output().await.unwrap();
    assert_eq!((output.status.code(), output.stdout.len()), (Some(0), 0));
}
