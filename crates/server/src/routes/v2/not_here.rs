//! What belongs to the hosted product, and is not done by a server of one node (http-api §8.2).

use bytes::Bytes;
use http::StatusCode;

use super::error::{Code, V2Error};
use super::fields::{Fields, checked};
use crate::routes::openapi::{Kind, Member, Operation, Routes};

pub(super) fn routes() -> Routes {
    let known = |id, summary| Operation::v2(id, summary).not_here();
    let name = Member::required("name", Kind::Text, "Name of the environment");
    let here = Routes::new("Hosted product")
        .post(
            "/envs",
            env_create,
            known("createEnv", "Add an environment").body(&[name]),
        )
        .patch(
            "/envs/{env}",
            not_implemented,
            known("updateEnv", "Change an environment"),
        )
        .get(
            "/partner/accounts",
            not_implemented,
            known("listPartnerAccounts", "Accounts"),
        )
        .post(
            "/partner/accounts",
            not_implemented,
            known("createPartnerAccount", "Add an account"),
        )
        .get(
            "/env/webhooks",
            not_implemented,
            known("listWebhooks", "Webhooks"),
        )
        .post(
            "/apps/{app}/syncs",
            not_implemented,
            known("createSync", "Register the functions of an app again"),
        )
        .post(
            "/env/webhooks",
            not_implemented,
            known("createWebhook", "Add a webhook"),
        );
    here.merge(insights()).merge(sandboxes())
}

fn insights() -> Routes {
    let known = |id, summary| Operation::v2(id, summary).not_here();
    Routes::new("Hosted product")
        .get(
            "/insights/tables",
            not_implemented,
            known("listInsightsTables", "Tables of queries"),
        )
        .get(
            "/insights/events/schemas",
            not_implemented,
            known("listEventSchemas", "Schemas of events"),
        )
        .post(
            "/insights/query",
            not_implemented,
            known("queryInsights", "Query with SQL"),
        )
        .post(
            "/insights/query/prompt",
            not_implemented,
            known("promptInsights", "Write a query"),
        )
        .get(
            "/sessions",
            not_implemented,
            known("listSessionKeys", "Keys of sessions"),
        )
        .get(
            "/sessions/{key}",
            not_implemented,
            known("listSessions", "Sessions of a key"),
        )
        .get(
            "/sessions/{key}/{session}/runs",
            not_implemented,
            known("listSessionRuns", "Runs of a session"),
        )
}

fn sandboxes() -> Routes {
    let known = |id, summary| Operation::v2(id, summary).not_here();
    Routes::new("Hosted product")
        .get(
            "/sandboxes",
            no_sandboxes,
            known("listSandboxes", "Sandboxes"),
        )
        .post(
            "/sandboxes",
            no_sandboxes,
            known("createSandbox", "Make a sandbox"),
        )
        .get(
            "/sandboxes/{sandbox}",
            no_sandboxes,
            known("getSandbox", "One sandbox"),
        )
        .delete(
            "/sandboxes/{sandbox}",
            no_sandboxes,
            known("destroySandbox", "Destroy a sandbox"),
        )
        .post(
            "/sandboxes/{sandbox}/exec",
            no_sandboxes,
            known("execInSandbox", "Run a command"),
        )
        .get(
            "/sandboxes/{sandbox}/logs",
            no_sandboxes,
            known("getSandboxLogs", "What it wrote"),
        )
        .get(
            "/sandboxes/{sandbox}/files",
            no_sandboxes,
            known("listSandboxFiles", "Its files"),
        )
        .get(
            "/sandboxes/{sandbox}/processes",
            no_sandboxes,
            known("listSandboxProcesses", "What runs in it"),
        )
}

pub(super) async fn not_implemented() -> V2Error {
    V2Error::new(
        StatusCode::NOT_IMPLEMENTED,
        Code::NotImplemented,
        "this server has one account and one environment, and no query engine",
    )
}

/// `POST /v2/envs`: a name that is not there is told of first.
pub(super) async fn env_create(body: Bytes) -> V2Error {
    match named(&body) {
        Ok(()) => not_implemented().await,
        Err(error) => error,
    }
}

/// Sandboxes answer as what the API's framework does not know.
pub(super) async fn no_sandboxes() -> V2Error {
    V2Error::new(
        StatusCode::NOT_IMPLEMENTED,
        Code::ApiError,
        "this server has no sandboxes",
    )
}

fn named(body: &[u8]) -> Result<(), V2Error> {
    let body = super::fields::body(body)?;
    let mut problems = Vec::new();
    if let Some(mut fields) = Fields::of(&body, "", &mut problems) {
        fields.required_text("name");
    }
    checked((), problems)
}
