//! `GET /v1/realtime/sse` and `POST /v1/realtime/publish/tee`: a client follows what the app of a
//! durable endpoint streams (connect-realtime §2.4, §2.6).

use std::pin::Pin;
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use everstep_protocol::limits::TEE_MAX;
use everstep_protocol::token::{STREAM_TOPIC, Topic};
use futures::{Stream, StreamExt as _};
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

/// Is done when the server stops.
type Stopped = Pin<Box<dyn Future<Output = ()> + Send>>;

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
    stopped: Stopped,
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
    let following = Following::new(listener, stopped(&api));
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
    fn new(listener: Listener, stopped: Stopped) -> Self {
        Self {
            stopped,
            listener,
            until: Instant::now() + FOLLOW_MAX,
            is_between_events: true,
        }
    }

    /// `None` at the end.
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            let bytes = tokio::select! {
                bytes = self.listener.next() => bytes?,
                () = tokio::time::sleep_until(self.until) => return None,
                () = &mut self.stopped => return None,
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
    let body = body.into_data_stream();
    let passed_on = pass_on(body, |bytes| api.realtime.publish(&topic, bytes));
    tokio::select! {
        result = passed_on => result.map(|()| StatusCode::OK),
        () = api.engine.stopped() => Ok(StatusCode::OK),
    }
}

/// Reads a stream to its end, as far as it keeps to the limits.
async fn pass_on(
    mut body: impl Stream<Item = Result<Bytes, axum::Error>> + Unpin,
    publish: impl Fn(Bytes),
) -> Result<(), ApiError> {
    let until = Instant::now() + TEE_TIME_MAX;
    let mut size = 0;
    loop {
        let idle_until = Instant::now() + TEE_IDLE_MAX;
        let next = tokio::time::timeout_at(until.min(idle_until), body.next()).await;
        let bytes = match next.map_err(|_| too_slow())? {
            None => return Ok(()),
            Some(Ok(bytes)) => bytes,
            Some(Err(_)) => return Err(ApiError::bad_request("the request body can't be read")),
        };
        size += bytes.len();
        if size > TEE_MAX {
            let text = format!("a stream has at most {TEE_MAX} bytes");
            return Err(ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, text));
        }
        publish(bytes);
    }
}

fn stopped(api: &Api) -> Stopped {
    let engine = api.engine.clone();
    Box::pin(async move { engine.stopped().await })
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

#[cfg(test)]
mod tests {
    use futures::stream;

    use super::*;
    use crate::realtime::Realtime;

    fn topic() -> Topic {
        Topic {
            channel: "run".to_owned(),
            name: STREAM_TOPIC.to_owned(),
        }
    }

    /// A stream with a piece after each of the pauses, in minutes, that says nothing afterwards.
    fn paused(minutes: &'static [u64]) -> impl Stream<Item = Result<Bytes, axum::Error>> + Unpin {
        let pieces = stream::iter(minutes).then(|minutes| async move {
            tokio::time::sleep(Duration::from_secs(minutes * 60)).await;
            Ok(Bytes::from_static(b"x"))
        });
        Box::pin(pieces.chain(stream::pending()))
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_follows_for_fifteen_minutes_at_most() {
        let began = Instant::now();
        let listener = Realtime::default().listen(vec![topic()]).unwrap();
        let mut following = Following::new(listener, Box::pin(std::future::pending()));
        let mut comments = 0;
        while let Some(bytes) = following.next().await {
            assert_eq!(bytes, COMMENT);
            comments += 1;
        }
        assert_eq!(began.elapsed().as_secs(), 15 * 60);
        // One each quarter of a minute; the last one would be due at the end.
        assert!((59..=60).contains(&comments), "{comments}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_is_cut_off_when_it_pauses_or_takes_too_long() {
        let cases: [(&[u64], u64, usize); 4] = [
            (&[], 5, 0),
            (&[4, 6], 9, 1),
            (&[4, 4, 4, 4], 15, 3),
            (&[4, 4, 4], 15, 3),
        ];
        for (pauses, minutes, pieces) in cases {
            let began = Instant::now();
            let published = std::cell::Cell::new(0);
            let count = |bytes: Bytes| published.set(published.get() + bytes.len());
            let error = pass_on(paused(pauses), count).await.unwrap_err();
            assert_eq!(error.status, StatusCode::REQUEST_TIMEOUT);
            assert_eq!(began.elapsed().as_secs(), minutes * 60, "{pauses:?}");
            assert_eq!(published.get(), pieces, "{pauses:?}");
        }
    }
}
