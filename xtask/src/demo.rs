//! `cargo xtask demo`: the server and the example app side by side, with one upload processed.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use lexopt::ValueExt;
use serde_json::{Value, json};

use crate::http::{self, Response};
use crate::process::{self, Group, Run, TempFolder};
use crate::{node, server, tools, workspace};

const HELP: &str = "\
Start the server and the Next.js example, upload a file, and show how it is processed step by step.

Usage: cargo xtask demo [--once] [--port PORT] [--app-port PORT]

  --once            stop once the upload is processed, instead of staying up
  --port PORT       the server's port (default: 8288 if free)
  --app-port PORT   the example's port (default: 3000 if free)";

const EXAMPLE: &str = "examples/nextjs-upload";
/// As the example names itself to the server.
const APP: &str = "nextjs-upload";

const START_TIMEOUT: Duration = Duration::from_secs(60);
const RUN_TIMEOUT: Duration = Duration::from_secs(90);
const POLL: Duration = Duration::from_millis(50);
const LOG_LINES: usize = 40;

#[derive(Default)]
struct Options {
    is_once: bool,
    port: Option<u16>,
    app_port: Option<u16>,
}

pub(crate) fn run(mut arguments: lexopt::Parser) -> anyhow::Result<()> {
    let mut options = Options::default();
    while let Some(argument) = arguments.next()? {
        match argument {
            lexopt::Arg::Long("help") | lexopt::Arg::Short('h') => {
                println!("{HELP}");
                return Ok(());
            }
            lexopt::Arg::Long("once") => options.is_once = true,
            lexopt::Arg::Long("port") => options.port = Some(arguments.value()?.parse()?),
            lexopt::Arg::Long("app-port") => options.app_port = Some(arguments.value()?.parse()?),
            other => return Err(other.unexpected().into()),
        }
    }
    demo(&options)
}

/// `demo --once`, as the gate runs it.
pub(crate) fn once() -> anyhow::Result<()> {
    demo(&Options {
        is_once: true,
        ..Options::default()
    })
}

fn demo(options: &Options) -> anyhow::Result<()> {
    tools::for_demo()?;
    server::build_release(&["everstep"])?;
    let example = workspace::root().join(EXAMPLE);
    node::install(&example)?;
    process::run(node::script(&example, "build"))?;

    let folder = TempFolder::new("demo")?;
    let mut stack = Stack::new(options, folder.path())?;
    let shown = stack.start(&example).and_then(|()| stack.process_upload());
    if let Err(error) = shown {
        stack.print_logs();
        return Err(error);
    }
    if options.is_once {
        return Ok(());
    }
    println!("\nBoth keep running. Ctrl-C stops them.");
    process::end_on_signal();
    let ended = stack.wait_for_an_end();
    stack.print_logs();
    Err(ended)
}

/// Both programs, their ports and their logs.
struct Stack {
    port: u16,
    app_port: u16,
    folder: PathBuf,
    programs: Vec<Program>,
}

struct Program {
    name: &'static str,
    log: PathBuf,
    group: Group,
}

impl Stack {
    fn new(options: &Options, folder: &Path) -> anyhow::Result<Self> {
        let port_or =
            |given: Option<u16>, preferred| given.map_or_else(|| http::free_port(preferred), Ok);
        Ok(Self {
            port: port_or(options.port, 8288)?,
            app_port: port_or(options.app_port, 3000)?,
            folder: folder.to_owned(),
            programs: Vec::new(),
        })
    }

    /// The app first, so that the server finds it at its first try.
    fn start(&mut self, example: &Path) -> anyhow::Result<()> {
        let (port, app_port) = (self.port, self.app_port);
        let app = node::script(example, "start")
            .arguments(["--", "-p", &app_port.to_string()])
            .without_env("INNGEST_")
            .env("INNGEST_DEV", format!("http://127.0.0.1:{port}"));
        self.spawn("app", app)?;
        self.wait_for("the app to answer", START_TIMEOUT, || {
            http::get(app_port, "/api/inngest")
                .ok()
                .filter(Response::is_success)
        })?;

        let server = Run::new(server::release_path("everstep")?)
            .without_env("INNGEST_")
            .without_env("EVERSTEP_")
            .arguments([
                "dev",
                "--strict-port",
                "--no-discovery",
                "--port",
                &port.to_string(),
            ])
            .arguments(["-u", &format!("http://localhost:{app_port}/api/inngest")])
            // The example fails once on purpose: its retry should not keep anybody waiting.
            .arguments(["--retry-interval", "1", "--sqlite-dir"])
            .argument(self.folder.join("state"));
        self.spawn("server", server)?;
        self.wait_for("the server to be healthy", START_TIMEOUT, || {
            http::get(port, "/health").ok().filter(Response::is_success)
        })?;
        self.wait_for("the app to be registered", START_TIMEOUT, || {
            is_registered(port).then_some(())
        })
    }

