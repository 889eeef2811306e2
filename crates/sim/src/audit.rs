//! What must hold, checked at each call and at the end of a history.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use everstep_engine::rt::Clock;
use everstep_protocol::call::CallRequest;
use everstep_protocol::{Json, RunId, StepId, Timestamp, Url};

use crate::chance::SimClock;
use crate::origin;
use crate::watch::Start;

/// How often each thing happened.
pub type Tally = BTreeMap<&'static str, u64>;

/// The number of a function, and a topic.
pub type Subject = (usize, String);

/// Collects evidence, and what speaks against the server. Clones share it.
#[derive(Clone, Default)]
pub struct Audit(Arc<Mutex<Evidence>>);

#[derive(Default)]
struct Evidence {
    /// The longest stack seen of each run. Every other one is a beginning of it.
    stacks: BTreeMap<RunId, Vec<(StepId, Json)>>,
    /// Steps of which the app knows that they are stored.
    stored: BTreeMap<RunId, BTreeSet<StepId>>,
    /// Who was told that its checkpoint is stored, as the number of its call.
    told: BTreeMap<(RunId, StepId), u64>,
    /// Who executes a step now, for all that the server knows: owner and number of the call.
    executing: BTreeMap<(RunId, StepId), (u64, u64)>,
    /// When the server sent its last call of each run.
    last_calls: BTreeMap<RunId, Timestamp>,
    /// How each run started. One whose commit was lost starts again.
    starts: BTreeMap<RunId, Start>,
    /// Those that had started, and then had not.
    undone: BTreeSet<RunId>,
    /// What the limits of each run depend on: the number of its function, and its topic.
    subjects: BTreeMap<RunId, Subject>,
    /// Calls and requests of each run that did something, for all that the server knows.
    reached: BTreeMap<RunId, u32>,
    /// Calls and requests, in the order in which they left.
    services: Vec<Service>,
    /// Runs that were read, perhaps for a call.
    loads: Vec<Service>,
    calls: u64,
    /// How often each thing happened that a history is to show.
    tally: Tally,
    violations: Vec<String>,
}

/// It was the turn of a run.
#[derive(Clone, Copy, Debug)]
pub struct Service {
    pub run: RunId,
    /// Then or later.
    pub taken_after: Timestamp,
    /// Then or before.
    pub at: Timestamp,
}

/// A call as the app sees it.
pub struct Sent {
    /// Calls are counted in the order in which the server sends them.
    pub number: u64,
    /// The owner of the shard that sent it.
    epoch: u64,
    run: RunId,
    /// The steps that were stored by then, for all that the app knows.
    stored: BTreeSet<StepId>,
}

impl Audit {
    fn lock(&self) -> MutexGuard<'_, Evidence> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The server sends a call. Its stack extends what was seen before, or is a beginning of it; a value
    /// that was seen once never changes (sdk-protocol §5.10).
    pub fn sent(&self, request: &CallRequest, clock: SimClock) -> Sent {
        let mut evidence = self.lock();
        evidence.last_calls.insert(request.run, clock.now());
        if request.attempt >= request.max_attempts {
            evidence.violations.push(format!(
                "{}: attempt {} of {}",
                request.job, request.attempt, request.max_attempts
            ));
        }
        let reached = evidence.reached.entry(request.run).or_default();
        *reached += 1;
        if request.attempt >= *reached {
            evidence.violations.push(format!(
                "{}: attempt {} although no call before it was one",
                request.job, request.attempt
            ));
        }
        let seen = evidence.stacks.entry(request.run).or_default();
        let common = seen.len().min(request.steps.len());
        if seen[..common] != request.steps[..common] {
            let violation = format!(
                "{}: the stack was {seen:?}, now it is {:?}",
                request.run, request.steps
            );
            evidence.violations.push(violation);
        } else if request.steps.len() > seen.len() {
            seen.clone_from(&request.steps);
        }
        for (step, _) in &request.steps {
            evidence
                .stored
                .entry(request.run)
                .or_default()
                .insert(step.clone());
        }
        evidence.calls += 1;
        let stored = evidence
            .stored
            .get(&request.run)
            .cloned()
            .unwrap_or_default();
        Sent {
            number: evidence.calls,
            epoch: request.epoch,
            run: request.run,
            stored,
        }
    }

