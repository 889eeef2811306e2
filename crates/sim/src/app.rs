//! The fake app as the server reaches it: over a bad network.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use everstep_core::effect::Call;
use everstep_core::record::{LimitName, PausedRuns};
use everstep_engine::rt::Clock;
use everstep_engine::{Caller, Gateway};
use everstep_protocol::call::CallRequest;
use everstep_protocol::gateway::{OutboundError, OutboundRequest, OutboundResponse};
use everstep_protocol::reply::Reply;
use everstep_protocol::{RunId, Timestamp};

use crate::audit::{Audit, Sent, Service, Subject};
use crate::chance::Chance;
use crate::clients::Clients;
use crate::controls::Pause;
use crate::execution::Execution;
use crate::faults::{Crash, Faults, Healing};
use crate::origin;
use crate::outage::Outage;
use crate::program::Program;
use crate::quota::{InUse, Quotas};
use crate::watch::Watch;

/// The app, as it is reached from all incarnations of the server.
pub struct FakeApp {
    pub programs: Vec<Program>,
    pub audit: Audit,
    pub clients: Clients,
    pub chance: Chance,
    pub faults: Faults,
    pub healing: Healing,
    pub in_flight_max: usize,
    /// Of calls alone.
    pub calls_max: u32,
    pub outage: Mutex<Option<Outage>>,
}

/// The way from one incarnation of the server to the world. Calls of an earlier incarnation go on
/// in the app, but do not count against the limit of this one.
pub struct Network {
    pub app: Arc<FakeApp>,
    pub crash: Crash,
    pub watch: Watch,
    pub in_flight: AtomicUsize,
    /// Without requests.
    pub calls: AtomicUsize,
    pub in_use: InUse,
}

#[async_trait]
impl Caller for Network {
    async fn call(&self, call: Call) -> Reply {
        self.depart().await;
        let since = self.app.clients.clock.now();
        let subject = self.app.subject(&call.request);
        let calls = self.calls.fetch_add(1, Ordering::Relaxed) + 1;
        if calls > self.app.calls_max as usize {
            let most = self.app.calls_max;
            let violation = format!("{calls} calls to the app, over the limit of {most}");
            self.app.audit.violation(violation);
        }
        let quotas = self.take(call.request.run, subject.as_ref());
        let reply = self.app.call(call.request).await;
        self.in_use.give_back(&quotas, since);
        self.calls.fetch_sub(1, Ordering::Relaxed);
        self.in_flight.fetch_sub(1, Ordering::Relaxed);
        reply
    }
}

#[async_trait]
impl Gateway for Network {
    async fn send(&self, request: OutboundRequest) -> Result<OutboundResponse, OutboundError> {
        self.depart().await;
        let since = self.app.clients.clock.now();
        let run = origin::step_of(&request.url).map(|(run, _)| run);
        let quotas = run.map_or_else(Vec::new, |run| {
            self.take(run, self.app.audit.subject(run).as_ref())
        });
        let result = self.app.request(request).await;
        self.in_use.give_back(&quotas, since);
        self.in_flight.fetch_sub(1, Ordering::Relaxed);
        result
    }
}

impl Network {
    /// A call or request of the run is made: its function lets it, and its limits do.
    fn take(&self, run: RunId, subject: Option<&Subject>) -> Quotas {
        let now = self.app.clients.clock.now();
        let taken_after = self.watch.taken_after(run);
        self.app.audit.served(Service {
            run,
            taken_after,
            at: now,
        });
        let Some(subject) = subject else {
            return Vec::new();
        };
        let controls = &self.app.clients.controls;
        let pauses = controls.pauses(subject.0, self.watch.decided_after(), now);
        let holds =
            |pause: &Option<Pause>| pause.is_some_and(|pause| pause.runs == PausedRuns::Hold);
        if pauses.iter().all(holds) {
            let violation = format!("{run}: a call although its function is paused");
            self.app.audit.violation(violation);
        }
        let quotas = self.app.quotas(subject, taken_after);
        for over in self.in_use.take(&quotas, taken_after, now) {
            self.app.audit.violation(format!("{run}: {over}"));
        }
        if !quotas.is_empty() {
            self.app.audit.count("calls under limits");
        }
        quotas
    }

