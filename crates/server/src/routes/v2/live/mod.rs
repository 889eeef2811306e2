//! `GET /v2/live` and `GET /v2/live/sse`: the live feed as a WebSocket with many topics, and as
//! server-sent events of one. `rows` reads what they tell.

mod rows;

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::{Stream, StreamExt as _, stream};
use http::header::{HOST, ORIGIN};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use url::Url;

pub(crate) use self::rows::LiveRows;
use super::error::{Code, V2Error};
use crate::error::ApiError;
use crate::live::feed::{self, FRAME_MAX, HEARTBEAT};
use crate::live::{CONNECTIONS_MAX, Connection, Cursor, CursorError, Message, Refusal, Topic};
use crate::routes::Api;
use crate::routes::openapi::{Kind, Member, Operation, Routes};
use crate::routes::params::QueryOf;

/// The cursor of a client that comes back by itself.
const LAST_EVENT_ID: &str = "last-event-id";

#[derive(Debug, Deserialize)]
pub(super) struct StreamQuery {
    topic: Option<String>,
    cursor: Option<String>,
}

pub(super) fn routes() -> Routes {
    let members = [
        Member::required("topic", Kind::Text, "What is followed, such as runs"),
        Member::new("cursor", Kind::Text, "What is known already"),
    ];
    Routes::new("Live")
        .get(
            "/live",
            connect,
            Operation::v2(
                "connectLive",
                "The live feed of many topics, as a WebSocket",
            )
            .replies_empty(StatusCode::SWITCHING_PROTOCOLS, "A WebSocket")
            .refuses(StatusCode::FORBIDDEN, "The page is of another origin"),
        )
        .get(
            "/live/sse",
            follow,
            Operation::v2(
                "followLive",
                "The live feed of one topic, as server-sent events",
            )
            .query(&members)
            .streams("text/event-stream", "Messages as they come"),
        )
}

/// A page may follow what this server does only if it came from this server: browsers let any page
/// open a WebSocket to anywhere, and send cookies along.
pub(super) async fn connect(
    State(api): State<Api>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, V2Error> {
    if !is_own_page(&headers) {
        let message = "the Origin of the page is not this server";
        return Err(V2Error::new(
            StatusCode::FORBIDDEN,
            Code::AccessDenied,
            message,
        ));
    }
    let upgrade = upgrade.map_err(|rejection| {
        V2Error::invalid_request(format!(
            "this is a WebSocket ({}); /v2/live/sse?topic=… has the same for other clients",
            rejection.body_text()
        ))
    })?;
    let connection = enter(&api)?;
    let engine = api.engine.clone();
    Ok(upgrade
        .max_message_size(FRAME_MAX)
        .max_frame_size(FRAME_MAX)
        .on_upgrade(async move |socket| {
            feed::serve(socket, connection, api.clock, engine.stopped()).await;
        }))
}

pub(super) async fn follow(
    State(api): State<Api>,
    query: Result<QueryOf<StreamQuery>, ApiError>,
    headers: HeaderMap,
) -> Result<Response, V2Error> {
    let QueryOf(query) = query?;
    let topic: Topic = match query.topic.as_deref() {
        Some(topic) => topic.parse().map_err(Refusal::from)?,
        None => {
            let message = "a topic is required: ?topic=runs";
            return Err(V2Error::new(
                StatusCode::BAD_REQUEST,
                Code::MissingField,
                message,
            ));
        }
    };
    let last = headers.get(LAST_EVENT_ID).map(|id| id.to_str());
    let last = last.transpose().map_err(|_| Refusal::from(CursorError))?;
    let cursor = last.or(query.cursor.as_deref());
    let cursor: Option<Cursor> = cursor.map(str::parse).transpose().map_err(Refusal::from)?;
    let mut connection = enter(&api)?;
    let first = connection.follow(topic, cursor).await?;
    let stopped = async move { api.engine.stopped().await };
    let events = messages(connection, first).take_until(Box::pin(stopped));
    let events = events.map(|message| Ok::<_, Infallible>(event(&message)));
    Ok(Sse::new(events)
        .keep_alive(KeepAlive::new().interval(HEARTBEAT))
        .into_response())
}

fn enter(api: &Api) -> Result<Connection, V2Error> {
    api.live.connect().ok_or_else(|| {
        let message = format!("{CONNECTIONS_MAX} clients follow the live feed, as many as can");
        V2Error::new(StatusCode::SERVICE_UNAVAILABLE, Code::ApiError, message)
    })
}

/// The first message, and then the others as they come.
fn messages(connection: Connection, first: Message) -> impl Stream<Item = Arc<Message>> {
    let rest = stream::unfold(connection, async |connection| {
        Some((connection.next().await, connection))
    });
    stream::once(std::future::ready(Arc::new(first))).chain(rest)
}

fn event(message: &Message) -> Event {
    Event::default()
        .id(message.cursor.to_string())
        .event(message.kind.as_str())
        .data(message.text.as_str())
}

/// Whether the request comes from a page of this server, or from no page.
fn is_own_page(headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(ORIGIN) else {
        return true;
    };
    let origin = origin.to_str().ok().and_then(|it| Url::parse(it).ok());
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let (Some(origin), Some(host)) = (origin, host) else {
        return false;
    };
    // Under the scheme of the page, so that a port that goes without saying may be said.
    Url::parse(&format!("{}://{host}", origin.scheme()))
        .is_ok_and(|own| own.origin() == origin.origin())
}

impl From<Refusal> for V2Error {
    fn from(refusal: Refusal) -> Self {
        let status = match refusal {
            Refusal::NotFound(_) => StatusCode::NOT_FOUND,
            Refusal::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Refusal::Form(_)
            | Refusal::TooLong { .. }
            | Refusal::Topic(_)
            | Refusal::Cursor(_)
            | Refusal::TooManyTopics { .. } => StatusCode::BAD_REQUEST,
        };
        Self::new(status, refusal.code(), refusal.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_own_pages_are_let_in() {
        let cases = [
            (None, "localhost:8288", true),
            (Some("http://localhost:8288"), "localhost:8288", true),
            (Some("https://steps.example"), "steps.example", true),
            (Some("https://steps.example"), "steps.example:443", true),
            (Some("http://[::1]:8288"), "[::1]:8288", true),
            (Some("http://localhost:5173"), "localhost:8288", false),
            (Some("http://127.0.0.1:8288"), "localhost:8288", false),
            (
                Some("https://localhost.evil.example:8288"),
                "localhost:8288",
                false,
            ),
            (Some("http://steps.example"), "steps.example:443", false),
            (Some("null"), "localhost:8288", false),
            (Some("file://"), "localhost:8288", false),
            (Some("http://localhost:8288"), "", false),
        ];
        for (origin, host, is_own) in cases {
            let mut headers = HeaderMap::new();
            headers.insert(HOST, host.parse().unwrap());
            if let Some(origin) = origin {
                headers.insert(ORIGIN, origin.parse().unwrap());
            }
            assert_eq!(is_own_page(&headers), is_own, "{origin:?} {host:?}");
        }
    }
}
