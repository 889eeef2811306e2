//! Searches over runs, as bulk operations need them. The engine does not know the language that they
//! are written in: whoever starts it brings a [`Searcher`] that does.

use async_trait::async_trait;
use everstep_protocol::Timestamp;
use everstep_store::{ReadError, RunPage, RunQuery};

/// Carries out searches over runs.
#[async_trait]
pub trait Searcher: Send + Sync {
    /// The runs that the query would list and the search holds for, as it was asked for at that
    /// time; or why the text is no search.
    ///
    /// # Contract
    ///
    /// It returns after bounded work, with what it found until then: a page that is not full says
    /// where the next one begins unless all was looked at.
    async fn runs(
        &self,
        search: &str,
        asked_at: Timestamp,
        query: &RunQuery,
    ) -> Result<Result<RunPage, NoSearch>, ReadError>;
}

/// A text is no search: it was one to another version, say.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("its search can't be read any more: {0}")]
pub struct NoSearch(pub String);

/// For engines whose operations have filters alone.
#[derive(Clone, Copy, Debug)]
pub struct NoSearcher;

#[async_trait]
impl Searcher for NoSearcher {
    async fn runs(
        &self,
        _: &str,
        _: Timestamp,
        _: &RunQuery,
    ) -> Result<Result<RunPage, NoSearch>, ReadError> {
        Ok(Err(NoSearch("this engine has no searches".to_owned())))
    }
}
