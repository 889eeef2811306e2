//! Defers: what a `DeferAdd` asks for, its limits, and the event that comes of it.

use everstep_protocol::defer::{DeferPayload, DeferRejection, DeferRequest, abort_target};
use everstep_protocol::limits::{DEFER_INPUT_MAX, META_MAX};
use everstep_protocol::op::{Op, OpCode};
use everstep_protocol::{DeferId, EventId, RunId, StepId};
use serde_json::{Value, json};

use crate::support::{capture, data, json as parse};

const D1: &str = "ee17560c8b77385b5bb8d8687820f9b82f3fdcdf";

fn add(opts: &Value) -> DeferRequest {
    let op = json!({"op": "DeferAdd", "id": D1, "name": "d1", "opts": opts});
    let ops = Op::parse_all(op.to_string().as_bytes()).unwrap();
    DeferRequest::read(&ops[0])
}

/// The payload of a defer with this input and `meta`.
fn payload(input: Value, meta: Value) -> Result<DeferPayload, DeferRejection> {
    add(&json!({"fn_slug": "f", "input": input, "meta": meta})).payload
}

fn meta(meta: Value) -> Result<Option<String>, DeferRejection> {
    payload(json!({}), meta).map(|payload| payload.meta.map(|meta| meta.to_string()))
}

fn recorded(case: &str, op: OpCode) -> Op {
    let cases = &data("features-in-run.json")["cases"];
    let body = cases[case]["reply"]["body"].to_string();
    let ops = Op::parse_all(body.as_bytes()).unwrap();
    ops.into_iter().find(|found| found.code == op).unwrap()
}

#[test]
fn recorded_defers() {
    let request = DeferRequest::read(&recorded("defer", OpCode::DeferAdd));
    let expected = DeferRequest {
        id: DeferId::new(D1),
        name: "d1".to_owned(),
        function_slug: "shop-send-later".to_owned(),
        payload: Ok(DeferPayload {
            input: parse(r#"{"to":"a@b"}"#),
            meta: Some(parse(r#"{"sessions":{"conv":"c9"}}"#)),
        }),
    };
    assert_eq!(request, expected);
    let target = abort_target(&recorded("defer-abort", OpCode::DeferAbort));
    assert_eq!(target, Some(DeferId::new(D1)));
}

/// As a deployed server derived it.
#[test]
fn de_7_the_event_of_a_defer_has_one_id() {
    let exchanges = capture("server-v4-run-defer");
    let call = exchanges.last().unwrap();
    let event = &call.request_body()["event"];
    let run: RunId = event["data"]["_inngest"]["parent_run_id"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    let id: EventId = event["id"].as_str().unwrap().parse().unwrap();
    assert_eq!(DeferId::new(D1).event_id(run), id);
    assert_eq!(id.timestamp(), run.timestamp());
    assert_ne!(DeferId::new("other").event_id(run), id);
}

#[test]
fn de_2_an_error_under_the_id_of_the_end_is_one_of_the_function() {
    assert!(recorded("defer-throw", OpCode::StepError).is_of_function());
    let op = |op: Value| Op::parse_all(op.to_string().as_bytes()).unwrap()[0].clone();
    let end = StepId::complete().to_string();
    assert!(op(json!({"op": "StepFailed", "id": end})).is_of_function());
    for step in [
        json!({"op": "StepFailed", "id": "0"}),
        json!({"op": "StepFailed", "id": end, "name": "complete"}),
        json!({"op": "StepFailed", "id": end, "displayName": "complete"}),
        json!({"op": "StepFailed", "id": end, "userland": {"id": "complete"}}),
    ] {
        assert!(!op(step.clone()).is_of_function(), "{step}");
    }
}

#[test]
fn de_5_what_a_defer_must_have() {
    let reason = |opts: &Value| add(opts).payload.err();
    let function = |slug: Value| json!({"fn_slug": slug, "input": {}});
    assert_eq!(reason(&function(json!("f"))), None);
    for opts in [
        json!(null),
        json!([]),
        json!({}),
        function(json!(7)),
        function(json!("")),
    ] {
        assert_eq!(reason(&opts), Some(DeferRejection::InvalidOpts), "{opts}");
    }
    for input in [json!(null), json!([]), json!("text"), json!(1)] {
        let opts = json!({"fn_slug": "f", "input": input});
        assert_eq!(reason(&opts), Some(DeferRejection::InvalidInput), "{opts}");
    }
    assert_eq!(
        reason(&json!({"fn_slug": "f"})),
        Some(DeferRejection::InvalidInput)
    );
}

#[test]
fn de_5_inputs_and_meta_are_bounded() {
    // `{"x":""}` is 8 bytes.
    let input = |len: usize| json!({"x": "y".repeat(len - 8)});
    let longest = payload(input(DEFER_INPUT_MAX), json!(null)).unwrap();
    assert_eq!(longest.input.len(), DEFER_INPUT_MAX);
    assert_eq!(
        payload(input(DEFER_INPUT_MAX + 1), json!(null)),
        Err(DeferRejection::PerDeferSize)
    );
    assert_eq!(meta(input(META_MAX)), Ok(None));
    assert_eq!(meta(input(META_MAX + 1)), Err(DeferRejection::MetaSize));
}

#[test]
fn de_7_sessions_are_merged() {
    let sessions = |sessions: Value| Ok(Some(json!({"sessions": sessions}).to_string()));
    assert_eq!(meta(json!(null)), Ok(None));
    assert_eq!(meta(json!({})), Ok(None));
    assert_eq!(
        meta(json!({
            "sessions": {"manual": 7, "both": "mine", "gone": null},
            "propagated_sessions": {"both": "theirs", "gone": "x", "theirs": "t"},
        })),
        sessions(json!({"both": "mine", "manual": "7", "theirs": "t"}))
    );
    assert_eq!(
        meta(json!({"sessions": null, "propagated_sessions": {"theirs": "t"}})),
        Ok(None)
    );
    for invalid in [
        json!("text"),
        json!({"sessions": []}),
        json!({"sessions": {"a": true}}),
    ] {
        assert_eq!(
            meta(invalid.clone()),
            Err(DeferRejection::InvalidMeta),
            "{invalid}"
        );
    }
}

#[test]
fn an_abort_without_a_target_is_none() {
    for opts in [json!(null), json!({}), json!({"target_hashed_id": 1})] {
        let op = json!({"op": "DeferAbort", "id": "a", "opts": opts});
        let ops = Op::parse_all(op.to_string().as_bytes()).unwrap();
        assert_eq!(abort_target(&ops[0]), None, "{op}");
    }
}
