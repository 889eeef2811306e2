//! What only some spans have, as clients see it.

use std::collections::BTreeMap;

use everstep_protocol::Json;
use serde::Serialize;
use utoipa::ToSchema;

use super::ms;
use crate::routes::status_text;
use crate::trace::{Link, Metadata, StepInfo, Timing, UserlandPart};

/// What a step is about.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = TraceStepInfo)]
pub(super) enum StepInfoView<'a> {
    #[serde(rename_all = "camelCase")]
    Sleep { sleep_until: String },
    #[serde(rename_all = "camelCase")]
    WaitForEvent {
        event_name: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        expression: Option<&'a str>,
        timeout: String,
        #[serde(rename = "foundEventID", skip_serializing_if = "Option::is_none")]
        found_event: Option<String>,
        /// There once it has ended, also if it is false.
        #[serde(skip_serializing_if = "Option::is_none")]
        timed_out: Option<bool>,
    },
    #[serde(rename_all = "camelCase")]
    WaitForSignal {
        signal: &'a str,
        timeout: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        timed_out: Option<bool>,
    },
    #[serde(rename_all = "camelCase")]
    Invoke {
        #[serde(rename = "triggeringEventID")]
        triggering_event: String,
        #[serde(rename = "functionID")]
        function: &'a str,
        timeout: String,
        #[serde(rename = "runID", skip_serializing_if = "Option::is_none")]
        run: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        timed_out: Option<bool>,
    },
}

/// Milliseconds, with a fraction.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TraceTiming)]
pub(super) struct TimingView {
    #[serde(skip_serializing_if = "is_zero")]
    backoff_ms: f64,
    #[serde(skip_serializing_if = "is_zero")]
    queued_ms: f64,
    #[serde(skip_serializing_if = "is_zero")]
    call_ms: f64,
    /// Of the call: name, TCP and TLS.
    #[serde(skip_serializing_if = "is_zero")]
    connect_ms: f64,
    /// Of the call: from then until the answer began.
    #[serde(skip_serializing_if = "Option::is_none")]
    first_byte_ms: Option<f64>,
    /// Of that: in the code of the step, as the SDK measured it.
    #[serde(skip_serializing_if = "Option::is_none")]
    user_code_ms: Option<f64>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TraceMetadata)]
pub(super) struct MetadataView<'a> {
    scope: &'static str,
    kind: &'a str,
    /// JSON text of each (http-api §8.3).
    values: BTreeMap<String, String>,
    updated_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    step_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attempt: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    span_id: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TraceLink)]
pub(super) struct LinkView {
    event_id: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    runs: Vec<RunView>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TraceLinkedRun)]
struct RunView {
    id: String,
    function_id: String,
    status: String,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TraceUserland)]
pub(super) struct UserlandView<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_span_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    span_kind: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope_version: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_message: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<serde_json::Value>)]
    resource_attrs: Option<&'a Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<serde_json::Value>)]
    span_attrs: Option<&'a Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<serde_json::Value>)]
    events: Option<&'a Json>,
}

impl<'a> StepInfoView<'a> {
    pub(super) fn new(info: &'a StepInfo) -> Self {
        match info {
            StepInfo::Sleep { until } => Self::Sleep {
                sleep_until: until.to_string(),
            },
            StepInfo::WaitForEvent {
                event,
                condition,
                until,
                found_event,
                timed_out,
            } => Self::WaitForEvent {
                event_name: event,
                expression: condition.as_deref(),
                timeout: until.to_string(),
                found_event: found_event.map(|event| event.to_string()),
                timed_out: *timed_out,
            },
            StepInfo::WaitForSignal {
                signal,
                until,
                timed_out,
            } => Self::WaitForSignal {
                signal,
                timeout: until.to_string(),
                timed_out: *timed_out,
            },
            StepInfo::Invoke {
                triggering_event,
                function,
                until,
                run,
                timed_out,
            } => Self::Invoke {
                triggering_event: triggering_event.to_string(),
                function,
                timeout: until.to_string(),
                run: run.map(|run| run.to_string()),
                timed_out: *timed_out,
            },
        }
    }
}

impl TimingView {
    pub(super) fn new(timing: Timing) -> Self {
        let until_answer = timing.until_answer;
        Self {
            backoff_ms: ms(timing.backoff),
            queued_ms: ms(timing.queued),
            call_ms: ms(timing.call),
            connect_ms: until_answer.map_or(0.0, |it| ms(it.connect)),
            first_byte_ms: until_answer.map(|it| ms(it.first_byte)),
            user_code_ms: timing.user_code.map(ms),
        }
    }
}

impl<'a> MetadataView<'a> {
    pub(super) fn new(metadata: &'a Metadata) -> Self {
        let values = metadata.values.members();
        Self {
            scope: metadata.scope,
            kind: &metadata.kind,
            values: values
                .map(|(name, value)| (name, value.as_str().to_owned()))
                .collect(),
            updated_at: metadata.updated_at.to_string(),
            step_id: metadata.step.as_ref().map(|step| step.as_str()),
            attempt: metadata.attempt,
            span_id: metadata.span.map(|span| span.to_string()),
        }
    }
}

impl LinkView {
    pub(super) fn new(link: &Link) -> Self {
        let runs = link.runs.iter().map(|run| RunView {
            id: run.run.to_string(),
            function_id: run.function.to_string(),
            status: status_text(run.status).to_ascii_uppercase(),
        });
        Self {
            event_id: link.event.to_string(),
            runs: runs.collect(),
        }
    }
}

impl<'a> UserlandView<'a> {
    pub(super) fn new(part: &'a UserlandPart) -> Self {
        let detail = &part.detail;
        Self {
            parent_span_id: part.parent.map(|parent| parent.to_string()),
            span_kind: detail.kind.as_deref(),
            service_name: detail.service_name.as_deref(),
            scope_name: detail.scope_name.as_deref(),
            scope_version: detail.scope_version.as_deref(),
            status_message: detail.status_message.as_deref(),
            trace_id: detail.trace_id.as_deref(),
            resource_attrs: detail.resource.as_ref(),
            span_attrs: detail.attributes.as_ref(),
            events: detail.events.as_ref(),
        }
    }
}

fn is_zero(ms: &f64) -> bool {
    *ms == 0.0
}
