//! Replies to a registration that was refused (sdk-protocol §2.3).

use crate::Json;
use crate::config::ConfigError;
use crate::headers::ServerKind;

/// A refused sync. Every such reply is JSON and repeats the HTTP status, because SDKs read the body
/// and not the status.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct RegisterError {
    /// HTTP status.
    pub status: u16,
    /// For machines.
    pub code: Option<&'static str>,
    /// For people.
    pub message: String,
    /// Details: for `config_invalid` the list of [`ConfigError`]s.
    pub data: Option<Json>,
}

impl RegisterError {
    fn new(status: u16, code: Option<&'static str>, message: &str) -> Self {
        Self {
            status,
            code,
            message: message.to_owned(),
            data: None,
        }
    }

    /// The body is not a registration.
    pub fn malformed(cause: &str) -> Self {
        Self::new(
            400,
            Some("invalid_request"),
            &format!("Invalid registration: {cause}"),
        )
    }

    /// The app expects another kind of server (SY-5).
    pub fn server_kind(expected: &str, own: ServerKind) -> Self {
        Self::new(
            400,
            None,
            &format!("Expected server kind {expected}, got {own}"),
        )
    }

    /// The registration names no app (SY-1).
    pub fn app_name_missing() -> Self {
        Self::new(400, None, "App ID required")
    }

    /// Functions are not valid; nothing is changed (SY-1).
    pub fn functions_invalid(errors: &[ConfigError]) -> Self {
        let list: Vec<Json> = errors
            .iter()
            .map(|error| {
                Json::object([
                    ("function", Json::string(&error.function)),
                    ("field", Json::string(&error.field)),
                    ("code", Json::string(error.code.as_str())),
                    ("message", Json::string(&error.message)),
                ])
            })
            .collect();
        let mut error = Self::new(
            400,
            Some("config_invalid"),
            "At least one function is invalid",
        );
        error.data = Some(Json::array(&list));
        error
    }

    /// The SDK has a security fault (SY-7).
    pub fn sdk_denied(sdk: &str) -> Self {
        let message = format!(
            "SDK version {sdk} is not accepted for security reasons. Please upgrade the SDK."
        );
        Self::new(400, Some("sdk_version_denied"), &message)
    }

    /// The bearer token is not accepted. The status makes SDKs try their fallback key (§1.4).
    pub fn unauthorized() -> Self {
        Self::new(401, Some("unauthorized"), "Authentication failed")
    }

    /// The body of the reply: `{"code"?, "data"?, "error", "status"}`.
    pub fn to_json(&self) -> Json {
        let mut members = vec![
            ("error", Json::string(&self.message)),
            ("status", Json::integer(i64::from(self.status))),
        ];
        members.extend(self.code.map(|code| ("code", Json::string(code))));
        members.extend(self.data.as_ref().map(|data| ("data", data.clone())));
        Json::object(members)
    }
}
