//! Flow control members of a function: shapes, bounds and refusals.

use everstep_protocol::config::{
    Checkpoint, ConcurrencyLimit, ConcurrencyScope, SingletonMode, Throttle,
};
use serde_json::{Value, json};

use crate::config::{errors, parse, seconds, text};

#[test]
fn concurrency() {
    let parse = |value: Value| parse(json!({"concurrency": value})).concurrency;
    let limit = |limit| ConcurrencyLimit {
        limit,
        key: None,
        scope: ConcurrencyScope::Function,
    };
    assert_eq!(parse(json!(5)).steps, [limit(5)]);
    assert_eq!(parse(json!(0)).steps, [limit(0)]);
    assert_eq!(parse(json!({"limit": 5})).steps, [limit(5)]);
    assert_eq!(parse(json!([{"limit": 5}, 6])).steps, [limit(5), limit(6)]);
    assert_eq!(parse(json!([])).steps, []);
    let split = parse(json!({"fn": [{"limit": 1}, {"limit": 0}], "step": [{"limit": 2}]}));
    assert_eq!(
        (split.runs, split.steps),
        (vec![limit(1), limit(0)], vec![limit(2)])
    );
    assert_eq!(
        parse(json!({"fn": [{"limit": 1}], "step": null})).runs,
        [limit(1)]
    );
    let account = parse(json!({"limit": 1, "key": "'k'", "scope": "ACCOUNT"}));
    assert_eq!(account.steps[0].scope, ConcurrencyScope::Account);

    let refused = |value: Value| errors(json!({"concurrency": value}));
    let code = "concurrency_limit_invalid";
    for value in [
        json!(-1),
        json!(1.5),
        json!("5"),
        json!([1, 2, 3]),
        json!({"fn": [{"limit": 1}, {"limit": 2}]}),
    ] {
        assert_eq!(refused(value), [format!("concurrency {code}")]);
    }
    assert_eq!(
        refused(json!({"limit": -1})),
        [format!("concurrency.limit {code}")]
    );
    assert_eq!(
        refused(json!({"key": "k"})),
        [format!("concurrency.limit {code}")]
    );
    assert_eq!(
        refused(json!([{"limit": 1, "scope": "env"}])),
        [format!("concurrency[0] {code}")]
    );
    assert_eq!(
        refused(json!([{"limit": 1, "scope": "galaxy", "key": "k"}])),
        [format!("concurrency[0] {code}")]
    );
    assert_eq!(
        refused(json!({"step": [{"limit": 1, "key": 5}]})),
        [format!("concurrency.step[0].key {code}")]
    );
}

#[test]
fn rates() {
    let throttle = |value: Value| parse(json!({"throttle": value})).throttle.unwrap();
    let lowest = Throttle {
        limit: 1,
        period: seconds(1),
        burst: 0,
        key: None,
    };
    assert_eq!(throttle(json!({"period": "1s"})), lowest);
    assert_eq!(
        throttle(json!({"limit": 0, "period": "1s", "burst": 0, "key": ""})),
        lowest
    );
    assert_eq!(
        throttle(json!({"limit": 9, "period": "60d", "burst": 3})).burst,
        3
    );
    let refused = |value: Value| errors(json!({"throttle": value}));
    assert_eq!(
        refused(json!({"limit": 1})),
        ["throttle.period throttle_invalid"]
    );
    assert_eq!(
        refused(json!({"limit": 1, "period": "999ms"})),
        ["throttle.period throttle_invalid"]
    );
    assert_eq!(
        refused(json!({"limit": -1, "period": "1s"})),
        ["throttle.limit throttle_invalid"]
    );
    assert_eq!(refused(json!(5)), ["throttle.period throttle_invalid"]);

    let refused = |value: Value| errors(json!({"rateLimit": value}));
    let valid = parse(json!({"rateLimit": {"limit": 1, "period": "24h"}}));
    assert_eq!(valid.effective_rate_limit(), valid.rate_limit);
    assert_eq!(
        refused(json!({"limit": 0, "period": "1m"})),
        ["rateLimit.limit rate_limit_invalid"]
    );
    assert_eq!(
        refused(json!({"period": "1m"})),
        ["rateLimit.limit rate_limit_invalid"]
    );
    assert_eq!(
        refused(json!({"limit": 1, "period": "25h"})),
        ["rateLimit.period rate_limit_invalid"]
    );
    assert_eq!(
        refused(json!({"limit": 1, "period": 60})),
        ["rateLimit.period rate_limit_invalid"]
    );
    assert_eq!(
        errors(json!({"idempotency": 5})),
        ["idempotency idempotency_invalid"]
    );
    assert_eq!(parse(json!({"idempotency": ""})).idempotency, None);
}

