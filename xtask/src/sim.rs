//! `cargo xtask sim`: the simulator, with its own arguments.

use crate::process;
use crate::workspace;

const HELP: &str = "\
Run the simulator: real core and engine code, a fake clock, fake apps, seeded faults.

Usage: cargo xtask sim [ARGUMENTS OF everstep-sim]

  cargo xtask sim --seeds 0..1000   these seeds
  cargo xtask sim --seed N          one seed, with its log";

pub(crate) fn run(mut arguments: lexopt::Parser) -> anyhow::Result<()> {
    let given: Vec<_> = arguments.raw_args()?.collect();
    if given.is_empty() {
        println!("{HELP}");
        return Ok(());
    }
    let run = workspace::cargo(["run", "--quiet", "--release", "--bin", "everstep-sim", "--"]);
    process::run(given.into_iter().fold(run, process::Run::argument))
}
