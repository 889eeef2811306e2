//! Waits, what resolved them, and those that a shard starts with.

use std::sync::Arc;

use everstep_core::Change;
use everstep_core::record::{
    EventRecord, LiveWait, Resolution, RunRecord, RunStatus, ShardId, WaitKind, WaitRecord,
};
use everstep_protocol::{RunId, Timestamp};

use super::Factory;
use super::sample::{at, event, job_id, json, live, run, run_id, wait};
use super::subject::Subject;
use crate::ReadError;

/// Each kind, with and without a condition.
fn kinds() -> [WaitKind; 7] {
    let name: Arc<str> = Arc::from("sample/name");
    let condition: Option<Arc<str>> = Some(Arc::from("async.data.id == \"7\""));
    let event = |condition: &Option<Arc<str>>| WaitKind::Event {
        name: Arc::clone(&name),
        condition: condition.clone(),
    };
    let cancellation = |condition: &Option<Arc<str>>| WaitKind::Cancellation {
        name: Arc::clone(&name),
        condition: condition.clone(),
    };
    [
        event(&None),
        event(&condition),
        WaitKind::Signal(Arc::clone(&name)),
        WaitKind::SignalLost,
        WaitKind::Invocation,
        cancellation(&None),
        cancellation(&condition),
    ]
}

