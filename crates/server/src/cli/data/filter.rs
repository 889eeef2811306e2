//! Which runs: the flags that lists and bulk operations share.

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use crate::cli::client::{Query, moment};

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Status {
    Queued,
    Running,
    Completed,
    Failed,
    Cancelled,
    Skipped,
}

impl Status {
    fn word(self) -> &'static str {
        match self {
            Self::Queued => "QUEUED",
            Self::Running => "RUNNING",
            Self::Completed => "COMPLETED",
            Self::Failed => "FAILED",
            Self::Cancelled => "CANCELLED",
            Self::Skipped => "SKIPPED",
        }
    }
}

/// Which runs.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct RunFilter {
    /// Condition in CEL, such as 'event.data.amount > 100'
    #[arg(short, long, value_name = "CEL")]
    query: Option<String>,
    /// Status; repeat or separate by commas for more
    #[arg(long, value_enum, value_delimiter = ',')]
    status: Vec<Status>,
    /// Function, by its full id such as shop-charge
    #[arg(long = "fn", value_name = "FUNCTION", value_delimiter = ',')]
    function: Vec<String>,
    /// App, by its id
    #[arg(long, value_delimiter = ',')]
    app: Vec<String>,
    /// Name of the event that triggered it
    #[arg(long, value_name = "NAME")]
    event: Option<String>,
    /// Error group
    #[arg(long, value_name = "ID")]
    error: Option<String>,
    /// Value of an attribute; repeat for more
    #[arg(long = "attr", value_name = "NAME=VALUE", value_parser = attribute)]
    attributes: Vec<(String, String)>,
    /// Queued at or after this: a span before now such as 2h, or a time
    #[arg(long, value_name = "WHEN", value_parser = moment)]
    since: Option<String>,
    /// Queued before this
    #[arg(long, value_name = "WHEN", value_parser = moment)]
    until: Option<String>,
}

impl RunFilter {
    /// The runs of an error group, all of which failed.
    pub(super) fn of_error(mut self, group: String) -> Self {
        self.error = Some(group);
        self.status = vec![Status::Failed];
        self
    }

    /// For `GET /v2/runs`.
    pub(super) fn query(&self) -> Query {
        let statuses: Vec<_> = self.words();
        let attributes = self.attributes.iter();
        attributes
            .fold(Query::default(), |query, (name, value)| {
                query.set(format!("attr.{name}"), value)
            })
            .all("status", &statuses)
            .all("functionId", &self.function)
            .all("appId", &self.app)
            .maybe("eventName", self.event.clone())
            .maybe("errorGroup", self.error.clone())
            .maybe("from", self.since.clone())
            .maybe("until", self.until.clone())
            .maybe("search", self.query.clone())
    }

    /// For the `filter` of a bulk operation: what is not asked for is left out.
    pub(super) fn json(&self) -> Value {
        let list = |values: &[String]| (!values.is_empty()).then(|| json!(values));
        let members = [
            ("status", list(&self.words())),
            ("functionId", list(&self.function)),
            ("appId", list(&self.app)),
            ("eventName", self.event.as_ref().map(|it| json!(it))),
            ("errorGroup", self.error.as_ref().map(|it| json!(it))),
            (
                "attributes",
                (!self.attributes.is_empty()).then(|| {
                    let pairs = self.attributes.iter();
                    pairs
                        .map(|(name, value)| (name.clone(), json!(value)))
                        .collect::<serde_json::Map<_, _>>()
                        .into()
                }),
            ),
            ("from", self.since.as_ref().map(|it| json!(it))),
            ("until", self.until.as_ref().map(|it| json!(it))),
            ("search", self.query.as_ref().map(|it| json!(it))),
        ];
        members
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?)))
            .collect::<serde_json::Map<_, _>>()
            .into()
    }

    /// Whether it says nothing at all.
    pub(super) fn is_empty(&self) -> bool {
        self.json()
            .as_object()
            .is_none_or(serde_json::Map::is_empty)
    }

    fn words(&self) -> Vec<String> {
        self.status
            .iter()
            .map(|status| status.word().to_owned())
            .collect()
    }
}

fn attribute(text: &str) -> Result<(String, String), String> {
    let pair = text.split_once('=');
    let (name, value) = pair.ok_or("must be NAME=VALUE, such as tenant=acme")?;
    Ok((name.to_owned(), value.to_owned()))
}