    fn spawn(&mut self, name: &'static str, run: Run) -> anyhow::Result<()> {
        let log = self.folder.join(format!("{name}.log"));
        let group = run.log(&log)?.spawn()?;
        self.programs.push(Program { name, log, group });
        Ok(())
    }

    /// Ask again and again until there is an answer; fails early if one of the programs has ended.
    fn wait_for<T>(
        &mut self,
        what: &str,
        timeout: Duration,
        ask: impl Fn() -> Option<T>,
    ) -> anyhow::Result<T> {
        let start = Instant::now();
        loop {
            if let Some(answer) = ask() {
                return Ok(answer);
            }
            if let Some(ended) = self.ended() {
                return Err(ended.context(format!("waiting for {what}")));
            }
            if start.elapsed() > timeout {
                bail!("waited {} s for {what}", timeout.as_secs());
            }
            std::thread::sleep(POLL);
        }
    }

    fn process_upload(&mut self) -> anyhow::Result<()> {
        let (port, app_port) = (self.port, self.app_port);
        let start = Instant::now();
        let queued = http::post_json(app_port, "/api/uploads", &json!({}))?;
        let answered = start.elapsed();
        if !queued.is_success() {
            bail!(
                "POST /api/uploads answered {}: {}",
                queued.status,
                queued.body
            );
        }
        let queued = queued.json()?;
        let event = text(&queued, "eventId")?.to_owned();
        let upload = text(&queued, "uploadId")?.to_owned();
        println!(
            "\nPOST http://localhost:{app_port}/api/uploads answered in {}",
            milliseconds(answered)
        );

        let run = self.wait_for("a run to start", RUN_TIMEOUT, || {
            let runs = http::get(port, &format!("/v1/events/{event}/runs"))
                .ok()?
                .json()
                .ok()?;
            Some(
                runs["data"].as_array()?.first()?["run_id"]
                    .as_str()?
                    .to_owned(),
            )
        })?;
        let ended = self.wait_for("the run to end", RUN_TIMEOUT, || {
            let run = http::get(port, &format!("/v1/runs/{run}"))
                .ok()?
                .json()
                .ok()?;
            let is_live = matches!(run["data"]["status"].as_str()?, "Running" | "Scheduled");
            (!is_live).then(|| run["data"].clone())
        })?;
        println!(
            "Run {run}: {} after {}",
            text(&ended, "status")?,
            milliseconds(start.elapsed())
        );
        if ended["status"] != "Completed" {
            bail!("the run should have completed: {ended:#}");
        }
        println!("  output: {}", ended["output"]);

        let upload = http::get(app_port, &format!("/api/uploads/{upload}"))?.json()?;
        println!("  upload: {upload}");
        if upload["status"] != "completed" {
            bail!("the run completed, but the app does not say so of its upload");
        }
        println!("\n  server   http://localhost:{port}");
        println!("  run      http://localhost:{port}/v1/runs/{run}");
        println!("  app      http://localhost:{app_port}");
        Ok(())
    }

    /// Blocks until one of the programs ends by itself, which it should not.
    fn wait_for_an_end(&mut self) -> anyhow::Error {
        loop {
            if let Some(ended) = self.ended() {
                return ended;
            }
            std::thread::sleep(POLL * 4);
        }
    }

    fn ended(&mut self) -> Option<anyhow::Error> {
        self.programs
            .iter_mut()
            .find_map(|program| match program.group.ended() {
                Ok(None) => None,
                Ok(Some(status)) => Some(anyhow::anyhow!("the {} ended: {status}", program.name)),
                Err(error) => Some(error),
            })
    }

    fn print_logs(&self) {
        for program in &self.programs {
            let text = std::fs::read(&program.log).unwrap_or_default();
            let text = String::from_utf8_lossy(&text);
            let lines: Vec<&str> = text.lines().collect();
            let tail = &lines[lines.len().saturating_sub(LOG_LINES)..];
            println!(
                "\n── the {}'s log, last {} lines ──\n{}",
                program.name,
                tail.len(),
                tail.join("\n")
            );
        }
    }
}

fn is_registered(port: u16) -> bool {
    let functions = http::get(port, &format!("/v1/apps/{APP}/functions"));
    functions
        .and_then(|answer| answer.json())
        .is_ok_and(|list| list.as_array().is_some_and(|list| !list.is_empty()))
}

fn text<'a>(value: &'a Value, member: &str) -> anyhow::Result<&'a str> {
    value[member]
        .as_str()
        .with_context(|| format!("no {member:?} in {value}"))
}

fn milliseconds(duration: Duration) -> String {
    format!("{:.0} ms", duration.as_secs_f64() * 1000.0)
}