    /// Something leaves the server, if that is alive.
    async fn depart(&self) {
        self.crash.if_alive().await;
        let in_flight = self.in_flight.fetch_add(1, Ordering::Relaxed) + 1;
        if in_flight > self.app.in_flight_max {
            self.app.audit.violation(format!(
                "{in_flight} calls in flight, over the limit of {}",
                self.app.in_flight_max
            ));
        }
    }
}

impl FakeApp {
    fn subject(&self, request: &CallRequest) -> Option<Subject> {
        let data = request.events[0].member("data");
        let topic = data.and_then(|data| data.member_text("topic"));
        let slug = &*request.function_slug;
        let number = self.programs.iter().position(|it| it.slug() == slug)?;
        // Ticks have no topic.
        let subject = (number, topic.unwrap_or_default());
        self.audit.note_subject(request.run, &subject);
        Some(subject)
    }

    /// What a call counts on that was taken up after this time.
    fn quotas(&self, (number, topic): &Subject, taken_after: Timestamp) -> Quotas {
        let program = &self.programs[*number];
        let now = self.clients.clock.now();
        let names = [LimitName::Concurrency, LimitName::SecondConcurrency];
        let limits = names.into_iter().zip(&program.calls_max);
        limits
            .map(|(name, quota)| {
                let controls = &self.clients.controls;
                let set = controls.overrides(*number, name, topic, taken_after, now);
                let most = set
                    .iter()
                    .map(|set| set.map_or(quota.most, |set| set.value));
                let most = most.max().unwrap_or(quota.most);
                (quota.place(&program.slug(), topic), most)
            })
            .collect()
    }

    async fn call(&self, request: CallRequest) -> Reply {
        // What is known to be stored when the server sends the call, not when it arrives: one that
        // was long on its way may be overtaken by that of the next incarnation.
        let sent = self.audit.sent(&request, self.clients.clock);
        let number = sent.number;
        let reply = self.reply(request, sent).await;
        self.audit.ended(number);
        reply
    }

    async fn reply(&self, request: CallRequest, sent: Sent) -> Reply {
        if let Some(outage) = self.outage_now() {
            return self.turn_away(request.run, outage).await;
        }
        if self.strikes(self.faults.call_lost) {
            return Reply::unreachable("the call was lost");
        }
        self.delay(self.faults.reply_late).await;
        let mut programs = self.programs.iter();
        let Some(program) = programs.find(|program| program.slug() == *request.function_slug)
        else {
            self.audit.violation(format!(
                "a call for {}, which does not exist",
                request.function_slug
            ));
            return Reply::unreachable("no such function");
        };
        let mut execution = Execution::new(self, program, &request, sent);
        let reply = execution.run().await;
        self.delay(self.faults.reply_late).await;
        if self.strikes(self.faults.reply_lost) {
            return Reply::unreachable("the answer was lost");
        }
        reply
    }

    /// A request that the server makes for a step.
    async fn request(&self, request: OutboundRequest) -> Result<OutboundResponse, OutboundError> {
        self.audit.requested(&request.url);
        self.delay(self.faults.request_late).await;
        let answer = origin::answer(&request.url);
        if self.strikes(self.faults.request_failed) {
            return Err(OutboundError {
                cause: "the response was lost".to_owned(),
                no_retry: false,
            });
        }
        answer
    }

    pub(crate) fn strikes(&self, percent: u64) -> bool {
        !self.healing.has_begun() && self.chance.percent(percent)
    }

    pub(crate) async fn delay(&self, percent_late: u64) {
        let ms = if self.strikes(percent_late) {
            self.chance.below(60_000)
        } else {
            self.chance.below(20)
        };
        tokio::time::sleep(Duration::from_millis(ms)).await;
    }
}
