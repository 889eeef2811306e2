//! `/v2/errors`: errors of runs that are alike, and what people decide about them.

use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::response::Response;
use bytes::Bytes;
use everstep_core::input::Control;
use everstep_core::record::{ErrorDecision, ErrorGroupId, FunctionRecord, RunRecord};
use everstep_engine::ControlError;
use everstep_protocol::time::parse_timeout;
use everstep_protocol::{Json, RunId, Timestamp};
use everstep_store::{ErrorFilter, ErrorGroup, ErrorStatus};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Api;
use super::envelope::envelope;
use super::error::V2Error;
use super::fields::{Fields, checked};
use super::listing::{cursor, function, limit, page};
use crate::error::ApiError;
use crate::routes::params::{PathText, QueryOf};
use crate::routes::status_text;

const STATUSES: [(&str, ErrorStatus); 3] = [
    ("open", ErrorStatus::Open),
    ("resolved", ErrorStatus::Resolved),
    ("ignored", ErrorStatus::Ignored),
];

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ListQuery {
    function_id: Option<String>,
    status: Option<String>,
    cursor: Option<String>,
    limit: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct PageQuery {
    cursor: Option<String>,
    limit: Option<String>,
}

/// Those seen last first.
pub(super) async fn list(
    State(api): State<Api>,
    query: Result<QueryOf<ListQuery>, ApiError>,
) -> Result<Response, V2Error> {
    let QueryOf(query) = query?;
    let now = api.clock.now();
    let limit = limit(query.limit.as_deref())?;
    let function = match query.function_id.filter(|name| !name.is_empty()) {
        None => None,
        Some(name) => Some(function(&api, &name).await?.id),
    };
    let filter = ErrorFilter {
        function,
        status: status(query.status.as_deref())?.map(|status| (status, now)),
        after: cursor(query.cursor.as_deref(), read_place)?,
        limit: limit + 1,
    };
    let store = api.engine.store();
    let functions = store.function_list().await?;
    let groups = store.error_list(&filter).await?;
    let place = |group: &ErrorGroup| format!("{}-{}", group.last_seen.as_millis(), group.id);
    Ok(page(groups, limit, now, place, |group| {
        view(&group, &functions, now)
    }))
}

pub(super) async fn view_one(
    State(api): State<Api>,
    group: Result<PathText, ApiError>,
) -> Result<Response, V2Error> {
    let PathText(group) = group?;
    show(&api, &find(&api, &group).await?).await
}

/// Newest first.
pub(super) async fn runs(
    State(api): State<Api>,
    group: Result<PathText, ApiError>,
    query: Result<QueryOf<PageQuery>, ApiError>,
) -> Result<Response, V2Error> {
    let (PathText(group), QueryOf(query)) = (group?, query?);
    let limit = limit(query.limit.as_deref())?;
    let before: Option<RunId> = cursor(query.cursor.as_deref(), |text| text.parse().ok())?;
    let group = find(&api, &group).await?.id;
    let store = api.engine.store();
    let runs = store.error_runs(group, before, limit + 1).await?;
    let place = |run: &RunRecord| run.id.to_string();
    Ok(page(runs, limit, api.clock.now(), place, run_view))
}

/// An error that is seen after this opens the group again.
pub(super) async fn resolve(
    State(api): State<Api>,
    group: Result<PathText, ApiError>,
) -> Result<Response, V2Error> {
    let PathText(group) = group?;
    decide(&api, &group, ErrorDecision::Resolved).await
}

/// For ever, or until a time or for a while: `{"until": "2026-12-01T00:00:00Z"}`, `{"until": "24h"}`.
pub(super) async fn ignore(
    State(api): State<Api>,
    group: Result<PathText, ApiError>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, V2Error> {
    let PathText(group) = group?;
    let until = ignored_until(&body?, api.clock.now())?;
    decide(&api, &group, ErrorDecision::Ignored { until }).await
}

pub(super) async fn reopen(
    State(api): State<Api>,
    group: Result<PathText, ApiError>,
) -> Result<Response, V2Error> {
    let PathText(group) = group?;
    decide(&api, &group, ErrorDecision::Open).await
}

async fn decide(api: &Api, group: &str, decision: ErrorDecision) -> Result<Response, V2Error> {
    let group = find(api, group).await?;
    let control = Control::DecideError {
        function: group.function,
        group: group.id,
        decision,
    };
    match api.engine.control(control).await {
        Ok(()) => {}
        Err(ControlError::Engine(error)) => return Err(error.into()),
        Err(error @ ControlError::Refused(_)) => return Err(ApiError::from(error).into()),
    }
    show(api, &find(api, &group.id.to_string()).await?).await
}

async fn show(api: &Api, group: &ErrorGroup) -> Result<Response, V2Error> {
    let functions = api.engine.store().function_list().await?;
    let now = api.clock.now();
    Ok(envelope(view(group, &functions, now), now))
}

async fn find(api: &Api, text: &str) -> Result<ErrorGroup, V2Error> {
    let id = ErrorGroupId::from_text(text).ok_or_else(|| {
        let message = format!("{text:?} is not the id of an error: 32 hex digits");
        V2Error::invalid_request(message)
    })?;
    let group = api.engine.store().error_view(id).await?;
    group.ok_or_else(|| V2Error::not_found(format!("there is no error {id}")))
}

fn status(text: Option<&str>) -> Result<Option<ErrorStatus>, V2Error> {
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let known = STATUSES.iter().find(|(word, _)| *word == text);
    let (_, status) = known.ok_or_else(|| {
        let message = format!("status must be open, resolved or ignored, not {text:?}");
        V2Error::invalid_request(message)
    })?;
    Ok(Some(*status))
}

fn read_place(text: &str) -> Option<(Timestamp, ErrorGroupId)> {
    let (last_seen, id) = text.split_once('-')?;
    let last_seen = last_seen.parse().ok().map(Timestamp::from_millis)?;
    Some((last_seen, ErrorGroupId::from_text(id)?))
}

fn ignored_until(body: &[u8], now: Timestamp) -> Result<Option<Timestamp>, V2Error> {
    if body.is_empty() {
        return Ok(None);
    }
    let body = Json::parse(body)
        .map_err(|error| V2Error::invalid_request(format!("The body is not JSON: {error}")))?;
    let mut problems = Vec::new();
    let mut until = None;
    if let Some(mut fields) = Fields::of(&body, "", &mut problems)
        && let Some(text) = fields.optional_text("until")
    {
        match parse_timeout(&text, now) {
            Ok(at) if at > now => until = Some(at),
            Ok(_) => fields.malformed("until", "must lie in the future"),
            Err(_) => fields.malformed("until", "must be a time (RFC 3339) or a duration (24h)"),
        }
    }
    checked(until, problems)
}

fn view(group: &ErrorGroup, functions: &[FunctionRecord], now: Timestamp) -> Value {
    let function = functions.iter().find(|known| known.id == group.function);
    let status = group.status(now);
    let status = STATUSES.iter().find(|(_, known)| *known == status);
    let ignored_until = match group.decision {
        Some((ErrorDecision::Ignored { until }, _)) => until,
        _ => None,
    };
    json!({
        "id": group.id.to_string(),
        "functionId": group.function,
        "function": function.map(|function| &function.slug),
        "stepId": group.step.as_ref().map(|step| step.as_str()),
        "step": group.step_name,
        "name": group.name,
        "message": group.message,
        "runs": group.runs,
        "firstSeen": group.first_seen.to_string(),
        "lastSeen": group.last_seen.to_string(),
        "lastRunId": group.last_run.to_string(),
        "status": status.map(|(word, _)| word),
        "isBack": group.is_back(),
        "ignoredUntil": ignored_until.map(|at| at.to_string()),
        "decidedAt": group.decision.map(|(_, at)| at.to_string()),
    })
}

fn run_view(run: RunRecord) -> Value {
    json!({
        "id": run.id.to_string(),
        "functionId": run.function,
        "status": status_text(run.status).to_uppercase(),
        "queuedAt": run.id.timestamp().to_string(),
        "startedAt": run.started_at.map(|at| at.to_string()),
        "endedAt": run.ended_at.map(|at| at.to_string()),
        "output": run.output,
    })
}
