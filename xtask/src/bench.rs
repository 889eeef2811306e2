//! `cargo xtask bench`: the benchmark in `bench/`, over release builds.

use std::path::PathBuf;
use std::time::SystemTime;

use lexopt::ValueExt as _;

use crate::process::{self, Run};
use crate::{server, ui, workspace};

const HELP: &str = "\
Measure the server against the budgets of ARCHITECTURE.md and against the same worker without a server.

Usage: cargo xtask bench [--quick] [--only PART]... [--out FILE]

  --quick      about a minute: to see that it works, not to quote
  --only PART  this part alone, or these: cold-start, idle, latency, throughput, intake, crowd, matching,
               tenants, history
  --out FILE   where the figures go as JSON (default: bench/results/local-<seconds>.json, not committed)";

pub(crate) fn run(mut arguments: lexopt::Parser) -> anyhow::Result<()> {
    let mut is_quick = false;
    let mut out = None;
    let mut parts = Vec::new();
    while let Some(argument) = arguments.next()? {
        match argument {
            lexopt::Arg::Long("help") | lexopt::Arg::Short('h') => {
                println!("{HELP}");
                return Ok(());
            }
            lexopt::Arg::Long("quick") => is_quick = true,
            lexopt::Arg::Long("only") => {
                // Which parts there are is known to the benchmark.
                parts.extend(["--only".to_owned(), arguments.value()?.string()?]);
            }
            lexopt::Arg::Long("out") => out = Some(PathBuf::from(arguments.value()?)),
            other => return Err(other.unexpected().into()),
        }
    }
    let out = match out {
        Some(path) => std::path::absolute(path)?,
        None => default_out()?,
    };
    ui::build_if_changed()?;
    server::build_release(&["everstep", "everstep-bench"])?;
    // Beside the binaries and not in the system's temporary folder, which may be memory: an fsync there
    // costs nothing and the figures would mean nothing.
    let data = workspace::target_dir()?.join("bench");
    std::fs::create_dir_all(&data)?;
    let bench = Run::new(server::release_path("everstep-bench")?)
        .arguments(["run", "--server"])
        .argument(server::release_path("everstep")?)
        .argument("--data")
        .argument(data)
        .argument("--out")
        .argument(out)
        .arguments(is_quick.then_some("--quick"))
        .arguments(parts.iter().map(String::as_str));
    process::run(bench)
}

fn default_out() -> anyhow::Result<PathBuf> {
    let folder = workspace::root().join("bench/results");
    std::fs::create_dir_all(&folder)?;
    let seconds = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)?
        .as_secs();
    Ok(folder.join(format!("local-{seconds}.json")))
}
