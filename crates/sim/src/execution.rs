//! One call in the fake app: executes the program as an SDK would.

use std::collections::BTreeSet;
use std::time::Duration;

use everstep_engine::{CheckpointError, EngineError};
use everstep_protocol::call::CallRequest;
use everstep_protocol::op::{Op, ParallelMode};
use everstep_protocol::reply::{Outcome, Reply};
use everstep_protocol::{Json, StepId, UserError};

use crate::app::FakeApp;
use crate::audit::Sent;
use crate::ops;
use crate::program::{Node, Program, Step, Work};

/// Attempts of the app to deliver a checkpoint.
const CHECKPOINT_ATTEMPTS: u32 = 5;

/// How the execution of a call ends.
enum End {
    Ops(Vec<Json>),
    Output(Json),
    Error { message: String, no_retry: bool },
}

/// One call in the app.
pub(crate) struct Execution<'a> {
    app: &'a FakeApp,
    program: &'a Program,
    request: &'a CallRequest,
    memoized: BTreeSet<String>,
    sent: Sent,
    /// Results that no checkpoint delivered.
    buffer: Vec<Json>,
}

/// The server has called someone else for this job.
struct Stale;

impl<'a> Execution<'a> {
    pub(crate) fn new(
        app: &'a FakeApp,
        program: &'a Program,
        request: &'a CallRequest,
        sent: Sent,
    ) -> Self {
        let steps = request.steps.iter();
        Self {
            app,
            program,
            request,
            memoized: steps.map(|(step, _)| step.as_str().to_owned()).collect(),
            sent,
            buffer: Vec::new(),
        }
    }

    pub(crate) async fn run(&mut self) -> Reply {
        let end = self.execute_program().await;
        self.reply(end)
    }

    fn reply(&self, end: End) -> Reply {
        let (outcome, no_retry) = match end {
            End::Ops(ops) => (Outcome::Ops(parse(&ops)), None),
            End::Output(output) => (Outcome::Output(output), None),
            End::Error { message, no_retry } => (
                Outcome::Error(UserError::new("Error", &message)),
                Some(no_retry),
            ),
        };
        Reply {
            outcome,
            request_version: Some(self.program.version),
            no_retry,
            retry_at: None,
            status: Some(200),
            turned_away: None,
            timing: None,
        }
    }

    async fn execute_program(&mut self) -> End {
        if let Some(target) = self.request.target.clone() {
            return self.run_target(target.as_str());
        }
        for node in &self.program.nodes {
            let end = match node {
                Node::Step(step) => self.run_step(step).await,
                Node::Group { mode, branches } => self.run_group(*mode, branches).await,
            };
            if let Some(end) = end {
                return end;
            }
        }
        let run = self.request.run;
        if self.request.attempt < self.program.failures {
            return End::Error {
                message: "not yet".to_owned(),
                no_retry: false,
            };
        }
        if self.program.fatal {
            return End::Error {
                message: format!("{run} for good"),
                no_retry: true,
            };
        }
        let output = ops::output(run);
        if self.program.checkpointing {
            return self.leave(vec![ops::run_complete(output)]);
        }
        End::Output(output)
    }

