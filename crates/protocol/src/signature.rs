//! Signing keys, signatures of requests and replies, bearer tokens (sdk-protocol §1.3–1.6).

use std::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::Timestamp;
use crate::limits::SIGNATURE_AGE_MAX;
use crate::token::TokenKey;

/// A signing key: `signkey-<env>-<hex>`, or the hexadecimal digits alone. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningKey {
    /// `signkey-<env>-`, or empty.
    prefix: String,
    /// The hexadecimal digits; their ASCII bytes are the HMAC key.
    secret: String,
    /// SHA-256 of the decoded digits, as hexadecimal text: what bearer tokens carry.
    hash: String,
}

/// A text that is not a signing key. Does not repeat the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a signing key is an even number of hexadecimal digits, after `signkey-<env>-` or alone")]
pub struct SigningKeyError;

/// Why a signature was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The header is not of the form `t=<unix seconds>&s=<hex>`.
    #[error("the signature header is malformed")]
    Malformed,
    /// Older or newer than [`SIGNATURE_AGE_MAX`].
    #[error("the signature has expired")]
    Expired,
    /// Made with another key, or over other bytes.
    #[error("the signature does not match")]
    Mismatch,
}

impl SigningKey {
    /// Reads a key as users configure it.
    ///
    /// # Errors
    ///
    /// A remainder that is empty, of odd length, or not hexadecimal.
    pub fn parse(text: &str) -> Result<Self, SigningKeyError> {
        let (prefix, secret) = split_prefix(text.trim());
        let bytes = hex::decode(secret).map_err(|_| SigningKeyError)?;
        if bytes.is_empty() {
            return Err(SigningKeyError);
        }
        Ok(Self {
            prefix: prefix.to_owned(),
            secret: secret.to_owned(),
            hash: hex::encode(Sha256::digest(&bytes)),
        })
    }

    /// The signature header of a request with this body, which must be canonical JSON (or empty),
    /// at `unix_seconds`: `t=<unix seconds>&s=<hex>`.
    ///
    /// ```
    /// # use everstep_protocol::signature::SigningKey;
    /// let key = SigningKey::parse("signkey-test-5b1f0c9e7a3d4826b0c1d2e3f4a59687")?;
    /// let header = key.sign_request(b"{}", 1_700_000_000);
    /// assert!(header.starts_with("t=1700000000&s=f400a684897f0752"));
    /// # Ok::<(), everstep_protocol::signature::SigningKeyError>(())
    /// ```
    pub fn sign_request(&self, canonical_body: &[u8], unix_seconds: i64) -> String {
        let time = unix_seconds.to_string();
        format!(
            "t={time}&s={}",
            hex::encode(self.mac(canonical_body, &time))
        )
    }

    /// Checks the signature of a reply against the bytes that came. A newline at the end, which
    /// GO appends after signing, may be missing from the signed bytes.
    ///
    /// # Errors
    ///
    /// See [`SignatureError`].
    pub fn verify_response(
        &self,
        header: &str,
        body: &[u8],
        now: Timestamp,
    ) -> Result<(), SignatureError> {
        let (time, signature) = parse_header(header).ok_or(SignatureError::Malformed)?;
        let seconds: i64 = time.parse().map_err(|_| SignatureError::Malformed)?;
        let age_max = i64::try_from(SIGNATURE_AGE_MAX.as_secs()).unwrap_or(i64::MAX);
        if now.as_seconds().abs_diff(seconds) > age_max.unsigned_abs() {
            return Err(SignatureError::Expired);
        }
        let given = hex::decode(signature).map_err(|_| SignatureError::Malformed)?;
        let matches = |body: &[u8]| bool::from(self.mac(body, time).ct_eq(&given));
        if matches(body) || body.strip_suffix(b"\n").is_some_and(matches) {
            return Ok(());
        }
        Err(SignatureError::Mismatch)
    }

    /// The `Authorization` header that SDKs send: `Bearer <prefix><hash>`.
    pub fn bearer(&self) -> String {
        format!("Bearer {}{}", self.prefix, self.hash)
    }

    /// Whether an `Authorization` header proves knowledge of this key: the hash or the raw key,
    /// each with or without a prefix (§1.4). Takes the same time wherever the texts differ.
    pub fn accepts_bearer(&self, header: &str) -> bool {
        let Some((scheme, token)) = header.trim().split_once(' ') else {
            return false;
        };
        let (_, token) = split_prefix(token.trim());
        let hash = self.hash.as_bytes().ct_eq(token.as_bytes());
        let raw = self.secret.as_bytes().ct_eq(token.as_bytes());
        scheme.eq_ignore_ascii_case("bearer") && bool::from(hash | raw)
    }

    /// Prefix and hash: how the key is shown in inspections.
    pub fn hashed(&self) -> String {
        format!("{}{}", self.prefix, self.hash)
    }

    /// The key for tokens of a server with this signing key: the same for every server that has it,
    /// and of no use to whoever knows only what SDKs send.
    pub fn token_key(&self) -> TokenKey {
        let mut secret = [0; 32];
        secret.copy_from_slice(&self.mac(b"everstep tokens", ""));
        TokenKey::new(secret)
    }

    fn mac(&self, body: &[u8], time: &str) -> Vec<u8> {
        let mut mac = <Hmac<Sha256>>::new_from_slice(self.secret.as_bytes())
            .expect("HMAC takes keys of any length");
        mac.update(body);
        mac.update(time.as_bytes());
        mac.finalize().into_bytes().to_vec()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({}…)", self.prefix)
    }
}

/// `sha256hex(key)`: how an event key is shown in inspections.
pub fn event_key_hash(event_key: &str) -> String {
    hex::encode(Sha256::digest(event_key.as_bytes()))
}

/// Compares two event keys in constant time.
pub fn event_keys_match(configured: &str, given: &str) -> bool {
    configured.as_bytes().ct_eq(given.as_bytes()).into()
}

/// Splits `signkey-<word>-` off; the prefix is empty if there is none.
fn split_prefix(text: &str) -> (&str, &str) {
    let split = || {
        let after = text.strip_prefix("signkey-")?;
        let word = after.find('-')?;
        let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        (word > 0 && after[..word].bytes().all(is_word))
            .then(|| text.split_at("signkey-".len() + word + 1))
    };
    split().unwrap_or(("", text))
}

/// The parts of `t=…&s=…`, in either order.
fn parse_header(header: &str) -> Option<(&str, &str)> {
    let part = |name: &str| {
        header
            .trim()
            .split('&')
            .find_map(|part| part.strip_prefix(name)?.strip_prefix('='))
    };
    Some((part("t")?, part("s")?))
}
