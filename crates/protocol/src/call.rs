//! The request that executes part of a run (sdk-protocol §4, §1.7).
//!
//! Bodies are assembled from canonical texts by concatenation; nothing is parsed again.

use std::fmt::{self, Write as _};
use std::sync::Arc;

use bytes::BytesMut;
use http::header::{ACCEPT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use url::Url;
use url::form_urlencoded::{self, byte_serialize};

use crate::headers::{ServerKind, USER_AGENT_TEXT};
use crate::json::text;
use crate::trace::TraceContext;
use crate::{AppId, DeferId, FunctionId, JobId, Json, RequestId, RunId, StepId, Ticket};

/// The `stepId` of a call without a target.
const DISCOVERY: &str = "step";

/// Most queries of calls are shorter, in bytes.
const QUERY_EXPECTED: usize = 128;

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
    /// `{"input": [args…]}` for steps that are executed with other arguments than the function gives
    /// them (§4.2). None of them is memoized.
    pub inputs: Vec<(StepId, Json)>,
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
        let steps: usize = self.steps.iter().chain(&self.inputs).map(step_len).sum();
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
            let mut steps: Vec<_> = self.steps.iter().chain(&self.inputs).collect();
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
        let mut headers = self.common_headers(server_kind);
        let json = HeaderValue::from_static("application/json");
        headers.map.insert(CONTENT_TYPE, json);
        headers.print(name::STEP_ID, self.step_parameter());
        headers.map
    }

    /// The headers of the call of a durable endpoint but for its signature: what they do not say, the
    /// app fetches (§7.5).
    pub fn endpoint_headers(&self, server_kind: ServerKind) -> HeaderMap {
        let mut headers = self.common_headers(server_kind);
        headers.print(name::FORCE_STEP_PLAN, self.force_step_plan);
        if let Some(target) = &self.target {
            headers.print(name::STEP_ID, target);
        }
        headers.map
    }

    fn common_headers(&self, server_kind: ServerKind) -> Headers {
        let trace = self.trace_context();
        let mut headers = Headers::new();
        let constant = [
            (USER_AGENT, USER_AGENT_TEXT),
            (ACCEPT_ENCODING, "gzip, br"),
            (name::SERVER_KIND, server_kind.as_str()),
        ];
        for (name, value) in constant {
            headers.map.insert(name, HeaderValue::from_static(value));
        }
        headers.print(name::RUN_ID, self.run);
        headers.print(name::REQUEST_ID, self.request);
        headers.print(name::GENERATION_ID, self.generation);
        headers.print(name::JOB_ID, self.job);
        headers.print(name::REQUEST_VERSION, self.version);
        headers.print(name::TRACEPARENT, trace.traceparent);
        headers.print(name::TRACESTATE, trace.tracestate);
        headers
    }
}

/// The headers of calls, as names that need not be read again for each.
mod name {
    use http::HeaderName;

    use crate::headers;

    pub(super) const SERVER_KIND: HeaderName = HeaderName::from_static(headers::SERVER_KIND);
    pub(super) const RUN_ID: HeaderName = HeaderName::from_static(headers::RUN_ID);
    pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static(headers::REQUEST_ID);
    pub(super) const GENERATION_ID: HeaderName = HeaderName::from_static(headers::GENERATION_ID);
    pub(super) const JOB_ID: HeaderName = HeaderName::from_static(headers::JOB_ID);
    pub(super) const REQUEST_VERSION: HeaderName =
        HeaderName::from_static(headers::REQUEST_VERSION);
    pub(super) const STEP_ID: HeaderName = HeaderName::from_static(headers::STEP_ID);
    pub(super) const FORCE_STEP_PLAN: HeaderName =
        HeaderName::from_static(headers::FORCE_STEP_PLAN);
    pub(super) const TRACEPARENT: HeaderName = HeaderName::from_static(headers::TRACEPARENT);
    pub(super) const TRACESTATE: HeaderName = HeaderName::from_static(headers::TRACESTATE);
}

/// Headers in the making. What is printed lies in one buffer, not in one for each value.
struct Headers {
    map: HeaderMap,
    printed: BytesMut,
}

impl Headers {
    /// Room for those of a call, its signature, and what the HTTP client adds.
    const EXPECTED: usize = 16;
    /// Bytes that the values of a call take together.
    const PRINTED: usize = 512;

    fn new() -> Self {
        Self {
            map: HeaderMap::with_capacity(Self::EXPECTED),
            printed: BytesMut::with_capacity(Self::PRINTED),
        }
    }

    fn print(&mut self, name: HeaderName, value: impl fmt::Display) {
        // Writing to a buffer that grows cannot fail.
        let _ = write!(self.printed, "{value}");
        let value = self.printed.split().freeze();
        if let Ok(value) = HeaderValue::from_maybe_shared(value) {
            self.map.insert(name, value);
        }
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

fn put(out: &mut String, arguments: fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = out.write_fmt(arguments);
}

/// Sets query parameters in place, or at the end if they are new. Others keep their place and
/// their encoding.
fn set_query(url: &Url, own: &[(&str, &str)]) -> Url {
    let mut query = String::with_capacity(QUERY_EXPECTED);
    let mut is_set = vec![false; own.len()];
    let parts = url.query().unwrap_or_default().split('&');
    for part in parts.filter(|part| !part.is_empty()) {
        let name = form_urlencoded::parse(part.as_bytes())
            .next()
            .map(|(name, _)| name);
        match own.iter().position(|own| name.as_deref() == Some(own.0)) {
            None => {
                separate(&mut query);
                query.push_str(part);
            }
            Some(index) if !is_set[index] => {
                is_set[index] = true;
                push_parameter(&mut query, own[index]);
            }
            // A second parameter of the same name.
            Some(_) => {}
        }
    }
    for (parameter, _) in own.iter().zip(is_set).filter(|(_, is_set)| !is_set) {
        push_parameter(&mut query, *parameter);
    }
    let mut url = url.clone();
    url.set_query(Some(&query));
    url
}

fn push_parameter(query: &mut String, (name, value): (&str, &str)) {
    separate(query);
    query.extend(byte_serialize(name.as_bytes()));
    query.push('=');
    query.extend(byte_serialize(value.as_bytes()));
}

fn separate(query: &mut String) {
    if !query.is_empty() {
        query.push('&');
    }
}
