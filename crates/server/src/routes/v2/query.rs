//! Parameters of queries: each is taken by whoever knows it, and what nobody takes is refused
//! (http-api §8.1). A list whose filter has a typo is not the list that was asked for.

use axum::extract::FromRequestParts;
use everstep_protocol::Timestamp;
use http::request::Parts;
use url::form_urlencoded;

use super::error::{Code, Problem, V2Error};
use crate::routes::openapi::{Kind, Member};
use crate::search::filter::{FILTER_VALUES_MAX, flag, instant};
use crate::search::{Filter, FilterProblem, SearchError};

/// Entries of a page, unless told otherwise.
const LIMIT_DEFAULT: usize = 20;

/// The parameters of [`Query::paging`].
pub(super) const fn paging(limit_max: u32) -> [Member; 2] {
    [
        Member::new("cursor", Kind::Text, "Where the page before this one ended"),
        Member::new("limit", Kind::Number(1, limit_max), "Entries of the page"),
    ]
}

/// The parameters of [`Query::filter`], of which lists of runs have more: `attr.NAME` for each
/// attribute.
pub(super) const FILTER: &[Member] = &[
    Member::new(
        "timeField",
        Kind::Word(&["queuedAt", "startedAt", "endedAt"]),
        "Which time from and until are about",
    ),
    Member::new(
        "from",
        Kind::Instant,
        "This time or later; 2h is two hours ago",
    ),
    Member::new(
        "until",
        Kind::Instant,
        "Before this time; 2h is two hours ago",
    ),
    Member::new(
        "status",
        Kind::Words(&[
            "QUEUED",
            "RUNNING",
            "COMPLETED",
            "FAILED",
            "CANCELLED",
            "SKIPPED",
        ]),
        "One of these",
    ),
    Member::new("appId", Kind::Texts, "Of one of these apps"),
    Member::new(
        "functionId",
        Kind::Texts,
        "Of one of these functions: id within the app, slug or UUID",
    ),
    Member::new(
        "eventName",
        Kind::Text,
        "Triggered by an event of this name",
    ),
    Member::new("isDeferred", Kind::Flag, "Whether another run deferred it"),
    Member::new("key", Kind::Text, "With this value of a key of a limit"),
    Member::new("errorGroup", Kind::Text, "Failed with this error"),
    Member::new("operation", Kind::Text, "Made by this bulk operation"),
];

/// `includeOutput`.
pub(super) const INCLUDE_OUTPUT: Member = Member::new(
    "includeOutput",
    Kind::Flag,
    "Whether outputs are part of the reply",
);

/// `search`.
pub(super) const SEARCH: Member = Member::new("search", Kind::Text, "An expression that must hold");

/// What is left of the parameters, and what was wrong with those taken.
#[derive(Debug, Default)]
pub(super) struct Query {
    pairs: Vec<(String, String)>,
    /// Names that were asked for.
    known: Vec<&'static str>,
    problems: Vec<Problem>,
}

/// Which part of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Paging {
    pub(super) limit: usize,
    pub(super) cursor: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Query {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let text = parts.uri.query().unwrap_or_default();
        let pairs = form_urlencoded::parse(text.as_bytes());
        Ok(Self {
            pairs: pairs.into_owned().collect(),
            known: Vec::new(),
            problems: Vec::new(),
        })
    }
}

impl Query {
    /// The value of a parameter, which may be spelt in `snake_case` too. An empty one is none.
    pub(super) fn text(&mut self, name: &'static str) -> Option<String> {
        self.known.push(name);
        let mut values = Vec::new();
        self.pairs.retain(|(other, value)| {
            let is_ours = other == name || *other == super::fields::snake_case(name);
            if is_ours && !value.is_empty() {
                values.push(value.clone());
            }
            !is_ours
        });
        if values.len() > 1 {
            self.malformed(name, "is given more than once");
        }
        values.into_iter().next()
    }

