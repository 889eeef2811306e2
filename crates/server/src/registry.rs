//! Apps and functions by the names that clients know them by.

use everstep_core::record::{AppRecord, FunctionRecord};
use everstep_protocol::config::Trigger;
use everstep_protocol::{AppId, FunctionId};
use everstep_store::{ReadError, Store};

/// The event that an SDK has failure handlers listen for.
const FAILED: &str = "inngest/function.failed";

/// All apps and functions, archived ones included.
pub struct Registry {
    pub apps: Vec<AppRecord>,
    pub functions: Vec<FunctionRecord>,
}

impl Registry {
    pub async fn load(store: &dyn Store) -> Result<Self, ReadError> {
        Ok(Self {
            apps: store.app_list().await?,
            functions: store.function_list().await?,
        })
    }

    /// By the id that the app has given itself.
    pub fn app(&self, name: &str) -> Option<&AppRecord> {
        self.apps.iter().find(|app| app.name == name)
    }

    /// By its id within the app, its slug or its UUID.
    pub fn function(&self, app: &AppRecord, name: &str) -> Option<&FunctionRecord> {
        let mut functions = self.functions.iter();
        functions.find(|function| function.app == app.id && goes_by(name, function, app))
    }

    /// What an SDK registers for the `onFailure` of a function: one that is triggered by its failure.
    pub fn failure_handler(&self, function: &FunctionRecord) -> Option<&FunctionRecord> {
        let names_it = |text: &str| {
            text.contains(&format!("'{}'", function.slug))
                || text.contains(&format!("\"{}\"", function.slug))
        };
        self.functions.iter().find(|handler| {
            handler.app == function.app
                && handler.archived_at.is_none()
                && handler.config.triggers.iter().any(|trigger| match trigger {
                    Trigger::Event {
                        event,
                        expression: Some(expression),
                    } => event == FAILED && names_it(expression),
                    Trigger::Event { .. } | Trigger::Cron { .. } => false,
                })
        })
    }

    pub fn app_by_id(&self, id: AppId) -> Option<&AppRecord> {
        self.apps.iter().find(|app| app.id == id)
    }

    pub fn function_by_id(&self, id: FunctionId) -> Option<&FunctionRecord> {
        self.functions.iter().find(|function| function.id == id)
    }
}

/// Whether this names the function of the app: the id without the app's, the slug, or the UUID.
pub fn goes_by(name: &str, function: &FunctionRecord, app: &AppRecord) -> bool {
    *function.slug == *name
        || short_id(function, &app.name) == name
        || function.id.to_string() == name
}

/// The id of a function without that of its app before it.
pub fn short_id<'f>(function: &'f FunctionRecord, app: &str) -> &'f str {
    let rest = function.slug.strip_prefix(app);
    rest.and_then(|rest| rest.strip_prefix('-'))
        .unwrap_or(&function.slug)
}
