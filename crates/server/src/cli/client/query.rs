//! What lists are asked for: parameters, pages, times.

use std::borrow::Cow;
use std::time::Duration;

use clap::Args;
use everstep_protocol::time::parse_duration;
use url::Url;

/// Rows of one page; the API gives no more.
const PAGE_MAX: usize = 100;
/// Rows that a list shows unless told otherwise.
const LIMIT_DEFAULT: u64 = 20;
/// Rows that a list shows at most: they are all held until they are printed.
const LIMIT_MAX: u64 = 100_000;

/// Parameters of a request, in order. A name may come more than once.
#[derive(Clone, Debug, Default)]
pub(in crate::cli) struct Query(Vec<(Cow<'static, str>, String)>);

impl Query {
    pub(in crate::cli) fn set(
        mut self,
        name: impl Into<Cow<'static, str>>,
        value: impl Into<String>,
    ) -> Self {
        self.0.push((name.into(), value.into()));
        self
    }

    pub(in crate::cli) fn maybe(self, name: &'static str, value: Option<String>) -> Self {
        match value {
            Some(value) => self.set(name, value),
            None => self,
        }
    }

    pub(in crate::cli) fn all(self, name: &'static str, values: &[String]) -> Self {
        values
            .iter()
            .fold(self, |query, value| query.set(name, value))
    }

    pub(super) fn write(&self, url: &mut Url) {
        if !self.0.is_empty() {
            url.query_pairs_mut().extend_pairs(&self.0);
        }
    }
}

/// Which part of a list.
#[derive(Clone, Debug, Args)]
pub(in crate::cli) struct Paging {
    /// Rows to show
    #[arg(long, default_value_t = LIMIT_DEFAULT, value_parser = clap::value_parser!(u64).range(1..=LIMIT_MAX))]
    limit: u64,
    /// Go on where an earlier list ended
    #[arg(long)]
    cursor: Option<String>,
    /// Rows to ask for at a time
    #[arg(skip = PAGE_MAX)]
    page: usize,
}

impl Paging {
    /// For a list of which the API gives fewer rows at a time than of others.
    pub(in crate::cli) fn pages_of(mut self, rows: usize) -> Self {
        self.page = rows;
        self
    }

    pub(super) fn page(&self) -> usize {
        self.page
    }

    pub(super) fn cursor(&self) -> Option<&str> {
        self.cursor.as_deref()
    }

    pub(super) fn limit(&self) -> usize {
        usize::try_from(self.limit).unwrap_or(usize::MAX)
    }

    /// The first so many.
    pub(in crate::cli) fn first(limit: u64) -> Self {
        Self {
            limit,
            cursor: None,
            page: PAGE_MAX,
        }
    }
}

/// A span such as `90s`, `2h` or `7d`; a bare number is a number of seconds.
pub(in crate::cli) fn span(text: &str) -> Result<Duration, String> {
    match text.parse() {
        Ok(seconds) => Ok(Duration::from_secs(seconds)),
        Err(_) => parse_duration(text).map_err(|error| error.to_string()),
    }
}

/// A point in time as the API takes it: a date and time of RFC 3339, or a span before now.
pub(in crate::cli) fn moment(text: &str) -> Result<String, String> {
    if let Ok(time) = text.parse::<jiff::Timestamp>() {
        return Ok(time.to_string());
    }
    let Ok(span) = span(text) else {
        return Err(format!(
            "{text:?} is neither a span before now, such as 2h, nor a time such as 2026-01-31T08:00:00Z"
        ));
    };
    let now = jiff::Timestamp::now();
    match now.checked_sub(span) {
        Ok(time) => Ok(time.to_string()),
        Err(_) => Err(format!("{text:?} is before the beginning of time")),
    }
}