fn resolutions() -> [Option<Resolution>; 3] {
    [
        None,
        Some(Resolution::Event(Box::new(event(1)))),
        Some(Resolution::Value(json(r#"{"data":1}"#))),
    ]
}

fn puts(waits: &[WaitRecord]) -> Vec<Change> {
    waits.iter().cloned().map(Change::PutWait).collect()
}

pub async fn waits_round_trip(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let id = run_id(1);
    let mut waits = Vec::new();
    for (number, kind) in (0..).step_by(10).zip(kinds()) {
        for (number, resolution) in (number..).zip(resolutions()) {
            waits.push(WaitRecord {
                kind: kind.clone(),
                resolution,
                ..wait(id, number)
            });
        }
    }
    waits.push(WaitRecord {
        step: None,
        expires_at: Timestamp::MAX,
        ..wait(id, u32::MAX)
    });
    subject.commit([Change::PutEvent(event(1))]).await;
    subject.commit(puts(&waits)).await;
    assert_eq!(subject.waits(id).await, waits, "by number");
    assert_eq!(subject.waits(run_id(2)).await, []);
}

/// To and from every kind and resolution, every column changes.
pub async fn wait_is_replaced(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let id = run_id(1);
    let mut forms = Vec::new();
    for kind in kinds() {
        for resolution in resolutions() {
            let number = i64::try_from(forms.len()).expect("there are few forms");
            forms.push(WaitRecord {
                step: None,
                kind: kind.clone(),
                created_at: at(100 + number),
                expires_at: at(200 + number),
                resolution,
                ..wait(id, 1)
            });
            forms.push(wait(id, 1));
        }
    }
    subject
        .commit([Change::PutEvent(event(1)), Change::PutRun(run(1))])
        .await;
    for form in forms {
        subject.commit([Change::PutWait(form.clone())]).await;
        assert_eq!(subject.waits(id).await, std::slice::from_ref(&form));
        assert_eq!(subject.shard().await.waits, [live(&form)]);
    }
}

/// The first resolution stays; a wait that is gone stays gone.
pub async fn a_wait_is_resolved_once(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let id = run_id(1);
    let event = Resolution::Event(Box::new(event(1)));
    let value = Resolution::Value(json("2"));
    let put = [1, 2].map(|number| Change::PutWait(wait(id, number)));
    subject
        .commit([Change::PutEvent(super::sample::event(1))])
        .await;
    subject.commit(put).await;
    let resolve = |number, resolution: &Resolution| Change::ResolveWait {
        wait: job_id(id, number),
        resolution: resolution.clone(),
    };
    subject
        .commit([
            resolve(1, &event),
            resolve(1, &value),
            resolve(2, &value),
            resolve(2, &event),
            resolve(3, &value),
        ])
        .await;
    let waits = subject
        .store
        .run_waits(id)
        .await
        .expect("the waits are read");
    let resolutions: Vec<_> = waits.into_iter().map(|wait| wait.resolution).collect();
    assert_eq!(resolutions, [Some(event), Some(value)]);
}

/// Waits for anything else have no signal to lose.
pub async fn a_signal_is_lost(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let id = run_id(1);
    for (number, kind) in (0..).zip(kinds()) {
        let before = WaitRecord {
            kind: kind.clone(),
            ..wait(id, number)
        };
        let has_signal = matches!(kind, WaitKind::Signal(_));
        let after = if has_signal {
            WaitKind::SignalLost
        } else {
            kind
        };
        subject
            .commit([
                Change::PutWait(before),
                Change::LoseSignal(job_id(id, number)),
            ])
            .await;
        let waits = subject
            .store
            .run_waits(id)
            .await
            .expect("the waits are read");
        assert_eq!(waits.last().map(|wait| &wait.kind), Some(&after));
    }
}

pub async fn waits_are_deleted(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let runs = [1, 2, 3].map(|number| Change::PutRun(run(number)));
    subject.commit(runs).await;
    let waits = [(1, 1), (1, 2), (1, 3), (2, 1), (2, 2), (3, 1)];
    subject
        .commit(puts(&waits.map(|(run, number)| wait(run_id(run), number))))
        .await;
    let left = async || {
        let mut seen = Vec::new();
        for number in 1..=3 {
            let waits = subject.waits(run_id(number)).await;
            seen.extend(waits.iter().map(|wait| (number, wait.id.number)));
        }
        let mut live = subject.shard().await.waits;
        live.sort_by_key(|wait| wait.id);
        let live: Vec<_> = live.into_iter().map(|wait| wait.id).collect();
        let expected = seen
            .iter()
            .map(|&(run, number)| job_id(run_id(run), number));
        assert_eq!(live, expected.collect::<Vec<_>>());
        seen
    };
    assert_eq!(left().await, waits);
    subject
        .commit([
            Change::DeleteWait(job_id(run_id(1), 2)),
            Change::DeleteWait(job_id(run_id(9), 1)),
        ])
        .await;
    assert_eq!(left().await, [(1, 1), (1, 3), (2, 1), (2, 2), (3, 1)]);
    subject
        .commit([
            Change::DeleteWaits(run_id(2)),
            Change::DeleteWaits(run_id(9)),
        ])
        .await;
    assert_eq!(left().await, [(1, 1), (1, 3), (3, 1)]);
    // In order: a wait put after the deletion is there.
    subject
        .commit([
            Change::DeleteWaits(run_id(1)),
            Change::PutWait(wait(run_id(1), 7)),
        ])
        .await;
    assert_eq!(left().await, [(1, 7), (3, 1)]);
}

/// An event that is stored stays, and it is what the wait is read with.
pub async fn a_resolution_is_the_event_that_is_stored(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let other = EventRecord {
        payload: json(r#"{"data":"other"}"#),
        ..event(1)
    };
    let resolved_by = |event| WaitRecord {
        resolution: Some(Resolution::Event(Box::new(event))),
        ..wait(run_id(1), 1)
    };
    subject
        .commit([
            Change::PutEvent(event(1)),
            Change::PutEvent(other.clone()),
            Change::PutWait(resolved_by(other)),
        ])
        .await;
    assert_eq!(subject.waits(run_id(1)).await, [resolved_by(event(1))]);
}

pub async fn a_resolution_without_its_event_is_damage(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let id = run_id(1);
    let resolved = WaitRecord {
        resolution: Some(Resolution::Event(Box::new(event(1)))),
        ..wait(id, 4)
    };
    subject
        .commit([
            Change::PutRun(run(1)),
            Change::PutWait(wait(id, 2)),
            Change::PutWait(resolved.clone()),
        ])
        .await;
    let waits = subject.store.run_waits(id).await.map(drop);
    let snapshot = subject.store.run_snapshot(id).await.map(drop);
    for read in [waits, snapshot] {
        let Err(ReadError::Corrupt { table, detail }) = read else {
            panic!("{read:?}");
        };
        assert_eq!(table, "waits");
        for part in [id.to_string(), event(1).id.to_string()] {
            assert!(detail.contains(&part), "{detail}");
        }
    }
    let waits = subject.shard().await.waits;
    let expected = [live(&wait(id, 2)), live(&resolved)];
    assert_eq!(waits, expected, "a shard starts without the events");
}

/// Then by run and number.
pub async fn a_shard_starts_with_waits_in_the_order_of_their_creation(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let created = |number, wait_number, ms| WaitRecord {
        created_at: Timestamp::from_millis(ms),
        ..wait(run_id(number), wait_number)
    };
    let ordered = [
        created(3, 2, i64::MIN),
        created(3, 1, -1),
        created(2, 9, 0),
        created(1, 2, 50),
        created(1, 10, 50),
        created(2, 1, 50),
        created(1, 1, 51),
        created(1, 3, i64::MAX),
    ];
    let runs = [1, 2, 3].map(|number| Change::PutRun(run(number)));
    subject.commit(runs).await;
    for wait in [4, 0, 7, 2, 6, 1, 3, 5].map(|index: usize| &ordered[index]) {
        subject.commit([Change::PutWait(wait.clone())]).await;
    }
    let expected: Vec<LiveWait> = ordered.iter().map(live).collect();
    assert_eq!(subject.shard().await.waits, expected);
}

pub async fn a_shard_starts_with_waits_of_live_runs(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let id = run_id(1);
    subject.commit([Change::PutWait(wait(id, 1))]).await;
    assert_eq!(subject.shard().await.waits, [], "of no run");
    for status in [
        RunStatus::Queued,
        RunStatus::Completed,
        RunStatus::Running,
        RunStatus::Failed,
        RunStatus::Running,
        RunStatus::Cancelled,
    ] {
        subject
            .commit([Change::PutRun(RunRecord { status, ..run(1) })])
            .await;
        let expected = (!status.is_final()).then(|| live(&wait(id, 1)));
        assert_eq!(
            subject.shard().await.waits,
            expected.into_iter().collect::<Vec<_>>(),
            "{status:?}"
        );
        assert_eq!(subject.waits(id).await, [wait(id, 1)], "{status:?}");
    }
}

pub async fn a_shard_starts_with_its_own_waits(factory: &dyn Factory) {
    let subject = Subject::open(factory).await;
    let other = subject
        .store
        .shard_acquire(ShardId(1))
        .await
        .expect("the shard is acquired");
    let run_and_wait =
        |number, id: RunId| [Change::PutRun(run(number)), Change::PutWait(wait(id, 1))];
    subject.commit(run_and_wait(1, run_id(1))).await;
    subject
        .store
        .commit(&other, run_and_wait(2, run_id(2)).into())
        .await
        .expect("the commit is accepted");
    assert_eq!(subject.shard().await.waits, [live(&wait(run_id(1), 1))]);
    let theirs = subject.store.shard_load(&other).await;
    assert_eq!(
        theirs.expect("the shard is read").waits,
        [live(&wait(run_id(2), 1))]
    );
}
