//! Apps that can't be reached, or ask for a pause: they are backed off as one.
//!
//! An app has an outage from the first call that did not reach it (or that it turned away with 429
//! or 503) until one is answered. While it lasts, its calls wait without losing attempts, and one of
//! them is let through from time to time to see whether it is over. An outage is not stored: after a
//! restart the first call finds out.

use std::collections::BTreeMap;
use std::time::Duration;

use everstep_protocol::reply::TurnedAway;
use everstep_protocol::{AppId, Timestamp};

use crate::limits::{OUTAGE_PROBE_AFTER, OUTAGE_PROBE_AFTER_MAX};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outage {
    pub cause: TurnedAway,
    pub since: Timestamp,
    /// When a call is let through.
    pub probe_at: Timestamp,
    /// Calls that were let through.
    pub probes: u32,
}

#[derive(Default)]
pub(crate) struct Outages(BTreeMap<AppId, Outage>);

impl Outages {
    pub(crate) fn of(&self, app: AppId) -> Option<&Outage> {
        self.0.get(&app)
    }

    /// A call did not get through. True if that is news.
    pub(crate) fn failed(
        &mut self,
        app: AppId,
        cause: TurnedAway,
        retry_at: Option<Timestamp>,
        now: Timestamp,
    ) -> bool {
        let known = self.0.get(&app).copied();
        let outage = known.unwrap_or(Outage {
            cause,
            since: now,
            probe_at: now + OUTAGE_PROBE_AFTER,
            probes: 0,
        });
        let asked = retry_at.map(|at| at.min(now + OUTAGE_PROBE_AFTER_MAX));
        self.0.insert(
            app,
            Outage {
                cause,
                probe_at: outage.probe_at.max(asked.unwrap_or_default()),
                ..outage
            },
        );
        known.is_none()
    }

    /// A call is let through to see whether the outage is over: the next one goes later.
    pub(crate) fn probing(&mut self, app: AppId, now: Timestamp) {
        if let Some(outage) = self.0.get_mut(&app) {
            outage.probes += 1;
            outage.probe_at = now + back_off(outage.probes);
        }
    }

    /// The app answered. True if that ends an outage.
    pub(crate) fn answered(&mut self, app: AppId) -> bool {
        self.0.remove(&app).is_some()
    }
}

/// It doubles up to a maximum.
fn back_off(probes: u32) -> Duration {
    let factor = 1_u32.checked_shl(probes).unwrap_or(u32::MAX);
    OUTAGE_PROBE_AFTER
        .saturating_mul(factor)
        .min(OUTAGE_PROBE_AFTER_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const APP: AppId = AppId(everstep_protocol::ids::ENVIRONMENT);

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1_000)
    }

    #[test]
    fn many_failures_at_once_are_one_outage() {
        let mut outages = Outages::default();
        assert!(outages.failed(APP, TurnedAway::Unreachable, None, at(10)));
        let first = *outages.of(APP).unwrap();
        assert!(!outages.failed(APP, TurnedAway::Unreachable, None, at(10)));
        assert_eq!(*outages.of(APP).unwrap(), first);
    }

    #[test]
    fn probes_become_rare_and_no_rarer_than_the_maximum() {
        let mut outages = Outages::default();
        outages.failed(APP, TurnedAway::Unreachable, None, at(0));
        let mut now = outages.of(APP).unwrap().probe_at;
        assert_eq!(now, at(0) + OUTAGE_PROBE_AFTER);
        for _ in 0..40 {
            outages.probing(APP, now);
            let next = outages.of(APP).unwrap().probe_at;
            assert!(next > now && next <= now + OUTAGE_PROBE_AFTER_MAX);
            now = next;
        }
        assert!(outages.answered(APP));
        assert!(outages.of(APP).is_none());
    }

    #[test]
    fn an_app_that_says_when_is_asked_then_and_not_later_than_the_maximum() {
        let mut outages = Outages::default();
        outages.failed(APP, TurnedAway::Overloaded, Some(at(20)), at(0));
        assert_eq!(outages.of(APP).unwrap().probe_at, at(20));
        outages.failed(APP, TurnedAway::Overloaded, Some(at(1_000_000)), at(0));
        assert_eq!(
            outages.of(APP).unwrap().probe_at,
            at(0) + OUTAGE_PROBE_AFTER_MAX
        );
    }
}
