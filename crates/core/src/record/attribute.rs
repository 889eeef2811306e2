//! Values of runs by which they are found.

use std::collections::BTreeMap;
use std::sync::Arc;

use everstep_protocol::Timestamp;

/// An attribute that someone declared: runs have it from then on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttributeRecord {
    pub name: Arc<str>,
    /// Gives the value, of the first event of a run.
    pub expression: Arc<str>,
    pub created_at: Timestamp,
}

/// The values of a run by name. They stay what they were when the run was scheduled.
pub type RunAttributes = BTreeMap<Arc<str>, Arc<str>>;
