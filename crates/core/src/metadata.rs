//! Metadata of runs: what an update makes of what is noted, and how much a run may have
//! (connect-realtime §5.1).
//!
//! That of a run is not in memory until something changes it: an input that carries metadata waits
//! until it is loaded, which is in `input/metadata.rs`. It stays as long as its run does. Runs that
//! have none never pay for it.

use std::collections::BTreeMap;
use std::sync::Arc;

use everstep_protocol::limits::{METADATA_ENTRY_SIZE, METADATA_PER_RUN_MAX, METADATA_WARNINGS_MAX};
use everstep_protocol::metadata::{MetadataOperation, MetadataUpdate, kind};
use everstep_protocol::{Json, RunId};

use crate::change::Change;
use crate::effect::MetadataRefusal;
use crate::input::Input;
use crate::record::{MetadataRecord, MetadataTarget};
use crate::turn::Turn;

/// The metadata that is in memory, and the inputs that wait for more of it.
#[derive(Default)]
pub(crate) struct Metadata {
    loaded: BTreeMap<RunId, RunMetadata>,
    loading: BTreeMap<RunId, Vec<Input>>,
}

impl Metadata {
    /// That of a run, if it is in memory.
    pub(crate) fn of(&mut self, run: RunId) -> Option<&mut RunMetadata> {
        self.loaded.get_mut(&run)
    }

    pub(crate) fn is_loaded(&self, run: RunId) -> bool {
        self.loaded.contains_key(&run)
    }

    /// Let an input wait for the metadata of a run. True if that is still to be asked for.
    pub(crate) fn park(&mut self, run: RunId, input: Input) -> bool {
        let parked = self.loading.entry(run).or_default();
        parked.push(input);
        parked.len() == 1
    }

    /// The metadata of a run is there. Gives what waited for it, in the order in which it came.
    pub(crate) fn load(&mut self, run: RunId, records: Vec<MetadataRecord>) -> Vec<Input> {
        self.loaded.insert(run, RunMetadata::load(run, records));
        self.loading.remove(&run).unwrap_or_default()
    }

    pub(crate) fn forget(&mut self, run: RunId) {
        self.loaded.remove(&run);
    }
}

/// All metadata of a run.
#[derive(Clone)]
pub(crate) struct RunMetadata {
    run: RunId,
    entries: BTreeMap<(MetadataTarget, Arc<str>), Json>,
    /// What the entries count for, against the limits.
    size: usize,
}

impl RunMetadata {
    fn load(run: RunId, records: Vec<MetadataRecord>) -> Self {
        let sizes = records
            .iter()
            .map(|record| size(&record.kind, &record.values));
        let size = sizes.sum();
        let entries = records
            .into_iter()
            .map(|record| ((record.target, record.kind), record.values))
            .collect();
        Self { run, entries, size }
    }

    /// Make all of the updates, or none.
    pub(crate) fn update_all(
        &mut self,
        turn: &mut Turn,
        updates: &[(MetadataTarget, MetadataUpdate)],
    ) -> Result<(), MetadataRefusal> {
        let mut updated = self.clone();
        let mut changes = Vec::new();
        for (target, update) in updates {
            let values = updated.updated(target, update)?;
            changes.extend(updated.put(turn, target, update, values)?);
        }
        *self = updated;
        turn.changes.extend(changes);
        Ok(())
    }

    /// Make an update of a step or of the server. One that can't be made leaves a warning.
    pub(crate) fn note(
        &mut self,
        turn: &mut Turn,
        target: &MetadataTarget,
        update: &MetadataUpdate,
    ) {
        let values = self.updated(target, update);
        match values.and_then(|values| self.put(turn, target, update, values)) {
            Ok(change) => turn.changes.extend(change),
            Err(refusal) => self.warn(turn, target, update.kind(), &refusal.to_string()),
        }
    }

