//! `GET /v2/operations`: the operations of the document as a flat list.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa::openapi::OpenApi;

use super::Document;
use crate::routes::Api;
use crate::routes::v2::{envelope, is_false};

/// Methods as the document names them.
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// An operation as clients see it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct OperationView {
    name: String,
    method: String,
    path: String,
    summary: String,
    tag: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fields: Vec<FieldView>,
}

/// What an operation takes.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct FieldView {
    name: String,
    /// `path`, `query` or `body`.
    r#in: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    r#type: Option<String>,
    #[serde(skip_serializing_if = "is_false")]
    is_required: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
}

pub(in crate::routes) async fn operation_list(
    State(api): State<Api>,
    Extension(document): Extension<Arc<Document>>,
) -> Response {
    envelope(&document.made().operations, api.clock.now())
}

/// All operations of an API, by path.
pub(super) fn of(api: &OpenApi) -> Vec<OperationView> {
    let document = serde_json::to_value(api).expect("a document has text keys only");
    let paths = document["paths"].as_object().into_iter().flatten();
    let operations = paths.flat_map(|(path, item)| {
        let methods = METHODS
            .iter()
            .filter_map(|method| Some((*method, item.get(method)?)));
        methods.map(|(method, operation)| OperationView::new(method, path, operation))
    });
    operations.collect()
}

impl OperationView {
    fn new(method: &str, path: &str, operation: &Value) -> Self {
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        let parameters = parameters.map(FieldView::of_parameter);
        Self {
            name: text(&operation["operationId"]).unwrap_or_default(),
            method: method.to_ascii_uppercase(),
            path: path.to_owned(),
            summary: text(&operation["summary"]).unwrap_or_default(),
            tag: text(&operation["tags"][0]).unwrap_or_default(),
            fields: parameters.chain(body_fields(operation)).collect(),
        }
    }
}

/// The members of a body; of a list, those of its items.
fn body_fields(operation: &Value) -> Vec<FieldView> {
    let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
    let object = match schema["type"] == "array" {
        true => &schema["items"],
        false => schema,
    };
    let is_required = |name: &str| {
        let mut required = object["required"].as_array().into_iter().flatten();
        required.any(|required| required == name)
    };
    let members = object["properties"].as_object().into_iter().flatten();
    let fields = members.map(|(name, schema)| FieldView {
        name: name.clone(),
        r#in: "body".to_owned(),
        r#type: text(&schema["type"]),
        is_required: is_required(name),
        description: text(&schema["description"]),
    });
    fields.collect()
}

impl FieldView {
    fn of_parameter(parameter: &Value) -> Self {
        Self {
            name: text(&parameter["name"]).unwrap_or_default(),
            r#in: text(&parameter["in"]).unwrap_or_default(),
            r#type: text(&parameter["schema"]["type"]),
            is_required: parameter["required"] == true,
            description: text(&parameter["description"]),
        }
    }
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}
