//! Reruns, and bulk operations.

use std::time::Duration;

use everstep_core::input::{Control, ControlRefusal};
use everstep_core::limits::OPERATION_ERRORS_KEPT_MAX;
use everstep_core::record::{
    OperationCounts, OperationKind, OperationRecord, OperationState, PauseRecord, PausedRuns,
    PausedStarts, RunRecord, RunStatus,
};
use everstep_core::rerun::RerunFrom;
use everstep_engine::{Asker, BulkError, BulkOperation, ControlError, RerunError, asked_filter};
use everstep_protocol::{AppId, EventId, FunctionId, Json, OperationId, RunId};
use everstep_store::{RunFilter, RunQuery, Store};

use crate::fixture::{App, EVEN, Fixture, event, is_even};

/// Longer than a sleep may be: the run fails at once.
const FAILS: &str = r#"[{"op":"Sleep","id":"s","name":"9999d"}]"#;
const SLEEPS: &str = r#"[{"op":"Sleep","id":"s","name":"30d"}]"#;
const RETURNS: &str = r#"[{"op":"RunComplete","id":"x","data":1}]"#;

fn app(answer: &str) -> std::sync::Arc<App> {
    let app = App::answering(&[]);
    app.always(answer);
    app
}

/// Counts of an operation that did what it was to do with so many runs, and met no other.
fn done(runs: u64) -> OperationCounts {
    OperationCounts {
        done: runs,
        ..OperationCounts::default()
    }
}

