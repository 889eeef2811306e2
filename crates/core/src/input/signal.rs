//! A client sends a signal (server-semantics §3.10). Nothing is kept for later waits (SG-4).

use everstep_protocol::Json;

use crate::effect::{Answer, ReplyTo};
use crate::record::Resolution;
use crate::shard::Shard;
use crate::turn::Turn;

impl Shard {
    pub(crate) fn signal(&mut self, turn: &mut Turn, name: &str, data: Json, reply_to: ReplyTo) {
        let holder = self.waits.of_signal(name);
        let wait = holder.filter(|wait| self.waits.is_open(*wait, turn.now));
        if let Some(wait) = wait {
            let value = signal_value(name, data);
            self.resolve(turn, wait, Resolution::Value(value));
        }
        turn.reply(reply_to, Answer::Signalled(wait.map(|wait| wait.run)));
    }
}

/// What a step that waited for a signal is memoized with (sdk-protocol §4.2).
pub(super) fn signal_value(name: &str, data: Json) -> Json {
    let signal = Json::object([("data", data), ("signal", Json::string(name))]);
    Json::object([("data", signal)])
}
