//! Who asks for something. Nobody is authenticated: it is what clients say of themselves, so that the
//! audit log of a team can tell its people and programs apart.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::request::Parts;

use crate::error::ApiError;

/// the header that names the actor.
const ACTOR: &str = "x-everstep-actor";
/// Bytes of its value.
const ACTOR_MAX: usize = 128;
/// Bytes of a reason.
pub(super) const REASON_MAX: usize = 1024;

/// The name of whoever sends the request, if it says one.
pub(crate) struct Actor(pub(crate) Option<Arc<str>>);

impl<S: Send + Sync> FromRequestParts<S> for Actor {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let Some(value) = parts.headers.get(ACTOR) else {
            return Ok(Self(None));
        };
        match std::str::from_utf8(value.as_bytes()) {
            Ok(name) if name.len() > ACTOR_MAX => Err(ApiError::bad_request(format!(
                "the header {ACTOR} is {} bytes, over the limit of {ACTOR_MAX}",
                name.len()
            ))),
            Ok("") => Ok(Self(None)),
            Ok(name) => Ok(Self(Some(name.into()))),
            Err(_) => Err(ApiError::bad_request(format!(
                "the header {ACTOR} must be UTF-8"
            ))),
        }
    }
}
