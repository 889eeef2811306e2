//! Measures the SQLite store on this machine, fsync on:
//!
//! ```text
//! cargo run --release -p everstep-store --example measure [folder] [events]
//! ```
//!
//! The database is made in the folder (the current one by default) and removed at the end. Times
//! depend on the disk; the CPU time of a commit hardly does.

#![expect(clippy::print_stdout, reason = "it prints figures")]

mod rows;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use everstep_core::Change;
use everstep_core::record::{EventRecord, RunRecord, RunStatus, ShardId};
use everstep_protocol::{EventId, Json, Timestamp};
use everstep_store::{EventFilter, ShardLease, SqliteStore, Store};

use self::rows::{job, queued, run, run_id, step_commit, wait};

const START: i64 = 1_700_000_000_000;

type Error = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments
        .next()
        .map_or_else(|| PathBuf::from("."), PathBuf::from);
    let events: u32 = arguments
        .next()
        .map_or(Ok(1_000_000), |count| count.parse())?;
    let folder = tempfile::tempdir_in(folder)?;
    let path = folder.path().join("measure.db");
    let store = Arc::new(SqliteStore::open(&path)?);
    let lease = store.shard_acquire(ShardId::EMBEDDED).await?;

    for (committers, steps_of_run) in [(1, 5), (8, 5), (64, 5), (64, 1_000), (256, 5)] {
        steps(&store, lease, committers, steps_of_run).await?;
    }
    for size in [200, 1_500] {
        intake(&store, lease, size, events / 2, false).await?;
    }
    intake(&store, lease, 200, events / 10, true).await?;
    snapshots(&store, lease).await?;
    lists(&store, &path).await?;
    queue(&store, lease, events).await?;
    waits(&store, lease, events).await?;

    drop(store);
    let opening = Instant::now();
    let store = SqliteStore::open(&path)?;
    println!(
        "open                      {:>10.1?}, {} MB",
        opening.elapsed(),
        std::fs::metadata(&path)?.len() >> 20
    );
    drop(store);
    Ok(())
}

/// One step after another, in as many runs at a time as there are committers.
async fn steps(
    store: &Arc<SqliteStore>,
    lease: ShardLease,
    committers: u32,
    steps_of_run: u32,
) -> Result<(), Error> {
    let each = if committers == 1 {
        3_000
    } else {
        60_000 / committers
    };
    let measure = Measure::begin();
    let mut tasks = Vec::new();
    for committer in 0..committers {
        let store = Arc::clone(store);
        tasks.push(tokio::spawn(async move {
            let mut took = Vec::new();
            for step in 0..each {
                // Runs that begin at the same time have neighbouring ids.
                let begun_at = START
                    + i64::from(committers * steps_of_run) * 10_000
                    + i64::from(step / steps_of_run);
                let id = run_id(begun_at, committer);
                let step = step % steps_of_run;
                let begun = Instant::now();
                store.commit(&lease, step_commit(id, step).into()).await?;
                took.push(begun.elapsed());
            }
            Ok::<_, everstep_store::CommitError>(took)
        }));
    }
    let mut took = Vec::new();
    for task in tasks {
        took.extend(task.await??);
    }
    measure.end(
        &format!("{committers} runs of {steps_of_run} steps"),
        committers * each,
    );
    quantiles("  a commit took", took);
    Ok(())
}