#[test]
fn debounce_and_batches() {
    let refused = |value: Value| errors(json!({"debounce": value}));
    assert_eq!(
        parse(json!({"debounce": {"period": "7d"}}))
            .debounce
            .unwrap()
            .timeout,
        None
    );
    assert_eq!(
        refused(json!({"period": "8d"})),
        ["debounce.period debounce_invalid"]
    );
    assert_eq!(
        refused(json!({"period": "500ms"})),
        ["debounce.period debounce_invalid"]
    );
    assert_eq!(
        refused(json!({"period": "5s", "timeout": "x"})),
        ["debounce.timeout debounce_invalid"]
    );

    let refused = |value: Value| errors(json!({"batchEvents": value}));
    assert_eq!(
        refused(json!({"maxSize": 1, "timeout": "5s"})),
        ["batchEvents.maxSize batch_size_invalid"]
    );
    assert_eq!(
        refused(json!({"timeout": "5s"})),
        ["batchEvents.maxSize batch_size_invalid"]
    );
    assert_eq!(
        refused(json!({"maxSize": "9", "timeout": "5s"})),
        ["batchEvents.maxSize batch_size_invalid"]
    );
    assert_eq!(
        refused(json!({"maxSize": 2})),
        ["batchEvents.timeout batch_timeout_invalid"]
    );
    assert_eq!(
        refused(json!({"maxSize": 2, "timeout": "100ms"})),
        ["batchEvents.timeout batch_timeout_invalid"]
    );
    assert_eq!(
        refused(json!({"maxSize": 2, "timeout": "1d"})),
        ["batchEvents.timeout batch_timeout_invalid"]
    );
    assert_eq!(
        refused(json!({"maxSize": 2, "timeout": "1s", "key": 1})),
        ["batchEvents.key batch_key_expression_invalid"]
    );
    assert_eq!(
        refused(json!({"maxSize": 2, "timeout": "1s", "if": 1})),
        ["batchEvents.if batch_if_expression_invalid"]
    );

    let batch = json!({"maxSize": 2, "timeout": "1s"});
    let everything = json!({"batchEvents": batch, "cancel": [{"event": "c"}], "debounce": {"period": "1s"},
        "singleton": {"mode": "skip"}, "priority": {"run": "1"}});
    let expected = ["cancel", "debounce", "singleton", "priority"];
    assert_eq!(
        errors(everything),
        expected.map(|name| format!("{name} combo_unsupported"))
    );
    let allowed = json!({"batchEvents": batch, "cancel": [], "rateLimit": {"limit": 1, "period": "1m"},
        "idempotency": "event.id", "throttle": {"limit": 1, "period": "1m"}, "singleton": null});
    assert!(parse(allowed).batch.is_some());
}

#[test]
fn cancellation_and_the_rest() {
    let refused = |value: Value| errors(json!({"cancel": value}));
    let entry = json!({"event": "c", "timeout": "2030-01-01T00:00:00Z", "if": null});
    assert_eq!(
        parse(json!({"cancel": [entry]})).cancel[0].timeout,
        text("2030-01-01T00:00:00Z")
    );
    assert_eq!(
        refused(json!(vec![entry.clone(); 6])),
        ["cancel cancel_invalid"]
    );
    assert_eq!(parse(json!({"cancel": vec![entry; 5]})).cancel.len(), 5);
    assert_eq!(refused(json!({"event": "c"})), ["cancel cancel_invalid"]);
    assert_eq!(refused(json!(["c"])), ["cancel[0] cancel_invalid"]);
    assert_eq!(
        refused(json!([{"if": "x"}])),
        ["cancel[0].event cancel_invalid"]
    );
    assert_eq!(
        refused(json!([{"event": "c", "timeout": "soon"}])),
        ["cancel[0] cancel_invalid"]
    );

    assert_eq!(
        parse(json!({"singleton": {"mode": "cancel"}}))
            .singleton
            .unwrap()
            .mode,
        SingletonMode::Cancel
    );
    assert_eq!(
        errors(json!({"singleton": {"mode": "replace"}})),
        ["singleton singleton_invalid"]
    );
    assert_eq!(
        errors(json!({"singleton": {}})),
        ["singleton singleton_invalid"]
    );
    assert_eq!(
        errors(json!({"priority": {"run": 5}})),
        ["priority.run priority_invalid"]
    );
    assert_eq!(
        errors(json!({"timeouts": {"start": "x", "finish": 5}})),
        [
            "timeouts.start timeouts_invalid",
            "timeouts.finish timeouts_invalid"
        ]
    );
    // What only informs is never an error.
    let checkpoint = parse(
        json!({"checkpoint": {"batch_steps": -1, "batch_interval": "x", "max_runtime": 5_000_000_000_u64}}),
    );
    let expected = Checkpoint {
        max_runtime: Some(seconds(5)),
        ..Checkpoint::default()
    };
    assert_eq!(checkpoint.checkpoint, Some(expected));
    assert_eq!(parse(json!({"checkpoint": true})).checkpoint, None);
}
