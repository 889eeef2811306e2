//! How far a page of a search looks. What searches find is tested over the API.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use everstep_core::Change;
use everstep_core::record::{RunStatus, ShardId};
use everstep_protocol::{AppId, FunctionId, RunId};
use everstep_store::{MemoryStore, RunFilter};

use super::*;

const START: Timestamp = Timestamp::from_millis(1_700_000_000_000);

/// A clock that goes on by so much whenever someone looks at it.
struct Ticking(AtomicI64, Duration);

impl Clock for Ticking {
    fn now(&self) -> Timestamp {
        let step = i64::try_from(self.1.as_millis()).unwrap();
        Timestamp::from_millis(self.0.fetch_add(step, Ordering::Relaxed))
    }
}

fn clock(step: Duration) -> Ticking {
    Ticking(AtomicI64::new(START.as_millis()), step)
}

/// A store with so many runs, of which each thousandth failed.
async fn store(runs: u32) -> MemoryStore {
    let store = MemoryStore::new();
    let lease = store.shard_acquire(ShardId::EMBEDDED).await.unwrap();
    let changes: Arc<[Change]> = (1..=runs)
        .map(|number| Change::PutRun(run(number)))
        .collect();
    store.commit(&lease, changes).await.unwrap();
    store
}

fn run(number: u32) -> RunRecord {
    let at = START + Duration::from_millis(u64::from(number));
    let failed = number.is_multiple_of(1_000);
    RunRecord {
        id: RunId::from_parts(at, u128::from(number)),
        function: FunctionId::derive(AppId::derive("app"), "function"),
        function_version: 1,
        status: if failed {
            RunStatus::Failed
        } else {
            RunStatus::Completed
        },
        started_at: Some(at),
        ended_at: Some(at),
        max_attempts: 4,
        request_version: -1,
        parallel: false,
        next_job: 0,
        generation: 0,
        state_bytes: 0,
        steps_done: 0,
        invoked_by: Vec::new(),
        batch: None,
        keys: None,
        priority: 0,
        output: None,
    }
}

fn registry() -> Registry {
    Registry {
        apps: Vec::new(),
        functions: Vec::new(),
    }
}

/// All pages of a search: how many runs each found.
async fn pages(store: &MemoryStore, text: &str, limit: usize, step: Duration) -> Vec<usize> {
    let search = RunSearch::compile(text, START).unwrap();
    let mut pages = Vec::new();
    let mut after = None;
    loop {
        let query = RunQuery {
            after,
            ..RunQuery::new(RunFilter::default(), limit)
        };
        let clock = clock(step);
        let page = search
            .runs(store, &registry(), query, &clock)
            .await
            .unwrap();
        pages.push(page.found.len());
        after = page.next;
        if after.is_none() {
            return pages;
        }
    }
}

#[tokio::test]
async fn a_page_ends_at_its_limit() {
    let store = store(3_000).await;
    let still = Duration::ZERO;
    // The store can't answer these: each candidate is looked at.
    let text = "!(run.status != 'FAILED')";
    assert_eq!(pages(&store, text, 2, still).await, [2, 1]);
    assert_eq!(
        pages(&store, text, 3, still).await,
        [3],
        "and there is no empty one"
    );
    assert_eq!(pages(&store, "run.id == 'x'", 3, still).await, [0]);
}

#[tokio::test]
async fn a_page_ends_at_the_bound_of_candidates() {
    let runs = u32::try_from(CANDIDATES_MAX).unwrap() + 1_000;
    let store = store(runs).await;
    let pages = pages(&store, "!(run.status != 'FAILED')", 100, Duration::ZERO).await;
    assert_eq!(pages, [20, 1], "21 failed");
}

#[tokio::test]
async fn a_page_ends_when_its_time_is_over() {
    let store = store(1_000).await;
    // The time is looked at after each portion.
    let pages = pages(&store, "!(run.status != 'FAILED')", 100, SCAN_TIME_MAX / 2).await;
    assert_eq!(pages.len(), 5, "two portions each");
    assert_eq!(pages.iter().sum::<usize>(), 1);
}
