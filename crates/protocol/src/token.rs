//! Tokens that the server gives to clients of durable endpoints: JWTs with HS256
//! (sdk-protocol §7.4, connect-realtime §2.2).
//!
//! Two kinds, told apart by their issuer: one reads the result of a run, the other follows channels.
//! What is checked first is the signature, in constant time; nothing else of a token that has
//! another one is looked at. No other algorithm is understood, so none can be asked for.

use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

use crate::ids::{ACCOUNT, ENVIRONMENT};
use crate::json::tree::{Node, Tree};
use crate::limits::{RESULT_TOKEN_AGE_MAX, STREAM_TOKEN_AGE_MAX};
use crate::{Json, RunId, Timestamp};

const HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;
/// Issuer of tokens for results.
const RESULT_ISSUER: &str = "api.inngest.com";
/// Issuer of tokens for channels.
const REALTIME_ISSUER: &str = "rt.inngest.com";

/// Topic of the bytes that the app of an endpoint streams, on the channel named as the run.
pub const STREAM_TOPIC: &str = "$stream";

/// The secret that tokens are signed with. Never printed.
#[derive(Clone)]
pub struct TokenKey([u8; 32]);

/// A topic of a channel.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Topic {
    /// Such as the id of a run.
    pub channel: String,
    /// Such as [`STREAM_TOPIC`].
    pub name: String,
}

/// Why a token was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Not a token at all.
    #[error("the token is malformed")]
    Malformed,
    /// Signed with another key, or changed.
    #[error("the token's signature does not match")]
    Mismatch,
    /// Its time is over.
    #[error("the token has expired")]
    Expired,
    /// It is for something else.
    #[error("the token is not for this")]
    OtherPurpose,
}

impl TokenKey {
    /// Takes the secret: 32 random bytes, or what
    /// [`SigningKey::token_key`](crate::signature::SigningKey::token_key) derives.
    pub fn new(secret: [u8; 32]) -> Self {
        Self(secret)
    }

    /// A token with which the result of a run can be fetched.
    ///
    /// ```
    /// # use everstep_protocol::{RunId, Timestamp, token::TokenKey};
    /// let (key, now) = (TokenKey::new([7; 32]), Timestamp::from_millis(1_700_000_000_000));
    /// let run = RunId::from_parts(now, 1);
    /// let token = key.result_token(run, now);
    /// assert_eq!(key.check_result(&token, run, now), Ok(()));
    /// ```
    pub fn result_token(&self, run: RunId, now: Timestamp) -> String {
        let mut claims = claims(RESULT_ISSUER, now, RESULT_TOKEN_AGE_MAX);
        claims.push(("sub", Json::string(&run.to_string())));
        self.sign(&Json::object(claims))
    }

    /// Whether the token is for the result of this run.
    ///
    /// # Errors
    ///
    /// See [`TokenError`].
    pub fn check_result(&self, token: &str, run: RunId, now: Timestamp) -> Result<(), TokenError> {
        let claims = self.claims(token)?;
        check(claims.tree().root(), RESULT_ISSUER, now)?;
        let is_for_run = claims.member_text("sub") == Some(run.to_string());
        is_for_run.then_some(()).ok_or(TokenError::OtherPurpose)
    }

    /// A token with which the stream of a run can be followed (RL-20).
    pub fn stream_token(&self, run: RunId, now: Timestamp) -> String {
        let topic = Json::object([
            ("channel", Json::string(&run.to_string())),
            ("env_id", Json::string(&ENVIRONMENT.to_string())),
            ("kind", Json::string("run")),
            ("name", Json::string(STREAM_TOPIC)),
        ]);
        let mut claims = claims(REALTIME_ISSUER, now, STREAM_TOKEN_AGE_MAX);
        claims.push(("publish", Json::from_canonical("false")));
        claims.push(("sub", Json::string(&ACCOUNT.to_string())));
        claims.push(("topics", Json::array([&topic])));
        self.sign(&Json::object(claims))
    }

    /// The topics that the token lets a client follow.
    ///
    /// # Errors
    ///
    /// See [`TokenError`].
    pub fn topics(&self, token: &str, now: Timestamp) -> Result<Vec<Topic>, TokenError> {
        let claims = self.claims(token)?;
        let tree = claims.tree();
        check(tree.root(), REALTIME_ISSUER, now)?;
        let topics = tree.root().present("topics");
        topics
            .into_iter()
            .flat_map(Node::items)
            .map(|topic| {
                let text = |name| topic.member_text(name).map(std::borrow::Cow::into_owned);
                let (channel, name) = text("channel").zip(text("name"))?;
                Some(Topic { channel, name })
            })
            .collect::<Option<Vec<_>>>()
            .ok_or(TokenError::Malformed)
    }

    fn sign(&self, claims: &Json) -> String {
        let encode = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
        let signed = format!(
            "{}.{}",
            encode(HEADER.as_bytes()),
            encode(claims.as_str().as_bytes())
        );
        format!("{signed}.{}", encode(&self.mac(&signed)))
    }

    /// What the token says, if this key has signed it.
    fn claims(&self, token: &str) -> Result<Json, TokenError> {
        let decode = |text: &str| BASE64_URL_SAFE_NO_PAD.decode(text.as_bytes()).ok();
        let (signed, signature) = token.rsplit_once('.').ok_or(TokenError::Malformed)?;
        let signature = decode(signature).ok_or(TokenError::Malformed)?;
        if !bool::from(self.mac(signed).ct_eq(&signature)) {
            return Err(TokenError::Mismatch);
        }
        // From here on it is a text of this server's own.
        let (_, claims) = signed.split_once('.').ok_or(TokenError::Malformed)?;
        let claims = decode(claims).ok_or(TokenError::Malformed)?;
        let tree = Tree::parse(&claims).map_err(|_| TokenError::Malformed)?;
        Ok(tree.root().to_json())
    }

    fn mac(&self, text: &str) -> Vec<u8> {
        let mut mac =
            <Hmac<Sha256>>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().to_vec()
    }
}

impl fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenKey(…)")
    }
}

/// What both kinds say.
fn claims(issuer: &str, now: Timestamp, age_max: Duration) -> Vec<(&'static str, Json)> {
    vec![
        ("env", Json::string(&ENVIRONMENT.to_string())),
        ("exp", Json::integer((now + age_max).as_seconds())),
        ("iat", Json::integer(now.as_seconds())),
        ("iss", Json::string(issuer)),
    ]
}

fn check(claims: Node<'_, '_>, issuer: &str, now: Timestamp) -> Result<(), TokenError> {
    if claims.member_text("iss").as_deref() != Some(issuer) {
        return Err(TokenError::OtherPurpose);
    }
    match claims.member("exp").and_then(Node::as_i64) {
        None => Err(TokenError::Malformed),
        Some(expires_at) if expires_at <= now.as_seconds() => Err(TokenError::Expired),
        Some(_) => Ok(()),
    }
}
