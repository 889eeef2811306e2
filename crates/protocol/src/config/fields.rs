//! Reading members whatever the spelling of their names, and collecting what is wrong.

use std::time::Duration;

use super::{ConfigError, ConfigErrorCode};
use crate::json::tree::Node;
use crate::time::parse_duration;

/// The member `name` (spelled `likeThis`) of an object; null counts as absent. SDKs disagree in
/// case and separators (sdk-protocol §2.2), so that `Like_this` is found too, but only if the exact
/// spelling is absent.
pub(crate) fn field<'t, 'a>(node: Node<'t, 'a>, name: &str) -> Option<Node<'t, 'a>> {
    node.present(name).or_else(|| {
        let mut members = node.members().filter(|(_, value)| !value.is_null());
        members
            .find(|(other, _)| same_name(other, name))
            .map(|(_, value)| value)
    })
}

fn same_name(a: &str, b: &str) -> bool {
    letters(a).eq(letters(b))
}

fn letters(name: &str) -> impl Iterator<Item = u8> {
    name.bytes()
        .filter(|byte| *byte != b'_')
        .map(|byte| byte.to_ascii_lowercase())
}

/// A member under its path, for messages, and the code of errors in it.
#[derive(Clone)]
pub(super) struct Field<'t, 'a> {
    pub(super) node: Node<'t, 'a>,
    pub(super) path: String,
    pub(super) code: ConfigErrorCode,
}

/// Collects what is wrong with a function.
pub(super) struct Problems {
    function: String,
    pub(super) errors: Vec<ConfigError>,
}

impl Problems {
    pub(super) fn new(function: &str) -> Self {
        Self {
            function: function.to_owned(),
            errors: Vec::new(),
        }
    }

    pub(super) fn push(&mut self, code: ConfigErrorCode, field: &str, message: &str) {
        self.errors.push(ConfigError {
            function: self.function.clone(),
            field: field.to_owned(),
            code,
            message: message.to_owned(),
        });
    }
}

impl<'t, 'a> Field<'t, 'a> {
    pub(super) fn top(node: Node<'t, 'a>, name: &str, code: ConfigErrorCode) -> Option<Self> {
        Some(Self {
            node: field(node, name)?,
            path: name.to_owned(),
            code,
        })
    }

    pub(super) fn get(&self, name: &str) -> Option<Self> {
        let path = format!("{}.{name}", self.path);
        Some(Self {
            node: field(self.node, name)?,
            path,
            code: self.code,
        })
    }

    pub(super) fn items(&self) -> impl Iterator<Item = Self> {
        self.node.items().enumerate().map(|(index, node)| Self {
            node,
            path: format!("{}[{index}]", self.path),
            code: self.code,
        })
    }

    pub(super) fn with_code(self, code: ConfigErrorCode) -> Self {
        Self { code, ..self }
    }

    /// Reports a problem with this member.
    pub(super) fn wrong(&self, problems: &mut Problems, message: &str) {
        problems.push(self.code, &self.path, message);
    }

    /// Reports that a member of this one is missing.
    pub(super) fn missing(&self, problems: &mut Problems, name: &str) {
        problems.push(self.code, &format!("{}.{name}", self.path), "is required");
    }

    /// A member that is an expression or another text; an empty one counts as absent.
    pub(super) fn text(&self, name: &str, problems: &mut Problems) -> Option<String> {
        let field = self.get(name)?;
        match field.node.as_text() {
            Some(text) => Some(text.into_owned()).filter(|text| !text.is_empty()),
            None => {
                field.wrong(problems, "must be a text");
                None
            }
        }
    }

    /// A member that is a count.
    pub(super) fn count(&self, name: &str, problems: &mut Problems) -> Option<u32> {
        self.get(name)?.own_count(problems)
    }

    /// This member as a count.
    pub(super) fn own_count(&self, problems: &mut Problems) -> Option<u32> {
        let count = self
            .node
            .as_i64()
            .and_then(|count| u32::try_from(count).ok());
        if count.is_none() {
            self.wrong(problems, "must be a whole number of at least 0");
        }
        count
    }

    /// A member that is a duration.
    pub(super) fn duration(&self, name: &str, problems: &mut Problems) -> Option<Duration> {
        let field = self.get(name)?;
        let duration = field
            .node
            .as_text()
            .and_then(|text| parse_duration(&text).ok());
        if duration.is_none() {
            field.wrong(problems, "must be a duration such as \"1h30m\"");
        }
        duration
    }

    /// A required member that is a duration within bounds.
    pub(super) fn duration_within(
        &self,
        name: &str,
        min: Duration,
        max: Duration,
        problems: &mut Problems,
    ) -> Option<Duration> {
        if self.get(name).is_none() {
            self.missing(problems, name);
            return None;
        }
        let duration = self.duration(name, problems)?;
        if (min..=max).contains(&duration) {
            return Some(duration);
        }
        let format = crate::time::format_duration;
        let message = if max == Duration::MAX {
            format!("must be at least {}", format(min))
        } else {
            format!("must be from {} to {}", format(min), format(max))
        };
        problems.push(self.code, &format!("{}.{name}", self.path), &message);
        None
    }
}
