//! `GET /v1/audit`: what people did to what runs here, newest first.

use std::time::Duration;

use axum::extract::State;
use axum::response::Response;
use everstep_core::record::AuditRecord;
use everstep_protocol::{AuditId, FunctionId, Json};
use serde::{Deserialize, Serialize};

use crate::error::ApiError;
use crate::routes::Api;
use crate::routes::params::QueryOf;
use crate::routes::v1::{LIMIT_MAX, envelope, limit};

/// An entry as clients see it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct AuditView {
    id: String,
    at: String,
    action: String,
    function_id: Option<FunctionId>,
    run_id: Option<String>,
    detail: Json,
}

#[derive(Debug, Deserialize)]
pub(super) struct ListQuery {
    before: Option<String>,
    limit: Option<String>,
}

pub(super) async fn list(
    State(api): State<Api>,
    QueryOf(query): QueryOf<ListQuery>,
) -> Result<Response, ApiError> {
    let limit = limit(query.limit.as_deref(), LIMIT_MAX)?;
    let before: Option<AuditId> = match query.before.filter(|id| !id.is_empty()) {
        None => None,
        Some(text) => Some(text.parse().map_err(|_| {
            ApiError::bad_request(format!("before: {text:?} is not the id of an entry"))
        })?),
    };
    let entries = api.engine.store().audit_list(before, limit).await?;
    let views: Vec<_> = entries.into_iter().map(AuditView::new).collect();
    Ok(envelope(&views, api.clock.now(), Duration::ZERO))
}

impl AuditView {
    fn new(entry: AuditRecord) -> Self {
        Self {
            id: entry.id.to_string(),
            at: entry.id.timestamp().to_string(),
            action: entry.action.to_string(),
            function_id: entry.function,
            run_id: entry.run.map(|run| run.to_string()),
            detail: entry.detail,
        }
    }
}