    /// `None`: the step is done, go on.
    async fn run_step(&mut self, step: &Step) -> Option<End> {
        if self.memoized.contains(&step.id) {
            return None;
        }
        let Work::Run { failures } = step.work else {
            let op = self.ask(step, ParallelMode::Join);
            return Some(self.leave(vec![op]));
        };
        if self.request.force_step_plan {
            let op = ops::planned(&step.id, ParallelMode::Join);
            return Some(self.leave(vec![op]));
        }
        let op = match self.execute(&step.id, failures) {
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
                message: "stale dispatch".to_owned(),
                no_retry: true,
            }),
        }
    }

    async fn run_group(&mut self, mode: ParallelMode, branches: &[Vec<Step>]) -> Option<End> {
        loop {
            let done = |branch: &Vec<Step>| branch.iter().all(|step| self.is_memoized(step));
            let over = match mode {
                ParallelMode::Join => branches.iter().all(done),
                ParallelMode::Race => branches.iter().any(done),
            };
            if over {
                return None;
            }
            let next: Vec<&Step> = branches
                .iter()
                .filter_map(|branch| branch.iter().find(|step| !self.is_memoized(step)))
                .collect();
            // A chain that is left alone goes on like one outside of a group.
            if let ([only], ParallelMode::Join) = (next.as_slice(), mode) {
                match self.run_step(only).await {
                    Some(end) => return Some(end),
                    None => continue,
                }
            }
            let ops = next.iter().map(|step| self.plan(step, mode)).collect();
            return Some(self.leave(ops));
        }
    }

    fn is_memoized(&self, step: &Step) -> bool {
        self.memoized.contains(&step.id)
    }

    fn run_target(&self, target: &str) -> End {
        let Some((mode, step)) = self.program.step(target) else {
            self.app.audit.violation(format!(
                "{}: a call for the step {target}, which was never planned",
                self.request.run
            ));
            return End::Error {
                message: "no such step".to_owned(),
                no_retry: false,
            };
        };
        let op = match step.work {
            Work::Run { failures } => {
                let op = self.execute(&step.id, failures).unwrap_or_else(|op| op);
                ops::with_mode(op, mode)
            }
            Work::Sleep { .. }
            | Work::WaitForEvent { .. }
            | Work::WaitForSignal { .. }
            | Work::Invoke { .. }
            | Work::Fetch { .. } => self.ask(step, mode),
        };
        End::Ops(vec![op])
    }

    /// A member of a group: user code is planned, for all else the server is asked at once.
    fn plan(&self, step: &Step, mode: ParallelMode) -> Json {
        match step.work {
            Work::Run { .. } => ops::planned(&step.id, mode),
            Work::Sleep { .. }
            | Work::WaitForEvent { .. }
            | Work::WaitForSignal { .. }
            | Work::Invoke { .. }
            | Work::Fetch { .. } => self.ask(step, mode),
        }
    }

    /// What the server does for the step.
    fn ask(&self, step: &Step, mode: ParallelMode) -> Json {
        let (app, run) = (self.app, self.request.run);
        let event = &self.request.events[0];
        let key = event
            .member("data")
            .and_then(|data| data.member_text("key"));
        let clients = &app.clients;
        clients.wait_reported(run, &step.id, key.as_deref(), &step.work);
        if let Work::Invoke { program, .. } = step.work {
            let child = &app.programs[program];
            let invocation = ops::invocation_key(run, &step.id);
            if clients.ledger.hear(&invocation) {
                clients.perhaps_stop(child, &invocation);
            }
        }
        ops::with_mode(ops::of_work(run, step, &app.programs), mode)
    }

    /// Run user code. `Err` is the op of a step that threw.
    fn execute(&self, step: &str, failures: u32) -> Result<Json, Json> {
        self.app.audit.executes(&self.sent, &StepId::new(step));
        if self.request.attempt < failures {
            return Err(ops::step_error(step));
        }
        Ok(ops::step_run(self.request.run, step))
    }

    /// Deliver a result while the call goes on. What can't be delivered is buffered for the end.
    async fn checkpoint(&mut self, op: &Json) -> Result<(), Stale> {
        if !self.buffer.is_empty() {
            self.buffer.push(op.clone());
            return Ok(());
        }
        let ops = parse(std::slice::from_ref(op));
        let steps: Vec<StepId> = ops.iter().map(|op| op.id.clone()).collect();
        let app = self.app;
        for _ in 0..CHECKPOINT_ATTEMPTS {
            tokio::time::sleep(Duration::from_millis(1 + app.chance.below(300))).await;
            let times = if app.strikes(app.faults.checkpoint_twice) {
                2
            } else {
                1
            };
            let Some(server) = app.clients.serving.server() else {
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
                    Err(_) => Err(CheckpointError::Engine(EngineError::Stopped)),
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
        self.buffer.push(op.clone());
        Ok(())
    }

    /// End the call with these ops, after what is buffered.
    fn leave(&mut self, ops: Vec<Json>) -> End {
        let mut all = std::mem::take(&mut self.buffer);
        all.extend(ops);
        End::Ops(all)
    }
}

fn parse(ops: &[Json]) -> Vec<Op> {
    Op::parse_all(Json::array(ops).as_str().as_bytes()).expect("the fake app speaks the protocol")
}
