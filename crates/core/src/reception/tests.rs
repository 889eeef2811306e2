//! Events that take more than one turn.

use std::time::Duration;

use everstep_protocol::event::EventInput;
use everstep_protocol::{EventId, JobId, Json, RunId, Timestamp};

use crate::effect::{Answer, Effect, ReplyTo};
use crate::limits::SEARCH_STEPS_PER_TURN;
use crate::record::{Epoch, EventRecord, LiveWait, Resolution, ShardState, WaitKind};
use crate::{Change, Decision, Input, Moment, Shard, ShardConfig};

const NAME: &str = "order/paid";
const NOW: Timestamp = Timestamp::from_millis(1_000);
const TIMEOUT: Duration = Duration::from_secs(1);

fn id(number: u32) -> JobId {
    JobId {
        run: RunId::from_parts(NOW, u128::from(number)),
        number: 1,
    }
}

/// A shard with one wait for each condition, which are numbered from 1 on.
fn shard(steps: usize, conditions: &[&str]) -> Shard {
    let wait = |(number, condition): (u32, &&str)| LiveWait {
        id: id(number),
        kind: WaitKind::Event {
            name: NAME.into(),
            condition: Some((*condition).into()),
        },
        expires_at: NOW + TIMEOUT,
        is_resolved: false,
    };
    let config = ShardConfig {
        search_steps_per_turn: steps,
        ..ShardConfig::default()
    };
    let state = ShardState {
        waits: (1..).zip(conditions).map(wait).collect(),
        ..ShardState::default()
    };
    Shard::new(config, Epoch(1), state)
}

fn event(number: u32, total: u32) -> EventRecord {
    let id = EventId::from_parts(NOW, u128::from(number));
    let data = Json::object([("total", Json::integer(i64::from(total)))]);
    EventRecord {
        id,
        name: NAME.into(),
        user_id: None,
        ts: NOW,
        received_at: NOW,
        payload: EventInput::new(NAME, data).payload(id, NOW),
    }
}

fn send(shard: &mut Shard, number: u32, total: u32) -> Decision {
    let input = Input::Events {
        events: vec![event(number, total)],
        reply_to: ReplyTo(u64::from(number)),
    };
    handle(shard, input, NOW)
}

fn handle(shard: &mut Shard, input: Input, now: Timestamp) -> Decision {
    shard.handle(input, Moment { now, entropy: 0 })
}

/// Wakes the shard until it is done, and gives the number of times and what was decided last.
fn wake(shard: &mut Shard, now: Timestamp) -> (u32, Decision) {
    let (mut times, mut last) = (0, Decision::default());
    while shard.is_receiving() {
        assert!(shard.next_wakeup().is_some_and(|at| at <= NOW));
        assert_eq!(last.changes, [], "nothing is decided before all is known");
        last = handle(shard, Input::Wake, now);
        times += 1;
    }
    (times, last)
}

/// `event 7`, `7 ends 3`, in order.
fn told(decision: &Decision) -> Vec<String> {
    let number = |event: &EventRecord| event.id.to_bytes()[15];
    let of = |change: &Change| match change {
        Change::PutEvent(record) => format!("event {}", number(record)),
        Change::ResolveWait {
            wait,
            resolution: Resolution::Event(by),
        } => format!("{} ends {}", number(by), wait.run.to_bytes()[15]),
        other => format!("{other:?}"),
    };
    decision.changes.iter().map(of).collect()
}

fn answered(decision: &Decision) -> Vec<u64> {
    let of = |effect: &Effect| match effect {
        Effect::Reply {
            to,
            answer: Answer::EventsAccepted,
        } => Some(to.0),
        _ => None,
    };
    decision.effects.iter().filter_map(of).collect()
}

const TOTALS: [&str; 4] = [
    "async.data.total > 10",
    "async.data.total > 30",
    "async.data.total != 20",
    "async.data.total > 15",
];

#[test]
fn we_1_an_event_is_compared_with_as_many_waits_in_a_turn_as_its_steps_allow() {
    for (steps, turns) in [(1, 3), (usize::MAX, 0)] {
        let mut shard = shard(steps, &TOTALS);
        let first = send(&mut shard, 7, 20);
        let (times, last) = wake(&mut shard, NOW);
        assert_eq!(times, turns);
        let whole = if turns == 0 { first } else { last };
        assert_eq!(told(&whole), ["event 7", "7 ends 1", "7 ends 4"]);
        assert_eq!(answered(&whole), [7]);
    }
}

#[test]
fn we_4_an_event_that_comes_meanwhile_is_taken_in_after_the_one_before() {
    let mut shard = shard(1, &TOTALS);
    send(&mut shard, 7, 20);
    let first = send(&mut shard, 8, 40);
    assert_eq!(told(&first), ["event 7", "7 ends 1", "7 ends 4"]);
    assert_eq!(answered(&first), [7]);
    let (_, second) = wake(&mut shard, NOW);
    assert_eq!(told(&second), ["event 8", "8 ends 2", "8 ends 3"]);
    assert_eq!(answered(&second), [8]);
}

#[test]
fn we_5_a_wait_whose_time_comes_meanwhile_is_not_ended() {
    let mut shard = shard(1, &TOTALS);
    send(&mut shard, 7, 20);
    let (_, last) = wake(&mut shard, NOW + TIMEOUT);
    assert_eq!(told(&last), ["event 7"]);
}

#[test]
fn ex_3_a_turn_takes_part_of_a_crowd() {
    let crowd = SEARCH_STEPS_PER_TURN / 20;
    let conditions: Vec<String> = (0..crowd)
        .map(|number| format!("async.data.total > {number}"))
        .collect();
    let conditions: Vec<&str> = conditions.iter().map(String::as_str).collect();
    let mut shard = shard(SEARCH_STEPS_PER_TURN, &conditions);
    send(&mut shard, 7, 1);
    assert!(shard.is_receiving());
    let (times, last) = wake(&mut shard, NOW);
    assert!((1..4).contains(&times), "{times} turns for {crowd} waits");
    assert_eq!(last.changes.len(), 2);
}
