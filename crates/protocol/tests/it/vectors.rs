//! `sdk-vectors.json`: signatures, tokens, hashes and ids that the SDKs themselves agree with.

use everstep_protocol::event::EventSeed;
use everstep_protocol::signature::{SignatureError, SigningKey, event_key_hash, event_keys_match};
use everstep_protocol::{Json, StepId, Timestamp};
use serde_json::Value;

use crate::support::data;

fn vectors(name: &str) -> Vec<Value> {
    data("sdk-vectors.json")[name].as_array().unwrap().clone()
}

fn text<'a>(vector: &'a Value, name: &str) -> &'a str {
    vector[name].as_str().unwrap()
}

fn key(vector: &Value) -> SigningKey {
    SigningKey::parse(text(vector, "key")).unwrap()
}

#[test]
fn request_signatures() {
    for vector in vectors("request_signatures") {
        let built = text(&vector, "body_as_built");
        let body = match built {
            "" => String::new(),
            built => Json::parse(built.as_bytes()).unwrap().to_string(),
        };
        assert_eq!(body, text(&vector, "bytes_signed_and_sent"), "{vector}");
        let signature = key(&vector).sign_request(body.as_bytes(), vector["t"].as_i64().unwrap());
        assert_eq!(signature, text(&vector, "header"), "{vector}");
    }
}

#[test]
fn response_signatures() {
    for vector in vectors("response_signatures") {
        let (key, header) = (key(&vector), text(&vector, "header"));
        let body = text(&vector, "body_bytes");
        let now = Timestamp::from_millis(vector["t"].as_i64().unwrap() * 1000 + 250);
        assert_eq!(
            key.verify_response(header, body.as_bytes(), now),
            Ok(()),
            "{vector}"
        );
        // GO appends a newline after signing.
        let body = format!("{body}\n");
        assert_eq!(
            key.verify_response(header, body.as_bytes(), now),
            Ok(()),
            "{vector}"
        );
        let body = format!("{body} ");
        let mismatch = Err(SignatureError::Mismatch);
        assert_eq!(
            key.verify_response(header, body.as_bytes(), now),
            mismatch,
            "{vector}"
        );
    }
}

#[test]
fn refused_signatures() {
    let vector = &vectors("response_signatures")[0];
    let (key, header) = (key(vector), text(vector, "header"));
    let body = text(vector, "body_bytes").as_bytes();
    let at = |seconds: i64| Timestamp::from_millis(seconds * 1000);
    let t = vector["t"].as_i64().unwrap();
    assert_eq!(key.verify_response(header, body, at(t + 300)), Ok(()));
    assert_eq!(key.verify_response(header, body, at(t - 300)), Ok(()));
    let expired = Err(SignatureError::Expired);
    assert_eq!(key.verify_response(header, body, at(t + 301)), expired);
    assert_eq!(key.verify_response(header, body, at(t - 301)), expired);
    assert_eq!(
        key.verify_response(header, body, at(i64::MIN / 1000)),
        expired
    );
    let malformed = Err(SignatureError::Malformed);
    for header in [
        "",
        "t=1&s=",
        "s=ab",
        "t=x&s=ab",
        "t=1700000000",
        "t=1700000000&s=xyz",
    ] {
        let result = key.verify_response(header, body, at(t));
        assert!(
            result == malformed || header == "t=1&s=",
            "{header}: {result:?}"
        );
        assert!(result.is_err());
    }
    let other = SigningKey::parse("signkey-test-00112233445566778899aabbccddeeff").unwrap();
    assert_eq!(
        other.verify_response(header, body, at(t)),
        Err(SignatureError::Mismatch)
    );
}

#[test]
fn bearer_tokens() {
    for vector in vectors("bearer") {
        let key = key(&vector);
        assert_eq!(key.bearer(), text(&vector, "typescript_and_go"));
        assert_eq!(format!("Bearer {}", key.hashed()), key.bearer());
        let raw = text(&vector, "key").rsplit('-').next().unwrap();
        let accepted = [
            text(&vector, "typescript_and_go").to_owned(),
            text(&vector, "python").to_owned(),
            text(&vector, "go_checkpoint_and_publish").to_owned(),
            format!("Bearer {raw}"),
            format!("bearer  signkey-other-{raw} "),
        ];
        for header in accepted {
            assert!(key.accepts_bearer(&header), "{header}");
        }
        let cut = &key.bearer()[..key.bearer().len() - 1];
        let longer = format!("{}0", key.bearer());
        let refused = [
            "",
            "Bearer",
            "Bearer ",
            "Bearer undefined",
            cut,
            &longer,
            raw,
            "Basic abc",
            "Bearer signkey-test-",
        ];
        for header in refused {
            assert!(!key.accepts_bearer(header), "{header}");
        }
    }
}

#[test]
fn signing_keys() {
    let debug = format!("{:?}", SigningKey::parse("signkey-prod-00ff").unwrap());
    assert_eq!(debug, "SigningKey(signkey-prod-…)");
    assert_eq!(SigningKey::parse("00ff").unwrap().hashed().len(), 64);
    for text in [
        "",
        "signkey-test-",
        "signkey-test-abc",
        "signkey-test-xy",
        "signkey--00ff",
        "abc",
    ] {
        assert!(SigningKey::parse(text).is_err(), "{text}");
    }
}

#[test]
fn event_keys() {
    let vector = &data("sdk-vectors.json")["event_key_hash"];
    assert_eq!(
        event_key_hash(text(vector, "key")),
        text(vector, "sha256_hex")
    );
    assert!(event_keys_match("abc", "abc"));
    assert!(!event_keys_match("abc", "abd"));
    assert!(!event_keys_match("abc", "ab"));
}

#[test]
fn event_id_seeds() {
    for vector in vectors("event_id_seeds") {
        let seed = EventSeed::parse(text(&vector, "header")).unwrap();
        for (index, id) in vector["ids_in_request_order"]
            .as_array()
            .unwrap()
            .iter()
            .enumerate()
        {
            let index = u32::try_from(index).unwrap() + 1;
            assert_eq!(seed.id(index).to_string(), id.as_str().unwrap(), "{vector}");
        }
    }
}

#[test]
fn malformed_event_id_seeds() {
    let malformed = [
        "",
        ",",
        "1700000000000",
        "x,AQIDBAUGBwgJCg==",
        "-1,AQIDBAUGBwgJCg==",
        "1700000000000,AQIDBAUGBwgJ",
        "1700000000000,AQIDBAUGBwgJCgs=",
        "1700000000000,!!!",
        "281474976710656,AQIDBAUGBwgJCg==",
        "99999999999999999999999,AQIDBAUGBwgJCg==",
    ];
    for header in malformed {
        assert_eq!(EventSeed::parse(header), None, "{header}");
    }
}

#[test]
fn step_ids() {
    for vector in vectors("step_id_hashes") {
        let index = u32::try_from(vector["index"].as_u64().unwrap()).unwrap();
        let id = StepId::derive(text(&vector, "id"), index);
        assert_eq!(id.as_str(), text(&vector, "sha1"), "{vector}");
    }
    assert_eq!(
        StepId::complete().as_str(),
        "0737c22d3bfae812339732d14d8c7dbd6dc4e09c"
    );
}
