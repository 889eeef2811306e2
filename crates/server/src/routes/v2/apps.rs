//! `GET /v2/apps`, `GET /v2/apps/{app}` (http-api §8.2, §8.3).

use axum::extract::State;
use axum::response::Response;
use everstep_core::record::{AppMethod, AppRecord};
use serde::Serialize;
use utoipa::ToSchema;

use super::Api;
use super::envelope::{PageView, envelope, is_zero, page_envelope};
use super::error::V2Error;
use super::named::app_of;
use super::query::{Query, bad_cursor, paging};
use crate::error::ApiError;
use crate::registry::Registry;
use crate::routes::openapi::{Kind, Member, Operation, Routes};
use crate::routes::params::PathText;

const LIMIT_MAX: u32 = 100;

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = App)]
struct AppObject {
    id: String,
    name: String,
    method: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    app_version: Option<String>,
    created_at: String,
    #[serde(skip_serializing_if = "is_zero")]
    function_count: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    latest_sync: Option<SyncPart>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AppSync)]
struct SyncPart {
    status: &'static str,
    synced_at: String,
    sdk_language: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    sdk_version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    framework: Option<String>,
    url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    app_version: Option<String>,
}

pub(super) fn routes() -> Routes {
    let archived = Member::new(
        "archived",
        Kind::Flag,
        "Those that are archived, instead of the others",
    );
    Routes::new("Apps")
        .get(
            "/apps",
            list,
            Operation::v2("listApps", "The apps")
                .query(&[archived])
                .query(&paging(LIMIT_MAX))
                .pages::<AppObject>(),
        )
        .get(
            "/apps/{app}",
            view,
            Operation::v2("getApp", "One app").replies::<AppObject>(),
        )
}

/// By name. No app is archived here: one that is gone keeps its functions and their history.
pub(super) async fn list(State(api): State<Api>, mut query: Query) -> Result<Response, V2Error> {
    let archived = query.flag("archived").unwrap_or(false);
    let paging = query.paging(LIMIT_MAX);
    query.done()?;
    let registry = Registry::load(&**api.engine.store()).await?;
    let after = paging.cursor.as_deref();
    if after.is_some_and(|after| registry.app(after).is_none()) {
        return Err(bad_cursor());
    }
    let mut apps: Vec<&AppRecord> = registry
        .apps
        .iter()
        .filter(|app| !archived && after.is_none_or(|after| *app.name > *after))
        .collect();
    let page = PageView::cut(&mut apps, paging.limit, |app| app.name.clone());
    let objects: Vec<AppObject> = apps
        .into_iter()
        .map(|app| AppObject::new(&registry, app))
        .collect();
    Ok(page_envelope(&objects, &page, api.clock.now()))
}

pub(super) async fn view(
    State(api): State<Api>,
    app: Result<PathText, ApiError>,
) -> Result<Response, V2Error> {
    let PathText(app) = app?;
    let registry = Registry::load(&**api.engine.store()).await?;
    let object = AppObject::new(&registry, app_of(&registry, &app)?);
    Ok(envelope(object, api.clock.now()))
}

impl AppObject {
    fn new(registry: &Registry, app: &AppRecord) -> Self {
        let functions = registry.functions.iter();
        let functions = functions.filter(|function| function.app == app.id);
        let created_at = functions.clone().map(|function| function.created_at).min();
        let live = functions.filter(|function| function.archived_at.is_none());
        Self {
            id: app.name.clone(),
            name: app.name.clone(),
            method: match app.method {
                AppMethod::Serve => "SERVE",
                AppMethod::Api => "API",
            },
            app_version: app.app_version.clone(),
            created_at: created_at.unwrap_or(app.synced_at).to_string(),
            function_count: live.count(),
            // Apps of endpoints never sync.
            latest_sync: (app.method == AppMethod::Serve).then(|| SyncPart::new(app)),
        }
    }
}

impl SyncPart {
    fn new(app: &AppRecord) -> Self {
        let (language, version) = match app.sdk.split_once(':') {
            Some((language, version)) => (language, Some(version.trim_start_matches('v'))),
            None => (&*app.sdk, None),
        };
        Self {
            status: "SUCCESS",
            synced_at: app.synced_at.to_string(),
            sdk_language: language.to_owned(),
            sdk_version: version.map(str::to_owned),
            framework: app.framework.clone(),
            url: app.url.clone(),
            app_version: app.app_version.clone(),
        }
    }
}
