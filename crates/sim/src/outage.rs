//! Times in which no call gets to the app.

use std::sync::PoisonError;
use std::time::Duration;

use everstep_engine::rt::Clock;
use everstep_protocol::reply::{Reply, TurnedAway};
use everstep_protocol::{RunId, Timestamp};

use crate::app::FakeApp;

/// Outages are shorter than this, in milliseconds.
const OUTAGE_MS_MAX: u64 = 60_000;

/// A time in which no call gets to the app.
#[derive(Clone, Copy, Debug)]
pub struct Outage {
    until: Timestamp,
    kind: Away,
}

#[derive(Clone, Copy, Debug)]
enum Away {
    /// No connection comes about.
    Down,
    /// Something before the app answers for it.
    Overloaded,
    /// Nothing answers. The server can't know that nothing was done.
    Silent,
}

impl FakeApp {
    /// The outage that the call falls into, which may begin with it.
    pub(crate) fn outage_now(&self) -> Option<Outage> {
        let now = self.clients.clock.now();
        let mut outage = self.outage.lock().unwrap_or_else(PoisonError::into_inner);
        outage.take_if(|outage| outage.until < now || self.healing.has_begun());
        if outage.is_none() && self.strikes(self.faults.turned_away) {
            let lasts = Duration::from_millis(self.chance.below(OUTAGE_MS_MAX));
            *outage = Some(Outage {
                until: now + lasts,
                kind: [Away::Down, Away::Overloaded, Away::Silent][self.chance.below(3) as usize],
            });
        }
        *outage
    }

    /// What the server gets instead of an answer of the app.
    pub(crate) async fn turn_away(&self, run: RunId, outage: Outage) -> Reply {
        self.delay(self.faults.reply_late).await;
        let not_connected = Reply::not_connected("simulated");
        match outage.kind {
            Away::Down => {
                self.audit.turned_away(run);
                not_connected
            }
            Away::Overloaded => {
                self.audit.turned_away(run);
                let wait = Duration::from_millis(self.chance.below(2 * OUTAGE_MS_MAX));
                Reply {
                    turned_away: Some(TurnedAway::Overloaded),
                    status: Some([429, 503][self.chance.below(2) as usize]),
                    retry_at: self
                        .chance
                        .percent(50)
                        .then(|| self.clients.clock.now() + wait),
                    ..not_connected
                }
            }
            Away::Silent => {
                tokio::time::sleep(Duration::from_millis(OUTAGE_MS_MAX)).await;
                Reply::unreachable("nobody answered")
            }
        }
    }
}
