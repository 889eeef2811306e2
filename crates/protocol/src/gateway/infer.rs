//! `step.ai.infer`: the op `AIGateway` (sdk-protocol §9.1, OP-4).

use std::borrow::Cow;

use http::Method;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use url::Url;

use super::options::{self, RequestError};
use super::secret::{self, Secret};
use super::{OutboundError, OutboundRequest, OutboundResponse, metadata};
use crate::limits::FOREIGN_BODY_KEPT;
use crate::op::{Op, memoized};
use crate::{Json, UserError};

const ERROR_NAME: &str = "AIGatewayError";
const ANTHROPIC_VERSION: HeaderName = HeaderName::from_static("anthropic-version");
const ANTHROPIC_VERSION_DEFAULT: HeaderValue = HeaderValue::from_static("2023-06-01");
const API_KEY: HeaderName = HeaderName::from_static("api-key");
const X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");
const KEY_PARAMETER: &str = "key";

/// The API that a provider offers: decides how the key is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AiFormat {
    /// Chat completions of OpenAI, and of all who offer the same.
    OpenAiChat,
    /// Responses of OpenAI.
    OpenAiResponses,
    /// xAI.
    Grok,
    /// OpenAI as hosted by Azure.
    AzureOpenAi,
    /// Messages of Anthropic.
    Anthropic,
    /// Google.
    Gemini,
    /// AWS.
    Bedrock,
    /// Anything else. The key is sent as to OpenAI.
    Other(String),
}

const FORMATS: &[(&str, AiFormat)] = &[
    ("openai-chat", AiFormat::OpenAiChat),
    ("openai-responses", AiFormat::OpenAiResponses),
    ("grok", AiFormat::Grok),
    ("azure-openai", AiFormat::AzureOpenAi),
    ("anthropic", AiFormat::Anthropic),
    ("gemini", AiFormat::Gemini),
    ("bedrock", AiFormat::Bedrock),
];

impl AiFormat {
    /// Reads `opts.format`. Never fails: what is not known is [`AiFormat::Other`].
    pub fn parse(text: &str) -> Self {
        FORMATS.iter().find(|(name, _)| *name == text).map_or_else(
            || Self::Other(text.to_owned()),
            |(_, format)| format.clone(),
        )
    }

    /// The format as it stands on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Other(text) => text,
            known => FORMATS
                .iter()
                .find(|(_, format)| format == known)
                .map_or("", |(name, _)| name),
        }
    }

    /// Puts the key where the provider looks for it.
    fn authorize(
        &self,
        key: &Secret,
        url: &mut Url,
        headers: &mut HeaderMap,
    ) -> Result<(), RequestError> {
        let mut insert = |name: HeaderName, text: &str| {
            let value = HeaderValue::from_bytes(text.as_bytes());
            let mut value = value.map_err(|_| {
                RequestError::option("auth_key", "a text that an HTTP header can carry")
            })?;
            value.set_sensitive(true);
            headers.insert(name, value);
            Ok(())
        };
        let bearer = format!("Bearer {}", key.expose());
        match self {
            Self::Anthropic => insert(X_API_KEY, key.expose()),
            Self::Gemini => {
                set_query(url, KEY_PARAMETER, key.expose());
                Ok(())
            }
            Self::Bedrock => insert(AUTHORIZATION, key.expose()),
            // Azure takes tokens in one header, and keys of resources in the other.
            Self::AzureOpenAi => {
                insert(API_KEY, key.expose())?;
                insert(AUTHORIZATION, &bearer)
            }
            Self::OpenAiChat | Self::OpenAiResponses | Self::Grok | Self::Other(_) => {
                insert(AUTHORIZATION, &bearer)
            }
        }
    }
}

/// Gives a query parameter one value. TS puts the key into the URL too.
fn set_query(url: &mut Url, name: &str, value: &str) {
    let given: Vec<_> = url
        .query_pairs()
        .filter(|(other, _)| other == name)
        .map(|(_, value)| value.into_owned())
        .collect();
    if given == [value] {
        return;
    }
    let others: Vec<_> = url
        .query_pairs()
        .filter(|(other, _)| other != name)
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    url.query_pairs_mut()
        .clear()
        .extend_pairs(others)
        .append_pair(name, value);
}

/// The request of an `AIGateway` op.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AiRequest {
    pub(super) format: AiFormat,
    pub(super) outbound: OutboundRequest,
    key: Option<Secret>,
}

