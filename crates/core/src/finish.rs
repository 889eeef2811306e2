//! How a run ends: its last row, its jobs and waits gone, its completion events (server-semantics
//! §1.5, §5.4), what it deferred, and the answer to the run that invoked it.

use everstep_protocol::event::EventInput;
use everstep_protocol::{Json, RunId, UserError};

use crate::change::Change;
use crate::effect::Update;
use crate::failure;
use crate::function::Function;
use crate::record::{Resolution, RunStatus};
use crate::run::Run;
use crate::shard::Shard;
use crate::turn::Turn;

const FINISHED: &str = "inngest/function.finished";
const FAILED: &str = "inngest/function.failed";
const CANCELLED: &str = "inngest/function.cancelled";

/// How a run ends.
#[derive(Clone, Debug)]
pub(crate) enum RunEnd {
    Completed(Json),
    Failed(UserError),
    /// The handler of an endpoint answered its client, with a status that says that it failed.
    Unsuccessful {
        output: Json,
        error: UserError,
    },
    Cancelled,
}

impl RunEnd {
    fn status(&self) -> RunStatus {
        match self {
            Self::Completed(_) => RunStatus::Completed,
            Self::Failed(_) | Self::Unsuccessful { .. } => RunStatus::Failed,
            Self::Cancelled => RunStatus::Cancelled,
        }
    }

    /// What is kept as the output of the run.
    fn output(&self) -> Option<Json> {
        match self {
            Self::Completed(output) | Self::Unsuccessful { output, .. } => Some(output.clone()),
            Self::Failed(error) => Some(error.json.clone()),
            Self::Cancelled => None,
        }
    }

    fn error(&self) -> Option<UserError> {
        match self {
            Self::Completed(_) => None,
            Self::Failed(error) | Self::Unsuccessful { error, .. } => Some(error.clone()),
            Self::Cancelled => Some(cancelled()),
        }
    }

    /// What the step that invoked the run is memoized with (IN-3, IN-6).
    fn answer(&self) -> Json {
        match self {
            Self::Completed(output) => Json::object([("data", output.clone())]),
            Self::Failed(error) | Self::Unsuccessful { error, .. } => error.memoized(),
            Self::Cancelled => cancelled().memoized(),
        }
    }
}

impl Shard {
    /// End a run, which is not resident any more. Answers to its calls that are still in flight
    /// will find nothing to apply to.
    pub(crate) fn finish(&mut self, turn: &mut Turn, mut run: Run, end: RunEnd) {
        let id = run.record.id;
        turn.touch(id);
        run.record.status = end.status();
        run.record.ended_at = Some(turn.now);
        run.record.output = end.output();
        turn.change(Change::PutRun(run.record.clone()));
        if let RunEnd::Failed(error) | RunEnd::Unsuccessful { error, .. } = &end {
            failure::note(turn, &run, error);
        }
        run.unschedule_all(turn);
        turn.change(Change::DeleteJobs(id));
        self.release_holds(turn, id);
        if self.waits.remove_run(id) {
            turn.change(Change::DeleteWaits(id));
        }
        turn.publish(Update::RunEnded {
            run: id,
            function: run.record.function,
            status: run.record.status,
            started_at: run.record.started_at,
            ended_at: turn.now,
            steps: run.record.steps_done,
            error: end.error(),
        });
        if let Some(function) = self.registry.function(run.record.function).cloned() {
            self.announce(turn, &run, &function, &end);
            self.start_deferred(turn, &mut run, &function);
        }
        for wait in std::mem::take(&mut run.record.invoked_by) {
            self.resolve(turn, wait, Resolution::Value(end.answer()));
        }
    }

    /// Others may have what the run had from its start (CC-8, SI-1).
    fn release_holds(&mut self, turn: &mut Turn, run: RunId) {
        let limits = self.flow.holds.remove_run(run);
        if limits.is_empty() {
            return;
        }
        turn.change(Change::DeleteHolds(run));
        for limit in limits {
            self.schedule.wake(limit, &self.flow, turn.now);
        }
    }

    /// Keep a run resident, or end it with the error that came up.
    pub(crate) fn keep_or_fail(
        &mut self,
        turn: &mut Turn,
        run: Run,
        outcome: Result<(), UserError>,
    ) {
        match outcome {
            Ok(()) => {
                turn.touch(run.record.id);
                self.runs.insert(run.record.id, run);
            }
            Err(error) => self.finish(turn, run, RunEnd::Failed(error)),
        }
    }

    /// Send the completion events. Not for runs that such an event started (EV-33).
    fn announce(&mut self, turn: &mut Turn, run: &Run, function: &Function, end: &RunEnd) {
        let Some(trigger) = run.events.first() else {
            return;
        };
        if matches!(&*trigger.name, FINISHED | FAILED) {
            return;
        }
        // The run's id, so that whoever reacts to one of these events does so once (EV-36).
        let once = Some(run.record.id.to_string());
        self.send(turn, FINISHED, None, completion_data(run, function, end));
        match end {
            RunEnd::Completed(_) => {}
            RunEnd::Failed(_) | RunEnd::Unsuccessful { .. } => {
                self.send(turn, FAILED, once, completion_data(run, function, end));
            }
            RunEnd::Cancelled => {
                self.send(turn, CANCELLED, once, completion_data(run, function, end));
            }
        }
    }

    pub(crate) fn send(
        &mut self,
        turn: &mut Turn,
        name: &str,
        user_id: Option<String>,
        data: Json,
    ) {
        let input = EventInput {
            user_id,
            ts: Some(turn.now),
            ..EventInput::new(name, data)
        };
        let event = turn.event(input);
        self.receive(turn, event);
    }
}

/// The data of a completion event (server-semantics §1.5).
fn completion_data(run: &Run, function: &Function, end: &RunEnd) -> Json {
    let status = match end {
        RunEnd::Completed(_) => "Completed",
        RunEnd::Failed(_) | RunEnd::Unsuccessful { .. } => "Failed",
        RunEnd::Cancelled => "Cancelled",
    };
    let payloads = || run.events.iter().map(|event| &event.payload);
    let trigger = payloads().next().cloned().unwrap_or_else(Json::null);
    let correlation_id = trigger
        .member("data")
        .and_then(|data| data.member("_inngest")?.member("correlation_id"));
    let (result_name, result) = match end {
        RunEnd::Completed(output) => ("result", output.clone()),
        RunEnd::Failed(error) | RunEnd::Unsuccessful { error, .. } => ("error", error.json.clone()),
        RunEnd::Cancelled => ("error", cancelled().json),
    };
    let mut members = vec![
        ("_inngest", Json::object([("status", Json::string(status))])),
        ("event", trigger),
        ("events", Json::array(payloads())),
        ("function_id", Json::string(&function.record.slug)),
        (result_name, result),
        ("run_id", Json::string(&run.record.id.to_string())),
    ];
    members.extend(correlation_id.map(|id| ("correlation_id", id)));
    Json::object(members)
}

/// What documented clients expect of a cancelled run (EV-32).
fn cancelled() -> UserError {
    UserError::new("Error", "function cancelled")
}

/// The function was removed by a sync: its runs fail when they would be called next (FI-4).
pub(crate) fn function_gone() -> UserError {
    UserError::new(
        "FunctionNotFound",
        "The function of this run is no longer part of its app: the app synced without it, or was removed.",
    )
}
