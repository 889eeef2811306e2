//! Bulk cancellations (server-semantics §8).

use std::time::Duration;

use everstep_core::expression::Expression;
use everstep_core::input::ControlRefusal;
use everstep_core::limits::CANCELLATIONS_OPEN_MAX;
use everstep_core::record::{CancellationRecord, RunRecord, RunStatus};
use everstep_engine::{BulkCancellation, ControlError, EngineError};
use everstep_protocol::event::EventInput;
use everstep_protocol::{AppId, CancellationId, EventId, FunctionId, Json};
use everstep_store::Store;
use tokio::sync::broadcast::error::RecvError;

use crate::fixture::{App, Fixture, event};

/// Time enough for whatever is to be done in the background.
const A_WHILE: Duration = Duration::from_secs(60);

impl Fixture {
    /// All runs up to now.
    fn bulk(&self) -> BulkCancellation {
        let app = AppId::derive("t");
        BulkCancellation {
            app,
            function: FunctionId::derive(app, "t-go"),
            started_after: None,
            started_before: self.now(),
            condition: None,
        }
    }

    async fn cancel(&self, bulk: BulkCancellation) -> CancellationId {
        let cancellation = self.engine.cancellation_create(None, bulk).await.unwrap();
        let stored = self.store.cancellation_view(cancellation.id).await.unwrap();
        assert!(stored.is_some(), "it is durable once it was answered");
        cancellation.id
    }

