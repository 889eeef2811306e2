//! Errors of the API: one type, one envelope (http-api §1.3).

use axum::Json;
use axum::extract::rejection::BytesRejection;
use axum::response::{IntoResponse, Response};
use everstep_core::input::ControlRefusal;
use everstep_engine::{ControlError, EngineError};
use everstep_store::ReadError;
use http::header::RETRY_AFTER;
use http::{HeaderValue, StatusCode};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// An error as clients see it: `{"error", "data", "status", "code"?}`. SDKs read `error` and
/// `status` from the body rather than the HTTP status, so both are always there.
#[derive(Clone, Debug, PartialEq)]
pub struct ApiError {
    pub status: StatusCode,
    /// For machines.
    pub code: Option<&'static str>,
    /// For people.
    pub message: String,
    /// Details, such as the run that the error is about.
    pub data: Value,
}

/// The body of an error.
#[derive(Serialize, ToSchema)]
#[schema(as = V1Error)]
pub(crate) struct ErrorView {
    error: String,
    data: Value,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
}

impl ApiError {
    pub fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            code: None,
            message: message.into(),
            data: Value::Null,
        }
    }

    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, message)
    }

    #[must_use]
    pub fn with_data(self, data: Value) -> Self {
        Self { data, ..self }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = ErrorView {
            error: self.message,
            data: self.data,
            status: self.status.as_u16(),
            code: self.code,
        };
        let mut response = (self.status, Json(body)).into_response();
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(RETRY_AFTER, retry_after());
        }
        response
    }
}

/// Seconds after which a client that was told 503 may try again.
pub fn retry_after() -> HeaderValue {
    HeaderValue::from_static("1")
}

/// Nothing was done, and it may work later.
impl From<EngineError> for ApiError {
    fn from(error: EngineError) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, error.to_string())
    }
}

/// Nothing was done, and this is why.
impl From<ControlError> for ApiError {
    fn from(error: ControlError) -> Self {
        let refusal = match error {
            ControlError::Engine(error) => return error.into(),
            ControlError::Refused(refusal) => refusal,
        };
        let status = match refusal {
            ControlRefusal::FunctionUnknown(_)
            | ControlRefusal::AppUnknown(_)
            | ControlRefusal::OverrideUnknown
            | ControlRefusal::DebounceUnknown
            | ControlRefusal::BatchUnknown
            | ControlRefusal::NotHeld(_)
            | ControlRefusal::AttributeUnknown(_)
            | ControlRefusal::RunUnknown(_) => StatusCode::NOT_FOUND,
            ControlRefusal::LimitUnknown | ControlRefusal::LimitUnkeyed => StatusCode::BAD_REQUEST,
            ControlRefusal::NotPaused
            | ControlRefusal::RunEnded(_)
            | ControlRefusal::EventsGone(_)
            | ControlRefusal::NotStarted(_)
            | ControlRefusal::NotAsleep(_)
            | ControlRefusal::NotWaiting(_)
            | ControlRefusal::NotRetrying(_)
            | ControlRefusal::OperationEnded(_)
            | ControlRefusal::OperationNotResumable(..) => StatusCode::CONFLICT,
            ControlRefusal::NoRoom(_) => StatusCode::PAYLOAD_TOO_LARGE,
            ControlRefusal::TooManyOverrides { .. }
            | ControlRefusal::TooManyCancellations { .. }
            | ControlRefusal::TooManyOperations { .. }
            | ControlRefusal::TooManyAttributes { .. } => StatusCode::TOO_MANY_REQUESTS,
        };
        Self::new(status, refusal.to_string())
    }
}

/// The details are for the log, not for clients.
impl From<ReadError> for ApiError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Unavailable(ref cause) => {
                tracing::warn!(%error, %cause, "a read failed");
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "the store is unavailable")
            }
            ReadError::Corrupt { .. } => {
                tracing::error!(%error, "a read failed");
                Self::new(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "stored data does not decode; see the server's log",
                )
            }
        }
    }
}

/// The body is over its limit, or did not arrive whole.
impl From<BytesRejection> for ApiError {
    fn from(rejection: BytesRejection) -> Self {
        match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Self::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "the request body is too large",
            ),
            _ => Self::bad_request("the request body can't be read"),
        }
    }
}
