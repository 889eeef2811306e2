//! The project's own commands. `cargo xtask help` lists them.
//!
//! One file per command. What they share: [`workspace`] (where things are), [`process`] (children that
//! never outlive this process), [`node`] (npm), [`server`] (the binary under test), [`http`] (loopback
//! requests). This crate knows nothing about the server's code: it builds it, runs it and talks to it.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the terminal is this program's user interface"
)]

mod bench;
mod ci;
mod demo;
mod http;
mod node;
mod process;
mod server;
mod sim;
mod tidy;
mod tools;
mod ui;
mod workspace;

use std::process::ExitCode;

use lexopt::ValueExt;

const HELP: &str = "\
The project's own commands.

Usage: cargo xtask <COMMAND> [OPTIONS]

Commands:
  ci      Everything the gate checks, in order
  ui      The dashboard, for the server to take in
  demo    The server and the example app together, with one upload processed
  bench   Build for release, measure against the budgets, write the figures as JSON
  sim     The simulator: real core and engine code, seeded faults
  tidy    Layers, lints and texts that no compiler checks

`cargo xtask <COMMAND> --help` says more.";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<()> {
    process::stop_children_on_signals()?;
    let mut arguments = lexopt::Parser::from_env();
    let command = match arguments.next()? {
        Some(lexopt::Arg::Value(command)) => command.string()?,
        Some(lexopt::Arg::Long("help") | lexopt::Arg::Short('h')) | None => "help".to_owned(),
        Some(other) => return Err(other.unexpected().into()),
    };
    match command.as_str() {
        "ci" => ci::run(arguments),
        "ui" => ui::run(arguments),
        "demo" => demo::run(arguments),
        "bench" => bench::run(arguments),
        "sim" => sim::run(arguments),
        "tidy" => tidy::run(arguments),
        "help" => {
            println!("{HELP}");
            Ok(())
        }
        other => anyhow::bail!("there is no command {other:?}; `cargo xtask help` lists them"),
    }
}