    /// The app is about to execute a step.
    pub fn executes(&self, call: &Sent, step: &StepId) {
        let mut evidence = self.lock();
        *evidence.tally.entry("steps executed").or_default() += 1;
        if call.stored.contains(step) {
            evidence.violations.push(format!(
                "{}: the step {step} runs again although its result was stored",
                call.run
            ));
        }
        let now = (call.epoch, call.number);
        let before = evidence.executing.insert((call.run, step.clone()), now);
        if before.is_some_and(|before| before.0 == now.0 && before.1 != now.1) {
            let violation = format!("{}: two calls execute the step {step} at once", call.run);
            evidence.violations.push(violation);
        }
        // An earlier process may go on beside this one, but nothing of it counts any more.
        if evidence
            .told
            .get(&(call.run, step.clone()))
            .is_some_and(|told| *told < call.number)
        {
            evidence.violations.push(format!(
                "{}: an earlier call was told that the step {step} is stored",
                call.run
            ));
        }
    }

    /// The server has the answer to a call, or knows that there is none.
    pub fn ended(&self, number: u64) {
        let executing = &mut self.lock().executing;
        executing.retain(|_, (_, by)| *by != number);
    }

    /// The server acknowledged a checkpoint.
    pub fn checkpoint_stored(&self, call: &Sent, steps: &[StepId]) {
        let mut evidence = self.lock();
        evidence
            .stored
            .entry(call.run)
            .or_default()
            .extend(steps.iter().cloned());
        for step in steps {
            evidence
                .told
                .entry((call.run, step.clone()))
                .or_insert(call.number);
        }
    }

    /// The server makes a request for a step: not for one of which it has shown the value.
    pub fn requested(&self, url: &Url) {
        let mut evidence = self.lock();
        *evidence.tally.entry("requests").or_default() += 1;
        let Some((run, step)) = origin::step_of(url) else {
            let violation = format!("a request to {url}, for which no step asked");
            return evidence.violations.push(violation);
        };
        *evidence.reached.entry(run).or_default() += 1;
        let stored = evidence.stored.get(&run);
        if stored.is_some_and(|stored| stored.contains(&step)) {
            let violation = format!("{run}: a request for the step {step}, which is stored");
            evidence.violations.push(violation);
        }
    }

    /// What the limits of a run depend on, once it was called.
    pub fn note_subject(&self, run: RunId, subject: &Subject) {
        self.lock().subjects.insert(run, subject.clone());
    }

    pub fn subject(&self, run: RunId) -> Option<Subject> {
        self.lock().subjects.get(&run).cloned()
    }

    /// A call was turned away before it reached the app: it was no attempt.
    pub fn turned_away(&self, run: RunId) {
        let mut evidence = self.lock();
        *evidence.tally.entry("calls turned away").or_default() += 1;
        *evidence.reached.entry(run).or_default() -= 1;
    }

    /// The longest stack that was seen of a run.
    pub fn stack(&self, run: RunId) -> Vec<(StepId, Json)> {
        self.lock().stacks.get(&run).cloned().unwrap_or_default()
    }

    /// When the server last sent a call of the run.
    pub fn last_call(&self, run: RunId) -> Option<Timestamp> {
        self.lock().last_calls.get(&run).copied()
    }

    /// The server commits that a run starts, or changes the row of one that has.
    pub fn run_starts(&self, run: RunId, start: Start) {
        let starts = &mut self.lock().starts;
        let is_known = starts.get(&run).is_some_and(|known| known.at == start.at);
        if !is_known {
            starts.insert(run, start);
        }
    }

    /// The server commits that a run waits for its start: for the first time, or because its first
    /// call was turned away.
    pub fn run_waits(&self, run: RunId) {
        let mut evidence = self.lock();
        if evidence.starts.contains_key(&run) {
            evidence.undone.insert(run);
        }
    }

    /// Whether the run had started once, and then had not.
    pub fn was_undone(&self, run: RunId) -> bool {
        self.lock().undone.contains(&run)
    }

    /// How the run started that its row says started then.
    pub fn start(&self, run: RunId, at: Timestamp) -> Option<Start> {
        let start = self.lock().starts.get(&run).copied();
        start.filter(|start| start.at == at)
    }

    /// A call or a request is made.
    pub fn served(&self, service: Service) {
        self.lock().services.push(service);
    }

    /// A run is read.
    pub fn loaded(&self, load: Service) {
        self.lock().loads.push(load);
    }

    /// Loads of runs, and calls and requests.
    pub fn services(&self) -> (Vec<Service>, Vec<Service>) {
        let evidence = self.lock();
        (evidence.loads.clone(), evidence.services.clone())
    }

    pub fn violation(&self, text: String) {
        self.lock().violations.push(text);
    }

    pub fn violations(&self) -> Vec<String> {
        self.lock().violations.clone()
    }

    pub fn count(&self, what: &'static str) {
        *self.lock().tally.entry(what).or_default() += 1;
    }

    pub fn tally(&self) -> Tally {
        self.lock().tally.clone()
    }
}
