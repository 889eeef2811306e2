//! `GET /v2/runs/{run}/trace`: what happened in a run (http-api §8.2, §8.3).
//!
//! Beside the fields of other servers there are: what a step is about (`stepType`, `stepInfo`), what
//! its attempts were and where their time went (`attempts`, `httpStatus`, `timing`), its error, the
//! request that was made for it, the events that it sent with the runs of these (`links`), what user
//! code traced (`userland`), and every call that was made (`calls`).
//!
//! | module | owns |
//! |---|---|
//! | `span` | a span, with all that is within it |
//! | `part` | what only some spans have |

mod part;
mod span;

use std::time::Duration;

use axum::extract::State;
use axum::response::Response;
use everstep_core::record::AttemptOutcome;
use everstep_protocol::{Json, RunId};
use serde::Serialize;
use utoipa::ToSchema;

use self::span::SpanView;
use super::Api;
use super::envelope::envelope;
use super::error::V2Error;
use super::query::{INCLUDE_OUTPUT, Query};
use crate::error::ApiError;
use crate::routes::aside;
use crate::routes::openapi::{Operation, Routes};
use crate::routes::params::PathText;
use crate::trace::{Call, Rows, build, call_list, load};

/// Of a span without its values.
const SPAN_BYTES: usize = 512;

/// What is left out of a trace unless it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Detail {
    /// Inputs and outputs.
    include_output: bool,
}

pub(super) fn routes() -> Routes {
    Routes::new("Runs").get(
        "/runs/{run}/trace",
        view,
        Operation::v2("getRunTrace", "What happened in a run, as a tree of spans")
            .query(&[INCLUDE_OUTPUT])
            .replies::<TraceView<'static>>(),
    )
}

pub(super) async fn view(
    State(api): State<Api>,
    run: Result<PathText, ApiError>,
    mut query: Query,
) -> Result<Response, V2Error> {
    let PathText(run) = run?;
    let not_an_id = |_| V2Error::invalid_request(format!("{run:?} is not a run id"));
    let id: RunId = run.parse().map_err(not_an_id)?;
    let include_output = query.flag("includeOutput").unwrap_or(false);
    query.done()?;
    let rows = load(&**api.engine.store(), id).await?;
    let rows = rows.ok_or_else(|| V2Error::not_found("Run not found"))?;
    let detail = Detail { include_output };
    let bytes = estimate(&rows, detail);
    let now = api.clock.now();
    let reply = move || {
        let root = build(&rows);
        let view = TraceView {
            run_id: id.to_string(),
            root_span: SpanView::new(&root, detail),
            calls: call_list(&rows).map(CallView::new).collect(),
        };
        envelope(view, now)
    };
    Ok(aside(bytes, reply).await)
}

/// How long the reply is, more or less.
fn estimate(rows: &Rows, detail: Detail) -> usize {
    let entries = rows.steps.len() + rows.attempts.len() + rows.spans.len();
    let values = rows.steps.iter().filter_map(|step| step.value.as_ref());
    let outputs = values.chain(&rows.run.output);
    let outputs: usize = outputs.map(|value| value.as_str().len()).sum();
    entries * SPAN_BYTES + if detail.include_output { outputs } else { 0 }
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Trace)]
struct TraceView<'a> {
    run_id: String,
    root_span: SpanView<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    calls: Vec<CallView<'a>>,
}

/// A call as clients see it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TraceCall)]
struct CallView<'a> {
    /// As the app was told in `traceparent`.
    span_id: String,
    request_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    step_id: Option<&'a str>,
    /// Zero-based.
    #[serde(skip_serializing_if = "is_none_or_zero")]
    attempt: Option<u32>,
    outcome: &'static str,
    due_at: String,
    started_at: String,
    duration_ms: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    http_status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<serde_json::Value>)]
    error: Option<&'a Json>,
}

impl<'a> CallView<'a> {
    fn new(call: Call<'a>) -> Self {
        let record = call.record;
        Self {
            span_id: call.span.to_string(),
            request_id: record.request.to_string(),
            step_id: record.step.as_ref().map(|step| step.as_str()),
            attempt: Some(record.attempt),
            outcome: match record.outcome {
                AttemptOutcome::Succeeded => "SUCCEEDED",
                AttemptOutcome::Retried => "RETRIED",
                AttemptOutcome::Failed => "FAILED",
            },
            due_at: record.due_at.to_string(),
            started_at: record.started_at.to_string(),
            duration_ms: ms(record.duration),
            http_status: record.http_status,
            error: record.error.as_ref().map(|error| &error.json),
        }
    }
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

fn is_none_or_zero(number: &Option<u32>) -> bool {
    number.is_none_or(|number| number == 0)
}
