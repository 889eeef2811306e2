//! What belongs to the hosted product, and is not done by a server of one node (http-api §8.2).

use bytes::Bytes;
use http::StatusCode;

use super::error::{Code, V2Error};
use super::fields::{Fields, checked};

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