/// Events in batches of 100, alone or with the run that each triggers.
async fn intake(
    store: &SqliteStore,
    lease: ShardLease,
    size: usize,
    count: u32,
    runs: bool,
) -> Result<(), Error> {
    let payload = Json::string(&"x".repeat(size));
    let kind = i64::from(runs) + i64::try_from(size)?;
    let measure = Measure::begin();
    for batch in 0..count / 100 {
        let mut changes = Vec::new();
        for number in batch * 100..(batch + 1) * 100 {
            // 10 events in a millisecond.
            let now = START + 1_000_000 * kind + i64::from(number / 10);
            let event = EventRecord {
                id: EventId::from_parts(Timestamp::from_millis(now), u128::from(number)),
                name: if number % 50 == 0 {
                    "app/rare".into()
                } else {
                    "app/order.created".into()
                },
                user_id: None,
                ts: Timestamp::from_millis(now),
                received_at: Timestamp::from_millis(now),
                payload: payload.clone(),
            };
            let id = run_id(now, number);
            if runs {
                changes.push(Change::PutRun(RunRecord {
                    status: RunStatus::Queued,
                    ..run(id, 0)
                }));
                changes.push(Change::PutRunEvents {
                    run: id,
                    events: vec![event.id],
                });
                changes.push(Change::PutJob(job(id, 0, now + 3_600_000)));
            }
            changes.push(Change::PutEvent(event));
        }
        store.commit(&lease, changes.into()).await?;
    }
    let what = if runs { "event + run" } else { "event" };
    measure.end(&format!("{what}, {size} bytes"), count);
    Ok(())
}

async fn snapshots(store: &SqliteStore, lease: ShardLease) -> Result<(), Error> {
    for (steps, reads) in [(3, 5_000), (100, 1_000), (10_000, 20)] {
        let id = run_id(START + 500, steps);
        for step in 0..steps {
            store.commit(&lease, step_commit(id, step).into()).await?;
        }
        let put = [Change::PutRun(run(id, steps))];
        store.commit(&lease, put.into()).await?;
        let mut took = Vec::new();
        let measure = Measure::begin();
        for _ in 0..reads {
            let begun = Instant::now();
            let snapshot = store.run_snapshot(id).await?;
            snapshot.ok_or("the run is live")?;
            took.push(begun.elapsed());
        }
        measure.end(&format!("snapshot of {steps} steps"), reads);
        quantiles("  it took", took);
    }
    let ids: Vec<EventId> = (0..100)
        .map(|number| EventId::from_parts(Timestamp::from_millis(START + number * 7_919), 5))
        .collect();
    let mut took = Vec::new();
    for _ in 0..5_000 {
        let begun = Instant::now();
        store.events_known(&ids).await?;
        took.push(begun.elapsed());
    }
    quantiles("events_known of 100", took);
    Ok(())
}

/// As many waits as there are events, each of a live run, and what a shard starts from then.
async fn waits(store: &SqliteStore, lease: ShardLease, count: u32) -> Result<(), Error> {
    let measure = Measure::begin();
    for batch in 0..count / 1_000 {
        let mut changes = Vec::new();
        for number in batch * 1_000..(batch + 1) * 1_000 {
            let id = run_id(START + 5_000_000 + i64::from(number / 10), number);
            changes.push(Change::PutRun(run(id, 0)));
            changes.push(Change::PutWait(wait(id, number)));
        }
        store.commit(&lease, changes.into()).await?;
    }
    measure.end("run + wait", count);
    for _ in 0..3 {
        let begun = Instant::now();
        let loaded = store.shard_load(&lease).await?.waits.len();
        println!("shard_load of {loaded:<12}{:>10.1?}", begun.elapsed());
    }
    Ok(())
}

/// As many queued runs as there are events, and how a shard loads their jobs when it starts.
async fn queue(store: &SqliteStore, lease: ShardLease, count: u32) -> Result<(), Error> {
    const PORTION: usize = 100_000;
    const DUE: i64 = START + 20_000_000;
    let measure = Measure::begin();
    for batch in 0..count / 1_000 {
        let mut changes = Vec::new();
        for number in batch * 1_000..(batch + 1) * 1_000 {
            // 10 runs in a millisecond.
            let now = DUE + i64::from(number / 10);
            let id = run_id(now, number);
            changes.push(Change::PutRun(queued(id, number)));
            changes.push(Change::PutJob(job(id, 0, now)));
        }
        store.commit(&lease, changes.into()).await?;
    }
    measure.end("queued run + job", count);
    for _ in 0..3 {
        let (mut after, mut loaded, mut took) = (Timestamp::from_millis(DUE - 1), 0, Vec::new());
        let begun = Instant::now();
        loop {
            let portion = Instant::now();
            let jobs = store
                .jobs_due(lease.shard, Some(after), Timestamp::MAX, PORTION)
                .await?;
            took.push(portion.elapsed());
            let Some(last) = jobs.last() else { break };
            after = last.due_at();
            loaded += jobs.len();
        }
        println!("jobs_due of {loaded:<14}{:>10.1?}", begun.elapsed());
        quantiles("  a portion took", took);
    }
    Ok(())
}

