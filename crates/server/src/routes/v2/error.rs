//! Errors of the v2 API: `{"errors": [{"code", "message"}]}` (http-api §8.1).

use axum::Json;
use axum::extract::rejection::BytesRejection;
use axum::response::{IntoResponse, Response};
use everstep_engine::{EngineError, MetadataError};
use everstep_store::ReadError;
use http::StatusCode;
use http::header::RETRY_AFTER;
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::{ApiError, retry_after};
use crate::search::FilterProblem;

/// What is wrong, for machines. Part of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Code {
    /// The request as a whole can't be read.
    InvalidRequest,
    /// A member that must be there is not.
    MissingField,
    /// A member is not what it must be.
    InvalidFieldFormat,
    /// It can be read, and can't be done.
    ValidationError,
    NotFound,
    RunAlreadyCancelled,
    RunAlreadyEnded,
    /// Who asks may not.
    AccessDenied,
    /// No run starts for now: events are held back.
    FunctionDebounced,
    /// No run starts.
    FunctionSkipped,
    RateLimited,
    NotImplemented,
    InternalError,
    /// What has no code of its own.
    ApiError,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(in crate::routes) struct Problem {
    pub(super) code: Code,
    /// For people.
    pub(super) message: String,
}

/// What an error is wrapped in.
#[derive(Serialize, ToSchema)]
#[schema(as = Errors)]
pub(in crate::routes) struct ErrorsView {
    errors: Vec<Problem>,
}

impl Problem {
    /// A member or parameter that is not what it must be; `what` continues a sentence.
    pub(super) fn of_field(name: &str, what: &str) -> Self {
        Self {
            code: Code::InvalidFieldFormat,
            message: format!("Field '{name}' {what}"),
        }
    }
}

/// An error as clients of the v2 API see it. Several things may be wrong at once; the status is that
/// of the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct V2Error {
    status: StatusCode,
    problems: Vec<Problem>,
}

impl V2Error {
    pub(super) fn new(status: StatusCode, code: Code, message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            status,
            problems: vec![Problem { code, message }],
        }
    }

    /// What is wrong with the members of a body: at least one thing.
    pub(super) fn of_fields(problems: Vec<Problem>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            problems,
        }
    }

    /// A filter that can't be used.
    pub(super) fn of_filter(problems: Vec<FilterProblem>) -> Self {
        Self::of_fields(problems.into_iter().map(Problem::from).collect())
    }

    pub(super) fn invalid_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, Code::InvalidRequest, message)
    }

    pub(super) fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, Code::NotFound, message)
    }
}

impl IntoResponse for V2Error {
    fn into_response(self) -> Response {
        let body = ErrorsView {
            errors: self.problems,
        };
        let mut response = (self.status, Json(body)).into_response();
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(RETRY_AFTER, retry_after());
        }
        response
    }
}

/// What the v1 API would answer, under the code that fits its status.
impl From<ApiError> for V2Error {
    fn from(error: ApiError) -> Self {
        let code = match error.status {
            StatusCode::BAD_REQUEST => Code::InvalidRequest,
            StatusCode::NOT_FOUND => Code::NotFound,
            StatusCode::CONFLICT => Code::ValidationError,
            StatusCode::PAYLOAD_TOO_LARGE => Code::ValidationError,
            StatusCode::INTERNAL_SERVER_ERROR => Code::InternalError,
            _ => Code::ApiError,
        };
        Self::new(error.status, code, error.message)
    }
}

impl From<EngineError> for V2Error {
    fn from(error: EngineError) -> Self {
        ApiError::from(error).into()
    }
}

impl From<ReadError> for V2Error {
    fn from(error: ReadError) -> Self {
        ApiError::from(error).into()
    }
}

impl From<MetadataError> for V2Error {
    fn from(error: MetadataError) -> Self {
        ApiError::from(error).into()
    }
}

/// A body over the limit is no request at all.
impl From<BytesRejection> for V2Error {
    fn from(rejection: BytesRejection) -> Self {
        let error = ApiError::from(rejection);
        Self::new(error.status, Code::InvalidRequest, error.message)
    }
}
