//! Function configuration: all its shapes, bounds and refusals.

use std::time::Duration;

use everstep_protocol::Json;
use everstep_protocol::config::{
    BatchEvents, CancelOn, Checkpoint, ConcurrencyLimit, ConcurrencyScope, ConfigErrorCode,
    Debounce, FunctionConfig, RateLimit, Singleton, SingletonMode, Throttle, Timeouts, Transport,
    Trigger,
};
use serde_json::{Value, json};

use crate::support::{capture, exchanges};

pub(crate) const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(crate) fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn recorded(name: &str, slug: &str) -> FunctionConfig {
    let exchange = &capture(name)[0];
    let functions = exchange.request_body()["functions"].as_array().unwrap();
    let function = functions
        .iter()
        .find(|function| function["id"] == slug)
        .unwrap();
    FunctionConfig::from_json(&Json::from_value(function)).unwrap()
}

/// A valid function with further members.
pub(crate) fn with(members: Value) -> Value {
    let mut function = json!({
        "id": "app-fn",
        "name": "Fn",
        "triggers": [{"event": "a/b"}],
        "steps": {"step": {"id": "step", "name": "step",
            "runtime": {"type": "http", "url": "http://app.test/api/inngest?fnId=app-fn&stepId=step"}}},
    });
    for (name, value) in members.as_object().unwrap() {
        function[name] = value.clone();
    }
    function
}

pub(crate) fn parse(members: Value) -> FunctionConfig {
    let function = with(members);
    FunctionConfig::from_json(&Json::from_value(&function))
        .unwrap_or_else(|errors| panic!("{errors:?}"))
}

/// Field and code of what is wrong.
pub(crate) fn errors(members: Value) -> Vec<String> {
    let errors = FunctionConfig::from_json(&Json::from_value(&with(members))).unwrap_err();
    errors
        .iter()
        .map(|error| format!("{} {}", error.field, error.code))
        .collect()
}

#[test]
fn full_configuration_ts() {
    let config = recorded("v4-register-dev", "wire-app-cfg-full");
    assert_eq!(config.name, "Config Full");
    assert_eq!(
        config.triggers,
        [
            Trigger::Event {
                event: "wire/cfg".into(),
                expression: text("event.data.ok == true")
            },
            Trigger::Cron {
                cron: "TZ=Europe/Paris 0 12 * * 5".into(),
                jitter: Some(seconds(30))
            },
        ]
    );
    let endpoint = "http://app.test/api/inngest?fnId=wire-app-cfg-full&stepId=step";
    assert_eq!(config.endpoint().as_str(), endpoint);
    assert_eq!(config.transport, Transport::Http);
    assert_eq!((config.retries, config.max_attempts()), (Some(7), 8));
    let user = || text("event.data.user");
    assert_eq!(config.idempotency, text("event.data.order"));
    let rate_limit = RateLimit {
        limit: 10,
        period: seconds(3600),
        key: user(),
    };
    assert_eq!(config.rate_limit, Some(rate_limit));
    let effective = RateLimit {
        limit: 1,
        period: seconds(86_400),
        key: text("event.data.order"),
    };
    assert_eq!(config.effective_rate_limit(), Some(effective));
    let throttle = Throttle {
        limit: 3,
        period: seconds(60),
        burst: 2,
        key: user(),
    };
    assert_eq!(config.throttle, Some(throttle));
    assert_eq!(
        config.concurrency.steps,
        [
            ConcurrencyLimit {
                limit: 5,
                key: user(),
                scope: ConcurrencyScope::Environment
            },
            ConcurrencyLimit {
                limit: 10,
                key: None,
                scope: ConcurrencyScope::Function
            },
        ]
    );
    assert_eq!(config.concurrency.runs, []);
    let debounce = Debounce {
        period: seconds(10),
        timeout: Some(seconds(60)),
        key: user(),
    };
    assert_eq!(config.debounce, Some(debounce));
    assert_eq!(config.priority, text("event.data.vip ? 120 : 0"));
    let timeouts = Timeouts {
        start: Some(seconds(600)),
        finish: Some(seconds(3600)),
    };
    assert_eq!(config.timeouts, timeouts);
    assert_eq!(
        config.singleton,
        Some(Singleton {
            mode: SingletonMode::Skip,
            key: user()
        })
    );
    let cancel = |event: &str, condition: &str, timeout| CancelOn {
        event: event.into(),
        condition: text(condition),
        timeout,
    };
    assert_eq!(
        config.cancel,
        [
            cancel("wire/cancel", "event.data.id == async.data.id", text("30m")),
            cancel("wire/cancel2", "async.data.x == event.data.x", None),
        ]
    );
}

