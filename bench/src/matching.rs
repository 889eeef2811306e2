//! What `core` alone takes to find the waits that an event ends: no store, no server, no app.
//!
//! The rest of what lies between an event and the next call of its run is told by [`crate::crowd`].

use std::time::{Duration, Instant};

use everstep_core::effect::ReplyTo;
use everstep_core::record::{Epoch, EventRecord, LiveWait, ShardState, WaitKind};
use everstep_core::{Input, Moment, Shard, ShardConfig};
use everstep_protocol::event::EventInput;
use everstep_protocol::{EventId, JobId, Json, RunId, Timestamp};
use serde_json::json;

use crate::figures::{Figure, Unit, percentile};
use crate::waiter::AWAITED_EVENT;

/// How large the crowd is, and how often things are measured.
pub(crate) struct Effort {
    /// Waits, each for a value of its own.
    pub(crate) waits: u32,
    /// Waits that one event ends, or has to be compared with.
    pub(crate) alike: u32,
    pub(crate) events: u32,
}

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);
const TIMEOUT: Duration = Duration::from_secs(24 * 60 * 60);

pub(crate) fn measure(effort: &Effort) -> anyhow::Result<Vec<Figure>> {
    println!("core: {} waits …", effort.waits);
    let own_value = |number| format!("async.data.id == \"{number}\"");
    let own_values = |count: u32| (0..count).map(own_value).collect();
    let mut few = Crowd::new(own_values(effort.events));
    let mut among = Crowd::new(own_values(effort.waits));
    let stride = effort.waits / effort.events;
    let numbers = || 0..effort.events;
    let few = samples(numbers(), |number| few.end_one(number))?;
    let among = samples(numbers(), |number| among.end_one(number * stride))?;

    let same_value = vec![own_value(0); effort.alike as usize];
    let at_once = Crowd::new(same_value).send(&json!({ "id": "0" }), effort.alike)?;
    let no_value = |number| format!("async.data.total > {number} && async.data.id != \"x\"");
    let mut others = Crowd::new((1..=effort.alike).map(no_value).collect());
    let compared = others.send(&json!({ "id": "y", "total": 0 }), 0)?;

    let figure = |name, taken: Duration| {
        Figure::new(name, Unit::Milliseconds, vec![taken.as_secs_f64() * 1e3])
    };
    Ok(vec![
        Figure::new(
            "core: an event that ends one of many waits, p50",
            Unit::Microseconds,
            vec![percentile(&among, 50.0)],
        ),
        Figure::new("  p99", Unit::Microseconds, vec![percentile(&among, 99.0)]),
        Figure::new(
            "  with few other waits, p50",
            Unit::Microseconds,
            vec![percentile(&few, 50.0)],
        ),
        figure("core: an event that ends a crowd of waits", at_once.whole),
        figure("  its longest turn", at_once.longest),
        figure(
            "core: an event that a crowd compares without a value",
            compared.whole,
        ),
        figure("  its longest turn", compared.longest),
    ])
}

/// In microseconds, sorted.
fn samples(
    numbers: impl Iterator<Item = u32>,
    mut sample: impl FnMut(u32) -> anyhow::Result<Taken>,
) -> anyhow::Result<Vec<f64>> {
    let mut samples = numbers
        .map(|number| Ok(sample(number)?.whole.as_secs_f64() * 1e6))
        .collect::<anyhow::Result<Vec<f64>>>()?;
    samples.sort_by(f64::total_cmp);
    Ok(samples)
}

/// By the turns of one event.
#[derive(Default)]
struct Taken {
    whole: Duration,
    longest: Duration,
}

/// A shard whose runs all wait for events of one name.
struct Crowd {
    shard: Shard,
    events: u128,
}

impl Crowd {
    /// One wait for each condition.
    fn new(conditions: Vec<String>) -> Self {
        let wait = |(number, condition): (u128, String)| LiveWait {
            id: JobId {
                run: RunId::from_parts(NOW, number << 48),
                number: 1,
            },
            kind: WaitKind::Event {
                name: AWAITED_EVENT.into(),
                condition: Some(condition.into()),
            },
            expires_at: NOW + TIMEOUT,
            is_resolved: false,
        };
        let state = ShardState {
            waits: (0..).zip(conditions).map(wait).collect(),
            ..ShardState::default()
        };
        Self {
            shard: Shard::new(ShardConfig::default(), Epoch(1), state),
            events: 0,
        }
    }

    fn end_one(&mut self, number: u32) -> anyhow::Result<Taken> {
        self.send(&json!({ "id": number.to_string() }), 1)
    }

    /// The time that it takes to decide on an event with this data.
    fn send(&mut self, data: &serde_json::Value, ends: u32) -> anyhow::Result<Taken> {
        self.events += 1;
        let id = EventId::from_parts(NOW, self.events);
        let input = EventInput::new(AWAITED_EVENT, Json::from_value(data));
        let event = EventRecord {
            id,
            name: AWAITED_EVENT.into(),
            user_id: None,
            ts: NOW,
            received_at: NOW,
            payload: input.payload(id, NOW),
        };
        let mut input = Input::Events {
            events: vec![event],
            reply_to: ReplyTo(0),
        };
        let moment = Moment {
            now: NOW,
            entropy: self.events,
        };
        let (mut taken, mut changes) = (Taken::default(), 0);
        loop {
            let begun = Instant::now();
            let decision = self.shard.handle(input, moment);
            let turn = begun.elapsed();
            taken.whole += turn;
            taken.longest = taken.longest.max(turn);
            changes += decision.changes.len();
            if !self.shard.is_receiving() {
                break;
            }
            input = Input::Wake;
        }
        anyhow::ensure!(
            changes == 1 + ends as usize,
            "an event and {ends} waits that it ended were {changes} changes"
        );
        Ok(taken)
    }
}
