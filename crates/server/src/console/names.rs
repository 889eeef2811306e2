//! Names of apps and functions, for people.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, PoisonError, RwLock};

use everstep_protocol::{AppId, FunctionId};

/// Those that have been heard of, by id. Grows with their number only.
#[derive(Debug, Default)]
pub struct Names {
    apps: Table<AppId>,
    functions: Table<FunctionId>,
}

impl Names {
    pub fn put_app(&self, id: AppId, name: &str) {
        self.apps.put(id, name.into());
    }

    pub fn put_function(&self, id: FunctionId, slug: Arc<str>) {
        self.functions.put(id, slug);
    }

    /// The name of an app, or its id if it is not known.
    pub fn app(&self, id: AppId) -> Arc<str> {
        self.apps.find(id).unwrap_or_else(|| id.to_string().into())
    }

    /// The slug of a function, or its id if it is not known.
    pub fn function(&self, id: FunctionId) -> Arc<str> {
        let slug = self.functions.find(id);
        slug.unwrap_or_else(|| id.to_string().into())
    }
}

#[derive(Debug)]
struct Table<K>(RwLock<HashMap<K, Arc<str>>>);

impl<K> Default for Table<K> {
    fn default() -> Self {
        Self(RwLock::default())
    }
}

impl<K: Eq + Hash> Table<K> {
    fn put(&self, id: K, name: Arc<str>) {
        let mut names = self.0.write().unwrap_or_else(PoisonError::into_inner);
        names.insert(id, name);
    }

    fn find(&self, id: K) -> Option<Arc<str>> {
        let names = self.0.read().unwrap_or_else(PoisonError::into_inner);
        names.get(&id).cloned()
    }
}
