//! A shard with rows around it: carries out loads, keeps what was committed, prints the rest.

mod app;
mod control;
mod show;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use everstep_core::effect::{Effect, ReplyTo};
use everstep_core::input::{
    CallEnded, Checkpoint, EndpointSteps, FoundRun, RequestEnded, StartEndpoint,
};
use everstep_core::invoke::INVOKED;
use everstep_core::record::{EventRecord, JobRecord, LimitId, MetadataTarget, ShardId};
use everstep_core::retry::RetryPolicy;
use everstep_core::{Change, Input, Moment, Shard, ShardConfig};
use everstep_protocol::endpoint::REQUEST_EVENT;
use everstep_protocol::event::EventInput;
use everstep_protocol::gateway::{OutboundError, OutboundResponse};
use everstep_protocol::metadata::MetadataRequest;
use everstep_protocol::op::Op;
use everstep_protocol::reply::{Outcome, Reply};
use everstep_protocol::time::parse_duration;
use everstep_protocol::{
    BatchId, EventId, JobId, Json, RequestId, RunId, StepId, Ticket, Timestamp, UserError,
};
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
    /// The events that were committed, in order.
    events: Vec<EventRecord>,
    functions: Vec<String>,
    retries: u32,
    slots: usize,
    /// The process ends with the next commit.
    is_crashing: bool,
    /// Runs that were read and did not arrive, while reads are slow.
    under_way: Option<Vec<Input>>,
    /// Entries of the audit log so far.
    audits: u128,
    last_debounce: Option<LimitId>,
    last_batch: Option<BatchId>,
    last_holds: BTreeMap<RunId, LimitId>,
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
        let slots = ShardConfig::default().calls_in_flight_max;
        let shard = load(&store, &lease, slots);
        let mut world = Self {
            store,
            lease,
            shard,
            now: Timestamp::from_millis(START_MS),
            entropy: 1 << 100,
            runs: BTreeMap::new(),
            called: BTreeMap::new(),
            events: Vec::new(),
            functions: app::FIRST.map(str::to_owned).to_vec(),
            retries,
            slots,
            is_crashing: false,
            under_way: None,
            audits: 0,
            last_debounce: None,
            last_batch: None,
            last_holds: BTreeMap::new(),
        };
        world.sync();
        world.handle(Input::Wake);
        world
    }

    pub(crate) fn sync(&mut self) -> Vec<String> {
        let functions: Vec<&str> = self.functions.iter().map(String::as_str).collect();
        let app = Box::new(app::sync(&functions, self.retries));
        self.handle(Input::Sync {
            app,
            reply_to: ReplyTo(0),
        })
    }

    pub(crate) fn add(&mut self, function: &str) -> Vec<String> {
        self.functions.push(function.to_owned());
        self.sync()
    }

    pub(crate) fn remove(&mut self, function: &str) -> Vec<String> {
        self.functions.retain(|known| known != function);
        self.sync()
    }

    /// Another variant of a function takes its place.
    pub(crate) fn change(&mut self, variant: &str) -> Vec<String> {
        let name = app::plain_name(variant);
        let known = self.functions.iter_mut();
        for function in known.filter(|known| app::plain_name(known) == name) {
            variant.clone_into(function);
        }
        self.sync()
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

    /// `N NAME [pad=BYTES] [id=ID] [DATA]`.
    pub(crate) fn bulk(&mut self, line: &str) -> Vec<String> {
        let (count, line) = line.split_once(' ').unwrap();
        let (name, mut rest) = line.split_once(' ').unwrap_or((line, ""));
        let mut option = |prefix: &str| {
            let (value, after) = rest.strip_prefix(prefix)?.split_once(' ')?;
            rest = after;
            Some(value.to_owned())
        };
        let (pad, user_id) = (option("pad="), option("id="));
        let data = Json::parse(if rest.is_empty() { "{}" } else { rest }.as_bytes()).unwrap();
        let pad = pad.map(|bytes| Json::string(&"x".repeat(bytes.parse().unwrap())));
        let members: Vec<(String, Json)> = data.members().collect();
        let members = members.iter().map(|(name, value)| (&**name, value.clone()));
        let data = Json::object(members.chain(pad.map(|text| ("pad", text))));
        let events = (0..count.parse().unwrap()).map(|_| {
            self.event_record(EventInput {
                user_id: user_id.clone(),
                ..EventInput::new(name, data.clone())
            })
        });
        let events = events.collect();
        self.handle(Input::Events {
            events,
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

    pub(crate) fn event_with(&mut self, name: &str, data: Json) -> Input {
        let event = self.event_record(EventInput {
            ts: Some(self.now),
            ..EventInput::new(name, data)
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

    /// `JOB STATUS BODY` or `JOB [no-retry] CAUSE`.
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
                cause: rest.trim_start_matches("no-retry ").to_owned(),
                no_retry: rest.starts_with("no-retry "),
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

    /// `RUN[/STEP] UPDATES`.
    pub(crate) fn note(&mut self, line: &str) -> Vec<String> {
        let (target, updates) = line.split_once(' ').unwrap();
        let (run, target) = match target.split_once('/') {
            None => (target, MetadataTarget::Run),
            Some((run, step)) => (run, MetadataTarget::Step(StepId::new(step))),
        };
        let body = format!("{{\"metadata\":{updates}}}");
        let updates = MetadataRequest::parse(body.as_bytes()).unwrap().updates;
        let updates = updates.into_iter().map(|update| (target.clone(), update));
        self.handle(Input::UpdateMetadata {
            run: self.run_called(run),
            updates: updates.collect(),
            reply_to: ReplyTo(6),
        })
    }

    pub(crate) fn cancel(&mut self, name: &str) -> Vec<String> {
        let run = self.run_called(name);
        self.handle(Input::Cancel {
            run,
            reply_to: ReplyTo(4),
        })
    }

    /// `FUNCTION [DATA]`.
    pub(crate) fn invoke(&mut self, line: &str) -> Vec<String> {
        let (function, data) = line.split_once(' ').unwrap_or((line, "{}"));
        let data = Json::parse(data.as_bytes()).unwrap();
        let event = self.event_record(EventInput::new(INVOKED, data));
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
            turned_away: None,
            timing: None,
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

    /// `METHOD PATH [retries=N] OPS`.
    pub(crate) fn start_endpoint(&mut self, line: &str) -> Vec<String> {
        self.entropy += 1 << 64;
        let run = RunId::from_parts(self.now, self.entropy);
        self.start_as(run, "http://app.test", line)
    }

    /// The first endpoint of another app.
    pub(crate) fn start_elsewhere(&mut self, app: &str) -> Vec<String> {
        self.entropy += 1 << 64;
        let run = RunId::from_parts(self.now, self.entropy);
        self.start_as(run, app, "GET / []")
    }

    /// `RUN METHOD PATH [retries=N] OPS`.
    pub(crate) fn start_again(&mut self, line: &str) -> Vec<String> {
        let (run, line) = line.split_once(' ').unwrap();
        self.start_as(self.run_called(run), "http://app.test", line)
    }

    fn start_as(&mut self, run: RunId, app: &str, line: &str) -> Vec<String> {
        let mut words = line.splitn(3, ' ');
        let (method, path, rest) = (
            words.next().unwrap(),
            words.next().unwrap(),
            words.next().unwrap(),
        );
        let (idempotency, rest) = match rest.strip_prefix("idempotency=") {
            Some(rest) => rest
                .split_once(' ')
                .map(|(key, rest)| (Some(key), rest))
                .unwrap(),
            None => (None, rest),
        };
        let (retries, ops) = match rest.strip_prefix("retries=") {
            Some(rest) => rest.split_once(' ').unwrap(),
            None => ("2", rest),
        };
        let data = format!(r#"{{"body":"","domain":"{app}","method":"{method}","path":"{path}"}}"#);
        let data = Json::parse(data.as_bytes()).unwrap();
        let event = self.event_record(EventInput::new(REQUEST_EVENT, data));
        self.handle(Input::StartEndpoint(Box::new(StartEndpoint {
            run,
            app: app.to_owned(),
            url: app.parse().unwrap(),
            function: format!("{method} {path}"),
            sdk: "js:v4.24.0".to_owned(),
            event,
            ops: Op::parse_all(ops.as_bytes()).unwrap(),
            request_version: 2,
            max_attempts: retries.parse::<u32>().unwrap() + 1,
            idempotency: idempotency.map(str::to_owned),
            reply_to: ReplyTo(6),
        })))
    }

    /// `RUN OPS`.
    pub(crate) fn endpoint_steps(&mut self, line: &str) -> Vec<String> {
        let (run, ops) = line.split_once(' ').unwrap();
        self.handle(Input::EndpointSteps(Box::new(EndpointSteps {
            run: self.run_called(run),
            ops: Op::parse_all(ops.as_bytes()).unwrap(),
            reply_to: ReplyTo(7),
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

    /// Time passes, and nobody wakes the shard.
    pub(crate) fn stall(&mut self, duration: Duration) {
        self.now = self.now + duration;
    }

    /// What is decided next is committed, and the process ends before it carries out anything.
    pub(crate) fn crash_next(&mut self) {
        self.is_crashing = true;
    }

    pub(crate) fn set_slots(&mut self, slots: usize) {
        self.slots = slots;
    }

    pub(crate) fn slow_down(&mut self) {
        self.under_way = Some(Vec::new());
    }

    pub(crate) fn arrive(&mut self) -> Vec<String> {
        let arriving = self.under_way.take().unwrap();
        let handled = arriving.into_iter().map(|input| self.handle(input));
        handled.collect::<Vec<_>>().concat()
    }

    pub(crate) fn restart(&mut self) -> Vec<String> {
        let wake = self.reload();
        self.handle(wake)
    }

    /// A new owner of the shard; it is to be woken.
    pub(crate) fn reload(&mut self) -> Input {
        self.lease = block_on(self.store.shard_acquire(ShardId::EMBEDDED)).unwrap();
        self.shard = load(&self.store, &self.lease, self.slots);
        Input::Wake
    }

    pub(crate) fn next_wakeup(&self) -> Option<Timestamp> {
        self.shard.next_wakeup()
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
        for change in &changes {
            self.note_held(change);
            if let Change::PutEvent(event) = change {
                self.events.push(event.clone());
            }
        }
        block_on(self.store.commit(&self.lease, changes.clone().into())).unwrap();
        // What waits for metadata has led to nothing yet.
        let is_waiting = |effect: &Effect| matches!(effect, Effect::LoadMetadata(_));
        let is_parked = decision.effects.iter().any(is_waiting);
        if !is_parked && std::mem::take(&mut self.is_crashing) {
            return (changes, Vec::new());
        }
        let mut effects = Vec::new();
        for effect in decision.effects {
            let loaded = match effect {
                Effect::LoadRun(run) => {
                    let found = match block_on(self.store.run_snapshot(run)).unwrap() {
                        Some(snapshot) => FoundRun::Live(Box::new(snapshot)),
                        None if block_on(self.store.run_view(run)).unwrap().is_some() => {
                            FoundRun::Ended
                        }
                        None => FoundRun::Missing,
                    };
                    let loaded = Input::RunLoaded { run, found };
                    match &mut self.under_way {
                        None => loaded,
                        Some(under_way) => {
                            under_way.push(loaded);
                            continue;
                        }
                    }
                }
                Effect::LoadMetadata(run) => {
                    let records = block_on(self.store.run_metadata(run)).unwrap();
                    Input::MetadataLoaded { run, records }
                }
                Effect::LoadEvents { held, events } => {
                    let events = block_on(self.store.events_by_id(&events)).unwrap();
                    Input::EventsLoaded { held, events }
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

    fn run_called(&self, name: &str) -> RunId {
        let number: usize = name.trim_start_matches('R').parse().unwrap();
        let known = self.runs.iter().find(|(_, known)| **known == number);
        match known {
            Some((run, _)) => *run,
            None => panic!("no run is called {name}"),
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

fn load(store: &MemoryStore, lease: &ShardLease, slots: usize) -> Shard {
    let state = block_on(store.shard_load(lease)).unwrap();
    let config = ShardConfig {
        calls_in_flight_max: slots,
        upkeep_jobs_max: slots.saturating_sub(1),
        calls_per_app_max: u32::try_from(slots).unwrap(),
        retry: RetryPolicy::Fixed(Duration::from_secs(10)),
        ..ShardConfig::default()
    };
    Shard::new(config, lease.epoch, state)
}
