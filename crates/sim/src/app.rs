//! The fake app: executes programs as an SDK would, over a bad network.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use everstep_core::effect::Call;
use everstep_engine::{Caller, CheckpointError, Engine, Gateway};
use everstep_protocol::call::CallRequest;
use everstep_protocol::gateway::{OutboundError, OutboundRequest, OutboundResponse};
use everstep_protocol::op::{Op, ParallelMode};
use everstep_protocol::reply::{Outcome, Reply};
use everstep_protocol::{Json, StepId, UserError};

use crate::audit::{Audit, Sent};
use crate::chance::Chance;
use crate::faults::{Faults, Healing};
use crate::program::{Node, Program, Step};

/// Attempts of the app to deliver a checkpoint.
const CHECKPOINT_ATTEMPTS: u32 = 5;

/// The app, as it is reached from all incarnations of the server.
pub struct FakeApp {
    pub programs: Vec<Program>,
    pub audit: Audit,
    pub chance: Chance,
    pub faults: Faults,
    pub healing: Healing,
    /// The server that takes checkpoints now; `None` while it is down.
    pub server: Mutex<Option<Engine>>,
    pub in_flight_max: usize,
}

/// The way from one incarnation of the server to the app. Calls of an earlier incarnation go on in
/// the app, but do not count against the limit of this one.
pub struct Network {
    pub app: Arc<FakeApp>,
    pub in_flight: AtomicUsize,
}

#[async_trait]
impl Caller for Network {
    async fn call(&self, call: Call) -> Reply {
        let app = &self.app;
        let in_flight = self.in_flight.fetch_add(1, Ordering::Relaxed) + 1;
        let reply = app.call(call.request, in_flight).await;
        self.in_flight.fetch_sub(1, Ordering::Relaxed);
        reply
    }
}

/// No program makes requests through the server.
pub struct Offline;

#[async_trait]
impl Gateway for Offline {
    async fn send(&self, _: OutboundRequest) -> Result<OutboundResponse, OutboundError> {
        Err(OutboundError {
            cause: "the simulation has no network".to_owned(),
            no_retry: true,
        })
    }
}

/// How the execution of a call ends.
enum End {
    Ops(Vec<String>),
    Output,
    Error {
        message: &'static str,
        no_retry: bool,
    },
}

/// One call in the app.
struct Execution<'a> {
    app: &'a FakeApp,
    program: &'a Program,
    request: &'a CallRequest,
    memoized: BTreeSet<String>,
    sent: Sent,
    /// Results that no checkpoint delivered.
    buffer: Vec<String>,
}

impl FakeApp {
    async fn call(&self, request: CallRequest, in_flight: usize) -> Reply {
        // What is known to be stored when the server sends the call, not when it arrives: one that
        // was long on its way may be overtaken by that of the next incarnation.
        let sent = self.audit.sent(&request, in_flight, self.in_flight_max);
        if self.strikes(self.faults.call_lost) {
            return Reply::unreachable("the call was lost");
        }
        self.delay().await;
        let number = request
            .function_slug
            .rsplit('-')
            .next()
            .and_then(|text| text.parse::<usize>().ok());
        let Some(program) = number.and_then(|number| self.programs.get(number)) else {
            self.audit.violation(format!(
                "a call for {}, which does not exist",
                request.function_slug
            ));
            return Reply::unreachable("no such function");
        };
        let memoized = request
            .steps
            .iter()
            .map(|(step, _)| step.as_str().to_owned())
            .collect();
        let mut execution = Execution {
            app: self,
            program,
            request: &request,
            memoized,
            sent,
            buffer: Vec::new(),
        };
        execution.check_values();
        let end = execution.run().await;
        self.delay().await;
        if self.strikes(self.faults.reply_lost) {
            return Reply::unreachable("the answer was lost");
        }
        reply(program, end)
    }

    fn strikes(&self, percent: u64) -> bool {
        !self.healing.has_begun() && self.chance.percent(percent)
    }

    async fn delay(&self) {
        let late = self.strikes(self.faults.reply_late);
        let ms = if late {
            self.chance.below(60_000)
        } else {
            self.chance.below(20)
        };
        tokio::time::sleep(Duration::from_millis(ms)).await;
    }

