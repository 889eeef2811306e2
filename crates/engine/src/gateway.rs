//! Requests that the server makes for steps (sdk-protocol §9).
//!
//! [`HttpGateway`] is where an [`OutboundRequest`] travels. What is sent, and what the response
//! means, is up to `everstep_protocol`; when it is tried again, up to `everstep_core`.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use everstep_protocol::gateway::{OutboundError, OutboundRequest, OutboundResponse};
use everstep_protocol::limits::{
    OUTBOUND_DURATION_MAX, OUTBOUND_REDIRECTS_MAX, OUTBOUND_RESPONSE_MAX,
};
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, HeaderMap, TRANSFER_ENCODING};

use crate::egress::EgressPolicy;
use crate::http::{HttpClient, HttpError, Limits, Request, Response};
use crate::rt::Stopwatch;

/// Makes one attempt at a request, and says what came of it.
#[async_trait]
pub trait Gateway: Send + Sync + 'static {
    async fn send(&self, request: OutboundRequest) -> Result<OutboundResponse, OutboundError>;
}

/// What a request may cost.
#[derive(Clone, Copy, Debug)]
pub struct GatewayConfig {
    /// How long a connection may take.
    pub connect_timeout: Duration,
    /// From the start of the connection until the last byte of the response, redirects included.
    pub timeout: Duration,
    /// Bytes of a response, after decompression.
    pub response_max: usize,
    pub redirects_max: usize,
}

impl GatewayConfig {
    /// The limits of the protocol.
    pub fn new(connect_timeout: Duration) -> Self {
        Self {
            connect_timeout,
            timeout: OUTBOUND_DURATION_MAX,
            response_max: OUTBOUND_RESPONSE_MAX,
            redirects_max: OUTBOUND_REDIRECTS_MAX,
        }
    }
}

/// Requests over HTTP, to where the egress policy lets them go.
pub struct HttpGateway {
    client: HttpClient,
    limits: Limits,
}

impl HttpGateway {
    pub fn new(egress: EgressPolicy, config: GatewayConfig) -> Self {
        Self {
            client: HttpClient::guarded(config.connect_timeout, egress),
            limits: Limits {
                timeout: config.timeout,
                body_max: config.response_max,
                redirects_max: u32::try_from(config.redirects_max).unwrap_or(u32::MAX),
                answer_header: None,
            },
        }
    }
}

#[async_trait]
impl Gateway for HttpGateway {
    async fn send(&self, request: OutboundRequest) -> Result<OutboundResponse, OutboundError> {
        let stopwatch = Stopwatch::start();
        let request = Request {
            method: request.method,
            url: request.url,
            headers: request.headers,
            body: Bytes::from_owner(Text(request.body)),
        };
        match self.client.send(request, self.limits).await {
            Ok(response) => Ok(received(response, stopwatch.elapsed())),
            Err(error) => Err(not_received(&error)),
        }
    }
}

/// A text whose bytes are sent without a copy.
struct Text(Arc<str>);

impl AsRef<[u8]> for Text {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

fn received(response: Response, duration: Duration) -> OutboundResponse {
    let mut headers = response.headers;
    drop_encoding(&mut headers);
    OutboundResponse {
        status: response.status.as_u16(),
        final_url: response.final_url,
        headers,
        body: String::from_utf8_lossy(&response.body).into_owned(),
        duration,
    }
}

/// The body was decoded. Whoever reads the headers must not try it again.
fn drop_encoding(headers: &mut HeaderMap) {
    headers.remove(TRANSFER_ENCODING);
    if headers.remove(CONTENT_ENCODING).is_some() {
        headers.remove(CONTENT_LENGTH);
    }
}

fn not_received(error: &HttpError) -> OutboundError {
    let cause = match error {
        // These repeat texts in which a key may stand.
        HttpError::BadUrl { .. } => "the URL can't be sent in an HTTP request".to_owned(),
        HttpError::BadRedirect { status, .. } => {
            format!("{status} redirects to what is not a usable URL")
        }
        HttpError::Dns { .. }
        | HttpError::NotAllowed { .. }
        | HttpError::Refused { .. }
        | HttpError::ConnectTimedOut { .. }
        | HttpError::Connect { .. }
        | HttpError::Tls { .. }
        | HttpError::TimedOut { .. }
        | HttpError::Closed { .. }
        | HttpError::Protocol { .. }
        | HttpError::TooLarge { .. }
        | HttpError::TooManyRedirects { .. }
        | HttpError::Encoding { .. } => error.to_string(),
    };
    tracing::debug!(cause, "a request of a step got no response");
    OutboundError {
        no_retry: matches!(
            error,
            HttpError::BadUrl { .. } | HttpError::NotAllowed { .. } | HttpError::TooLarge { .. }
        ),
        cause,
    }
}

#[cfg(test)]
mod tests;
