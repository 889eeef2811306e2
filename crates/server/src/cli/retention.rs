//! Flags that say how long history is kept.

use std::time::Duration;

use clap::Args;
use everstep_engine::RetentionConfig;
use everstep_protocol::time::parse_duration;

/// Unless told otherwise: a month.
const KEPT_DEFAULT: &str = "30d";

/// For ever.
const NEVER: [&str; 2] = ["never", "off"];

/// What goes sooner would go while someone looks at it.
const KEPT_MIN: Duration = Duration::from_secs(60 * 60);

/// Less would not hold a day of anything.
const SIZE_MIN: u64 = 10 * MB;

const KB: u64 = 1_000;
const MB: u64 = 1_000 * KB;
const GB: u64 = 1_000 * MB;
const TB: u64 = 1_000 * GB;
const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;
const TIB: u64 = 1 << 40;

const UNITS: [(&str, u64); 8] = [
    ("kb", KB),
    ("mb", MB),
    ("gb", GB),
    ("tb", TB),
    ("kib", KIB),
    ("mib", MIB),
    ("gib", GIB),
    ("tib", TIB),
];

#[derive(Debug, Args)]
pub(super) struct RetentionArgs {
    /// How long runs are kept after they ended, or "never" to remove none
    #[arg(long, value_name = "DURATION", default_value = KEPT_DEFAULT, value_parser = kept)]
    retention_runs: Kept,
    /// How long events are kept that no live run needs, or "never" to remove none
    #[arg(long, value_name = "DURATION", default_value = KEPT_DEFAULT, value_parser = kept)]
    retention_events: Kept,
    /// How long the attempts of runs that ended are kept, or "never" to remove none before their runs
    #[arg(long, value_name = "DURATION", default_value = KEPT_DEFAULT, value_parser = kept)]
    retention_traces: Kept,
    /// How much room the database may take before the oldest history goes, such as 10GB [default: any]
    #[arg(long, value_name = "SIZE", value_parser = size)]
    retention_size: Option<u64>,
}

/// How long; for ever, if `None`.
#[derive(Clone, Copy, Debug)]
struct Kept(Option<Duration>);

impl RetentionArgs {
    pub(super) fn into_config(self) -> RetentionConfig {
        RetentionConfig {
            runs: self.retention_runs.0,
            events: self.retention_events.0,
            traces: self.retention_traces.0,
            size: self.retention_size,
        }
    }
}

fn kept(text: &str) -> Result<Kept, String> {
    if NEVER.contains(&text.to_ascii_lowercase().as_str()) {
        return Ok(Kept(None));
    }
    match parse_duration(text) {
        Ok(kept) if kept >= KEPT_MIN => Ok(Kept(Some(kept))),
        Ok(_) => Err("at least one hour, or \"never\"".to_owned()),
        Err(_) => Err("a duration such as 30d or 12h, or \"never\"".to_owned()),
    }
}

fn size(text: &str) -> Result<u64, String> {
    let text = text.trim().to_ascii_lowercase();
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = &text[digits.len()..];
    let unit = UNITS.iter().find(|(name, _)| *name == unit);
    let count: Option<u64> = digits.trim_end().parse().ok();
    let size = count
        .zip(unit)
        .and_then(|(count, (_, unit))| count.checked_mul(*unit));
    match size {
        Some(size) if size >= SIZE_MIN => Ok(size),
        Some(_) => Err("at least 10MB".to_owned()),
        None => Err("a size such as 500MB, 10GB or 10GiB".to_owned()),
    }
}
