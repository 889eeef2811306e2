//! The app: its functions as data.

use everstep_protocol::sync::{AppSync, RegisterRequest};
use everstep_protocol::{AppId, FunctionId};

/// A function that the app can have.
struct Entry {
    name: &'static str,
    /// What is inside of the array.
    triggers: &'static str,
    /// Further members of the function.
    options: &'static str,
    /// `None`: as many as the world gives.
    retries: Option<u32>,
}

/// Those that the app has from the beginning; others come with `add`.
pub(super) const FIRST: [&str; 4] = ["fn", "once", "other", "later"];

const FUNCTIONS: &[Entry] = &[
    Entry {
        name: "fn",
        triggers: r#"{"event":"t/go"}"#,
        options: "",
        retries: None,
    },
    Entry {
        name: "once",
        triggers: r#"{"event":"t/once"}"#,
        options: "",
        retries: Some(0),
    },
    Entry {
        name: "other",
        triggers: r#"{"event":"t/guarded","expression":"event.data.x == 1"}"#,
        options: "",
        retries: Some(0),
    },
    Entry {
        name: "later",
        triggers: r#"{"event":"inngest/deferred.schedule","expression":"event.data._inngest.fn_slug == 't-later'"}"#,
        options: "",
        retries: Some(0),
    },
    Entry {
        name: "choosy",
        triggers: r#"{"event":"c/choose","expression":"event.data.x * 2 > 10"},
                     {"event":"c/choose","expression":"event.data.y == null"},
                     {"event":"c/*","expression":"event.data.z"}"#,
        options: "",
        retries: Some(0),
    },
    Entry {
        name: "child",
        triggers: r#"{"event":"t/child"}"#,
        options: "",
        retries: Some(0),
    },
    Entry {
        name: "helper",
        triggers: r#"{"event":"t/help"}"#,
        options: "",
        retries: None,
    },
    Entry {
        name: "keyed",
        triggers: r#"{"event":"t/keyed"}"#,
        options: r#","idempotency":"event.data.key""#,
        retries: Some(0),
    },
    Entry {
        name: "watched",
        triggers: r#"{"event":"t/watched"}"#,
        options: r#","cancel":[{"event":"t/stop","if":"event.data.id == async.data.id","timeout":"1h"},
                               {"event":"t/stop-all"}]"#,
        retries: Some(1),
    },
    Entry {
        name: "timed",
        triggers: r#"{"event":"t/timed"}"#,
        options: r#","timeouts":{"start":"10s","finish":"1m"}"#,
        retries: Some(1),
    },
    Entry {
        name: "hourly",
        triggers: r#"{"cron":"0 * * * *"}"#,
        options: "",
        retries: Some(0),
    },
    Entry {
        name: "also-hourly",
        triggers: r#"{"cron":"0 * * * *"}"#,
        options: "",
        retries: Some(0),
    },
    Entry {
        name: "spread",
        triggers: r#"{"cron":"0 * * * *","jitter":"5m"}"#,
        options: "",
        retries: Some(0),
    },
    Entry {
        name: "never",
        triggers: r#"{"cron":"0 0 31 2 *"}"#,
        options: "",
        retries: Some(0),
    },
    Entry {
        name: "narrow",
        triggers: r#"{"event":"f/narrow"}"#,
        options: r#","concurrency":1"#,
        retries: Some(0),
    },
    Entry {
        name: "narrow@wide",
        triggers: r#"{"event":"f/narrow"}"#,
        options: r#","concurrency":3"#,
        retries: Some(0),
    },
    Entry {
        name: "tenants",
        triggers: r#"{"event":"f/tenants"}"#,
        options: r#","concurrency":[{"limit":1,"key":"event.data.tenant"},{"limit":2}]"#,
        retries: Some(0),
    },
    Entry {
        name: "shared-a",
        triggers: r#"{"event":"f/a"}"#,
        options: r#","concurrency":{"limit":1,"scope":"env","key":"event.data.k"}"#,
        retries: Some(0),
    },
    Entry {
        name: "shared-a@free",
        triggers: r#"{"event":"f/a"}"#,
        options: "",
        retries: Some(0),
    },
    Entry {
        name: "shared-b",
        triggers: r#"{"event":"f/b"}"#,
        options: r#","concurrency":{"limit":1,"scope":"env","key":"event.data.k"}"#,
        retries: Some(0),
    },
    Entry {
        name: "one-run",
        triggers: r#"{"event":"f/one-run"}"#,
        options: r#","concurrency":{"fn":[{"limit":1}]}"#,
        retries: Some(0),
    },
    Entry {
        name: "throttled",
        triggers: r#"{"event":"f/throttled"}"#,
        options: r#","throttle":{"limit":1,"period":"5s","burst":2}"#,
        retries: Some(0),
    },
    Entry {
        name: "mixed",
        triggers: r#"{"event":"f/mixed"}"#,
        options: r#","throttle":{"limit":1,"period":"5s"},"concurrency":{"limit":1,"key":"event.data.tenant"}"#,
        retries: Some(0),
    },
    Entry {
        name: "rated",
        triggers: r#"{"event":"f/rated"}"#,
        options: r#","rateLimit":{"limit":10,"period":"1m","key":"event.data.k"}"#,
        retries: Some(0),
    },
    Entry {
        name: "debounced",
        triggers: r#"{"event":"f/debounced"}"#,
        options: r#","debounce":{"period":"10s","timeout":"25s","key":"event.data.k"}"#,
        retries: Some(0),
    },
    Entry {
        name: "batched",
        triggers: r#"{"event":"f/batched"}"#,
        options: r#","batchEvents":{"maxSize":3,"timeout":"10s","key":"event.data.k"}"#,
        retries: Some(0),
    },
    Entry {
        name: "batched-if",
        triggers: r#"{"event":"f/batched-if"}"#,
        options: r#","batchEvents":{"maxSize":3,"timeout":"10s","if":"event.data.ok"}"#,
        retries: Some(0),
    },
    Entry {
        name: "only-skip",
        triggers: r#"{"event":"f/only-skip"}"#,
        options: r#","singleton":{"mode":"skip","key":"event.data.k"}"#,
        retries: Some(0),
    },
    Entry {
        name: "only-cancel",
        triggers: r#"{"event":"f/only-cancel"}"#,
        options: r#","singleton":{"mode":"cancel"}"#,
        retries: Some(0),
    },
    Entry {
        name: "urgent",
        triggers: r#"{"event":"f/urgent"}"#,
        options: r#","concurrency":1,"priority":{"run":"event.data.p"}"#,
        retries: Some(0),
    },
    Entry {
        name: "guarded",
        triggers: r#"{"event":"f/guarded"}"#,
        options: r#","throttle":{"limit":1,"period":"5s"},"concurrency":{"fn":[{"limit":1}]},"timeouts":{"start":"10s","finish":"20s"}"#,
        retries: Some(0),
    },
];

