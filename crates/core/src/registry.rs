//! The registry: apps, their functions, and which functions an event triggers.

use std::collections::BTreeMap;
use std::sync::Arc;

use everstep_protocol::config::Trigger;
use everstep_protocol::sync::SdkLanguage;
use everstep_protocol::{AppId, FunctionId};

use crate::record::{AppRecord, FunctionRecord, ShardState};

/// What has synced. Archived functions stay known, because their runs do, but trigger on nothing.
pub(crate) struct Registry {
    apps: BTreeMap<AppId, AppRecord>,
    functions: BTreeMap<FunctionId, Arc<FunctionRecord>>,
    /// Event name or wildcard pattern → active functions with such a trigger.
    by_event: BTreeMap<String, Vec<FunctionId>>,
}

/// How the triggers of a function see an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Evaluation {
    Matched,
    /// Only triggers with an expression name the event.
    ExpressionUnsupported,
}

impl Registry {
    pub(crate) fn new(state: ShardState) -> Self {
        let mut registry = Self {
            apps: BTreeMap::new(),
            functions: BTreeMap::new(),
            by_event: BTreeMap::new(),
        };
        for app in state.apps {
            registry.apps.insert(app.id, app);
        }
        for function in state.functions {
            registry.functions.insert(function.id, Arc::new(function));
        }
        registry.index();
        registry
    }

    pub(crate) fn app(&self, app: AppId) -> Option<&AppRecord> {
        self.apps.get(&app)
    }

    pub(crate) fn function(&self, function: FunctionId) -> Option<&Arc<FunctionRecord>> {
        self.functions.get(&function)
    }

    pub(crate) fn functions_of(&self, app: AppId) -> impl Iterator<Item = &Arc<FunctionRecord>> {
        self.functions
            .values()
            .filter(move |function| function.app == app)
    }

    /// The language of the SDK that serves a function.
    pub(crate) fn language(&self, function: &FunctionRecord) -> SdkLanguage {
        self.apps
            .get(&function.app)
            .map_or(SdkLanguage::Other, |app| SdkLanguage::parse(&app.sdk))
    }

    /// Take over what a sync decided.
    pub(crate) fn put(&mut self, app: AppRecord, functions: Vec<FunctionRecord>) {
        self.apps.insert(app.id, app);
        for function in functions {
            self.functions.insert(function.id, Arc::new(function));
        }
        self.index();
    }

    /// The active functions with a trigger for this event name, each once, in order of their ids
    /// (server-semantics TR-2, TR-3).
    pub(crate) fn triggered_by(&self, event_name: &str) -> Vec<Arc<FunctionRecord>> {
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

    fn index(&mut self) {
        self.by_event.clear();
        for function in self.functions.values().filter(|f| f.archived_at.is_none()) {
            for trigger in &function.config.triggers {
                if let Trigger::Event { event, .. } = trigger {
                    self.by_event
                        .entry(event.clone())
                        .or_default()
                        .push(function.id);
                }
            }
        }
    }
}

/// Evaluate the triggers of a function in declared order (TR-3). The function must be one that
/// [`Registry::triggered_by`] named.
pub(crate) fn evaluate(function: &FunctionRecord, event_name: &str) -> Evaluation {
    let names_event = |pattern: &str| patterns(event_name).any(|candidate| candidate == pattern);
    let unconditional = function
        .config
        .triggers
        .iter()
        .any(|trigger| match trigger {
            Trigger::Event { event, expression } => expression.is_none() && names_event(event),
            Trigger::Cron { .. } => false,
        });
    if unconditional {
        Evaluation::Matched
    } else {
        Evaluation::ExpressionUnsupported
    }
}

/// The trigger patterns that a name matches: itself, and for each `/` or `.` the text before it
/// with `/*` or `.*` (TR-2).
fn patterns(event_name: &str) -> impl Iterator<Item = String> + '_ {
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
