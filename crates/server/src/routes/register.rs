//! `POST /fn/register`, `DELETE /fn/remove`: an app registers its functions, or is removed
//! (sdk-protocol §2.2, §2.3; http-api §3).

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use everstep_core::record::AppRecord;
use everstep_protocol::headers::EXPECTED_SERVER_KIND;
use everstep_protocol::sync::{AppSync, RegisterError, RegisterRequest};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::Api;
use super::asker::Actor;
use super::params::QueryOf;
use crate::apps::{checked, serve_url};
use crate::error::ApiError;

/// The query parameter `deployId` needs no attention: it names one sync, and has no effect.
pub(super) async fn register(
    State(api): State<Api>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let body = match body {
        Ok(body) => body,
        Err(rejection) => return ApiError::from(rejection).into_response(),
    };
    let app = match read(&api, &headers, &body) {
        Ok(app) => app,
        Err(error) => {
            api.apps.refused(&error);
            return refuse(&error);
        }
    };
    // Names what was registered: the same again has the same id.
    let checksum = app.checksum.clone();
    match api.apps.register(app).await {
        Ok(Some(synced)) => Json(json!({
            "ok": true,
            "modified": synced.modified,
            "sync_id": Uuid::new_v5(&synced.app.0, checksum.as_bytes()),
            "app_id": synced.app.0,
        }))
        .into_response(),
        Ok(None) => {
            let message =
                "the app was removed while it registered; it comes back when it registers again";
            ApiError::new(StatusCode::CONFLICT, message).into_response()
        }
        Err(error) => ApiError::from(error).into_response(),
    }
}

#[derive(Deserialize)]
pub(super) struct Removed {
    url: Option<String>,
}

/// Removes the app at a URL.
pub(super) async fn remove(
    State(api): State<Api>,
    QueryOf(query): QueryOf<Removed>,
    actor: Actor,
) -> Result<Json<serde_json::Value>, ApiError> {
    let url = query.url.as_deref().unwrap_or_default();
    let url = serve_url(url).map_err(|what| ApiError::bad_request(format!("url: {what}")))?;
    let apps = api.engine.store().app_list().await?;
    let at_url = |app: &&AppRecord| app.is_active() && app.url == url.as_str();
    match apps.iter().find(at_url) {
        Some(app) => api.apps.remove(actor.0, &app.name, None).await?,
        None if api.apps.remove_url(&url) => {}
        None => return Err(ApiError::not_found(format!("there is no app at {url}"))),
    }
    Ok(Json(json!({ "ok": true })))
}

fn read(api: &Api, headers: &HeaderMap, body: &[u8]) -> Result<AppSync, RegisterError> {
    if let Some(expected) = headers.get(EXPECTED_SERVER_KIND) {
        let expected = String::from_utf8_lossy(expected.as_bytes());
        if !expected.is_empty() && expected != api.kind.as_str() {
            return Err(RegisterError::server_kind(&expected, api.kind));
        }
    }
    checked(RegisterRequest::parse(body)?.into_app_sync()?)
}

fn refuse(error: &RegisterError) -> Response {
    let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_REQUEST);
    (status, Json(error.to_json())).into_response()
}
