//! Errors of runs that are alike.

use std::sync::Arc;

use everstep_core::Change;
use everstep_core::record::{
    ErrorDecision, ErrorDecisionRecord, ErrorGroupId, FailureRecord, RunRecord,
};
use everstep_protocol::RunId;

use super::Factory;
use super::sample::{at, completed, function, run, run_id, step_id};
use super::sample_history::{error_decision, error_group_id, failure};
use super::subject::{Subject, all_errors};
use crate::rollup::{HOUR, MINUTE, start_of};
use crate::{ErrorBuckets, ErrorFilter, ErrorGroup, ErrorStatus, History};

/// Commit runs of these numbers, which failed with these errors.
async fn fail(subject: &Subject, failures: &[(u32, u8)]) {
    let changes = failures.iter().flat_map(|&(number, group)| {
        let failure = failure(number, group);
        [Change::PutRun(run(number)), Change::PutFailure(failure)]
    });
    subject.commit(changes.collect::<Vec<_>>()).await;
}

async fn view(subject: &Subject, group: u8) -> Option<ErrorGroup> {
    let group = subject.store.error_view(error_group_id(group)).await;
    group.expect("the error is read")
}

async fn page(subject: &Subject, filter: &ErrorFilter) -> Vec<ErrorGroupId> {
    let groups = subject.store.error_list(filter).await;
    let groups = groups.expect("the errors are read");
    groups.into_iter().map(|group| group.id).collect()
}

pub async fn failures_are_grouped(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let step = completed(run_id(1), 1, 0);
    subject.commit([Change::PutStep(step)]).await;
    fail(&subject, &[(1, 1), (2, 2), (3, 1)]).await;
    let bare = FailureRecord {
        step: None,
        ..failure(4, 3)
    };
    let bare = [Change::PutRun(run(4)), Change::PutFailure(bare)];
    subject.commit(bare).await;
    let first = ErrorGroup {
        id: error_group_id(1),
        function: run(1).function,
        step: Some(step_id(1)),
        step_name: Some(Arc::from("step 1")),
        name: Arc::from("TypeError"),
        message: Arc::from("it is 3"),
        runs: 2,
        first_seen: at(101),
        last_seen: at(103),
        last_run: run_id(3),
        decision: None,
    };
    assert_eq!(view(&subject, 1).await, Some(first));
    let unnamed = view(&subject, 2).await.expect("there is one");
    assert_eq!((unnamed.runs, unnamed.step_name), (1, None));
    let bare = view(&subject, 3).await.expect("there is one");
    assert_eq!(bare.step, None);
    assert_eq!(view(&subject, 4).await, None);
}

pub async fn a_run_fails_once(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    for _ in 0..3 {
        fail(&subject, &[(1, 1)]).await;
        fail(&subject, &[(1, 2)]).await;
    }
    let group = view(&subject, 1).await;
    assert_eq!(group.map(|group| group.runs), Some(1));
    assert_eq!(view(&subject, 2).await, None);
}

pub async fn a_failure_of_no_run_is_not_noted(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let failure = Change::PutFailure(failure(1, 1));
    subject.commit([failure]).await;
    assert_eq!(view(&subject, 1).await, None);
}

pub async fn a_decision_holds_until_the_error_is_seen_again(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    fail(&subject, &[(1, 1)]).await;
    let decide = async |decision, decided_at| {
        let put = ErrorDecisionRecord {
            decided_at,
            ..error_decision(1, decision)
        };
        subject.commit([Change::PutErrorDecision(put)]).await;
    };
    let state = async |now| {
        let group = view(&subject, 1).await.expect("there is one");
        let status = group.status(now);
        for asked in [
            ErrorStatus::Open,
            ErrorStatus::Resolved,
            ErrorStatus::Ignored,
        ] {
            let filter = ErrorFilter {
                status: Some((asked, now)),
                ..all_errors()
            };
            let found = page(&subject, &filter).await.len();
            assert_eq!(found == 1, asked == status, "{asked:?} in {status:?}");
        }
        (status, group.is_back())
    };
    assert_eq!(state(at(200)).await, (ErrorStatus::Open, false));
    // At the very time at which it was seen last.
    decide(ErrorDecision::Resolved, at(101)).await;
    assert_eq!(state(at(200)).await, (ErrorStatus::Resolved, false));
    fail(&subject, &[(2, 1)]).await;
    assert_eq!(state(at(200)).await, (ErrorStatus::Open, true));
    let until = Some(at(300));
    decide(ErrorDecision::Ignored { until }, at(200)).await;
    assert_eq!(state(at(299)).await, (ErrorStatus::Ignored, false));
    fail(&subject, &[(3, 1)]).await;
    assert_eq!(state(at(299)).await, (ErrorStatus::Ignored, false));
    assert_eq!(state(at(300)).await, (ErrorStatus::Open, false));
    decide(ErrorDecision::Ignored { until: None }, at(301)).await;
    assert_eq!(state(at(9_000)).await, (ErrorStatus::Ignored, false));
    decide(ErrorDecision::Open, at(302)).await;
    assert_eq!(state(at(9_000)).await, (ErrorStatus::Open, false));
}

