//! Events with what they started, newest first: the older list.

use async_graphql::{Enum, InputObject, Result, SimpleObject};
use everstep_core::ticks::cron_of;
use everstep_store::EventFilter;

use super::reader::{Reader, parse};
use super::run::FunctionRun;
use super::scalar::Time;
use crate::search::events_all;

const ITEMS_DEFAULT: usize = 20;
/// Each item costs a read of its runs.
const ITEMS_MAX: usize = 999;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(name = "StreamType")]
enum StreamKind {
    Event,
    Cron,
}

#[derive(InputObject)]
#[graphql(name = "StreamQuery")]
pub(super) struct StreamQuery {
    workspace_id: Option<String>,
    after: Option<String>,
    before: Option<String>,
    limit: Option<usize>,
    include_internal_events: Option<bool>,
}

#[derive(SimpleObject)]
pub(super) struct StreamItem {
    id: String,
    trigger: String,
    #[graphql(name = "type")]
    kind: StreamKind,
    created_at: Time,
    runs: Option<Vec<Option<FunctionRun>>>,
    in_batch: bool,
}

pub(super) async fn items(reader: &Reader, query: StreamQuery) -> Result<Vec<StreamItem>> {
    let bound = |text: Option<String>| match text.filter(|text| !text.is_empty()) {
        Some(text) => parse("an event", &text).map(Some),
        None => Ok(None),
    };
    let after: Option<everstep_protocol::EventId> = bound(query.after)?;
    let filter = EventFilter {
        before: bound(query.before)?,
        internal: query.include_internal_events.unwrap_or(false),
        ..EventFilter::newest(query.limit.unwrap_or(ITEMS_DEFAULT).clamp(1, ITEMS_MAX))
    };
    let events = events_all(reader.store(), filter).await?;
    let mut items = Vec::with_capacity(events.len());
    for event in events {
        if after.is_some_and(|after| event.id <= after) {
            break;
        }
        let runs = reader.store().event_runs(event.id).await?;
        let cron = cron_of(&event);
        items.push(StreamItem {
            id: event.id.to_string(),
            kind: match cron {
                Some(_) => StreamKind::Cron,
                None => StreamKind::Event,
            },
            trigger: cron.unwrap_or_else(|| event.name.to_string()),
            created_at: Time(event.ts),
            in_batch: runs.iter().any(|run| run.batch.is_some()),
            runs: Some(runs.into_iter().map(FunctionRun).map(Some).collect()),
        });
    }
    Ok(items)
}
