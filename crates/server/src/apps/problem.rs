//! Why an app can't be synced, and what helps.

use everstep_engine::http::{HttpError, Response};
use everstep_protocol::headers;
use http::StatusCode;
use serde_json::Value;

/// Characters of an app's own message that are kept.
const MESSAGE_MAX: usize = 300;

macro_rules! codes {
    ($($name:ident = $text:literal,)*) => {
        /// Kinds of problems (sdk-protocol §2.6). The texts are part of the API.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum ProblemCode {
            $($name,)*
        }

        impl ProblemCode {
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }
        }
    };
}

codes! {
    Unreachable = "unreachable",
    UrlNotFound = "url_not_found",
    Unauthorized = "unauthorized",
    Forbidden = "forbidden",
    InternalServerError = "internal_server_error",
    UnsupportedProtocol = "unsupported_protocol",
    InvalidSigningKey = "invalid_signing_key",
    MissingSigningKey = "missing_signing_key",
    MissingBranchEnvName = "missing_branch_env_name",
    NoFunctions = "no_functions",
    InvalidFunction = "invalid_function",
    SdkVersionDenied = "sdk_version_denied",
}

/// Why an app can't be synced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub code: ProblemCode,
    pub message: String,
    /// What the user can do.
    pub hint: Option<String>,
}

/// What hints need to know.
#[derive(Clone, Debug)]
pub struct Advice {
    /// What an app needs in its environment: `INNGEST_DEV=1`, or with the URL of this server.
    pub app_variable: String,
    /// This process runs in a container, where `localhost` is not the user's machine.
    pub in_container: bool,
}

impl Problem {
    pub(super) fn new(code: ProblemCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            hint: None,
        }
    }

    fn hint(self, hint: impl Into<String>) -> Self {
        Self {
            hint: Some(hint.into()),
            ..self
        }
    }

    /// The app did not answer.
    pub(super) fn of_error(error: &HttpError, is_local: bool, advice: &Advice) -> Self {
        let code = match error {
            HttpError::BadUrl { .. } => ProblemCode::UnsupportedProtocol,
            _ => ProblemCode::Unreachable,
        };
        let problem = Self::new(code, error.to_string());
        match error {
            HttpError::Refused { .. } if is_local && advice.in_container => problem.hint(
                "in a container, localhost is the container itself: use the app's service name, or host.docker.internal",
            ),
            HttpError::Refused { .. } => problem.hint("start the app, or correct the port"),
            _ => problem,
        }
    }

    /// The app registered, but not here.
    pub(super) fn elsewhere(advice: &Advice) -> Self {
        Self::new(
            ProblemCode::Unreachable,
            "the app answered, but registered with another server",
        )
        .hint(format!("start the app with {}", advice.app_variable))
    }

    /// The reply to a sync, if it is not a success. A reply is an SDK's if it has the header
    /// `x-inngest-sdk`; a 401 has only `x-inngest-sdk-handled` (sdk-protocol §1.5).
    pub(super) fn of_reply(response: &Response, advice: &Advice) -> Option<Self> {
        let has = |name| response.headers.contains_key(name);
        if has(headers::SDK) || has(headers::SDK_HANDLED) {
            Self::of_sdk(response, advice)
        } else {
            Some(Self::of_stranger(response.status))
        }
    }

    fn of_sdk(response: &Response, advice: &Advice) -> Option<Self> {
        let status = response.status;
        if status.is_success() {
            return None;
        }
        let body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
        let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
        let message = [text("message"), text("error")]
            .into_iter()
            .find(|text| !text.is_empty());
        let message = message.map_or_else(|| format!("the app answered {status}"), shorten);
        let dev = format!(
            "the app is in cloud mode: start it with {}",
            advice.app_variable
        );
        let plain = |code| Self::new(code, message.clone());
        Some(match (status, text("code")) {
            (_, "sdk_version_denied") => {
                plain(ProblemCode::SdkVersionDenied).hint("upgrade the app's SDK")
            }
            (_, "server_kind_mismatch") => plain(ProblemCode::Unauthorized).hint(dev),
            _ if is_about_kind(&message) => plain(ProblemCode::Unauthorized).hint(dev),
            (StatusCode::UNAUTHORIZED, _) => plain(ProblemCode::Unauthorized).hint(dev),
            (StatusCode::FORBIDDEN, _) => plain(ProblemCode::Forbidden).hint(dev),
            (StatusCode::NOT_FOUND, _) => plain(ProblemCode::UrlNotFound),
            (_, "config_invalid") => plain(ProblemCode::InvalidFunction),
            _ if message.contains("function is invalid") => plain(ProblemCode::InvalidFunction),
            (StatusCode::INTERNAL_SERVER_ERROR, _) => {
                plain(ProblemCode::InternalServerError).hint(format!(
                    "see the app's log; an app without keys needs {}",
                    advice.app_variable
                ))
            }
            _ => plain(ProblemCode::InternalServerError),
        })
    }

    /// Something answers there that is not an SDK.
    fn of_stranger(status: StatusCode) -> Self {
        let code = match status {
            StatusCode::UNAUTHORIZED => ProblemCode::Unauthorized,
            StatusCode::FORBIDDEN => ProblemCode::Forbidden,
            status if status.is_server_error() => ProblemCode::InternalServerError,
            _ => ProblemCode::UrlNotFound,
        };
        Self::new(
            code,
            format!("something answers {status} there, but it is no Inngest SDK"),
        )
        .hint("check the path of the URL: SDKs serve at /api/inngest unless told otherwise")
    }
}

fn is_about_kind(message: &str) -> bool {
    message.starts_with("Expected server kind")
}

fn shorten(text: &str) -> String {
    text.chars().take(MESSAGE_MAX).collect()
}
