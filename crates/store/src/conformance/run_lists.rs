//! Lists of runs: every filter in both orders, page by page, against a model that looks at all.

use std::collections::BTreeSet;
use std::sync::Arc;

use everstep_core::Change;
use everstep_core::record::{EventRecord, RerunRecord, RunRecord, RunStatus};
use everstep_protocol::defer::DEFERRED_EVENT;
use everstep_protocol::{AppId, FunctionId, RunId, Timestamp};

use super::Factory;
use super::sample::{at, event, event_id, function, json, run, run_id};
use super::sample_flow::{operation_id, rerun};
use super::sample_history::{error_group_id, failure, run_attributes};
use super::subject::Subject;
use crate::run_list::{
    Order, RUN_READS_MAX, RunCount, RunCursor, RunFilter, RunQuery, RunTime, RunTrigger,
};

const RUNS: u32 = 48;

const STATUSES: [RunStatus; 6] = [
    RunStatus::Queued,
    RunStatus::Running,
    RunStatus::Completed,
    RunStatus::Failed,
    RunStatus::Cancelled,
    RunStatus::Skipped,
];

const EVENTS: [&str; 3] = ["shop/paid", "shop/sent", DEFERRED_EVENT];

fn function_of(number: u32) -> FunctionId {
    let (app, name) = [("a", "one"), ("a", "two"), ("b", "one")][number as usize % 3];
    FunctionId::derive(AppId::derive(app), name)
}

fn event_of(number: u32) -> &'static str {
    EVENTS[(number / 2) as usize % 3]
}

