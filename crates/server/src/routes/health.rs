//! `GET /health`.

use axum::Json;
use serde_json::{Value, json};

pub(super) async fn health() -> Json<Value> {
    Json(json!({ "status": 200, "message": "OK" }))
}
