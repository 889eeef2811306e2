//! `cargo xtask ci`: everything the gate checks. The same command on a laptop and in the gate.

use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use lexopt::ValueExt;

use crate::process::{self, Run};
use crate::{demo, node, server, sim, tidy, tools, ui, workspace};

const HELP: &str = "\
Everything the gate checks, in order, up to the first failure.

Usage: cargo xtask ci [--only PART,…] [--skip PART,…]

  --only PART,…   these parts alone
  --skip PART,…   all but these parts

Parts:";

struct Part {
    name: &'static str,
    what: &'static str,
    run: fn() -> anyhow::Result<()>,
}

/// Cheapest first, so that the usual mistakes are reported within seconds.
const PARTS: &[Part] = &[
    Part {
        name: "tools",
        what: "the programs that the other parts need",
        run: tools::for_ci,
    },
    Part {
        name: "fmt",
        what: "cargo fmt --check",
        run: fmt,
    },
    Part {
        name: "tidy",
        what: "layers, lints and texts that no compiler checks",
        run: tidy::check,
    },
    Part {
        name: "ui",
        what: "the dashboard: types, lints, tests, and the build that the server takes in",
        run: ui::check,
    },
    Part {
        name: "clippy",
        what: "cargo clippy, warnings are errors",
        run: clippy,
    },
    Part {
        name: "test",
        what: "unit, property and conformance tests",
        run: test,
    },
    Part {
        name: "doc",
        what: "the examples in the documentation",
        run: doc,
    },
    Part {
        name: "sim",
        what: "the simulator with its fixed seeds",
        run: sim::fixed_seeds,
    },
    Part {
        name: "build",
        what: "the server, for release: what the parts below run",
        run: build,
    },
    Part {
        name: "demo",
        what: "the example app, built, with one upload processed",
        run: demo::once,
    },
    Part {
        name: "e2e",
        what: "the server with the official SDKs",
        run: e2e,
    },
    Part {
        name: "browser",
        what: "the dashboard in a browser, with a real app",
        run: browser,
    },
];

pub(crate) fn run(mut arguments: lexopt::Parser) -> anyhow::Result<()> {
    let mut parts: Vec<&Part> = PARTS.iter().collect();
    while let Some(argument) = arguments.next()? {
        match argument {
            lexopt::Arg::Long("help") | lexopt::Arg::Short('h') => {
                print_help();
                return Ok(());
            }
            lexopt::Arg::Long("only") => {
                let chosen = names(&arguments.value()?.string()?)?;
                parts.retain(|part| chosen.contains(&part.name));
            }
            lexopt::Arg::Long("skip") => {
                let left_out = names(&arguments.value()?.string()?)?;
                parts.retain(|part| !left_out.contains(&part.name));
            }
            other => return Err(other.unexpected().into()),
        }
    }
    run_parts(&parts)
}

fn print_help() {
    println!("{HELP}");
    for part in PARTS {
        println!("  {:<7} {}", part.name, part.what);
    }
}

/// The parts that a list like `fmt,clippy` names.
fn names(list: &str) -> anyhow::Result<Vec<&'static str>> {
    list.split(',')
        .map(|name| {
            let part = PARTS.iter().find(|part| part.name == name.trim());
            Ok(part
                .with_context(|| format!("no part is called {name:?}; see --help"))?
                .name)
        })
        .collect()
}

fn run_parts(parts: &[&Part]) -> anyhow::Result<()> {
    let start = Instant::now();
    let mut rows = Vec::new();
    let mut failure = None;
    for part in parts {
        if failure.is_some() {
            rows.push(format!("  {:<7} not run", part.name));
            continue;
        }
        println!("\n── {} ── {}", part.name, part.what);
        let part_start = Instant::now();
        let result = (part.run)();
        let outcome = if result.is_ok() { "ok" } else { "FAILED" };
        rows.push(format!(
            "  {:<7} {outcome:<7} {}",
            part.name,
            shown(part_start.elapsed())
        ));
        failure = result.err().map(|error| (part.name, error));
    }
    println!("\n── summary ──");
    println!("{}", rows.join("\n"));
    println!("  {:<15} {}", "total", shown(start.elapsed()));
    match failure {
        None => Ok(()),
        Some((name, error)) => Err(error.context(format!(
            "`{name}` failed (to run it alone: `cargo xtask ci --only {name}`)"
        ))),
    }
}

