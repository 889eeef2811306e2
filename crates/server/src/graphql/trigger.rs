//! What triggered a run (TT-24).

use async_graphql::{Error, Object, Result};
use everstep_core::record::{EventRecord, RunRecord};
use everstep_core::ticks::cron_of;

use super::event::raw;
use super::reader::{Reader, parse};
use super::scalar::{Bytes, Time, UlidText};

pub(super) struct RunTraceTrigger {
    run: RunRecord,
    events: Vec<EventRecord>,
}

impl RunTraceTrigger {
    pub(super) async fn find(reader: &Reader, run: &str) -> Result<Self> {
        let id = parse("a run", run)?;
        let Some(run) = reader.run(id).await? else {
            return Err(Error::new("run not found"));
        };
        let events = reader.store().run_events(id).await?;
        Ok(Self { run, events })
    }
}

#[Object]
impl RunTraceTrigger {
    async fn event_name(&self) -> Option<&str> {
        self.events.first().map(|event| &*event.name)
    }

    #[graphql(name = "IDs")]
    async fn ids(&self) -> Vec<UlidText> {
        let ids = self
            .events
            .iter()
            .map(|event| UlidText(event.id.to_string()));
        ids.collect()
    }

    async fn payloads(&self) -> Vec<Bytes> {
        self.events.iter().map(raw).map(Bytes).collect()
    }

    async fn timestamp(&self) -> Time {
        let first = self.events.first().map(|event| event.received_at);
        Time(first.unwrap_or(self.run.id.timestamp()))
    }

    async fn is_batch(&self) -> bool {
        self.run.batch.is_some()
    }

    #[graphql(name = "batchID")]
    async fn batch_id(&self) -> Option<UlidText> {
        self.run.batch.map(|batch| UlidText(batch.to_string()))
    }

    async fn cron(&self) -> Option<String> {
        self.events.first().and_then(cron_of)
    }
}
