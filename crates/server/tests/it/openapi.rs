//! The description of the API: that it is whole, and that the server does what it says.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::Server;

async fn document(server: &Server) -> Value {
    let answer = server.get("/v2/openapi.json").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json
}

/// Path, method and description of every operation.
fn operations(document: &Value) -> Vec<(&str, &str, &Value)> {
    let paths = document["paths"].as_object().unwrap().iter();
    let operations = paths.flat_map(|(path, item)| {
        let methods = item.as_object().unwrap().iter();
        methods.map(move |(method, operation)| (path.as_str(), method.as_str(), operation))
    });
    operations.collect()
}

/// All that a document refers to.
fn references<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get("$ref").and_then(Value::as_str));
            members.values().for_each(|value| references(value, found));
        }
        Value::Array(items) => items.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

#[tokio::test]
async fn the_document_is_whole() {
    let server = Server::start().await;
    let document = document(&server).await;
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(server.get("/api/v2/openapi.json").await.json, document);

    let mut found = BTreeSet::new();
    references(&document, &mut found);
    assert!(found.contains("#/components/schemas/Run"), "{found:?}");
    for reference in found {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(
            document.pointer(pointer).is_some(),
            "{reference} is nowhere"
        );
    }

    let operations = operations(&document);
    let ids: BTreeSet<_> = operations
        .iter()
        .map(|it| it.2["operationId"].as_str())
        .collect();
    assert_eq!(ids.len(), operations.len(), "an id is used twice");
    for (path, method, operation) in &operations {
        assert!(operation["summary"].is_string(), "{method} {path}");
        assert!(operation["tags"][0].is_string(), "{method} {path}");
        assert!(
            operation["responses"]["default"].is_object(),
            "{method} {path}"
        );
        for name in path
            .split('/')
            .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
        {
            let mut parameters = operation["parameters"].as_array().unwrap().iter();
            let is_it =
                |it: &Value| it["name"] == name && it["in"] == "path" && it["required"] == true;
            assert!(
                parameters.any(is_it),
                "{method} {path}: {name} is not described"
            );
        }
    }
}

#[tokio::test]
async fn what_is_described_is_there_and_answers_as_described() {
    let server = Server::start().await;
    let document = document(&server).await;
    for (path, method, operation) in operations(&document) {
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        let is_needed = |it: &Value| it["required"] == true;
        // The live feed is a socket; it refuses what does not ask for one.
        if method != "get" || parameters.clone().any(is_needed) || path == "/v2/live" {
            continue;
        }
        let answer = server.get(path).await;
        let described = operation["responses"].get(answer.status.to_string());
        let described = described.unwrap_or_else(|| panic!("{path}: {answer:?} is not described"));
        let schema = &described["content"]["application/json"]["schema"];
        let required = schema["required"].as_array().into_iter().flatten();
        for name in required.filter_map(Value::as_str) {
            assert!(
                answer.json.get(name).is_some(),
                "{path}: no {name} in {answer:?}"
            );
        }
    }
}

#[tokio::test]
async fn the_catalogue_lists_the_operations_of_the_document() {
    let server = Server::start().await;
    let document = document(&server).await;
    let catalogue = server.get("/v2/operations").await.json;
    let listed = catalogue["data"].as_array().unwrap();
    assert_eq!(listed.len(), operations(&document).len());
    let named = |name: &str| listed.iter().find(|it| it["name"] == name).unwrap();
    let preview = named("previewBulkOperation");
    assert_eq!(
        (&preview["method"], &preview["path"]),
        (&json!("POST"), &json!("/v2/bulk-operations/preview"))
    );
    let kind = &preview["fields"].as_array().unwrap()[0];
    assert_eq!(
        *kind,
        json!({
            "name": "filter", "in": "body", "type": "object", "isRequired": true,
            "description": "Which runs: parameters of GET /v2/runs by name"
        })
    );
    let run = &named("getRun")["fields"].as_array().unwrap()[0];
    assert_eq!((&run["name"], &run["in"]), (&json!("run"), &json!("path")));
}
