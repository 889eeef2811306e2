//! Bulk cancellations as the shard remembers them.

use std::time::Duration;

use everstep_protocol::{AppId, AuditId, CancellationId, FunctionId, Json, RunId, Timestamp};

use crate::effect::{Answer, Effect, ReplyTo};
use crate::input::{Control, ControlRefusal};
use crate::limits::CANCELLATIONS_OPEN_MAX;
use crate::record::{AuditRecord, CancellationRecord, Epoch, ShardState};
use crate::{Change, Input, Moment, Shard, ShardConfig};

const REPLY_TO: ReplyTo = ReplyTo(7);
const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

fn audit_id() -> AuditId {
    AuditId::from_parts(NOW, 1)
}

fn id(number: usize) -> CancellationId {
    CancellationId::from_parts(NOW, number as u128)
}

/// Of the runs that started within the second before now.
fn cancellation(number: usize) -> CancellationRecord {
    let app = AppId::derive("shop");
    let started_after = Some(NOW - Duration::from_secs(1));
    CancellationRecord {
        id: id(number),
        app,
        function: FunctionId::derive(app, "shop-pay"),
        started_after,
        started_before: NOW,
        condition: None,
        next: CancellationRecord::first_run(started_after),
        ended_at: None,
    }
}

fn shard(cancellations: Vec<CancellationRecord>) -> Shard {
    let state = ShardState {
        cancellations,
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

fn control(shard: &mut Shard, control: Control) -> (Vec<Change>, Vec<Effect>) {
    handle(
        shard,
        Input::Control {
            control: Box::new(control),
            id: audit_id(),
            actor: Some("ann".into()),
            reply_to: REPLY_TO,
        },
    )
}

/// The entry of the log.
fn logged(action: &str, detail: String) -> Change {
    Change::PutAudit(AuditRecord {
        id: audit_id(),
        actor: Some("ann".into()),
        action: action.into(),
        function: Some(cancellation(1).function),
        run: None,
        detail: Json::from_canonical(detail),
    })
}

fn put(shard: &mut Shard, number: usize) -> (Vec<Change>, Vec<Effect>) {
    control(
        shard,
        Control::PutCancellation(Box::new(cancellation(number))),
    )
}

fn advance(shard: &mut Shard, number: usize, next: RunId) -> Vec<Change> {
    let (changes, effects) = handle(
        shard,
        Input::AdvanceCancellation {
            id: id(number),
            next,
            reply_to: REPLY_TO,
        },
    );
    assert_eq!(effects, [reply(Answer::CancellationAdvanced)]);
    changes
}

fn open(shard: &mut Shard) -> Vec<CancellationRecord> {
    let reply_to = REPLY_TO;
    let (changes, effects) = handle(shard, Input::CancellationsOpen { reply_to });
    assert_eq!(changes, []);
    match effects.into_iter().next() {
        Some(Effect::Reply {
            answer: Answer::CancellationsOpen(open),
            ..
        }) => open,
        other => panic!("{other:?}"),
    }
}

fn reply(answer: Answer) -> Effect {
    let to = REPLY_TO;
    Effect::Reply { to, answer }
}

#[test]
fn a_cancellation_is_stored_and_open_until_its_end() {
    let mut shard = shard(Vec::new());
    let (changes, effects) = put(&mut shard, 1);
    let detail = format!(
        r#"{{"cancellation":"{}","startedAfter":"2023-11-14T22:13:19.000Z","startedBefore":"2023-11-14T22:13:20.000Z"}}"#,
        id(1)
    );
    let logged = logged("cancellation.create", detail);
    assert_eq!(changes, [Change::PutCancellation(cancellation(1)), logged]);
    assert_eq!(effects, [reply(Answer::Controlled(Ok(None)))]);

    let half_way = RunId::from_parts(NOW - Duration::from_millis(500), 9);
    let moved = CancellationRecord {
        next: half_way,
        ..cancellation(1)
    };
    let changes = advance(&mut shard, 1, half_way);
    assert_eq!(changes, [Change::PutCancellation(moved.clone())]);
    assert_eq!(open(&mut shard), std::slice::from_ref(&moved));

    let ended = CancellationRecord {
        next: moved.end(),
        ended_at: Some(NOW),
        ..moved.clone()
    };
    let changes = advance(&mut shard, 1, moved.end());
    assert_eq!(changes, [Change::PutCancellation(ended)]);
    assert_eq!(open(&mut shard), []);
}

#[test]
fn both_ends_of_the_range_belong_to_it() {
    let cancellation = cancellation(1);
    let run = |at, entropy| RunId::from_parts(at, entropy);
    let millisecond = Duration::from_millis(1);
    let (after, before) = (cancellation.started_after.unwrap(), NOW);
    assert!(run(after, 0) >= cancellation.next);
    assert!(run(after - millisecond, u128::MAX) < cancellation.next);
    assert!(run(before, u128::MAX) < cancellation.end());
    assert!(run(before + millisecond, 0) >= cancellation.end());
    assert_eq!(
        CancellationRecord::first_run(None),
        RunId::from_bytes([0; 16])
    );
}

#[test]
fn a_deleted_cancellation_stays_deleted() {
    let mut shard = shard(vec![cancellation(1), cancellation(2)]);
    let deletion = Control::DeleteCancellation {
        id: id(1),
        function: cancellation(1).function,
    };
    let (changes, effects) = control(&mut shard, deletion);
    let detail = format!(r#"{{"cancellation":"{}"}}"#, id(1));
    let logged = logged("cancellation.delete", detail);
    assert_eq!(changes, [Change::DeleteCancellation(id(1)), logged]);
    assert_eq!(effects, [reply(Answer::Controlled(Ok(None)))]);
    assert_eq!(advance(&mut shard, 1, cancellation(1).end()), []);
    assert_eq!(open(&mut shard), [cancellation(2)]);
}

#[test]
fn open_cancellations_are_bounded() {
    let mut shard = shard((1..CANCELLATIONS_OPEN_MAX).map(cancellation).collect());
    assert_eq!(
        put(&mut shard, 1_000).1,
        [reply(Answer::Controlled(Ok(None)))]
    );
    let refused = put(&mut shard, 1_001);
    let too_many = ControlRefusal::TooManyCancellations {
        most: CANCELLATIONS_OPEN_MAX,
    };
    let answer = reply(Answer::Controlled(Err(too_many)));
    assert_eq!(refused, (vec![], vec![answer]));
    advance(&mut shard, 1, cancellation(1).end());
    assert_eq!(
        put(&mut shard, 1_001).1,
        [reply(Answer::Controlled(Ok(None)))]
    );
}
