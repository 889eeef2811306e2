//! `cargo xtask demo`: the server and the example app side by side, with one upload processed.

mod programs;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use serde_json::{Value, json};

use self::programs::Programs;
use crate::http::{self, Response};
use crate::process::{self, Run, TempFolder};
use crate::{node, server, tools, ui, workspace};

const HELP: &str = "\
Start the server and the Next.js example, upload a file, and show how it is processed.

Usage: cargo xtask demo [--once] [--port PORT] [--app-port PORT]

  --once            stop once the upload is processed, instead of staying up
  --port PORT       the server's port (default: 8288 if free)
  --app-port PORT   the example's port (default: 3000 if free)";

const EXAMPLE: &str = "examples/nextjs-upload";
/// As the example names itself to the server.
const APP: &str = "nextjs-upload";

const START_TIMEOUT: Duration = Duration::from_secs(60);
const RUN_TIMEOUT: Duration = Duration::from_secs(90);

#[derive(Default)]
struct Options {
    is_once: bool,
    port: Option<u16>,
    app_port: Option<u16>,
}

pub(crate) fn run(mut arguments: lexopt::Parser) -> anyhow::Result<()> {
    use lexopt::ValueExt as _;

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
    ui::build_if_changed()?;
    server::build_release(&["everstep"])?;
    let example = workspace::root().join(EXAMPLE);
    node::install(&example)?;
    process::run(node::script(&example, "build"))?;

    let folder = TempFolder::new("demo")?;
    let mut demo = Demo {
        port: options.port.map_or_else(|| http::free_port(8288), Ok)?,
        app_port: options.app_port.map_or_else(|| http::free_port(3000), Ok)?,
        state: folder.path().join("state"),
        programs: Programs::new(folder.path()),
    };
    println!();
    let outcome = demo
        .start(&example)
        .and_then(|()| demo.process_upload())
        .map(|run| demo.print_links(&run));
    let outcome = match outcome {
        Ok(()) if !options.is_once => {
            println!("\nBoth keep running. Ctrl-C stops them.\n");
            process::end_on_signal();
            Err(demo.programs.watch())
        }
        outcome => outcome,
    };
    if outcome.is_err() {
        demo.programs.show_tails();
    }
    outcome
}

struct Demo {
    port: u16,
    app_port: u16,
    /// The server's: new for each demo.
    state: PathBuf,
    programs: Programs,
}

impl Demo {
    /// The app first, so that the server finds it at its first try.
    fn start(&mut self, example: &Path) -> anyhow::Result<()> {
        let (port, app_port) = (self.port, self.app_port);
        let app = node::script(example, "start")
            .arguments(["--", "-p", &app_port.to_string()])
            .without_env("INNGEST_")
            .env("INNGEST_DEV", format!("http://127.0.0.1:{port}"));
        self.programs.start("app", app)?;
        self.programs
            .wait_for("the app to answer", START_TIMEOUT, || {
                is_success(app_port, "/api/inngest")
            })?;

        let server = Run::new(server::release_path("everstep")?)
            .without_env("INNGEST_")
            .without_env("EVERSTEP_")
            .arguments(["dev", "--strict-port", "--no-discovery"])
            .arguments(["--port", &port.to_string()])
            .arguments(["-u", &format!("http://localhost:{app_port}/api/inngest")])
            // The example fails once on purpose: its retry should not keep anybody waiting.
            .arguments(["--retry-interval", "1", "--sqlite-dir"])
            .argument(&self.state);
        self.programs.start("server", server)?;
        self.programs
            .wait_for("the server to be healthy", START_TIMEOUT, || {
                is_success(port, "/health")
            })?;
        self.programs
            .wait_for("the app to be registered", START_TIMEOUT, || {
                let functions = get(port, &format!("/v1/apps/{APP}/functions"))?;
                functions.as_array().filter(|list| !list.is_empty())?;
                Some(())
            })
    }

