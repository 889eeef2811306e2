//! What is a secret, and how texts look without it.
//!
//! Names decide, because values can't be told apart: a header or a query parameter whose name
//! speaks of keys, tokens, passwords or signatures (TC-4). One that is hidden for nothing costs
//! less than one that is shown.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use http::HeaderMap;
use url::Url;

use crate::Json;

/// What stands in the place of a secret. Of characters that URLs and JSON leave as they are.
pub(super) const REDACTED: &str = "***";

/// Shorter keys are not searched for in texts, in bytes. No provider has such short ones, but local
/// models are often given a word, such as their name, and that is found where it is not meant.
const SCRUB_LENGTH_MIN: usize = 20;

/// Words that end like this name secrets, such as `x-api-key`, `accessToken`, `set-cookie`.
const ENDINGS: &[&str] = &[
    "authorization",
    "cookie",
    "credential",
    "credentials",
    "key",
    "passwd",
    "password",
    "secret",
    "signature",
    "token",
];

/// Words that name secrets, but are also the end of harmless words.
const WORDS: &[&str] = &[
    "auth",
    "authentication",
    "jwt",
    "pwd",
    "session",
    "sid",
    "sig",
];

/// Looks like a secret and is none. Without it a request might be carried out twice.
const HARMLESS: &[&str] = &["idempotency-key"];

/// A text that is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Arc<str>);

impl Secret {
    /// Wraps a secret text.
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }

    /// The text, for the one place that sends it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// `text` without the secret, wherever it occurs.
    pub(super) fn scrub<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.0.len() < SCRUB_LENGTH_MIN || !text.contains(&*self.0) {
            return Cow::Borrowed(text);
        }
        Cow::Owned(text.replace(&*self.0, REDACTED))
    }

    /// `json` without the secret.
    pub(super) fn scrub_json(&self, json: &Json) -> Json {
        match self.scrub(json.as_str()) {
            Cow::Borrowed(_) => json.clone(),
            // A secret with quotes in it may have been more than a part of a string.
            Cow::Owned(text) => {
                Json::parse(text.as_bytes()).unwrap_or_else(|_| Json::string(REDACTED))
            }
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({REDACTED})")
    }
}

/// Whether the value of a header or of a query parameter with this name is a secret.
pub(super) fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let is_secret_word =
        |word: &str| WORDS.contains(&word) || ENDINGS.iter().any(|end| word.ends_with(end));
    !HARMLESS.contains(&&*name)
        && name
            .split(|c: char| !c.is_ascii_alphanumeric())
            .any(is_secret_word)
}

/// The URL with the values of secret query parameters replaced.
pub(super) fn without_secrets(url: &Url) -> Url {
    let mut shown = url.clone();
    if shown.query_pairs().any(|(name, _)| is_secret(&name)) {
        let pairs = url.query_pairs().map(|(name, value)| match &*name {
            secret if is_secret(secret) => (name, Cow::Borrowed(REDACTED)),
            _ => (name, value),
        });
        shown.query_pairs_mut().clear().extend_pairs(pairs);
    }
    shown
}

/// The headers as a JSON object, with secret values replaced.
pub(super) fn headers_without_secrets(headers: &HeaderMap) -> Json {
    let members = headers.keys().map(|name| {
        let values = headers.get_all(name).iter();
        let texts: Vec<_> = values
            .map(|value| match value.is_sensitive() {
                true => Cow::Borrowed(REDACTED),
                false => String::from_utf8_lossy(value.as_bytes()),
            })
            .collect();
        (name.as_str(), Json::string(&texts.join(",")))
    });
    Json::object(members)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn op_4_a_secret_is_not_printed() {
        let secret = Secret::new("sk-test");
        assert_eq!(
            format!("{secret:?} {:#?}", Some(&secret)),
            "Secret(***) Some(\n    Secret(***),\n)"
        );
    }

    #[test]
    fn tc_4_names_of_secrets() {
        let secret = [
            "Authorization",
            "proxy-authorization",
            "Cookie",
            "Set-Cookie",
            "x-api-key",
            "api_key",
            "apiKey",
            "APIKEY",
            "key",
            "X-Goog-Api-Key",
            "Ocp-Apim-Subscription-Key",
            "access_token",
            "authToken",
            "X-Auth-Token",
            "X-Auth",
            "X-Amz-Signature",
            "X-Amz-Credential",
            "X-Amz-Security-Token",
            "sig",
            "client_secret",
            "password",
            "x-inngest-signature",
            "session",
        ];
        for name in secret {
            assert!(is_secret(name), "{name}");
        }
        let harmless = [
            "content-type",
            "accept",
            "anthropic-version",
            "x-request-id",
            "Idempotency-Key",
            "max_tokens",
            "x-ratelimit-remaining-tokens",
            "author",
            "keyword",
            "design",
            "X-Amz-Date",
            "",
        ];
        for name in harmless {
            assert!(!is_secret(name), "{name}");
        }
    }

    #[test]
    fn urls_keep_all_but_the_secrets() {
        let cases = [
            ("https://a.test/x?b=1%202&c", "https://a.test/x?b=1%202&c"),
            (
                "https://a.test/x?key=abc&b=1",
                "https://a.test/x?key=***&b=1",
            ),
            (
                "https://a.test/x?b=%C3%A4&X-Amz-Signature=ff&token=",
                "https://a.test/x?b=%C3%A4&X-Amz-Signature=***&token=***",
            ),
            ("https://a.test/", "https://a.test/"),
        ];
        for (url, shown) in cases {
            assert_eq!(without_secrets(&url.parse().unwrap()).as_str(), shown);
        }
    }

    #[test]
    fn texts_are_scrubbed_of_secrets_that_are_long_enough() {
        let (long, short) = ("sk-45678901234567890", "sk-4567890123456789");
        let secret = Secret::new(long);
        let twice = format!("no {long}, no {long}!");
        assert_eq!(secret.scrub(&twice), "no ***, no ***!");
        assert_eq!(secret.scrub(short), short);
        assert_eq!(Secret::new(short).scrub(short), short);
        let json = Json::object([("a", Json::string(long))]);
        assert_eq!(secret.scrub_json(&json).as_str(), r#"{"a":"***"}"#);
        let odd = Secret::new(r#""aaaaaaaaaaaaaaaaa":"#);
        let json = Json::from_canonical(r#"{"aaaaaaaaaaaaaaaaa":1}"#);
        assert_eq!(odd.scrub_json(&json).as_str(), r#""***""#);
    }
}
