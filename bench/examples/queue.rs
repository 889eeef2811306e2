//! What queued runs cost in `core` alone, and how fair the queue is: no store, no server, no app.
//!
//! Every run that is taken is said to have ended: what is measured is the queue, not runs.
//!
//! `cargo run --release -p everstep-bench --example queue`

#![allow(
    clippy::print_stdout,
    reason = "the terminal is this program's user interface"
)]

use std::collections::{BTreeSet, VecDeque};
use std::fs;
use std::sync::Arc;
use std::time::Instant;

use anyhow::Context as _;
use everstep_core::effect::{Effect, ReplyTo};
use everstep_core::input::FoundRun;
use everstep_core::record::{CallStage, DueCall, Epoch, LoadedJob, ShardState, WaitReason};
use everstep_core::{Input, Moment, Shard, ShardConfig};
use everstep_protocol::sync::RegisterRequest;
use everstep_protocol::{AppId, FunctionId, JobId, RunId, Timestamp};

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);
/// Calls of the function at once.
const LIMIT: usize = 10;
const NOISE: u32 = 100_000;
const QUIET: u32 = 99;
/// Admissions that are timed.
const SAMPLE: usize = 1_000;

fn main() -> anyhow::Result<()> {
    let quiet: Vec<u32> = (1..=QUIET).collect();
    let noise = vec![0; NOISE as usize];
    for (name, runs) in [
        ("quiet tenants alone", quiet),
        (
            "behind the noise",
            noise.into_iter().chain(1..=QUIET).collect(),
        ),
    ] {
        let (mean, last) = delays(&runs)?;
        println!(
            "{name}: starts of the function until a tenant's one: mean {mean:.1}, last {last}"
        );
    }
    for count in [1_000, 100_000, 1_000_000] {
        for tenants in [1, 100, count] {
            cost(count, tenants)?;
        }
    }
    Ok(())
}

/// Which start of all those that are made is that of a quiet tenant: in the mean, and the last one's.
fn delays(tenants: &[u32]) -> anyhow::Result<(f64, usize)> {
    let mut queue = Queue::new()?;
    let quiet = tenants.iter().zip(0..).filter(|(tenant, _)| **tenant > 0);
    let quiet: BTreeSet<RunId> = quiet.map(|(_, number)| run_id(number)).collect();
    queue.load(tenants.iter().copied());
    let mut delays = Vec::new();
    let mut number = 0;
    while delays.len() < QUIET as usize {
        let run = queue.admit().context("a quiet tenant is forgotten")?;
        number += 1;
        if quiet.contains(&run) {
            delays.push(number);
        }
    }
    let sum: usize = delays.iter().sum();
    let mean = sum as f64 / delays.len() as f64;
    Ok((mean, number))
}

fn cost(count: u32, tenants: u32) -> anyhow::Result<()> {
    let mut queue = Queue::new()?;
    let before = resident_bytes()?;
    let started = Instant::now();
    queue.load((0..count).map(|run| run % tenants));
    let loaded = started.elapsed();
    let bytes = resident_bytes()?.saturating_sub(before) as f64 / f64::from(count);
    let mut times: Vec<f64> = Vec::new();
    for _ in 0..SAMPLE.min(count as usize / 2) {
        let started = Instant::now();
        queue.admit().context("the queue is empty")?;
        times.push(started.elapsed().as_secs_f64() * 1e6);
    }
    times.sort_by(f64::total_cmp);
    let percentile = |share: usize| times[(times.len() - 1) * share / 100];
    println!(
        "{count} runs queued of {tenants} tenants: {bytes:.0} bytes each, {:.2} µs to queue one, \
         admission p50 {:.1} µs, p99 {:.1} µs",
        loaded.as_secs_f64() * 1e6 / f64::from(count),
        percentile(50),
        percentile(99),
    );
    Ok(())
}

/// A shard with one function: one call of each tenant at a time, and [`LIMIT`] in all.
struct Queue {
    shard: Shard,
    function: FunctionId,
    entropy: u128,
    /// Runs that were admitted and are to be loaded.
    admitted: VecDeque<RunId>,
}

impl Queue {
    fn new() -> anyhow::Result<Self> {
        let body = format!(
            r#"{{"url":"http://app.test/","appName":"t","deployType":"ping","sdk":"js:v4.24.0","v":"0.1",
            "framework":"nodejs","functions":[{{"id":"t-f","name":"f","triggers":[{{"event":"t/f"}}],
            "concurrency":[{{"limit":1,"key":"event.data.tenant"}},{{"limit":{LIMIT}}}],
            "steps":{{"step":{{"id":"step","name":"step","runtime":{{"type":"http",
            "url":"http://app.test/?fnId=t-f&stepId=step"}}}}}}}}]}}"#
        );
        let app = RegisterRequest::parse(body.as_bytes())?.into_app_sync()?;
        let state = ShardState::default();
        let mut queue = Self {
            shard: Shard::new(ShardConfig::default(), Epoch(1), state),
            function: FunctionId::derive(AppId::derive("t"), "t-f"),
            entropy: 0,
            admitted: VecDeque::new(),
        };
        queue.feed(Input::Sync {
            app: Box::new(app),
            reply_to: ReplyTo(0),
        });
        Ok(queue)
    }

    /// Queue one run of each of these tenants, in their order.
    fn load(&mut self, tenants: impl Iterator<Item = u32>) {
        let function = self.function;
        let call = |(number, tenant): (u128, u32)| {
            let keys: Arc<str> = format!(r#"{{"event.data.tenant":"{tenant}"}}"#).into();
            LoadedJob::Call(DueCall {
                due_at: NOW,
                id: JobId {
                    run: run_id(number),
                    number: 0,
                },
                reason: WaitReason::Queued,
                stage: CallStage::Start,
                function,
                keys: Some(keys),
                priority: 0,
            })
        };
        let jobs = (0..).zip(tenants).map(call).collect();
        self.feed(Input::JobsLoaded { jobs, until: NOW });
    }

    /// The run that was admitted next; its call ends with that.
    fn admit(&mut self) -> Option<RunId> {
        let run = self.admitted.pop_front()?;
        self.feed(Input::RunLoaded {
            run,
            found: FoundRun::Ended,
        });
        Some(run)
    }

    fn feed(&mut self, input: Input) {
        self.entropy += 1 << 64;
        let moment = Moment {
            now: NOW,
            entropy: self.entropy,
        };
        for effect in self.shard.handle(input, moment).effects {
            if let Effect::LoadRun(run) = effect {
                self.admitted.push_back(run);
            }
        }
    }
}

fn run_id(number: u128) -> RunId {
    RunId::from_parts(NOW, number << 16)
}

fn resident_bytes() -> anyhow::Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.context("no VmRSS in /proc/self/status")?;
    Ok(kilobytes.trim().trim_end_matches(" kB").parse::<u64>()? * 1024)
}
