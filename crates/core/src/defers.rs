//! Defers: functions that a run wants started when it ends, whatever its end (connect-realtime §4,
//! server-semantics §3.13).
//!
//! They cause no calls and never fail their run. What is known of a defer is final but for two
//! steps: an abort, and the end of the run.

use std::sync::Arc;

use everstep_protocol::defer::{DEFERRED_EVENT, DeferPayload, DeferRejection, DeferRequest};
use everstep_protocol::event::EventInput;
use everstep_protocol::limits::{DEFER_INPUT_MAX, DEFERS_PER_RUN_MAX};
use everstep_protocol::{DeferId, Json, RunId};

use crate::change::Change;
use crate::function::Function;
use crate::record::{DeferRecord, DeferStatus};
use crate::run::Run;
use crate::shard::Shard;
use crate::turn::Turn;

/// The defers of one run, in the order in which they were added.
#[derive(Default)]
pub(crate) struct Defers(Vec<DeferRecord>);

impl Defers {
    pub(crate) fn load(records: Vec<DeferRecord>) -> Self {
        Self(records)
    }

    /// What calls carry of them (DE-3).
    pub(crate) fn in_calls(&self) -> Vec<(DeferId, bool)> {
        let defers = self.0.iter();
        defers
            .map(|defer| (defer.id.clone(), defer.status.is_abortable()))
            .collect()
    }

    /// Add a defer. One that is known stays as it is (DE-4); one too many leaves no trace (DE-5).
    pub(crate) fn add(&mut self, turn: &mut Turn, run: RunId, request: DeferRequest) {
        let is_known = self.0.iter().any(|defer| defer.id == request.id);
        if is_known || self.0.len() >= DEFERS_PER_RUN_MAX {
            return;
        }
        let room = DEFER_INPUT_MAX.saturating_sub(self.input_bytes());
        let status = match request.payload {
            Ok(DeferPayload { input, .. }) if input.len() > room => {
                DeferStatus::Rejected(DeferRejection::AggregateSize)
            }
            Ok(DeferPayload { input, meta }) => DeferStatus::AfterRun { input, meta },
            Err(rejection) => DeferStatus::Rejected(rejection),
        };
        let position = u32::try_from(self.0.len()).expect("a run has few defers");
        let defer = DeferRecord {
            run,
            id: request.id,
            position,
            name: Arc::from(request.name),
            function_slug: Arc::from(request.function_slug),
            status,
            created_at: turn.now,
        };
        turn.change(Change::PutDefer(defer.clone()));
        self.0.push(defer);
    }

    /// Take a defer back, and free its bytes. Nothing happens to one that is not waiting, or that
    /// the SDK withdrew before the server heard of it (DE-6).
    pub(crate) fn abort(&mut self, turn: &mut Turn, id: &DeferId) {
        let target = self.0.iter_mut().find(|defer| defer.id == *id);
        if let Some(defer) = target.filter(|defer| defer.status.is_abortable()) {
            defer.status = DeferStatus::Aborted;
            turn.change(Change::PutDefer(defer.clone()));
        }
    }

    /// Bytes of the inputs that are kept.
    fn input_bytes(&self) -> usize {
        let inputs = self.0.iter().filter_map(|defer| match &defer.status {
            DeferStatus::AfterRun { input, .. } => Some(input.len()),
            DeferStatus::Scheduled | DeferStatus::Aborted | DeferStatus::Rejected(_) => None,
        });
        inputs.sum()
    }
}

impl DeferStatus {
    fn is_abortable(&self) -> bool {
        match self {
            Self::AfterRun { .. } => true,
            Self::Scheduled | Self::Aborted | Self::Rejected(_) => false,
        }
    }
}

impl Shard {
    /// The run has ended: send the event of each of its defers (DE-7). The input lives on in it.
    pub(crate) fn start_deferred(&mut self, turn: &mut Turn, run: &mut Run, function: &Function) {
        for mut defer in std::mem::take(&mut run.defers).0 {
            let DeferStatus::AfterRun { input, meta } = defer.status else {
                continue;
            };
            defer.status = DeferStatus::Scheduled;
            let event = EventInput {
                ts: Some(turn.now),
                meta,
                ..EventInput::new(DEFERRED_EVENT, deferred_data(&input, &defer, function))
            };
            let event = turn.event_with_id(defer.id.event_id(defer.run), event);
            turn.change(Change::PutDefer(defer));
            self.receive(turn, event);
        }
    }
}

/// The input, and where it comes from.
fn deferred_data(input: &Json, defer: &DeferRecord, parent: &Function) -> Json {
    let own = Json::object([
        ("fn_slug", Json::string(&defer.function_slug)),
        (
            "parent_app_id",
            Json::string(&parent.record.app.to_string()),
        ),
        ("parent_fn_id", Json::string(&parent.record.id.to_string())),
        ("parent_fn_slug", Json::string(&parent.record.slug)),
        ("parent_run_id", Json::string(&defer.run.to_string())),
    ]);
    let members: Vec<(String, Json)> = input.members().collect();
    let members = members.iter().map(|(name, value)| (&**name, value.clone()));
    Json::object(members.chain([("_inngest", own)]))
}

#[cfg(test)]
mod tests;
