//! `GET /v2/flow`: what of every function runs and waits, in short.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::Response;
use everstep_core::inspect::{FunctionSummary, Inspection, Report};
use everstep_protocol::{FunctionId, Timestamp};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::report::{limit_view, millis, pause_view};
use crate::registry::Registry;
use crate::routes::Api;
use crate::routes::v2::envelope::{envelope, is_zero};
use crate::routes::v2::error::V2Error;
use crate::routes::v2::query::Query;

/// What of a function runs and waits.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct FlowSummary {
    #[schema(value_type = String)]
    function_id: FunctionId,
    /// The slug.
    function: String,
    /// Calls that are made.
    #[serde(skip_serializing_if = "is_zero")]
    in_use: usize,
    /// How many of them there may be, whatever their keys are.
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<u32>,
    /// Calls that are due and wait.
    #[serde(skip_serializing_if = "is_zero")]
    backlog: usize,
    /// Since when the oldest of the runs that wait does.
    #[serde(skip_serializing_if = "Option::is_none")]
    oldest_age_ms: Option<u64>,
    /// The limits that do not admit it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    blocked_by: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pause: Option<Value>,
    /// How many limits are set beside the code.
    #[serde(skip_serializing_if = "is_zero")]
    overrides: usize,
    /// How many hold an event back.
    #[serde(skip_serializing_if = "is_zero")]
    debounces: usize,
    /// How many hold events back.
    #[serde(skip_serializing_if = "is_zero")]
    batches: usize,
    /// Runs that keep others from starting.
    #[serde(skip_serializing_if = "is_zero")]
    singletons: usize,
    /// Places among the runs that are taken.
    #[serde(skip_serializing_if = "is_zero")]
    places: usize,
}

/// By slug: those that are active, and those that have calls.
pub(super) async fn list(State(api): State<Api>, query: Query) -> Result<Response, V2Error> {
    query.done()?;
    let Report::Functions(summaries) = api.engine.inspect(Inspection::Functions).await? else {
        unreachable!("functions are reported as functions");
    };
    let registry = Registry::load(&**api.engine.store()).await?;
    let slugs = registry.functions.iter().map(|it| (it.id, &*it.slug));
    let slugs: BTreeMap<FunctionId, &str> = slugs.collect();
    let now = api.clock.now();
    let mut views: Vec<FlowSummary> = summaries
        .into_iter()
        // One that was registered a moment ago may not be in the store yet.
        .filter_map(|summary| {
            Some(FlowSummary::new(
                slugs.get(&summary.function)?,
                &summary,
                now,
            ))
        })
        .collect();
    views.sort_by(|one, other| one.function.cmp(&other.function));
    Ok(envelope(views, now))
}

impl FlowSummary {
    fn new(slug: &str, summary: &FunctionSummary, now: Timestamp) -> Self {
        Self {
            function_id: summary.function,
            function: slug.to_owned(),
            in_use: summary.running,
            limit: summary.running_max,
            backlog: summary.backlog,
            oldest_age_ms: summary.oldest.map(|oldest| millis(now.since(oldest))),
            blocked_by: summary.blocked_by.iter().map(limit_view).collect(),
            pause: summary.pause.as_ref().map(pause_view),
            overrides: summary.overrides,
            debounces: summary.debounces,
            batches: summary.batches,
            singletons: summary.singletons,
            places: summary.places,
        }
    }
}
