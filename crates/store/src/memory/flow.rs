//! The tables of flow control: what limits remember, what is held back, and what people set.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;

use everstep_core::record::{
    AuditRecord, BatchEventRecord, BatchRecord, DebounceRecord, HoldRecord, LimitId, LimitName,
    OverrideRecord, PauseRecord, RateRecord, ShardId, ShardState,
};
use everstep_protocol::{AuditId, BatchId, EventId, FunctionId, RunId};

use super::tables::of_shard;
use crate::page::{AuditFilter, AuditPage};
use crate::rules;

type OverrideKey = (FunctionId, LimitName, Option<Arc<str>>);

/// Rows by key, each with its shard.
#[derive(Default)]
pub(super) struct Flow {
    holds: BTreeMap<RunId, BTreeMap<LimitId, (ShardId, HoldRecord)>>,
    rates: BTreeMap<LimitId, (ShardId, RateRecord)>,
    debounces: BTreeMap<LimitId, (ShardId, DebounceRecord)>,
    batches: BTreeMap<BatchId, (ShardId, BatchRecord)>,
    /// By batch and position.
    batch_events: BTreeMap<BatchId, BTreeMap<u32, (ShardId, BatchEventRecord)>>,
    pauses: BTreeMap<FunctionId, (ShardId, PauseRecord)>,
    overrides: BTreeMap<OverrideKey, (ShardId, OverrideRecord)>,
    audit: BTreeMap<AuditId, AuditRecord>,
}

impl Flow {
    pub(super) fn put_hold(&mut self, shard: ShardId, hold: HoldRecord) {
        let holds = self.holds.entry(hold.run).or_default();
        holds.insert(hold.limit, (shard, hold));
    }

    pub(super) fn delete_hold(&mut self, limit: LimitId, run: RunId) {
        if let Some(holds) = self.holds.get_mut(&run) {
            holds.remove(&limit);
        }
    }

    pub(super) fn delete_holds(&mut self, run: RunId) {
        self.holds.remove(&run);
    }

    pub(super) fn put_rate(&mut self, shard: ShardId, rate: RateRecord) {
        let rate = RateRecord {
            tat: rules::tat_stored(rate.tat),
            ..rate
        };
        self.rates.insert(rate.limit, (shard, rate));
    }

    pub(super) fn expire_rates(&mut self, shard: ShardId, then: u64) {
        self.rates
            .retain(|_, (of, rate)| *of != shard || rate.tat > then);
    }

    pub(super) fn put_debounce(&mut self, shard: ShardId, debounce: DebounceRecord) {
        self.debounces.insert(debounce.id, (shard, debounce));
    }

    pub(super) fn delete_debounce(&mut self, id: LimitId) {
        self.debounces.remove(&id);
    }

    pub(super) fn put_batch(&mut self, shard: ShardId, batch: BatchRecord) {
        self.batches.insert(batch.id, (shard, batch));
    }

    pub(super) fn put_batch_event(&mut self, shard: ShardId, event: BatchEventRecord) {
        let events = self.batch_events.entry(event.batch).or_default();
        events.insert(event.position, (shard, event));
    }

    pub(super) fn delete_batch(&mut self, batch: BatchId) {
        self.batches.remove(&batch);
        self.batch_events.remove(&batch);
    }

    pub(super) fn put_pause(&mut self, shard: ShardId, pause: PauseRecord) {
        self.pauses.insert(pause.function, (shard, pause));
    }

    pub(super) fn delete_pause(&mut self, function: FunctionId) {
        self.pauses.remove(&function);
    }

    pub(super) fn put_override(&mut self, shard: ShardId, record: OverrideRecord) {
        let key = (record.function, record.limit, record.key.clone());
        self.overrides.insert(key, (shard, record));
    }

    pub(super) fn delete_override(&mut self, key: OverrideKey) {
        self.overrides.remove(&key);
    }

    pub(super) fn put_audit(&mut self, entry: AuditRecord) {
        self.audit.entry(entry.id).or_insert(entry);
    }

    /// The part of a shard's state that is here.
    pub(super) fn shard_state(&self, shard: ShardId) -> ShardState {
        let shard = Some(shard);
        let holds = self.holds.values().flat_map(BTreeMap::values);
        let mut holds = of_shard(holds, shard);
        holds.sort_unstable_by_key(|hold| (hold.limit, hold.run));
        let batch_events = self.batch_events.values().flat_map(BTreeMap::values);
        ShardState {
            holds,
            rates: of_shard(self.rates.values(), shard),
            debounces: of_shard(self.debounces.values(), shard),
            batches: of_shard(self.batches.values(), shard),
            batch_events: of_shard(batch_events, shard),
            pauses: of_shard(self.pauses.values(), shard),
            overrides: of_shard(self.overrides.values(), shard),
            ..ShardState::default()
        }
    }

    /// Events that will start runs later.
    pub(super) fn events_held(&self) -> impl Iterator<Item = EventId> {
        let debounces = self.debounces.values().map(|(_, debounce)| debounce.event);
        let batches = self.batch_events.values().flat_map(BTreeMap::values);
        debounces.chain(batches.map(|(_, event)| event.event))
    }

    pub(super) fn audit_list(&self, filter: &AuditFilter) -> AuditPage {
        let (first, end) = filter.ids();
        let is_meant = |id: &AuditId| (first..end).contains(id);
        let entries = self.audit.iter().rev().filter(|(id, _)| is_meant(id));
        let entries = entries.map(|(_, entry)| Ok(entry.clone()));
        let Ok::<_, Infallible>(page) = filter.page(entries);
        page
    }
}
