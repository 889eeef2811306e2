//! Any interleaving of answers, lost answers, repeated answers, checkpoints, events, delays, restarts
//! and crashes leads to the same end: each step stored once with its value, the invoked function
//! started once, and both runs completed.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use everstep_core::effect::{Answer, Call, Effect, ReplyTo};
use everstep_core::input::{CallEnded, Checkpoint};
use everstep_core::record::{RunStatus, StepStatus};
use everstep_core::{Change, Input};
use everstep_protocol::call::CallRequest;
use everstep_protocol::op::Op;
use everstep_protocol::reply::{Outcome, Reply};
use everstep_protocol::{JobId, Json, RequestId, RunId, UserError};
use proptest::prelude::*;

use crate::world::World;

/// What happens next. Numbers choose among the calls that wait for an answer.
#[derive(Clone, Copy, Debug)]
enum Turn {
    Answer(usize),
    /// The app executed the call, but its answer is lost: the server sees a timeout.
    Lose(usize),
    /// An answer that was given already comes again.
    Repeat(usize),
    /// The app reports its next step and goes on.
    Checkpoint(usize),
    /// The app reports its next step, does not hear that it is stored, and runs on without.
    CheckpointUnheard(usize),
    /// The event that the run may wait for.
    Event,
    Wait(u8),
    Restart,
    /// What the next input leads to is committed, and nothing of it carried out: a restart.
    Crash,
}

fn turns() -> impl Strategy<Value = Vec<Turn>> {
    let turn = prop_oneof![
        6 => any::<usize>().prop_map(Turn::Answer),
        1 => any::<usize>().prop_map(Turn::Lose),
        1 => any::<usize>().prop_map(Turn::Repeat),
        2 => any::<usize>().prop_map(Turn::Checkpoint),
        1 => any::<usize>().prop_map(Turn::CheckpointUnheard),
        1 => Just(Turn::Event),
        1 => any::<u8>().prop_map(Turn::Wait),
        1 => Just(Turn::Restart),
        1 => Just(Turn::Crash),
    ];
    prop::collection::vec(turn, 0..60)
}

/// The steps of both functions, by id.
const STEPS: [&str; 8] = [
    "asked", "first", "flaky", "inner", "left", "nap", "news", "right",
];

/// The members of the group.
const GROUP: [&str; 5] = ["left", "right", "nap", "news", "asked"];

