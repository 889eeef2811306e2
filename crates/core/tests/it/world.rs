//! A shard with rows around it: carries out loads, keeps what was committed, prints the rest.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use everstep_core::effect::{Answer, Effect, ReplyTo, Update};
use everstep_core::input::{CallEnded, Checkpoint};
use everstep_core::record::{EventRecord, JobRecord, ShardId};
use everstep_core::{Change, Input, Moment, Shard, ShardConfig};
use everstep_protocol::event::EventInput;
use everstep_protocol::op::Op;
use everstep_protocol::reply::{Outcome, Reply};
use everstep_protocol::sync::{AppSync, RegisterRequest};
use everstep_protocol::time::parse_duration;
use everstep_protocol::{EventId, JobId, Json, RequestId, RunId, Ticket, Timestamp, UserError};
use everstep_store::memory::MemoryStore;
use everstep_store::{ShardLease, Store};
use futures::executor::block_on;

const START_MS: i64 = 1_700_000_000_000;

pub(crate) struct World {
    store: MemoryStore,
    lease: ShardLease,
    shard: Shard,
    now: Timestamp,
    entropy: u128,
    runs: BTreeMap<RunId, usize>,
    /// The latest generation called of each job.
    called: BTreeMap<JobId, u32>,
    functions: Vec<&'static str>,
    retries: u32,
}

impl World {
    /// Functions have so many attempts that lost answers do not use them up.
    pub(crate) fn patient() -> Self {
        Self::with_retries(20)
    }

    pub(crate) fn new() -> Self {
        Self::with_retries(2)
    }

    fn with_retries(retries: u32) -> Self {
        let store = MemoryStore::default();
        let lease = block_on(store.shard_acquire(ShardId::EMBEDDED)).unwrap();
        let shard = load(&store, &lease);
        let mut world = Self {
            store,
            lease,
            shard,
            now: Timestamp::from_millis(START_MS),
            entropy: 1 << 100,
            runs: BTreeMap::new(),
            called: BTreeMap::new(),
            functions: vec!["fn", "once", "other"],
            retries,
        };
        world.sync();
        world.handle(Input::Wake);
        world
    }

    fn sync(&mut self) {
        let app = Box::new(app(&self.functions, self.retries));
        self.handle(Input::Sync {
            app,
            reply_to: ReplyTo(0),
        });
    }

    pub(crate) fn remove(&mut self, function: &str) -> Vec<String> {
        self.functions.retain(|known| *known != function);
        self.sync();
        Vec::new()
    }

    pub(crate) fn event(&mut self, name: &str, delay: Duration) -> Vec<String> {
        let input = self.event_input(name, delay);
        self.handle(input)
    }

    pub(crate) fn event_input(&mut self, name: &str, delay: Duration) -> Input {
        self.entropy += 1 << 64;
        let id = EventId::from_parts(self.now, self.entropy);
        let ts = self.now + delay;
        let input = EventInput {
            ts: Some(ts),
            ..EventInput::new(name, Json::from_canonical("{}"))
        };
        let event = EventRecord {
            id,
            name: Arc::from(name),
            user_id: None,
            ts,
            received_at: self.now,
            payload: input.payload(id, self.now),
        };
        Input::Events {
            events: vec![event],
            reply_to: ReplyTo(1),
        }
    }

    /// `JOB [options] BODY`.
    pub(crate) fn reply(&mut self, kind: &str, line: &str) -> Vec<String> {
        let (job, options, body) = self.parse(line);
        let option = |name: &str| options.get(name).map(String::as_str);
        let outcome = match kind {
            "ops" => Outcome::Ops(Op::parse_all(body.as_bytes()).unwrap()),
            "output" => Outcome::Output(Json::parse(body.as_bytes()).unwrap()),
            _ => Outcome::Error(UserError::new("Error", body)),
        };
        let reply = Reply {
            outcome,
            request_version: Some(option("v").map_or(2, |v| v.parse().unwrap())),
            no_retry: option("no-retry").map(|value| value == "true"),
            retry_at: option("retry-in").map(|delay| self.now + parse_duration(delay).unwrap()),
            status: Some(if kind == "error" { 500 } else { 206 }),
        };
        let generation =
            option("gen").map_or_else(|| self.called[&job], |gen_| gen_.parse().unwrap());
        self.handle(Input::CallEnded(Box::new(CallEnded {
            job,
            generation,
            request: RequestId::from_parts(self.now, self.entropy),
            reply,
            started_at: self.now,
            duration: Duration::from_millis(5),
        })))
    }

