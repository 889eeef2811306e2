//! What an app tells of its own configuration (sdk-protocol §2.5).

use crate::Json;
use crate::config::field;
use crate::json::JsonError;
use crate::json::tree::{Node, Tree};

/// Reply to a `GET` of the serve URL, and member `inspection` of an in-band sync. All members but
/// the first are absent from some SDKs or some modes.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Introspection {
    /// Number of functions.
    pub function_count: Option<u32>,
    /// `dev` or `cloud`.
    pub mode: Option<String>,
    /// Whether an event key is configured.
    pub has_event_key: Option<bool>,
    /// Whether a signing key is configured.
    pub has_signing_key: Option<bool>,
    /// Whether a fallback signing key is configured.
    pub has_signing_key_fallback: Option<bool>,
    /// Whether the request's signature was right; `None` if it had none.
    pub authentication_succeeded: Option<bool>,
    /// Client id of the app.
    pub app_id: Option<String>,
    /// Where the app registers.
    pub api_origin: Option<String>,
    /// Where the app sends events.
    pub event_api_origin: Option<String>,
    /// Branch environment.
    pub environment: Option<String>,
    /// Web framework.
    pub framework: Option<String>,
    /// `js`, `py`, `go`.
    pub sdk_language: Option<String>,
    /// Version without `v`.
    pub sdk_version: Option<String>,
    /// Configured origin of the serve URL.
    pub serve_origin: Option<String>,
    /// Configured path of the serve URL.
    pub serve_path: Option<String>,
    /// Hash of the event key.
    pub event_key_hash: Option<String>,
    /// Hash of the signing key: 12 digits (TS), all (PY), or after the prefix (GO).
    pub signing_key_hash: Option<String>,
    /// Hash of the fallback key, spelled alike.
    pub signing_key_fallback_hash: Option<String>,
    /// `{"trust_probe": "v1", …}`.
    pub capabilities: Option<Json>,
    /// Whether replies are streamed (TS).
    pub is_streaming: Option<bool>,
}

impl Introspection {
    /// Reads the body. Members that are missing, null or of another type are `None`.
    ///
    /// # Errors
    ///
    /// A body that is not JSON.
    pub fn parse(body: &[u8]) -> Result<Self, JsonError> {
        let tree = Tree::parse(body)?;
        Ok(Self::from_node(tree.root()))
    }

    fn from_node(node: Node<'_, '_>) -> Self {
        let text = |name| Some(field(node, name)?.as_text()?.into_owned());
        let flag = |name| field(node, name)?.as_bool();
        Self {
            function_count: field(node, "function_count")
                .and_then(Node::as_i64)
                .and_then(|count| u32::try_from(count).ok()),
            mode: text("mode"),
            has_event_key: flag("has_event_key"),
            has_signing_key: flag("has_signing_key"),
            has_signing_key_fallback: flag("has_signing_key_fallback"),
            authentication_succeeded: flag("authentication_succeeded"),
            app_id: text("app_id"),
            api_origin: text("api_origin"),
            event_api_origin: text("event_api_origin"),
            environment: text("env"),
            framework: text("framework").filter(|framework| !framework.is_empty()),
            sdk_language: text("sdk_language"),
            sdk_version: text("sdk_version"),
            serve_origin: text("serve_origin"),
            serve_path: text("serve_path"),
            event_key_hash: text("event_key_hash"),
            signing_key_hash: text("signing_key_hash"),
            signing_key_fallback_hash: text("signing_key_fallback_hash"),
            capabilities: field(node, "capabilities").map(Node::to_json),
            is_streaming: field(node, "extra")
                .and_then(|extra| field(extra, "is_streaming"))
                .and_then(Node::as_bool),
        }
    }
}
