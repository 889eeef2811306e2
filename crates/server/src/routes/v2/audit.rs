//! `GET /v2/audit`: what people did to what runs here, newest first.

use axum::extract::State;
use axum::response::Response;
use everstep_core::record::AuditRecord;
use everstep_protocol::{FunctionId, Json};
use everstep_store::{AuditFilter, AuditPage};
use serde::Serialize;
use utoipa::ToSchema;

use super::Api;
use super::envelope::{PageView, page_envelope};
use super::error::V2Error;
use super::named::any_function;
use super::query::{Query, bad_cursor, paging};
use super::runs::run_id;
use crate::registry::Registry;
use crate::routes::openapi::{Kind, Member, Operation, Routes};

/// Entries of a page.
const LIMIT_MAX: u32 = 100;

const MEMBERS: &[Member] = &[
    Member::new("action", Kind::Texts, "One of these, such as run.cancel"),
    Member::new("actor", Kind::Texts, "By one of these"),
    Member::new(
        "functionId",
        Kind::Text,
        "About this function or a run of it: slug or UUID",
    ),
    Member::new("runId", Kind::Text, "About this run"),
    Member::new(
        "from",
        Kind::Instant,
        "At this time or later; 2h is two hours ago",
    ),
    Member::new("until", Kind::Instant, "Before this time"),
];

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
            .query(MEMBERS)
            .query(&paging(LIMIT_MAX))
            .pages::<AuditView>(),
    )
}

/// A page that looked at all that it may ends early, and says where the next one goes on.
pub(super) async fn list(State(api): State<Api>, mut query: Query) -> Result<Response, V2Error> {
    let now = api.clock.now();
    let paging = query.paging(LIMIT_MAX);
    let filter = AuditFilter {
        actions: query.texts("action"),
        actors: query.texts("actor"),
        from: query.instant("from", now),
        until: query.instant("until", now),
        ..AuditFilter::newest(paging.limit)
    };
    let (function, run) = (query.text("functionId"), query.text("runId"));
    query.done()?;
    let store = &**api.engine.store();
    let registry = Registry::load(store).await?;
    let function = function.map(|name| any_function(&registry, &name));
    let before = paging.cursor.as_deref().map(str::parse).transpose();
    let filter = AuditFilter {
        function: function.transpose()?.map(|function| function.id),
        run: run.as_deref().map(run_id).transpose()?,
        before: before.map_err(|_| bad_cursor())?,
        ..filter
    };
    let AuditPage { entries, next } = store.audit_list(&filter).await?;
    let page = PageView::new(paging.limit, next.map(|id| id.to_string()));
    let views = entries.into_iter().map(|it| AuditView::new(it, &registry));
    let views: Vec<_> = views.collect();
    Ok(page_envelope(&views, &page, now))
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
