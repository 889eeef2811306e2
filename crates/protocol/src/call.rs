//! The request that executes part of a run (sdk-protocol §4, §1.7).
//!
//! Bodies are assembled from canonical texts by concatenation; nothing is parsed again.

use std::fmt::Write as _;
use std::sync::Arc;

use http::header::{ACCEPT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use url::Url;

use crate::headers::{self, ServerKind, USER_AGENT_TEXT};
use crate::json::text;
use crate::trace::TraceContext;
use crate::{AppId, DeferId, FunctionId, JobId, Json, RequestId, RunId, StepId, Ticket};

/// The `stepId` of a call without a target.
const DISCOVERY: &str = "step";

/// All that a call carries.
#[derive(Clone, Debug, PartialEq)]
pub struct CallRequest {
    /// The run.
    pub run: RunId,
    /// The function, as `ctx.fn_id`.
    pub function: FunctionId,
    /// The app of the function.
    pub app: AppId,
    /// Composite id of the function, as query parameter `fnId`.
    pub function_slug: Arc<str>,
    /// The step to execute; `None` on a discovery call.
    pub target: Option<StepId>,
    /// Attempt of this job, from 0 (§5.8).
    pub attempt: u32,
    /// Attempts of each job of the function.
    pub max_attempts: u32,
    /// `ctx.disable_immediate_execution` (§5.9).
    pub force_step_plan: bool,
    /// Execution version: -1 until the first successful reply told it, then 1 or 2 (§4.3).
    pub version: i8,
    /// The job.
    pub job: JobId,
    /// The owner of the shard, which checkpoints of this call are to name (§7.3).
    pub epoch: u64,
    /// Dispatches of the job so far, this one included (§7.3).
    pub generation: u32,
    /// Fresh for each dispatch.
    pub request: RequestId,
    /// Payloads as [`EventInput::payload`](crate::event::EventInput::payload) makes them. The first
    /// one is `event`; never empty.
    pub events: Vec<Json>,
    /// Memoized values in the order in which they were stored (§4.2, §5.10). No id occurs twice.
    pub steps: Vec<(StepId, Json)>,
    /// The defers that the run has, and which of them can be aborted (DE-3). No id occurs twice.
    pub defers: Vec<(DeferId, bool)>,
}

/// The body of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallBody {
    /// Canonical JSON: what is signed and sent.
    pub bytes: Vec<u8>,
    /// Steps and events were left out; the app fetches them (§4.4).
    pub use_api: bool,
}

impl CallRequest {
    /// Assembles the body. If it would be longer than `max_len` bytes and `allow_use_api`, steps
    /// and events are left out for the app to fetch; `event` and the stack stay. GO apps cannot
    /// do that: for them `allow_use_api` must be false, and the body has whatever length it has
    /// (§4.4).
    pub fn body(&self, max_len: usize, allow_use_api: bool) -> CallBody {
        let events: usize = self.events.iter().map(|event| event.len() + 1).sum();
        let step_len = |(id, value): &(StepId, Json)| id.as_str().len() + value.len() + 4;
        let steps: usize = self.steps.iter().map(step_len).sum();
        let mut out = String::new();
        // What does not fit anyway need not be copied together first.
        if !allow_use_api || events + steps <= max_len {
            out.reserve(self.head_len() + events + steps);
            self.write(false, &mut out);
            if !allow_use_api || out.len() <= max_len {
                return CallBody {
                    bytes: out.into_bytes(),
                    use_api: false,
                };
            }
            out.clear();
        }
        self.write(true, &mut out);
        CallBody {
            bytes: out.into_bytes(),
            use_api: true,
        }
    }

    /// About what the body takes apart from `events` and `steps`.
    fn head_len(&self) -> usize {
        const FIXED: usize = 600;
        let stack: usize = self.steps.iter().map(|(id, _)| id.as_str().len() + 3).sum();
        let defer_len = |(id, _): &(DeferId, bool)| id.as_str().len() + 24;
        let defers: usize = self.defers.iter().map(defer_len).sum();
        FIXED + self.events.first().map_or(2, Json::len) + stack + defers
    }

