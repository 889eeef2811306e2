//! Reads of one request. What many of its fields need is read once.

use async_graphql::{Context, Error, Result};
use everstep_core::record::{AppRecord, EventRecord, FunctionRecord, RunRecord};
use everstep_protocol::{AppId, EventId, FunctionId, RunId};
use everstep_store::Store;
use tokio::sync::OnceCell;

use crate::registry::Registry;
use crate::routes::Api;

/// What a request reads with.
pub(super) struct Reader {
    pub(super) api: Api,
    registry: OnceCell<Registry>,
}

impl Reader {
    pub(super) fn new(api: Api) -> Self {
        Self {
            api,
            registry: OnceCell::new(),
        }
    }

    pub(super) fn of<'a>(context: &Context<'a>) -> Result<&'a Self> {
        context.data::<Self>()
    }

    pub(super) fn store(&self) -> &dyn Store {
        self.api.engine.store().as_ref()
    }

    pub(super) async fn registry(&self) -> Result<&Registry> {
        let load = async || Registry::load(self.store()).await;
        Ok(self.registry.get_or_try_init(load).await?)
    }

    /// Archived ones count: their runs are there.
    pub(super) async fn function(&self, id: FunctionId) -> Result<Option<FunctionRecord>> {
        Ok(self.registry().await?.function_by_id(id).cloned())
    }

    pub(super) async fn app(&self, id: AppId) -> Result<Option<AppRecord>> {
        Ok(self.registry().await?.app_by_id(id).cloned())
    }

    pub(super) async fn run(&self, id: RunId) -> Result<Option<RunRecord>> {
        Ok(self.store().run_view(id).await?)
    }

    pub(super) async fn event(&self, id: EventId) -> Result<Option<EventRecord>> {
        Ok(self.store().event_view(id).await?)
    }
}

/// An id from a query.
pub(super) fn parse<T: std::str::FromStr>(noun: &str, text: &str) -> Result<T> {
    text.parse()
        .map_err(|_| Error::new(format!("{text:?} is not the id of {noun}")))
}
