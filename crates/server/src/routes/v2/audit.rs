//! `GET /v2/audit`: what people did to what runs here, newest first.

use axum::extract::State;
use axum::response::Response;
use everstep_core::record::AuditRecord;
use everstep_protocol::{FunctionId, Json};
use serde::Serialize;
use utoipa::ToSchema;

use super::Api;
use super::envelope::{PageView, page_envelope};
use super::error::V2Error;
use super::query::{Query, bad_cursor, paging};
use crate::registry::Registry;
use crate::routes::openapi::{Operation, Routes};

/// Entries of a page.
const LIMIT_MAX: u32 = 100;

/// An entry as clients see it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AuditEntry)]
struct AuditView {
    id: String,
    at: String,
    /// As they say themselves.
    #[serde(skip_serializing_if = "Option::is_none")]
    actor: Option<String>,
    action: String,
    target: TargetView,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// How.
    #[schema(value_type = serde_json::Value)]
    detail: Json,
}

/// What was acted on. What an operation was about is in the detail.
#[derive(Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AuditTarget)]
struct TargetView {
    #[serde(skip_serializing_if = "Option::is_none")]
    run_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    step_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    function_id: Option<FunctionId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    function_slug: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    operation_id: Option<String>,
}

pub(super) fn routes() -> Routes {
    Routes::new("Audit").get(
        "/audit",
        list,
        Operation::v2("listAudit", "What people did here, newest first")
            .query(&paging(LIMIT_MAX))
            .pages::<AuditView>(),
    )
}

pub(super) async fn list(State(api): State<Api>, mut query: Query) -> Result<Response, V2Error> {
    let paging = query.paging(LIMIT_MAX);
    query.done()?;
    let before = paging.cursor.as_deref().map(str::parse).transpose();
    let before = before.map_err(|_| bad_cursor())?;
    let store = &**api.engine.store();
    let mut entries = store.audit_list(before, paging.limit + 1).await?;
    let page = PageView::cut(&mut entries, paging.limit, |entry| entry.id.to_string());
    let registry = Registry::load(store).await?;
    let views = entries.into_iter().map(|it| AuditView::new(it, &registry));
    let views: Vec<_> = views.collect();
    Ok(page_envelope(&views, &page, api.clock.now()))
}

impl AuditView {
    fn new(entry: AuditRecord, registry: &Registry) -> Self {
        let function = entry.function.and_then(|id| registry.function_by_id(id));
        let said = |name| entry.detail.member_text(name);
        Self {
            id: entry.id.to_string(),
            at: entry.id.timestamp().to_string(),
            actor: entry.actor.as_deref().map(str::to_owned),
            action: entry.action.to_string(),
            target: TargetView {
                run_id: entry.run.map(|run| run.to_string()),
                step_id: said("step"),
                function_id: entry.function,
                function_slug: function.map(|function| function.slug.to_string()),
                operation_id: said("operation"),
            },
            reason: said("reason"),
            detail: entry.detail,
        }
    }
}
