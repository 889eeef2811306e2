//! What an app asks for that this version accepts, but does not do.

use std::collections::BTreeMap;

use everstep_protocol::config::{FunctionConfig, Transport};
use everstep_protocol::sync::AppSync;

/// Functions that are named per feature.
const NAMED_MAX: usize = 5;

/// One text per feature, with what happens instead and the functions that ask for it.
pub(super) fn features(app: &AppSync) -> Vec<String> {
    let mut found: BTreeMap<&'static str, Vec<&str>> = BTreeMap::new();
    for function in &app.functions {
        for feature in of_function(function) {
            found.entry(feature).or_default().push(&function.slug);
        }
    }
    found
        .into_iter()
        .map(|(feature, functions)| format!("{feature} ({})", list(&functions)))
        .collect()
}

fn of_function(function: &FunctionConfig) -> Vec<&'static str> {
    let uses = [(
        function.transport == Transport::Connect,
        "Connect, so it can't be called",
    )];
    uses.into_iter()
        .filter(|(is_used, _)| *is_used)
        .map(|(_, feature)| feature)
        .collect()
}

fn list(functions: &[&str]) -> String {
    match functions.len() {
        0..=NAMED_MAX => functions.join(", "),
        count => format!(
            "{} and {} more",
            functions[..NAMED_MAX].join(", "),
            count - NAMED_MAX
        ),
    }
}

#[cfg(test)]
mod tests {
    use everstep_protocol::sync::RegisterRequest;
    use serde_json::{Value, json};

    use super::*;

    fn app(functions: &[Value]) -> AppSync {
        let body = json!({
            "url": "http://localhost:3000/api/inngest", "appName": "shop", "sdk": "js:v4.24.0", "functions": functions,
        });
        RegisterRequest::parse(body.to_string().as_bytes())
            .unwrap()
            .into_app_sync()
            .unwrap()
    }

    fn function(id: &str, more: Value) -> Value {
        let mut function = json!({
            "id": id, "name": id, "triggers": [{ "event": "a/b" }],
            "steps": { "step": { "id": "step", "name": "step", "runtime": { "type": "http", "url": format!("http://localhost:3000/api/inngest?fnId={id}&stepId=step") } } },
        });
        let Value::Object(more) = more else {
            panic!("an object")
        };
        function.as_object_mut().unwrap().extend(more);
        function
    }

    #[test]
    fn what_is_supported_is_not_mentioned() {
        assert_eq!(features(&app(&[function("shop-a", json!({}))])), [""; 0]);
    }

    #[test]
    fn each_feature_is_told_once_with_its_functions() {
        let app = app(&[
            function(
                "shop-a",
                json!({ "triggers": [{ "cron": "0 * * * *" }], "concurrency": 5 }),
            ),
            function(
                "shop-b",
                json!({ "concurrency": 1, "cancel": [{ "event": "a/stop" }] }),
            ),
            function(
                "shop-c",
                json!({ "throttle": { "limit": 1, "period": "1s" } }),
            ),
        ]);
        assert_eq!(
            features(&app),
            [
                "concurrency limits, ignored (shop-a, shop-b)",
                "throttle, ignored (shop-c)",
            ]
        );
    }

    #[test]
    fn long_lists_are_cut() {
        let functions: Vec<_> = (0..8)
            .map(|n| function(&format!("shop-{n}"), json!({ "concurrency": 1 })))
            .collect();
        assert_eq!(
            features(&app(&functions)),
            ["concurrency limits, ignored (shop-0, shop-1, shop-2, shop-3, shop-4 and 3 more)"]
        );
    }
}