    fn write(&self, use_api: bool, out: &mut String) {
        out.push_str("{\"ctx\":");
        self.write_context(use_api, out);
        out.push_str(",\"defers\":{");
        self.write_defers(out);
        out.push_str("},\"event\":");
        out.push_str(self.events.first().map_or("{}", Json::as_str));
        out.push_str(",\"events\":[");
        if !use_api {
            write_list(self.events.iter().map(Json::as_str), out);
        }
        out.push_str("],\"steps\":{");
        if !use_api {
            let mut steps: Vec<_> = self.steps.iter().collect();
            steps.sort_by(|a, b| text::compare(a.0.as_str(), b.0.as_str()));
            write_steps(steps.into_iter(), out);
        }
        put(
            out,
            format_args!("}},\"use_api\":{use_api},\"version\":{}}}", self.version),
        );
    }

    fn write_defers(&self, out: &mut String) {
        let mut defers: Vec<_> = self.defers.iter().collect();
        defers.sort_by(|a, b| text::compare(a.0.as_str(), b.0.as_str()));
        for (index, (id, is_abortable)) in defers.into_iter().enumerate() {
            if index > 0 {
                out.push(',');
            }
            text::push_quoted(id.as_str(), out);
            put(out, format_args!(":{{\"abortable\":{is_abortable}}}"));
        }
    }

    fn write_context(&self, use_api: bool, out: &mut String) {
        let Self {
            run,
            function,
            job,
            request,
            ..
        } = self;
        let ticket = self.ticket();
        put(
            out,
            format_args!(
                "{{\"attempt\":{},\"disable_immediate_execution\":{},\"env\":\"\",\
                 \"fn_id\":\"{function}\",\"generation_id\":{},\"job_id\":\"{job}\",\
                 \"max_attempts\":{},\"qi_id\":\"{ticket}\",\"request_id\":\"{request}\",\
                 \"run_id\":\"{run}\",\"stack\":{{\"current\":{},\"stack\":[",
                self.attempt,
                self.force_step_plan,
                self.generation,
                self.max_attempts,
                self.steps.len(),
            ),
        );
        for (index, (id, _)) in self.steps.iter().enumerate() {
            if index > 0 {
                out.push(',');
            }
            text::push_quoted(id.as_str(), out);
        }
        put(
            out,
            format_args!("]}},\"step_id\":\"{DISCOVERY}\",\"use_api\":{use_api}}}"),
        );
    }

    /// Where to send the call: `endpoint` with the query parameters `fnId` and `stepId` set, and
    /// all others as they are (§3.1).
    pub fn url(&self, endpoint: &Url) -> Url {
        let own = [
            ("fnId", &*self.function_slug),
            ("stepId", self.step_parameter()),
        ];
        set_query(endpoint, &own)
    }

    /// What checkpoints of this call name as `qi_id` (§7.3).
    pub fn ticket(&self) -> Ticket {
        Ticket {
            job: self.job,
            epoch: self.epoch,
            generation: self.generation,
        }
    }

    /// The trace that the call belongs to.
    pub fn trace_context(&self) -> TraceContext {
        TraceContext::of_call(self.run, self.request, self.function, self.app)
    }

    fn step_parameter(&self) -> &str {
        self.target.as_ref().map_or(DISCOVERY, StepId::as_str)
    }

    /// The headers of the call but for its signature (§1.7). A value that no header
    /// can carry, such as a step id with a line break, is left out.
    pub fn headers(&self, server_kind: ServerKind) -> HeaderMap {
        let mut map = self.common_headers(server_kind);
        map.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        put_header(&mut map, headers::STEP_ID, self.step_parameter());
        map
    }

