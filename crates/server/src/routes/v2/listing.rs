//! Pages of lists, and other parameters of queries (http-api §8.1).

use axum::response::{IntoResponse, Response};
use everstep_core::record::FunctionRecord;
use everstep_protocol::time::parse_instant;
use everstep_protocol::{AppId, FunctionId, Timestamp};
use http::HeaderValue;
use http::header::CACHE_CONTROL;
use serde::Serialize;
use serde_json::json;

use super::error::V2Error;
use crate::routes::Api;

const LIMIT_DEFAULT: usize = 20;
const LIMIT_MAX: usize = 100;

/// How many entries a page has at most.
pub(super) fn limit(text: Option<&str>) -> Result<usize, V2Error> {
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return Ok(LIMIT_DEFAULT);
    };
    match text.parse::<i64>() {
        Ok(..=0) => Err(V2Error::invalid_request("Limit must be at least 1")),
        Ok(limit) => usize::try_from(limit)
            .ok()
            .filter(|limit| *limit <= LIMIT_MAX)
            .ok_or_else(|| V2Error::invalid_request(format!("Limit cannot exceed {LIMIT_MAX}"))),
        Err(_) => Err(V2Error::invalid_request("Limit must be a whole number")),
    }
}

/// Where the page begins, if it is not the first one.
pub(super) fn cursor<T>(
    text: Option<&str>,
    read: impl FnOnce(&str) -> Option<T>,
) -> Result<Option<T>, V2Error> {
    match text.filter(|text| !text.is_empty()) {
        None => Ok(None),
        Some(text) => match read(text) {
            Some(cursor) => Ok(Some(cursor)),
            None => Err(V2Error::invalid_request("Cursor is invalid")),
        },
    }
}

/// A page of `entries`, of which one more than `limit` was looked for. `cursor_of` names the last.
pub(super) fn page<T>(
    mut entries: Vec<T>,
    limit: usize,
    now: Timestamp,
    cursor_of: impl FnOnce(&T) -> String,
    view: impl FnMut(T) -> serde_json::Value,
) -> Response {
    let has_more = entries.len() > limit;
    entries.truncate(limit);
    let mut page = json!({ "hasMore": has_more, "limit": limit });
    if let Some(last) = entries.last().filter(|_| has_more) {
        page["cursor"] = cursor_of(last).into();
    }
    let data: Vec<_> = entries.into_iter().map(view).collect();
    respond(data, page, now)
}

fn respond(data: impl Serialize, page: serde_json::Value, now: Timestamp) -> Response {
    let metadata = json!({ "fetchedAt": now.to_string(), "cachedUntil": null });
    let body = json!({ "data": data, "metadata": metadata, "page": page });
    let mut response = axum::Json(body).into_response();
    let control = HeaderValue::from_static("no-store");
    response.headers_mut().insert(CACHE_CONTROL, control);
    response
}

/// A time of a query, if it is there.
pub(super) fn time(name: &str, text: Option<&str>) -> Result<Option<Timestamp>, V2Error> {
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let time = parse_instant(text);
    time.map(Some)
        .map_err(|error| V2Error::invalid_request(format!("{name}: {error}")))
}

/// The function of that slug or UUID.
pub(super) async fn function(api: &Api, name: &str) -> Result<FunctionRecord, V2Error> {
    let uuid: Option<FunctionId> = name.parse().ok();
    let functions = api.engine.store().function_list().await?;
    functions
        .into_iter()
        .find(|function| *function.slug == *name || Some(function.id) == uuid)
        .ok_or_else(|| V2Error::not_found(format!("there is no function {name:?}")))
}

/// The functions of the app of that name or UUID, archived ones included.
pub(super) async fn functions_of(api: &Api, app: &str) -> Result<Vec<FunctionRecord>, V2Error> {
    let uuid: Option<AppId> = app.parse().ok();
    let store = api.engine.store();
    let apps = store.app_list().await?;
    let known = apps
        .into_iter()
        .find(|known| known.name == app || Some(known.id) == uuid)
        .ok_or_else(|| V2Error::not_found(format!("there is no app {app:?}")))?;
    let mut functions = store.function_list().await?;
    functions.retain(|function| function.app == known.id);
    Ok(functions)
}
