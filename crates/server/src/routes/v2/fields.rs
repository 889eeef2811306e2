//! Members of JSON bodies: read by name and type, and everything that is wrong is named at once
//! (http-api §8.1).

use std::ops::RangeInclusive;
use std::time::Duration;

use everstep_protocol::Json;
use everstep_protocol::time::parse_duration;

use super::error::{Code, Problem, V2Error};
use crate::routes::openapi::Member;

/// Reads the members of one object, and keeps what is wrong with them.
pub(super) struct Fields<'a> {
    object: &'a Json,
    /// What stands before the name of a member in messages, such as `[3].`.
    path: String,
    problems: &'a mut Vec<Problem>,
}

impl<'a> Fields<'a> {
    /// The members of `object`. `None`, and a problem, if it is none. The path names it in messages;
    /// it is empty for the body.
    pub(super) fn of(object: &'a Json, path: &str, problems: &'a mut Vec<Problem>) -> Option<Self> {
        if !object.is_object() {
            problems.push(Problem {
                code: Code::InvalidFieldFormat,
                message: match path {
                    "" => "The body must be an object".to_owned(),
                    path => format!("Field '{path}' must be an object"),
                },
            });
            return None;
        }
        Some(Self {
            object,
            path: match path {
                "" => String::new(),
                path => format!("{path}."),
            },
            problems,
        })
    }

    /// A member under its name, which may be spelt in `snake_case` too; `None` if it is not there or
    /// null.
    pub(super) fn optional(&self, name: &str) -> Option<Json> {
        let present = |name: &str| self.object.member(name).filter(|value| !value.is_null());
        present(name).or_else(|| present(&snake_case(name)))
    }

    /// A member that must be there.
    pub(super) fn required(&mut self, name: &str) -> Option<Json> {
        let value = self.optional(name);
        if value.is_none() {
            let message = format!("Field '{}{name}' is required", self.path);
            self.problem(Code::MissingField, message);
        }
        value
    }

    /// A text that is not empty, if the member is there.
    pub(super) fn optional_text(&mut self, name: &str) -> Option<String> {
        let value = self.optional(name)?;
        self.text(name, &value)
    }

    /// A text that is not empty, and must be there.
    pub(super) fn required_text(&mut self, name: &str) -> Option<String> {
        let value = self.required(name)?;
        self.text(name, &value)
    }

    /// The member is there, and is not what it must be.
    pub(super) fn malformed(&mut self, name: &str, what: &str) {
        let name = format!("{}{name}", self.path);
        self.problems.push(Problem::of_field(&name, what));
    }

    /// A whole number within a range, if the member is there.
    pub(super) fn optional_number(
        &mut self,
        name: &str,
        range: RangeInclusive<u32>,
    ) -> Option<u32> {
        let value = self.optional(name)?;
        let number = value.as_str().parse().ok();
        let number = number.filter(|number| range.contains(number));
        if number.is_none() {
            let (first, last) = (range.start(), range.end());
            self.malformed(
                name,
                &format!("must be a whole number from {first} to {last}"),
            );
        }
        number
    }

    /// As in the configuration of functions, such as `10s` or `2h`, if the member is there.
    pub(super) fn optional_duration(&mut self, name: &str) -> Option<Duration> {
        let text = self.optional_text(name)?;
        let duration = parse_duration(&text).ok();
        if duration.is_none() {
            self.malformed(name, "must be a duration such as \"90s\" or \"2h\"");
        }
        duration
    }

    /// One of some words, which must be there.
    pub(super) fn required_word<T: Copy>(&mut self, name: &str, words: &[(&str, T)]) -> Option<T> {
        let text = self.required_text(name)?;
        let found = words.iter().find(|(word, _)| *word == text);
        if found.is_none() {
            let known: Vec<_> = words.iter().map(|(word, _)| *word).collect();
            self.malformed(name, &format!("must be one of {}", known.join(", ")));
        }
        found.map(|(_, value)| *value)
    }

    /// Refuse members that are not known: a misspelt one would do something else than is meant.
    pub(super) fn refuse_others(&mut self, known: &[Member]) {
        for (name, _) in self.object.members() {
            let is_known = |known: &Member| name == known.name || name == snake_case(known.name);
            if !known.iter().any(is_known) {
                let known: Vec<_> = known.iter().map(|member| member.name).collect();
                let known = known.join(", ");
                self.malformed(&name, &format!("is not known: there are {known}"));
            }
        }
    }

    fn text(&mut self, name: &str, value: &Json) -> Option<String> {
        let text = value.to_text().filter(|text| !text.is_empty());
        if text.is_none() {
            self.malformed(name, "must be a text that is not empty");
        }
        text
    }

    fn problem(&mut self, code: Code, message: String) {
        self.problems.push(Problem { code, message });
    }
}

/// The body as JSON.
pub(super) fn body(bytes: &[u8]) -> Result<Json, V2Error> {
    Json::parse(bytes)
        .map_err(|error| V2Error::invalid_request(format!("The body is not JSON: {error}")))
}

/// The value, unless something was wrong.
pub(super) fn checked<T>(value: T, problems: Vec<Problem>) -> Result<T, V2Error> {
    if problems.is_empty() {
        Ok(value)
    } else {
        Err(V2Error::of_fields(problems))
    }
}

/// `stepId` as `step_id`.
pub(super) fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
    }
    snake
}
