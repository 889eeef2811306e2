//! Measures the `everstep` binary against its budgets.
//!
//! Three processes take part, so that the CPU time of each is told apart:
//!
//! ```text
//!   this process ── events, control ──▶ server (everstep dev, SQLite, fsync on)
//!        │                                │ calls
//!        │                                ▼
//!        └──── the same calls, raw ────▶ worker (this binary again: an app that does no work)
//! ```
//!
//! `raw` is the physical limit of one request per step: the same worker, called by a bare client loop
//! that stores nothing. Raw and server phases alternate, and each ratio is taken between neighbours,
//! because a shared machine is faster in one minute than in the next.

#![allow(
    clippy::print_stdout,
    reason = "the terminal is this program's user interface, and the worker's line to its parent"
)]

mod child;
mod client;
mod crowd;
mod figures;
mod history;
mod idle;
mod intake;
mod latency;
mod machine;
mod matching;
mod part;
mod run;
mod shape;
mod tenant;
mod tenants;
mod throughput;
mod waiter;
mod worker;

use lexopt::ValueExt;

const HELP: &str = "\
Measure the everstep binary against its budgets.

Usage: everstep-bench run --server BINARY --data FOLDER [--out FILE] [--quick] [--only PART]...
       everstep-bench worker

  --server BINARY   the binary to measure
  --data FOLDER     where its databases go: a folder on the disk that matters
  --out FILE        the figures as JSON
  --quick           shorter phases, fewer rounds, a smaller crowd: to see that it works, not to quote
  --only PART       this part alone, or these: cold-start, idle, latency, throughput, intake, crowd,
                    matching, tenants, history

`worker` is the app that the server calls; `run` starts it.";

fn main() -> anyhow::Result<()> {
    let mut arguments = lexopt::Parser::from_env();
    let command = match arguments.next()? {
        Some(lexopt::Arg::Value(command)) => command.string()?,
        _ => "help".to_owned(),
    };
    match command.as_str() {
        "run" => run::run(run::Options::parse(arguments)?),
        "worker" => worker::run(),
        _ => {
            println!("{HELP}");
            Ok(())
        }
    }
}