    /// The values of a parameter that may be given more than once, as those of filters may.
    pub(super) fn texts(&mut self, name: &'static str) -> Vec<String> {
        self.known.push(name);
        let mut values = Vec::new();
        self.pairs.retain(|(other, value)| {
            let is_ours = other.strip_suffix("[]").unwrap_or(other) == name;
            if is_ours && !value.is_empty() {
                values.push(value.clone());
            }
            !is_ours
        });
        if values.len() > FILTER_VALUES_MAX {
            let length = values.len();
            let what = format!("has {length} values; at most {FILTER_VALUES_MAX} are allowed");
            self.malformed(name, &what);
        }
        values
    }

    /// One of some words.
    pub(super) fn word<T: Copy>(&mut self, name: &'static str, words: &[(&str, T)]) -> Option<T> {
        let text = self.text(name)?;
        let found = words.iter().find(|(word, _)| *word == text);
        if found.is_none() {
            let known: Vec<_> = words.iter().map(|(word, _)| *word).collect();
            self.malformed(name, &format!("must be one of {}", known.join(", ")));
        }
        found.map(|(_, value)| *value)
    }

    /// A time, or how long ago it was, such as `2h`.
    pub(super) fn instant(&mut self, name: &'static str, now: Timestamp) -> Option<Timestamp> {
        let text = self.text(name)?;
        match instant(&text, now) {
            Ok(at) => Some(at),
            Err(what) => {
                self.malformed(name, &what);
                None
            }
        }
    }

    pub(super) fn flag(&mut self, name: &'static str) -> Option<bool> {
        let text = self.text(name)?;
        match flag(&text) {
            Ok(value) => Some(value),
            Err(what) => {
                self.malformed(name, &what);
                None
            }
        }
    }

    /// `cursor` and `limit`.
    pub(super) fn paging(&mut self, limit_max: u32) -> Paging {
        let cursor = self.text("cursor");
        let limit = match self.text("limit").map(|text| text.parse::<i64>()) {
            None => LIMIT_DEFAULT,
            Some(Ok(limit)) => {
                if limit < 1 {
                    self.invalid("Limit must be at least 1");
                } else if limit > i64::from(limit_max) {
                    self.invalid(&format!("Limit cannot exceed {limit_max}"));
                }
                usize::try_from(limit).unwrap_or(LIMIT_DEFAULT)
            }
            Some(Err(_)) => {
                self.malformed("limit", "must be a number");
                LIMIT_DEFAULT
            }
        };
        Paging { limit, cursor }
    }

    /// The parameter `search`, compiled.
    pub(super) fn search<T>(
        &mut self,
        compile: impl FnOnce(&str) -> Result<T, SearchError>,
    ) -> Option<T> {
        let text = self.text("search")?;
        match compile(&text) {
            Ok(search) => Some(search),
            Err(error) => {
                self.malformed("search", &format!("is no search: {error}"));
                None
            }
        }
    }

    /// All that says which runs are meant.
    pub(super) fn filter(&mut self, now: Timestamp) -> Filter {
        self.known.extend(FILTER.iter().map(|member| member.name));
        Filter::take_from_query(&mut self.pairs, now).unwrap_or_else(|problems| {
            self.problems
                .extend(problems.into_iter().map(Problem::from));
            Filter::default()
        })
    }

    pub(super) fn malformed(&mut self, name: &str, what: &str) {
        self.problems.push(Problem::of_field(name, what));
    }

    fn invalid(&mut self, message: &str) {
        self.problems.push(Problem {
            code: Code::InvalidRequest,
            message: message.to_owned(),
        });
    }

    /// Whether all was taken, and nothing was wrong.
    pub(super) fn done(mut self) -> Result<(), V2Error> {
        for (name, _) in std::mem::take(&mut self.pairs) {
            let known = match self.known.is_empty() {
                true => String::new(),
                false => format!(": there are {}", self.known.join(", ")),
            };
            self.invalid(&format!("There is no parameter '{name}'{known}"));
        }
        super::fields::checked((), self.problems)
    }
}

impl From<FilterProblem> for Problem {
    fn from(problem: FilterProblem) -> Self {
        Self::of_field(&problem.name, &problem.what)
    }
}

/// What a bad cursor is answered with.
pub(super) fn bad_cursor() -> V2Error {
    V2Error::invalid_request("Cursor is invalid")
}
