//! `GET /v2/apps/{app}/functions`, `GET /v2/apps/{app}/functions/{function}` (http-api §8.2, §8.3).

use axum::extract::State;
use axum::response::Response;
use everstep_core::record::{AppRecord, FunctionRecord};
use everstep_protocol::FunctionId;
use everstep_protocol::config::Trigger;
use everstep_protocol::time::format_duration;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::Api;
use super::configuration::configuration;
use super::envelope::{PageView, envelope, is_false, page_envelope};
use super::error::V2Error;
use super::flow::function_report;
use super::named::{app_of, function_of};
use super::query::{Query, bad_cursor, paging};
use crate::error::ApiError;
use crate::registry::Registry;
use crate::registry::short_id;
use crate::routes::openapi::{Operation, Routes};
use crate::routes::params::{PathPair, PathText};

const LIMIT_MAX: u32 = 100;

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Function)]
struct FunctionObject {
    id: String,
    name: String,
    slug: String,
    #[serde(skip_serializing_if = "is_false")]
    is_paused: bool,
    #[serde(skip_serializing_if = "is_false")]
    is_archived: bool,
    app: AppPart,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    triggers: Vec<TriggerPart>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure_handler: Option<HandlerPart>,
    configuration: Value,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FunctionApp)]
struct AppPart {
    id: String,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Trigger)]
struct TriggerPart {
    #[serde(rename = "type")]
    kind: &'static str,
    value: String,
    #[serde(rename = "if", skip_serializing_if = "Option::is_none")]
    condition: Option<String>,
    /// How much later than its schedule says a run may start.
    #[serde(skip_serializing_if = "Option::is_none")]
    jitter: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FailureHandler)]
struct HandlerPart {
    slug: String,
    name: String,
}

pub(super) fn routes() -> Routes {
    Routes::new("Functions")
        .get(
            "/apps/{app}/functions",
            list,
            Operation::v2("listFunctions", "The functions of an app")
                .query(&paging(LIMIT_MAX))
                .pages::<FunctionObject>(),
        )
        .get(
            "/apps/{app}/functions/{function}",
            view,
            Operation::v2("getFunction", "One function").replies::<FunctionObject>(),
        )
}

/// In the order of their UUIDs, which are what a cursor is.
pub(super) async fn list(
    State(api): State<Api>,
    app: Result<PathText, ApiError>,
    mut query: Query,
) -> Result<Response, V2Error> {
    let PathText(app) = app?;
    let paging = query.paging(LIMIT_MAX);
    query.done()?;
    let after = paging.cursor.as_deref().map(str::parse::<FunctionId>);
    let after = after.transpose().map_err(|_| bad_cursor())?;
    let registry = Registry::load(&**api.engine.store()).await?;
    let app = app_of(&registry, &app)?;
    let mut functions: Vec<&FunctionRecord> = registry
        .functions
        .iter()
        .filter(|function| function.app == app.id)
        .filter(|function| after.is_none_or(|after| function.id > after))
        .collect();
    functions.sort_by_key(|function| function.id);
    let page = PageView::cut(&mut functions, paging.limit, |it| it.id.to_string());
    let mut objects = Vec::new();
    for function in functions {
        objects.push(FunctionObject::of(&api, &registry, app, function).await?);
    }
    Ok(page_envelope(&objects, &page, api.clock.now()))
}

pub(super) async fn view(
    State(api): State<Api>,
    path: Result<PathPair, ApiError>,
) -> Result<Response, V2Error> {
    let PathPair(app, function) = path?;
    let registry = Registry::load(&**api.engine.store()).await?;
    let app = app_of(&registry, &app)?;
    let function = function_of(&registry, &app.name, &function)?;
    let object = FunctionObject::of(&api, &registry, app, function).await?;
    Ok(envelope(object, api.clock.now()))
}

impl FunctionObject {
    async fn of(
        api: &Api,
        registry: &Registry,
        app: &AppRecord,
        function: &FunctionRecord,
    ) -> Result<Self, V2Error> {
        // Of one that is archived, nothing is known but its rows.
        let is_archived = function.archived_at.is_some();
        let is_paused = !is_archived && function_report(api, function).await?.pause.is_some();
        let config = &function.config;
        Ok(Self {
            id: short_id(function, &app.name).to_owned(),
            name: config.name.clone(),
            slug: function.slug.to_string(),
            is_paused,
            is_archived,
            app: AppPart {
                id: app.name.clone(),
            },
            triggers: config.triggers.iter().map(TriggerPart::new).collect(),
            failure_handler: registry.failure_handler(function).map(HandlerPart::new),
            configuration: configuration(config),
        })
    }
}

impl TriggerPart {
    fn new(trigger: &Trigger) -> Self {
        match trigger {
            Trigger::Event { event, expression } => Self {
                kind: "EVENT",
                value: event.clone(),
                condition: expression.clone(),
                jitter: None,
            },
            Trigger::Cron { cron, jitter } => Self {
                kind: "CRON",
                value: cron.clone(),
                condition: None,
                jitter: jitter.map(format_duration),
            },
        }
    }
}

impl HandlerPart {
    fn new(handler: &FunctionRecord) -> Self {
        Self {
            slug: handler.slug.to_string(),
            name: handler.config.name.clone(),
        }
    }
}