/// The function: a step, a group, a step that fails twice, a result. The group are two steps, a
/// sleep, a wait for an event, and an invocation of a function of one step.
fn execute(request: &CallRequest) -> Vec<Op> {
    let is_child = &*request.function_slug == "t-helper";
    let done: BTreeSet<&str> = request
        .steps
        .iter()
        .map(|(step, _)| step.as_str())
        .collect();
    let ops = if let Some(target) = &request.target {
        vec![run(target.as_str())]
    } else if is_child && !done.contains("inner") {
        vec![run("inner")]
    } else if is_child {
        vec![complete()]
    } else if !done.contains("first") {
        vec![run("first")]
    } else if !GROUP.iter().all(|step| done.contains(step)) {
        let mut group = vec![
            plan("left"),
            plan("right"),
            r#"{"op":"Sleep","id":"nap","name":"5s"}"#.to_owned(),
            r#"{"op":"WaitForEvent","id":"news","name":"t/news","opts":{"timeout":"30d"}}"#
                .to_owned(),
            r#"{"op":"InvokeFunction","id":"asked","opts":{"function_id":"t-helper"}}"#.to_owned(),
        ];
        group.retain(|op| !done.iter().any(|step| op.contains(&format!(r#""{step}""#))));
        group
    } else if !done.contains("flaky") {
        if request.attempt < 2 {
            vec![error("flaky")]
        } else {
            vec![run("flaky")]
        }
    } else {
        vec![complete()]
    };
    Op::parse_all(format!("[{}]", ops.join(",")).as_bytes()).unwrap()
}

fn run(step: &str) -> String {
    format!(r#"{{"op":"StepRun","id":"{step}","data":"{step}"}}"#)
}

fn complete() -> String {
    r#"{"op":"RunComplete","id":"x","data":"done"}"#.to_owned()
}

fn plan(step: &str) -> String {
    format!(r#"{{"op":"StepPlanned","id":"{step}"}}"#)
}

fn error(step: &str) -> String {
    format!(r#"{{"op":"StepError","id":"{step}","error":{{"name":"Error","message":"not yet"}}}}"#)
}

struct Play {
    world: World,
    is_crashing: bool,
    /// Calls that the app has, and that were not answered. A restart does not take them back.
    calls: Vec<CallRequest>,
    /// The latest dispatch of each job.
    dispatched: BTreeMap<JobId, RequestId>,
    /// Answers that were given.
    given: Vec<CallEnded>,
    /// Values committed, by step; a step is put with a value once.
    values: BTreeMap<String, Json>,
    /// The runs that were started.
    runs: BTreeMap<RunId, RunStatus>,
}

impl Play {
    fn new() -> Self {
        let mut play = Self {
            world: World::patient(),
            is_crashing: false,
            calls: Vec::new(),
            dispatched: BTreeMap::new(),
            given: Vec::new(),
            values: BTreeMap::new(),
            runs: BTreeMap::new(),
        };
        play.world.add("helper");
        let event = play.world.event_input("t/go", Duration::ZERO);
        play.feed(event);
        play
    }

    fn feed(&mut self, input: Input) -> Vec<Answer> {
        let crashes = std::mem::take(&mut self.is_crashing);
        if crashes {
            self.world.crash_next();
        }
        let (changes, effects) = self.world.decide(input);
        for change in changes {
            match change {
                Change::PutRun(run) => {
                    let before = self.runs.insert(run.id, run.status);
                    assert!(
                        before.is_none_or(|status| !status.is_final()),
                        "a run ends once"
                    );
                }
                Change::PutStep(step) if step.status == StepStatus::Completed => {
                    let value = step.value.expect("a completed step has a value");
                    let known = self.values.insert(step.id.to_string(), value);
                    assert_eq!(known, None, "{} is stored once", step.id);
                }
                _ => {}
            }
        }
        let mut answers = Vec::new();
        for effect in effects {
            match effect {
                Effect::Call(call) => {
                    let request = Call::clone(&call).request;
                    self.dispatched.insert(request.job, request.request);
                    self.calls.push(request);
                }
                Effect::Reply { answer, .. } => answers.push(answer),
                _ => {}
            }
        }
        if crashes {
            self.restart();
        }
        answers
    }

    fn restart(&mut self) {
        let wake = self.world.reload();
        self.feed(wake);
    }

    fn event(&mut self) {
        let event = self.world.event_input("t/news", Duration::ZERO);
        self.feed(event);
    }

    fn is_over(&self) -> bool {
        self.runs.len() == 2 && self.runs.values().all(|status| status.is_final())
    }

    fn turn(&mut self, turn: Turn) {
        match turn {
            Turn::Answer(which) => {
                if let Some(request) = self.pick(which) {
                    let outcome = Outcome::Ops(execute(&request));
                    self.end(&request, outcome);
                }
            }
            Turn::Lose(which) => {
                if let Some(request) = self.pick(which) {
                    self.end(
                        &request,
                        Outcome::Error(UserError::new("Error", "timed out")),
                    );
                }
            }
            Turn::Repeat(which) => {
                if !self.given.is_empty() {
                    let again = self.given[which % self.given.len()].clone();
                    self.feed(Input::CallEnded(Box::new(again)));
                }
            }
            Turn::Checkpoint(which) => self.checkpoint(which, true),
            Turn::CheckpointUnheard(which) => self.checkpoint(which, false),
            Turn::Wait(seconds) => self.wait(Duration::from_secs(seconds.into())),
            Turn::Event => self.event(),
            Turn::Restart => self.restart(),
            Turn::Crash => self.is_crashing = true,
        }
    }

    fn pick(&mut self, which: usize) -> Option<CallRequest> {
        (!self.calls.is_empty()).then(|| self.calls.remove(which % self.calls.len()))
    }

    fn end(&mut self, request: &CallRequest, outcome: Outcome) {
        let ended = CallEnded {
            job: request.job,
            request: request.request,
            generation: request.generation,
            reply: Reply {
                outcome,
                request_version: Some(2),
                no_retry: None,
                retry_at: None,
                status: None,
                turned_away: None,
                timing: None,
            },
            started_at: self.world.now(),
            duration: Duration::from_millis(1),
        };
        self.given.push(ended.clone());
        self.feed(Input::CallEnded(Box::new(ended)));
    }

    /// The app runs a step, reports it, and goes on with the same call if the server took it.
    fn checkpoint(&mut self, which: usize, heard: bool) {
        let Some(mut request) = self.pick(which) else {
            return;
        };
        let ops = execute(&request);
        let op = &ops[0];
        if request.target.is_some()
            || request.force_step_plan
            || op.code != everstep_protocol::op::OpCode::StepRun
        {
            self.calls.push(request);
            return;
        }
        let answers = self.feed(Input::Checkpoint(Box::new(Checkpoint {
            run: request.run,
            ticket: Some(request.ticket()),
            generation: Some(request.generation),
            ops: ops.clone(),
            reply_to: ReplyTo(9),
        })));
        if let [Answer::Checkpoint(Ok(()))] = answers.as_slice() {
            let latest = self.dispatched.get(&request.job);
            assert_eq!(
                latest,
                Some(&request.request),
                "an earlier process of the job is refused"
            );
            if heard {
                request.steps.push((op.id.clone(), op.memoized_data()));
            }
            self.calls.push(request);
        }
    }

    fn wait(&mut self, duration: Duration) {
        for wake in self.world.wakes(duration) {
            self.world.set_now(wake);
            self.feed(Input::Wake);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn every_interleaving_ends_the_same_way(turns in turns()) {
        let mut play = Play::new();
        for turn in turns {
            play.turn(turn);
        }
        // From here on nothing goes wrong.
        play.is_crashing = false;
        for _ in 0..200 {
            if play.is_over() {
                break;
            }
            play.turn(Turn::Answer(0));
            play.event();
            play.wait(Duration::from_secs(30));
        }
        let ends: Vec<RunStatus> = play.runs.values().copied().collect();
        prop_assert_eq!(ends, [RunStatus::Completed, RunStatus::Completed]);
        let stored: Vec<&str> = play.values.keys().map(String::as_str).collect();
        prop_assert_eq!(stored, STEPS);
        for (step, value) in &play.values {
            let expected = match step.as_str() {
                "nap" => "null".to_owned(),
                "asked" => r#"{"data":"done"}"#.to_owned(),
                "news" => {
                    prop_assert_eq!(value.member_text("name"), Some("t/news".to_owned()));
                    continue;
                }
                step => format!(r#"{{"data":"{step}"}}"#),
            };
            prop_assert_eq!(value.as_str(), expected.as_str());
        }
        for run in play.runs.keys() {
            prop_assert!(play.world.jobs_of(*run).is_empty());
        }
    }
}