impl Op {
    /// The request that an `AIGateway` op asks for, with the key in its place.
    ///
    /// ```
    /// # use everstep_protocol::op::Op;
    /// let body = br#"{"op":"AIGateway","id":"x","opts":{"url":"https://api.openai.com/v1/chat/completions",
    ///     "format":"openai-chat","auth_key":"sk-12345678","body":{"model":"gpt-4o-mini","messages":[]}}}"#;
    /// let request = Op::parse_all(body)?[0].ai_request()?;
    /// assert_eq!(request.outbound().headers["authorization"], "Bearer sk-12345678");
    /// assert!(!format!("{request:?} {}", request.redacted()).contains("sk-12345678"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// See [`RequestError`].
    pub fn ai_request(&self) -> Result<AiRequest, RequestError> {
        let text = |option: &'static str| match options::present(self, option) {
            None => Ok(String::new()),
            Some(value) => value
                .to_text()
                .ok_or(RequestError::option(option, "a text")),
        };
        let format = AiFormat::parse(&text("format")?);
        let key = Some(text("auth_key")?)
            .filter(|key| !key.is_empty())
            .map(Secret::new);
        let body = options::present(self, "body")
            .filter(Json::is_object)
            .ok_or(RequestError::option("body", "an object"))?;
        options::check_size(body.as_str())?;

        let mut url = options::url(self)?;
        let mut headers = options::default_headers();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if format == AiFormat::Anthropic {
            headers.insert(ANTHROPIC_VERSION, ANTHROPIC_VERSION_DEFAULT);
        }
        if let Some(key) = &key {
            format.authorize(key, &mut url, &mut headers)?;
        }
        Ok(AiRequest {
            outbound: OutboundRequest {
                method: Method::POST,
                url,
                headers: options::headers(self, headers)?,
                body: body.as_shared().clone(),
            },
            format,
            key,
        })
    }
}

impl AiRequest {
    /// What to send.
    pub fn outbound(&self) -> &OutboundRequest {
        &self.outbound
    }

    /// The request as a trace may keep it: `{url, format, headers, body}` without the key.
    pub fn redacted(&self) -> Json {
        let OutboundRequest {
            url, headers, body, ..
        } = &self.outbound;
        let url = secret::without_secrets(url);
        let object = Json::object([
            ("url", Json::string(url.as_str())),
            ("format", Json::string(self.format.as_str())),
            ("headers", secret::headers_without_secrets(headers)),
            ("body", Json::from_canonical(body.clone())),
        ]);
        match &self.key {
            Some(key) => key.scrub_json(&object),
            None => object,
        }
    }

    /// What came of an attempt: the value to memoize, `{"data":<JSON of the provider>}`, or why the
    /// attempt failed. After the last one, the value is [`UserError::memoized`].
    ///
    /// A body that is not JSON, such as an event stream, is kept as a text. Providers repeat keys
    /// in errors; the key is taken out of whatever is kept.
    ///
    /// # Errors
    ///
    /// There was no response, or its status is above 299.
    pub fn outcome(
        &self,
        result: Result<&OutboundResponse, &OutboundError>,
    ) -> Result<Json, UserError> {
        match result {
            Ok(response) => {
                let body = self.scrub(&response.body);
                match response.status {
                    ..=299 => Ok(memoized("data", json_or_text(&body).as_str())),
                    status => Err(unsuccessful(status, &body)),
                }
            }
            Err(error) => Err(Self::error(&self.scrub(&error.cause))),
        }
    }

    /// The error of a request that got no response, or could not be made.
    pub fn error(cause: &str) -> UserError {
        let message = format!("Error making AI request: {cause}");
        let data = Json::object([("error", Json::string("Error making AI request"))]);
        UserError::with_stack(ERROR_NAME, &message, &message).with_member("data", data)
    }

    /// What a trace keeps of request and response (server-semantics §9.4): the values of metadata
    /// of the kind `inngest.ai`, as far as they are known.
    ///
    /// `estimated_cost` (AI-2) is not among them: a table of prices would be wrong within weeks.
    pub fn metadata(&self, response: &OutboundResponse) -> Json {
        metadata::of(self, response)
    }

    fn scrub<'t>(&self, text: &'t str) -> Cow<'t, str> {
        match &self.key {
            Some(key) => key.scrub(text),
            None => Cow::Borrowed(text),
        }
    }
}

fn unsuccessful(status: u16, body: &str) -> UserError {
    let message = format!("Error making AI request: unsuccessful status code: {status}");
    let kept = String::from_utf8_lossy(&body.as_bytes()[..body.len().min(FOREIGN_BODY_KEPT)]);
    UserError::with_stack(ERROR_NAME, &message, &kept).with_member("data", json_or_text(&kept))
}

/// The JSON of a body, or its text as a JSON string.
fn json_or_text(body: &str) -> Json {
    match body.trim() {
        "" => Json::null(),
        _ => Json::parse(body.as_bytes()).unwrap_or_else(|_| Json::string(body)),
    }
}
