//! Metadata: updates as SDKs send them, which ones are refused, and the bodies of clients.

use everstep_protocol::limits::{METADATA_KIND_MAX, METADATA_UPDATE_MAX, SCORE_NAME_MAX};
use everstep_protocol::metadata::{
    MetadataError, MetadataOperation, MetadataRequest, MetadataScope, MetadataUpdate, OpMetadata,
    Score, ScoreError, kind,
};
use everstep_protocol::op::Op;
use everstep_protocol::{Json, StepId};
use serde_json::{Value, json};

use crate::support::data;

const RUN: &str = "01J00000000000000000000000";

fn of_op(op: &Value) -> Vec<OpMetadata> {
    let ops = Op::parse_all(op.to_string().as_bytes()).unwrap();
    ops.into_iter().next().unwrap().metadata
}

/// What the ops of a recorded reply or checkpoint carry, a line each.
fn recorded(ops: &Value) -> Vec<String> {
    let ops = Op::parse_all(ops.to_string().as_bytes()).unwrap();
    let carried = ops.iter().flat_map(|op| &op.metadata);
    carried
        .map(|carried| {
            let update = carried.update.as_ref().unwrap();
            let (kind, values) = (update.kind(), update.values());
            format!(
                "{:?} {:?} {kind} {values}",
                carried.scope,
                update.operation()
            )
        })
        .collect()
}

fn refusal(update: Value) -> (String, MetadataError) {
    let op = json!({"op": "StepRun", "id": "a", "metadata": [update]});
    let refused = of_op(&op).remove(0).update.unwrap_err();
    (refused.kind, refused.error)
}

