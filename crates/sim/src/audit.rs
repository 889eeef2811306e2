//! What must hold, checked at each call and at the end of a history.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use everstep_protocol::call::CallRequest;
use everstep_protocol::{EventId, Json, RunId, StepId};

/// Collects evidence, and what speaks against the server. Clones share it.
#[derive(Clone, Default)]
pub struct Audit(Arc<Mutex<Evidence>>);

#[derive(Default)]
struct Evidence {
    /// Event → the program that it triggers, for events that were acknowledged.
    acknowledged: BTreeMap<EventId, usize>,
    /// The longest stack seen of each run. Every other one is a beginning of it.
    stacks: BTreeMap<RunId, Vec<(StepId, Json)>>,
    /// Steps of which the app knows that they are stored.
    stored: BTreeMap<RunId, BTreeSet<StepId>>,
    executions: u64,
    violations: Vec<String>,
}

impl Audit {
    fn lock(&self) -> MutexGuard<'_, Evidence> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn event_acknowledged(&self, event: EventId, program: usize) {
        self.lock().acknowledged.insert(event, program);
    }

    pub fn acknowledged(&self) -> Vec<(EventId, usize)> {
        self.lock().acknowledged.iter().map(|(event, program)| (*event, *program)).collect()
    }

    /// A call arrived. Its stack extends what was seen before, or is a beginning of it; a value
    /// that was seen once never changes (sdk-protocol §5.10).
    ///
    /// Returns the steps of the run that are stored for all that the app knows: this call must not
    /// execute them. An older call may, if it was under way already.
    pub fn called(&self, request: &CallRequest, in_flight: usize, in_flight_max: usize) -> BTreeSet<StepId> {
        let mut evidence = self.lock();
        if in_flight > in_flight_max {
            evidence.violations.push(format!("{in_flight} calls in flight, over the limit of {in_flight_max}"));
        }
        if request.attempt >= request.max_attempts {
            evidence.violations.push(format!("{}: attempt {} of {}", request.job, request.attempt, request.max_attempts));
        }
        let seen = evidence.stacks.entry(request.run).or_default();
        let common = seen.len().min(request.steps.len());
        if seen[..common] != request.steps[..common] {
            let violation = format!("{}: the stack was {seen:?}, now it is {:?}", request.run, request.steps);
            evidence.violations.push(violation);
        } else if request.steps.len() > seen.len() {
            seen.clone_from(&request.steps);
        }
        for (step, _) in &request.steps {
            evidence.stored.entry(request.run).or_default().insert(step.clone());
        }
        evidence.stored.get(&request.run).cloned().unwrap_or_default()
    }

    /// The app is about to execute a step. `stored` is what [`Audit::called`] said of its call.
    pub fn executes(&self, run: RunId, step: &StepId, stored: &BTreeSet<StepId>) {
        let mut evidence = self.lock();
        evidence.executions += 1;
        if stored.contains(step) {
            evidence.violations.push(format!("{run}: the step {step} runs again although its result was stored"));
        }
    }

    /// The server acknowledged a checkpoint.
    pub fn checkpoint_stored(&self, run: RunId, steps: &[StepId]) {
        self.lock().stored.entry(run).or_default().extend(steps.iter().cloned());
    }

    pub fn violation(&self, text: String) {
        self.lock().violations.push(text);
    }

    pub fn violations(&self) -> Vec<String> {
        self.lock().violations.clone()
    }

    /// Steps executed, repeated ones included.
    pub fn executions(&self) -> u64 {
        self.lock().executions
    }
}
