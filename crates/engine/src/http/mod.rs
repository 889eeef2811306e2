//! The HTTP client: pooled, bounded in size and time, follows redirects, decompresses. It knows
//! nothing of the SDK protocol.
//!
//! There are two kinds of clients. One is for apps, whose addresses the operator of the server
//! vouches for. The other is for requests that users write, and asks an
//! [`EgressPolicy`](crate::egress::EgressPolicy) for each address.
//!
//! | module | owns |
//! |---|---|
//! | `connect` | TCP and TLS: names, egress policy, both loopback families, `TCP_NODELAY` |
//! | `body` | reading a body within its limit, gzip and br |
//! | `redirect` | where a redirect leads, and which headers go along |
//! | `stream` | a response that is read as it comes |
//! | `error` | why there is no response |
//!
//! # Contract
//!
//! A request is sent at most once per hop. The one exception is a pooled connection which the app
//! closed before a single byte of the request was written: `hyper-util` knows that, and repeats
//! the request on another connection. A connection that breaks any later is an error, because the
//! app may have acted on the request.

mod body;
mod connect;
mod error;
mod redirect;
mod stream;

use std::time::Duration;

use bytes::Bytes;
use everstep_protocol::reply::CallTiming;
use http::header::{ACCEPT_ENCODING, HeaderMap, HeaderValue};
use http::{Method, StatusCode, Uri};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::time::Instant;
use url::Url;

use self::body::Encoding;
use self::connect::Connector;
pub use self::error::HttpError;
use self::redirect::{Next, Redirects};
pub use self::stream::Streaming;
use crate::egress::EgressPolicy;

/// Idle connections are dropped after this time: a little before Node, Bun and uvicorn close them
/// (5 s), so that a request is hardly ever written into a connection that is just being closed.
const IDLE_MAX: Duration = Duration::from_secs(4);

/// A request. The body is shared, not copied, by the requests of a chain of redirects.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: Method,
    pub url: Url,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// What a request may cost.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// From the start of the connection until the last byte of the body, redirects included.
    pub timeout: Duration,
    /// Bytes of the body, after decompression.
    pub body_max: usize,
    pub redirects_max: u32,
    /// A redirect with this header is an answer, and is not followed.
    pub answer_header: Option<&'static str>,
}

/// A complete response.
#[derive(Clone, Debug)]
pub struct Response {
    pub status: StatusCode,
    pub headers: HeaderMap,
    /// Decompressed.
    pub body: Bytes,
    /// Where the response came from, after redirects.
    pub final_url: Url,
    /// From the first request on, redirects included.
    pub timing: CallTiming,
}

/// The client. Cheap to clone: clones share the pool.
#[derive(Clone)]
pub struct HttpClient {
    inner: Client<Connector, Full<Bytes>>,
    connect_timeout: Duration,
    redirects: Redirects,
}

impl HttpClient {
    /// A client for requests to apps, whose connections must be established within
    /// `connect_timeout`. It is one setting of the client, not of a request, because a pooled
    /// connection serves many.
    ///
    /// Redirects (301, 302, 303, 307, 308) are followed with method, headers and body kept, and
    /// with the query parameters of the original URL (sdk-protocol §5.1, rule 2).
    pub fn new(connect_timeout: Duration) -> Self {
        Self::build(connect_timeout, None, Redirects::Keep)
    }

    /// A client for requests that users write. It connects to no address that `egress` refuses,
    /// neither at first nor behind a redirect. Redirects are followed as browsers do.
    pub fn guarded(connect_timeout: Duration, egress: EgressPolicy) -> Self {
        Self::build(connect_timeout, Some(egress), Redirects::Web)
    }

    fn build(
        connect_timeout: Duration,
        egress: Option<EgressPolicy>,
        redirects: Redirects,
    ) -> Self {
        let inner = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_MAX)
            .retry_canceled_requests(true)
            .build(Connector::new(connect_timeout, egress));
        Self {
            inner,
            connect_timeout,
            redirects,
        }
    }

    /// Sends a request, follows redirects and reads the whole response.
    pub async fn send(&self, request: Request, limits: Limits) -> Result<Response, HttpError> {
        match tokio::time::timeout(limits.timeout, self.follow(request, limits)).await {
            Ok(result) => result,
            Err(_) => Err(HttpError::TimedOut {
                after: limits.timeout,
            }),
        }
    }

    /// Sends a request whose response is read as it comes; its head must be there within `timeout`.
    /// Redirects are not followed.
    pub async fn open(&self, request: &Request, timeout: Duration) -> Result<Streaming, HttpError> {
        match tokio::time::timeout(timeout, self.ask(request)).await {
            Ok(result) => result.map(Streaming::new),
            Err(_) => Err(HttpError::TimedOut { after: timeout }),
        }
    }

    /// One request and the head of its response.
    async fn ask(&self, request: &Request) -> Result<http::Response<Incoming>, HttpError> {
        let mut outgoing = http::Request::new(Full::new(request.body.clone()));
        *outgoing.method_mut() = request.method.clone();
        *outgoing.uri_mut() = uri_of(&request.url)?;
        *outgoing.headers_mut() = request.headers.clone();
        let response = self.inner.request(outgoing).await;
        response.map_err(|error| HttpError::of_send(error, &request.url, self.connect_timeout))
    }

    async fn follow(&self, mut request: Request, limits: Limits) -> Result<Response, HttpError> {
        request
            .headers
            .entry(ACCEPT_ENCODING)
            .or_insert(HeaderValue::from_static("gzip, br"));
        let mut hops = 0;
        let begun = Instant::now();
        let mut connect = Duration::ZERO;
        loop {
            let asked = Instant::now();
            let response = self.ask(&request).await?;
            let (parts, incoming) = response.into_parts();
            connect += connect::took(&parts.extensions, asked);
            let first_byte = begun.elapsed().saturating_sub(connect);
            let is_answer = limits
                .answer_header
                .is_some_and(|name| parts.headers.contains_key(name));
            let next = if is_answer {
                Next::Stay
            } else {
                redirect::next(parts.status, &parts.headers, &request.url, self.redirects)?
            };
            match next {
                Next::Follow(target) => {
                    hops += 1;
                    if hops > limits.redirects_max {
                        return Err(HttpError::TooManyRedirects {
                            limit: limits.redirects_max,
                        });
                    }
                    redirect::follow(&mut request, parts.status, target, self.redirects);
                }
                Next::Stay => {
                    let encoding = Encoding::of(&parts.headers)?;
                    let body = body::read(incoming, encoding, limits.body_max).await?;
                    return Ok(Response {
                        status: parts.status,
                        headers: parts.headers,
                        body,
                        final_url: request.url,
                        timing: CallTiming {
                            connect,
                            first_byte,
                        },
                    });
                }
            }
        }
    }
}

fn uri_of(url: &Url) -> Result<Uri, HttpError> {
    let bad = || HttpError::BadUrl {
        url: url.to_string(),
    };
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(bad());
    }
    // A fragment is never sent; the rest of an HTTP URL is a URI as it stands.
    let text = url.as_str();
    let end = text.find('#').unwrap_or(text.len());
    text[..end].parse().map_err(|_| bad())
}

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
