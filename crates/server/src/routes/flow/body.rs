//! Bodies of requests that steer: objects whose unknown members are refused, since a misspelled one
//! would do something else than is meant.

use std::sync::Arc;
use std::time::Duration;

use everstep_protocol::Json;
use everstep_protocol::time::parse_duration;

use crate::routes::asker::REASON_MAX;
use crate::routes::openapi::{Kind, Member};

pub(super) const REASON: Member = Member::new("reason", Kind::Text, "Why; for people");

/// The body of a request, whose members are all known.
pub(super) struct Body(Json);

impl Body {
    /// An absent body is an object without members.
    pub(super) fn read(bytes: &[u8], known: &[Member]) -> Result<Self, String> {
        if bytes.is_empty() {
            return Ok(Self(Json::object([])));
        }
        let body = Json::parse(bytes).map_err(|error| format!("the body is no JSON: {error}"))?;
        if !body.is_object() {
            return Err("the body must be an object".to_owned());
        }
        let unknown = body
            .members()
            .find(|(name, _)| known.iter().all(|member| member.name != name));
        match unknown {
            None => Ok(Self(body)),
            Some((name, _)) => {
                let known: Vec<_> = known.iter().map(|member| member.name).collect();
                let known = known.join(", ");
                Err(format!("{name:?} is unknown: the members are {known}"))
            }
        }
    }

    /// Null is as good as absent.
    fn member(&self, name: &str) -> Option<Json> {
        self.0.member(name).filter(|value| !value.is_null())
    }

    pub(super) fn text(&self, name: &str) -> Result<Option<Arc<str>>, String> {
        let Some(value) = self.member(name) else {
            return Ok(None);
        };
        match value.to_text() {
            Some(text) => Ok(Some(text.into())),
            None => Err(format!("{name} must be a string")),
        }
    }

    pub(super) fn reason(&self) -> Result<Option<Arc<str>>, String> {
        let reason = self.text("reason")?;
        match reason.as_ref().map(|reason| reason.len()) {
            Some(len) if len > REASON_MAX => Err(format!(
                "reason is {len} bytes, over the limit of {REASON_MAX}"
            )),
            Some(_) | None => Ok(reason),
        }
    }

    /// One of several words.
    pub(super) fn word<T: Copy>(&self, name: &str, words: &[(&str, T)]) -> Result<T, String> {
        let text = self.text(name)?;
        let text = text.as_deref();
        let found = words.iter().find(|(word, _)| Some(*word) == text);
        found.map(|(_, value)| *value).ok_or_else(|| {
            let words: Vec<_> = words.iter().map(|(word, _)| format!("{word:?}")).collect();
            format!("{name} must be one of {}", words.join(", "))
        })
    }

    pub(super) fn number(&self, name: &str) -> Result<Option<u32>, String> {
        let Some(value) = self.member(name) else {
            return Ok(None);
        };
        match value.as_str().parse() {
            Ok(number) => Ok(Some(number)),
            Err(_) => Err(format!(
                "{name} must be a whole number from 0 to {}",
                u32::MAX
            )),
        }
    }

    /// As in the configuration of functions: `10s`, `2h`.
    pub(super) fn duration(&self, name: &str) -> Result<Option<Duration>, String> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        match parse_duration(&text) {
            Ok(duration) => Ok(Some(duration)),
            Err(_) => Err(format!(
                "{name} must be a duration such as \"90s\" or \"2h\""
            )),
        }
    }
}