    /// Post an upload and follow it to its end; returns its run.
    fn process_upload(&mut self) -> anyhow::Result<String> {
        let (port, app_port) = (self.port, self.app_port);
        println!("\n$ curl -X POST http://localhost:{app_port}/api/uploads");
        let start = Instant::now();
        let queued = http::post_json(app_port, "/api/uploads", &json!({}))?;
        println!("{}", queued.body);
        println!(
            "(answered with {} in {})\n",
            queued.status,
            shown(start.elapsed())
        );
        if !queued.is_success() {
            bail!("the app did not take the upload");
        }
        let queued = queued.json()?;
        let event = text(&queued, "eventId")?;
        let upload = text(&queued, "uploadId")?;

        let run = self.programs.wait_for("a run to start", RUN_TIMEOUT, || {
            let runs = get(port, &format!("/v1/events/{event}/runs"))?;
            Some(runs["data"][0]["run_id"].as_str()?.to_owned())
        })?;
        let ended = self.programs.wait_for("the run to end", RUN_TIMEOUT, || {
            let run = get(port, &format!("/v1/runs/{run}"))?["data"].take();
            let is_live = matches!(run["status"].as_str()?, "Running" | "Scheduled");
            (!is_live).then_some(run)
        })?;
        println!(
            "\nRun {run}: {} after {}, output {}",
            text(&ended, "status")?,
            shown(start.elapsed()),
            ended["output"]
        );
        print_steps(&get(port, &format!("/v2/runs/{run}/trace")).context("no trace")?)?;
        if ended["status"] != "Completed" {
            bail!("the run should have completed: {ended:#}");
        }
        let upload = http::get(app_port, &format!("/api/uploads/{upload}"))?;
        println!("Upload: {}", upload.body);
        if upload.json()?["status"] != "completed" {
            bail!("the run completed, but the app's database does not say so");
        }
        Ok(run)
    }

    fn print_links(&self, run: &str) {
        let Self { port, app_port, .. } = self;
        println!("\n  app        http://localhost:{app_port}");
        println!("  dashboard  http://localhost:{port}/ui");
        println!("  run        http://localhost:{port}/ui/r/{run}");
    }
}

/// The steps with what they took, and the calls that failed in between.
fn print_steps(answer: &Value) -> anyhow::Result<()> {
    let spans = answer["data"]["rootSpan"]["children"].as_array();
    let steps = spans.context("no steps")?.iter();
    for step in steps.filter(|span| span["stepId"].is_string()) {
        // A number of milliseconds as a text.
        let took = step["durationMs"].as_str().unwrap_or("0");
        println!(
            "  {:<16} {:<10} {took:>5} ms",
            text(step, "name")?,
            text(step, "status")?
        );
    }
    let calls = answer["data"]["calls"].as_array().context("no calls")?;
    let failed: Vec<_> = calls
        .iter()
        .filter(|call| call["outcome"] != "SUCCEEDED")
        .collect();
    println!(
        "  {} calls to the app, {} of them failed",
        calls.len(),
        failed.len()
    );
    for call in failed {
        let message = call["error"]["message"].as_str().unwrap_or("no message");
        println!(
            "    attempt {}: {message}",
            call["attempt"].as_u64().unwrap_or_default() + 1
        );
    }
    Ok(())
}

fn is_success(port: u16, path: &str) -> Option<()> {
    let answer = http::get(port, path).ok();
    answer.filter(Response::is_success).map(|_| ())
}

/// The answer, if there is one and it is JSON.
fn get(port: u16, path: &str) -> Option<Value> {
    http::get(port, path).ok()?.json().ok()
}

fn text<'a>(value: &'a Value, member: &str) -> anyhow::Result<&'a str> {
    value[member]
        .as_str()
        .with_context(|| format!("no {member:?} in {value}"))
}

fn shown(duration: Duration) -> String {
    format!("{:.0} ms", duration.as_secs_f64() * 1000.0)
}