/// The sync of an app with these functions.
pub(super) fn sync(functions: &[&str], retries: u32) -> AppSync {
    let functions: Vec<String> = functions.iter().map(|name| json(name, retries)).collect();
    let body = format!(
        r#"{{"url":"http://app.test/api/inngest","appName":"t","deployType":"ping","sdk":"js:v4.24.0","v":"0.1",
           "framework":"nodejs","functions":[{}]}}"#,
        functions.join(",")
    );
    let request = RegisterRequest::parse(body.as_bytes()).unwrap();
    let app = request.into_app_sync().unwrap();
    everstep_core::function::validate(&app).unwrap();
    app
}

/// The name in the table above of a function; others are endpoints.
pub(super) fn name_of(function: FunctionId) -> &'static str {
    let app = AppId::derive("t");
    let mut names = FUNCTIONS.iter().map(|entry| entry.name);
    names
        .find(|name| FunctionId::derive(app, &format!("t-{}", plain_name(name))) == function)
        .unwrap_or("an endpoint")
}

/// Variants of a function have what is before the `@` in common.
pub(super) fn plain_name(name: &str) -> &str {
    name.split_once('@').map_or(name, |(name, _)| name)
}

fn json(name: &str, retries: u32) -> String {
    let entry = FUNCTIONS.iter().find(|entry| entry.name == name);
    let Some(entry) = entry else {
        panic!("no function {name} in the table");
    };
    let Entry {
        triggers, options, ..
    } = entry;
    let retries = entry.retries.unwrap_or(retries);
    let name = plain_name(name);
    format!(
        r#"{{"id":"t-{name}","name":"{name}","triggers":[{triggers}]{options},
           "steps":{{"step":{{"id":"step","name":"step","runtime":{{"type":"http",
           "url":"http://app.test/api/inngest?fnId=t-{name}&stepId=step"}},"retries":{{"attempts":{retries}}}}}}}}}"#
    )
}
