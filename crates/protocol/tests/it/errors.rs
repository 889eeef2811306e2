//! Error bodies in all their forms, and which errors count as the same.

use everstep_protocol::{Json, UserError};

use crate::support::json;

#[test]
fn bodies() {
    let cases = [
        // Error objects, with their own members kept.
        (
            r#"{"name":"E","message":"m","stack":"s","cause":{"why":"x"},"code":"X","__serialized":true}"#,
            r#"{"cause":{"why":"x"},"code":"X","message":"m","name":"E","stack":"s"}"#,
        ),
        (r#"{"message":"m"}"#, r#"{"message":"m","name":"Error"}"#),
        (
            r#"{"name":"E"}"#,
            r#"{"message":"Unknown error","name":"E"}"#,
        ),
        (
            r#"{"error":"e","status":500}"#,
            r#"{"error":"e","message":"e","name":"Error","status":500}"#,
        ),
        (
            r#"{"name":"E","message":"m","error":{"name":"inner"}}"#,
            r#"{"error":{"name":"inner"},"message":"m","name":"E"}"#,
        ),
        (
            r#"{"name":"","message":""}"#,
            r#"{"message":"","name":"Error"}"#,
        ),
        (
            r#"{"name":5,"message":{"a":1},"stack":null}"#,
            r#"{"message":"{\"a\":1}","name":"Error"}"#,
        ),
        (
            r#"{"name":"E","message":"m","data":null,"code":null}"#,
            r#"{"data":null,"message":"m","name":"E"}"#,
        ),
        (
            r#"{"name":null,"message":null,"error":{"message":"in"}}"#,
            r#"{"message":"in","name":"Error"}"#,
        ),
        (r"{}", r#"{"message":"Unknown error","name":"Error"}"#),
        (
            r#"{"code":"X"}"#,
            r#"{"code":"X","message":"Unknown error","name":"Error"}"#,
        ),
        // Wrappers.
        (
            r#"{"error":{"name":"E","message":"m"},"status":500}"#,
            r#"{"message":"m","name":"E"}"#,
        ),
        (
            r#"{"body":{"name":"E","message":"m"}}"#,
            r#"{"message":"m","name":"E"}"#,
        ),
        (
            r#"{"body":"{\"name\":\"E\",\"message\":\"m\"}"}"#,
            r#"{"message":"m","name":"E"}"#,
        ),
        (
            r#"{"body":"plain"}"#,
            r#"{"message":"plain","name":"Error"}"#,
        ),
        (
            r#"{"error":"e","body":{"message":"m"}}"#,
            r#"{"body":{"message":"m"},"error":"e","message":"e","name":"Error"}"#,
        ),
        (
            r#""{\"name\":\"E\",\"message\":\"m\"}""#,
            r#"{"message":"m","name":"E"}"#,
        ),
        (
            r#""\"{\\\"message\\\":\\\"m\\\"}\"""#,
            r#"{"message":"m","name":"Error"}"#,
        ),
        // Anything else is the message.
        (r#""text""#, r#"{"message":"text","name":"Error"}"#),
        ("  text \n", r#"{"message":"text","name":"Error"}"#),
        ("<html>", r#"{"message":"<html>","name":"Error"}"#),
        ("42", r#"{"message":"42","name":"Error"}"#),
        ("[1, 2]", r#"{"message":"[1,2]","name":"Error"}"#),
        ("true", r#"{"message":"true","name":"Error"}"#),
        ("null", r#"{"message":"Unknown error","name":"Error"}"#),
        ("", r#"{"message":"Unknown error","name":"Error"}"#),
        (r#""""#, r#"{"message":"Unknown error","name":"Error"}"#),
    ];
    for (body, expected) in cases {
        let error = UserError::from_body(body.as_bytes());
        assert_eq!(error.json.as_str(), expected, "{body}");
        assert_eq!(
            error.json.member_text("name").unwrap(),
            error.name,
            "{body}"
        );
        assert_eq!(
            error.json.member_text("message").unwrap(),
            error.message,
            "{body}"
        );
        if let Ok(json) = Json::parse(body.as_bytes()) {
            assert_eq!(UserError::from_json(&json), error, "{body}");
        }
        // The normal form is normal.
        assert_eq!(UserError::from_json(&error.json), error, "{body}");
    }
    assert_eq!(UserError::from_body(b"\xff!").message, "\u{fffd}!");
}

#[test]
fn wrappers_are_opened_only_so_often() {
    let deep = "{\"error\":".repeat(100) + "{\"message\":\"m\"}" + &"}".repeat(100);
    let error = UserError::from_body(deep.as_bytes());
    assert!(
        error.message.starts_with("{\"error\":"),
        "{}",
        error.message
    );
}

#[test]
fn constructors() {
    assert_eq!(
        UserError::new("E", "m").json,
        json(r#"{"name":"E","message":"m"}"#)
    );
    let error = UserError::with_stack("E", "m", "at x");
    assert_eq!(
        error.json,
        json(r#"{"name":"E","message":"m","stack":"at x"}"#)
    );
    assert_eq!(error.stack().unwrap(), "at x");
    let error = UserError::with_code("E", "m", "not_sdk");
    assert_eq!(error.code().unwrap(), "not_sdk");
    let error = error
        .with_member("data", json("[1]"))
        .with_member("name", json("\"other\""));
    assert_eq!(
        error.json,
        json(r#"{"code":"not_sdk","data":[1],"message":"m","name":"E"}"#)
    );
    let error = error.with_member("data", json("2"));
    assert_eq!(
        error.json,
        json(r#"{"code":"not_sdk","data":2,"message":"m","name":"E"}"#)
    );
}

fn fingerprint(name: &str, message: &str, stack: &str) -> u64 {
    UserError::with_stack(name, message, stack).fingerprint()
}

#[test]
fn fingerprints_ignore_what_changes() {
    let same = [
        ("user 42 not found", "user 7 not found"),
        ("user42 not found", "user43 not found"),
        ("took 1.5s", "took 22.75s"),
        (
            "run 01HF7YAT00041061050R3GG28B failed",
            "run 01M8524YRA8DWDVWFYDA2MHGGP failed",
        ),
        (
            "id 550e8400-e29b-41d4-a716-446655440000!",
            "id 6ba7b810-9dad-11d1-80b4-00c04fd430c8!",
        ),
        (
            "hash 86f7e437faa5a7fce15d1ddcb9eaeaea377667b8",
            "hash e9d71f5ee7c92d6dc9e92ffdad17b8bd49418f98",
        ),
        ("at 2026-11-23", "at 2025-01-02"),
    ];
    for (a, b) in same {
        assert_eq!(
            fingerprint("E", a, ""),
            fingerprint("E", b, ""),
            "{a} / {b}"
        );
    }
    let frames = [
        (
            "Error: x 1\n    at handler (/app/src/fn.ts:10:5)\n    at other (/app/a.js:1:1)",
            "Error: x 2\n    at handler (/app/src/fn.ts:99:7)\n    at another (/app/b.js:1:1)",
        ),
        (
            "Traceback (most recent call last):\n  File \"/a/sdk.py\", line 1, in call\n  File \"/app/fn.py\", line 3, in handler\n    raise X",
            "Traceback (most recent call last):\n  File \"/b/sdk.py\", line 7, in run\n  File \"/app/fn.py\", line 9, in handler\n    raise X",
        ),
    ];
    for (a, b) in frames {
        assert_eq!(fingerprint("E", "m", a), fingerprint("E", "m", b), "{a}");
    }
}

#[test]
fn fingerprints_tell_errors_apart() {
    let base = fingerprint("E", "user not found", "at handler (/app/fn.ts:1:1)");
    let others = [
        ("F", "user not found", "at handler (/app/fn.ts:1:1)"),
        ("E", "order not found", "at handler (/app/fn.ts:1:1)"),
        ("E", "user not found", "at handler (/app/other.ts:1:1)"),
        ("E", "user not found", "at other (/app/fn.ts:1:1)"),
        ("E", "user not found", ""),
    ];
    for (name, message, stack) in others {
        assert_ne!(
            fingerprint(name, message, stack),
            base,
            "{name} {message} {stack}"
        );
    }
    assert_ne!(fingerprint("ab", "c", ""), fingerprint("a", "bc", ""));
    // Words that merely look like hexadecimal are words.
    assert_ne!(
        fingerprint("E", "deadbeef", ""),
        fingerprint("E", "feedface", "")
    );
}

/// Stored fingerprints must stay comparable: these values never change.
#[test]
fn fingerprints_are_stable() {
    let error = UserError::with_stack("TypeError", "user 42 not found", "at f (/app/fn.ts:1:2)");
    assert_eq!(format!("{:016x}", error.fingerprint()), "d2012b69e12da0a9");
    assert_eq!(
        format!("{:016x}", UserError::new("Error", "x").fingerprint()),
        "15bf8a56f15f57fc"
    );
}
