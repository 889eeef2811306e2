//! Events and signals that are waited for: the first one that comes in time ends the wait, and
//! nothing else does (server-semantics §3.8, §3.10).

use std::time::Duration;

use everstep_core::record::{EventRecord, StepRecord};
use everstep_protocol::{EventId, Json, Timestamp};

use super::{History, Past, data};
use crate::clients::signal_name;
use crate::program::{Condition, NEWS, Work};

/// A wait, looked back on.
struct Wait<'a> {
    past: &'a Past,
    step: &'a StepRecord,
    expires_at: Timestamp,
}

impl History<'_> {
    pub(super) fn check_waits(&self, past: &Past) {
        for (_, known) in past.program.steps() {
            let Some(step) = past.step(&known.id) else {
                continue;
            };
            let wait = |seconds| Wait {
                past,
                step,
                expires_at: step.created_at + Duration::from_secs(seconds),
            };
            match known.work {
                Work::WaitForEvent { condition, seconds } => {
                    self.check_event_wait(&wait(seconds), condition);
                }
                Work::WaitForSignal { seconds } => self.check_signal_wait(&wait(seconds)),
                Work::Run { .. }
                | Work::Sleep { .. }
                | Work::Invoke { .. }
                | Work::Fetch { .. } => {}
            }
        }
    }

    fn check_event_wait(&self, wait: &Wait<'_>, condition: Condition) {
        let key = wait.past.key();
        let fits = |event: &EventRecord| {
            let level = event
                .payload
                .member("data")
                .and_then(|data| data.member("level"));
            let level = level
                .and_then(|level| level.as_str().parse().ok())
                .unwrap_or(0);
            let of = data(event, "key").unwrap_or_default();
            condition.holds(key.as_deref(), &of, level)
        };
        // Decided on after the wait, and before its time.
        let in_time: Vec<(&EventRecord, Timestamp)> = self
            .sent(NEWS)
            .filter(|(event, acknowledged_at)| {
                fits(event)
                    && event.received_at > wait.step.created_at
                    && *acknowledged_at < wait.expires_at
            })
            .collect();
        let first_answered = in_time.iter().map(|(_, at)| *at).min();
        let Some(value) = &wait.step.value else {
            return self.check_still_waiting(wait, first_answered);
        };
        if value.is_null() {
            if let Some((missed, _)) = in_time.first() {
                self.complain(wait, &format!("timed out although {} came", missed.id));
            }
            return self.check_timed_out(wait);
        }
        self.count("waits ended by an event");
        let id = value
            .member_text("id")
            .and_then(|id| id.parse::<EventId>().ok());
        let Some(event) = id.and_then(|id| self.events.get(&id)) else {
            return self.complain(wait, "has the value of no event");
        };
        let acknowledged_at = self.acknowledged(event).unwrap_or(event.received_at);
        if event.payload != *value || *event.name != *NEWS || !fits(event) {
            self.complain(
                wait,
                &format!("was ended by {}, which does not fit", event.id),
            );
        }
        if event.received_at >= wait.expires_at || acknowledged_at < wait.step.created_at {
            self.complain(wait, &format!("was ended by {}, out of time", event.id));
        }
        if first_answered.is_some_and(|at| at < event.received_at) {
            self.complain(wait, &format!("was ended by {}, not the first", event.id));
        }
        self.check_promptness(wait, acknowledged_at);
    }

    fn check_signal_wait(&self, wait: &Wait<'_>) {
        let name = signal_name(wait.past.id(), wait.step.id.as_str());
        let attempts = self.app.clients.ledger.signal_attempts(&name);
        let mut found_at = None;
        let mut may_have_found_at = None;
        for attempt in &attempts {
            let is_open = attempt.begun_at > wait.step.created_at
                && attempt.ended_at < wait.expires_at
                && wait.past.outlived(attempt.ended_at);
            match attempt.found {
                Some(true) if found_at.is_some() => self.complain(wait, "found twice"),
                Some(true) if attempt.begun_at >= wait.expires_at => {
                    self.complain(wait, "was found, out of time");
                }
                Some(true) => found_at = Some(attempt.ended_at),
                Some(false) if is_open && found_at.is_none() && may_have_found_at.is_none() => {
                    self.complain(wait, "not found, although it waited");
                }
                Some(false) => {}
                None => may_have_found_at = Some(attempt.ended_at),
            }
        }
        let Some(value) = &wait.step.value else {
            return self.check_still_waiting(wait, found_at);
        };
        if value.is_null() {
            if found_at.is_some() {
                self.complain(wait, "timed out although its signal came");
            }
            return self.check_timed_out(wait);
        }
        self.count("waits ended by a signal");
        let signal = Json::object([
            ("data", Json::string("signalled")),
            ("signal", Json::string(&name)),
        ]);
        let Some(at) = found_at.max(may_have_found_at) else {
            return self.complain(wait, "was ended by a signal that nobody sent");
        };
        if *value != Json::object([("data", signal)]) {
            self.complain(wait, "has a wrong value");
        }
        self.check_promptness(wait, at);
    }

    /// A wait that never ended: nothing ended it, or its run ended before that.
    fn check_still_waiting(&self, wait: &Wait<'_>, ended_at: Option<Timestamp>) {
        let end = ended_at.unwrap_or(wait.expires_at).min(wait.expires_at);
        if wait.past.outlived(self.settled(end)) {
            self.complain(wait, "never ended, and its run went on");
        }
    }

    fn check_timed_out(&self, wait: &Wait<'_>) {
        self.count("waits timed out");
        if wait.step.ended_at.is_none_or(|at| at < wait.expires_at) {
            self.complain(wait, "timed out too early");
        }
        self.check_promptness(wait, wait.expires_at);
    }

    fn check_promptness(&self, wait: &Wait<'_>, at: Timestamp) {
        if wait
            .step
            .ended_at
            .is_none_or(|ended_at| ended_at > self.settled(at))
        {
            self.complain(wait, "ended long after it could");
        }
    }

    fn complain(&self, wait: &Wait<'_>, what: &str) {
        let Wait {
            past,
            step,
            expires_at,
        } = wait;
        self.violation(format!(
            "{}: {} {what} (from {} until {expires_at}, ended {:?})",
            past.id(),
            step.id,
            step.created_at,
            step.ended_at
        ));
    }
}
