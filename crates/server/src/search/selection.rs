//! Which runs an operation is about: a filter, and a search that must hold for them besides.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use everstep_engine::rt::Clock;
use everstep_engine::{NoSearch, Searcher};
use everstep_protocol::{Json, Timestamp};
use everstep_store::{ReadError, RunPage, RunQuery, Store};

use super::{Filter, FilterProblem, RunSearch};
use crate::registry::Registry;

/// The member of the filter that has the search.
const SEARCH: &str = "search";

/// Runs that meet the filter, and for which the search holds.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    pub filter: Filter,
    pub search: Option<RunSearch>,
}

impl Selection {
    /// Reads a filter of JSON that may have the member `search`.
    ///
    /// # Errors
    ///
    /// All that is wrong with it.
    pub fn of_json(json: &Json, now: Timestamp) -> Result<Self, Vec<FilterProblem>> {
        let mut problems = Vec::new();
        let search = json.member(SEARCH).filter(|search| !search.is_null());
        let search = search.and_then(|search| match compile(&search, now) {
            Ok(search) => Some(search),
            Err(what) => {
                problems.push(FilterProblem::new(SEARCH, what));
                None
            }
        });
        let filter = match Filter::of_json(&without_search(json), now) {
            Ok(filter) => filter,
            Err(wrong) => {
                problems.extend(wrong);
                Filter::default()
            }
        };
        match problems.is_empty() {
            true => Ok(Self { filter, search }),
            false => Err(problems),
        }
    }

    /// The selection as [`of_json`](Self::of_json) reads it.
    pub fn to_json(&self) -> Json {
        let filter = self.filter.to_json();
        let Some(search) = &self.search else {
            return filter;
        };
        let mut members: BTreeMap<String, Json> = filter.members().collect();
        members.insert(SEARCH.to_owned(), Json::string(search.text()));
        Json::object(members.iter().map(|(name, value)| (&**name, value.clone())))
    }

    /// The selection for people: `failed runs of app "shop", where event.data.total > 100`.
    pub fn words(&self) -> String {
        match &self.search {
            None => self.filter.words(),
            Some(search) => format!("{}, where {}", self.filter.words(), search.text()),
        }
    }

    /// Whether nothing is said of the runs.
    pub fn is_empty(&self) -> bool {
        self.filter == Filter::default() && self.search.is_none()
    }

    /// Whether it says which statuses the runs have.
    pub fn has_status(&self) -> bool {
        let of_search = self.search.as_ref().is_some_and(RunSearch::has_status);
        !self.filter.statuses.is_empty() || of_search
    }
}

fn compile(search: &Json, now: Timestamp) -> Result<RunSearch, String> {
    let text = search.to_text().ok_or("must be a text")?;
    RunSearch::compile(&text, now).map_err(|error| format!("is no search: {error}"))
}

fn without_search(json: &Json) -> Json {
    if !json.is_object() {
        return json.clone();
    }
    let members: Vec<(String, Json)> = json.members().collect();
    let members = members.iter().filter(|(name, _)| name != SEARCH);
    Json::object(members.map(|(name, value)| (&**name, value.clone())))
}

/// Carries out the searches of operations.
pub struct StoreSearcher {
    pub store: Arc<dyn Store>,
    pub clock: Arc<dyn Clock>,
}

#[async_trait]
impl Searcher for StoreSearcher {
    async fn runs(
        &self,
        search: &str,
        asked_at: Timestamp,
        query: &RunQuery,
    ) -> Result<Result<RunPage, NoSearch>, ReadError> {
        let search = match RunSearch::compile(search, asked_at) {
            Ok(search) => search,
            Err(error) => return Ok(Err(NoSearch(error.to_string()))),
        };
        let registry = Registry::load(&*self.store).await?;
        let scanned = search.runs(&*self.store, &registry, query.clone(), &*self.clock);
        let scanned = scanned.await?;
        Ok(Ok(RunPage {
            runs: scanned.found,
            next: scanned.next,
        }))
    }
}
