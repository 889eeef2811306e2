//! Commits and reads that are made again until the store can be reached.

use std::sync::Arc;
use std::time::Duration;

use everstep_core::Change;
use everstep_store::{CommitError, ReadError, ShardLease, Store};
use tracing::{error, warn};

use super::{CommitOutcome, Fenced};
use crate::meter::Meter;
use crate::rt::{self, Stopwatch};

/// Delays between attempts to reach a store that is unavailable.
const STORE_RETRY_MIN: Duration = Duration::from_millis(50);
const STORE_RETRY_MAX: Duration = Duration::from_secs(5);

/// Commit, however long it takes: changes are idempotent, so a commit whose outcome is unknown is
/// made again.
pub(super) async fn commit(
    store: Arc<dyn Store>,
    lease: ShardLease,
    changes: Arc<[Change]>,
    meter: Arc<Meter>,
) -> CommitOutcome {
    let mut delay = STORE_RETRY_MIN;
    loop {
        let begun = Stopwatch::start();
        match store.commit(&lease, changes.clone()).await {
            Ok(()) => {
                meter.committed(changes.len(), begun.elapsed());
                return Ok(changes);
            }
            Err(CommitError::Refused(_)) => return Err(Fenced),
            Err(error @ (CommitError::Unavailable(_) | CommitError::OutcomeUnknown(_))) => {
                meter.commit_failed();
                warn!(error = chain(&error), "a commit failed; it is made again");
            }
        }
        rt::sleep(delay).await;
        delay = (delay * 2).min(STORE_RETRY_MAX);
    }
}

/// Read, however long it takes. What is damaged is reported and counts as not there.
pub(crate) async fn read<T, F>(attempt: impl Fn() -> F) -> T
where
    T: Default,
    F: Future<Output = Result<T, ReadError>>,
{
    let mut delay = STORE_RETRY_MIN;
    loop {
        match attempt().await {
            Ok(value) => return value,
            Err(error @ ReadError::Corrupt { .. }) => {
                error!(
                    error = chain(&error),
                    "a stored row is damaged; what it belongs to stands still"
                );
                return T::default();
            }
            Err(error @ ReadError::Unavailable(_)) => {
                warn!(error = chain(&error), "a read failed; it is made again")
            }
        }
        rt::sleep(delay).await;
        delay = (delay * 2).min(STORE_RETRY_MAX);
    }
}

/// An error with all its sources, for logs.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
