//! Apps and functions by the names that clients know them by.

use everstep_core::record::{AppRecord, FunctionRecord};
use everstep_protocol::{AppId, FunctionId};
use everstep_store::{ReadError, Store};

use super::error::V2Error;
use crate::search::filter::goes_by;

/// All apps and functions, archived ones included.
pub(in crate::routes) struct Registry {
    pub(in crate::routes) apps: Vec<AppRecord>,
    pub(in crate::routes) functions: Vec<FunctionRecord>,
}

impl Registry {
    pub(in crate::routes) async fn load(store: &dyn Store) -> Result<Self, ReadError> {
        Ok(Self {
            apps: store.app_list().await?,
            functions: store.function_list().await?,
        })
    }

    /// By the id that the app has given itself.
    pub(in crate::routes) fn app(&self, name: &str) -> Result<&AppRecord, V2Error> {
        let app = self.apps.iter().find(|app| app.name == name);
        app.ok_or_else(|| V2Error::not_found("App not found"))
    }

    /// By its id within the app, its slug or its UUID.
    pub(in crate::routes) fn function(
        &self,
        app: &AppRecord,
        name: &str,
    ) -> Result<&FunctionRecord, V2Error> {
        let mut functions = self.functions.iter();
        functions
            .find(|function| function.app == app.id && goes_by(name, function, app))
            .ok_or_else(|| V2Error::not_found("Function not found"))
    }

    pub(in crate::routes) fn app_by_id(&self, id: AppId) -> Option<&AppRecord> {
        self.apps.iter().find(|app| app.id == id)
    }

    pub(in crate::routes) fn function_by_id(&self, id: FunctionId) -> Option<&FunctionRecord> {
        self.functions.iter().find(|function| function.id == id)
    }
}
