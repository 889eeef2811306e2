//! Registration, in-band sync, introspection (sdk-protocol §2).
//!
//! Owns what an app says of itself and how the server answers. Whether anything changed is for the
//! store to say, by the checksum.

mod error;
mod inspect;
mod register;
mod url;

pub use self::error::RegisterError;
pub use self::inspect::Introspection;
pub use self::register::{InBandSync, RegisterRequest};
pub(crate) use self::url::strip_sync_query;
pub use self::url::{UrlError, normalize_url};

use ::url::Url;

use crate::config::FunctionConfig;

/// What a sync says of an app, however it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppSync {
    /// Client id of the app.
    pub app_name: String,
    /// Serve URL in normal form ([`normalize_url`]).
    pub url: Url,
    /// Language and version, such as `js:v4.24.0`.
    pub sdk: String,
    /// Web framework, such as `nextjs`.
    pub framework: Option<String>,
    /// Hosting platform, such as `vercel`.
    pub platform: Option<String>,
    /// The user's version of the app.
    pub app_version: Option<String>,
    /// `ping` for apps that serve HTTP, `connect` for apps that connect.
    pub deploy_type: String,
    /// Sorted by slug. Empty is legal and archives all functions of the app.
    pub functions: Vec<FunctionConfig>,
    /// SHA-256 of the request without diagnostics and with functions sorted, in hexadecimal: equal
    /// checksums mean that nothing changed (SY-2).
    pub checksum: String,
}

/// The language of an SDK.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SdkLanguage {
    /// TypeScript and JavaScript.
    Js,
    /// Go.
    Go,
    /// Python.
    Py,
    /// Not one that this server knows.
    Other,
}

impl SdkLanguage {
    /// Reads the language off a text such as `js:v4.24.0`, `inngest-js:v4.24.0` or `go`.
    pub fn parse(sdk: &str) -> Self {
        match split_sdk(sdk).0 {
            "js" => Self::Js,
            "go" => Self::Go,
            "py" => Self::Py,
            _ => Self::Other,
        }
    }

    /// Whether an SDK of this language can fetch steps and events of a call (§4.4). Sending
    /// `use_api` to others would repeat steps.
    pub fn supports_use_api(self) -> bool {
        self != Self::Go
    }
}

/// Major, minor and patch version of a text such as `js:v4.24.0`; what follows the numbers, such as
/// `-beta.1`, is dropped.
pub fn sdk_version(sdk: &str) -> Option<(u32, u32, u32)> {
    let version = split_sdk(sdk).1;
    let version = version.strip_prefix('v').unwrap_or(version);
    let mut numbers = version.split(['.', '-', '+']).map(str::parse::<u32>);
    Some((
        numbers.next()?.ok()?,
        numbers.next()?.ok()?,
        numbers.next()?.ok()?,
    ))
}

/// JS SDK versions with a security fault (SY-7): the first and the last one.
const JS_DENIED: [(u32, u32, u32); 2] = [(3, 22, 0), (3, 53, 1)];

/// Whether this server refuses apps with that SDK.
pub fn sdk_denied(sdk: &str) -> bool {
    let denied = JS_DENIED[0]..=JS_DENIED[1];
    SdkLanguage::parse(sdk) == SdkLanguage::Js
        && sdk_version(sdk).is_some_and(|version| denied.contains(&version))
}

/// Language and version of `[inngest-]<language>:<version>`.
fn split_sdk(sdk: &str) -> (&str, &str) {
    let sdk = sdk.trim();
    let sdk = sdk.strip_prefix("inngest-").unwrap_or(sdk);
    sdk.split_once(':').unwrap_or((sdk, ""))
}
