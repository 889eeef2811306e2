//! Calls to apps.
//!
//! [`HttpCaller`] is where a [`Call`] becomes an HTTP request and an HTTP response, or the lack of
//! one, becomes a [`Reply`]. What both look like is up to `everstep_protocol`.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use everstep_core::effect::Call;
use everstep_protocol::UserError;
use everstep_protocol::headers::{self, ServerKind};
use everstep_protocol::limits::{CALL_BODY_MAX, CALL_DURATION_MAX, REDIRECTS_MAX, REPLY_BODY_MAX};
use everstep_protocol::reply::{CallContext, RawResponse, Reply, code};
use everstep_protocol::signature::SigningKey;
use everstep_protocol::sync::SdkLanguage;
use http::{HeaderName, HeaderValue, Method};

use crate::http::{HttpClient, HttpError, Limits, Request};
use crate::rt::Clock;

/// Makes one call and says how it was answered. It never fails: the lack of an answer is a reply
/// too (sdk-protocol §5.1, rule 1).
#[async_trait]
pub trait Caller: Send + Sync + 'static {
    async fn call(&self, call: Call) -> Reply;
}

/// How calls are made.
#[derive(Clone, Debug)]
pub struct CallerConfig {
    /// What the server tells apps that it is.
    pub server_kind: ServerKind,
    /// Signs each call, if there is one.
    pub signing_key: Option<SigningKey>,
    /// From the start of the connection until the last byte of the reply.
    pub timeout: Duration,
    /// Bytes of a reply, after decompression.
    pub reply_max: usize,
}

impl CallerConfig {
    /// The limits of the protocol, and no signature.
    pub fn new(server_kind: ServerKind) -> Self {
        Self {
            server_kind,
            signing_key: None,
            timeout: CALL_DURATION_MAX,
            reply_max: REPLY_BODY_MAX,
        }
    }
}

/// Calls over HTTP.
pub struct HttpCaller {
    client: HttpClient,
    clock: Arc<dyn Clock>,
    config: CallerConfig,
}

impl HttpCaller {
    pub fn new(client: HttpClient, clock: Arc<dyn Clock>, config: CallerConfig) -> Self {
        Self {
            client,
            clock,
            config,
        }
    }

    fn request(&self, call: &Call) -> Request {
        let body = call
            .request
            .body(CALL_BODY_MAX, call.language != SdkLanguage::Go);
        let mut headers = call.request.headers(self.config.server_kind);
        if let Some(key) = &self.config.signing_key {
            let now = self.clock.now().as_millis().div_euclid(1000);
            let signature = HeaderValue::try_from(key.sign_request(&body.bytes, now))
                .expect("a signature consists of digits and letters");
            headers.insert(HeaderName::from_static(headers::SIGNATURE), signature);
        }
        let url = call.request.url(&call.endpoint);
        Request {
            method: Method::POST,
            url,
            headers,
            body: body.bytes.into(),
        }
    }

    fn limits(&self) -> Limits {
        Limits {
            timeout: self.config.timeout,
            body_max: self.config.reply_max,
            redirects_max: u32::try_from(REDIRECTS_MAX).unwrap_or(u32::MAX),
        }
    }
}

#[async_trait]
impl Caller for HttpCaller {
    async fn call(&self, call: Call) -> Reply {
        let request = self.request(&call);
        let context = CallContext {
            targeted: call.request.target.is_some(),
            endpoint: call.is_endpoint,
        };
        match self.client.send(request, self.limits()).await {
            Ok(response) => {
                let raw = RawResponse {
                    status: response.status.as_u16(),
                    headers: &response.headers,
                    body: &response.body,
                };
                Reply::classify(raw, context, self.clock.now())
            }
            Err(error) => {
                tracing::debug!(run = %call.request.run, ?error, "a call got no answer");
                reply_of(&error)
            }
        }
    }
}

/// What user code and the dashboard are told when there is no complete response.
fn reply_of(error: &HttpError) -> Reply {
    match error {
        HttpError::TimedOut { after } => Reply::timed_out(*after),
        HttpError::TooLarge { limit } => Reply::too_large(*limit),
        HttpError::Protocol { .. } | HttpError::Encoding { .. } => {
            let message = format!("The app's reply can't be read: {error}");
            Reply::failed(UserError::with_code(
                "Error",
                &message,
                code::INVALID_RESPONSE,
            ))
        }
        HttpError::BadUrl { .. }
        | HttpError::Dns { .. }
        | HttpError::NotAllowed { .. }
        | HttpError::Refused { .. }
        | HttpError::ConnectTimedOut { .. }
        | HttpError::Connect { .. }
        | HttpError::Tls { .. }
        | HttpError::Closed { .. }
        | HttpError::TooManyRedirects { .. }
        | HttpError::BadRedirect { .. } => Reply::unreachable(&error.to_string()),
    }
}

#[cfg(test)]
mod tests;
