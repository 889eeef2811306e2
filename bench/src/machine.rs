//! What the figures were measured on: without it they are not comparable with any others.

use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::Context;
use serde_json::{Value, json};

use crate::figures::percentile;

pub(crate) fn describe(data: &Path) -> anyhow::Result<Value> {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let cpu = read("/proc/cpuinfo").lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        (name.trim() == "model name").then(|| value.trim().to_owned())
    });
    let memory = read("/proc/meminfo").lines().find_map(|line| {
        line.strip_prefix("MemTotal:")
            .map(|value| value.trim().to_owned())
    });
    Ok(json!({
        "cpu": cpu,
        "cores": std::thread::available_parallelism()?.get(),
        "memory": memory,
        "kernel": read("/proc/sys/kernel/osrelease").trim(),
        "filesystem": output("stat", &["--file-system", "--format=%T", &data.to_string_lossy()]),
        "fsync_ms": fsync_ms(data)?,
        "commit": output("git", &["rev-parse", "HEAD"]),
        "has_uncommitted_changes": output("git", &["status", "--porcelain"]).map(|text| !text.is_empty()),
        "rustc": output("rustc", &["--version"]),
    }))
}

/// What a command prints; `None` where it does not exist or fails.
fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// What a durable write of one page costs on this disk: the median of 100.
fn fsync_ms(data: &Path) -> anyhow::Result<f64> {
    let mut file = tempfile::tempfile_in(data).context("can't create a file in the data folder")?;
    let mut times = Vec::new();
    for _ in 0..100 {
        let start = Instant::now();
        file.write_all(&[0x5a; 4096])?;
        file.sync_data()?;
        times.push(start.elapsed().as_secs_f64() * 1000.0);
    }
    times.sort_by(f64::total_cmp);
    Ok(percentile(&times, 50.0))
}
