//! Bulk operations as the shard remembers them.

use everstep_protocol::{AuditId, Json, OperationId, RunId, Timestamp};

use super::Portion;
use crate::effect::{Answer, Effect, ReplyTo};
use crate::input::{Control, ControlRefusal};
use crate::limits::{OPERATION_ERRORS_KEPT_MAX, OPERATIONS_OPEN_MAX};
use crate::record::{
    Epoch, OperationCounts, OperationError, OperationKind, OperationRecord, OperationState,
    RunPlace, ShardState,
};
use crate::{Change, Input, Moment, Shard, ShardConfig};

const REPLY_TO: ReplyTo = ReplyTo(7);
const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

fn id(number: usize) -> OperationId {
    OperationId::from_parts(NOW, number as u128)
}

fn run(number: u128) -> RunId {
    RunId::from_parts(NOW, number)
}

fn place(number: u128) -> RunPlace {
    RunPlace {
        at: NOW,
        run: run(number),
    }
}

fn operation(number: usize) -> OperationRecord {
    OperationRecord {
        id: id(number),
        kind: OperationKind::Replay,
        filter: Json::object([]),
        state: OperationState::Running,
        rate_per_second: None,
        stop_on_error_percent: Some(50),
        actor: None,
        reason: None,
        cursor: None,
        counts: OperationCounts::default(),
        errors: Vec::new(),
        ended_at: None,
        failure: None,
    }
}

fn shard(operations: Vec<OperationRecord>) -> Shard {
    let state = ShardState {
        operations,
        ..ShardState::default()
    };
    let mut shard = Shard::new(ShardConfig::default(), Epoch(1), state);
    // It asks for its jobs.
    handle(&mut shard, Input::Wake);
    shard
}

fn handle(shard: &mut Shard, input: Input) -> (Vec<Change>, Vec<Effect>) {
    let moment = Moment {
        now: NOW,
        entropy: 1,
    };
    let decision = shard.handle(input, moment);
    (decision.changes, decision.effects)
}

/// What is stored of the operation, and what came of the control.
fn control(
    shard: &mut Shard,
    control: Control,
) -> (Option<OperationRecord>, Result<(), ControlRefusal>) {
    let input = Input::Control {
        control: Box::new(control),
        id: AuditId::from_parts(NOW, 1),
        actor: None,
        reply_to: REPLY_TO,
    };
    let (changes, effects) = handle(shard, input);
    let is_audited = changes
        .iter()
        .any(|change| matches!(change, Change::PutAudit(_)));
    match effects.into_iter().next() {
        Some(Effect::Reply {
            answer: Answer::Controlled(done),
            ..
        }) => {
            assert_eq!(is_audited, done.is_ok());
            (stored(changes), done.map(drop))
        }
        other => panic!("{other:?}"),
    }
}

fn stored(changes: Vec<Change>) -> Option<OperationRecord> {
    changes.into_iter().find_map(|change| match change {
        Change::PutOperation(operation) => Some(operation),
        _ => None,
    })
}

fn abort(number: usize) -> Control {
    Control::AbortOperation {
        id: id(number),
        reason: None,
    }
}

fn resume(stored: OperationRecord) -> Control {
    Control::ResumeOperation {
        stored: Box::new(stored),
        reason: None,
    }
}

fn put(shard: &mut Shard, number: usize) -> Result<(), ControlRefusal> {
    control(shard, Control::PutOperation(Box::new(operation(number)))).1
}

fn portion(done: u64, failed: u64) -> Portion {
    let error = |number| OperationError {
        run: run(number),
        message: "gone".into(),
    };
    Portion {
        cursor: Some(place(9)),
        counts: OperationCounts {
            done,
            skipped: 1,
            failed,
        },
        errors: (0..failed.into()).map(error).collect(),
        is_last: false,
        failure: None,
    }
}

fn advance(shard: &mut Shard, number: usize, portion: Portion) -> Option<OperationRecord> {
    let input = Input::AdvanceOperation {
        id: id(number),
        portion,
        reply_to: REPLY_TO,
    };
    let (changes, effects) = handle(shard, input);
    let answer = Answer::OperationAdvanced;
    assert_eq!(
        effects,
        [Effect::Reply {
            to: REPLY_TO,
            answer
        }]
    );
    stored(changes)
}

fn open(shard: &mut Shard) -> Vec<OperationRecord> {
    let reply_to = REPLY_TO;
    let (_, effects) = handle(shard, Input::OperationsOpen { reply_to });
    match effects.into_iter().next() {
        Some(Effect::Reply {
            answer: Answer::OperationsOpen(open),
            ..
        }) => open,
        other => panic!("{other:?}"),
    }
}