fn bulk(kind: OperationKind, statuses: &[RunStatus]) -> BulkOperation {
    BulkOperation {
        kind,
        filter: RunFilter {
            statuses: statuses.to_vec(),
            ..RunFilter::default()
        },
        search: None,
        asked: Json::from_canonical(r#"{"status":"as asked"}"#),
        rate_per_second: None,
        stop_on_error_percent: None,
        by: Asker::default(),
    }
}

impl Fixture {
    /// So many runs, once all of them have ended, or sleep.
    async fn runs(&self, count: usize, status: RunStatus) -> Vec<EventId> {
        let sends = (0..count).map(|_| event("t/go")).collect();
        let events = self.engine.events_send(sends, None).await.unwrap();
        while self.count(status).await < count {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        // They are older than an operation that is asked for next.
        tokio::time::sleep(Duration::from_millis(2)).await;
        events
    }

    async fn all(&self, statuses: &[RunStatus]) -> Vec<RunRecord> {
        let filter = RunFilter {
            statuses: statuses.to_vec(),
            ..RunFilter::default()
        };
        let query = RunQuery {
            reads_max: usize::MAX,
            ..RunQuery::new(filter, 100_000)
        };
        self.store.run_list(&query).await.unwrap().runs
    }

    async fn count(&self, status: RunStatus) -> usize {
        self.all(&[status]).await.len()
    }

    async fn start_operation(&self, bulk: BulkOperation) -> OperationId {
        let operation = self.engine.operation_create(bulk).await.unwrap();
        let stored = self.operation(operation.id).await;
        assert_eq!(stored.filter, operation.filter, "it is durable");
        operation.id
    }

    async fn operation(&self, id: OperationId) -> OperationRecord {
        self.store.operation_view(id).await.unwrap().unwrap()
    }

    async fn operation_when(
        &self,
        id: OperationId,
        condition: impl Fn(&OperationRecord) -> bool,
    ) -> OperationRecord {
        loop {
            let operation = self.operation(id).await;
            if condition(&operation) {
                return operation;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    async fn ended_operation(&self, id: OperationId) -> OperationRecord {
        self.operation_when(id, |it| it.ended_at.is_some()).await
    }
}

/// Ten thousand failed runs: the operation is aborted half way, resumed by another process, which is
/// replaced by a third one before it is through.
#[tokio::test(start_paused = true)]
async fn every_failed_run_is_replayed_once() {
    const RUNS: usize = 10_000;
    let fixture = Fixture::start(app(FAILS)).await;
    fixture.runs(RUNS, RunStatus::Failed).await;
    let sources = fixture.all(&[RunStatus::Failed]).await;

    let fixture = fixture.restart(app(RETURNS)).await;
    let replay = bulk(OperationKind::Replay, &[RunStatus::Failed]);
    let id = fixture.start_operation(replay).await;
    fixture
        .operation_when(id, |operation| operation.counts.done > 3_000)
        .await;
    fixture
        .engine
        .operation_abort(id, Asker::default())
        .await
        .unwrap();
    let aborted = fixture.ended_operation(id).await;
    assert_eq!(aborted.state, OperationState::Aborted);
    assert!((3_000..6_000).contains(&aborted.counts.done), "{aborted:?}");

    let fixture = fixture.restart(app(RETURNS)).await;
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(
        fixture.operation(id).await,
        aborted,
        "nothing goes on by itself"
    );
    fixture
        .engine
        .operation_resume(id, Asker::default())
        .await
        .unwrap();
    fixture
        .operation_when(id, |operation| operation.counts.done > 6_000)
        .await;

    let fixture = fixture.restart(app(RETURNS)).await;
    let ended = fixture.ended_operation(id).await;
    let completed = (OperationState::Completed, done(RUNS as u64));
    assert_eq!((ended.state, ended.counts), completed);
    while fixture.count(RunStatus::Completed).await < RUNS {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(fixture.all(&[]).await.len(), 2 * RUNS, "and none twice");
    for source in sources {
        let rerun = fixture.store.run_rerun(id.rerun_of(source.id)).await;
        assert_eq!(rerun.unwrap().map(|rerun| rerun.source), Some(source.id));
    }
}

/// A search looks at a few runs at a time, and may find none of them: it goes on behind them, also in
/// another process.
#[tokio::test(start_paused = true)]
async fn an_operation_is_about_what_its_search_finds() {
    const RUNS: usize = 300;
    let fixture = Fixture::start(app(FAILS)).await;
    fixture.runs(RUNS, RunStatus::Failed).await;
    let sources = fixture.all(&[RunStatus::Failed]).await;
    let replay = BulkOperation {
        search: Some(EVEN.to_owned()),
        ..bulk(OperationKind::Replay, &[RunStatus::Failed])
    };

    let fixture = fixture.restart(app(RETURNS)).await;
    let id = fixture.start_operation(replay.clone()).await;
    let half = |it: &OperationRecord| it.counts.done > 50;
    fixture.operation_when(id, half).await;
    let fixture = fixture.restart(app(RETURNS)).await;
    let ended = fixture.ended_operation(id).await;
    let even = sources.iter().filter(|run| is_even(run.id)).count();
    let completed = (OperationState::Completed, done(even as u64));
    assert_eq!((ended.state, ended.counts), completed);
    for source in sources {
        let rerun = fixture.store.run_rerun(id.rerun_of(source.id)).await;
        assert_eq!(rerun.unwrap().is_some(), is_even(source.id));
    }

    // One that is no search, as of a later version, means no run, and says so.
    let unknown = BulkOperation {
        search: Some("odd".to_owned()),
        ..replay
    };
    let id = fixture.start_operation(unknown).await;
    let ended = fixture.ended_operation(id).await;
    assert_eq!(ended.counts, OperationCounts::default());
    assert_eq!(ended.state, OperationState::Failed);
    let failure = "its search can't be read any more: \"odd\" is not known";
    assert_eq!(ended.failure.as_deref(), Some(failure));
}

#[tokio::test(start_paused = true)]
async fn an_operation_does_not_meet_the_runs_that_it_starts() {
    let fixture = Fixture::start(app(FAILS)).await;
    fixture.runs(100, RunStatus::Failed).await;
    let replay = bulk(OperationKind::Replay, &[RunStatus::Failed]);
    let id = fixture.start_operation(replay).await;
    let ended = fixture.ended_operation(id).await;
    assert_eq!(ended.counts.done, 100);
    // They carry its time, which is beyond the range that was looked at.
    let until = format!("\"until\":{}", id.timestamp().as_millis());
    assert!(ended.filter.as_str().contains(&until), "{ended:?}");
    let reruns = fixture.all(&[]).await.into_iter().take(100);
    for rerun in reruns {
        assert!(rerun.id.timestamp() >= id.timestamp());
    }
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(fixture.count(RunStatus::Failed).await, 200);
}

#[tokio::test(start_paused = true)]
async fn a_rate_is_kept() {
    let fixture = Fixture::start(app(FAILS)).await;
    fixture.runs(101, RunStatus::Failed).await;
    let replay = BulkOperation {
        rate_per_second: Some(10),
        ..bulk(OperationKind::Replay, &[RunStatus::Failed])
    };
    let (began, id) = (fixture.now(), fixture.start_operation(replay).await);
    let half = fixture.operation_when(id, |it| it.counts.done >= 50).await;
    assert_eq!(half.counts.done, 50);
    assert_eq!(fixture.now().since(began).as_secs(), 4);
    // Whoever aborts it need not wait.
    fixture.ended_operation(id).await;
    let took = fixture.now().since(began);
    assert!(
        took >= Duration::from_secs(10) && took < Duration::from_secs(11),
        "{took:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn it_stops_when_runs_can_not_be_acted_on() {
    let fixture = Fixture::start(app(FAILS)).await;
    fixture.runs(100, RunStatus::Failed).await;
    let function = FunctionId::derive(AppId::derive("t"), "t-go");
    let pause = Control::Pause(PauseRecord {
        function,
        starts: PausedStarts::Skip,
        runs: PausedRuns::Finish,
        reason: None,
        paused_at: fixture.now(),
    });
    fixture.engine.control(None, pause).await.unwrap();
    let replay = BulkOperation {
        stop_on_error_percent: Some(50),
        ..bulk(OperationKind::Replay, &[RunStatus::Failed])
    };
    let id = fixture.start_operation(replay).await;
    let stopped = fixture.ended_operation(id).await;
    assert_eq!(stopped.state, OperationState::Stopped);
    assert_eq!((stopped.counts.done, stopped.counts.failed), (0, 32));
    assert_eq!(stopped.errors.len(), OPERATION_ERRORS_KEPT_MAX);
    assert!(stopped.errors[0].message.contains("paused"), "{stopped:?}");
    fixture
        .engine
        .control(None, Control::Resume(function))
        .await
        .unwrap();
    fixture
        .engine
        .operation_resume(id, Asker::default())
        .await
        .unwrap();
    let ended = fixture.ended_operation(id).await;
    assert_eq!((ended.counts.done, ended.counts.failed), (68, 32));
}

#[tokio::test(start_paused = true)]
async fn live_runs_are_cancelled_and_others_stay() {
    let app = App::answering(&[RETURNS]);
    app.always(SLEEPS);
    let fixture = Fixture::start(app).await;
    let ended = fixture.runs(1, RunStatus::Completed).await;
    let sleeping = fixture.runs(50, RunStatus::Running).await;
    fixture.all_sleeping(&sleeping).await;
    let id = fixture
        .start_operation(bulk(OperationKind::Cancel, &[]))
        .await;
    let operation = fixture.ended_operation(id).await;
    assert_eq!(
        asked_filter(&operation).as_str(),
        r#"{"status":"as asked"}"#
    );
    assert_eq!(operation.counts, done(50));
    assert_eq!(fixture.count(RunStatus::Cancelled).await, 50);
    assert_eq!(fixture.ended(ended[0]).await.status, RunStatus::Completed);
    // Those that have ended are not cancelled, and live ones are not replayed.
    let cancel = bulk(OperationKind::Cancel, &[RunStatus::Completed]);
    let id = fixture.start_operation(cancel).await;
    let counts = OperationCounts {
        skipped: 1,
        ..OperationCounts::default()
    };
    assert_eq!(fixture.ended_operation(id).await.counts, counts);
}

/// A step that succeeded is not executed again; it is known which run was there first.
#[tokio::test(start_paused = true)]
async fn a_run_is_resumed_with_what_succeeded() {
    let app = App::answering(&[r#"[{"op":"StepRun","id":"a","data":1}]"#, FAILS]);
    app.always(RETURNS);
    let fixture = Fixture::start(app.clone()).await;
    let event = fixture.runs(1, RunStatus::Failed).await[0];
    let failed = fixture.run_of(event).await.id;
    let resume = bulk(OperationKind::Resume, &[]);
    let id = fixture.start_operation(resume.clone()).await;
    assert_eq!(fixture.ended_operation(id).await.counts.done, 1);
    let resumed = id.rerun_of(failed);
    while fixture.count(RunStatus::Completed).await < 1 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    for _ in 0..2 {
        app.next_call().await;
    }
    let call = app.next_call().await;
    assert_eq!(call.run, resumed);
    assert_eq!(call.steps.len(), 1);

    let engine = &fixture.engine;
    let nothing = engine.rerun(resumed, RerunFrom::Failure, Asker::default());
    assert!(matches!(nothing.await, Err(RerunError::NothingFailed(run)) if run == resumed));
    let again = engine.rerun(resumed, RerunFrom::Start, Asker::default());
    let again = again.await.unwrap();
    let rerun = fixture.store.run_rerun(again).await.unwrap().unwrap();
    assert_eq!((rerun.source, rerun.original), (resumed, failed));
    assert_eq!(rerun.operation, None);
}

#[tokio::test(start_paused = true)]
async fn what_is_not_there_is_refused() {
    let fixture = Fixture::start(app(SLEEPS)).await;
    let engine = &fixture.engine;
    let unknown = OperationId::from_parts(fixture.now(), 1);
    let aborted = engine.operation_abort(unknown, Asker::default()).await;
    assert!(matches!(aborted, Err(BulkError::Unknown(id)) if id == unknown));
    let resumed = engine.operation_resume(unknown, Asker::default()).await;
    assert!(matches!(resumed, Err(BulkError::Unknown(id)) if id == unknown));
    let run = RunId::from_parts(fixture.now(), 1);
    let rerun = engine.rerun(run, RerunFrom::Start, Asker::default()).await;
    assert!(matches!(rerun, Err(RerunError::RunUnknown(id)) if id == run));

    let empty = fixture
        .start_operation(bulk(OperationKind::Replay, &[]))
        .await;
    let ended = fixture.ended_operation(empty).await;
    assert_eq!(ended.counts, OperationCounts::default());
    let aborted = engine.operation_abort(empty, Asker::default()).await;
    let refusal = ControlRefusal::OperationEnded(empty);
    assert!(matches!(
        aborted,
        Err(BulkError::Control(ControlError::Refused(refused))) if refused == refusal
    ));
    let resumed = engine.operation_resume(empty, Asker::default()).await;
    let refusal = ControlRefusal::OperationNotResumable(empty, "completed");
    assert!(matches!(
        resumed,
        Err(BulkError::Control(ControlError::Refused(refused))) if refused == refusal
    ));
}