    pub(crate) fn checkpoint(&mut self, line: &str) -> Vec<String> {
        let (job, options, body) = self.parse(line);
        self.handle(Input::Checkpoint(Box::new(Checkpoint {
            run: job.run,
            ticket: Some(Ticket {
                job,
                epoch: options
                    .get("epoch")
                    .map_or(self.lease.epoch.0, |text| text.parse().unwrap()),
                generation: options
                    .get("gen")
                    .map_or_else(|| self.called[&job], |text| text.parse().unwrap()),
            }),
            generation: options.get("gen").map(|text| text.parse().unwrap()),
            ops: Op::parse_all(body.as_bytes()).unwrap(),
            reply_to: ReplyTo(2),
        })))
    }

    pub(crate) fn wait(&mut self, duration: Duration) -> Vec<String> {
        let until = self.now + duration;
        let mut out = Vec::new();
        while let Some(at) = self.shard.next_wakeup().filter(|at| *at <= until) {
            self.now = self.now.max(at);
            out.extend(self.handle(Input::Wake));
        }
        self.now = until;
        out
    }

    pub(crate) fn restart(&mut self) -> Vec<String> {
        let wake = self.reload();
        self.handle(wake)
    }

    /// A new owner of the shard; it is to be woken.
    pub(crate) fn reload(&mut self) -> Input {
        self.lease = block_on(self.store.shard_acquire(ShardId::EMBEDDED)).unwrap();
        self.shard = load(&self.store, &self.lease);
        Input::Wake
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.now
    }

    pub(crate) fn set_now(&mut self, now: Timestamp) {
        self.now = now;
    }

    /// The time in portions of a second, until it has passed.
    pub(crate) fn wakes(&self, duration: Duration) -> Vec<Timestamp> {
        (1..=duration.as_secs())
            .map(|second| self.now + Duration::from_secs(second))
            .collect()
    }

    pub(crate) fn jobs_of(&self, run: RunId) -> Vec<JobRecord> {
        block_on(self.store.run_jobs(run)).unwrap()
    }

    fn handle(&mut self, input: Input) -> Vec<String> {
        let (changes, effects) = self.decide(input);
        let mut out: Vec<String> = changes
            .iter()
            .filter_map(|change| self.show_change(change))
            .collect();
        out.extend(effects.iter().filter_map(|effect| self.show_effect(effect)));
        out
    }

    /// Decide, commit, load what is asked for. What is left are the changes and the other effects.
    pub(crate) fn decide(&mut self, input: Input) -> (Vec<Change>, Vec<Effect>) {
        self.entropy += 1 << 64;
        let decision = self.shard.handle(
            input,
            Moment {
                now: self.now,
                entropy: self.entropy,
            },
        );
        let mut changes = decision.changes;
        block_on(self.store.commit(&self.lease, changes.clone().into())).unwrap();
        let mut effects = Vec::new();
        for effect in decision.effects {
            let loaded = match effect {
                Effect::LoadRun(run) => {
                    let snapshot = block_on(self.store.run_snapshot(run))
                        .unwrap()
                        .map(Box::new);
                    Input::RunLoaded { run, snapshot }
                }
                Effect::LoadJobs { after, until } => {
                    let jobs = block_on(self.store.jobs_due(self.lease.shard, after, until, 1000))
                        .unwrap();
                    Input::JobsLoaded { jobs, until }
                }
                effect => {
                    effects.push(effect);
                    continue;
                }
            };
            let (more_changes, more_effects) = self.decide(loaded);
            changes.extend(more_changes);
            effects.extend(more_effects);
        }
        (changes, effects)
    }

    fn show_change(&mut self, change: &Change) -> Option<String> {
        Some(match change {
            Change::PutApp(_)
            | Change::PutFunction(_)
            | Change::PutRunEvents { .. }
            | Change::PutAttempt(_) => {
                return None;
            }
            Change::PutEvent(event) => format!("event {}", event.name),
            Change::PutRun(run) => {
                let version = run.request_version;
                let output = run
                    .output
                    .as_ref()
                    .map_or(String::new(), |output| format!(" {output:?}"));
                format!(
                    "run {} {:?} v={version}{output}",
                    self.name(run.id),
                    run.status
                )
            }
            Change::PutStep(step) => {
                let value = step
                    .value
                    .as_ref()
                    .map_or(String::new(), |value| format!(" = {value:?}"));
                let position = step
                    .position
                    .map_or(String::new(), |position| format!(" #{position}"));
                format!(
                    "step {} {} {:?}{position}{value}",
                    self.name(step.run),
                    step.id,
                    step.status
                )
            }
            Change::PutJob(job) => self.show_job(job),
            Change::DeleteJob(job) => format!("delete job {}", self.job_name(*job)),
            Change::DeleteJobs(run) => format!("delete jobs of {}", self.name(*run)),
            Change::PutSkip(skip) => format!("skip {:?}", skip.reason),
        })
    }

