//! The engine over the memory store, with a fake app and a paused clock: what its handle promises.
#![allow(clippy::unwrap_used, reason = "what goes wrong in a test fails it")]

mod cancellations;
mod commits;
mod fixture;
mod operations;
mod receiving;
mod retention;

use std::collections::BTreeSet;
use std::time::Duration;

use everstep_core::effect::CheckpointRefusal;
use everstep_core::input::Control;
use everstep_core::record::{PauseRecord, PausedRuns, PausedStarts, RunStatus, ShardId};
use everstep_engine::{CheckpointError, EngineError};
use everstep_protocol::event::EventSeed;
use everstep_protocol::op::Op;
use everstep_protocol::{AppId, FunctionId};
use everstep_store::{AuditFilter, Store};

use fixture::{App, Fixture, event};

const GRACE: Duration = Duration::from_secs(10);

fn ops(body: &str) -> Vec<Op> {
    Op::parse_all(body.as_bytes()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn an_event_runs_its_function_to_the_end() {
    let fixture = Fixture::start(App::answering(&[
        r#"[{"op":"StepRun","id":"a","data":1}]"#,
        r#"[{"op":"Sleep","id":"s","name":"1h"}]"#,
        r#"[{"op":"RunComplete","id":"x","data":"done"}]"#,
    ]))
    .await;
    let ids = fixture
        .engine
        .events_send(vec![event("t/go")], None)
        .await
        .unwrap();
    let run = fixture.ended(ids[0]).await;
    assert_eq!(run.status, RunStatus::Completed);
    assert_eq!(run.output.unwrap().as_str(), r#""done""#);
    let slept = run.ended_at.unwrap().since(run.started_at.unwrap());
    assert!(slept >= Duration::from_secs(3600), "{slept:?}");
}

#[tokio::test(start_paused = true)]
async fn a_send_that_is_repeated_starts_no_second_run() {
    let fixture = Fixture::start(App::answering(&[r#"[{"op":"RunComplete","id":"x"}]"#])).await;
    let seed = EventSeed::parse("1700000000000,AQIDBAUGBwgJCg==");
    let engine = &fixture.engine;
    // Side by side, so that both may be in one batch, and once more when all is committed.
    let send = || engine.events_send(vec![event("t/go"), event("t/go")], seed);
    let (first, second) = tokio::join!(send(), send());
    let third = send().await;
    assert_eq!(first, second);
    assert_eq!(first, third);
    for id in first.unwrap() {
        assert_eq!(fixture.store.event_runs(id).await.unwrap().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn events_sent_one_after_the_other_have_increasing_ids() {
    let fixture = Fixture::start(App::answering(&[])).await;
    let mut ids = Vec::new();
    for _ in 0..50 {
        // The clock stands still: only the ids themselves tell the order.
        let events = vec![event("t/other"), event("t/other")];
        ids.extend(fixture.engine.events_send(events, None).await.unwrap());
    }
    assert!(ids.is_sorted_by(|a, b| a < b), "{ids:?}");
}

/// Also those of one millisecond: lists are in the order of ids.
#[tokio::test(start_paused = true)]
async fn runs_scheduled_one_after_the_other_have_increasing_ids() {
    let fixture = Fixture::start(App::hanging()).await;
    let mut runs = Vec::new();
    for _ in 0..50 {
        let events = vec![event("t/go")];
        let sent = fixture.engine.events_send(events, None).await.unwrap();
        runs.push(fixture.store.event_runs(sent[0]).await.unwrap()[0].id);
    }
    let first = runs[0].timestamp();
    assert!(
        runs.iter()
            .any(|run| *run != runs[0] && run.timestamp() == first)
    );
    assert!(runs.is_sorted_by(|a, b| a < b), "{runs:?}");
}

#[tokio::test(start_paused = true)]
async fn too_many_waiting_inputs_are_refused() {
    let fixture = Fixture::start(App::answering(&[])).await;
    fixture.store.stall();
    let sends: Vec<_> = (0..fixture::INPUTS_WAITING_MAX * 3)
        .map(|_| {
            let engine = fixture.engine.clone();
            tokio::spawn(async move { engine.events_send(vec![event("t/other")], None).await })
        })
        .collect();
    tokio::time::sleep(Duration::from_secs(1)).await;
    fixture.store.go_on();
    let mut refused = 0;
    for send in sends {
        match send.await.unwrap() {
            Ok(ids) => assert!(fixture.store.event_view(ids[0]).await.unwrap().is_some()),
            Err(error) => {
                assert_eq!(error, EngineError::Overloaded);
                refused += 1;
            }
        }
    }
    assert!(refused > 0);
}

#[tokio::test(start_paused = true)]
async fn an_unavailable_store_delays_and_loses_nothing() {
    let fixture = Fixture::start(App::answering(&[r#"[{"op":"RunComplete","id":"x"}]"#])).await;
    fixture.store.fail(5);
    let ids = fixture
        .engine
        .events_send(vec![event("t/go")], None)
        .await
        .unwrap();
    assert_eq!(fixture.ended(ids[0]).await.status, RunStatus::Completed);
    assert_eq!(fixture.store.failures_left(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_checkpoint_is_stored_while_the_call_goes_on() {
    let app = App::hanging();
    let fixture = Fixture::start(app.clone()).await;
    fixture
        .engine
        .events_send(vec![event("t/go")], None)
        .await
        .unwrap();
    let call = app.next_call().await;
    let (run, ticket, generation) = (call.run, Some(call.ticket()), Some(call.generation));
    let step = ops(r#"[{"op":"StepRun","id":"a","data":1}]"#);
    fixture
        .engine
        .checkpoint(run, ticket, generation, step.clone())
        .await
        .unwrap();
    let stored = fixture.store.run_steps(run).await.unwrap();
    assert_eq!(stored[0].value.as_ref().unwrap().as_str(), r#"{"data":1}"#);

    let stale = fixture.engine.checkpoint(run, ticket, Some(0), step).await;
    assert_eq!(
        stale,
        Err(CheckpointError::Refused(CheckpointRefusal::Stale(call.job)))
    );
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_waits_for_calls_in_flight() {
    let app = App::slow(
        Duration::from_secs(3),
        r#"[{"op":"StepRun","id":"a","data":1}]"#,
    );
    let fixture = Fixture::start(app.clone()).await;
    let ids = fixture
        .engine
        .events_send(vec![event("t/go")], None)
        .await
        .unwrap();
    let call = app.next_call().await;
    fixture.engine.shutdown(GRACE).await;
    let steps = fixture.store.run_steps(call.run).await.unwrap();
    assert_eq!(steps.len(), 1, "the answer was committed");
    assert_eq!(app.calls(), 1, "no call was made while draining");
    let refused = fixture.engine.events_send(vec![event("t/go")], None).await;
    assert_eq!(refused, Err(EngineError::Stopped));

    // Whoever starts next goes on.
    let app = App::answering(&[r#"[{"op":"RunComplete","id":"x"}]"#]);
    let fixture = fixture.restart(app).await;
    assert_eq!(fixture.ended(ids[0]).await.status, RunStatus::Completed);
}

/// Deciding goes on during a commit. What is decided then may build on what is not durable yet, so
/// it is answered after it: a repeated checkpoint changes nothing, and still has to wait.
#[tokio::test(start_paused = true)]
async fn nothing_is_answered_before_what_it_builds_on_is_durable() {
    let app = App::hanging();
    let fixture = Fixture::start(app.clone()).await;
    let engine = &fixture.engine;
    engine.events_send(vec![event("t/go")], None).await.unwrap();
    let call = app.next_call().await;
    let step = || ops(r#"[{"op":"StepRun","id":"a","data":1}]"#);
    fixture.store.stall();
    let checkpoint = || {
        let answer = engine.checkpoint(call.run, Some(call.ticket()), None, step());
        tokio::time::timeout(Duration::from_secs(60), answer)
    };
    let (first, repeated) = tokio::join!(checkpoint(), async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        checkpoint().await
    });
    assert!(
        first.is_err() && repeated.is_err(),
        "{first:?} {repeated:?}"
    );
    assert_eq!(fixture.store.run_steps(call.run).await.unwrap(), []);
    fixture.store.go_on();
    let stored = engine.checkpoint(call.run, Some(call.ticket()), None, step());
    assert_eq!(stored.await, Ok(()));
    assert_eq!(fixture.store.run_steps(call.run).await.unwrap().len(), 1);
}

/// Also when the first send is on its way to the disk.
#[tokio::test(start_paused = true)]
async fn a_send_that_is_repeated_during_its_commit_starts_no_second_run() {
    let fixture = Fixture::start(App::answering(&[r#"[{"op":"RunComplete","id":"x"}]"#])).await;
    let seed = EventSeed::parse("1700000000000,AQIDBAUGBwgJCg==");
    fixture.store.stall();
    let send = || fixture.engine.events_send(vec![event("t/go")], seed);
    let (first, second, ()) = tokio::join!(
        send(),
        async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            send().await
        },
        async {
            tokio::time::sleep(Duration::from_secs(2)).await;
            fixture.store.go_on();
        }
    );
    assert_eq!(first, second);
    let runs = fixture.store.event_runs(first.unwrap()[0]).await.unwrap();
    assert_eq!(runs.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_gives_up_after_its_grace_period() {
    let app = App::hanging();
    let fixture = Fixture::start(app.clone()).await;
    fixture
        .engine
        .events_send(vec![event("t/go")], None)
        .await
        .unwrap();
    app.next_call().await;
    let begun = tokio::time::Instant::now();
    fixture.engine.shutdown(GRACE).await;
    assert!(begun.elapsed() >= GRACE);
}

#[tokio::test(start_paused = true)]
async fn an_engine_that_lost_its_shard_stops() {
    let fixture = Fixture::start(App::answering(&[])).await;
    fixture
        .store
        .shard_acquire(ShardId::EMBEDDED)
        .await
        .unwrap();
    let sent = fixture.engine.events_send(vec![event("t/go")], None).await;
    assert_eq!(sent, Err(EngineError::Stopped));
    fixture.engine.stopped().await;
}

#[tokio::test(start_paused = true)]
async fn more_jobs_than_one_load_takes_are_all_found() {
    let count = 300;
    let app = App::answering(&[]);
    app.always(r#"[{"op":"Sleep","id":"s","name":"30s"}]"#);
    let fixture = Fixture::start(app).await;
    let events = (0..count).map(|_| event("t/go")).collect();
    let ids = fixture.engine.events_send(events, None).await.unwrap();
    fixture.all_sleeping(&ids).await;

    // Loads stop at a limit, in the middle of jobs that are due at the same instant.
    let app = App::answering(&[]);
    app.always(r#"[{"op":"RunComplete","id":"x"}]"#);
    let fixture = fixture.restart(app).await;
    for id in ids {
        assert_eq!(fixture.ended(id).await.status, RunStatus::Completed);
    }
}

#[tokio::test(start_paused = true)]
async fn the_audit_log_tells_the_order_within_a_millisecond() {
    let fixture = Fixture::start(App::hanging()).await;
    let app = AppId::derive("t");
    let function = FunctionId::derive(app, "t-go");
    for round in 0..20 {
        let pause = PauseRecord {
            function,
            starts: PausedStarts::Queue,
            runs: PausedRuns::Finish,
            reason: Some(format!("round {round}").into()),
            paused_at: fixture.now(),
        };
        fixture
            .engine
            .control(None, Control::Pause(pause))
            .await
            .unwrap();
    }
    let entries = fixture.store.audit_list(&AuditFilter::newest(100)).await;
    let entries = entries.unwrap().entries;
    let times: BTreeSet<_> = entries.iter().map(|entry| entry.id.timestamp()).collect();
    assert!(times.len() < entries.len(), "some are of one millisecond");
    let told = entries
        .iter()
        .rev()
        .map(|entry| entry.detail.member_text("reason"));
    let told: Vec<_> = told.collect();
    let done: Vec<_> = (0..20)
        .map(|round| Some(format!("round {round}")))
        .collect();
    assert_eq!(told, done);
}
