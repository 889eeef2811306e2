//! `everstep-sim [--seeds FROM..TO | --seed N]`: live through histories, report what went wrong.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line tool"
)]

use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use everstep_sim::world;

/// Seeds of a run without arguments.
const SEEDS_DEFAULT: std::ops::Range<u64> = 0..1000;

fn main() -> Result<ExitCode> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let seeds = match args
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .as_slice()
    {
        [] => SEEDS_DEFAULT,
        ["--seeds", range] => {
            let (from, to) = range.split_once("..").context("--seeds wants FROM..TO")?;
            from.parse()?..to.parse()?
        }
        ["--seed", seed] => {
            let seed = seed.parse()?;
            tracing_subscriber::fmt()
                .with_writer(std::io::stderr)
                .without_time()
                .init();
            seed..seed + 1
        }
        _ => bail!("usage: everstep-sim [--seeds FROM..TO | --seed N]"),
    };
    let begun = Instant::now();
    let (mut passed, mut failed, mut runs, mut crashes, mut executions) = (0, 0, 0, 0, 0);
    for seed in seeds {
        let verdict = world::run(seed);
        runs += verdict.runs;
        crashes += verdict.crashes;
        executions += verdict.executions;
        if verdict.violations.is_empty() {
            passed += 1;
            continue;
        }
        failed += 1;
        println!("seed {seed}: {} violations", verdict.violations.len());
        for violation in verdict.violations.iter().take(5) {
            println!("  {violation}");
        }
        println!("  replay: cargo xtask sim --seed {seed}");
    }
    println!(
        "simulation: {runs} runs, {executions} steps executed, {crashes} crashes, {:.1} s",
        begun.elapsed().as_secs_f64()
    );
    println!("{passed} passed, {failed} failed");
    Ok(if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
