//! `cargo xtask sim`: the simulator, with its own arguments.

use std::ffi::OsString;

use crate::process;
use crate::workspace;

const HELP: &str = "\
Run the simulator: real core and engine code, a fake clock, fake apps, seeded faults.

Usage: cargo xtask sim [--release] [ARGUMENTS OF everstep-sim]

  cargo xtask sim --seeds 0..1000                 these seeds
  cargo xtask sim --seed N                        one seed, with its log
  cargo xtask sim --release --seeds 0..1000000    many seeds: seven times as fast, but with overflow
                                                  checks and debug assertions off";

pub(crate) fn run(mut arguments: lexopt::Parser) -> anyhow::Result<()> {
    let mut given: Vec<OsString> = arguments.raw_args()?.collect();
    if given.is_empty() || given[0] == "--help" || given[0] == "-h" {
        println!("{HELP}");
        return Ok(());
    }
    let is_release = given[0] == "--release";
    if is_release {
        given.remove(0);
    }
    simulate(is_release, given)
}

/// The seeds of the gate: fixed, so that a failure is the change's own. In the profile of the tests, which
/// are built already, with every assertion on.
pub(crate) fn fixed_seeds() -> anyhow::Result<()> {
    simulate(false, ["--seeds", "0..1000"].map(OsString::from))
}

fn simulate(is_release: bool, arguments: impl IntoIterator<Item = OsString>) -> anyhow::Result<()> {
    let run = workspace::cargo(["run", "--quiet", "--bin", "everstep-sim"])
        .arguments(is_release.then_some("--release"))
        .argument("--");
    process::run(arguments.into_iter().fold(run, process::Run::argument))
}
