//! `GET /dev`: what the development server is and knows (http-api §3). SDKs take any answer as
//! "there is a development server"; test harnesses wait until `functions` is not empty.

use axum::Json;
use axum::extract::State;
use everstep_core::record::{AppRecord, FunctionRecord};
use serde::Serialize;
use serde_json::{Value, json};

use super::Api;
use crate::apps::{Entry, State as AppState};
use crate::error::ApiError;

/// What the server was started with, as far as it concerns others.
#[derive(Clone, Debug, Default, Serialize)]
pub struct StartOptions {
    pub dir: String,
    pub urls: Vec<String>,
    pub autodiscover: bool,
    pub poll: bool,
    /// Seconds.
    pub poll_interval: u64,
    /// Seconds; 0 is the table of delays.
    pub retry_interval: u64,
    pub queue_workers: usize,
    pub require_keys: bool,
    pub persist: bool,
    pub sqlite_dir: String,
}

/// Members of a function's configuration that are shown as they are.
const SHOWN: [&str; 12] = [
    "triggers",
    "concurrency",
    "throttle",
    "rateLimit",
    "debounce",
    "priority",
    "batchEvents",
    "idempotency",
    "cancel",
    "singleton",
    "timeouts",
    "checkpoint",
];

pub(super) async fn dev_info(State(api): State<Api>) -> Result<Json<Value>, ApiError> {
    let store = api.engine.store();
    let functions: Vec<_> = store
        .function_list()
        .await?
        .into_iter()
        .filter(|function| function.archived_at.is_none())
        .collect();
    let mut apps = store.app_list().await?;
    apps.retain(AppRecord::is_active);
    Ok(Json(json!({
        "version": crate::cli::VERSION,
        "authed": false,
        "startOpts": *api.options,
        "functions": functions.iter().map(function_view).collect::<Vec<_>>(),
        "handlers": apps.iter().map(|app| handler_view(app, &functions)).collect::<Vec<_>>(),
        "isSingleNodeService": false,
        "isMissingSigningKey": false,
        "isMissingEventKeys": false,
        "features": {},
        "apps": api.apps.entries().iter().map(entry_view).collect::<Vec<_>>(),
    })))
}

fn function_view(function: &FunctionRecord) -> Value {
    let config = &function.config;
    let uri = config.endpoint().as_str();
    let mut view = json!({
        "id": function.id,
        "fv": function.version,
        "name": config.name,
        "slug": function.slug,
        "steps": [{ "id": "step", "name": config.name, "uri": uri, "retries": config.max_attempts() - 1 }],
        "driver": { "uri": uri },
    });
    let shown = config
        .raw
        .members()
        .filter(|(name, _)| SHOWN.contains(&name.as_str()));
    for (name, value) in shown {
        view[name] = value.to_value();
    }
    view
}

/// An app as it registered.
fn handler_view(app: &AppRecord, functions: &[FunctionRecord]) -> Value {
    let own = functions.iter().filter(|function| function.app == app.id);
    json!({
        "functionIDs": own.map(|function| function.id).collect::<Vec<_>>(),
        "sdk": {
            "url": app.url,
            "appName": app.name,
            "sdk": app.sdk,
            "framework": app.framework,
            "appVersion": app.app_version,
        },
        "createdAt": app.synced_at.to_string(),
        "updatedAt": app.synced_at.to_string(),
    })
}

/// How an app answers.
fn entry_view(entry: &Entry) -> Value {
    let (state, problem) = match &entry.state {
        AppState::New => ("new", None),
        AppState::Ok => ("ok", None),
        AppState::Failing(problem) => ("failing", Some(problem)),
    };
    let identity = entry.identity.as_ref();
    json!({
        "url": entry.url.as_str(),
        "name": entry.name(),
        "app_id": identity.map(|it| it.id),
        "sdk": identity.map(|it| &it.sdk),
        "framework": identity.and_then(|it| it.framework.as_ref()),
        "functions": identity.map(|it| it.functions),
        "state": state,
        "since": entry.since.to_string(),
        "synced_at": entry.synced_at.map(|at| at.to_string()),
        "error": problem.map(|it| json!({ "code": it.code.as_str(), "message": it.message, "hint": it.hint })),
    })
}
