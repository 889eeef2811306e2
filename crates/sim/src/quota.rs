//! Limits on concurrency: which of them functions have, and what is in use of each within one
//! incarnation of the server. Must not know how the server counts.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use everstep_protocol::{Json, Timestamp};

use crate::chance::Chance;
use crate::program::Program;

/// The expression of keys.
pub const KEY: &str = "event.data.topic";

/// Limits are at most this.
const LIMIT_MAX: u64 = 3;

/// Of a limit that is never reached.
const PLENTY: u32 = 1_000;

/// A limit of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    pub most: u32,
    pub shared: Shared,
}

/// Who shares a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shared {
    /// All runs of the function.
    Function,
    /// Its runs of one topic.
    Topic,
    /// Runs of one topic, of all functions with such a limit.
    TopicEverywhere,
}

/// What a limit is counted by.
pub type Place = String;

impl Quota {
    /// Limit what some of the functions with an event may do.
    pub fn assign(programs: &mut [Program], chance: &Chance) {
        let most = || 1 + u32::try_from(chance.below(LIMIT_MAX)).unwrap_or(0);
        let everywhere = Self {
            most: most(),
            shared: Shared::TopicEverywhere,
        };
        for program in programs.iter_mut().filter(|it| !it.is_scheduled()) {
            let own = |shared| Self {
                most: most(),
                shared,
            };
            program.calls_max = match chance.below(10) {
                0..2 => vec![own(Shared::Function)],
                2..4 => vec![own(Shared::Topic)],
                4..6 => vec![everywhere],
                6 => vec![own(Shared::Function), everywhere],
                _ => Vec::new(),
            };
            program.runs_max = match chance.below(10) {
                0 => Some(own(Shared::Function)),
                1 => Some(own(Shared::Topic)),
                _ => None,
            };
        }
    }

    /// Have topics take turns, by a limit that none of them reaches, where they have no other.
    pub fn split(programs: &mut [Program], chance: &Chance) {
        for program in programs.iter_mut().filter(|it| !it.is_scheduled()) {
            let mut limits = program.calls_max.iter();
            if limits.all(|it| it.shared == Shared::Function) && chance.percent(60) {
                program.calls_max.push(Self {
                    most: PLENTY,
                    shared: Shared::Topic,
                });
            }
        }
    }

    /// Whether it may have one topic wait and not another one.
    pub fn parts_topics(self) -> bool {
        self.shared != Shared::Function && self.most < PLENTY
    }

    /// As the app registers it.
    pub fn to_json(self) -> Json {
        let mut members = vec![("limit", Json::integer(i64::from(self.most)))];
        if self.shared != Shared::Function {
            members.push(("key", Json::string(KEY)));
        }
        if self.shared == Shared::TopicEverywhere {
            members.push(("scope", Json::string("env")));
        }
        Json::object(members)
    }

    /// Where a run of this function and topic is counted.
    pub fn place(self, function: &str, topic: &str) -> Place {
        match self.shared {
            Shared::Function => function.to_owned(),
            Shared::Topic => format!("{function} of {topic}"),
            Shared::TopicEverywhere => format!("everything of {topic}"),
        }
    }
}

/// What a call counts on, and the most that may be in use of each when it is taken up.
pub type Quotas = Vec<(Place, u32)>;

/// Calls that one incarnation of the server has in flight: since when, and how many its limit allowed.
#[derive(Default)]
pub struct InUse(Mutex<BTreeMap<Place, Vec<(Timestamp, u32)>>>);

impl InUse {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<Place, Vec<(Timestamp, u32)>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A call begins that was taken up after some time. What is over its limit now.
    ///
    /// Who shares a limit may use more of it than this call. Of those that have begun since it may have
    /// been taken up, some may have come after it.
    pub fn take(&self, quotas: &Quotas, taken_after: Timestamp, now: Timestamp) -> Vec<String> {
        let mut calls = self.lock();
        let mut over = Vec::new();
        for (place, most) in quotas {
            let calls = calls.entry(place.clone()).or_default();
            let later = calls.iter().filter(|(since, _)| *since >= taken_after);
            let allowed = later.map(|(_, most)| *most).fold(*most, u32::max);
            calls.push((now, *most));
            if calls.len() > allowed as usize {
                over.push(format!(
                    "{} calls of {place}, over the limit of {allowed}",
                    calls.len()
                ));
            }
        }
        over
    }

    /// A call that began then has ended.
    pub fn give_back(&self, quotas: &Quotas, since: Timestamp) {
        let mut calls = self.lock();
        for (place, most) in quotas {
            if let Some(calls) = calls.get_mut(place)
                && let Some(at) = calls.iter().position(|call| *call == (since, *most))
            {
                calls.swap_remove(at);
            }
        }
    }
}
