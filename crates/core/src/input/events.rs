//! Events were received: store them, and schedule a run for each function that they trigger.

use everstep_protocol::JobId;

use crate::change::Change;
use crate::effect::{Answer, ReplyTo, Update};
use crate::record::{
    EventRecord, FunctionRecord, RunRecord, RunStatus, SkipReason, SkipRecord, WaitReason,
};
use crate::registry::{self, Evaluation};
use crate::run::Run;
use crate::shard::Shard;
use crate::turn::Turn;

impl Shard {
    pub(crate) fn events(&mut self, turn: &mut Turn, events: Vec<EventRecord>, reply_to: ReplyTo) {
        for event in events {
            self.receive(turn, event);
        }
        turn.reply(reply_to, Answer::EventsAccepted);
    }

    /// Take in one event, from a client or made here.
    pub(crate) fn receive(&mut self, turn: &mut Turn, event: EventRecord) {
        turn.change(Change::PutEvent(event.clone()));
        let mut runs = 0;
        for function in self.registry.triggered_by(&event.name) {
            match registry::evaluate(&function, &event.name) {
                Evaluation::Matched => {
                    runs += 1;
                    self.start(turn, &function, event.clone());
                }
                Evaluation::ExpressionUnsupported => turn.change(Change::PutSkip(SkipRecord {
                    event: event.id,
                    function: function.id,
                    reason: SkipReason::ExpressionFalse,
                    detail: None,
                })),
            }
        }
        turn.publish(Update::EventReceived {
            event: event.id,
            name: event.name.to_string(),
            runs,
        });
    }

    /// Schedule a run. Its first call is due at once, or when the event's `ts` comes (EV-20).
    fn start(&mut self, turn: &mut Turn, function: &FunctionRecord, event: EventRecord) {
        let id = turn.entropy.run_id(turn.now);
        let mut run = Run::new(
            RunRecord {
                id,
                function: function.id,
                function_version: function.version,
                status: RunStatus::Queued,
                started_at: None,
                ended_at: None,
                max_attempts: function.config.max_attempts(),
                request_version: -1,
                parallel: false,
                next_job: JobId::DISCOVERY + 1,
                generation: 0,
                state_bytes: event.payload.len() as u64,
                steps_done: 0,
                invoked_by: None,
                output: None,
            },
            vec![event.clone()],
        );
        turn.change(Change::PutRunEvents {
            run: id,
            events: vec![event.id],
        });
        let (due_at, reason) = if event.ts > turn.now {
            (event.ts, WaitReason::Delayed)
        } else {
            (turn.now, WaitReason::Queued)
        };
        run.discover_at(turn, due_at, reason);
        turn.dirty(id);
        self.runs.insert(id, run);
    }
}
