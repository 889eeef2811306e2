//! `GET /v1/realtime/sse` and `POST /v1/realtime/publish/tee`: a client follows what the app of a
//! durable endpoint streams (connect-realtime §2.4, §2.6).

use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use everstep_protocol::limits::TEE_MAX;
use everstep_protocol::token::{STREAM_TOPIC, Topic};
use futures::StreamExt as _;
use http::header::{AUTHORIZATION, CACHE_CONTROL, CONNECTION, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use tokio::time::Instant;

use super::Api;
use super::params::QueryOf;
use crate::error::ApiError;
use crate::realtime::Listener;

/// How long a client may follow.
const FOLLOW_MAX: Duration = Duration::from_secs(15 * 60);
/// A sign of life, so that nobody in between takes the connection for dead.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
const COMMENT: Bytes = Bytes::from_static(b":\n\n");
const EVENT_END: &[u8] = b"\n\n";

/// How long an app may stream, and say nothing meanwhile. A step that streamed and has returned leaves
/// its request open.
const TEE_TIME_MAX: Duration = Duration::from_secs(15 * 60);
const TEE_IDLE_MAX: Duration = Duration::from_secs(5 * 60);

#[derive(Debug, Deserialize)]
pub(super) struct FollowQuery {
    token: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct TeeQuery {
    channel: Option<String>,
}

/// What a client that follows is sent next.
struct Following {
    api: Api,
    listener: Listener,
    until: Instant,
    /// What was sent last was the end of an event: a comment fits in.
    is_between_events: bool,
}

pub(super) async fn follow(
    State(api): State<Api>,
    QueryOf(query): QueryOf<FollowQuery>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let unauthorized = |text: String| ApiError::new(StatusCode::UNAUTHORIZED, text);
    let token = query.token.or_else(|| bearer(&headers));
    let token = token.ok_or_else(|| unauthorized("a token is required: ?token=…".to_owned()))?;
    let topics = api.tokens.topics(&token, api.clock.now());
    let topics = topics.map_err(|error| unauthorized(error.to_string()))?;
    let listener = api.realtime.listen(topics).ok_or_else(|| {
        let text = "too many clients follow streams";
        ApiError::new(StatusCode::SERVICE_UNAVAILABLE, text)
    })?;
    let following = Following {
        api,
        listener,
        until: Instant::now() + FOLLOW_MAX,
        is_between_events: true,
    };
    // The comment makes sure that the head goes out at once.
    let first = futures::stream::once(std::future::ready(COMMENT));
    let rest = futures::stream::unfold(following, |mut following| async {
        Some((following.next().await?, following))
    });
    let body = Body::from_stream(first.chain(rest).map(Ok::<_, std::convert::Infallible>));
    let headers = [
        (CONTENT_TYPE, "text/event-stream"),
        (CACHE_CONTROL, "no-cache"),
        (CONNECTION, "keep-alive"),
    ];
    Ok((headers, body).into_response())
}

impl Following {
    /// `None` at the end.
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            let bytes = tokio::select! {
                bytes = self.listener.next() => bytes?,
                () = tokio::time::sleep_until(self.until) => return None,
                () = self.api.engine.stopped() => return None,
                () = tokio::time::sleep(KEEP_ALIVE), if self.is_between_events => return Some(COMMENT),
            };
            if !bytes.is_empty() {
                self.is_between_events = bytes.ends_with(EVENT_END);
                return Some(bytes);
            }
        }
    }
}

/// Passes on the bytes of the body, as they come, to those who follow the channel.
pub(super) async fn tee(
    State(api): State<Api>,
    QueryOf(query): QueryOf<TeeQuery>,
    body: Body,
) -> Result<StatusCode, ApiError> {
    let Some(channel) = query.channel.filter(|channel| !channel.is_empty()) else {
        return Err(ApiError::bad_request("a channel is required: ?channel=…"));
    };
    let topic = Topic {
        channel,
        name: STREAM_TOPIC.to_owned(),
    };
    let until = Instant::now() + TEE_TIME_MAX;
    let mut body = body.into_data_stream();
    let mut size = 0;
    loop {
        let idle_until = Instant::now() + TEE_IDLE_MAX;
        let next = tokio::select! {
            next = body.next() => next,
            () = tokio::time::sleep_until(until.min(idle_until)) => return Err(too_slow()),
            () = api.engine.stopped() => return Ok(StatusCode::OK),
        };
        let bytes = match next {
            None => return Ok(StatusCode::OK),
            Some(Ok(bytes)) => bytes,
            Some(Err(_)) => return Err(ApiError::bad_request("the request body can't be read")),
        };
        size += bytes.len();
        if size > TEE_MAX {
            let text = format!("a stream has at most {TEE_MAX} bytes");
            return Err(ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, text));
        }
        api.realtime.publish(&topic, bytes);
    }
}

fn too_slow() -> ApiError {
    let text = format!(
        "a stream takes at most {} minutes, and pauses for at most {}",
        TEE_TIME_MAX.as_secs() / 60,
        TEE_IDLE_MAX.as_secs() / 60
    );
    ApiError::new(StatusCode::REQUEST_TIMEOUT, text)
}

fn bearer(headers: &HeaderMap) -> Option<String> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let is_bearer = scheme.eq_ignore_ascii_case("bearer");
    is_bearer.then(|| token.trim().to_owned())
}
