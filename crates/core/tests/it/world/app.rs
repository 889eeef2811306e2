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
        .find(|name| FunctionId::derive(app, &format!("t-{name}")) == function)
        .unwrap_or("an endpoint")
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
    format!(
        r#"{{"id":"t-{name}","name":"{name}","triggers":[{triggers}]{options},
           "steps":{{"step":{{"id":"step","name":"step","runtime":{{"type":"http",
           "url":"http://app.test/api/inngest?fnId=t-{name}&stepId=step"}},"retries":{{"attempts":{retries}}}}}}}}}"#
    )
}
