//! Someone who steers: pauses and resumes functions, sets limits beside the code, lets go what is
//! held. At the end everything is as the code has it.

use std::sync::Arc;
use std::time::Duration;

use everstep_core::input::{Control, ControlRefusal};
use everstep_core::inspect::{FunctionReport, Inspection, Report};
use everstep_core::record::{LimitName, OverrideRecord, PauseRecord, PausedRuns, PausedStarts};
use everstep_engine::ControlError;
use everstep_engine::rt::Clock;
use everstep_protocol::{AppId, FunctionId, Timestamp};

use crate::audit::Audit;
use crate::clients::{Clients, PATIENCE, TOPICS};
use crate::controls::{LimitKey, Override, Pause};
use crate::faults::Healing;
use crate::program::Program;
use crate::quota::{Quota, Shared};

/// Between two things that are done, in milliseconds, at most.
const PAUSE_MS_MAX: u64 = 40_000;

/// Overrides that expire do so within one of these, in milliseconds: some before they are set.
const EXPIRIES_MS: [u64; 2] = [500, 90_000];

pub struct Operator {
    pub clients: Clients,
    pub programs: Vec<Program>,
    pub audit: Audit,
    pub healing: Healing,
}

/// How a control was answered.
struct Answered {
    begun_at: Timestamp,
    /// An earlier attempt may have been done.
    is_repeated: bool,
    refusal: Option<ControlRefusal>,
}

impl Operator {
    /// Steer until the world heals, and then undo what is left.
    pub async fn steer(self) {
        while !self.healing.has_begun() {
            self.clients.pause(PAUSE_MS_MAX).await;
            match self.below(10) {
                0..4 => self.pause_or_resume().await,
                4..7 => self.put_override().await,
                7 => {
                    let set = self.clients.controls.set();
                    if !set.is_empty() {
                        let (key, expires_at) = &set[self.below(set.len())];
                        self.delete_override(key, *expires_at).await;
                    }
                }
                _ => self.let_go().await,
            }
        }
        for function in self.clients.controls.paused() {
            self.resume(function).await;
        }
        for (key, expires_at) in self.clients.controls.set() {
            self.delete_override(&key, expires_at).await;
        }
    }

    fn below(&self, end: usize) -> usize {
        self.clients.chance.below(end as u64) as usize
    }

    fn now(&self) -> Timestamp {
        self.clients.clock.now()
    }

    fn id(&self, function: usize) -> FunctionId {
        FunctionId::derive(AppId::derive("sim"), &self.programs[function].slug())
    }

    async fn pause_or_resume(&self) {
        let paused = self.clients.controls.paused();
        if !paused.is_empty() && self.clients.chance.percent(70) {
            return self.resume(paused[self.below(paused.len())]).await;
        }
        let function = self.below(self.programs.len());
        let pause = Pause {
            starts: [PausedStarts::Skip, PausedStarts::Queue][self.below(2)],
            runs: [PausedRuns::Finish, PausedRuns::Hold][self.below(2)],
        };
        let now = self.now();
        let record = PauseRecord {
            function: self.id(function),
            starts: pause.starts,
            runs: pause.runs,
            reason: None,
            paused_at: now,
        };
        self.clients
            .controls
            .pause_begins(function, Some(pause), now);
        let answered = self.ask("function.pause", Control::Pause(record)).await;
        let controls = &self.clients.controls;
        controls.pause_ends(function, answered.is_done(), self.now());
        self.expect("pause", &answered, answered.is_too_early());
    }

    async fn resume(&self, function: usize) {
        let now = self.now();
        self.clients.controls.pause_begins(function, None, now);
        let control = Control::Resume(self.id(function));
        let answered = self.ask("function.resume", control).await;
        let was_resumed = answered.refusal == Some(ControlRefusal::NotPaused);
        let is_done_before = was_resumed && answered.is_repeated;
        let controls = &self.clients.controls;
        controls.pause_ends(function, answered.is_done() || is_done_before, self.now());
        self.expect("resume", &answered, is_done_before);
    }

    async fn put_override(&self) {
        let function = self.below(self.programs.len());
        let limits = limits(&self.programs[function]);
        if limits.is_empty() {
            return;
        }
        let (limit, keyed) = limits[self.below(limits.len())];
        let chance = &self.clients.chance;
        let topic = (keyed && chance.percent(50)).then(|| format!("t{}", self.below(TOPICS)));
        let is_rate = matches!(limit, LimitName::Throttle | LimitName::RateLimit);
        let seconds = Duration::from_secs([1, 20, 60][self.below(3)]);
        let set = Override {
            value: u32::from(is_rate) + chance.below(4) as u32,
            period: (is_rate && chance.percent(50)).then_some(seconds),
            burst: (limit == LimitName::Throttle && chance.percent(50)).then_some(1),
        };
        let now = self.now();
        let lifetime = Duration::from_millis(chance.below(EXPIRIES_MS[self.below(2)]));
        let expires_at = chance.percent(50).then(|| now + lifetime);
        let record = OverrideRecord {
            function: self.id(function),
            limit,
            key: topic.as_deref().map(Arc::from),
            value: set.value,
            period: set.period,
            burst: set.burst,
            reason: None,
            created_at: now,
            expires_at,
        };
        let key: LimitKey = (function, limit, topic);
        let controls = &self.clients.controls;
        controls.override_begins(&key, Some(set), expires_at, now);
        let answered = self
            .ask("limit.override", Control::PutOverride(record))
            .await;
        controls.override_ends(&key, answered.is_done(), self.now());
        self.expect("override", &answered, answered.is_too_early());
    }

