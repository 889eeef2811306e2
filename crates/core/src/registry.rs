//! The registry: apps, their functions, and which functions an event triggers.

use std::collections::BTreeMap;
use std::sync::Arc;

use everstep_protocol::sync::SdkLanguage;
use everstep_protocol::{AppId, FunctionId};

use crate::function::Function;
use crate::record::{AppMethod, AppRecord, FunctionRecord};

/// What has synced. Archived functions stay known, because their runs do, but trigger on nothing.
pub(crate) struct Registry {
    apps: BTreeMap<AppId, AppRecord>,
    functions: BTreeMap<FunctionId, Arc<Function>>,
    /// Event name or wildcard pattern → active functions with such a trigger.
    by_event: BTreeMap<String, Vec<FunctionId>>,
    by_slug: BTreeMap<Arc<str>, FunctionId>,
}

impl Registry {
    pub(crate) fn new(apps: Vec<AppRecord>, functions: Vec<FunctionRecord>) -> Self {
        let mut registry = Self {
            apps: apps.into_iter().map(|app| (app.id, app)).collect(),
            functions: BTreeMap::new(),
            by_event: BTreeMap::new(),
            by_slug: BTreeMap::new(),
        };
        registry.put_functions(functions);
        registry
    }

    pub(crate) fn app(&self, app: AppId) -> Option<&AppRecord> {
        self.apps.get(&app)
    }

    pub(crate) fn apps(&self) -> impl Iterator<Item = &AppRecord> {
        self.apps.values()
    }

    pub(crate) fn function(&self, function: FunctionId) -> Option<&Arc<Function>> {
        self.functions.get(&function)
    }

    /// An active function by its slug, or by the text of its id (IN-1).
    pub(crate) fn find(&self, name: &str) -> Option<&Arc<Function>> {
        let id = match self.by_slug.get(name) {
            Some(id) => *id,
            None => name.parse().ok()?,
        };
        self.function(id)
            .filter(|function| function.is_active() && !self.is_endpoint(function))
    }

    /// Endpoints have no function to invoke: what they do begins with a client's request.
    fn is_endpoint(&self, function: &Function) -> bool {
        let app = self.app(function.record.app);
        app.is_some_and(|app| app.method == AppMethod::Api)
    }

    pub(crate) fn functions(&self) -> impl Iterator<Item = &Arc<Function>> {
        self.functions.values()
    }

    pub(crate) fn functions_of(&self, app: AppId) -> impl Iterator<Item = &Arc<Function>> {
        self.functions()
            .filter(move |function| function.record.app == app)
    }

    /// The language of the SDK that serves a function.
    pub(crate) fn language(&self, function: &Function) -> SdkLanguage {
        self.apps
            .get(&function.record.app)
            .map_or(SdkLanguage::Other, |app| SdkLanguage::parse(&app.sdk))
    }

    /// Take over what a sync decided.
    pub(crate) fn put(&mut self, app: AppRecord, functions: Vec<FunctionRecord>) {
        self.apps.insert(app.id, app);
        self.put_functions(functions);
    }

    /// Take in a function that no event triggers.
    pub(crate) fn put_function(&mut self, record: FunctionRecord) -> Arc<Function> {
        self.by_slug.insert(record.slug.clone(), record.id);
        let function = Arc::new(Function::new(record));
        self.functions
            .insert(function.record.id, Arc::clone(&function));
        function
    }

    /// The active functions with a trigger for this event name, each once, in order of their ids
    /// (server-semantics TR-2, TR-3).
    pub(crate) fn triggered_by(&self, event_name: &str) -> Vec<Arc<Function>> {
        let mut ids: Vec<FunctionId> = patterns(event_name)
            .filter_map(|pattern| self.by_event.get(&pattern))
            .flatten()
            .copied()
            .collect();
        ids.sort_unstable();
        ids.dedup();
        ids.iter()
            .filter_map(|id| self.functions.get(id))
            .cloned()
            .collect()
    }

    fn put_functions(&mut self, functions: Vec<FunctionRecord>) {
        for record in functions {
            self.by_slug.insert(record.slug.clone(), record.id);
            self.functions
                .insert(record.id, Arc::new(Function::new(record)));
        }
        self.by_event.clear();
        for function in self.functions.values().filter(|known| known.is_active()) {
            for pattern in function.event_patterns() {
                self.by_event
                    .entry(pattern.to_owned())
                    .or_default()
                    .push(function.record.id);
            }
        }
    }
}

/// The trigger patterns that a name matches: itself, and for each `/` or `.` the text before it
/// with `/*` or `.*` (TR-2).
pub(crate) fn patterns(event_name: &str) -> impl Iterator<Item = String> + '_ {
    let wildcards = event_name
        .match_indices(['/', '.'])
        .map(|(at, separator)| format!("{}{separator}*", &event_name[..at]));
    std::iter::once(event_name.to_owned()).chain(wildcards)
}

#[cfg(test)]
mod tests {
    use super::patterns;

    #[test]
    fn tr_2_a_name_matches_itself_and_its_prefixes() {
        let all = |name| patterns(name).collect::<Vec<_>>();
        assert_eq!(all("plain"), ["plain"]);
        assert_eq!(all("a/b.c"), ["a/b.c", "a/*", "a/b.*"]);
        assert_eq!(all("a/b/c"), ["a/b/c", "a/*", "a/b/*"]);
    }
}
