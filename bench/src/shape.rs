//! What the app of this benchmark looks like: its functions, its steps, the calls that it gets.

use std::sync::Arc;

use bytes::Bytes;
use everstep_protocol::call::CallRequest;
use everstep_protocol::event::EventInput;
use everstep_protocol::headers::ServerKind;
use everstep_protocol::{
    AppId, EventId, FunctionId, JobId, Json, RequestId, RunId, StepId, Timestamp,
};
use http::HeaderMap;
use serde_json::json;

use crate::tenant::{self, Tenant};
use crate::waiter;

/// Where the worker serves its functions.
pub(crate) const SERVE_PATH: &str = "/api/inngest";
/// An event that triggers nothing.
pub(crate) const UNHEARD_EVENT: &str = "bench/unheard";

/// The name of the app.
pub(crate) const APP: &str = "bench";
/// Stands for what a step returns in real life: a reference and a few numbers.
const NOTE: &str = "a step returns a reference and a few numbers, never the data itself";

/// A function of the app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Program {
    Sequence(Sequence),
    Waiter,
    Tenant(Tenant),
}

impl Program {
    /// The function that a call's query (`fnId=bench-seq-20&stepId=step`) names.
    pub(crate) fn of_query(query: &str) -> Option<Self> {
        let slug = query
            .split('&')
            .find_map(|pair| pair.strip_prefix("fnId="))?;
        if slug == waiter::slug() {
            return Some(Self::Waiter);
        }
        if let Some(tenant) = Tenant::of_slug(slug) {
            return Some(Self::Tenant(tenant));
        }
        let steps = slug.strip_prefix(APP)?.strip_prefix("-seq-")?;
        let steps = steps.parse().ok()?;
        Some(Self::Sequence(Sequence { steps }))
    }
}

/// A function that runs this many steps, one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sequence {
    pub(crate) steps: usize,
}

impl Sequence {
    /// Ends with its first call.
    pub(crate) const NONE: Self = Self { steps: 0 };
    /// For a steady load.
    pub(crate) const STEADY: Self = Self { steps: 10 };
    /// For throughput.
    pub(crate) const SHORT: Self = Self { steps: 20 };
    /// For the time between steps.
    pub(crate) const LONG: Self = Self { steps: 100 };

    const ALL: [Self; 4] = [Self::NONE, Self::STEADY, Self::SHORT, Self::LONG];

    /// The composite id, which carries the number of steps.
    pub(crate) fn slug(self) -> String {
        format!("{APP}-seq-{}", self.steps)
    }

    pub(crate) fn event_name(self) -> String {
        format!("{APP}/seq-{}", self.steps)
    }

    /// A request for one run.
    pub(crate) fn event(self) -> String {
        json!({ "name": self.event_name(), "data": { "note": NOTE } }).to_string()
    }

    /// The calls of one run as the server makes them, in order: the last one ends the function.
    pub(crate) fn calls(self) -> Vec<(HeaderMap, Bytes)> {
        let now = Timestamp::from_millis(1_700_000_000_000);
        let event = EventInput::new(
            &self.event_name(),
            Json::from_value(&json!({ "note": NOTE })),
        );
        let event = event.payload(EventId::from_parts(now, 1), now);
        let run = RunId::from_parts(now, 2);
        let call = |done: usize| CallRequest {
            run,
            app: AppId::derive(APP),
            function: FunctionId::derive(AppId::derive(APP), &self.slug()),
            function_slug: Arc::from(self.slug()),
            target: None,
            attempt: 0,
            max_attempts: 1,
            force_step_plan: false,
            version: if done == 0 { -1 } else { 2 },
            job: JobId { run, number: 1 },
            generation: 1,
            epoch: 1,
            request: RequestId::from_parts(now, 3),
            events: vec![event.clone()],
            steps: (0..done)
                .map(|index| (step_id(index), memoized(index)))
                .collect(),
            inputs: Vec::new(),
            defers: Vec::new(),
        };
        (0..=self.steps)
            .map(call)
            .map(|call| {
                (
                    call.headers(ServerKind::Dev),
                    call.body(usize::MAX, false).bytes.into(),
                )
            })
            .collect()
    }

    /// The path and query of its calls.
    pub(crate) fn call_target(self) -> String {
        call_target(&self.slug())
    }
}