fn update(kind: &str, op: &str, values: Value) -> Result<MetadataUpdate, MetadataError> {
    let body = json!({"metadata": [{"kind": kind, "op": op, "values": values}]});
    match MetadataRequest::parse(body.to_string().as_bytes()) {
        Ok(mut request) => Ok(request.updates.remove(0)),
        Err(everstep_protocol::metadata::MetadataRequestError::Refused { refused, .. }) => {
            Err(refused.error)
        }
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn me_1_recorded_ops() {
    let cases = &data("features-in-run.json")["cases"];
    let reply = |case: &str| recorded(&cases[case]["reply"]["body"]);
    assert_eq!(
        reply("meta-step"),
        [
            r#"Step Set userland.default {"a":1,"b":2}"#,
            r#"Run Set userland.runlevel {"c":3}"#,
            r#"Step Set userland.steplevel {"d":4}"#,
            r#"Step Merge inngest.score {"acc":{"value":0.5}}"#,
        ]
    );
    assert_eq!(
        reply("meta-tool"),
        [r#"Run Set userland.default {"status":"x"}"#]
    );
    assert_eq!(
        reply("score-tool"),
        [r#"Run Merge inngest.score {"quality":{"value":true}}"#]
    );
    let exp = r#"{"available_variants":["a","b"],"name":"exp","selection_strategy":"weighted","variant":"b","variant_weights":{"a":1,"b":3}}"#;
    assert_eq!(reply("exp"), [format!("Step Set inngest.experiment {exp}")]);
    // ME-11: the steps of the variant say so in their options.
    let mark = r#"Step Merge inngest.experiment {"name":"exp","selection_strategy":"weighted","variant":"b"}"#;
    assert_eq!(reply("exp-variant"), [mark]);
    let sandbox = r#"{"action":"create","method":"create","sandbox_id":"3f2b8a52-7c1d-4a3e-9a53-0d4b5f6a7c81","sandbox_name":"box","version":1}"#;
    assert_eq!(
        reply("sandbox"),
        [format!("Step Merge inngest.sandbox {sandbox}")]
    );
    // ME-7: what else a checkpointed step has is ignored.
    let checkpoint = &cases["scorer-run"]["api_calls"][0]["body"]["steps"];
    assert_eq!(
        recorded(checkpoint),
        [r#"Run Merge inngest.score {"quality":{"value":0.9}}"#]
    );
}

#[test]
fn me_1_recorded_requests() {
    let cases = &data("features-in-run.json")["cases"];
    let mut targets = Vec::new();
    for case in ["meta-run", "meta-step", "score-run"] {
        for call in cases[case]["api_calls"].as_array().unwrap() {
            let request = MetadataRequest::parse(call["body"].to_string().as_bytes()).unwrap();
            let target = request.target;
            assert_eq!(target.run.unwrap().to_string(), RUN);
            let step = target
                .step
                .map(|step| format!("{} {}", step.id, step.index));
            let span = target.span.map(|span| span.to_string());
            targets.push((step, target.attempt, span));
        }
    }
    let step = |index| Some(format!("other {index}"));
    let run = (None, None, None);
    let expected = [
        run.clone(),
        (step(2), Some(1), None),
        (step(0), Some(0), Some("00f067aa0ba902b7".to_owned())),
        run.clone(),
        run.clone(),
        run,
    ];
    assert_eq!(targets, expected);
}

#[test]
fn me_2_scopes() {
    use MetadataScope::{ExtendedTrace, Request, Run, Step, StepAttempt, Unknown};
    let cases = [
        (json!("run"), Run),
        (json!("step"), Step),
        (json!("step_attempt"), StepAttempt),
        (json!("extended_trace"), ExtendedTrace),
        (json!("request"), Request),
        (json!("unknown"), Unknown),
        (json!("galaxy"), Unknown),
        (json!(7), Unknown),
        (json!(null), Unknown),
    ];
    for (scope, expected) in cases {
        let update = json!({"kind": "a", "scope": scope, "op": "set", "values": {}});
        let op = json!({"op": "StepRun", "id": "a", "metadata": [update]});
        assert_eq!(of_op(&op)[0].scope, expected, "{scope}");
    }
    for metadata in [json!(null), json!([]), json!("text"), json!({"kind": "a"})] {
        let op = json!({"op": "StepRun", "id": "a", "metadata": metadata});
        assert_eq!(of_op(&op), [], "{metadata}");
    }
}

#[test]
fn me_3_kinds() {
    let longest = "k".repeat(METADATA_KIND_MAX);
    let accepted = [
        "a",
        "userland.default",
        "inngestx",
        "inngest",
        "🦀",
        &longest,
        "inngest.ai",
        "inngest.http",
        "inngest.http.timing",
        "inngest.response_headers",
        "inngest.warnings",
        "inngest.experiment",
        "inngest.score",
        "inngest.sandbox",
    ];
    for kind in accepted {
        assert_eq!(update(kind, "set", json!({})).unwrap().kind(), kind);
    }
    for kind in [
        "inngest.timing",
        "inngest.usage",
        "inngest.",
        "inngest.ai.more",
    ] {
        let error = update(kind, "set", json!({})).unwrap_err();
        assert_eq!(error, MetadataError::KindReserved, "{kind}");
    }
    for kind in ["", "a\nb", "\u{7f}", &format!("{longest}k")] {
        let error = update(kind, "set", json!({})).unwrap_err();
        assert_eq!(error, MetadataError::Kind, "{kind:?}");
    }
}

#[test]
fn me_1_what_is_no_update_is_refused_by_name() {
    let shape = MetadataError::Shape;
    let cases = [
        (json!(7), "", shape.clone()),
        (json!({"op": "set", "values": {}}), "", shape.clone()),
        (
            json!({"kind": 7, "op": "set", "values": {}}),
            "",
            shape.clone(),
        ),
        (json!({"kind": "a", "values": {}}), "a", shape.clone()),
        (json!({"kind": "a", "op": "set"}), "a", shape.clone()),
        (
            json!({"kind": "a", "op": "set", "values": []}),
            "a",
            shape.clone(),
        ),
        (
            json!({"kind": "a", "op": "set", "values": null}),
            "a",
            shape,
        ),
        (
            json!({"kind": "a", "op": "Set", "values": {}}),
            "a",
            MetadataError::Operation("Set".to_owned()),
        ),
        (
            json!({"kind": "a", "op": "add", "values": {"n": 1, "t": "1"}}),
            "a",
            MetadataError::NotANumber("t".to_owned()),
        ),
    ];
    for (update, kind, error) in cases {
        assert_eq!(
            refusal(update.clone()),
            (kind.to_owned(), error),
            "{update}"
        );
    }
    // What is shown of a kind is bounded, and stays text.
    let (kind, error) = refusal(json!({"kind": "é".repeat(1_000), "op": "set", "values": {}}));
    assert_eq!(
        (kind.len(), error),
        (METADATA_KIND_MAX, MetadataError::Kind)
    );
}

#[test]
fn me_6_an_update_is_bounded() {
    // `{"x":""}` is 8 bytes.
    let values = |size: usize| json!({"x": "y".repeat(size - 8)});
    assert!(update("a", "set", values(METADATA_UPDATE_MAX)).is_ok());
    let size = METADATA_UPDATE_MAX + 1;
    let error = update("a", "set", values(size)).unwrap_err();
    assert_eq!(error, MetadataError::TooLarge { size });
}

#[test]
fn me_8_scores() {
    let longest = "n".repeat(SCORE_NAME_MAX);
    let score = |name: &str, value: &str| Score::new(name, Json::parse(value.as_bytes()).unwrap());
    for value in ["0", "-0.5", "1e300", "true", "false"] {
        let score = score(&longest, value).unwrap();
        let update = score.to_update();
        let expected = format!(r#"{{"{longest}":{{"value":{}}}}}"#, score.value());
        assert_eq!(update.values().as_str(), expected);
        assert_eq!(
            (update.kind(), update.operation()),
            (kind::SCORE, MetadataOperation::Merge)
        );
    }
    for name in ["", "it's", "a\tb", &format!("{longest}n")] {
        assert_eq!(score(name, "1"), Err(ScoreError::Name), "{name:?}");
    }
    for value in ["null", "\"1\"", "[1]", "{\"value\":1}"] {
        assert_eq!(score("a", value), Err(ScoreError::Value), "{value}");
    }
    // As an update of its kind, too.
    let cases = [
        (
            "merge",
            json!({"a": {"value": 1}, "b": {"value": true}}),
            None,
        ),
        ("set", json!({}), None),
        ("delete", json!({"a": null}), None),
        (
            "merge",
            json!({"it's": {"value": 1}}),
            Some(ScoreError::Name),
        ),
        ("delete", json!({"it's": null}), Some(ScoreError::Name)),
        ("merge", json!({"a": 1}), Some(ScoreError::Value)),
        ("set", json!({"a": {"value": "1"}}), Some(ScoreError::Value)),
        ("merge", json!({"a": {}}), Some(ScoreError::Value)),
        ("add", json!({"a": 1}), Some(ScoreError::Operation)),
    ];
    for (op, values, expected) in cases {
        let outcome = update(kind::SCORE, op, values.clone()).err();
        assert_eq!(outcome, expected.map(MetadataError::Score), "{op} {values}");
    }
}

#[test]
fn me_4_a_step_is_named_by_its_id_or_the_hash_of_it() {
    let name = |id: &str, index: u32| {
        let body = json!({"target": {"step_id": id, "step_index": index}, "metadata": [{"kind": "a", "op": "set", "values": {}}]});
        let request = MetadataRequest::parse(body.to_string().as_bytes()).unwrap();
        request.target.step.unwrap()
    };
    let hash = StepId::derive("resize", 0);
    assert_eq!(name("resize", 0).derived(), hash);
    assert_eq!(name("resize", 2).derived(), StepId::derive("resize:2", 0));
    assert_eq!(name("resize", 0).hashed(), None);
    assert_eq!(name(hash.as_str(), 0).hashed(), Some(hash.clone()));
    let upper = hash.as_str().to_uppercase();
    for id in [&upper, &hash.as_str()[1..], &format!("{hash}0")] {
        assert_eq!(name(id, 0).hashed(), None, "{id}");
    }
}

#[test]
fn me_6_malformed_requests_say_what_is_wrong() {
    let set = json!([{"kind": "a", "op": "set", "values": {}}]);
    let target = |target: Value| json!({"target": target, "metadata": set});
    let cases = [
        (
            json!([]),
            "the body must be an object with \"target\" and \"metadata\"",
        ),
        (
            json!({"target": {}}),
            "metadata must be an array of at least one update",
        ),
        (
            json!({"metadata": []}),
            "metadata must be an array of at least one update",
        ),
        (
            json!({"metadata": {}}),
            "metadata must be an array of at least one update",
        ),
        (target(json!("run")), "target must be an object"),
        (
            target(json!({"run_id": "x"})),
            "target.run_id must be a run id",
        ),
        (
            target(json!({"step_id": ""})),
            "target.step_id must be a text that is not empty",
        ),
        (
            target(json!({"step_id": 7})),
            "target.step_id must be a text that is not empty",
        ),
        (
            target(json!({"step_index": 1})),
            "target.step_index needs target.step_id",
        ),
        (
            target(json!({"step_attempt": 0})),
            "target.step_attempt needs target.step_id",
        ),
        (
            target(json!({"span_id": "00f067aa0ba902b7"})),
            "target.span_id needs target.step_id",
        ),
        (
            target(json!({"step_id": "a", "span_id": "00F067AA0BA902B7"})),
            "target.span_id must be 16 lower-case hex digits",
        ),
        (
            target(json!({"step_id": "a", "step_attempt": -1})),
            "target.step_attempt must be a whole number from 0",
        ),
        (
            target(json!({"step_id": "a", "step_index": 0.5})),
            "target.step_index must be a whole number from 0",
        ),
        (
            json!({"metadata": [set[0], {"kind": "inngest.timing", "op": "set", "values": {}}]}),
            "metadata[1]: metadata of the kind \"inngest.timing\": kinds that begin with \"inngest.\" are reserved; \"userland.<name>\" is free",
        ),
    ];
    for (body, expected) in cases {
        let error = MetadataRequest::parse(body.to_string().as_bytes()).unwrap_err();
        assert_eq!(error.to_string(), expected, "{body}");
    }
    let error = MetadataRequest::parse(b"{").unwrap_err().to_string();
    assert!(error.starts_with("not JSON: "), "{error}");
    // Nulls are absent, and what is not known is ignored.
    let nulls = json!({"run_id": null, "step_id": null, "step_index": null, "more": 1});
    let body = json!({"target": nulls, "metadata": set, "more": 1});
    let request = MetadataRequest::parse(body.to_string().as_bytes()).unwrap();
    assert_eq!(request.target, Default::default());
}