#[test]
fn full_configuration_go_and_py() {
    let go = recorded("go-register-dev", "wire-go-cfg-full");
    let user = || text("event.data.user");
    let limit = |limit, scope| ConcurrencyLimit {
        limit,
        key: user(),
        scope,
    };
    assert_eq!(go.concurrency.runs, [limit(5, ConcurrencyScope::Function)]);
    assert_eq!(
        go.concurrency.steps,
        [limit(7, ConcurrencyScope::Environment)]
    );
    assert_eq!(
        go.singleton,
        Some(Singleton {
            mode: SingletonMode::Skip,
            key: user()
        })
    );
    assert_eq!(go.rate_limit.as_ref().unwrap().period, seconds(5400));
    assert_eq!((go.retries, go.max_attempts()), (Some(7), 8));
    assert_eq!(go.transport, Transport::Http);
    assert!(
        go.endpoint()
            .as_str()
            .ends_with("?fnId=wire-go-cfg-full&step=step")
    );

    let py = recorded("py-register-dev", "wire-py-cfg-full");
    let ts = recorded("v4-register-dev", "wire-app-cfg-full");
    assert_eq!(py.throttle, ts.throttle);
    assert_eq!(py.debounce, ts.debounce);
    assert_eq!(py.timeouts, ts.timeouts);
    assert_eq!(py.singleton, ts.singleton);
    let failure = recorded("py-register-dev", "wire-py-seq-failure");
    assert_eq!(
        (failure.cancel.len(), failure.concurrency.steps.len()),
        (0, 0)
    );
    assert_eq!((failure.retries, failure.max_attempts()), (Some(0), 1));
}

#[test]
fn other_recorded_functions() {
    let plain = recorded("go-register-dev", "wire-go-seq");
    assert_eq!(
        (plain.retries, plain.max_attempts(), plain.singleton),
        (None, 5, None)
    );
    let checkpoint = recorded("go-register-dev", "wire-go-seq-cp").checkpoint;
    let expected = Checkpoint {
        batch_steps: Some(3),
        batch_interval: Some(seconds(3)),
        max_runtime: None,
    };
    assert_eq!(checkpoint, Some(expected));
    let batch = recorded("v4-register-dev", "wire-app-cfg-batch");
    let expected = BatchEvents {
        max_size: 50,
        timeout: seconds(10),
        key: text("event.data.k"),
        condition: text("event.data.batch == true"),
    };
    assert_eq!(batch.batch, Some(expected));
    assert_eq!(batch.concurrency.steps[0].limit, 4);
    let min = recorded("v4-register-dev", "wire-app-cfg-min");
    assert_eq!(min.concurrency.steps[0].limit, 2);
    assert_eq!(
        recorded("v4-register-dev", "wire-app-cfg-notrigger").triggers,
        []
    );
}

/// Storage keeps `raw` alone.
#[test]
fn raw_round_trips() {
    for exchange in exchanges() {
        for body in [exchange.request_body(), exchange.reply_body()] {
            let functions = body["functions"].as_array().into_iter().flatten();
            for function in functions.filter(|function| function.is_object()) {
                let config = FunctionConfig::from_json(&Json::from_value(function)).unwrap();
                assert_eq!(FunctionConfig::from_json(&config.raw).unwrap(), config);
                assert_eq!(config.raw.to_value(), *function);
            }
        }
    }
}

#[test]
fn spellings_and_nulls() {
    let config = parse(json!({
        "rate_limit": {"LIMIT": 2, "Period": "1h"},
        "Batch_Events": null, "Debounce": {"PERIOD": "5s"}, "throttle": null, "retries": 3,
        "unknown": {"x": 1}, "concurrency": null, "cancel": null, "timeouts": null, "priority": {"run": null},
    }));
    assert_eq!(
        config.rate_limit,
        Some(RateLimit {
            limit: 2,
            period: seconds(3600),
            key: None
        })
    );
    assert_eq!(config.debounce.unwrap().period, seconds(5));
    assert_eq!(
        (config.batch, config.throttle, config.priority),
        (None, None, None)
    );
    // The exact spelling wins.
    let config = parse(json!({"NAME": "other"}));
    assert_eq!(config.name, "Fn");
    let unnamed = parse(json!({"name": null}));
    assert_eq!(unnamed.name, "app-fn");
}

