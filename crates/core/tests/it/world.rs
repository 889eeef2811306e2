//! A shard with rows around it: carries out loads, keeps what was committed, prints the rest.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use everstep_core::effect::{Answer, Effect, ReplyTo, Update};
use everstep_core::input::{CallEnded, Checkpoint, RequestEnded};
use everstep_core::invoke::INVOKED;
use everstep_core::record::{EventRecord, JobRecord, Resolution, ShardId};
use everstep_core::{Change, Input, Moment, Shard, ShardConfig};
use everstep_protocol::event::EventInput;
use everstep_protocol::gateway::{OutboundError, OutboundResponse};
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

    /// `NAME [in DURATION] [id=ID] [DATA]`.
    pub(crate) fn event(&mut self, line: &str) -> Vec<String> {
        let (name, mut rest) = line.split_once(' ').unwrap_or((line, ""));
        let mut delay = Duration::ZERO;
        if let Some(after) = rest.strip_prefix("in ") {
            let (duration, after) = after.split_once(' ').unwrap_or((after, ""));
            delay = parse_duration(duration).unwrap();
            rest = after;
        }
        let mut user_id = None;
        if let Some(after) = rest.strip_prefix("id=") {
            let (id, after) = after.split_once(' ').unwrap_or((after, ""));
            user_id = Some(id.to_owned());
            rest = after;
        }
        let data = if rest.is_empty() { "{}" } else { rest };
        let data = Json::parse(data.as_bytes()).unwrap();
        let event = self.event_record(EventInput {
            ts: Some(self.now + delay),
            user_id,
            ..EventInput::new(name, data)
        });
        self.handle(Input::Events {
            events: vec![event],
            reply_to: ReplyTo(1),
        })
    }

    pub(crate) fn event_input(&mut self, name: &str, delay: Duration) -> Input {
        let event = self.event_record(EventInput {
            ts: Some(self.now + delay),
            ..EventInput::new(name, Json::from_canonical("{}"))
        });
        Input::Events {
            events: vec![event],
            reply_to: ReplyTo(1),
        }
    }

    fn event_record(&mut self, input: EventInput) -> EventRecord {
        self.entropy += 1 << 64;
        let id = EventId::from_parts(self.now, self.entropy);
        EventRecord {
            id,
            name: Arc::from(&*input.name),
            user_id: input.user_id.as_deref().map(Arc::from),
            ts: input.ts.unwrap_or(self.now),
            received_at: self.now,
            payload: input.payload(id, self.now),
        }
    }

    /// `JOB STATUS BODY` or `JOB CAUSE`.
    pub(crate) fn request_ended(&mut self, word: &str, line: &str) -> Vec<String> {
        let (job, _, rest) = self.parse(line);
        let result = match rest.split_once(' ') {
            Some((status, body)) if word == "response" => Ok(OutboundResponse {
                status: status.parse().unwrap(),
                final_url: "http://api.test/".parse().unwrap(),
                headers: Default::default(),
                body: body.to_owned(),
                duration: Duration::from_millis(5),
            }),
            _ => Err(OutboundError {
                cause: rest.to_owned(),
                no_retry: false,
            }),
        };
        self.handle(Input::RequestEnded(Box::new(RequestEnded {
            job,
            generation: self.called[&job],
            request: RequestId::from_parts(self.now, self.entropy),
            result,
            started_at: self.now,
            duration: Duration::from_millis(5),
        })))
    }

    /// `NAME DATA`.
    pub(crate) fn signal(&mut self, line: &str) -> Vec<String> {
        let (name, data) = line.split_once(' ').unwrap();
        self.handle(Input::Signal {
            name: name.to_owned(),
            data: Json::parse(data.as_bytes()).unwrap(),
            reply_to: ReplyTo(3),
        })
    }

    pub(crate) fn cancel(&mut self, name: &str) -> Vec<String> {
        let run = self.run_called(name);
        self.handle(Input::Cancel {
            run,
            reply_to: ReplyTo(4),
        })
    }

    pub(crate) fn invoke(&mut self, function: &str) -> Vec<String> {
        let event = self.event_record(EventInput::new(INVOKED, Json::from_canonical("{}")));
        self.handle(Input::Invoke {
            function: function.to_owned(),
            event: Box::new(event),
            reply_to: ReplyTo(5),
        })
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
            Change::PutSkip(skip) => {
                let detail = skip.detail.as_deref().unwrap_or_default();
                format!("skip {:?} {}", skip.reason, self.with_names(detail))
            }
            Change::PutWait(wait) => {
                let name = self.job_name(wait.id);
                let expires = wait.expires_at.since(self.now);
                format!("wait {name} {:?} for {expires:?}", wait.kind)
            }
            Change::ResolveWait { wait, resolution } => match resolution {
                Resolution::Event(event) => {
                    format!("resolve {} with event {}", self.job_name(*wait), event.name)
                }
                Resolution::Value(value) => {
                    format!("resolve {} with {value:?}", self.job_name(*wait))
                }
            },
            Change::LoseSignal(wait) => format!("lose signal {}", self.job_name(*wait)),
            Change::DeleteWait(wait) => format!("delete wait {}", self.job_name(*wait)),
            Change::DeleteWaits(run) => format!("delete waits of {}", self.name(*run)),
            Change::PutTick(tick) => {
                format!("tick {} in {:?}", tick.cron, tick.fire_at.since(self.now))
            }
            Change::DeleteTick { cron, .. } => format!("delete tick {cron}"),
            Change::PutIdempotency(_) => "idempotency".to_owned(),
            Change::ExpireIdempotency(_) => "expire idempotency".to_owned(),
            Change::PutCancellation(_) => "cancellation".to_owned(),
            Change::DeleteCancellation(_) => "delete cancellation".to_owned(),
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
            Effect::Request(request) => {
                self.called.insert(request.job, request.generation);
                let (job, outbound) = (self.job_name(request.job), &request.outbound);
                Some(format!(
                    "REQUEST {job}/{} {} {}",
                    request.generation, outbound.method, outbound.url
                ))
            }
            Effect::Reply {
                answer: Answer::Signalled(run),
                ..
            } => Some(match run {
                Some(run) => format!("signal resumes {}", self.name(*run)),
                None => "signal resumes nothing".to_owned(),
            }),
            Effect::Reply {
                answer: Answer::Cancelled(is_cancelled),
                ..
            } => Some(format!("cancelled: {is_cancelled}")),
            Effect::Reply {
                answer: Answer::Checkpoint(Ok(())),
                ..
            } => Some("checkpoint stored".to_owned()),
            Effect::Reply {
                answer: Answer::Checkpoint(Err(refusal)),
                ..
            } => {
                let text = self.with_names(&refusal.to_string());
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

    /// The text with the ids of runs replaced by their names.
    fn with_names(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (run, number) in &self.runs {
            text = text.replace(&run.to_string(), &format!("R{number}"));
        }
        text
    }

    fn run_called(&self, name: &str) -> RunId {
        let number: usize = name.trim_start_matches('R').parse().unwrap();
        let known = self.runs.iter().find(|(_, known)| **known == number);
        *known.expect("a run of this name").0
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
        let run = self.run_called(run);
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
