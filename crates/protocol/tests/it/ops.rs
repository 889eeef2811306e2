//! Ops of all SDKs, as replies and checkpoints carry them.

use std::time::Duration;

use everstep_protocol::op::{Op, OpCode, OpError, ParallelMode};
use everstep_protocol::{Json, Timestamp};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::support::{data, exchanges};

const NOW: Timestamp = Timestamp::from_millis(1_795_465_666_000);

fn parse(op: &Value) -> Op {
    let mut ops = Op::parse_all(op.to_string().as_bytes()).unwrap();
    assert_eq!(ops.len(), 1);
    ops.remove(0)
}

fn json(value: &Value) -> Json {
    Json::from_value(value)
}

#[test]
fn opcodes() {
    let codes = [
        "StepRun",
        "Step",
        "StepError",
        "StepFailed",
        "StepPlanned",
        "StepNotFound",
        "Sleep",
        "WaitForEvent",
        "WaitForSignal",
        "InvokeFunction",
        "AIGateway",
        "Gateway",
        "RunComplete",
        "SyncRunComplete",
        "DiscoveryRequest",
        "DeferAdd",
        "DeferAbort",
        "None",
    ];
    for code in codes {
        let parsed = OpCode::parse(code);
        assert!(!matches!(parsed, OpCode::Unknown(_)), "{code}");
        assert_eq!(parsed.as_str(), code);
        assert_eq!(parsed.is_lazy(), code.starts_with("Defer"), "{code}");
    }
    assert_eq!(OpCode::parse(""), OpCode::None);
    assert_eq!(
        OpCode::parse("Teleport"),
        OpCode::Unknown("Teleport".to_owned())
    );
    assert_eq!(OpCode::parse("Teleport").as_str(), "Teleport");
}

/// Every `steps` list of a recorded checkpoint: parsed as replies are, and without the internal
/// members that TS sends along.
#[test]
fn recorded_checkpoints() {
    let mut count = 0;
    for exchange in exchanges() {
        let path = exchange.request();
        if exchange.to_app() || !path.starts_with("POST /v1/checkpoint") {
            continue;
        }
        let steps = &exchange.request_body()["steps"];
        let raw: Box<RawValue> = serde_json::from_value(steps.clone()).unwrap();
        let ops = Op::parse_list(&raw).unwrap();
        assert_eq!(ops.len(), steps.as_array().unwrap().len());
        for (op, step) in ops.iter().zip(steps.as_array().unwrap()) {
            assert_eq!(op.code.as_str(), step["op"]);
            assert_eq!(op.id.as_str(), step["id"]);
            assert_eq!(op.userland_id.as_deref(), step["userland"]["id"].as_str());
            if let Some(timing) = op.timing {
                let ms = step["timing"]["a"].as_u64().unwrap() / 1_000_000;
                assert_eq!(timing.started_at.as_millis(), i64::try_from(ms).unwrap());
                let nanos = step["timing"]["b"].as_u64().unwrap();
                assert_eq!(timing.duration, Duration::from_nanos(nanos));
            }
            let is_result = matches!(op.code, OpCode::StepRun | OpCode::RunComplete);
            assert_eq!(op.data, step.get("data").filter(|_| is_result).map(json));
            assert!(!format!("{op:?}").contains("rawArgs"));
            count += 1;
        }
    }
    assert!(count > 40, "{count}");
}

