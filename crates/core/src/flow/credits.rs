//! What undone starts give back to a rate.
//!
//! GCRA remembers one number, so it cannot tell what it would be without one of the starts. Whoever
//! may be undone has a credit: by how much the TAT would be lower at least. It is the emission
//! interval at first. A later start is counted from the TAT or from its own time, whichever is later;
//! so of what lay before it, no more than the TAT was ahead of that time can be given back, by all
//! together. The run that is oldest loses first: it is the least likely to be undone.

use std::collections::BTreeMap;

use everstep_protocol::RunId;

/// Those of one rate, in nanoseconds. There are no more than starts whose call is in flight.
#[derive(Default)]
pub(crate) struct Credits {
    by_run: BTreeMap<RunId, u64>,
    total: u128,
}

impl Credits {
    pub(crate) fn put(&mut self, run: RunId, credit: u64) {
        self.total += u128::from(credit);
        self.by_run.insert(run, credit);
    }

    /// Another start is counted from a TAT that is `ahead` of its time by that much.
    pub(crate) fn cut(&mut self, ahead: u64) {
        let mut excess = self.total.saturating_sub(u128::from(ahead));
        while excess > 0
            && let Some((run, credit)) = self.by_run.pop_first()
        {
            let cut = u64::try_from(excess).unwrap_or(u64::MAX).min(credit);
            excess -= u128::from(cut);
            self.total -= u128::from(cut);
            if cut < credit {
                self.by_run.insert(run, credit - cut);
            }
        }
    }

    pub(crate) fn take(&mut self, run: RunId) -> u64 {
        let credit = self.by_run.remove(&run).unwrap_or(0);
        self.total -= u128::from(credit);
        credit
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.by_run.is_empty()
    }
}
