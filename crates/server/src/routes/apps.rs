//! `GET /v1/apps/{app}/functions` (http-api §5.3).

use axum::Json;
use axum::extract::State;
use everstep_core::record::FunctionRecord;
use everstep_protocol::ids::ENVIRONMENT;
use everstep_protocol::{AppId, FunctionId, Json as UserJson};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::Api;
use super::openapi::{Operation, Routes};
use super::params::PathText;
use crate::error::ApiError;

/// A function of an app, as clients see it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = V1Function)]
pub(super) struct FunctionView {
    #[schema(value_type = String)]
    internal_id: FunctionId,
    env_id: Uuid,
    #[schema(value_type = String)]
    app_id: AppId,
    id: String,
    name: String,
    #[schema(value_type = serde_json::Value)]
    config: UserJson,
    created_at: String,
    #[schema(required)]
    archived_at: Option<String>,
}

pub(super) fn routes() -> Routes {
    Routes::new("v1").get(
        "/v1/apps/{app}/functions",
        function_list,
        Operation::v1("v1ListFunctions", "The functions of an app")
            .replies_bare("A list without an envelope"),
    )
}

/// A bare list, without the envelope: clients expect it so.
pub(super) async fn function_list(
    State(api): State<Api>,
    PathText(app): PathText,
) -> Result<Json<Vec<FunctionView>>, ApiError> {
    let store = api.engine.store();
    let apps = store.app_list().await?;
    let app = apps
        .iter()
        .find(|it| it.name == app)
        .ok_or_else(|| ApiError::not_found("app not found"))?;
    let functions = store.function_list().await?;
    Ok(Json(
        functions
            .into_iter()
            .filter(|it| it.app == app.id)
            .map(FunctionView::new)
            .collect(),
    ))
}

impl FunctionView {
    fn new(function: FunctionRecord) -> Self {
        Self {
            internal_id: function.id,
            env_id: ENVIRONMENT,
            app_id: function.app,
            id: function.slug.to_string(),
            name: function.config.name.clone(),
            config: function.config.raw.clone(),
            created_at: function.created_at.to_string(),
            archived_at: function.archived_at.map(|at| at.to_string()),
        }
    }
}
