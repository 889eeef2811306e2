//! `POST /v0/gql` (http-api §6).

use async_graphql::{Request, Response as Answer, ServerError};
use axum::Json;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::StatusCode;

use super::{Actor, Api};
use crate::error::ApiError;

/// Errors are in the body of a 200, also of a request that can't be read as a query.
pub(super) async fn answer(
    State(api): State<Api>,
    actor: Actor,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, ApiError> {
    let body = body?;
    let request: Request = match serde_json::from_slice(&body) {
        Ok(request) => request,
        Err(error) => {
            let message = format!("the body is not {{query, variables?, operationName?}}: {error}");
            let answer = Answer::from_errors(vec![ServerError::new(message, None)]);
            return Ok((StatusCode::BAD_REQUEST, Json(answer)).into_response());
        }
    };
    let schema = api.graphql.clone();
    Ok(Json(schema.answer(api, actor, request).await).into_response())
}
