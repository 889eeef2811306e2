//! `GET /v2/apps`, `GET /v2/apps/{app}` (http-api §8.2, §8.3).
//!
//! An app is what has registered, or a URL that was added and at which none has yet: that one goes
//! by its URL, and its error says why.

use axum::extract::State;
use axum::response::Response;
use everstep_core::record::{AppMethod, AppRecord};
use serde::Serialize;
use utoipa::ToSchema;

use super::Api;
use super::envelope::{PageView, envelope, is_false, is_zero, page_envelope};
use super::error::V2Error;
use super::query::{Query, bad_cursor, paging};
use crate::apps::{Entry, Problem};
use crate::error::ApiError;
use crate::registry::Registry;
use crate::routes::openapi::{Kind, Member, Operation, Routes};
use crate::routes::params::PathText;

const LIMIT_MAX: u32 = 100;

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = App)]
pub(super) struct AppObject {
    id: String,
    name: String,
    method: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    app_version: Option<String>,
    created_at: String,
    #[serde(skip_serializing_if = "is_false")]
    is_archived: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    archived_at: Option<String>,
    #[serde(skip_serializing_if = "is_zero")]
    function_count: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    latest_sync: Option<SyncPart>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AppSync)]
struct SyncPart {
    /// `SUCCESS`, `PENDING` or `ERROR`.
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    synced_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sdk_language: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sdk_version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    framework: Option<String>,
    url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    app_version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ProblemPart>,
}

/// Why an app can't be synced.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AppProblem)]
pub(super) struct ProblemPart {
    code: &'static str,
    message: String,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
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

/// By name.
pub(super) async fn list(State(api): State<Api>, mut query: Query) -> Result<Response, V2Error> {
    let archived = query.flag("archived").unwrap_or(false);
    let paging = query.paging(LIMIT_MAX);
    query.done()?;
    let mut apps = AppObject::all(&api).await?;
    if let Some(after) = &paging.cursor {
        if !apps.iter().any(|app| app.name == *after) {
            return Err(bad_cursor());
        }
        apps.retain(|app| app.name > *after);
    }
    apps.retain(|app| app.is_archived == archived);
    let page = PageView::cut(&mut apps, paging.limit, |app| app.name.clone());
    Ok(page_envelope(&apps, &page, api.clock.now()))
}

pub(super) async fn view(
    State(api): State<Api>,
    app: Result<PathText, ApiError>,
) -> Result<Response, V2Error> {
    let PathText(app) = app?;
    let app = AppObject::find(&api, &app).await?;
    Ok(envelope(app, api.clock.now()))
}

impl AppObject {
    /// All that there are, archived ones included, by name.
    async fn all(api: &Api) -> Result<Vec<Self>, V2Error> {
        let registry = Registry::load(&**api.engine.store()).await?;
        let entries = api.apps.entries();
        let registered = registry.apps.iter().map(|app| {
            let is_its = |entry: &&Entry| entry.name() == Some(&*app.name);
            Self::registered(&registry, app, entries.iter().find(is_its))
        });
        let others = entries.iter().filter(|entry| entry.identity.is_none());
        let mut all: Vec<Self> = registered.chain(others.map(Self::awaited)).collect();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(all)
    }

    pub(super) async fn find(api: &Api, name: &str) -> Result<Self, V2Error> {
        let all = Self::all(api).await?;
        let found = all.into_iter().find(|app| app.name == name);
        found.ok_or_else(|| V2Error::not_found("App not found"))
    }

    /// Where it is asked to sync, if it does.
    pub(super) fn url(&self) -> Option<&str> {
        self.latest_sync.as_ref().map(|sync| &*sync.url)
    }

    fn registered(registry: &Registry, app: &AppRecord, entry: Option<&Entry>) -> Self {
        let functions = registry.functions.iter();
        let functions = functions.filter(|function| function.app == app.id);
        let created_at = functions.clone().map(|function| function.created_at).min();
        let active = functions.filter(|function| function.archived_at.is_none());
        Self {
            id: app.name.clone(),
            name: app.name.clone(),
            method: match app.method {
                AppMethod::Serve => "SERVE",
                AppMethod::Api => "API",
            },
            app_version: app.app_version.clone(),
            created_at: created_at.unwrap_or(app.synced_at).to_string(),
            is_archived: !app.is_active(),
            archived_at: app.archived_at.map(|at| at.to_string()),
            function_count: active.count(),
            // Apps of endpoints never sync.
            latest_sync: (app.method == AppMethod::Serve).then(|| SyncPart::new(app, entry)),
        }
    }

    /// One that has not registered yet.
    fn awaited(entry: &Entry) -> Self {
        let error = entry.problem().map(ProblemPart::new);
        let url = entry.url.to_string();
        Self {
            id: url.clone(),
            name: url.clone(),
            method: "SERVE",
            app_version: None,
            created_at: entry.since.to_string(),
            is_archived: false,
            archived_at: None,
            function_count: 0,
            latest_sync: Some(SyncPart {
                status: if error.is_some() { "ERROR" } else { "PENDING" },
                synced_at: None,
                sdk_language: None,
                sdk_version: None,
                framework: None,
                url,
                app_version: None,
                error,
            }),
        }
    }
}

impl SyncPart {
    fn new(app: &AppRecord, entry: Option<&Entry>) -> Self {
        let (language, version) = match app.sdk.split_once(':') {
            Some((language, version)) => (language, Some(version.trim_start_matches('v'))),
            None => (&*app.sdk, None),
        };
        let error = entry.and_then(Entry::problem).map(ProblemPart::new);
        Self {
            status: if error.is_some() { "ERROR" } else { "SUCCESS" },
            synced_at: Some(app.synced_at.to_string()),
            sdk_language: Some(language.to_owned()),
            sdk_version: version.map(str::to_owned),
            framework: app.framework.clone(),
            url: app.url.clone(),
            app_version: app.app_version.clone(),
            error,
        }
    }
}

impl ProblemPart {
    pub(super) fn new(problem: &Problem) -> Self {
        Self {
            code: problem.code.as_str(),
            message: problem.message.clone(),
            hint: problem.hint.clone(),
        }
    }
}
