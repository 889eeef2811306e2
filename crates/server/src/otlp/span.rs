//! What is kept of a span, and which run it names (connect-realtime §6.3).

use everstep_core::record::SpanRecord;
use everstep_protocol::limits::SPAN_MAX;
use everstep_protocol::trace::{TraceId, call_of};
use everstep_protocol::{FunctionId, Json, RunId, SpanId, StepId, Timestamp};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::Event;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;

use super::Rejection;
use crate::trace::userland::Detail;

/// Attributes that say where a span belongs.
mod attribute {
    pub(super) const REFERENCE: &str = "inngest.traceref";
    pub(super) const RUN: &str = "sdk.run.id";
    pub(super) const FUNCTION: &str = "sys.function.id";
    pub(super) const STEP: &str = "inngest.step.hash";
    pub(super) const ATTEMPT: &str = "inngest.step.attempt";
    pub(super) const SERVICE: &str = "service.name";

    /// Not shown: the place of the span says the same, or they are the server's own.
    pub(super) fn is_internal(name: &str) -> bool {
        let is_step = name.starts_with("inngest.step.");
        let is_link = matches!(
            name,
            REFERENCE | RUN | FUNCTION | "inngest.traceparent" | "sdk.app.id" | "sys.app.id"
        );
        is_step || is_link || name.starts_with("_inngest.")
    }
}

/// The span of an SDK around a whole call. Its children are what user code opened (TR-5).
const SDK_SCOPE: &str = "inngest";
const SDK_ROOT: &str = "inngest.execution";

/// A span that names a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Incoming {
    pub record: SpanRecord,
    /// The function that the run is of, if the span says so.
    pub function: Option<FunctionId>,
}

/// The spans of a request, but for those of the SDK itself.
pub fn spans_of(request: &ExportTraceServiceRequest) -> Vec<Result<Incoming, Rejection>> {
    let mut found = Vec::new();
    for of_resource in &request.resource_spans {
        for of_scope in &of_resource.scope_spans {
            let scope = of_scope.scope.as_ref();
            let is_sdk = scope.is_some_and(|scope| scope.name == SDK_SCOPE);
            for span in &of_scope.spans {
                if !(is_sdk && span.name == SDK_ROOT) {
                    found.push(incoming(span, of_resource.resource.as_ref(), scope));
                }
            }
        }
    }
    found
}

fn incoming(
    span: &Span,
    resource: Option<&Resource>,
    scope: Option<&InstrumentationScope>,
) -> Result<Incoming, Rejection> {
    let text = |name: &str| text_of(&span.attributes, name);
    let call = text(attribute::REFERENCE).and_then(call_of);
    let call = call.ok_or(Rejection::NotLinked)?;
    let run: Option<RunId> = text(attribute::RUN).and_then(|id| id.parse().ok());
    let run = run.ok_or(Rejection::NoRun)?;
    let function = match text(attribute::FUNCTION) {
        Some(id) => Some(id.parse().map_err(|_| Rejection::NoRun)?),
        None => None,
    };
    let id = span_id(&span.span_id).ok_or(Rejection::NoId)?;
    let detail = detail(span, resource, scope).to_json();
    if span.name.len() + detail.len() > SPAN_MAX {
        return Err(Rejection::TooLarge);
    }
    let attempt = match value_of(&span.attributes, attribute::ATTEMPT) {
        Some(Value::IntValue(attempt)) => u32::try_from(*attempt).ok(),
        _ => None,
    };
    let status = span.status.as_ref();
    let record = SpanRecord {
        run,
        id,
        parent: span_id(&span.parent_span_id),
        call,
        step: text(attribute::STEP)
            .filter(|step| !step.is_empty())
            .map(StepId::new),
        attempt,
        name: span.name.as_str().into(),
        started_ns: in_range(span.start_time_unix_nano),
        ended_ns: in_range(span.end_time_unix_nano),
        is_failed: status.is_some_and(|status| status.code() == StatusCode::Error),
        detail,
    };
    Ok(Incoming { record, function })
}

