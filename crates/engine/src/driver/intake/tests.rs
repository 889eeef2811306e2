//! How much is held back while an event is on its way in.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use everstep_core::effect::{Call, ReplyTo};
use everstep_core::record::{Epoch, EventRecord, LiveWait, ShardId, ShardState, WaitKind};
use everstep_core::{Input, Shard, ShardConfig};
use everstep_protocol::event::EventInput;
use everstep_protocol::gateway::{OutboundError, OutboundRequest, OutboundResponse};
use everstep_protocol::reply::Reply;
use everstep_protocol::{EventId, JobId, RunId, Timestamp};
use everstep_store::memory::MemoryStore;
use everstep_store::{ShardLease, Store};
use tokio::sync::{broadcast, mpsc, oneshot, watch};

use super::super::{BATCH_MAX, Channels, Driver, Request};
use super::HELD_MAX;
use crate::engine::Parts;
use crate::rt::{Clock, SystemRandom};
use crate::{Caller, Gateway, NoSearcher};

const NAME: &str = "t/go";
const NOW: Timestamp = Timestamp::from_millis(1_000);
/// Requests that clients have sent.
const SENT: usize = HELD_MAX + 100;

struct Nobody;

#[async_trait]
impl Caller for Nobody {
    async fn call(&self, call: Call) -> Reply {
        panic!("nothing starts a run: {call:?}")
    }
}

#[async_trait]
impl Gateway for Nobody {
    async fn send(&self, request: OutboundRequest) -> Result<OutboundResponse, OutboundError> {
        panic!("no step makes a request: {request:?}")
    }
}

impl Clock for Nobody {
    fn now(&self) -> Timestamp {
        NOW
    }
}

/// A shard that compares an event with one wait at a time, and has more of them than a batch has
/// inputs.
fn shard() -> Shard {
    let wait = |number| LiveWait {
        id: JobId {
            run: RunId::from_parts(NOW, number),
            number: 1,
        },
        kind: WaitKind::Event {
            name: NAME.into(),
            condition: Some("async.name != 'x'".into()),
        },
        expires_at: NOW + Duration::from_secs(60),
        is_resolved: false,
    };
    let config = ShardConfig {
        search_steps_per_turn: 1,
        ..ShardConfig::default()
    };
    let state = ShardState {
        waits: (0..2 * BATCH_MAX as u128).map(wait).collect(),
        ..ShardState::default()
    };
    Shard::new(config, Epoch(1), state)
}

fn request(number: usize) -> Request {
    let id = EventId::from_parts(NOW, number as u128);
    let event = EventInput::new(NAME, everstep_protocol::Json::object([]));
    let record = EventRecord {
        id,
        name: NAME.into(),
        user_id: None,
        ts: NOW,
        received_at: NOW,
        payload: event.payload(id, NOW),
    };
    let reply_to = ReplyTo(number as u64);
    Request {
        input: Input::Events {
            events: vec![record],
            reply_to,
        },
        reply_to,
        retried: false,
        answer: oneshot::channel().0,
    }
}

/// Those beyond stay in the queue, which is bounded too: then clients are told that the server is
/// busy.
#[tokio::test]
async fn requests_that_are_held_back_are_bounded() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::default());
    let (requests, requests_rx) = mpsc::channel(SENT);
    let (_drain, drain_rx) = watch::channel(None);
    let parts = Parts {
        store,
        caller: Arc::new(Nobody),
        gateway: Arc::new(Nobody),
        searcher: Arc::new(NoSearcher),
        clock: Arc::new(Nobody),
        random: Arc::new(SystemRandom),
    };
    let lease = ShardLease {
        shard: ShardId::EMBEDDED,
        epoch: Epoch(1),
    };
    let channels = Channels {
        requests: requests_rx,
        updates: broadcast::channel(1).0,
        commits: broadcast::channel(1).0,
        meter: Arc::default(),
        drain: drain_rx,
    };
    let mut driver = Driver::new(parts, 1, shard(), lease, channels);
    for number in 0..SENT {
        requests.try_send(request(number)).unwrap();
    }
    for _ in 0..3 {
        driver.decide_what_is_there().await;
        driver.receive().await;
    }
    assert!(driver.shard.is_receiving());
    assert_eq!(driver.held.len(), HELD_MAX);
    // One is on its way in.
    assert_eq!(driver.requests.len(), SENT - HELD_MAX - 1);
}
