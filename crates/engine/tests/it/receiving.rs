//! Events whose way in takes longer than a turn, because several runs may wait for them.

use std::time::Duration;

use everstep_core::record::StepStatus;
use everstep_protocol::EventId;
use everstep_protocol::event::EventSeed;
use everstep_store::Store;

use crate::fixture::{App, Fixture, event};

const WAITING: usize = 5;
const GRACE: Duration = Duration::from_secs(10);

/// Runs that all wait for another event like the one that started them, which no value tells apart.
async fn waiting() -> (Fixture, Vec<EventId>) {
    let wait = r#"[{"op":"WaitForEvent","id":"w","name":"t/go","opts":{"timeout":"1d","if":"async.name != 'x'"}}]"#;
    let fixture = Fixture::start(App::answering(&[wait; WAITING])).await;
    // Together, or one would end the wait of another.
    let events = vec![event("t/go"); WAITING];
    let events = fixture.engine.events_send(events, None).await.unwrap();
    for event in &events {
        while status(&fixture, *event).await != Some(StepStatus::Waiting) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
    (fixture, events)
}

/// Of the step that waits.
async fn status(fixture: &Fixture, event: EventId) -> Option<StepStatus> {
    let run = fixture.store.event_runs(event).await.unwrap()[0].id;
    let steps = fixture.store.run_steps(run).await.unwrap();
    steps.first().map(|step| step.status)
}

#[tokio::test(start_paused = true)]
async fn an_event_on_its_way_in_is_taken_in_once() {
    let (fixture, waiting) = waiting().await;
    let seed = EventSeed::parse("1700000000000,AQIDBAUGBwgJCg==");
    let send = || fixture.engine.events_send(vec![event("t/go")], seed);
    let other = || fixture.engine.events_send(vec![event("t/other")], None);
    let (first, second, between, third) = tokio::join!(send(), send(), other(), send());
    assert_eq!(first, second);
    assert_eq!(first, third);
    assert!(between.is_ok());
    let sent = first.unwrap()[0];
    assert_eq!(fixture.store.event_runs(sent).await.unwrap().len(), 1);
    for event in waiting {
        while status(&fixture, event).await != Some(StepStatus::Completed) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_event_that_is_on_its_way_in_at_the_shutdown_is_taken_in() {
    let (fixture, _) = waiting().await;
    let send = || fixture.engine.events_send(vec![event("t/go")], None);
    let (first, second, ()) = tokio::join!(send(), send(), fixture.engine.shutdown(GRACE));
    for sent in [first.unwrap()[0], second.unwrap()[0]] {
        let stored = fixture.store.event_view(sent).await.unwrap();
        assert!(stored.is_some(), "{sent} was acknowledged");
    }
}
