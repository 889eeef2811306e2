//! Why an app can't be synced, and what helps.

use everstep_engine::http::{HttpError, Response};
use everstep_protocol::headers;
use everstep_protocol::sync::RegisterError;
use http::StatusCode;
use serde_json::Value;
use url::Url;

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

    pub(super) fn hint(self, hint: impl Into<String>) -> Self {
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
                "start the app, or correct the port; outside of this container it is at host.docker.internal",
            ),
            HttpError::Refused { .. } => problem.hint("start the app, or correct the port"),
            _ => problem,
        }
    }

    /// The app registered, but not here.
    pub(super) fn elsewhere(advice: &Advice) -> Self {
        Self::new(
            ProblemCode::Unauthorized,
            "the app registered with another server",
        )
        .hint(format!("start the app with {}", advice.app_variable))
    }

    /// The app talks to Inngest's cloud, or would if it had keys.
    pub(super) fn cloud_mode(advice: &Advice) -> Self {
        Self::new(ProblemCode::Unauthorized, "the app is in cloud mode")
            .hint(format!("start the app with {}", advice.app_variable))
    }

    /// An app that answered before does not any more.
    pub(super) fn gone(url: &Url) -> Self {
        let origin = url.origin().ascii_serialization();
        Self::new(
            ProblemCode::Unreachable,
            format!("nothing listens at {origin} any more"),
        )
    }

    /// A registration that this server refused.
    pub(super) fn of_refusal(error: &RegisterError) -> Self {
        let code = match error.code {
            Some("config_invalid") => ProblemCode::InvalidFunction,
            Some("sdk_version_denied") => ProblemCode::SdkVersionDenied,
            Some("unauthorized") => ProblemCode::Unauthorized,
            _ => ProblemCode::InternalServerError,
        };
        let first = error.data.as_ref().and_then(|data| data.items().next());
        let text = |name| first.as_ref().and_then(|first| first.member_text(name));
        let message = match (text("function"), text("field"), text("message")) {
            (Some(function), Some(field), Some(message)) => {
                format!("{}: {function}: {field} {message}", error.message)
            }
            _ => error.message.clone(),
        };
        Self::new(code, message)
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
        let body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
        // The Python SDK passes an error of the server on with its own status 200.
        let is_error = body
            .get("status")
            .and_then(Value::as_u64)
            .is_some_and(|status| status >= 400);
        if status.is_success() && !is_error {
            return None;
        }
        let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
        let message = [text("message"), text("error")]
            .into_iter()
            .find(|text| !text.is_empty());
        let message = message.map_or_else(|| format!("the app answered {status}"), shorten);
        let variable = &advice.app_variable;
        let plain = |code| Self::new(code, message.clone());
        let other_mode = |code| plain(code).hint(format!("start the app with {variable}"));
        Some(match (status, text("code")) {
            (_, "sdk_version_denied") => {
                plain(ProblemCode::SdkVersionDenied).hint("upgrade the app's SDK")
            }
            (_, "config_invalid") => plain(ProblemCode::InvalidFunction),
            (_, "server_kind_mismatch") => other_mode(ProblemCode::Unauthorized),
            _ if message.starts_with("Expected server kind") => {
                other_mode(ProblemCode::Unauthorized)
            }
            _ if message.contains("function is invalid") => plain(ProblemCode::InvalidFunction),
            (StatusCode::UNAUTHORIZED, _) => other_mode(ProblemCode::Unauthorized),
            (StatusCode::FORBIDDEN, _) => other_mode(ProblemCode::Forbidden),
            (StatusCode::NOT_FOUND, _) => plain(ProblemCode::UrlNotFound),
            _ if message.starts_with("Failed to register") => {
                plain(ProblemCode::InternalServerError).hint(format!(
                    "the app can't reach this server: start it with {variable}"
                ))
            }
            _ => plain(ProblemCode::InternalServerError).hint("the app's log may say more"),
        })
    }

    /// Something answers there that is not an SDK.
    pub(super) fn of_stranger(status: StatusCode) -> Self {
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

fn shorten(text: &str) -> String {
    text.chars().take(MESSAGE_MAX).collect()
}

#[cfg(test)]
mod tests;