#[test]
fn retries() {
    let attempts = |retries: Value| {
        let mut function = with(json!({}));
        function["steps"]["step"]["retries"] = retries;
        match FunctionConfig::from_json(&Json::from_value(&function)) {
            Ok(config) => Ok(config.max_attempts()),
            Err(errors) => Err(errors[0].code),
        }
    };
    assert_eq!(attempts(json!(null)), Ok(5));
    assert_eq!(attempts(json!({})), Ok(5));
    assert_eq!(attempts(json!({"attempts": null})), Ok(5));
    assert_eq!(attempts(json!({"attempts": 0})), Ok(1));
    assert_eq!(attempts(json!({"attempts": 20})), Ok(21));
    assert_eq!(attempts(json!({"attempts": 99})), Ok(21));
    for attempts_value in [json!(-1), json!(1.5), json!("3")] {
        let result = attempts(json!({"attempts": attempts_value}));
        assert_eq!(result, Err(ConfigErrorCode::RetriesInvalid));
    }
}

#[test]
fn endpoints() {
    let parse = |runtime: Value| {
        let function = with(json!({"steps": {"step": {"runtime": runtime}}}));
        match FunctionConfig::from_json(&Json::from_value(&function)) {
            Ok(config) => Ok((config.transport, config.endpoint().to_string())),
            Err(errors) => Err(format!("{} {}", errors[0].field, errors[0].message)),
        }
    };
    let http = |url: &str| Ok((Transport::Http, url.to_owned()));
    let connect = |url: &str| Ok((Transport::Connect, url.to_owned()));
    assert_eq!(
        parse(json!({"url": "https://a.test/x?probe=1&deployId=2&fnId=3"})),
        http("https://a.test/x?fnId=3")
    );
    assert_eq!(
        parse(json!({"type": "ws", "url": "wss://connect/?fnId=x&stepId=step"})),
        connect("wss://connect/?fnId=x&stepId=step")
    );
    assert_eq!(
        parse(json!({"url": "ws://connect?fnId=x"})),
        connect("ws://connect/?fnId=x")
    );
    assert_eq!(
        parse(json!({"type": "http", "url": "ws://connect?fnId=x"})),
        connect("ws://connect/?fnId=x")
    );
    let failed = |text: &str| Err(text.to_owned());
    assert_eq!(parse(json!(null)), failed("steps.step.runtime is required"));
    assert_eq!(
        parse(json!({})),
        failed("steps.step.runtime.url is required")
    );
    assert_eq!(
        parse(json!({"url": 5})),
        failed("steps.step.runtime.url must be a text")
    );
    assert_eq!(
        parse(json!({"url": "/api/inngest"})),
        failed("steps.step.runtime.url must be a URL")
    );
    assert_eq!(
        parse(json!({"url": "ftp://a/"})),
        failed("steps.step.runtime.url must be an http, https, ws or wss URL")
    );
    assert_eq!(errors(json!({"steps": null})), ["steps url_invalid"]);
    assert_eq!(errors(json!({"steps": []})), ["steps url_invalid"]);
    assert_eq!(errors(json!({"steps": {}})), ["steps url_invalid"]);
    let two = json!({"steps": {"a": {"runtime": {"url": "http://a/"}}, "b": {"runtime": {"url": "http://a/"}}}});
    assert_eq!(errors(two), ["steps url_invalid"]);
}

