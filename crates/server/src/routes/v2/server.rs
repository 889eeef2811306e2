//! What is the same on every development server: `GET /v2/health`, `/v2/account`, `/v2/envs`,
//! `/v2/keys/events`, `/v2/keys/signing` (http-api §8.2).

use axum::extract::State;
use axum::response::Response;
use everstep_protocol::ids::{ACCOUNT, ENVIRONMENT};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::Api;
use super::envelope::{PageView, envelope, page_envelope};
use super::error::V2Error;
use super::query::{Query, paging};
use crate::routes::openapi::{Operation, Routes};

/// Environments of a page.
const ENVS_LIMIT_MAX: u32 = 250;
/// Keys of a page.
const KEYS_LIMIT_MAX: u32 = 100;
/// Neither the account nor the environment was ever made.
const ALWAYS: &str = "1970-01-01T00:00:00.000Z";

/// That the server answers.
#[derive(Serialize, ToSchema)]
struct Health {
    status: &'static str,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Account {
    id: Uuid,
    email: &'static str,
    name: &'static str,
    created_at: &'static str,
    updated_at: &'static str,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Env {
    id: Uuid,
    name: &'static str,
    r#type: &'static str,
    created_at: &'static str,
}

/// There is none.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Key {
    id: String,
    name: String,
    environment: String,
    key: String,
    created_at: String,
}

pub(super) fn routes() -> Routes {
    let keys = |id, summary| {
        Operation::v2(id, summary)
            .query(&paging(KEYS_LIMIT_MAX))
            .pages::<Key>()
    };
    Routes::new("Server")
        .get(
            "/health",
            health,
            Operation::v2("getHealth", "Whether the server answers").replies::<Health>(),
        )
        .get(
            "/account",
            account,
            Operation::v2("getAccount", "The only account").replies::<Account>(),
        )
        .get(
            "/envs",
            env_list,
            Operation::v2("listEnvs", "The only environment")
                .query(&paging(ENVS_LIMIT_MAX))
                .pages::<Env>(),
        )
        .get(
            "/keys/events",
            key_list,
            keys("listEventKeys", "Keys of events: none"),
        )
        .get(
            "/keys/signing",
            key_list,
            keys("listSigningKeys", "Keys of apps: none"),
        )
}

pub(super) async fn health(State(api): State<Api>) -> Response {
    envelope(Health { status: "ok" }, api.clock.now())
}

pub(super) async fn account(State(api): State<Api>) -> Response {
    let account = Account {
        id: ACCOUNT,
        email: "dev@inngest.local",
        name: "Dev Server",
        created_at: ALWAYS,
        updated_at: ALWAYS,
    };
    envelope(account, api.clock.now())
}

/// The only environment, on the only page.
pub(super) async fn env_list(
    State(api): State<Api>,
    mut query: Query,
) -> Result<Response, V2Error> {
    let paging = query.paging(ENVS_LIMIT_MAX);
    query.done()?;
    let env = Env {
        id: ENVIRONMENT,
        name: "dev",
        r#type: "TEST",
        created_at: ALWAYS,
    };
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
    Ok(page_envelope::<Key>(&[], &page, api.clock.now()))
}
