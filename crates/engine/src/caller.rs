//! Calls to apps.
//!
//! [`HttpCaller`] is where a [`Call`] becomes an HTTP request and an HTTP response, or the lack of
//! one, becomes a [`Reply`]. What both look like is up to `everstep_protocol`.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use everstep_core::effect::Call;
use everstep_protocol::endpoint::{EndpointError, EndpointRequest};
use everstep_protocol::headers::{self, ServerKind};
use everstep_protocol::limits::{CALL_BODY_MAX, CALL_DURATION_MAX, REDIRECTS_MAX, REPLY_BODY_MAX};
use everstep_protocol::reply::{CallContext, RawResponse, Reply, code};
use everstep_protocol::signature::SigningKey;
use everstep_protocol::sync::SdkLanguage;
use everstep_protocol::{Json, UserError};
use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue, Method};

use crate::http::{HttpClient, HttpError, Limits, Request};
use crate::rt::Clock;

const SIGNATURE: HeaderName = HeaderName::from_static(headers::SIGNATURE);

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
        let allow_use_api = call.language != SdkLanguage::Go;
        let body = call.request.body(CALL_BODY_MAX, allow_use_api).bytes;
        let mut headers = call.request.headers(self.config.server_kind);
        if let Some(key) = &self.config.signing_key {
            headers.insert(SIGNATURE, self.signature(key, &body));
        }
        Request {
            method: Method::POST,
            url: call.request.url(&call.endpoint),
            headers,
            body: body.into(),
        }
    }

    /// The client's request once more (sdk-protocol §7.5).
    fn endpoint_request(&self, call: &Call) -> Result<Request, EndpointError> {
        let event = call.request.events.first().cloned();
        let client = EndpointRequest::of_event(&event.unwrap_or_else(Json::null))?;
        let mut headers = call.request.endpoint_headers(self.config.server_kind);
        if let Some(content_type) = client.content_type {
            headers.insert(CONTENT_TYPE, content_type);
        }
        // Empty without a key, but there: SDKs tell by it who calls.
        let signature = match &self.config.signing_key {
            None => HeaderValue::from_static(""),
            Some(key) if call.language == SdkLanguage::Go => {
                self.signature(key, call.request.run.to_string().as_bytes())
            }
            Some(key) => match Json::parse(&client.body) {
                Ok(json) => self.signature(key, json.as_str().as_bytes()),
                Err(_) => self.signature(key, &client.body),
            },
        };
        headers.insert(SIGNATURE, signature);
        Ok(Request {
            method: client.method,
            url: client.url,
            headers,
            body: client.body.into(),
        })
    }

    fn signature(&self, key: &SigningKey, signed: &[u8]) -> HeaderValue {
        let now = self.clock.now().as_seconds();
        HeaderValue::try_from(key.sign_request(signed, now))
            .expect("a signature consists of digits and letters")
    }

    /// A redirect of an endpoint's handler is for its client.
    fn limits(&self, is_endpoint: bool) -> Limits {
        Limits {
            timeout: self.config.timeout,
            body_max: self.config.reply_max,
            redirects_max: u32::try_from(REDIRECTS_MAX).unwrap_or(u32::MAX),
            answer_header: is_endpoint.then_some(headers::SDK),
        }
    }
}

#[async_trait]
impl Caller for HttpCaller {
    async fn call(&self, call: Call) -> Reply {
        let request = if call.is_endpoint {
            self.endpoint_request(&call)
        } else {
            Ok(self.request(&call))
        };
        let request = match request {
            Ok(request) => request,
            Err(error) => return not_a_request(&error),
        };
        let context = CallContext {
            targeted: call.request.target.is_some(),
            endpoint: call.is_endpoint,
        };
        match self
            .client
            .send(request, self.limits(call.is_endpoint))
            .await
        {
            Ok(response) => {
                let raw = RawResponse {
                    status: response.status.as_u16(),
                    headers: &response.headers,
                    body: &response.body,
                };
                Reply {
                    timing: Some(response.timing),
                    ..Reply::classify(raw, context, self.clock.now())
                }
            }
            Err(error) => {
                tracing::debug!(run = %call.request.run, ?error, "a call got no answer");
                reply_of(&error)
            }
        }
    }
}

/// The client's request was checked when the run started, so this is damage. It will not be another
/// one in the next attempt.
fn not_a_request(error: &EndpointError) -> Reply {
    let message = format!("The client's request can't be made again: {error}");
    Reply {
        no_retry: Some(true),
        ..Reply::failed(UserError::new("Error", &message))
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
        HttpError::Dns { .. }
        | HttpError::Refused { .. }
        | HttpError::ConnectTimedOut { .. }
        | HttpError::Connect { .. }
        | HttpError::Tls { .. } => Reply::not_connected(&error.to_string()),
        HttpError::BadUrl { .. }
        | HttpError::NotAllowed { .. }
        | HttpError::Closed { .. }
        | HttpError::TooManyRedirects { .. }
        | HttpError::BadRedirect { .. } => Reply::unreachable(&error.to_string()),
    }
}

#[cfg(test)]
mod tests;
