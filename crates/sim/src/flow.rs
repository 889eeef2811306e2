//! Flow control that functions have beside limits on concurrency: rates, singletons, priority, and
//! what holds their events back. Must not know how the server decides.

use std::time::Duration;

use everstep_protocol::Json;

use crate::chance::Chance;
use crate::controls::Override;
use crate::program::Program;
use crate::quota::KEY;

/// Ranks of events are from minus this to this.
const RANK_MAX: i64 = 2;

/// What a rank is worth, in seconds.
const RANK_SECONDS: i64 = 60;

/// What functions ask for.
#[derive(Clone, Debug, Default)]
pub struct Flow {
    pub throttle: Option<Rate>,
    pub rate_limit: Option<Rate>,
    pub debounce: Option<Debounce>,
    pub batch: Option<Batch>,
    pub singleton: Option<Singleton>,
    /// Runs go before others by the rank of their event.
    pub has_priority: bool,
}

/// How often something may happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    pub limit: u32,
    pub period: Duration,
    /// Throttles have one.
    pub burst: Option<u32>,
    /// One rate for each topic.
    pub keyed: bool,
}

#[derive(Clone, Copy, Debug)]
pub struct Debounce {
    pub period: Duration,
    /// The longest time from the first event.
    pub timeout: Option<Duration>,
    pub keyed: bool,
}

#[derive(Clone, Copy, Debug)]
pub struct Batch {
    pub size_max: u32,
    pub timeout: Duration,
    pub keyed: bool,
    /// Only of events that have no negative rank.
    pub ranked: bool,
}

#[derive(Clone, Copy, Debug)]
pub struct Singleton {
    /// A new run takes the place of the one that is there, and is not skipped.
    pub replaces: bool,
    pub keyed: bool,
}

/// A rank, by any number.
pub fn rank(number: u64) -> i64 {
    let ranks = 2 * RANK_MAX.unsigned_abs() + 1;
    (number % ranks).cast_signed() - RANK_MAX
}

impl Flow {
    /// Have some of the functions with an event use flow control.
    pub fn assign(programs: &mut [Program], chance: &Chance) {
        for program in programs.iter_mut().filter(|it| !it.is_scheduled()) {
            program.flow = Self::random(chance);
            if program.flow.batch.is_some() {
                // They can't be combined (sdk-protocol §3.3).
                program.stoppable = false;
            }
        }
    }

    fn random(chance: &Chance) -> Self {
        let seconds = |of: [u64; 3]| Duration::from_secs(of[chance.below(3) as usize]);
        let throttle = chance.percent(20).then(|| Rate {
            limit: 1 + chance.below(3) as u32,
            period: seconds([1, 10, 60]),
            burst: Some(chance.below(3) as u32),
            keyed: chance.percent(50),
        });
        let rate_limit = chance.percent(20).then(|| Rate {
            limit: [1, 5, 30][chance.below(3) as usize],
            period: seconds([10, 120, 3600]),
            burst: None,
            keyed: chance.percent(50),
        });
        let common = Self {
            throttle,
            rate_limit,
            ..Self::default()
        };
        if chance.percent(15) {
            let batch = Batch {
                size_max: 2 + chance.below(4) as u32,
                timeout: seconds([1, 20, 120]),
                keyed: chance.percent(50),
                ranked: chance.percent(30),
            };
            return Self {
                batch: Some(batch),
                ..common
            };
        }
        Self {
            debounce: chance.percent(20).then(|| Debounce {
                period: seconds([1, 15, 90]),
                timeout: chance.percent(40).then(|| seconds([20, 60, 200])),
                keyed: chance.percent(50),
            }),
            singleton: chance.percent(20).then(|| Singleton {
                replaces: chance.percent(50),
                keyed: chance.percent(50),
            }),
            has_priority: chance.percent(30),
            ..common
        }
    }

    /// Whether there is more to see with many events at once.
    pub fn is_any(&self) -> bool {
        self.throttle.is_some()
            || self.rate_limit.is_some()
            || self.debounce.is_some()
            || self.batch.is_some()
            || self.singleton.is_some()
            || self.has_priority
    }

    /// The head start of a run whose event has this rank.
    pub fn head_start_ms(&self, rank: i64) -> i64 {
        if self.has_priority {
            rank * RANK_SECONDS * 1000
        } else {
            0
        }
    }

    /// As the app registers it.
    pub fn to_json(&self) -> Vec<(&'static str, Json)> {
        let priority = format!("event.data.rank * {RANK_SECONDS}");
        let members = [
            ("throttle", self.throttle.map(|it| it.members())),
            ("rateLimit", self.rate_limit.map(|it| it.members())),
            ("debounce", self.debounce.map(|it| it.members())),
            ("batchEvents", self.batch.map(|it| it.members())),
            ("singleton", self.singleton.map(|it| it.members())),
            (
                "priority",
                self.has_priority
                    .then(|| vec![("run", Json::string(&priority))]),
            ),
        ];
        let members = members.into_iter();
        members
            .filter_map(|(name, of)| Some((name, Json::object(of?))))
            .collect()
    }
}

type Members = Vec<(&'static str, Json)>;

fn seconds(of: Duration) -> Json {
    Json::string(&format!("{}s", of.as_secs()))
}

fn key(keyed: bool) -> Option<(&'static str, Json)> {
    keyed.then(|| ("key", Json::string(KEY)))
}

impl Rate {
    fn members(self) -> Members {
        let own = [
            ("limit", Json::integer(i64::from(self.limit))),
            ("period", seconds(self.period)),
        ];
        let burst = self
            .burst
            .map(|burst| ("burst", Json::integer(i64::from(burst))));
        let members = own.into_iter().chain(burst);
        members.chain(key(self.keyed)).collect()
    }

    /// As someone has set it.
    pub fn overridden(self, set: &Override) -> Self {
        Self {
            limit: set.value,
            period: set.period.unwrap_or(self.period),
            burst: self.burst.map(|burst| set.burst.unwrap_or(burst)),
            ..self
        }
    }

    /// How many may happen at once when none did for long (server-semantics §4.2).
    pub fn at_once(self) -> u64 {
        match self.burst {
            Some(burst) => u64::from(self.limit) + u64::from(burst),
            None => u64::from(self.limit / 10) + 1,
        }
    }

    /// Between two when as many happen as may, in nanoseconds.
    pub fn interval_nanos(self) -> u128 {
        self.period.as_nanos() / u128::from(self.limit.max(1))
    }
}

impl Debounce {
    fn members(self) -> Members {
        let timeout = self.timeout.map(|it| ("timeout", seconds(it)));
        let own = [("period", seconds(self.period))];
        let members = own.into_iter().chain(timeout);
        members.chain(key(self.keyed)).collect()
    }
}

impl Batch {
    fn members(self) -> Members {
        let own = [
            ("maxSize", Json::integer(i64::from(self.size_max))),
            ("timeout", seconds(self.timeout)),
        ];
        let condition = self
            .ranked
            .then(|| ("if", Json::string("event.data.rank >= 0")));
        let members = own.into_iter().chain(condition);
        members.chain(key(self.keyed)).collect()
    }

    /// Whether an event of this rank goes into a batch.
    pub fn takes(self, rank: i64) -> bool {
        !self.ranked || rank >= 0
    }
}

impl Singleton {
    fn members(self) -> Members {
        let mode = if self.replaces { "cancel" } else { "skip" };
        let own = [("mode", Json::string(mode))];
        own.into_iter().chain(key(self.keyed)).collect()
    }
}
