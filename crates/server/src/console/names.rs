//! Names of functions, for people.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use everstep_protocol::FunctionId;

/// Functions that have been heard of, by id. Grows with the number of functions only.
#[derive(Debug, Default)]
pub struct Names(RwLock<HashMap<FunctionId, Arc<str>>>);

impl Names {
    pub fn put(&self, id: FunctionId, slug: Arc<str>) {
        self.0
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(id, slug);
    }

    /// The slug of a function, or its id if it is not known.
    pub fn of(&self, id: FunctionId) -> Arc<str> {
        let names = self.0.read().unwrap_or_else(PoisonError::into_inner);
        names
            .get(&id)
            .cloned()
            .unwrap_or_else(|| id.to_string().into())
    }
}
