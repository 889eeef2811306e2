//! The fake app as the server reaches it: over a bad network.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use everstep_core::effect::Call;
use everstep_engine::{Caller, Gateway};
use everstep_protocol::call::CallRequest;
use everstep_protocol::gateway::{OutboundError, OutboundRequest, OutboundResponse};
use everstep_protocol::reply::Reply;

use crate::audit::{Audit, Sent};
use crate::chance::Chance;
use crate::clients::Clients;
use crate::execution::Execution;
use crate::faults::{Crash, Faults, Healing};
use crate::origin;
use crate::program::Program;
use crate::quota::{InUse, Quotas};

/// The app, as it is reached from all incarnations of the server.
pub struct FakeApp {
    pub programs: Vec<Program>,
    pub audit: Audit,
    pub clients: Clients,
    pub chance: Chance,
    pub faults: Faults,
    pub healing: Healing,
    pub in_flight_max: usize,
}

/// The way from one incarnation of the server to the world. Calls of an earlier incarnation go on
/// in the app, but do not count against the limit of this one.
pub struct Network {
    pub app: Arc<FakeApp>,
    pub crash: Crash,
    pub in_flight: AtomicUsize,
    pub in_use: InUse,
}

#[async_trait]
impl Caller for Network {
    async fn call(&self, call: Call) -> Reply {
        self.depart().await;
        let quotas = self.app.quotas(&call.request);
        self.take(&quotas);
        let reply = self.app.call(call.request).await;
        self.in_use.give_back(&quotas);
        self.in_flight.fetch_sub(1, Ordering::Relaxed);
        reply
    }
}

#[async_trait]
impl Gateway for Network {
    async fn send(&self, request: OutboundRequest) -> Result<OutboundResponse, OutboundError> {
        self.depart().await;
        let run = origin::step_of(&request.url).map(|(run, _)| run);
        let quotas = run.map_or_else(Vec::new, |run| self.app.audit.quotas(run));
        self.take(&quotas);
        let result = self.app.request(request).await;
        self.in_use.give_back(&quotas);
        self.in_flight.fetch_sub(1, Ordering::Relaxed);
        result
    }
}

impl Network {
    fn take(&self, quotas: &Quotas) {
        for over in self.in_use.take(quotas) {
            self.app.audit.violation(over);
        }
        if !quotas.is_empty() {
            self.app.audit.count("calls under limits");
        }
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
    /// The limits that calls of the run are under.
    fn quotas(&self, request: &CallRequest) -> Quotas {
        let topic = request.events[0]
            .member("data")
            .and_then(|data| data.member_text("topic"));
        let slug = &*request.function_slug;
        let program = self.programs.iter().find(|it| it.slug() == slug);
        let (Some(topic), Some(program)) = (topic, program) else {
            return Vec::new();
        };
        let limits = program.calls_max.iter();
        let quotas: Quotas = limits
            .map(|quota| (quota.place(slug, &topic), quota.most))
            .collect();
        self.audit.limited(request.run, &quotas);
        quotas
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

    async fn delay(&self, percent_late: u64) {
        let ms = if self.strikes(percent_late) {
            self.chance.below(60_000)
        } else {
            self.chance.below(20)
        };
        tokio::time::sleep(Duration::from_millis(ms)).await;
    }
}
