//! A client cancels a run (server-semantics §3.11).

use everstep_protocol::RunId;

use crate::effect::{Answer, ReplyTo};
use crate::finish::RunEnd;
use crate::shard::{Parked, Shard};
use crate::turn::Turn;

impl Shard {
    /// What is in flight is not interrupted; its result will find no run (CA-2).
    pub(crate) fn cancel(&mut self, turn: &mut Turn, id: RunId, reply_to: ReplyTo) {
        if let Some(run) = self.runs.remove(&id) {
            self.finish(turn, run, RunEnd::Cancelled);
            return turn.reply(reply_to, Answer::Cancelled(true));
        }
        let parked = self.loading.entry(id).or_insert_with(|| {
            turn.load_run(id);
            Parked::default()
        });
        parked.cancellations.push(reply_to);
    }
}
