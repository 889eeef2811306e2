//! What replies are wrapped in (http-api §8, §8.1).
//!
//! The rules of proto3 JSON hold: what has the value that a field has anyway (false, zero, empty)
//! is left out. Each view does so for its members; the envelope does for its own.

use axum::response::{IntoResponse, Response};
use everstep_protocol::Timestamp;
use http::HeaderValue;
use http::header::CACHE_CONTROL;
use serde::Serialize;
use utoipa::ToSchema;

/// Where a page is in its list.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Page)]
pub(in crate::routes) struct PageView {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::routes) cursor: Option<String>,
    #[serde(skip_serializing_if = "is_false")]
    pub(in crate::routes) has_more: bool,
    pub(in crate::routes) limit: usize,
    /// How far back a search has looked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::routes) scanned_to: Option<String>,
}

impl PageView {
    /// There is more if there is a cursor for it.
    pub(in crate::routes) fn new(limit: usize, cursor: Option<String>) -> Self {
        Self {
            has_more: cursor.is_some(),
            cursor,
            limit,
            scanned_to: None,
        }
    }

    /// The place of the page that `entries` are once those beyond `limit` are cut off: one more was
    /// looked for, to know whether there is more. `cursor_of` names the last one.
    pub(in crate::routes) fn cut<T>(
        entries: &mut Vec<T>,
        limit: usize,
        cursor_of: impl FnOnce(&T) -> String,
    ) -> Self {
        let has_more = entries.len() > limit;
        entries.truncate(limit);
        let last = entries.last().filter(|_| has_more);
        Self::new(limit, last.map(cursor_of))
    }
}

/// When a reply was made.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Metadata)]
pub(in crate::routes) struct MetadataView {
    fetched_at: String,
    #[schema(required)]
    cached_until: Option<String>,
}

/// Members are written as they come: what users sent is not read again, and keeps its numbers.
#[derive(Serialize)]
struct Envelope<'a, T: ?Sized> {
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a T>,
    metadata: MetadataView,
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<&'a PageView>,
}

/// `{"data", "metadata": {"fetchedAt", "cachedUntil"}}`; nothing is cached.
pub(in crate::routes) fn envelope(data: impl Serialize, now: Timestamp) -> Response {
    reply(&Envelope {
        data: Some(&data),
        metadata: metadata(now),
        page: None,
    })
}

/// The same of a page, with its place.
pub(in crate::routes) fn page_envelope<T: Serialize>(
    data: &[T],
    page: &PageView,
    now: Timestamp,
) -> Response {
    reply(&Envelope {
        data: (!data.is_empty()).then_some(data),
        metadata: metadata(now),
        page: Some(page),
    })
}

/// For members that are left out when they are false.
pub(in crate::routes) fn is_false(value: &bool) -> bool {
    !value
}

/// For members that are left out when they are zero.
pub(in crate::routes) fn is_zero(count: &usize) -> bool {
    *count == 0
}

fn metadata(now: Timestamp) -> MetadataView {
    MetadataView {
        fetched_at: now.to_string(),
        cached_until: None,
    }
}

fn reply(body: &impl Serialize) -> Response {
    let mut response = axum::Json(body).into_response();
    let control = HeaderValue::from_static("no-store");
    response.headers_mut().insert(CACHE_CONTROL, control);
    response
}
