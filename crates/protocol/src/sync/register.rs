//! The two bodies with which apps describe themselves.

use sha2::{Digest as _, Sha256};

use super::{AppSync, RegisterError, normalize_url, sdk_denied};
use crate::Json;
use crate::config::{ConfigError, ConfigErrorCode, FunctionConfig, field};
use crate::json::tree::{Node, Tree};

/// Members that do not describe the app, and so do not count as a change (SY-2).
const DIAGNOSTICS: [&str; 2] = ["featureobservations", "inspection"];

/// Body of `POST /fn/register` (sdk-protocol §2.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisterRequest {
    /// Serve URL as the app knows it.
    pub url: String,
    /// `deployId`, if the sync was started with one.
    pub deploy_id: Option<String>,
    description: Description,
}

/// Body of the reply to an in-band sync (sdk-protocol §2.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InBandSync {
    /// Public serve URL as the app knows it.
    pub url: String,
    /// Branch environment.
    pub environment: Option<String>,
    description: Description,
}

/// What both bodies hold.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Description {
    app_name: String,
    sdk: String,
    framework: Option<String>,
    platform: Option<String>,
    app_version: Option<String>,
    deploy_type: String,
    functions: Vec<FunctionConfig>,
    checksum: String,
}

impl RegisterRequest {
    /// Reads the body; names of members are matched without regard to case and underscores.
    ///
    /// # Errors
    ///
    /// What to answer: a body that is not a registration, an app without a name, invalid functions,
    /// a refused SDK.
    pub fn parse(body: &[u8]) -> Result<Self, RegisterError> {
        let tree = parse_object(body)?;
        let node = tree.root();
        let sdk = text(node, "sdk").unwrap_or_default();
        let platform = field(node, "headers").and_then(|headers| text(headers, "platform"));
        Ok(Self {
            url: text(node, "url").ok_or_else(|| RegisterError::malformed("no url"))?,
            deploy_id: text(node, "deployId"),
            description: Description::read(node, "appName", sdk, platform)?,
        })
    }

    /// The app as it shall be stored.
    ///
    /// # Errors
    ///
    /// A URL that cannot be called.
    pub fn into_app_sync(self) -> Result<AppSync, RegisterError> {
        self.description.into_app_sync(&self.url)
    }

    /// Client id of the app.
    pub fn app_name(&self) -> &str {
        &self.description.app_name
    }
}

impl InBandSync {
    /// Reads the body.
    ///
    /// # Errors
    ///
    /// As [`RegisterRequest::parse`].
    pub fn parse(body: &[u8]) -> Result<Self, RegisterError> {
        let tree = parse_object(body)?;
        let node = tree.root();
        let parts = (text(node, "sdkLanguage"), text(node, "sdkVersion"));
        let sdk = match (text(node, "sdk"), parts) {
            (Some(sdk), _) => sdk,
            (None, (Some(language), Some(version))) => format!("{language}:v{version}"),
            (None, _) => String::new(),
        };
        Ok(Self {
            url: text(node, "url").ok_or_else(|| RegisterError::malformed("no url"))?,
            environment: text(node, "env"),
            description: Description::read(node, "appId", sdk, None)?,
        })
    }

    /// The app as it shall be stored.
    ///
    /// # Errors
    ///
    /// A URL that cannot be called.
    pub fn into_app_sync(self) -> Result<AppSync, RegisterError> {
        self.description.into_app_sync(&self.url)
    }

    /// Client id of the app.
    pub fn app_name(&self) -> &str {
        &self.description.app_name
    }
}

impl Description {
    fn read(
        node: Node<'_, '_>,
        name_member: &str,
        sdk: String,
        platform: Option<String>,
    ) -> Result<Self, RegisterError> {
        let app_name = text(node, name_member).ok_or_else(RegisterError::app_name_missing)?;
        if sdk_denied(&sdk) {
            return Err(RegisterError::sdk_denied(&sdk));
        }
        let list = field(node, "functions");
        if list.is_some_and(|list| !list.is_array()) {
            return Err(RegisterError::malformed("functions is not a list"));
        }
        let functions = functions(list)?;
        Ok(Self {
            checksum: checksum(node, &functions),
            app_name,
            sdk,
            framework: text(node, "framework"),
            platform: text(node, "platform").or(platform),
            app_version: text(node, "appVersion"),
            deploy_type: text(node, "deployType").unwrap_or_else(|| "ping".to_owned()),
            functions,
        })
    }

    fn into_app_sync(self, url: &str) -> Result<AppSync, RegisterError> {
        let url =
            normalize_url(url).map_err(|error| RegisterError::malformed(&error.to_string()))?;
        Ok(AppSync {
            app_name: self.app_name,
            url,
            sdk: self.sdk,
            framework: self.framework,
            platform: self.platform,
            app_version: self.app_version,
            deploy_type: self.deploy_type,
            functions: self.functions,
            checksum: self.checksum,
        })
    }
}

fn parse_object(body: &[u8]) -> Result<Tree<'_>, RegisterError> {
    let tree = Tree::parse(body).map_err(|error| RegisterError::malformed(&error.to_string()))?;
    if !tree.root().is_object() {
        return Err(RegisterError::malformed("not an object"));
    }
    Ok(tree)
}

/// A text member that is not empty.
fn text(node: Node<'_, '_>, name: &str) -> Option<String> {
    let text = field(node, name)?.as_text()?;
    (!text.is_empty()).then(|| text.into_owned())
}

/// The functions, sorted by slug, or all that is wrong with them.
fn functions(list: Option<Node<'_, '_>>) -> Result<Vec<FunctionConfig>, RegisterError> {
    let mut functions = Vec::new();
    let mut errors = Vec::new();
    for (index, node) in list.into_iter().flat_map(Node::items).enumerate() {
        match FunctionConfig::from_json(&node.to_json()) {
            Ok(function) => functions.push(function),
            Err(found) => errors.extend(found.into_iter().map(|error| ConfigError {
                function: match error.function.as_str() {
                    "" => format!("functions[{index}]"),
                    _ => error.function,
                },
                ..error
            })),
        }
    }
    functions.sort_by(|a, b| a.slug.cmp(&b.slug));
    for pair in functions
        .windows(2)
        .filter(|pair| pair[0].slug == pair[1].slug)
    {
        errors.push(ConfigError {
            function: pair[0].slug.to_string(),
            field: "id".to_owned(),
            code: ConfigErrorCode::DuplicateId,
            message: "is used by two functions".to_owned(),
        });
    }
    if errors.is_empty() {
        Ok(functions)
    } else {
        Err(RegisterError::functions_invalid(&errors))
    }
}

/// Hashes the canonical body without diagnostics and with functions in a fixed order.
fn checksum(node: Node<'_, '_>, functions: &[FunctionConfig]) -> String {
    let members: Vec<_> = node.members().collect();
    let described = members.iter().filter_map(|(name, value)| {
        let plain = name.replace('_', "").to_ascii_lowercase();
        if DIAGNOSTICS.contains(&plain.as_str()) {
            return None;
        }
        if plain == "functions" {
            return Some((
                name.as_ref(),
                Json::array(functions.iter().map(|each| &each.raw)),
            ));
        }
        Some((name.as_ref(), value.to_json()))
    });
    hex::encode(Sha256::digest(Json::object(described).as_str()))
}