#[test]
fn counts_add_up_until_no_run_is_left() {
    let mut shard = shard(Vec::new());
    assert_eq!(put(&mut shard, 1), Ok(()));
    let first = advance(&mut shard, 1, portion(30, 2)).unwrap();
    assert_eq!(first.state, OperationState::Running);
    assert_eq!((first.cursor, first.ended_at), (Some(place(9)), None));
    let last = Portion {
        is_last: true,
        ..portion(1, 9)
    };
    let ended = advance(&mut shard, 1, last).unwrap();
    assert_eq!(ended.state, OperationState::Completed);
    assert_eq!(ended.ended_at, Some(NOW));
    let counts = OperationCounts {
        done: 31,
        skipped: 2,
        failed: 11,
    };
    assert_eq!(ended.counts, counts);
    assert_eq!(ended.errors.len(), OPERATION_ERRORS_KEPT_MAX);
    assert_eq!(open(&mut shard), []);
    assert_eq!(advance(&mut shard, 1, portion(1, 0)), None, "it has ended");
}

#[test]
fn an_operation_whose_runs_can_not_be_told_fails() {
    let mut shard = shard(vec![operation(1)]);
    advance(&mut shard, 1, portion(3, 0));
    let unreadable = Portion {
        failure: Some("its search can't be read".into()),
        ..Portion::default()
    };
    let failed = advance(&mut shard, 1, unreadable).unwrap();
    assert_eq!(failed.state, OperationState::Failed);
    assert_eq!(failed.failure.as_deref(), Some("its search can't be read"));
    assert_eq!((failed.counts.done, failed.ended_at), (3, Some(NOW)));
    assert_eq!(open(&mut shard), []);
    let refusal = ControlRefusal::OperationNotResumable(id(1), "failed");
    assert_eq!(control(&mut shard, resume(failed)).1, Err(refusal));
}

#[test]
fn the_portion_under_way_counts_when_it_is_aborted() {
    let mut shard = shard(vec![operation(1)]);
    let (aborting, done) = control(&mut shard, abort(1));
    assert_eq!(done, Ok(()));
    let aborting = aborting.unwrap();
    assert_eq!(aborting.state, OperationState::Aborting);
    let resumed = control(&mut shard, resume(aborting)).1;
    let refusal = ControlRefusal::OperationNotResumable(id(1), "aborting");
    assert_eq!(resumed, Err(refusal));
    let aborted = advance(&mut shard, 1, portion(5, 0)).unwrap();
    assert_eq!(
        (aborted.state, aborted.counts.done),
        (OperationState::Aborted, 5)
    );
    assert_eq!(open(&mut shard), []);
    let refusal = Err(ControlRefusal::OperationEnded(id(1)));
    assert_eq!(control(&mut shard, abort(1)).1, refusal);

    let (resumed, done) = control(&mut shard, resume(aborted.clone()));
    assert_eq!(done, Ok(()));
    let resumed = resumed.unwrap();
    assert_eq!(resumed.state, OperationState::Running);
    assert_eq!(
        (resumed.cursor, resumed.counts),
        (aborted.cursor, aborted.counts)
    );
    assert_eq!(resumed.ended_at, None);
    let refusal = ControlRefusal::OperationNotResumable(id(1), "running");
    assert_eq!(
        control(&mut shard, resume(aborted)).1,
        Err(refusal),
        "it goes on"
    );
}

#[test]
fn it_stops_when_more_fail_than_were_to() {
    for (done, failed, state) in [
        (0, 19, OperationState::Running),
        (9, 10, OperationState::Running),
        (10, 10, OperationState::Running),
        (9, 11, OperationState::Stopped),
    ] {
        let mut shard = shard(vec![operation(1)]);
        let advanced = advance(&mut shard, 1, portion(done, failed)).unwrap();
        assert_eq!(advanced.state, state, "{done} {failed}");
        assert_eq!(open(&mut shard).is_empty(), !state.is_open());
    }
}

#[test]
fn so_many_are_open_and_no_more() {
    let mut shard = shard(Vec::new());
    for number in 0..OPERATIONS_OPEN_MAX {
        assert_eq!(put(&mut shard, number), Ok(()));
    }
    let most = OPERATIONS_OPEN_MAX;
    let refusal = Err(ControlRefusal::TooManyOperations { most });
    assert_eq!(put(&mut shard, most), refusal);
    advance(
        &mut shard,
        3,
        Portion {
            is_last: true,
            ..portion(0, 0)
        },
    );
    assert_eq!(put(&mut shard, most), Ok(()));
}
