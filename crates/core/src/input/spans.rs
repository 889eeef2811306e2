//! An app brings spans that user code opened (connect-realtime §6). Nothing is decided by them.

use crate::change::Change;
use crate::effect::{Answer, ReplyTo};
use crate::record::SpanRecord;
use crate::shard::Shard;
use crate::turn::Turn;

impl Shard {
    pub(crate) fn put_spans(&self, turn: &mut Turn, spans: Vec<SpanRecord>, reply_to: ReplyTo) {
        turn.changes.extend(spans.into_iter().map(Change::PutSpan));
        turn.reply(reply_to, Answer::SpansPut);
    }
}
