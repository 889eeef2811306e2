//! `POST /v2/events`, and our list of events, `GET /v2/events` (http-api §8.2).

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::response::Response;
use bytes::Bytes;
use everstep_core::record::EventRecord;
use everstep_protocol::event::{EventError, EventInput};
use everstep_protocol::{EventId, Json};
use everstep_store::{EventCounts, EventFilter};
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::Api;
use super::envelope::{PageView, envelope, is_zero, page_envelope};
use super::error::{Code, V2Error};
use super::fields::body as read_body;
use super::query::{Query, SEARCH, bad_cursor, paging};
use crate::routes::EVENT_BODY_MAX;
use crate::routes::heavy;
use crate::routes::openapi::{Kind, Member, Operation, Routes};
use crate::search::EventSearch;

const LIMIT_MAX: u32 = 100;
/// Times are no finer.
const MILLISECOND: Duration = Duration::from_millis(1);

/// An event, and what it led to.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Event)]
struct EventObject {
    id: String,
    name: Arc<str>,
    /// The id that its sender gave it.
    #[serde(skip_serializing_if = "Option::is_none")]
    sender_id: Option<Arc<str>>,
    ts: String,
    received_at: String,
    #[schema(value_type = serde_json::Value)]
    data: Json,
    /// Runs that it triggered.
    #[serde(skip_serializing_if = "is_zero")]
    run_count: usize,
    /// Functions that it would trigger, had there been no reason against it.
    #[serde(skip_serializing_if = "is_zero")]
    skip_count: usize,
}

/// An event that was taken in.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct SentEvent {
    #[schema(required)]
    event_id: Option<String>,
}

pub(super) fn routes() -> Routes {
    let list_members = [
        Member::new("name", Kind::Texts, "With one of these names"),
        Member::new(
            "from",
            Kind::Instant,
            "Received at this time or later; 2h is two hours ago",
        ),
        Member::new("until", Kind::Instant, "Received before this time"),
        Member::new(
            "includeInternal",
            Kind::Flag,
            "Also those that this server made",
        ),
        SEARCH,
    ];
    let event = [
        Member::required("name", Kind::Text, "What happened"),
        Member::new("data", Kind::Object, "What is to know about it"),
        Member::new("user", Kind::Object, "Who it is about"),
        Member::new("id", Kind::Text, "Events with the same id start runs once"),
        Member::new("ts", Kind::Any, "When it happened, in Unix milliseconds"),
    ];
    Routes::new("Events")
        .get(
            "/events",
            list,
            Operation::v2("listEvents", "Events, newest first")
                .query(&list_members)
                .query(&paging(LIMIT_MAX))
                .pages::<EventObject>(),
        )
        .post(
            "/events",
            send,
            Operation::v2("sendEvent", "Send an event")
                .body(&event)
                .body_max(EVENT_BODY_MAX)
                .replies::<SentEvent>(),
        )
}

pub(super) async fn send(
    State(api): State<Api>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, V2Error> {
    let event = heavy(body?, read).await?;
    let ids = api.engine.events_send(vec![event], None).await?;
    let event_id = ids.first().map(ToString::to_string);
    Ok(envelope(SentEvent { event_id }, api.clock.now()))
}

/// Newest first. A page that looked at all that it may ends early, and says where the next one
/// goes on.
pub(super) async fn list(State(api): State<Api>, mut query: Query) -> Result<Response, V2Error> {
    let now = api.clock.now();
    let paging = query.paging(LIMIT_MAX);
    let search = query.search(|text| EventSearch::compile(text, now));
    let filter = EventFilter {
        names: query.texts("name"),
        // Inclusive, as in lists of runs.
        received_after: query.instant("from", now).map(|from| from - MILLISECOND),
        received_before: query.instant("until", now),
        internal: query.flag("includeInternal").unwrap_or(false),
        ..EventFilter::newest(paging.limit)
    };
    query.done()?;
    let cursor = paging.cursor.as_deref().map(str::parse::<EventId>);
    let filter = EventFilter {
        before: cursor.transpose().map_err(|_| bad_cursor())?,
        ..filter
    };
    let store = &**api.engine.store();
    let is_search = search.is_some();
    let (found, next) = match search {
        Some(search) => {
            let scanned = search.events(store, filter, &*api.clock).await?;
            (scanned.found, scanned.next)
        }
        None => {
            let page = store.event_list(&filter).await?;
            (page.events, page.next)
        }
    };
    let ids: Vec<EventId> = found.iter().map(|event| event.id).collect();
    let counts = store.event_counts(&ids).await?;
    let objects: Vec<EventObject> = found
        .into_iter()
        .zip(counts)
        .map(|(event, counts)| EventObject::new(event, counts))
        .collect();
    let scanned_to = next.filter(|_| is_search);
    let page = PageView {
        scanned_to: scanned_to.map(|next| next.received_at.to_string()),
        ..PageView::new(paging.limit, next.map(|next| next.event.to_string()))
    };
    Ok(page_envelope(&objects, &page, now))
}

/// 64-bit numbers may be texts.
fn read(body: &[u8]) -> Result<EventInput, V2Error> {
    let body = read_body(body)?;
    let members: Vec<(String, Json)> = body.members().collect();
    let members = members.iter().map(|(name, value)| {
        let number = value.to_text().and_then(|text| text.parse::<i64>().ok());
        match number.filter(|_| name == "ts") {
            Some(ts) => (&**name, Json::integer(ts)),
            None => (&**name, value.clone()),
        }
    });
    let event = match body.is_object() {
        true => Json::object(members),
        false => body.clone(),
    };
    EventInput::parse(&event).map_err(|error| {
        let (status, code) = match error {
            EventError::NameEmpty => (StatusCode::BAD_REQUEST, Code::MissingField),
            EventError::TooLarge(_) => (StatusCode::PAYLOAD_TOO_LARGE, Code::ValidationError),
            _ => (StatusCode::BAD_REQUEST, Code::ValidationError),
        };
        V2Error::new(status, code, error.to_string())
    })
}

impl EventObject {
    fn new(event: EventRecord, counts: EventCounts) -> Self {
        Self {
            id: event.id.to_string(),
            name: event.name,
            sender_id: event.user_id,
            ts: event.ts.to_string(),
            received_at: event.received_at.to_string(),
            data: event
                .payload
                .member("data")
                .unwrap_or_else(|| Json::object([])),
            run_count: counts.runs,
            skip_count: counts.skips,
        }
    }
}