/// Stores keep signed numbers; the highest one lies in the year 2262.
fn in_range(ns: u64) -> u64 {
    ns.min(i64::MAX.unsigned_abs())
}

fn span_id(bytes: &[u8]) -> Option<SpanId> {
    let bytes: [u8; 8] = bytes.try_into().ok()?;
    (bytes != [0; 8]).then(|| SpanId::from_bytes(bytes))
}

fn detail(
    span: &Span,
    resource: Option<&Resource>,
    scope: Option<&InstrumentationScope>,
) -> Detail {
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let trace_id: Result<[u8; 16], _> = span.trace_id.as_slice().try_into();
    let resource = resource.map(|resource| resource.attributes.as_slice());
    let resource = resource.unwrap_or_default();
    let kind = span.kind().as_str_name().strip_prefix("SPAN_KIND_");
    let message = span.status.as_ref().map(|status| status.message.as_str());
    let events: Vec<Json> = span.events.iter().map(event).collect();
    Detail {
        kind: kind.filter(|kind| *kind != "UNSPECIFIED").and_then(some),
        service_name: text_of(resource, attribute::SERVICE).and_then(some),
        scope_name: scope.and_then(|scope| some(&scope.name)),
        scope_version: scope.and_then(|scope| some(&scope.version)),
        status_message: message.and_then(some),
        trace_id: trace_id
            .ok()
            .map(|bytes| TraceId::from_bytes(bytes).to_string()),
        resource: attributes(resource),
        attributes: attributes(&span.attributes),
        events: (!events.is_empty()).then(|| Json::array(&events)),
    }
}

fn event(event: &Event) -> Json {
    let ms = i64::try_from(event.time_unix_nano / 1_000_000).unwrap_or(i64::MAX);
    let at = Timestamp::from_millis(ms).to_string();
    let attributes = attributes(&event.attributes).map(|attributes| ("attributes", attributes));
    let members = [
        ("name", Json::string(&event.name)),
        ("at", Json::string(&at)),
    ];
    Json::object(members.into_iter().chain(attributes))
}

/// As an object; `None` if there are none to show.
fn attributes(list: &[KeyValue]) -> Option<Json> {
    let shown: Vec<(&str, Json)> = list
        .iter()
        .filter(|it| !attribute::is_internal(&it.key))
        .map(|it| (it.key.as_str(), json_of(it.value.as_ref())))
        .collect();
    (!shown.is_empty()).then(|| Json::object(shown))
}

fn json_of(value: Option<&AnyValue>) -> Json {
    let Some(value) = value.and_then(|value| value.value.as_ref()) else {
        return Json::null();
    };
    match value {
        Value::StringValue(text) => Json::string(text),
        Value::BoolValue(is) => Json::from_canonical(if *is { "true" } else { "false" }),
        Value::IntValue(number) => Json::integer(*number),
        // JSON has no infinity.
        Value::DoubleValue(number) => {
            Json::number(*number).unwrap_or_else(|| Json::string(&number.to_string()))
        }
        Value::ArrayValue(array) => {
            let items: Vec<Json> = array.values.iter().map(|it| json_of(Some(it))).collect();
            Json::array(&items)
        }
        Value::KvlistValue(list) => {
            let members = list.values.iter();
            let members = members.map(|it| (it.key.as_str(), json_of(it.value.as_ref())));
            Json::object(members.collect::<Vec<_>>())
        }
        Value::BytesValue(bytes) => Json::string(&String::from_utf8_lossy(bytes)),
        // An index into a table that only profiles have.
        Value::StringValueStrindex(_) => Json::null(),
    }
}

fn value_of<'a>(list: &'a [KeyValue], name: &str) -> Option<&'a Value> {
    let found = list.iter().find(|it| it.key == name)?;
    found.value.as_ref()?.value.as_ref()
}

fn text_of<'a>(list: &'a [KeyValue], name: &str) -> Option<&'a str> {
    match value_of(list, name)? {
        Value::StringValue(text) => Some(text),
        _ => None,
    }
}
