//! The options that both ops have: a URL and headers.

use http::header::{ACCEPT, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use url::Url;

use super::secret;
use crate::Json;
use crate::headers::USER_AGENT_TEXT;
use crate::limits::{OUTBOUND_HEADERS_MAX, OUTBOUND_REQUEST_MAX, OUTBOUND_URL_MAX};
use crate::op::Op;

/// Headers that belong to the connection, which is the server's. As in browsers, what users say
/// of them is ignored.
const OF_CONNECTION: &[&str] = &[
    "accept-encoding",
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// An op that does not say which request to make. Repeating the call would hardly help.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// A member of `opts` is missing, or is something else.
    #[error("opts.{option} must be {expected}")]
    Option {
        /// Name of the member.
        option: &'static str,
        /// What it should be.
        expected: &'static str,
    },
    /// Longer than [`OUTBOUND_URL_MAX`].
    #[error("opts.url must be at most {OUTBOUND_URL_MAX} bytes long")]
    UrlTooLong,
    /// A header whose name is not one.
    #[error("opts.headers holds {name:?}, which is not the name of an HTTP header")]
    HeaderName {
        /// The name as it came.
        name: String,
    },
    /// A header whose value is not text, or has line breaks. The value is not repeated, as it may
    /// be a secret.
    #[error("the value of {name:?} in opts.headers can't be sent in an HTTP header")]
    HeaderValue {
        /// Name of the header.
        name: String,
    },
    /// More than [`OUTBOUND_HEADERS_MAX`].
    #[error("opts.headers holds more than {OUTBOUND_HEADERS_MAX} headers")]
    TooManyHeaders,
    /// More than [`OUTBOUND_REQUEST_MAX`].
    #[error("opts.body is {size} bytes, more than {OUTBOUND_REQUEST_MAX}")]
    BodyTooLarge {
        /// Size of the body in bytes.
        size: usize,
    },
}

impl RequestError {
    pub(super) const fn option(option: &'static str, expected: &'static str) -> Self {
        Self::Option { option, expected }
    }
}

/// A member of `opts` that is not null.
pub(super) fn present(op: &Op, name: &str) -> Option<Json> {
    op.opt(name).filter(|value| !value.is_null())
}

/// `opts.url`, without its fragment.
pub(super) fn url(op: &Op) -> Result<Url, RequestError> {
    let bad = || RequestError::option("url", "an absolute http or https URL");
    let text = present(op, "url")
        .and_then(|url| url.to_text())
        .ok_or_else(bad)?;
    if text.len() > OUTBOUND_URL_MAX {
        return Err(RequestError::UrlTooLong);
    }
    let mut url: Url = text.parse().map_err(|_| bad())?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(bad());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(RequestError::option(
            "url",
            "a URL without user name and password; send them in the header Authorization",
        ));
    }
    url.set_fragment(None);
    Ok(url)
}

/// `opts.headers` on top of `defaults`. A value can be a text, a number, a truth value, or an array
/// of these, which makes several headers.
pub(super) fn headers(op: &Op, mut defaults: HeaderMap) -> Result<HeaderMap, RequestError> {
    let Some(object) = present(op, "headers") else {
        return Ok(defaults);
    };
    if !object.is_object() {
        return Err(RequestError::option("headers", "an object"));
    }
    let mut given = HeaderMap::new();
    for (text, value) in object.members() {
        let Ok(name) = HeaderName::try_from(&text) else {
            return Err(RequestError::HeaderName { name: text });
        };
        if OF_CONNECTION.contains(&name.as_str()) {
            continue;
        }
        defaults.remove(&name);
        let values = match value.is_array() {
            true => value.items().collect(),
            false => vec![value],
        };
        for value in values.iter().filter(|value| !value.is_null()) {
            let value = header_value(&name, value).ok_or_else(|| RequestError::HeaderValue {
                name: name.to_string(),
            })?;
            if given.len() == OUTBOUND_HEADERS_MAX {
                return Err(RequestError::TooManyHeaders);
            }
            given.append(&name, value);
        }
    }
    defaults.extend(given);
    Ok(defaults)
}

fn header_value(name: &HeaderName, value: &Json) -> Option<HeaderValue> {
    let text = match value.to_text() {
        Some(text) => text,
        None if value.is_object() || value.is_array() => return None,
        None => value.to_string(),
    };
    let mut value = HeaderValue::from_bytes(text.trim().as_bytes()).ok()?;
    value.set_sensitive(secret::is_secret(name.as_str()));
    Some(value)
}

/// What every request has, unless the user says otherwise.
pub(super) fn default_headers() -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
    headers.insert(USER_AGENT, HeaderValue::from_static(USER_AGENT_TEXT));
    headers
}

pub(super) fn check_size(body: &str) -> Result<(), RequestError> {
    match body.len() {
        size if size > OUTBOUND_REQUEST_MAX => Err(RequestError::BodyTooLarge { size }),
        _ => Ok(()),
    }
}
