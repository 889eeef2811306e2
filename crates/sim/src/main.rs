//! `everstep-sim [--seeds FROM..TO | --seed N]`: live through histories, report what went wrong.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line tool"
)]

use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use everstep_sim::audit::Tally;
use everstep_sim::world::{self, Verdict};

/// Seeds of a run without arguments.
const SEEDS_DEFAULT: std::ops::Range<u64> = 0..1000;

/// Of each seed that failed.
const VIOLATIONS_SHOWN: usize = 5;

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
    let outcome = live_through(seeds);
    let tally: Vec<String> = outcome
        .tally
        .iter()
        .map(|(what, count)| format!("{count} {what}"))
        .collect();
    println!("simulation: {}", tally.join(", "));
    println!(
        "{} passed, {} failed, {:.1} s",
        outcome.passed,
        outcome.failed,
        begun.elapsed().as_secs_f64()
    );
    Ok(if outcome.failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// What came of all seeds.
#[derive(Default)]
struct Outcome {
    passed: u64,
    failed: u64,
    tally: Tally,
}

/// Live through the histories, one at a time on each core: they have nothing in common.
fn live_through(seeds: std::ops::Range<u64>) -> Outcome {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let next = AtomicU64::new(seeds.start);
    let outcome = Mutex::new(Outcome::default());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds.end {
                        break;
                    }
                    let verdict = world::run(seed);
                    record(
                        &mut outcome.lock().unwrap_or_else(PoisonError::into_inner),
                        &verdict,
                    );
                }
            });
        }
    });
    outcome.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn record(outcome: &mut Outcome, verdict: &Verdict) {
    for (what, count) in &verdict.tally {
        *outcome.tally.entry(what).or_default() += count;
    }
    if verdict.violations.is_empty() {
        outcome.passed += 1;
        return;
    }
    outcome.failed += 1;
    let Verdict {
        seed, violations, ..
    } = verdict;
    println!("seed {seed}: {} violations", violations.len());
    for violation in violations.iter().take(VIOLATIONS_SHOWN) {
        println!("  {violation}");
    }
    println!("  replay: cargo xtask sim --seed {seed}");
}
