//! Those who follow what is committed.

use everstep_core::Change;
use everstep_protocol::EventId;
use everstep_store::Store;
use tokio::sync::broadcast::error::RecvError;

use crate::fixture::{App, Fixture, event};

async fn send(fixture: &Fixture) -> EventId {
    let sent = fixture.engine.events_send(vec![event("t/other")], None);
    sent.await.unwrap()[0]
}

#[tokio::test(start_paused = true)]
async fn who_follows_is_given_what_is_committed_from_then_on() {
    let fixture = Fixture::start(App::answering(&[])).await;
    send(&fixture).await;
    let mut commits = fixture.engine.commits();
    for _ in 0..3 {
        let sent = send(&fixture).await;
        let changes = commits.recv().await.unwrap();
        let put = |change: &Change| matches!(change, Change::PutEvent(event) if event.id == sent);
        assert!(changes.iter().any(put), "{changes:?}");
        assert!(fixture.store.event_view(sent).await.unwrap().is_some());
    }
}

/// What is not durable is not told.
#[tokio::test(start_paused = true)]
async fn who_follows_is_given_nothing_while_the_store_stalls() {
    let fixture = Fixture::start(App::answering(&[])).await;
    let mut commits = fixture.engine.commits();
    fixture.store.stall();
    let engine = fixture.engine.clone();
    let sent = tokio::spawn(async move { engine.events_send(vec![event("t/other")], None).await });
    let waited = tokio::time::timeout(std::time::Duration::from_secs(60), commits.recv()).await;
    assert!(waited.is_err(), "{waited:?}");
    fixture.store.go_on();
    sent.await.unwrap().unwrap();
    assert!(commits.recv().await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn who_follows_too_slowly_misses_some_and_holds_nothing_up() {
    let fixture = Fixture::start(App::answering(&[])).await;
    let mut commits = fixture.engine.commits();
    for _ in 0..1000 {
        send(&fixture).await;
    }
    let missed = commits.recv().await;
    assert!(matches!(missed, Err(RecvError::Lagged(_))), "{missed:?}");
    assert!(commits.recv().await.is_ok());
}
