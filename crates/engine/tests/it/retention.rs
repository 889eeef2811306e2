//! Retention in the background.

use std::sync::Arc;
use std::time::Duration;

use everstep_core::Change;
use everstep_core::record::{EventRecord, RunStatus, ShardId};
use everstep_engine::{Engine, RetentionConfig};
use everstep_protocol::{EventId, Json};
use everstep_store::{History, SqliteStore, Store};

use crate::fixture::{App, Fixture, event, parts};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

const DONE: &str = r#"[{"op":"RunComplete","id":"x","data":"done"}]"#;

fn keep(runs: Option<Duration>, events: Option<Duration>) -> RetentionConfig {
    RetentionConfig {
        runs,
        events,
        ..RetentionConfig::default()
    }
}

impl Fixture {
    async fn send(&self) -> EventId {
        let sent = self.engine.events_send(vec![event("t/go")], None).await;
        sent.unwrap()[0]
    }

    async fn is_event_stored(&self, event: EventId) -> bool {
        self.store.event_view(event).await.unwrap().is_some()
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_old_is_removed_while_the_rest_goes_on() {
    let sleep = r#"[{"op":"Sleep","id":"s","name":"6d"}]"#;
    let app = App::answering(&[DONE, sleep]);
    app.always(DONE);
    let fixture = Fixture::with_retention(app, keep(Some(2 * DAY), Some(3 * DAY))).await;
    let ended = fixture.send().await;
    let run = fixture.ended(ended).await.id;
    let asleep = fixture.send().await;
    fixture.all_sleeping(&[asleep]).await;
    tokio::time::sleep(DAY).await;
    assert!(fixture.store.run_view(run).await.unwrap().is_some());
    tokio::time::sleep(DAY + Duration::from_secs(3600)).await;
    assert!(fixture.store.run_view(run).await.unwrap().is_none());
    assert!(fixture.is_event_stored(ended).await, "it has a day more");
    let report = fixture.engine.retention();
    assert!(report.removed > 0 && report.last.is_some() && report.looked_at.is_some());
    tokio::time::sleep(DAY).await;
    assert!(!fixture.is_event_stored(ended).await);
    // The other run needs its event for its next call, days later.
    assert!(fixture.is_event_stored(asleep).await);
    tokio::time::sleep(4 * DAY).await;
    assert_eq!(fixture.ended(asleep).await.status, RunStatus::Completed);
}

#[tokio::test(start_paused = true)]
async fn history_is_kept_for_ever_unless_configured() {
    let app = App::answering(&[DONE]);
    let fixture = Fixture::start(app).await;
    let ended = fixture.send().await;
    let run = fixture.ended(ended).await.id;
    tokio::time::sleep(40 * DAY).await;
    assert!(fixture.store.run_view(run).await.unwrap().is_some());
    assert!(fixture.is_event_stored(ended).await);
}

/// The oldest goes, until the rest fits; what was freed is used again.
#[tokio::test]
async fn history_that_there_is_no_room_for_is_removed() {
    const EVENTS: u32 = 400;
    const SIZE: u64 = 1024 * 1024;
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(SqliteStore::open(&folder.path().join("everstep.db")).unwrap());
    let parts = parts(store.clone(), App::hanging());
    let lease = store.shard_acquire(ShardId::EMBEDDED).await.unwrap();
    let now = parts.clock.now();
    let events = (0..EVENTS).map(|number| {
        // Over four hundred hours.
        let received_at = now - Duration::from_secs(3600) * (EVENTS - number);
        Change::PutEvent(EventRecord {
            id: EventId::from_parts(received_at, u128::from(number)),
            name: "t/old".into(),
            user_id: None,
            ts: received_at,
            received_at,
            payload: Json::string(&"x".repeat(10_000)),
        })
    });
    store.commit(&lease, events.collect()).await.unwrap();
    let before = store.storage().await.unwrap();
    assert!(before.used_bytes > 4 * SIZE);
    let config = everstep_engine::EngineConfig {
        retention: Some(RetentionConfig {
            size: Some(SIZE),
            ..RetentionConfig::default()
        }),
        ..everstep_engine::EngineConfig::default()
    };
    let engine = Engine::start(parts, config).await.unwrap();
    let after = loop {
        let storage = store.storage().await.unwrap();
        if storage.used_bytes <= SIZE {
            break storage;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    };
    assert!(after.oldest_event > before.oldest_event);
    assert!(after.oldest_event.is_some(), "only as much goes as must");
    assert_eq!(engine.retention().last.unwrap().history, History::Events);
    engine.shutdown(Duration::ZERO).await;
}
