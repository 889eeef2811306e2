//! An app brings spans that user code opened (connect-realtime §6). Nothing is decided by them.

use crate::change::Change;
use crate::effect::{Answer, ReplyTo};
use crate::record::SpanRecord;
use crate::shard::Shard;
use crate::turn::Turn;

impl Shard {
    #[expect(
        clippy::unused_self,
        reason = "every input is a method of the shard, also one that needs nothing of it"
    )]
    pub(crate) fn put_spans(&self, turn: &mut Turn, spans: Vec<SpanRecord>, reply_to: ReplyTo) {
        turn.changes.extend(spans.into_iter().map(Change::PutSpan));
        turn.reply(reply_to, Answer::SpansPut);
    }
}
