//! What is the same on every development server: `GET /v2/health`, `/v2/account`, `/v2/envs`,
//! `/v2/keys/events`, `/v2/keys/signing` (http-api §8.2).

use axum::extract::State;
use axum::response::Response;
use everstep_protocol::ids::{ACCOUNT, ENVIRONMENT};
use serde_json::{Value, json};

use super::Api;
use super::envelope::{PageView, envelope, page_envelope};
use super::error::V2Error;
use super::query::Query;

/// Environments of a page.
const ENVS_LIMIT_MAX: usize = 250;
/// Keys of a page.
const KEYS_LIMIT_MAX: usize = 100;
/// Neither the account nor the environment was ever made.
const ALWAYS: &str = "1970-01-01T00:00:00.000Z";

pub(super) async fn health(State(api): State<Api>) -> Response {
    envelope(json!({ "status": "ok" }), api.clock.now())
}

pub(super) async fn account(State(api): State<Api>) -> Response {
    let account = json!({
        "id": ACCOUNT,
        "email": "dev@inngest.local",
        "name": "Dev Server",
        "createdAt": ALWAYS,
        "updatedAt": ALWAYS,
    });
    envelope(account, api.clock.now())
}

/// The only environment, on the only page.
pub(super) async fn env_list(
    State(api): State<Api>,
    mut query: Query,
) -> Result<Response, V2Error> {
    let paging = query.paging(ENVS_LIMIT_MAX);
    query.done()?;
    let env = json!({ "id": ENVIRONMENT, "name": "dev", "type": "TEST", "createdAt": ALWAYS });
    let page = PageView::new(paging.limit, None);
    Ok(page_envelope(&[env], &page, api.clock.now()))
}

/// A development server checks no keys, and has none.
pub(super) async fn key_list(
    State(api): State<Api>,
    mut query: Query,
) -> Result<Response, V2Error> {
    let paging = query.paging(KEYS_LIMIT_MAX);
    query.done()?;
    let page = PageView::new(paging.limit, None);
    Ok(page_envelope::<Value>(&[], &page, api.clock.now()))
}
