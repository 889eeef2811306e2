//! How a run ends: its last row, its jobs gone, its completion events (server-semantics §1.5, §5.4).

use everstep_protocol::event::EventInput;
use everstep_protocol::{EventId, Json, UserError};

use crate::change::Change;
use crate::effect::Update;
use crate::record::{EventRecord, FunctionRecord, RunStatus};
use crate::run::Run;
use crate::shard::Shard;
use crate::turn::Turn;

const FINISHED: &str = "inngest/function.finished";
const FAILED: &str = "inngest/function.failed";

impl Shard {
    /// End a run, which is not resident any more. Answers to its calls that are still in flight
    /// will find nothing to apply to.
    pub(crate) fn finish(
        &mut self,
        turn: &mut Turn,
        mut run: Run,
        result: Result<Json, UserError>,
    ) {
        let id = run.record.id;
        run.record.status = if result.is_ok() {
            RunStatus::Completed
        } else {
            RunStatus::Failed
        };
        run.record.ended_at = Some(turn.now);
        run.record.output = Some(match &result {
            Ok(output) => output.clone(),
            Err(error) => error.json.clone(),
        });
        turn.change(Change::PutRun(run.record.clone()));
        turn.change(Change::DeleteJobs(id));
        turn.publish(Update::RunEnded {
            run: id,
            function: run.record.function,
            status: run.record.status,
            started_at: run.record.started_at,
            ended_at: turn.now,
            steps: run.record.steps_done,
            error: result.as_ref().err().cloned(),
        });
        if let Some(function) = self.registry.function(run.record.function).cloned() {
            self.announce(turn, &run, &function, &result);
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
            Err(error) => self.finish(turn, run, Err(error)),
        }
    }

    /// Send the completion events. Not for runs that such an event started (EV-33).
    fn announce(
        &mut self,
        turn: &mut Turn,
        run: &Run,
        function: &FunctionRecord,
        result: &Result<Json, UserError>,
    ) {
        let Some(trigger) = run.events.first() else {
            return;
        };
        if matches!(&*trigger.name, FINISHED | FAILED) {
            return;
        }
        let data = completion_data(run, function, result);
        self.send(turn, FINISHED, None, data.clone());
        if result.is_err() {
            // The run's id, so that whoever reacts to the event does so once (EV-36).
            self.send(turn, FAILED, Some(run.record.id.to_string()), data);
        }
    }

    fn send(&mut self, turn: &mut Turn, name: &str, user_id: Option<String>, data: Json) {
        let id: EventId = turn.entropy.event_id(turn.now);
        let event = EventInput {
            name: name.to_owned(),
            user_id,
            ts: Some(turn.now),
            data,
            user: Json::from_canonical("{}"),
            v: None,
            meta: None,
        };
        let record = EventRecord {
            id,
            name: name.into(),
            user_id: event.user_id.as_deref().map(Into::into),
            ts: turn.now,
            received_at: turn.now,
            payload: event.payload(id, turn.now),
        };
        self.receive(turn, record);
    }
}

/// The data of a completion event (server-semantics §1.5).
fn completion_data(run: &Run, function: &FunctionRecord, result: &Result<Json, UserError>) -> Json {
    let status = if result.is_ok() {
        "Completed"
    } else {
        "Failed"
    };
    let payloads = || run.events.iter().map(|event| &event.payload);
    let (result_name, result_value) = match result {
        Ok(output) => ("result", output.clone()),
        Err(error) => ("error", error.json.clone()),
    };
    Json::object([
        ("_inngest", Json::object([("status", Json::string(status))])),
        (
            "event",
            payloads().next().cloned().unwrap_or_else(Json::null),
        ),
        ("events", Json::array(payloads())),
        ("function_id", Json::string(&function.slug)),
        (result_name, result_value),
        ("run_id", Json::string(&run.record.id.to_string())),
    ])
}

/// The function was removed by a sync: its runs fail when they would be called next (FI-4).
pub(crate) fn function_gone() -> UserError {
    UserError::new(
        "FunctionNotFound",
        "The function of this run is no longer part of its app: the app synced without it.",
    )
}
