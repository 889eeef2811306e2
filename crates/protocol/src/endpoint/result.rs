//! What a handler answered to its client, as SDKs report it (sdk-protocol §7.4): the *API result*.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::HeaderMap;

use crate::Json;
use crate::json::tree::Node;

/// Member that says that the body stands as base64 in a result that this server put together.
const ENCODING: &str = "encoding";
const BASE64: &str = "base64";
/// Headers of a handler's own answer that are the SDK's.
const SDK_PREFIX: &str = "x-inngest-";

/// A handler's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiResult {
    /// Three digits.
    pub status: u16,
    /// As the SDK gives them.
    pub headers: Vec<(String, String)>,
    /// As the client gets it.
    pub body: Vec<u8>,
}

impl ApiResult {
    /// Reads a run's output. `None` if it is something else.
    ///
    /// ```
    /// # use everstep_protocol::{Json, endpoint::ApiResult};
    /// let output = Json::parse(br#"{"status":201,"headers":{"x-a":"b"},"body":"hi","version":2}"#).unwrap();
    /// let result = ApiResult::of(&output).unwrap();
    /// assert_eq!((result.status, result.body.as_slice()), (201, b"hi".as_slice()));
    /// assert_eq!(ApiResult::of(&Json::string("hi")), None);
    /// ```
    pub fn of(output: &Json) -> Option<Self> {
        let tree = output.tree();
        let node = tree.root();
        let has = |name: &str| node.present(name).is_some();
        // GO's name of it comes second.
        let status = node
            .present("status")
            .or_else(|| node.present("status_code"))?;
        let status = u16::try_from(status.as_i64()?).ok()?;
        if !(100..1000).contains(&status) || !(has("headers") || has("body")) {
            return None;
        }
        let headers = node.present("headers").map(headers).unwrap_or_default();
        let text = node.member_text("body").unwrap_or_default();
        let is_base64 = match node.member_text(ENCODING) {
            Some(encoding) => encoding == BASE64,
            // GO measures how long it took, and has bytes where others have text.
            None => has("duration") && !has("version"),
        };
        let body = match BASE64_STANDARD.decode(text.as_bytes()) {
            Ok(bytes) if is_base64 => bytes,
            Ok(_) | Err(_) => text.into_owned().into_bytes(),
        };
        Some(Self {
            status,
            headers,
            body,
        })
    }

    /// The result without the `{"data": …}` that GO puts around it.
    pub fn unwrapped(output: Json) -> Json {
        match output.member("data") {
            Some(inner) if Self::of(&output).is_none() && Self::of(&inner).is_some() => inner,
            Some(_) | None => output,
        }
    }

    /// The answer of a handler that came instead of ops.
    pub(crate) fn of_response(status: u16, headers: &HeaderMap, body: &[u8]) -> Self {
        let headers = headers.iter().filter_map(|(name, value)| {
            let value = value.to_str().ok()?.to_owned();
            let is_own = name.as_str().starts_with(SDK_PREFIX) || name == crate::headers::RUN_ID;
            (!is_own).then(|| (name.as_str().to_owned(), value))
        });
        Self {
            status,
            headers: headers.collect(),
            body: body.to_vec(),
        }
    }

    /// As [`ApiResult::of`] reads it.
    pub(crate) fn to_json(&self) -> Json {
        let headers = self.headers.iter();
        let headers = headers.map(|(name, value)| (name.as_str(), Json::string(value)));
        let (encoding, body) = match std::str::from_utf8(&self.body) {
            Ok(text) => ("text", Json::string(text)),
            Err(_) => (BASE64, Json::string(&BASE64_STANDARD.encode(&self.body))),
        };
        Json::object([
            ("body", body),
            (ENCODING, Json::string(encoding)),
            ("headers", Json::object(headers)),
            ("status", Json::integer(i64::from(self.status))),
        ])
    }

    /// Whether the run of a handler that answered so has succeeded (§7.4).
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

fn headers(node: Node<'_, '_>) -> Vec<(String, String)> {
    node.members()
        .filter_map(|(name, value)| Some((name.into_owned(), value.as_text()?.into_owned())))
        .collect()
}