    /// Note that an update was dropped, and why, unless there is no room for that either.
    pub(crate) fn warn(&mut self, turn: &mut Turn, target: &MetadataTarget, of: &str, why: &str) {
        let values = Json::object([(of, Json::string(why))]);
        let update =
            MetadataUpdate::by_server(kind::WARNINGS, MetadataOperation::Merge, values.clone());
        let before = self.values(target, kind::WARNINGS);
        let merged = Some(before.map_or(values.clone(), |before| merged(before, &values)));
        if let Ok(change) = self.put(turn, target, &update, merged) {
            turn.changes.extend(change);
        }
    }

    /// What an update makes of the values that are there; `None` if it leaves them as they are.
    fn updated(
        &self,
        target: &MetadataTarget,
        update: &MetadataUpdate,
    ) -> Result<Option<Json>, MetadataRefusal> {
        let before = self.values(target, update.kind());
        let values = update.values();
        Ok(match (update.operation(), before) {
            (MetadataOperation::Set, _) => Some(values.clone()),
            (MetadataOperation::Merge | MetadataOperation::Add, None) => Some(values.clone()),
            (MetadataOperation::Merge, Some(before)) => Some(merged(before, values)),
            (MetadataOperation::Add, Some(before)) => Some(summed(before, values)?),
            (MetadataOperation::Delete, None) => None,
            (MetadataOperation::Delete, Some(before)) => Some(without(before, values)),
        })
    }

    fn values(&self, target: &MetadataTarget, kind: &str) -> Option<&Json> {
        self.entries.get(&(target.clone(), Arc::from(kind)))
    }

    /// Replace the values of a kind, if there is room for the new ones.
    fn put(
        &mut self,
        turn: &Turn,
        target: &MetadataTarget,
        update: &MetadataUpdate,
        values: Option<Json>,
    ) -> Result<Option<Change>, MetadataRefusal> {
        let Some(values) = values else {
            return Ok(None);
        };
        let kind: Arc<str> = Arc::from(update.kind());
        let before = self.values(target, &kind).map(|values| size(&kind, values));
        let grown = self.size - before.unwrap_or(0) + size(&kind, &values);
        let limit = match &*kind {
            kind::WARNINGS => METADATA_PER_RUN_MAX + METADATA_WARNINGS_MAX,
            _ => METADATA_PER_RUN_MAX,
        };
        // What is too much already may shrink.
        if grown > limit && grown > self.size {
            return Err(MetadataRefusal::TooLarge { size: grown, limit });
        }
        self.size = grown;
        self.entries
            .insert((target.clone(), Arc::clone(&kind)), values.clone());
        Ok(Some(Change::PutMetadata(MetadataRecord {
            run: self.run,
            target: target.clone(),
            kind,
            values,
            updated_at: turn.now,
        })))
    }
}

/// What an entry counts for.
fn size(kind: &str, values: &Json) -> usize {
    kind.len() + values.len() + METADATA_ENTRY_SIZE
}

/// Both, of equal names those of the update.
fn merged(before: &Json, update: &Json) -> Json {
    let members: Vec<(String, Json)> = before.members().chain(update.members()).collect();
    object(&members)
}

/// Without the members that the update names.
fn without(before: &Json, update: &Json) -> Json {
    let members = before.members();
    let kept: Vec<_> = members
        .filter(|(name, _)| update.member(name).is_none())
        .collect();
    object(&kept)
}

/// With the numbers of the update added to those that are there.
fn summed(before: &Json, update: &Json) -> Result<Json, MetadataRefusal> {
    let mut members: Vec<(String, Json)> = before.members().collect();
    for (name, value) in update.members() {
        let sum = match before.member(&name) {
            None => value,
            Some(number) => {
                sum(&number, &value).ok_or_else(|| MetadataRefusal::NotANumber(name.clone()))?
            }
        };
        members.push((name, sum));
    }
    Ok(object(&members))
}

fn sum(left: &Json, right: &Json) -> Option<Json> {
    Json::number(left.to_number()? + right.to_number()?)
}

fn object(members: &[(String, Json)]) -> Json {
    let members = members.iter();
    Json::object(members.map(|(name, value)| (name.as_str(), value.clone())))
}

#[cfg(test)]
mod tests;
