//! `GET /v1/events`, `GET /v1/events/{event}`, and the envelope of the v1 API (http-api §1.3, §5.1).

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::response::{IntoResponse, Response};
use everstep_core::record::EventRecord;
use everstep_protocol::ids::{ACCOUNT, ENVIRONMENT};
use everstep_protocol::time::parse_instant;
use everstep_protocol::{EventId, Json as UserJson, RunId, Timestamp};
use everstep_store::EventFilter;
use http::header::CACHE_CONTROL;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::Api;
use super::openapi::{Kind, Member, Operation, Routes};
use super::params::{PathText, QueryOf};
use crate::error::ApiError;
use crate::search::events_all;

const LIMIT_DEFAULT: usize = 20;
pub(super) const LIMIT_MAX: usize = 100;
/// How far back the list reaches unless told otherwise.
const WINDOW_DEFAULT: Duration = Duration::from_secs(60 * 60);
const EVENT_CACHE: Duration = Duration::from_secs(5);

/// An event as clients see it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = V1Event)]
pub(super) struct EventView {
    internal_id: String,
    account_id: Uuid,
    environment_id: Uuid,
    source: &'static str,
    #[schema(required)]
    source_id: Option<&'static str>,
    received_at: String,
    id: String,
    name: String,
    #[schema(value_type = Value)]
    data: UserJson,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Value>)]
    user: Option<UserJson>,
    ts: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    v: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ListQuery {
    limit: Option<String>,
    cursor: Option<String>,
    name: Option<String>,
    received_after: Option<String>,
    received_before: Option<String>,
}

pub(super) fn routes() -> Routes {
    let members = [
        Member::new("name", Kind::Text, "With this name"),
        Member::new(
            "received_after",
            Kind::Text,
            "RFC 3339; an hour ago without it",
        ),
        Member::new("received_before", Kind::Text, "RFC 3339"),
        Member::new("cursor", Kind::Text, "Older than this internal id"),
        Member::new("limit", Kind::Number(1, 100), "Events, at most"),
    ];
    Routes::new("v1")
        .get(
            "/v1/events",
            event_list,
            Operation::v1("v1ListEvents", "Events, newest first")
                .query(&members)
                .lists::<EventView>(),
        )
        .get(
            "/v1/events/{event}",
            event_view,
            Operation::v1("v1GetEvent", "One event").replies::<EventView>(),
        )
}

pub(super) async fn event_list(
    State(api): State<Api>,
    QueryOf(query): QueryOf<ListQuery>,
) -> Result<Response, ApiError> {
    let filter = filter(query, api.clock.now())?;
    let events = events_all(&**api.engine.store(), filter).await?;
    let events: Vec<_> = events.iter().map(EventView::new).collect();
    Ok(envelope(&events, api.clock.now(), Duration::ZERO))
}

pub(super) async fn event_view(
    State(api): State<Api>,
    PathText(event): PathText,
) -> Result<Response, ApiError> {
    let id = event_id(&event)?;
    let event = api.engine.store().event_view(id).await?;
    let event = event.ok_or_else(|| ApiError::not_found("event not found"))?;
    Ok(envelope(
        EventView::new(&event),
        api.clock.now(),
        EVENT_CACHE,
    ))
}

/// `{"data", "metadata": {"fetched_at", "cached_until"}}`, good for as long as `cache` says.
pub(super) fn envelope(data: impl Serialize, now: Timestamp, cache: Duration) -> Response {
    let is_cached = !cache.is_zero();
    let cached_until = is_cached.then(|| (now + cache).to_string());
    let metadata = MetadataView {
        fetched_at: now.to_string(),
        cached_until,
    };
    let mut response = Json(Envelope { data, metadata }).into_response();
    let control = if is_cached {
        format!("private, max-age={}", cache.as_secs())
    } else {
        "no-store".to_owned()
    };
    if let Ok(control) = HeaderValue::try_from(control) {
        response.headers_mut().insert(CACHE_CONTROL, control);
    }
    response
}

#[derive(Serialize)]
struct Envelope<T> {
    data: T,
    metadata: MetadataView,
}

/// When a reply was made, and how long it is good for.
#[derive(Serialize, ToSchema)]
#[schema(as = V1Metadata)]
pub(super) struct MetadataView {
    fetched_at: String,
    #[schema(required)]
    cached_until: Option<String>,
}

pub(super) fn event_id(text: &str) -> Result<EventId, ApiError> {
    text.parse()
        .map_err(|_| ApiError::bad_request(format!("{text:?} is not an event id")))
}

pub(super) fn run_id(text: &str) -> Result<RunId, ApiError> {
    text.parse()
        .map_err(|_| ApiError::bad_request(format!("{text:?} is not a run id")))
}

/// Entries of a page.
pub(super) fn limit(text: Option<&str>, default: usize) -> Result<usize, ApiError> {
    let Some(text) = text else {
        return Ok(default);
    };
    match text.parse() {
        Ok(limit @ 1..=LIMIT_MAX) => Ok(limit),
        _ => Err(ApiError::bad_request(format!(
            "limit must be a number from 1 to {LIMIT_MAX}"
        ))),
    }
}

fn filter(query: ListQuery, now: Timestamp) -> Result<EventFilter, ApiError> {
    let limit = limit(query.limit.as_deref(), LIMIT_DEFAULT)?;
    let instant = |name: &str, text: Option<String>| match text {
        None => Ok(None),
        Some(text) => match parse_instant(&text) {
            Ok(at) => Ok(Some(at)),
            Err(_) => Err(ApiError::bad_request(format!(
                "{name} must be a time as of RFC 3339"
            ))),
        },
    };
    let after = instant("received_after", query.received_after)?;
    Ok(EventFilter {
        names: query
            .name
            .filter(|name| !name.is_empty())
            .into_iter()
            .collect(),
        received_after: Some(after.unwrap_or(now - WINDOW_DEFAULT)),
        received_before: instant("received_before", query.received_before)?,
        before: query
            .cursor
            .filter(|id| !id.is_empty())
            .map(|id| event_id(&id))
            .transpose()?,
        ..EventFilter::newest(limit)
    })
}

impl EventView {
    fn new(event: &EventRecord) -> Self {
        let member = |name| event.payload.member(name);
        Self {
            internal_id: event.id.to_string(),
            account_id: ACCOUNT,
            environment_id: ENVIRONMENT,
            source: "",
            source_id: None,
            received_at: event.received_at.to_string(),
            id: event
                .user_id
                .as_deref()
                .map_or_else(|| event.id.to_string(), str::to_owned),
            name: event.name.to_string(),
            data: member("data").unwrap_or_else(|| UserJson::from_canonical("{}")),
            user: member("user").filter(|user| user.as_str() != "{}"),
            ts: event.ts.as_millis(),
            v: event.payload.member_text("v"),
        }
    }
}
