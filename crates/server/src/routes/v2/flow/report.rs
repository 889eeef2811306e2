//! `GET /v2/functions/{function}/flow`: what of a function runs and waits, and why.

use std::time::Duration;

use axum::extract::State;
use axum::response::Response;
use everstep_core::flow::limit::Demand;
use everstep_core::inspect::{FunctionReport, Inspection, LaneReport, LimitReport, Report};
use everstep_core::record::{
    DebounceRecord, FunctionRecord, HoldKind, HoldRecord, LimitName, OverrideRecord, PauseRecord,
    PausedRuns, PausedStarts,
};
use everstep_protocol::config::FunctionConfig;
use everstep_protocol::{Json, Timestamp};
use serde_json::{Value, json};

use super::function_named;
use crate::error::ApiError;
use crate::routes::Api;
use crate::routes::params::PathText;
use crate::routes::v2::envelope::envelope;
use crate::routes::v2::error::V2Error;

pub(super) async fn view(
    State(api): State<Api>,
    function: Result<PathText, ApiError>,
) -> Result<Response, V2Error> {
    let function = function_named(&api, &function?.0).await?;
    let report = function_report(&api, &function).await?;
    let now = api.clock.now();
    let mut view = report_view(&report, &function, now);
    view["debounces"] = debounce_views(&api, &report.debounces).await?.into();
    Ok(envelope(view, now))
}

/// What the shard knows of a function.
pub(in crate::routes) async fn function_report(
    api: &Api,
    function: &FunctionRecord,
) -> Result<FunctionReport, ApiError> {
    match api
        .engine
        .inspect(Inspection::Function(function.id))
        .await?
    {
        Report::Function(Some(report)) => Ok(*report),
        _ => Err(ApiError::not_found(format!(
            "function {:?} not found",
            function.slug
        ))),
    }
}

fn report_view(report: &FunctionReport, function: &FunctionRecord, now: Timestamp) -> Value {
    let oldest = report.lanes.iter().filter_map(|lane| lane.oldest).min();
    let overrides = report.overrides.iter();
    let batches = report.batches.iter().map(|batch| {
        json!({
            "id": batch.id.to_string(),
            "key": batch.key,
            "events": batch.events,
            "bytes": batch.size,
            "openedAt": batch.opened_at.to_string(),
            "fireAt": batch.fire_at.to_string(),
        })
    });
    json!({
        "functionId": function.id,
        "function": function.slug,
        "inUse": report.running,
        "backlog": report.backlog,
        "oldestAgeMs": oldest.map(|oldest| millis(now.since(oldest))),
        "meanCallMs": millis(report.mean_call),
        "pause": report.pause.as_ref().map(pause_view),
        "overrides": overrides.map(|it| override_view(it, &function.config)).collect::<Vec<_>>(),
        "limits": report.limits.iter().map(limit_view).collect::<Vec<_>>(),
        "lanes": report.lanes.iter().map(|lane| lane_view(lane, now)).collect::<Vec<_>>(),
        "lanesTotal": report.lanes_total,
        "batches": batches.collect::<Vec<_>>(),
        "holders": report.holds.iter().map(hold_view).collect::<Vec<_>>(),
    })
}

fn lane_view(lane: &LaneReport, now: Timestamp) -> Value {
    let keys = lane.keys.as_ref();
    json!({
        "keys": keys.map(|keys| Json::from_canonical(keys.clone())),
        "inUse": lane.running,
        "backlog": lane.backlog,
        "oldestAgeMs": lane.oldest.map(|oldest| millis(now.since(oldest))),
        "limits": lane.limits.iter().map(limit_view).collect::<Vec<_>>(),
        "blockedBy": lane.blocked_by.iter().map(limit_view).collect::<Vec<_>>(),
    })
}

async fn debounce_views(api: &Api, debounces: &[DebounceRecord]) -> Result<Vec<Value>, ApiError> {
    let ids: Vec<_> = debounces.iter().map(|debounce| debounce.event).collect();
    let events = api.engine.store().events_by_id(&ids).await?;
    let views = debounces.iter().map(|debounce| {
        let event = events.iter().find(|event| event.id == debounce.event);
        json!({
            "id": debounce.id.to_text(),
            "key": debounce.key,
            "event": { "id": debounce.event.to_string(), "payload": event.map(|event| &event.payload) },
            "events": debounce.events,
            "openedAt": debounce.opened_at.to_string(),
            "fireAt": debounce.fire_at.to_string(),
        })
    });
    Ok(views.collect())
}

fn hold_view(hold: &HoldRecord) -> Value {
    json!({
        "limit": hold.limit.to_text(),
        "runId": hold.run.to_string(),
        "kind": match hold.kind {
            HoldKind::Place => "run_concurrency",
            HoldKind::Singleton => "singleton",
        },
        "key": hold.key,
        "since": hold.since.to_string(),
    })
}

pub(super) fn pause_view(pause: &PauseRecord) -> Value {
    json!({
        "newRuns": match pause.starts {
            PausedStarts::Skip => "skip",
            PausedStarts::Queue => "queue",
        },
        "running": match pause.runs {
            PausedRuns::Finish => "finish",
            PausedRuns::Hold => "hold",
        },
        "reason": pause.reason,
        "pausedAt": pause.paused_at.to_string(),
    })
}

/// What is set beside the code, and how far it is from the code.
pub(super) fn override_view(record: &OverrideRecord, config: &FunctionConfig) -> Value {
    let code = code_value(config, record.limit);
    json!({
        "limit": record.limit.as_str(),
        "key": record.key,
        "value": record.value,
        "codeValue": code,
        "drift": code.map(|code| i64::from(record.value) - i64::from(code)),
        "periodMs": record.period.map(millis),
        "burst": record.burst,
        "reason": record.reason,
        "createdAt": record.created_at.to_string(),
        "expiresAt": record.expires_at.map(|at| at.to_string()),
    })
}

/// `None` if the code does not have the limit any more.
fn code_value(config: &FunctionConfig, limit: LimitName) -> Option<u32> {
    let steps = &config.concurrency.steps;
    match limit {
        LimitName::Concurrency => steps.first().map(|it| it.limit),
        LimitName::SecondConcurrency => steps.get(1).map(|it| it.limit),
        LimitName::RunConcurrency => config.concurrency.runs.first().map(|it| it.limit),
        LimitName::Throttle => config.throttle.as_ref().map(|it| it.limit),
        LimitName::RateLimit => config.rate_limit.as_ref().map(|it| it.limit),
    }
}

/// A limit, and who has what of it.
pub(in crate::routes) fn limit_view(report: &LimitReport) -> Value {
    let key = report.limit.key.as_ref();
    let holders = report.holders.iter().map(
        |holder| json!({ "runId": holder.run.to_string(), "since": holder.since.to_string() }),
    );
    json!({
        "id": report.limit.id.to_text(),
        "name": limit_word(&report.limit.demand),
        "key": key.map(|(expression, value)| json!({ "expression": expression, "value": value })),
        "inUse": report.in_use,
        "most": report.most,
        "admits": report.admits,
        "until": report.until.map(|at| at.to_string()),
        "holders": holders.collect::<Vec<_>>(),
    })
}

pub(in crate::routes) fn limit_word(demand: &Demand) -> &'static str {
    match demand {
        Demand::Unpaused(_) => "pause",
        Demand::App(_) => "app",
        Demand::Concurrency { name, .. } => name.as_str(),
        Demand::RunConcurrency { .. } => LimitName::RunConcurrency.as_str(),
        Demand::Throttle { .. } => LimitName::Throttle.as_str(),
    }
}

pub(super) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