/// Ops of features that replies carry along: signals, defers, experiments, metadata, sandboxes.
#[test]
fn recorded_features() {
    let cases = data("features-in-run.json")["cases"]
        .as_object()
        .unwrap()
        .clone();
    let ops_of = |case: &str| {
        let body = cases[case]["reply"]["body"].to_string();
        Op::parse_all(body.as_bytes()).unwrap()
    };
    let codes = |case: &str| {
        let codes = ops_of(case)
            .into_iter()
            .map(|op| op.code.as_str().to_owned());
        codes.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(codes("wait-signal"), "WaitForSignal");
    assert_eq!(codes("defer-only"), "DeferAdd RunComplete");
    assert_eq!(codes("defer-throw"), "DeferAdd StepError");
    assert_eq!(codes("defer-abort"), "DeferAbort RunComplete");
    assert_eq!(
        ops_of("send-signal")[0].step_type().unwrap(),
        "step.sendSignal"
    );
    assert_eq!(ops_of("exp")[0].step_type().unwrap(), "group.experiment");
    let add = &ops_of("defer-only")[0];
    assert_eq!(add.opt("input"), Some(json(&json!({"to": "a@b"}))));
    assert_eq!(add.opt("fn_slug"), Some(Json::string("shop-send-later")));
    assert!(
        ops_of("race")
            .iter()
            .all(|op| op.parallel_mode() == ParallelMode::Race)
    );
    assert!(ops_of("sandbox")[0].input().is_some());
}

#[test]
fn titles() {
    let title = |op: Value| parse(&op).title().to_owned();
    assert_eq!(title(json!({"op":"StepRun","id":"x","name":"n"})), "n");
    assert_eq!(
        title(json!({"op":"StepRun","id":"x","name":"n","userland":{"id":"u"}})),
        "u"
    );
    let named = json!({"op":"StepRun","id":"x","name":"n","userland":{"id":"u","index":null},"displayName":"d"});
    assert_eq!(title(named), "d");
    let go = json!({"op":"StepRun","id":"x","name":"n","userland":{"id":"u"},"displayName":null});
    assert_eq!(title(go), "u");
    assert_eq!(title(json!({"op":"RunComplete","id":"x"})), "");
}

#[test]
fn options() {
    let op = parse(
        &json!({"op":"StepRun","id":"x","opts":{"type":"step.ai.wrap","input":[{"b":1,"a":2}]}}),
    );
    assert_eq!(op.step_type().unwrap(), "step.ai.wrap");
    assert_eq!(op.input().unwrap().as_str(), r#"[{"a":2,"b":1}]"#);
    assert_eq!(op.parallel_mode(), ParallelMode::Join);
    for opts in [
        json!(null),
        json!({}),
        json!([1]),
        json!("x"),
        json!({"type":1,"input":null,"parallelMode":"wait"}),
    ] {
        let op = parse(&json!({"op":"StepRun","id":"x","opts":opts}));
        assert_eq!((op.step_type(), op.input()), (None, None));
        assert_eq!(op.parallel_mode(), ParallelMode::Join);
        assert_eq!(op.opts.is_some(), opts.is_object());
    }
    let race = parse(&json!({"op":"StepPlanned","id":"x","opts":{"parallelMode":"race"}}));
    assert_eq!(race.parallel_mode(), ParallelMode::Race);
}

#[test]
fn sleeps() {
    let until = |op: Value| parse(&op).sleep_until(NOW).map(|at| at.since(NOW));
    let named = |name: &str| json!({"op":"Sleep","id":"x","name":name});
    let seconds = Duration::from_secs;
    assert_eq!(until(named("")), Ok(Duration::ZERO));
    assert_eq!(until(named("1h30m")), Ok(seconds(5400)));
    assert_eq!(
        until(named("2026-11-23T20:27:56.500Z")),
        Ok(Duration::from_millis(10_500))
    );
    // The past is now.
    assert_eq!(
        parse(&named("2000-01-01T00:00:00Z")).sleep_until(NOW),
        Ok(NOW)
    );
    // GO: the duration is an option, and the name is the user's.
    let go = json!({"op":"Sleep","id":"x","name":"1h","opts":{"duration":"5s"}});
    assert_eq!(until(go), Ok(seconds(5)));
    let past = json!({"op":"Sleep","id":"x","name":"1h","opts":{"duration":"-3h1us"}});
    assert_eq!(until(past), Ok(Duration::ZERO));
    let zero = json!({"op":"Sleep","id":"x","name":"1h","opts":{"duration":""}});
    assert_eq!(until(zero), Ok(Duration::ZERO));
    assert_eq!(until(json!({"op":"Sleep","id":"x"})), Ok(Duration::ZERO));
    assert_eq!(until(named("a while")).unwrap_err().text, "a while");
    assert_eq!(until(named("500w")), Ok(seconds(500 * 7 * 86_400)));
}

#[test]
fn memoized_values() {
    let value = |op: Value| parse(&op).memoized_data().to_string();
    let run = |data: Value| json!({"op":"StepRun","id":"x","data":data});
    assert_eq!(
        value(run(json!({"b":1.0,"a":[1,2]}))),
        r#"{"data":{"a":[1,2],"b":1}}"#
    );
    assert_eq!(value(run(json!(null))), r#"{"data":null}"#);
    assert_eq!(value(json!({"op":"StepRun","id":"x"})), r#"{"data":null}"#);
    assert_eq!(value(run(json!({"data":1}))), r#"{"data":{"data":1}}"#);
    // Only the old op is unwrapped, once, and only if `data` is alone.
    let step = |data: Value| json!({"op":"Step","id":"x","data":data});
    assert_eq!(
        value(step(json!({"data":{"data":1}}))),
        r#"{"data":{"data":1}}"#
    );
    assert_eq!(
        value(step(json!({"data":1,"x":2}))),
        r#"{"data":{"data":1,"x":2}}"#
    );
    assert_eq!(value(step(json!(7))), r#"{"data":7}"#);

    let error = |op: Value| parse(&op).memoized_error().to_string();
    let failed = json!({"op":"StepFailed","id":"x","data":{"noise":1},
        "error":{"name":"E","message":"m","stack":"s","__serialized":true}});
    assert_eq!(
        error(failed.clone()),
        r#"{"error":{"message":"m","name":"E","stack":"s"}}"#
    );
    assert_eq!(parse(&failed).data, None);
    // GO's `data` is what the step returned beside its error. It reads it back whatever it is, and
    // fails the function if there is none.
    let go = |data: Value| {
        let failure = json!({"name":"Step failed","message":"m","data":data});
        error(json!({"op":"StepFailed","id":"x","error":failure}))
    };
    assert_eq!(
        go(json!(null)),
        r#"{"error":{"data":null,"message":"m","name":"Step failed"}}"#
    );
    assert_eq!(
        go(json!({"partial":true})),
        r#"{"error":{"data":{"partial":true},"message":"m","name":"Step failed"}}"#
    );
    let default = r#"{"error":{"message":"Unknown error","name":"Error"}}"#;
    assert_eq!(error(json!({"op":"StepFailed","id":"x"})), default);
    assert_eq!(
        error(json!({"op":"StepFailed","id":"x","error":null})),
        default
    );
    assert_eq!(
        error(json!({"op":"StepError","id":"x","error":{}})),
        default
    );
    let text = r#"{"error":{"message":"boom","name":"Error"}}"#;
    assert_eq!(
        error(json!({"op":"StepError","id":"x","error":"boom"})),
        text
    );
}

#[test]
fn timings() {
    let timing = |timing: &str| {
        let op = format!("{{\"op\":\"StepRun\",\"id\":\"x\",\"timing\":{timing}}}");
        Op::parse_all(op.as_bytes()).unwrap()[0]
            .timing
            .map(|timing| (timing.started_at.as_millis(), timing.duration.as_nanos()))
    };
    assert_eq!(
        timing("{\"a\":1795467014548597000,\"b\":703482}"),
        Some((1_795_467_014_548, 703_482))
    );
    assert_eq!(
        timing("{\"a\":1.795467014548597e18,\"b\":7.5}"),
        Some((1_795_467_014_548, 7))
    );
    assert_eq!(
        timing("{\"a\":1795467014548597000,\"b\":-5}"),
        Some((1_795_467_014_548, 0))
    );
    assert_eq!(
        timing("{\"a\":1e300,\"b\":1e300}"),
        Some((18_446_744_073_709, u128::from(u64::MAX)))
    );
    for none in [
        "null",
        "{}",
        "[]",
        "{\"a\":0,\"b\":0}",
        "{\"a\":-5}",
        "{\"a\":\"x\"}",
    ] {
        assert_eq!(timing(none), None, "{none}");
    }
}

#[test]
fn tolerated_and_refused_shapes() {
    let single = parse(&json!({"op":"RunComplete","id":"x","data":1}));
    assert_eq!(single.code, OpCode::RunComplete);
    let none = parse(&json!({"op":null}));
    assert_eq!((none.code, none.id.as_str()), (OpCode::None, ""));
    assert_eq!(
        parse(&json!({"op":"DiscoveryRequest"})).code,
        OpCode::DiscoveryRequest
    );
    // Members of the wrong type are as good as absent.
    let odd = parse(
        &json!({"op":"StepRun","id":"x","name":1,"displayName":{},"userland":"u","timing":7}),
    );
    assert_eq!(
        (odd.title(), &odd.userland_id, odd.timing),
        ("", &None, None)
    );

    let shape = |index| Err(OpError::Shape { index });
    let parse = |body: &str| Op::parse_all(body.as_bytes());
    assert_eq!(parse("1"), shape(0));
    assert_eq!(parse("null"), shape(0));
    assert_eq!(parse("[{\"op\":\"StepRun\",\"id\":\"a\"},null]"), shape(1));
    assert_eq!(parse("[{\"op\":\"StepRun\",\"id\":1}]"), shape(0));
    assert_eq!(parse("[{\"op\":\"StepRun\",\"id\":null}]"), shape(0));
    assert_eq!(parse("[{\"op\":[],\"id\":\"a\"}]"), shape(0));
    assert!(matches!(parse("[{\"op\":"), Err(OpError::Json(_))));
    let text = parse("[{]").unwrap_err().to_string();
    assert_eq!(
        text,
        "invalid response: expected a member name at line 1 column 3"
    );
}