#[test]
fn triggers() {
    let refused = |triggers: Value| errors(json!({"triggers": triggers}));
    assert_eq!(parse(json!({"triggers": null})).triggers, []);
    let ten: Vec<_> = (0..10).map(|n| json!({"event": format!("e{n}")})).collect();
    assert_eq!(parse(json!({"triggers": ten})).triggers.len(), 10);
    let eleven: Vec<_> = (0..11).map(|n| json!({"event": format!("e{n}")})).collect();
    assert_eq!(refused(json!(eleven)), ["triggers trigger_invalid"]);
    assert_eq!(refused(json!({})), ["triggers trigger_invalid"]);
    assert_eq!(refused(json!([{}])), ["triggers[0] trigger_invalid"]);
    assert_eq!(refused(json!(["x"])), ["triggers[0] trigger_invalid"]);
    assert_eq!(
        refused(json!([{"event": "a", "cron": "* * * * *"}])),
        ["triggers[0] trigger_invalid"]
    );
    assert_eq!(
        refused(json!([{"event": ""}])),
        ["triggers[0] trigger_invalid"]
    );
    assert_eq!(
        refused(json!([{"event": 5}])),
        ["triggers[0].event trigger_invalid"]
    );
    assert_eq!(
        refused(json!([{"event": "x".repeat(256)}])),
        ["triggers[0] trigger_invalid"]
    );
    assert_eq!(
        refused(json!([{"event": "a", "expression": 1}])),
        ["triggers[0].expression trigger_invalid"]
    );
    let twice = json!([{"event": "a"}, {"event": "b"}, {"event": "a"}]);
    assert_eq!(refused(twice), ["triggers[2] trigger_invalid"]);
    let different = json!([{"event": "a"}, {"event": "a", "expression": "event.data.x"}]);
    assert_eq!(parse(json!({"triggers": different})).triggers.len(), 2);
}

#[test]
fn schedules() {
    let cron = |cron: &str, jitter: Value| json!({"triggers": [{"cron": cron, "jitter": jitter}]});
    let valid = [
        "* * * * *",
        "0 12 1-5 */2 MON,WED",
        "TZ=Europe/Paris 0 12 * * 5",
        "CRON_TZ=UTC 0 0 ? * ?",
        "0  0 31 2 *",
        "*/10 * * * * *",
    ];
    for text in valid {
        let expected = Trigger::Cron {
            cron: text.to_owned(),
            jitter: None,
        };
        assert_eq!(
            parse(cron(text, json!(null))).triggers,
            [expected],
            "{text}"
        );
    }
    let long = format!("{} * * * *", "1,".repeat(130));
    for text in [
        "@daily",
        "* * * *",
        "* * * * * * *",
        "TZ=UTC",
        "a b c d $",
        "TZ=UTC TZ=UTC * * * *",
        &long,
    ] {
        assert_eq!(
            errors(cron(text, json!(null))),
            ["triggers[0] schedule_invalid"],
            "{text}"
        );
    }
    for (text, jitter) in [
        ("0", None),
        ("1s", Some(seconds(1))),
        ("5m", Some(seconds(300))),
    ] {
        let expected = Trigger::Cron {
            cron: "* * * * *".to_owned(),
            jitter,
        };
        assert_eq!(parse(cron("* * * * *", json!(text))).triggers, [expected]);
    }
    for jitter in [json!("500ms"), json!("6m")] {
        assert_eq!(
            errors(cron("* * * * *", jitter)),
            ["triggers[0] schedule_invalid"]
        );
    }
    assert_eq!(
        errors(cron("* * * * *", json!(30))),
        ["triggers[0].jitter schedule_invalid"]
    );
    let twice = json!([{"cron": "* * * * *"}, {"cron": "* * * * *", "jitter": "5s"}]);
    assert_eq!(
        errors(json!({"triggers": twice})),
        ["triggers[1] schedule_invalid"]
    );
}

#[test]
fn identity() {
    assert_eq!(errors(json!({"id": ""})), ["id function_invalid"]);
    assert_eq!(errors(json!({"id": null})), ["id function_invalid"]);
    assert_eq!(errors(json!({"id": 5})), ["id function_invalid"]);
    let errors = FunctionConfig::from_json(&Json::null()).unwrap_err();
    assert_eq!(errors[0].to_string(), "function \"\": : must be an object");
    assert_eq!(
        FunctionConfig::from_json(&Json::from_canonical("{"))
            .unwrap_err()
            .len(),
        1
    );
    let codes: std::collections::BTreeSet<_> = ConfigErrorCode::ALL
        .iter()
        .map(|code| code.as_str())
        .collect();
    assert_eq!(codes.len(), ConfigErrorCode::ALL.len());
    let json = serde_json::to_value(ConfigErrorCode::ComboUnsupported).unwrap();
    assert_eq!(json, "combo_unsupported");
}
