//! Whatever happens, those who wait take turns: a model counts who is served while somebody waits.

use std::collections::BTreeMap;

use everstep_protocol::config::ConcurrencyScope;
use everstep_protocol::{AppId, RunId};
use proptest::prelude::*;

use super::*;
use crate::record::{LimitName, ShardState, WaitReason};

/// How many services more than one who waits another one may have meanwhile: whoever waits was served
/// last, and of two whose turn it is the other one is first.
const EXCESS_MAX: u32 = 2;

/// The same where a limit has both wait. The other one may have come to wait for it before; and who was let
/// on, and finds the room taken by somebody else, waits anew behind it. Of 200,000 cases none needs more.
const EXCESS_UNDER_LIMIT_MAX: u32 = EXCESS_MAX + 2;

const LANES: u8 = 4;

#[derive(Clone, Copy, Debug)]
enum Action {
    /// A call of a lane is due.
    Enqueue { function: u8, lane: u8 },
    /// One of the calls that are made ends, and perhaps another one of its run is due.
    End { call: usize, goes_on: bool },
}

fn actions() -> impl Strategy<Value = Vec<Action>> {
    let enqueue = (0..2_u8, 0..LANES);
    let end = (any::<usize>(), prop::bool::weighted(0.8));
    let action = prop_oneof![
        2 => enqueue.prop_map(|(function, lane)| Action::Enqueue { function, lane }),
        3 => end.prop_map(|(call, goes_on)| Action::End { call, goes_on }),
    ];
    prop::collection::vec(action, 1..120)
}

type Who = (u8, u8);

struct Model {
    calls: Calls,
    flow: Flow,
    /// Of each function.
    limit: Option<u32>,
    next_run: u8,
    queued: BTreeMap<JobId, Who>,
    running: Vec<(JobId, Who)>,
    /// How many more services the second one has had since the first one waits, at most, of any time in
    /// between until now.
    excesses: BTreeMap<(Who, Who), u32>,
    functions: BTreeMap<(u8, u8), u32>,
}

impl Model {
    fn new(capacity: usize, limit: Option<u32>) -> Self {
        Self {
            calls: Calls::new(capacity),
            flow: Flow::new(u32::MAX, &mut ShardState::default()),
            limit,
            next_run: 0,
            queued: BTreeMap::new(),
            running: Vec::new(),
            excesses: BTreeMap::new(),
            functions: BTreeMap::new(),
        }
    }

    fn act(&mut self, action: Action) {
        let now = Timestamp::default();
        match action {
            Action::Enqueue { function, lane } => {
                self.next_run += 1;
                let run = RunId::from_bytes([self.next_run; 16]);
                self.enqueue(JobId::discovery(run), (function, lane));
            }
            Action::End { call, goes_on } => {
                if self.running.is_empty() {
                    return;
                }
                let at = call % self.running.len();
                let (job, who) = self.running.remove(at);
                self.calls.ended(job, 1, &mut self.flow, now).unwrap();
                if goes_on {
                    self.enqueue(job, who);
                }
            }
        }
        while let Some(job) = self.calls.take(&mut self.flow, now) {
            self.calls.calling(job, 1);
            let who = self.queued.remove(&job).unwrap();
            self.running.push((job, who));
            self.served(who);
        }
        self.calls.sweep();
    }

    fn enqueue(&mut self, id: JobId, who: Who) {
        let (function, lane) = who;
        self.queued.insert(id, who);
        let call = DueCall {
            due_at: Timestamp::default(),
            id,
            reason: WaitReason::Queued,
            stage: CallStage::Step,
            function: FunctionId::derive(AppId::derive("t"), &format!("f{function}")),
            keys: Some(format!("{lane}").into()),
            priority: 0,
        };
        let limit = self.limit.map(|limit| Limit {
            id: LimitId([function; 16]),
            demand: Demand::Concurrency {
                name: LimitName::Concurrency,
                scope: ConcurrencyScope::Function,
                limit,
            },
            key: None,
        });
        self.calls.enqueue(&call, || limit.into_iter().collect());
    }

    /// What is queued had its call due before, for `who` was served instead.
    fn served(&mut self, who: Who) {
        let waiting: BTreeSet<Who> = self.queued.values().copied().collect();
        let everyone = (0..2).flat_map(|function| (0..LANES).map(move |lane| (function, lane)));
        for waits in everyone.filter(|waits| waits.0 == who.0) {
            if waits == who {
                self.excesses
                    .iter_mut()
                    .filter(|((waits, _), _)| *waits == who)
                    .for_each(|(_, excess)| *excess = excess.saturating_sub(1));
            } else if waiting.contains(&waits) {
                *self.excesses.entry((waits, who)).or_default() += 1;
            }
        }
        self.excesses
            .retain(|(waits, _), _| waiting.contains(waits));

        if self.limit.is_none() {
            let other = 1 - who.0;
            if let Some(excess) = self.functions.get_mut(&(who.0, other)) {
                *excess = excess.saturating_sub(1);
            }
            *self.functions.entry((other, who.0)).or_default() += 1;
            self.functions
                .retain(|(waits, _), _| waiting.iter().any(|(function, _)| function == waits));
        }
    }

    fn check(&self) -> Result<(), TestCaseError> {
        let most = self.limit.map_or(EXCESS_MAX, |_| EXCESS_UNDER_LIMIT_MAX);
        for ((waits, other), excess) in &self.excesses {
            prop_assert!(
                *excess <= most,
                "{waits:?} waits, and {other:?} is served {excess} times more"
            );
        }
        for ((waits, other), excess) in &self.functions {
            prop_assert!(
                *excess <= EXCESS_MAX,
                "function {waits} waits, and {other} is served {excess} times more"
            );
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn whoever_waits_is_served_in_turn(
        capacity in 1..4_usize,
        limit in prop::option::of(1..3_u32),
        actions in actions(),
    ) {
        let mut model = Model::new(capacity, limit);
        for action in actions {
            model.act(action);
            model.check()?;
        }
    }
}