    async fn delete_override(&self, key: &LimitKey, expires_at: Option<Timestamp>) {
        let (function, limit, topic) = key;
        let controls = &self.clients.controls;
        controls.override_begins(key, None, None, self.now());
        let control = Control::DeleteOverride {
            function: self.id(*function),
            limit: *limit,
            key: topic.as_deref().map(Arc::from),
        };
        let answered = self.ask("limit.restore", control).await;
        let is_gone = answered.refusal == Some(ControlRefusal::OverrideUnknown)
            && (answered.is_repeated || expires_at.is_some_and(|at| at <= self.now()));
        controls.override_ends(key, answered.is_done() || is_gone, self.now());
        self.expect("the end of an override", &answered, is_gone);
    }

    /// Fire a debounce, flush a batch, or take from a run what it holds.
    async fn let_go(&self) {
        let function = self.below(self.programs.len());
        let Some(report) = self.inspect(function).await else {
            return;
        };
        if !report.debounces.is_empty() {
            let record = &report.debounces[self.below(report.debounces.len())];
            let topic = record.key.as_deref().map(str::to_owned);
            let control = Control::FireDebounce(record.id);
            let answered = self.ask("debounce.fire", control).await;
            let controls = &self.clients.controls;
            controls.fired(function, topic, answered.begun_at, self.now());
            let is_gone = answered.refusal == Some(ControlRefusal::DebounceUnknown);
            self.expect("fire", &answered, is_gone);
        } else if !report.batches.is_empty() {
            let batch = report.batches[self.below(report.batches.len())].id;
            self.clients.controls.flushed(batch, self.now());
            let answered = self.ask("batch.flush", Control::FlushBatch(batch)).await;
            let is_gone = answered.refusal == Some(ControlRefusal::BatchUnknown);
            self.expect("flush", &answered, is_gone);
        } else if !report.holds.is_empty() {
            let hold = &report.holds[self.below(report.holds.len())];
            let (limit, run) = (hold.limit, hold.run);
            self.clients.controls.released(run, self.now());
            let control = Control::ReleaseHold { limit, run };
            let answered = self.ask("hold.release", control).await;
            let is_gone = answered.refusal == Some(ControlRefusal::NotHeld(run));
            self.expect("release", &answered, is_gone);
        }
    }

    async fn inspect(&self, function: usize) -> Option<FunctionReport> {
        let server = self.clients.serving.server()?;
        let asked = server.inspect(Inspection::Function(self.id(function)));
        match tokio::time::timeout(PATIENCE, asked).await {
            Ok(Ok(Report::Function(Some(report)))) => Some(*report),
            Ok(_) | Err(_) => None,
        }
    }

    /// Ask until there is an answer.
    async fn ask(&self, action: &'static str, control: Control) -> Answered {
        let begun_at = self.now();
        let mut is_repeated = false;
        loop {
            if let Some(server) = self.clients.serving.server() {
                let asked = server.control(None, control.clone());
                let refusal = match tokio::time::timeout(PATIENCE, asked).await {
                    Ok(Ok(_)) => Some(None),
                    Ok(Err(ControlError::Refused(refusal))) => Some(Some(refusal)),
                    Ok(Err(ControlError::Engine(_))) | Err(_) => None,
                };
                if let Some(refusal) = refusal {
                    if refusal.is_none() {
                        self.clients.controls.done(action);
                        self.audit.count("controls");
                    }
                    return Answered {
                        begun_at,
                        is_repeated,
                        refusal,
                    };
                }
                self.clients.controls.unanswered(action);
                is_repeated = true;
            }
            self.clients.pause_before_repetition().await;
        }
    }

    fn expect(&self, what: &str, answered: &Answered, may_be_refused: bool) {
        if let Some(refusal) = &answered.refusal
            && !may_be_refused
        {
            self.audit
                .violation(format!("{what} was refused: {refusal}"));
        }
    }
}

impl Answered {
    fn is_done(&self) -> bool {
        self.refusal.is_none()
    }

    /// The app had not registered yet.
    fn is_too_early(&self) -> bool {
        matches!(self.refusal, Some(ControlRefusal::FunctionUnknown(_)))
    }
}

/// The limits that a program has, and whether each is by topic.
fn limits(program: &Program) -> Vec<(LimitName, bool)> {
    let keyed = |quota: &Quota| quota.shared != Shared::Function;
    let names = [LimitName::Concurrency, LimitName::SecondConcurrency];
    let calls = names.into_iter().zip(program.calls_max.iter().map(keyed));
    let runs = program.runs_max.iter();
    let runs = runs.map(|quota| (LimitName::RunConcurrency, keyed(quota)));
    let throttle = program.flow.throttle.iter();
    let throttle = throttle.map(|rate| (LimitName::Throttle, rate.keyed));
    let rate_limit = program.rate_limit().into_iter();
    let rate_limit = rate_limit.map(|rate| (LimitName::RateLimit, rate.keyed));
    let limits = calls.chain(runs).chain(throttle);
    limits.chain(rate_limit).collect()
}