async fn lists(store: &SqliteStore, path: &Path) -> Result<(), Error> {
    let begun = Instant::now();
    let due = store
        .jobs_due(ShardId::EMBEDDED, None, Timestamp::MAX, usize::MAX)
        .await?;
    println!("jobs_due of {:<14}{:>10.1?}", due.len(), begun.elapsed());

    let all = EventFilter::newest(100);
    let newest = store.event_list(&EventFilter::newest(1)).await?;
    let newest = newest
        .events
        .first()
        .ok_or("there are no events")?
        .received_at;
    let since = |ms: u64| Some(newest - Duration::from_millis(ms));
    let rare = vec!["app/rare".to_owned()];
    let filters = [
        ("all", all.clone()),
        (
            "second page",
            EventFilter {
                before: store.event_list(&all).await?.next.map(|next| next.event),
                ..all.clone()
            },
        ),
        (
            "rare name",
            EventFilter {
                names: rare.clone(),
                ..all.clone()
            },
        ),
        (
            "last 100 ms",
            EventFilter {
                received_after: since(100),
                ..all.clone()
            },
        ),
        (
            "last 10 s",
            EventFilter {
                received_after: since(10_000),
                ..all.clone()
            },
        ),
        (
            "rare, last 1.9 s",
            EventFilter {
                names: rare,
                received_after: since(1_900),
                ..all.clone()
            },
        ),
        (
            "before 10 s ago",
            EventFilter {
                received_before: since(10_000),
                ..all.clone()
            },
        ),
        (
            "nothing",
            EventFilter {
                names: vec!["none".to_owned()],
                ..all
            },
        ),
    ];
    for (what, filter) in filters {
        let mut took = Vec::new();
        let mut found = 0;
        for _ in 0..50 {
            let begun = Instant::now();
            found = store.event_list(&filter).await?.events.len();
            took.push(begun.elapsed());
        }
        quantiles(&format!("events: {what} ({found})"), took);
    }
    println!("in {}", path.display());
    Ok(())
}

/// Time that passed, and CPU time that the process used.
struct Measure {
    begun: Instant,
    cpu: Option<Duration>,
}

impl Measure {
    fn begin() -> Self {
        Self {
            begun: Instant::now(),
            cpu: cpu_time(),
        }
    }

    fn end(self, what: &str, count: u32) {
        let passed = self.begun.elapsed();
        let rate = f64::from(count) / passed.as_secs_f64();
        let cpu = match (self.cpu, cpu_time()) {
            (Some(before), Some(after)) => format!("{:.1?} of CPU each", (after - before) / count),
            _ => String::new(),
        };
        println!("{what:<26}{rate:>10.0}/s, {cpu}");
    }
}

/// Of this process, in steps of 10 ms; where Linux tells it.
fn cpu_time() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let fields: Vec<&str> = stat.rsplit(')').next()?.split_whitespace().collect();
    let ticks: u64 = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
    Some(Duration::from_millis(ticks * 10))
}

fn quantiles(what: &str, mut took: Vec<Duration>) {
    took.sort_unstable();
    let at = |share: usize| took[(took.len() - 1) * share / 1_000];
    println!(
        "{what:<26}p50 {:.1?}, p99 {:.1?}, p99.9 {:.1?}, max {:.1?}",
        at(500),
        at(990),
        at(999),
        at(1_000)
    );
}
