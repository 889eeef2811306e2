//! Tokens for results and streams (sdk-protocol §7.4, connect-realtime §2.2).

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use everstep_protocol::limits::{RESULT_TOKEN_AGE_MAX, STREAM_TOKEN_AGE_MAX};
use everstep_protocol::signature::SigningKey;
use everstep_protocol::token::{STREAM_TOPIC, TokenError, TokenKey};
use everstep_protocol::{RunId, Timestamp};
use serde_json::Value;

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

fn key() -> TokenKey {
    TokenKey::new([7; 32])
}

fn run(number: u128) -> RunId {
    RunId::from_parts(NOW, number)
}

/// The parts of a token, decoded.
fn claims(token: &str) -> (Value, Value) {
    let mut parts = token
        .split('.')
        .map(|part| BASE64_URL_SAFE_NO_PAD.decode(part).unwrap());
    let mut json = || serde_json::from_slice(&parts.next().unwrap()).unwrap();
    (json(), json())
}

#[test]
fn rl_20_the_claims_are_those_that_are_documented() {
    let (header, result) = claims(&key().result_token(run(1), NOW));
    assert_eq!(header, serde_json::json!({ "alg": "HS256", "typ": "JWT" }));
    assert_eq!(result["iss"], "api.inngest.com");
    assert_eq!(result["sub"], run(1).to_string());
    assert_eq!(result["exp"], 1_700_003_600);
    let (_, stream) = claims(&key().stream_token(run(1), NOW));
    assert_eq!(stream["iss"], "rt.inngest.com");
    assert_eq!(stream["publish"], false);
    assert_eq!(stream["exp"], 1_700_000_960);
    assert_eq!(stream["topics"][0]["name"], "$stream");
    assert_eq!(stream["topics"][0]["channel"], run(1).to_string());
    assert_eq!(stream["topics"][0]["kind"], "run");
}

#[test]
fn a_token_is_for_one_run_and_one_purpose() {
    let (key, result, stream) = (
        key(),
        key().result_token(run(1), NOW),
        key().stream_token(run(1), NOW),
    );
    assert_eq!(key.check_result(&result, run(1), NOW), Ok(()));
    assert_eq!(
        key.check_result(&result, run(2), NOW),
        Err(TokenError::OtherPurpose)
    );
    assert_eq!(
        key.check_result(&stream, run(1), NOW),
        Err(TokenError::OtherPurpose)
    );
    assert_eq!(key.topics(&result, NOW), Err(TokenError::OtherPurpose));
    let topics = key.topics(&stream, NOW).unwrap();
    assert_eq!(topics.len(), 1);
    assert_eq!(
        (topics[0].channel.clone(), &*topics[0].name),
        (run(1).to_string(), STREAM_TOPIC)
    );
}

#[test]
fn tokens_expire() {
    let (result, stream) = (
        key().result_token(run(1), NOW),
        key().stream_token(run(1), NOW),
    );
    let second = Duration::from_secs(1);
    let (before, after) = (
        NOW + RESULT_TOKEN_AGE_MAX - second,
        NOW + RESULT_TOKEN_AGE_MAX,
    );
    assert_eq!(key().check_result(&result, run(1), before), Ok(()));
    assert_eq!(
        key().check_result(&result, run(1), after),
        Err(TokenError::Expired)
    );
    let (before, after) = (
        NOW + STREAM_TOKEN_AGE_MAX - second,
        NOW + STREAM_TOKEN_AGE_MAX,
    );
    assert!(key().topics(&stream, before).is_ok());
    assert_eq!(key().topics(&stream, after), Err(TokenError::Expired));
}

#[test]
fn no_bit_of_a_token_can_be_changed() {
    let token = key().result_token(run(1), NOW);
    for at in 0..token.len() {
        let mut bytes = token.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(bytes).unwrap();
        assert!(
            key().check_result(&changed, run(1), NOW).is_err(),
            "{at}: {changed}"
        );
    }
    let other = TokenKey::new([8; 32]);
    assert_eq!(
        other.check_result(&token, run(1), NOW),
        Err(TokenError::Mismatch)
    );
}

#[test]
fn what_is_no_token_is_refused() {
    for text in [
        "",
        ".",
        "..",
        "a.b.c",
        "run.jwt.token",
        "eyJhbGciOiJub25lIn0.e30.",
    ] {
        assert!(key().check_result(text, run(1), NOW).is_err(), "{text}");
        assert!(key().topics(text, NOW).is_err(), "{text}");
    }
}

#[test]
fn servers_with_one_signing_key_take_each_others_tokens() {
    let parse = |text| SigningKey::parse(text).unwrap().token_key();
    let token = parse("signkey-test-5b1f0c9e7a3d4826").result_token(run(1), NOW);
    let same = parse("signkey-prod-5b1f0c9e7a3d4826");
    assert_eq!(same.check_result(&token, run(1), NOW), Ok(()));
    let other = parse("signkey-test-5b1f0c9e7a3d4827");
    assert_eq!(
        other.check_result(&token, run(1), NOW),
        Err(TokenError::Mismatch)
    );
}

#[test]
fn a_key_is_not_printed() {
    assert_eq!(format!("{:?}", key()), "TokenKey(…)");
}