    /// The server that is up, if one is.
    pub fn serving(&self) -> Option<Engine> {
        self.server
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// The result of a step: the same for every execution, different for every step.
fn value(request: &CallRequest, step: &str) -> String {
    format!(r#""{}/{step}""#, request.run)
}

impl Execution<'_> {
    /// Every memoized value is the one that the step returned.
    fn check_values(&self) {
        for (step, memoized) in &self.request.steps {
            let expected = format!(r#"{{"data":{}}}"#, value(self.request, step.as_str()));
            let is_sleep = memoized.is_null();
            if !is_sleep && memoized.as_str() != expected {
                self.app.audit.violation(format!(
                    "{}: {step} is memoized as {memoized:?}",
                    self.request.run
                ));
            }
        }
    }

    async fn run(&mut self) -> End {
        if let Some(target) = self.request.target.clone() {
            return self.run_target(target.as_str());
        }
        for node in &self.program.nodes {
            if let Some(end) = self.run_node(node).await {
                return end;
            }
        }
        if self.request.attempt < self.program.failures {
            return End::Error {
                message: "not yet",
                no_retry: false,
            };
        }
        if self.program.fatal {
            return End::Error {
                message: "for good",
                no_retry: true,
            };
        }
        if self.program.checkpointing {
            let mut ops = std::mem::take(&mut self.buffer);
            ops.push(r#"{"op":"RunComplete","id":"complete","data":"done"}"#.to_owned());
            return End::Ops(ops);
        }
        End::Output
    }

    /// `None`: the node is done, go on.
    async fn run_node(&mut self, node: &Node) -> Option<End> {
        match node {
            Node::Step(step) if self.memoized.contains(&step.id) => None,
            Node::Step(step) => self.run_step(step).await,
            Node::Sleep { id, .. } if self.memoized.contains(id) => None,
            Node::Sleep { id, seconds } => {
                let duration = if *seconds == 0 {
                    String::new()
                } else {
                    format!("{seconds}s")
                };
                Some(self.leave(vec![format!(
                    r#"{{"op":"Sleep","id":"{id}","name":"{duration}"}}"#
                )]))
            }
            Node::Group { mode, branches } => self.run_group(*mode, branches).await,
        }
    }

    async fn run_step(&mut self, step: &Step) -> Option<End> {
        if self.request.force_step_plan {
            return Some(self.leave(vec![planned(step, ParallelMode::Join)]));
        }
        let op = match self.execute(step) {
            Ok(op) => op,
            Err(op) => return Some(self.leave(vec![op])),
        };
        self.memoized.insert(step.id.clone());
        if !self.program.checkpointing || self.request.attempt > 0 {
            return Some(self.leave(vec![op]));
        }
        match self.checkpoint(&op).await {
            Ok(()) => None,
            Err(Stale) => Some(End::Error {
                message: "stale dispatch",
                no_retry: true,
            }),
        }
    }

    async fn run_group(&mut self, mode: ParallelMode, branches: &[Vec<Step>]) -> Option<End> {
        let done = |branch: &[Step]| branch.iter().all(|step| self.memoized.contains(&step.id));
        let over = match mode {
            ParallelMode::Join => branches.iter().all(|branch| done(branch)),
            ParallelMode::Race => branches.iter().any(|branch| done(branch)),
        };
        if over {
            return None;
        }
        let next: Vec<Step> = branches
            .iter()
            .filter_map(|branch| branch.iter().find(|step| !self.memoized.contains(&step.id)))
            .cloned()
            .collect();
        match next.as_slice() {
            [only] if mode == ParallelMode::Join => {
                let end = self.run_step(only).await;
                match end {
                    Some(end) => Some(end),
                    None => Box::pin(self.run_group(mode, branches)).await,
                }
            }
            _ => Some(self.leave(next.iter().map(|step| planned(step, mode)).collect())),
        }
    }

    fn run_target(&self, target: &str) -> End {
        let (mode, step) = self.find(target);
        let Some(step) = step else {
            self.app.audit.violation(format!(
                "{}: a call for the step {target}, which was never planned",
                self.request.run
            ));
            return End::Error {
                message: "no such step",
                no_retry: false,
            };
        };
        let op = self.execute(&step).unwrap_or_else(|error| error);
        let op = if mode == ParallelMode::Race {
            op.replacen('{', r#"{"opts":{"parallelMode":"race"},"#, 1)
        } else {
            op
        };
        End::Ops(vec![op])
    }

    fn find(&self, target: &str) -> (ParallelMode, Option<Step>) {
        for node in &self.program.nodes {
            match node {
                Node::Step(step) if step.id == target => {
                    return (ParallelMode::Join, Some(step.clone()));
                }
                Node::Step(_) | Node::Sleep { .. } => {}
                Node::Group { mode, branches } => {
                    if let Some(step) = branches.iter().flatten().find(|step| step.id == target) {
                        return (*mode, Some(step.clone()));
                    }
                }
            }
        }
        (ParallelMode::Join, None)
    }

    /// Run user code. `Err` is the op of a step that threw.
    fn execute(&self, step: &Step) -> Result<String, String> {
        let id = &step.id;
        self.app
            .audit
            .executes(&self.sent, &StepId::new(id.as_str()));
        if self.request.attempt < step.failures {
            return Err(format!(
                r#"{{"op":"StepError","id":"{id}","error":{{"name":"Error","message":"not yet"}}}}"#
            ));
        }
        Ok(format!(
            r#"{{"op":"StepRun","id":"{id}","data":{}}}"#,
            value(self.request, id)
        ))
    }

    /// Deliver a result while the call goes on. What can't be delivered is buffered for the end.
    async fn checkpoint(&mut self, op: &str) -> Result<(), Stale> {
        if !self.buffer.is_empty() {
            self.buffer.push(op.to_owned());
            return Ok(());
        }
        let ops = parse(&[op.to_owned()]);
        let steps: Vec<StepId> = ops.iter().map(|op| op.id.clone()).collect();
        let app = self.app;
        for _ in 0..CHECKPOINT_ATTEMPTS {
            tokio::time::sleep(Duration::from_millis(1 + app.chance.below(300))).await;
            let times = if app.strikes(app.faults.checkpoint_twice) {
                2
            } else {
                1
            };
            let Some(server) = app.serving() else {
                continue;
            };
            let mut result = Ok(());
            for _ in 0..times {
                let (run, ticket) = (self.request.run, Some(self.request.ticket()));
                let sent =
                    server.checkpoint(run, ticket, Some(self.request.generation), ops.clone());
                // A server that dies meanwhile never answers.
                result = match tokio::time::timeout(Duration::from_secs(30), sent).await {
                    Ok(result) => result,
                    Err(_) => Err(CheckpointError::Engine(
                        everstep_engine::EngineError::Stopped,
                    )),
                };
            }
            match result {
                Ok(()) if app.strikes(app.faults.checkpoint_lost) => {}
                Ok(()) => {
                    app.audit.checkpoint_stored(&self.sent, &steps);
                    return Ok(());
                }
                Err(CheckpointError::Refused(_)) => return Err(Stale),
                Err(CheckpointError::Engine(_)) => {}
            }
        }
        self.buffer.push(op.to_owned());
        Ok(())
    }

    /// End the call with these ops, after what is buffered.
    fn leave(&mut self, ops: Vec<String>) -> End {
        let mut all = std::mem::take(&mut self.buffer);
        all.extend(ops);
        End::Ops(all)
    }
}

/// The server has called someone else for this job.
struct Stale;

fn planned(step: &Step, mode: ParallelMode) -> String {
    let opts = if mode == ParallelMode::Race {
        r#","opts":{"parallelMode":"race"}"#
    } else {
        ""
    };
    format!(r#"{{"op":"StepPlanned","id":"{}"{opts}}}"#, step.id)
}

fn parse(ops: &[String]) -> Vec<Op> {
    Op::parse_all(format!("[{}]", ops.join(",")).as_bytes())
        .expect("the fake app speaks the protocol")
}

fn reply(program: &Program, end: End) -> Reply {
    let (outcome, no_retry) = match end {
        End::Ops(ops) => (Outcome::Ops(parse(&ops)), None),
        End::Output => (Outcome::Output(Json::string("done")), None),
        End::Error { message, no_retry } => (
            Outcome::Error(UserError::new("Error", message)),
            Some(no_retry),
        ),
    };
    Reply {
        outcome,
        request_version: Some(program.version),
        no_retry,
        retry_at: None,
        status: Some(200),
    }
}

/// The register request of the app.
pub fn register_body(programs: &[Program]) -> String {
    let functions: Vec<String> = programs
        .iter()
        .map(|program| {
            let (name, event, retries) = (&program.name, program.event(), crate::program::RETRIES);
            format!(
                r#"{{"id":"{name}","name":"{name}","triggers":[{{"event":"{event}"}}],"steps":{{"step":{{"id":"step",
                "name":"step","runtime":{{"type":"http","url":"http://app.test/api?fnId={name}&stepId=step"}},
                "retries":{{"attempts":{retries}}}}}}}}}"#
            )
        })
        .collect();
    format!(
        r#"{{"url":"http://app.test/api","appName":"sim","deployType":"ping","sdk":"js:v4.24.0","v":"0.1",
        "framework":"sim","functions":[{}]}}"#,
        functions.join(",")
    )
}
