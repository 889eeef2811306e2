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

    /// The steps of a function that is to be called over Connect.
    fn connect(id: &str) -> Value {
        function(
            id,
            json!({ "steps": { "step": { "id": "step", "name": "step",
                "runtime": { "type": "ws", "url": format!("ws://connect?fnId={id}&stepId=step") } } } }),
        )
    }

    #[test]
    fn what_is_supported_is_not_mentioned() {
        let plain = function("shop-a", json!({}));
        let limited = function(
            "shop-b",
            json!({ "triggers": [{ "cron": "0 * * * *" }], "concurrency": 5,
                    "throttle": { "limit": 1, "period": "1s" } }),
        );
        assert_eq!(features(&app(&[plain, limited])), [""; 0]);
    }

    #[test]
    fn a_feature_is_told_once_with_its_functions() {
        let app = app(&[
            connect("shop-a"),
            function("shop-b", json!({})),
            connect("shop-c"),
        ]);
        assert_eq!(
            features(&app),
            ["Connect, so it can't be called (shop-a, shop-c)"]
        );
    }

    #[test]
    fn long_lists_are_cut() {
        let functions: Vec<_> = (0..8).map(|n| connect(&format!("shop-{n}"))).collect();
        assert_eq!(
            features(&app(&functions)),
            ["Connect, so it can't be called (shop-0, shop-1, shop-2, shop-3, shop-4 and 3 more)"]
        );
    }
}