    fn show_job(&mut self, job: &JobRecord) -> String {
        let due = job.due_at.since(self.now);
        let due = if due.is_zero() {
            String::new()
        } else {
            format!(" in {due:?}")
        };
        let name = self.job_name(job.id);
        let (kind, reason, attempt) = (&job.kind, job.reason, job.attempt);
        format!(
            "job {name}/{} {kind:?} attempt {attempt} {reason:?}{due}",
            job.generation
        )
    }

    fn show_effect(&mut self, effect: &Effect) -> Option<String> {
        match effect {
            Effect::Call(call) => {
                let request = &call.request;
                self.called.insert(request.job, request.generation);
                let target = request.target.as_ref().map_or("step", |step| step.as_str());
                let stack: Vec<&str> = request
                    .steps
                    .iter()
                    .map(|(step, _)| step.as_str())
                    .collect();
                let force = if request.force_step_plan {
                    " force-plan"
                } else {
                    ""
                };
                let job = self.job_name(request.job);
                Some(format!(
                    "CALL {job}/{} {target} attempt {}/{} v={}{force} [{}]",
                    request.generation,
                    request.attempt,
                    request.max_attempts,
                    request.version,
                    stack.join(" ")
                ))
            }
            Effect::Reply {
                answer: Answer::Checkpoint(Ok(())),
                ..
            } => Some("checkpoint stored".to_owned()),
            Effect::Reply {
                answer: Answer::Checkpoint(Err(refusal)),
                ..
            } => {
                let mut text = refusal.to_string();
                for (run, number) in &self.runs {
                    text = text.replace(&run.to_string(), &format!("R{number}"));
                }
                Some(format!("checkpoint refused: {text}"))
            }
            Effect::Publish(Update::AttemptFailed {
                error,
                attempt,
                max_attempts,
                ..
            }) => Some(format!(
                "failed attempt {attempt} of {max_attempts}: {}",
                error.message
            )),
            Effect::Reply { .. }
            | Effect::Publish(_)
            | Effect::LoadRun(_)
            | Effect::LoadJobs { .. } => None,
        }
    }

    fn name(&mut self, run: RunId) -> String {
        let next = self.runs.len() + 1;
        format!("R{}", self.runs.entry(run).or_insert(next))
    }

    fn job_name(&mut self, job: JobId) -> String {
        format!("{}-{}", self.name(job.run), job.number)
    }

    /// `R1-2 name=value … BODY`.
    fn parse<'a>(&self, line: &'a str) -> (JobId, BTreeMap<String, String>, &'a str) {
        let (job, mut rest) = line.split_once(' ').unwrap();
        let (run, number) = job.trim_start_matches('R').split_once('-').unwrap();
        let run: usize = run.parse().unwrap();
        let run = *self
            .runs
            .iter()
            .find(|(_, known)| **known == run)
            .expect("a run of this name")
            .0;
        let mut options = BTreeMap::new();
        while let Some((option, after)) = rest.split_once(' ') {
            let Some((name, value)) = option
                .split_once('=')
                .filter(|_| !option.starts_with(['[', '{']))
            else {
                break;
            };
            options.insert(name.to_owned(), value.to_owned());
            rest = after;
        }
        (
            JobId {
                run,
                number: number.parse().unwrap(),
            },
            options,
            rest,
        )
    }
}

fn load(store: &MemoryStore, lease: &ShardLease) -> Shard {
    let state = block_on(store.shard_load(lease)).unwrap();
    let config = ShardConfig {
        retry: everstep_core::retry::RetryPolicy::Fixed(Duration::from_secs(10)),
        ..ShardConfig::default()
    };
    Shard::new(config, lease.epoch, state)
}

/// `fn` is retried, `once` has one; `other` reacts to failures, and `guarded` has an
/// expression.
fn app(functions: &[&str], retries: u32) -> AppSync {
    let function = |name: &str, event: &str, expression: &str, retries: u32| {
        format!(
            r#"{{"id":"t-{name}","name":"{name}","triggers":[{{"event":"{event}"{expression}}}],
               "steps":{{"step":{{"id":"step","name":"step","runtime":{{"type":"http",
               "url":"http://app.test/api/inngest?fnId=t-{name}&stepId=step"}},"retries":{{"attempts":{retries}}}}}}}}}"#
        )
    };
    let functions: Vec<String> = functions
        .iter()
        .map(|name| match *name {
            "fn" => function("fn", "t/go", "", retries),
            "once" => function("once", "t/once", "", 0),
            _ => function(
                "other",
                "t/guarded",
                r#","expression":"event.data.x == 1""#,
                0,
            ),
        })
        .collect();
    let body = format!(
        r#"{{"url":"http://app.test/api/inngest","appName":"t","deployType":"ping","sdk":"js:v4.24.0","v":"0.1",
           "framework":"nodejs","functions":[{}]}}"#,
        functions.join(",")
    );
    RegisterRequest::parse(body.as_bytes())
        .unwrap()
        .into_app_sync()
        .unwrap()
}