fn shown(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    if seconds < 60.0 {
        format!("{seconds:>6.1} s")
    } else {
        format!(
            "{:>2} min {:>2.0} s",
            duration.as_secs() / 60,
            seconds % 60.0
        )
    }
}

fn fmt() -> anyhow::Result<()> {
    process::run(workspace::cargo(["fmt", "--all", "--check"]))
}

fn clippy() -> anyhow::Result<()> {
    process::run(workspace::cargo([
        "clippy",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ]))
}

fn test() -> anyhow::Result<()> {
    process::run(workspace::cargo([
        "test",
        "--workspace",
        "--lib",
        "--bins",
        "--tests",
    ]))
}

fn doc() -> anyhow::Result<()> {
    process::run(workspace::cargo(["test", "--workspace", "--doc"]))
}

fn build() -> anyhow::Result<()> {
    server::build_release(&["everstep"])
}

fn e2e() -> anyhow::Result<()> {
    server::build_release(&["everstep"])?;
    let folder = workspace::root().join("e2e");
    let python = python_environment(&folder)?;
    node::install(&folder)?;
    // The Go app. `test` would build it as well, but a failure has its own line here.
    process::run(node::script(&folder, "build"))?;
    process::run(node::script(&folder, "typecheck"))?;
    process::run(with_server(node::script(&folder, "test"))?.env("E2E_PYTHON", python))
}

fn browser() -> anyhow::Result<()> {
    server::build_release(&["everstep"])?;
    let folder = workspace::root().join("e2e");
    node::install(&folder)?;
    process::run(with_server(node::script(&folder, "test:browser"))?)
}

/// With the binary under test, and nothing else that would tell it or the SDKs what to do.
fn with_server(run: Run) -> anyhow::Result<Run> {
    let run = run.without_env("INNGEST_").without_env("EVERSTEP_");
    Ok(run.env("EVERSTEP_BIN", server::release_path("everstep")?))
}

/// Python's packages in `e2e/.venv`, installed when `requirements.txt` has changed; returns its `python`.
fn python_environment(folder: &std::path::Path) -> anyhow::Result<std::path::PathBuf> {
    let environment = folder.join(".venv");
    let python = environment.join("bin/python");
    let wanted = std::fs::read(folder.join("requirements.txt"))
        .context("can't read e2e/requirements.txt")?;
    let stamp = environment.join("installed-from.txt");
    if std::fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    // Made anew: an environment that lost its interpreter, or half of an installation, is of no use.
    process::run(
        Run::new("python3")
            .folder(folder)
            .arguments(["-m", "venv", "--clear", ".venv"]),
    )?;
    let pip = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-input",
        "-r",
        "requirements.txt",
    ];
    process::run(Run::new(&python).folder(folder).arguments(pip))?;
    std::fs::write(&stamp, wanted).with_context(|| format!("can't write {}", stamp.display()))?;
    if !python.exists() {
        bail!("{} is missing after its installation", python.display());
    }
    Ok(python)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_chosen_by_name() {
        assert_eq!(names("fmt, clippy").unwrap(), ["fmt", "clippy"]);
        assert!(names("fmt,everything").is_err());
    }

    #[test]
    fn durations_are_shown_in_minutes_from_one_minute_on() {
        assert_eq!(shown(Duration::from_millis(1_250)), "   1.2 s");
        assert_eq!(shown(Duration::from_secs(125)), " 2 min  5 s");
    }
}