    /// The cancellation, once it has ended.
    async fn cancelled(&self, id: CancellationId) -> CancellationRecord {
        loop {
            let cancellation = self.store.cancellation_view(id).await.unwrap().unwrap();
            if cancellation.ended_at.is_some() {
                return cancellation;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    async fn started(&self, data: &str) -> EventId {
        let event = EventInput::new("t/go", Json::from_canonical(data));
        self.engine.events_send(vec![event], None).await.unwrap()[0]
    }

    pub(crate) async fn run_of(&self, event: EventId) -> RunRecord {
        self.store.event_runs(event).await.unwrap().remove(0)
    }

    async fn is_cancelled(&self, event: EventId) -> bool {
        self.run_of(event).await.status == RunStatus::Cancelled
    }
}

fn app_that_sleeps() -> std::sync::Arc<App> {
    let app = App::answering(&[]);
    app.always(r#"[{"op":"Sleep","id":"s","name":"30d"}]"#);
    app
}

#[tokio::test(start_paused = true)]
async fn runs_in_the_range_are_cancelled_and_no_others() {
    let fixture = Fixture::start(App::hanging()).await;
    let mut events = Vec::new();
    let mut times = Vec::new();
    for _ in 0..5 {
        tokio::time::sleep(Duration::from_secs(10)).await;
        events.push(fixture.started("{}").await);
        times.push(
            fixture
                .run_of(events[events.len() - 1])
                .await
                .id
                .timestamp(),
        );
    }
    let bulk = BulkCancellation {
        started_after: Some(times[1]),
        started_before: times[3],
        ..fixture.bulk()
    };
    let id = fixture.cancel(bulk).await;
    fixture.cancelled(id).await;
    let mut cancelled = Vec::new();
    for event in events {
        cancelled.push(fixture.is_cancelled(event).await);
    }
    assert_eq!(cancelled, [false, true, true, true, false]);
}

#[tokio::test(start_paused = true)]
async fn runs_of_other_functions_and_runs_that_have_ended_stay() {
    let app = App::answering(&[r#"[{"op":"RunComplete","id":"x","data":1}]"#]);
    app.always(r#"[{"op":"Sleep","id":"s","name":"30d"}]"#);
    let fixture = Fixture::start(app).await;
    let ended = fixture.started("{}").await;
    assert_eq!(fixture.ended(ended).await.status, RunStatus::Completed);
    let other = fixture.started("{}").await;
    fixture.all_sleeping(&[other]).await;
    let bulk = BulkCancellation {
        function: FunctionId::derive(AppId::derive("t"), "t-other"),
        ..fixture.bulk()
    };
    fixture.cancelled(fixture.cancel(bulk).await).await;
    assert_eq!(fixture.run_of(other).await.status, RunStatus::Running);
    fixture
        .cancelled(fixture.cancel(fixture.bulk()).await)
        .await;
    assert_eq!(fixture.run_of(ended).await.status, RunStatus::Completed);
    assert!(fixture.is_cancelled(other).await);
}

/// One that fails holds for no run.
#[tokio::test(start_paused = true)]
async fn only_runs_whose_event_fulfils_the_condition_are_cancelled() {
    let fixture = Fixture::start(app_that_sleeps()).await;
    let mut events = Vec::new();
    for data in [r#"{"n":1}"#, r#"{"n":2}"#, r#"{"n":"many"}"#, "{}"] {
        events.push(fixture.started(data).await);
    }
    fixture.all_sleeping(&events).await;
    let condition = Expression::compile("event.data.n * 10 == 20").unwrap();
    let bulk = BulkCancellation {
        condition: Some(condition),
        ..fixture.bulk()
    };
    fixture.cancelled(fixture.cancel(bulk).await).await;
    let mut cancelled = Vec::new();
    for event in events {
        cancelled.push(fixture.is_cancelled(event).await);
    }
    assert_eq!(cancelled, [false, true, false, false]);
}

/// The queue of inputs is shorter than a portion, so the worker also has to wait for room.
#[tokio::test(start_paused = true)]
async fn a_restart_goes_on_where_it_was() {
    const RUNS: usize = 700;
    let fixture = Fixture::start(app_that_sleeps()).await;
    let sends = (0..RUNS).map(|_| event("t/go")).collect();
    let events = fixture.engine.events_send(sends, None).await.unwrap();
    fixture.all_sleeping(&events).await;
    let id = fixture.cancel(fixture.bulk()).await;
    while !fixture.is_cancelled(events[0]).await {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let fixture = fixture.restart(app_that_sleeps()).await;
    let before = fixture.store.cancellation_view(id).await.unwrap().unwrap();
    assert_eq!(before.ended_at, None, "there was something left to do");
    let after = fixture.cancelled(id).await;
    assert_eq!(after.next, after.end());
    for event in events {
        assert!(fixture.is_cancelled(event).await);
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_delays_and_loses_nothing() {
    let fixture = Fixture::start(app_that_sleeps()).await;
    let sends = (0..100).map(|_| event("t/go")).collect();
    let events = fixture.engine.events_send(sends, None).await.unwrap();
    fixture.all_sleeping(&events).await;
    fixture.store.fail(7);
    fixture
        .cancelled(fixture.cancel(fixture.bulk()).await)
        .await;
    assert_eq!(fixture.store.failures_left(), 0);
    for event in events {
        assert!(fixture.is_cancelled(event).await);
    }
}

/// Clients may be ahead of the server's clock: what starts until then is cancelled as well, what
/// starts later is not.
#[tokio::test(start_paused = true)]
async fn a_range_into_the_future_is_waited_for() {
    let fixture = Fixture::start(app_that_sleeps()).await;
    let before = fixture.started("{}").await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let bulk = BulkCancellation {
        started_before: fixture.now() + Duration::from_secs(5),
        ..fixture.bulk()
    };
    let id = fixture.cancel(bulk).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert!(fixture.is_cancelled(before).await, "at once");
    let between = fixture.started("{}").await;
    let open = fixture.store.cancellation_view(id).await.unwrap().unwrap();
    assert_eq!(open.ended_at, None);
    // Another one does not wait for it.
    fixture
        .cancelled(fixture.cancel(fixture.bulk()).await)
        .await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    let after = fixture.started("{}").await;
    fixture.cancelled(id).await;
    tokio::time::sleep(A_WHILE).await;
    assert!(fixture.is_cancelled(between).await);
    assert!(!fixture.is_cancelled(after).await);
}

#[tokio::test(start_paused = true)]
async fn a_deleted_cancellation_stops() {
    let fixture = Fixture::start(app_that_sleeps()).await;
    let bulk = BulkCancellation {
        started_before: fixture.now() + Duration::from_secs(5),
        ..fixture.bulk()
    };
    let id = fixture.cancel(bulk).await;
    let stored = fixture.store.cancellation_view(id).await.unwrap();
    let deleted = fixture
        .engine
        .cancellation_delete(None, &stored.unwrap())
        .await;
    deleted.unwrap();
    assert_eq!(fixture.store.cancellation_view(id).await.unwrap(), None);
    let event = fixture.started("{}").await;
    tokio::time::sleep(A_WHILE).await;
    assert!(!fixture.is_cancelled(event).await);
    // Also for whoever starts next.
    let fixture = fixture.restart(app_that_sleeps()).await;
    tokio::time::sleep(A_WHILE).await;
    assert!(!fixture.is_cancelled(event).await);
}

#[tokio::test(start_paused = true)]
async fn an_empty_range_ends() {
    let fixture = Fixture::start(app_that_sleeps()).await;
    let bulk = BulkCancellation {
        started_after: Some(fixture.now() + A_WHILE),
        ..fixture.bulk()
    };
    fixture.cancelled(fixture.cancel(bulk).await).await;
}

#[tokio::test(start_paused = true)]
async fn too_many_cancellations_are_refused() {
    let fixture = Fixture::start(app_that_sleeps()).await;
    let bulk = BulkCancellation {
        started_before: fixture.now() + A_WHILE,
        ..fixture.bulk()
    };
    for _ in 0..CANCELLATIONS_OPEN_MAX {
        fixture.cancel(bulk.clone()).await;
    }
    let refused = fixture.engine.cancellation_create(None, bulk.clone()).await;
    let most = CANCELLATIONS_OPEN_MAX;
    let too_many = ControlRefusal::TooManyCancellations { most };
    assert_eq!(refused, Err(ControlError::Refused(too_many)));
    tokio::time::sleep(A_WHILE * 2).await;
    fixture.cancel(bulk).await;
}

#[tokio::test(start_paused = true)]
async fn a_stopped_engine_takes_none() {
    let fixture = Fixture::start(app_that_sleeps()).await;
    fixture.engine.shutdown(Duration::ZERO).await;
    let refused = fixture
        .engine
        .cancellation_create(None, fixture.bulk())
        .await;
    let stopped = ControlError::Engine(EngineError::Stopped);
    assert_eq!(refused, Err(stopped));
}

/// The worker is no handle.
#[tokio::test(start_paused = true)]
async fn an_engine_without_handles_stops() {
    let fixture = Fixture::start(app_that_sleeps()).await;
    let bulk = BulkCancellation {
        started_before: fixture.now() + A_WHILE,
        ..fixture.bulk()
    };
    fixture.cancel(bulk).await;
    let mut updates = fixture.engine.updates();
    drop(fixture);
    while updates.recv().await != Err(RecvError::Closed) {}
}