/// Runs that differ in everything that can be asked for; several have the same times.
fn sample(number: u32) -> RunRecord {
    let status = STATUSES[(number / 3) as usize % 6];
    let begun = status != RunStatus::Queued && status != RunStatus::Skipped;
    RunRecord {
        function: function_of(number),
        status,
        started_at: begun.then(|| at(i64::from(1_000 - number / 4))),
        ended_at: status
            .is_final()
            .then(|| at(i64::from(2_000 + number % 5 * 7))),
        keys: number
            .is_multiple_of(4)
            .then(|| Arc::from(format!(r#"{{"a":"{}","b":"k"}}"#, number % 8))),
        output: (status == RunStatus::Completed).then(|| json(&number.to_string())),
        ..run(number)
    }
}

async fn filled(factory: &dyn Factory) -> Subject {
    let subject = Subject::open(factory).await;
    let mut changes = vec![
        Change::PutFunction(function("a", "one")),
        Change::PutFunction(function("a", "two")),
        Change::PutFunction(function("b", "one")),
    ];
    for number in 0..RUNS {
        changes.push(Change::PutEvent(EventRecord {
            name: event_of(number).into(),
            ..event(number)
        }));
        changes.push(Change::PutRunEvents {
            run: run_id(number),
            events: vec![event_id(number), event_id((number + 1) % RUNS)],
        });
        // Every run was something else before.
        changes.push(Change::PutRun(RunRecord {
            status: RunStatus::Queued,
            started_at: None,
            ended_at: None,
            output: None,
            ..sample(number)
        }));
        changes.push(Change::PutRun(sample(number)));
    }
    subject.commit(changes).await;
    subject
}

/// What a list is: all of the runs that `holds` is true of, in order.
fn expected(time: RunTime, order: Order, holds: impl Fn(u32, &RunRecord) -> bool) -> Vec<RunId> {
    let runs = (0..RUNS).map(|number| (number, sample(number)));
    let met = runs.filter(|(number, run)| time.of(run).is_some() && holds(*number, run));
    let mut met: Vec<_> = met.map(|(_, run)| (time.of(&run), run.id)).collect();
    met.sort();
    if order == Order::Descending {
        met.reverse();
    }
    met.into_iter().map(|(_, id)| id).collect()
}

/// All pages of a list.
async fn all_pages(subject: &Subject, query: RunQuery) -> Vec<RunId> {
    let mut found = Vec::new();
    let mut after = None;
    // Each page but the last comes nearer to the end.
    for _ in 0..=2 * RUNS {
        let query = RunQuery {
            after,
            ..query.clone()
        };
        let page = subject.store.run_list(&query).await;
        let page = page.expect("the runs are read");
        assert!(page.runs.len() <= query.limit);
        found.extend(page.runs.iter().map(|run| run.id));
        after = page.next;
        if after.is_none() {
            return found;
        }
    }
    panic!("the list does not end: {query:?}");
}

/// Both orders, by each time, in pages of several sizes, and with next to nothing that may be read.
async fn check(
    subject: &Subject,
    filter: RunFilter,
    holds: impl Fn(u32, &RunRecord) -> bool + Copy,
) {
    for time in [RunTime::QueuedAt, RunTime::StartedAt, RunTime::EndedAt] {
        let filter = RunFilter {
            time,
            ..filter.clone()
        };
        for order in [Order::Ascending, Order::Descending] {
            let expected = expected(time, order, holds);
            for (limit, reads_max) in [(1, RUN_READS_MAX), (7, 5), (100, RUN_READS_MAX), (7, 0)] {
                let query = RunQuery {
                    order,
                    reads_max,
                    ..RunQuery::new(filter.clone(), limit)
                };
                let found = all_pages(subject, query.clone()).await;
                assert_eq!(found, expected, "{query:?}");
            }
        }
        let total = expected(time, Order::Ascending, holds).len();
        for max in [0, 3, total, total + 1] {
            let count = subject.store.run_count(&filter, max).await;
            let expected = RunCount {
                runs: total.min(max),
                is_exact: total <= max,
            };
            assert_eq!(count.expect("the runs are counted"), expected, "{filter:?}");
        }
    }
}

pub async fn run_lists_are_in_the_order_of_a_time(factory: &dyn Factory) {
    let subject = filled(factory).await;
    check(&subject, RunFilter::default(), |_, _| true).await;
}

pub async fn runs_are_filtered_by_status(factory: &dyn Factory) {
    let subject = filled(factory).await;
    for chosen in 0..1_u32 << STATUSES.len() {
        let statuses: Vec<RunStatus> = (0..STATUSES.len())
            .filter(|index| chosen >> index & 1 == 1)
            .map(|index| STATUSES[index])
            .collect();
        let filter = RunFilter {
            statuses: statuses.clone(),
            ..RunFilter::default()
        };
        check(&subject, filter, |_, run| {
            statuses.is_empty() || statuses.contains(&run.status)
        })
        .await;
    }
}

pub async fn runs_are_filtered_by_function_and_app(factory: &dyn Factory) {
    let subject = filled(factory).await;
    let [one, two, other] = [0, 1, 2].map(function_of);
    let many: Vec<FunctionId> = (0..100)
        .map(|number| FunctionId::derive(AppId::derive("many"), &number.to_string()))
        .chain([two])
        .collect();
    let unknown = AppId::derive("unknown");
    let (a, b) = (AppId::derive("a"), AppId::derive("b"));
    let cases: [(&[AppId], &[FunctionId], &[FunctionId]); 8] = [
        (&[], &[one], &[one]),
        (&[], &[two, other, two], &[two, other]),
        (&[], &many, &[two]),
        (&[a], &[], &[one, two]),
        (&[a, b], &[], &[one, two, other]),
        (&[a], &[two, other], &[two]),
        (&[b], &[one], &[]),
        (&[unknown], &[], &[]),
    ];
    for (apps, functions, meant) in cases {
        for status in [None, Some(RunStatus::Failed), Some(RunStatus::Running)] {
            let filter = RunFilter {
                apps: apps.to_vec(),
                functions: functions.to_vec(),
                statuses: status.into_iter().collect(),
                ..RunFilter::default()
            };
            check(&subject, filter, |_, run| {
                meant.contains(&run.function) && status.is_none_or(|status| run.status == status)
            })
            .await;
        }
    }
}

pub async fn runs_are_filtered_by_what_started_them(factory: &dyn Factory) {
    let subject = filled(factory).await;
    for name in EVENTS.into_iter().chain(["shop/unknown"]) {
        let filter = RunFilter {
            event_name: Some(name.to_owned()),
            ..RunFilter::default()
        };
        check(&subject, filter, |number, _| event_of(number) == name).await;
    }
    for is_deferred in [true, false] {
        let filter = RunFilter {
            is_deferred: Some(is_deferred),
            ..RunFilter::default()
        };
        check(&subject, filter, |number, _| {
            (event_of(number) == DEFERRED_EVENT) == is_deferred
        })
        .await;
    }
    // A run whose event is not stored, and one that has none.
    let orphans = [run_id(RUNS), run_id(RUNS + 1)];
    let orphan = |number: u32| Change::PutRun(run(number));
    let events = Change::PutRunEvents {
        run: orphans[0],
        events: vec![event_id(999)],
    };
    subject
        .commit([orphan(RUNS), events, orphan(RUNS + 1)])
        .await;
    let deferred = async |is_deferred| {
        let filter = RunFilter {
            is_deferred: Some(is_deferred),
            ..RunFilter::default()
        };
        let found = all_pages(&subject, RunQuery::new(filter, 100)).await;
        orphans.map(|orphan| found.contains(&orphan))
    };
    assert_eq!(deferred(true).await, [false; 2]);
    assert_eq!(deferred(false).await, [true; 2]);
}

pub async fn runs_are_filtered_by_key(factory: &dyn Factory) {
    let subject = filled(factory).await;
    for (key, remainder) in [("4", Some(4)), ("k", None)] {
        let filter = RunFilter {
            key: Some(key.to_owned()),
            ..RunFilter::default()
        };
        check(&subject, filter, |number, _| {
            number.is_multiple_of(4) && remainder.is_none_or(|remainder| number % 8 == remainder)
        })
        .await;
    }
}

pub async fn runs_are_filtered_by_operation(factory: &dyn Factory) {
    let subject = filled(factory).await;
    let made_by = |number: u32| match number % 5 {
        0 => Some(operation_id(1)),
        1 => Some(operation_id(2)),
        _ => None,
    };
    let reruns = (0..RUNS).filter(|number| number % 5 < 3).map(|number| {
        Change::PutRerun(RerunRecord {
            operation: made_by(number),
            ..rerun(number)
        })
    });
    subject.commit(reruns.collect::<Vec<_>>()).await;
    for operation in [1, 2, 3].map(operation_id) {
        for statuses in [vec![], vec![RunStatus::Failed, RunStatus::Queued]] {
            let filter = RunFilter {
                operation: Some(operation),
                statuses: statuses.clone(),
                ..RunFilter::default()
            };
            check(&subject, filter, |number, run| {
                let is_meant = statuses.is_empty() || statuses.contains(&run.status);
                made_by(number) == Some(operation) && is_meant
            })
            .await;
        }
    }
}

pub async fn runs_are_filtered_by_error_group(factory: &dyn Factory) {
    let subject = filled(factory).await;
    let group_of = |number: u32, run: &RunRecord| {
        let group = [1, 2][number as usize % 2];
        (run.status == RunStatus::Failed).then_some(group)
    };
    let failed = (0..RUNS).filter_map(|number| {
        let group = group_of(number, &sample(number))?;
        Some(Change::PutFailure(failure(number, group)))
    });
    subject.commit(failed.collect::<Vec<_>>()).await;
    for group in [1, 2, 3] {
        for (statuses, functions) in [
            (vec![], vec![]),
            (vec![RunStatus::Failed], vec![function_of(0)]),
            (vec![RunStatus::Running], vec![]),
        ] {
            let filter = RunFilter {
                error_group: Some(error_group_id(group)),
                statuses: statuses.clone(),
                functions: functions.clone(),
                ..RunFilter::default()
            };
            let holds = |number, run: &RunRecord| {
                group_of(number, run) == Some(group)
                    && (statuses.is_empty() || statuses.contains(&run.status))
                    && (functions.is_empty() || functions.contains(&run.function))
            };
            check(&subject, filter, holds).await;
        }
    }
}

pub async fn runs_are_filtered_by_attributes(factory: &dyn Factory) {
    let subject = filled(factory).await;
    let tenant = |number: u32| ["acme", "zenith", ""][number as usize % 3];
    let plan = |number: u32| number.is_multiple_of(4).then_some("pro");
    let puts = (0..RUNS).map(|number| {
        let plan = plan(number).map(|plan| ("plan", plan));
        let pairs: Vec<_> = plan
            .into_iter()
            .chain([("tenant", tenant(number))])
            .collect();
        Change::PutRunAttributes {
            run: run_id(number),
            attributes: run_attributes(&pairs),
        }
    });
    subject.commit(puts.collect::<Vec<_>>()).await;
    for (wanted, wanted_plan) in [
        (Some("acme"), None),
        (Some(""), None),
        (Some("acm"), None),
        (None, Some("pro")),
        (Some("zenith"), Some("pro")),
        (Some("zenith"), Some("acme")),
    ] {
        for statuses in [vec![], vec![RunStatus::Completed]] {
            let pairs = [("tenant", wanted), ("plan", wanted_plan)].into_iter();
            let attributes = pairs.filter_map(|(name, value)| Some((name.into(), value?.into())));
            let filter = RunFilter {
                statuses: statuses.clone(),
                attributes: attributes.collect(),
                ..RunFilter::default()
            };
            let holds = |number, run: &RunRecord| {
                wanted.is_none_or(|wanted| tenant(number) == wanted)
                    && (wanted_plan.is_none() || plan(number) == wanted_plan)
                    && (statuses.is_empty() || statuses.contains(&run.status))
            };
            check(&subject, filter, holds).await;
        }
    }
}

pub async fn runs_are_filtered_by_time(factory: &dyn Factory) {
    let subject = filled(factory).await;
    let far = Timestamp::from_millis(1 << 50);
    let windows = [
        (Some(at(5)), Some(at(20))),
        (Some(at(20)), Some(at(5))),
        (None, Some(at(7))),
        (Some(at(40)), None),
        (Some(at(992)), Some(at(995))),
        (Some(at(2_007)), Some(at(2_014))),
        (Some(Timestamp::from_millis(-1)), Some(far)),
        (Some(far), None),
        (Some(Timestamp::from_millis(i64::MIN)), Some(Timestamp::MAX)),
    ];
    for (from, until) in windows {
        for time in [RunTime::QueuedAt, RunTime::StartedAt, RunTime::EndedAt] {
            let filter = RunFilter {
                time,
                from,
                until,
                ..RunFilter::default()
            };
            for order in [Order::Ascending, Order::Descending] {
                let holds = |_, run: &RunRecord| {
                    let at = time.of(run).expect("it has the time");
                    from.is_none_or(|from| at >= from) && until.is_none_or(|until| at < until)
                };
                let query = RunQuery {
                    order,
                    ..RunQuery::new(filter.clone(), 3)
                };
                let found = all_pages(&subject, query).await;
                assert_eq!(found, expected(time, order, holds), "{filter:?}");
            }
        }
    }
}

/// A cursor is a place: the run that was there may have moved or gone.
pub async fn a_page_begins_after_its_cursor(factory: &dyn Factory) {
    let subject = filled(factory).await;
    let list = async |order, after| {
        let query = RunQuery {
            order,
            after: Some(after),
            ..RunQuery::new(RunFilter::default(), 2)
        };
        let page = subject.store.run_list(&query).await;
        let page = page.expect("the runs are read");
        page.runs.iter().map(|run| run.id).collect::<Vec<_>>()
    };
    let place = |number: u32| RunCursor {
        at: at(i64::from(number)),
        run: run_id(number),
    };
    assert_eq!(list(Order::Descending, place(9)).await, [8, 7].map(run_id));
    assert_eq!(list(Order::Ascending, place(9)).await, [10, 11].map(run_id));
    let between = RunCursor {
        at: at(9),
        run: RunId::from_parts(at(9), 1 << 79),
    };
    assert_eq!(list(Order::Descending, between).await, [9, 8].map(run_id));
    assert_eq!(list(Order::Ascending, between).await, [10, 11].map(run_id));
    assert_eq!(list(Order::Ascending, place(RUNS)).await, []);
}

pub async fn outputs_are_listed_when_asked_for(factory: &dyn Factory) {
    let subject = filled(factory).await;
    for with_output in [true, false] {
        let query = RunQuery {
            with_output,
            ..RunQuery::new(RunFilter::default(), 100)
        };
        let page = subject.store.run_list(&query).await;
        let mut listed = page.expect("the runs are read").runs;
        listed.reverse();
        let expected = (0..RUNS).map(sample).map(|run| RunRecord {
            output: run.output.clone().filter(|_| with_output),
            ..run
        });
        assert_eq!(listed, expected.collect::<Vec<_>>());
    }
}

pub async fn triggers_of_runs_are_found(factory: &dyn Factory) {
    let subject = filled(factory).await;
    let unknown = run_id(999);
    let read = async |runs: &[RunId], events_max| {
        let triggers = subject.store.run_triggers(runs, events_max).await;
        triggers.expect("the triggers are read")
    };
    let expected = |number: u32| RunTrigger {
        events: vec![event_id(number), event_id((number + 1) % RUNS)],
        event_name: Some(event_of(number).into()),
    };
    assert_eq!(
        read(&[run_id(5), unknown, run_id(2)], 2).await,
        [expected(5), RunTrigger::default(), expected(2)],
        "in the order asked for"
    );
    let cut = RunTrigger {
        events: vec![event_id(5)],
        ..expected(5)
    };
    assert_eq!(read(&[run_id(5)], 1).await, [cut]);
    assert_eq!(read(&[], 1).await, []);
}

/// A run that ends leaves the lists of those that have not, and is in each list once.
pub async fn lists_follow_the_life_of_a_run(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let lists = async || {
        let mut of = BTreeSet::new();
        for status in STATUSES {
            let filter = RunFilter {
                statuses: vec![status],
                ..RunFilter::default()
            };
            let found = all_pages(&subject, RunQuery::new(filter, 9)).await;
            assert!(found.len() <= 1);
            of.extend(found.first().map(|_| status));
        }
        let mut times = Vec::new();
        for time in [RunTime::StartedAt, RunTime::EndedAt] {
            let filter = RunFilter {
                time,
                ..RunFilter::default()
            };
            times.push(all_pages(&subject, RunQuery::new(filter, 9)).await.len());
        }
        (of.into_iter().collect::<Vec<_>>(), times)
    };
    let queued = RunRecord {
        status: RunStatus::Queued,
        started_at: None,
        ..run(1)
    };
    let running = RunRecord {
        steps_done: 1,
        ..run(1)
    };
    let failed = RunRecord {
        status: RunStatus::Failed,
        ended_at: Some(at(99)),
        ..run(1)
    };
    for (record, times) in [(queued, [0, 0]), (running, [1, 0]), (failed, [1, 1])] {
        subject.commit([Change::PutRun(record.clone())]).await;
        assert_eq!(lists().await, (vec![record.status], times.to_vec()));
    }
}
