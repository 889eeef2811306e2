//! Rollups: what is counted of runs.

use std::time::Duration;

use everstep_core::Change;
use everstep_core::record::{RunRecord, RunStatus};
use everstep_protocol::Timestamp;

use super::Factory;
use super::sample::{START, at, function, run};
use super::subject::{Subject, all_rollups};
use crate::rollup::{HOUR, MINUTE, start_of};
use crate::{Rollup, RollupFilter};

const A_MINUTE: i64 = 60_000;

fn queued(number: u32) -> RunRecord {
    RunRecord {
        status: RunStatus::Queued,
        started_at: None,
        ..run(number)
    }
}

fn running(number: u32) -> RunRecord {
    RunRecord {
        started_at: Some(at(A_MINUTE)),
        ..run(number)
    }
}

fn ended(number: u32, status: RunStatus) -> RunRecord {
    RunRecord {
        status,
        ended_at: Some(at(3 * A_MINUTE)),
        ..running(number)
    }
}

async fn sums(subject: &Subject, filter: &RollupFilter) -> Vec<(Timestamp, Rollup)> {
    let sums = subject.store.rollup_sums(filter).await;
    sums.expect("the rollups are read")
}

/// Of everything there is.
async fn total(subject: &Subject) -> Rollup {
    let mut total = Rollup::default();
    for (_, rollup) in sums(subject, &all_rollups()).await {
        total += &rollup;
    }
    total
}

pub async fn a_run_is_counted_once(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let life = [queued(1), running(1), ended(1, RunStatus::Failed)];
    let [queued, running, failed] = life.map(Change::PutRun);
    let counts = |rollup: &Rollup| (rollup.scheduled, rollup.started, rollup.failed);
    subject.commit([queued.clone(), running.clone()]).await;
    assert_eq!(counts(&total(&subject).await), (1, 1, 0));
    // Again from the start, as a commit of unknown outcome is made, and further.
    for _ in 0..2 {
        let again = [queued.clone(), running.clone(), failed.clone()];
        subject.commit(again).await;
        subject.commit([running.clone(), failed.clone()]).await;
        let total = total(&subject).await;
        assert_eq!(counts(&total), (1, 1, 1));
        assert_eq!((total.delay.count(), total.duration.count()), (1, 1));
    }
}

pub async fn runs_are_counted_in_their_minute(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let statuses = [
        RunStatus::Completed,
        RunStatus::Failed,
        RunStatus::Cancelled,
    ];
    let ends = (1..).zip(statuses);
    let puts = ends.map(|(number, status)| Change::PutRun(ended(number, status)));
    subject.commit(puts.collect::<Vec<_>>()).await;
    let unstarted = RunRecord {
        started_at: None,
        ..ended(4, RunStatus::Cancelled)
    };
    subject.commit([Change::PutRun(unstarted)]).await;
    let minute = |ms| start_of(MINUTE, at(ms));
    let sums = sums(&subject, &all_rollups()).await;
    let times: Vec<_> = sums.iter().map(|(start, _)| *start).collect();
    let expected = [minute(0), minute(A_MINUTE), minute(3 * A_MINUTE)];
    assert_eq!(times, expected);
    assert_eq!(sums[0].1.scheduled, 4);
    assert_eq!(sums[1].1.started, 3);
    // Their ids are of one, two and three milliseconds.
    assert_eq!(sums[1].1.delay.sum_ms, 3 * 60_000 - 6);
    assert_eq!(sums[1].1.delay.max_ms, 60_000 - 1);
    let last = &sums[2].1;
    assert_eq!((last.completed, last.failed, last.cancelled), (1, 1, 2));
    assert_eq!((last.duration.sum_ms, last.duration.count()), (360_000, 3));
    assert_eq!(last.duration.quantile_ms(500), Some(120_000));
}

pub async fn skipped_runs_are_not_scheduled(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let skipped = ended(1, RunStatus::Skipped);
    subject.commit([Change::PutRun(skipped)]).await;
    let expected = Rollup {
        skipped: 1,
        ..Rollup::default()
    };
    assert_eq!(total(&subject).await, expected);
}

pub async fn rollups_are_summed_up(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let functions: Vec<_> = (0..40)
        .map(|number| function("app", &format!("f{number}")).id)
        .collect();
    // One run of each function in each of 90 minutes.
    let mut puts = Vec::new();
    for minute in 0..90 {
        for (index, function) in (0u32..).zip(&functions) {
            let number = minute * 60_000 + index;
            puts.push(Change::PutRun(RunRecord {
                function: *function,
                ..queued(number)
            }));
        }
    }
    subject.commit(puts).await;
    let hours = RollupFilter {
        bucket: HOUR,
        ..all_rollups()
    };
    let into_hour = u64::try_from(START % 3_600_000).expect("it is short") / 60_000;
    let of_all = sums(&subject, &hours).await;
    let counts: Vec<_> = of_all.iter().map(|(_, hour)| hour.scheduled).collect();
    assert_eq!(counts.iter().sum::<u64>(), 90 * 40);
    assert_eq!(counts[0], (60 - into_hour) * 40);
    assert_eq!(of_all[1].0, of_all[0].0 + Duration::from_secs(3600));
    let of_each = subject.store.rollup_sums_by_function(&hours).await;
    let of_each = of_each.expect("the rollups are read");
    assert_eq!(of_each.len(), 40 * of_all.len());
    let first = of_each[0].2.scheduled;
    assert_eq!(first, 60 - into_hour, "of one function alone");
    // Few functions and many are found in ways of their own.
    for asked in [1, 3, 30] {
        let some = RollupFilter {
            functions: Some(functions[..asked].to_vec()),
            from: start_of(MINUTE, at(0)) + MINUTE,
            until: start_of(MINUTE, at(0)) + MINUTE * 11,
            bucket: MINUTE,
        };
        let sums = sums(&subject, &some).await;
        assert_eq!(sums.len(), 10, "the beginning is included, the end is not");
        let each = subject.store.rollup_sums_by_function(&some).await;
        let each = each.expect("the rollups are read");
        let mut by_function: Vec<_> = functions[..asked]
            .iter()
            .flat_map(|function| sums.iter().map(|(start, _)| (*function, *start)))
            .collect();
        by_function.sort_unstable();
        let found: Vec<_> = each.iter().map(|(of, start, _)| (*of, *start)).collect();
        assert_eq!(found, by_function, "by function, then by time");
        assert!(each.iter().all(|(.., minute)| minute.scheduled == 1));
        let asked = u64::try_from(asked).expect("it is small");
        assert!(sums.iter().all(|(_, minute)| minute.scheduled == asked));
    }
}