pub async fn error_pages_are_those_seen_last_first(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    fail(&subject, &[(1, 1), (2, 2), (3, 3), (4, 1)]).await;
    // Seen at the same time as the third.
    let same = FailureRecord {
        function: function("app", "other").id,
        at: failure(3, 3).at,
        ..failure(5, 4)
    };
    let same = [Change::PutRun(run(5)), Change::PutFailure(same)];
    subject.commit(same).await;
    let all = [1, 4, 3, 2].map(error_group_id);
    assert_eq!(page(&subject, &all_errors()).await, all);
    let mut after = None;
    for (index, expected) in all.into_iter().enumerate() {
        let filter = ErrorFilter {
            after,
            limit: 1,
            ..all_errors()
        };
        let groups = subject.store.error_list(&filter).await;
        let groups = groups.expect("the errors are read");
        assert_eq!(groups.len(), 1, "page {index}");
        assert_eq!(groups[0].id, expected);
        after = Some((groups[0].last_seen, groups[0].id));
    }
    let of_other = ErrorFilter {
        function: Some(function("app", "other").id),
        ..all_errors()
    };
    assert_eq!(page(&subject, &of_other).await, [error_group_id(4)]);
}

pub async fn runs_of_an_error_are_newest_first(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    fail(&subject, &[(1, 1), (2, 2), (3, 1), (4, 1)]).await;
    let runs = async |before: Option<RunId>, limit| {
        let runs = subject.store.error_runs(error_group_id(1), before, limit);
        runs.await.expect("the runs are read")
    };
    let of = |numbers: &[u32]| numbers.iter().copied().map(run).collect::<Vec<RunRecord>>();
    assert_eq!(runs(None, 9).await, of(&[4, 3, 1]));
    assert_eq!(runs(None, 2).await, of(&[4, 3]));
    assert_eq!(runs(Some(run_id(3)), 9).await, of(&[1]));
}

pub async fn failures_are_counted_by_the_hour(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let hour = start_of(HOUR, at(0)) + HOUR;
    // Minutes after the hour at which runs failed with the first error, and one of another one.
    let minutes = [0, 59, 60, 61, 200, 239, 240];
    let mut changes = Vec::new();
    for (number, minute) in (1..).zip(minutes) {
        let failure = FailureRecord {
            at: hour + MINUTE * minute,
            ..failure(number, 1)
        };
        changes.extend([Change::PutRun(run(number)), Change::PutFailure(failure)]);
    }
    let other = FailureRecord {
        at: hour + MINUTE,
        ..failure(100, 2)
    };
    changes.extend([Change::PutRun(run(100)), Change::PutFailure(other)]);
    for _ in 0..2 {
        // What is committed again is not counted again.
        subject.commit(changes.clone()).await;
    }
    let counts = async |groups: &[u8], from, width, count| {
        let groups: Vec<_> = groups.iter().copied().map(error_group_id).collect();
        let buckets = ErrorBuckets { from, width, count };
        let counts = subject.store.error_counts(&groups, &buckets).await;
        counts.expect("the counts are read")
    };
    let of_all = counts(&[2, 9, 1], hour, HOUR, 4).await;
    assert_eq!(of_all, [vec![1, 0, 0, 0], vec![0; 4], vec![2, 2, 0, 2]]);
    assert_eq!(counts(&[1], hour, HOUR * 2, 3).await, [vec![4, 2, 1]]);
    assert_eq!(counts(&[1], hour + HOUR, HOUR, 1).await, [vec![2]]);
    assert_eq!(counts(&[], hour, HOUR, 1).await, Vec::<Vec<u64>>::new());

    // Hours that are old as a whole go, also of an error that is seen to this day.
    subject.prune(History::Errors, hour + MINUTE * 90, 1).await;
    assert_eq!(counts(&[1], hour, HOUR, 5).await, [vec![0, 2, 0, 2, 1]]);
    let first = view(&subject, 1).await.expect("it was seen later");
    assert_eq!(first.runs, 7, "those that were removed count");
}