    /// The headers of the call of a durable endpoint but for its signature: what they do not say, the
    /// app fetches (§7.5).
    pub fn endpoint_headers(&self, server_kind: ServerKind) -> HeaderMap {
        let mut map = self.common_headers(server_kind);
        let force = if self.force_step_plan {
            "true"
        } else {
            "false"
        };
        put_header(&mut map, headers::FORCE_STEP_PLAN, force);
        if let Some(target) = &self.target {
            put_header(&mut map, headers::STEP_ID, target.as_str());
        }
        map
    }

    fn common_headers(&self, server_kind: ServerKind) -> HeaderMap {
        let trace = self.trace_context();
        let mut map = HeaderMap::with_capacity(12);
        map.insert(USER_AGENT, HeaderValue::from_static(USER_AGENT_TEXT));
        map.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip, br"));
        let own = [
            (headers::SERVER_KIND, server_kind.as_str().to_owned()),
            (headers::RUN_ID, self.run.to_string()),
            (headers::REQUEST_ID, self.request.to_string()),
            (headers::GENERATION_ID, self.generation.to_string()),
            (headers::JOB_ID, self.job.to_string()),
            (headers::REQUEST_VERSION, self.version.to_string()),
            (headers::TRACEPARENT, trace.traceparent),
            (headers::TRACESTATE, trace.tracestate),
        ];
        for (name, value) in own {
            put_header(&mut map, name, &value);
        }
        map
    }
}

fn put_header(map: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        map.insert(HeaderName::from_static(name), value);
    }
}

/// The `steps` object that an app fetches after a call with `use_api`: members in stack order,
/// which some apps take as the order of completion, and so not canonical (§4.4).
pub fn actions_body(steps: &[(StepId, Json)]) -> Vec<u8> {
    let mut out = String::from("{");
    write_steps(steps.iter(), &mut out);
    out.push('}');
    out.into_bytes()
}

/// The events that an app fetches after a call with `use_api` (§4.4).
pub fn batch_body(events: &[Json]) -> Vec<u8> {
    let mut out = String::from("[");
    write_list(events.iter().map(Json::as_str), &mut out);
    out.push(']');
    out.into_bytes()
}

fn write_list<'a>(items: impl Iterator<Item = &'a str>, out: &mut String) {
    for (index, item) in items.enumerate() {
        if index > 0 {
            out.push(',');
        }
        out.push_str(item);
    }
}

fn write_steps<'a>(steps: impl Iterator<Item = &'a (StepId, Json)>, out: &mut String) {
    for (index, (id, value)) in steps.enumerate() {
        if index > 0 {
            out.push(',');
        }
        text::push_quoted(id.as_str(), out);
        out.push(':');
        out.push_str(value.as_str());
    }
}

fn put(out: &mut String, arguments: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = out.write_fmt(arguments);
}

/// Sets query parameters in place, or at the end if they are new. Others keep their place and
/// their encoding.
fn set_query(url: &Url, own: &[(&str, &str)]) -> Url {
    let encoded = |name: &str, value: &str| -> String {
        url::form_urlencoded::Serializer::new(String::new())
            .append_pair(name, value)
            .finish()
    };
    let mut missing: Vec<_> = own.to_vec();
    let mut parts: Vec<String> = Vec::new();
    for part in url
        .query()
        .unwrap_or_default()
        .split('&')
        .filter(|part| !part.is_empty())
    {
        let name = url::form_urlencoded::parse(part.as_bytes())
            .next()
            .map(|(name, _)| name);
        match own.iter().find(|own| name.as_deref() == Some(own.0)) {
            None => parts.push(part.to_owned()),
            Some(own) if missing.contains(own) => {
                missing.retain(|missing| missing != own);
                parts.push(encoded(own.0, own.1));
            }
            // A second parameter of the same name.
            Some(_) => {}
        }
    }
    parts.extend(missing.iter().map(|(name, value)| encoded(name, value)));
    let mut url = url.clone();
    url.set_query(Some(&parts.join("&")));
    url
}
