//! `step.fetch`: the op `Gateway` (sdk-protocol §9.2).

use std::sync::Arc;

use http::{HeaderMap, HeaderName, Method};

use super::options::{self, RequestError};
use super::{OutboundError, OutboundRequest, OutboundResponse, secret};
use crate::op::{Op, memoized};
use crate::{Json, UserError};

const ERROR_NAME: &str = "GatewayError";

/// Methods that are upper case however a user writes them, as in browsers. Others are case
/// sensitive.
const STANDARD_METHODS: &[Method] = &[
    Method::DELETE,
    Method::GET,
    Method::HEAD,
    Method::OPTIONS,
    Method::PATCH,
    Method::POST,
    Method::PUT,
];

/// The request of a `Gateway` op.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GatewayRequest {
    outbound: OutboundRequest,
}

impl Op {
    /// The request that a `Gateway` op asks for.
    ///
    /// ```
    /// # use everstep_protocol::op::Op;
    /// let body = br#"{"op":"Gateway","id":"x","opts":{"url":"https://a.test/?token=t","method":"GET"}}"#;
    /// let request = Op::parse_all(body)?[0].gateway_request()?;
    /// assert_eq!(request.outbound().url.as_str(), "https://a.test/?token=t");
    /// assert!(request.redacted().as_str().contains("https://a.test/?token=***"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// See [`RequestError`].
    pub fn gateway_request(&self) -> Result<GatewayRequest, RequestError> {
        let body: Arc<str> = match options::present(self, "body") {
            None => "".into(),
            Some(body) => body
                .to_text()
                .ok_or(RequestError::option("body", "a text"))?
                .into(),
        };
        options::check_size(&body)?;
        Ok(GatewayRequest {
            outbound: OutboundRequest {
                method: method(self)?,
                url: options::url(self)?,
                headers: options::headers(self, options::default_headers())?,
                body,
            },
        })
    }
}

fn method(op: &Op) -> Result<Method, RequestError> {
    let bad = || RequestError::option("method", "an HTTP method other than CONNECT and TRACE");
    let Some(method) = options::present(op, "method") else {
        return Ok(Method::GET);
    };
    let text = method.to_text().ok_or_else(bad)?;
    if text.is_empty() {
        return Ok(Method::GET);
    }
    let standard = STANDARD_METHODS
        .iter()
        .find(|method| method.as_str().eq_ignore_ascii_case(&text));
    if let Some(method) = standard {
        return Ok(method.clone());
    }
    let refused = ["CONNECT", "TRACE"]
        .iter()
        .any(|method| method.eq_ignore_ascii_case(&text));
    match Method::from_bytes(text.as_bytes()) {
        Ok(method) if !refused => Ok(method),
        _ => Err(bad()),
    }
}

impl GatewayRequest {
    /// What to send.
    pub fn outbound(&self) -> &OutboundRequest {
        &self.outbound
    }

    /// The request as a trace may keep it: `{url, method, headers, body}` with secrets replaced. A
    /// secret in the body or in the path of the URL can't be told from other text, and stays.
    pub fn redacted(&self) -> Json {
        let OutboundRequest {
            method,
            url,
            headers,
            body,
        } = &self.outbound;
        Json::object([
            ("url", Json::string(secret::without_secrets(url).as_str())),
            ("method", Json::string(method.as_str())),
            ("headers", secret::headers_without_secrets(headers)),
            ("body", Json::string(body)),
        ])
    }

    /// What a trace keeps of request and response: the values of metadata of the kind
    /// `inngest.http`, without secrets.
    pub fn metadata(&self, response: &OutboundResponse) -> Json {
        let size = |body: &str| Json::integer(i64::try_from(body.len()).unwrap_or(i64::MAX));
        let url = secret::without_secrets(&response.final_url);
        let latency_ms = i64::try_from(response.duration.as_millis()).unwrap_or(i64::MAX);
        Json::object([
            ("method", Json::string(self.outbound.method.as_str())),
            ("url", Json::string(url.as_str())),
            ("request_size", size(&self.outbound.body)),
            ("status_code", Json::integer(response.status.into())),
            ("response_size", size(&response.body)),
            ("latency_ms", Json::integer(latency_ms)),
        ])
    }

    /// What came of an attempt: the value to memoize, `{"data":{url, headers, body, status_code}}`,
    /// whatever the status; or why the attempt failed. After the last one, the value is
    /// [`UserError::memoized`].
    ///
    /// # Errors
    ///
    /// There was no response.
    pub fn outcome(result: Result<&OutboundResponse, &OutboundError>) -> Result<Json, UserError> {
        let response = result.map_err(|error| Self::error(&error.cause))?;
        let data = Json::object([
            ("url", Json::string(response.final_url.as_str())),
            ("headers", joined(&response.headers)),
            ("body", Json::string(&response.body)),
            ("status_code", Json::integer(response.status.into())),
        ]);
        Ok(memoized("data", data.as_str()))
    }

    /// The error of a request that got no response, or could not be made.
    pub fn error(cause: &str) -> UserError {
        UserError::new(
            ERROR_NAME,
            &format!("Error making gateway request: {cause}"),
        )
    }
}

/// The headers as an object; several of one name are joined by commas.
fn joined(headers: &HeaderMap) -> Json {
    let members: Vec<_> = headers
        .keys()
        .map(|name| {
            let values = headers.get_all(name).iter();
            let texts: Vec<_> = values
                .map(|value| String::from_utf8_lossy(value.as_bytes()))
                .collect();
            (canonical_name(name), Json::string(&texts.join(",")))
        })
        .collect();
    Json::object(
        members
            .iter()
            .map(|(name, value)| (name.as_str(), value.clone())),
    )
}

/// A header name as most servers write it, and as deployed servers hand it on: `X-Resp`. In Go, a
/// header of another form is not found.
fn canonical_name(name: &HeaderName) -> String {
    let mut starts = true;
    name.as_str()
        .chars()
        .map(|c| {
            let c = if starts { c.to_ascii_uppercase() } else { c };
            starts = c == '-';
            c
        })
        .collect()
}