fn call_target(slug: &str) -> String {
    format!("{SERVE_PATH}?fnId={slug}&stepId=step")
}

fn user_id(index: usize) -> String {
    format!("step-{index}")
}

fn step_id(index: usize) -> StepId {
    StepId::derive(&user_id(index), 0)
}

fn result(index: usize) -> serde_json::Value {
    json!({ "index": index, "note": NOTE })
}

fn memoized(index: usize) -> Json {
    Json::from_value(&json!({ "data": result(index) }))
}

/// What the app answers to the call that runs the step of that index.
pub(crate) fn step_reply(index: usize) -> Bytes {
    let id = step_id(index);
    let step = json!([{
        "op": "StepRun",
        "id": id.as_str(),
        "name": user_id(index),
        "displayName": user_id(index),
        "userland": { "id": user_id(index) },
        "data": result(index),
    }]);
    step.to_string().into()
}

/// What the app tells the server about itself.
pub(crate) fn registration(port: u16) -> String {
    let url = format!("http://127.0.0.1:{port}{SERVE_PATH}");
    let no_limits = || json!([]);
    let sequences = Sequence::ALL.map(|it| (it.slug(), it.event_name(), no_limits()));
    let waiter = (waiter::slug(), waiter::EVENT.to_owned(), no_limits());
    let tenants = Tenant::ALL.map(|it| (it.slug(), it.event_name(), tenant::concurrency()));
    let functions: Vec<_> = sequences
        .into_iter()
        .chain([waiter])
        .chain(tenants)
        .map(|(slug, event, concurrency)| {
            let url = format!("http://127.0.0.1:{port}{}", call_target(&slug));
            json!({
                "id": slug,
                "name": slug,
                "triggers": [{ "event": event }],
                "concurrency": concurrency,
                "steps": { "step": {
                    "id": "step",
                    "name": "step",
                    "runtime": { "type": "http", "url": url },
                    "retries": { "attempts": 0 },
                } },
            })
        })
        .collect();
    let registration = json!({
        "url": url,
        "appName": APP,
        "deployType": "ping",
        "framework": "",
        "functions": functions,
        "sdk": "bench:v1",
        "v": "0.1",
    });
    registration.to_string()
}

/// A request body with this many events that trigger nothing.
pub(crate) fn unheard_events(count: usize) -> Bytes {
    let events: Vec<_> = (0..count)
        .map(|index| json!({ "name": UNHEARD_EVENT, "data": { "index": index, "note": NOTE } }))
        .collect();
    serde_json::Value::from(events).to_string().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_names_its_function() {
        let target = Sequence::SHORT.call_target();
        let (_, query) = target.split_once('?').unwrap();
        assert_eq!(
            Program::of_query(query),
            Some(Program::Sequence(Sequence::SHORT))
        );
        assert_eq!(
            Program::of_query("stepId=step&fnId=bench-seq-0"),
            Some(Program::Sequence(Sequence::NONE))
        );
        assert_eq!(
            Program::of_query("fnId=bench-waiter"),
            Some(Program::Waiter)
        );
        assert_eq!(
            Program::of_query("fnId=bench-tenant-5"),
            Some(Program::Tenant(Tenant::BUSY))
        );
        assert_eq!(Program::of_query("fnId=other-seq-1"), None);
    }

    #[test]
    fn the_calls_of_a_run_carry_one_more_step_each() {
        let calls = Sequence::SHORT.calls();
        assert_eq!(calls.len(), 21);
        for (done, (_, body)) in calls.iter().enumerate() {
            let body: serde_json::Value = serde_json::from_slice(body).unwrap();
            assert_eq!(body["steps"].as_object().unwrap().len(), done);
            assert_eq!(
                body["ctx"]["stack"]["stack"].as_array().unwrap().len(),
                done
            );
        }
    }

    #[test]
    fn a_memoized_value_is_what_the_step_replied() {
        let reply: serde_json::Value = serde_json::from_slice(&step_reply(3)).unwrap();
        let calls = Sequence::SHORT.calls();
        let body: serde_json::Value = serde_json::from_slice(&calls[4].1).unwrap();
        let id = reply[0]["id"].as_str().unwrap();
        assert_eq!(body["steps"][id]["data"], reply[0]["data"]);
    }
}
