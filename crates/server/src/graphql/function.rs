//! Functions.

use async_graphql::{Context, Enum, Error, Object, Result, SimpleObject};
use everstep_core::record::FunctionRecord;
use everstep_protocol::AppId;
use everstep_protocol::config::Trigger;

use super::app::App;
use super::configuration::Configuration;
use super::reader::Reader;

#[derive(Clone, Debug)]
pub(super) struct Function(pub(super) FunctionRecord);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(name = "FunctionTriggerTypes")]
enum TriggerKind {
    Event,
    Cron,
}

#[derive(SimpleObject)]
#[graphql(name = "FunctionTrigger")]
struct TriggerView {
    #[graphql(name = "type")]
    kind: TriggerKind,
    /// The name of the event, or the schedule.
    value: String,
    condition: Option<String>,
}

impl Function {
    /// All that are active.
    pub(super) async fn all(reader: &Reader) -> Result<Vec<Self>> {
        let functions = reader.registry().await?.functions.iter();
        let active = functions.filter(|it| it.archived_at.is_none());
        Ok(active.cloned().map(Self).collect())
    }

    pub(super) async fn of_app(reader: &Reader, app: AppId) -> Result<Vec<Self>> {
        let mut functions = Self::all(reader).await?;
        functions.retain(|it| it.0.app == app);
        Ok(functions)
    }

    pub(super) async fn by_slug(reader: &Reader, slug: &str) -> Result<Option<Self>> {
        let functions = Self::all(reader).await?;
        Ok(functions.into_iter().find(|it| &*it.0.slug == slug))
    }
}

#[Object]
impl Function {
    async fn id(&self) -> String {
        self.0.id.to_string()
    }

    async fn name(&self) -> &str {
        &self.0.config.name
    }

    async fn slug(&self) -> &str {
        &self.0.slug
    }

    /// The function that runs when this one has failed.
    async fn failure_handler(&self, context: &Context<'_>) -> Result<Option<Self>> {
        let registry = Reader::of(context)?.registry().await?;
        Ok(registry.failure_handler(&self.0).cloned().map(Self))
    }

    /// As the app sent it.
    async fn config(&self) -> &str {
        self.0.config.raw.as_str()
    }

    async fn configuration(&self) -> Configuration {
        Configuration(self.0.config.clone())
    }

    /// The first limit; 0 is none.
    async fn concurrency(&self) -> u32 {
        let first = self.0.config.concurrency.steps.first();
        first.map_or(0, |limit| limit.limit)
    }

    async fn triggers(&self) -> Vec<TriggerView> {
        self.0
            .config
            .triggers
            .iter()
            .map(TriggerView::new)
            .collect()
    }

    async fn url(&self) -> String {
        self.0.config.endpoint().to_string()
    }

    #[graphql(name = "appID")]
    async fn app_id(&self) -> String {
        self.0.app.to_string()
    }

    async fn app(&self, context: &Context<'_>) -> Result<App> {
        let reader = Reader::of(context)?;
        match reader.app(self.0.app).await? {
            Some(app) => Ok(App::of_record(reader, app)),
            None => Err(Error::new("the app of the function is gone")),
        }
    }
}

impl TriggerView {
    fn new(trigger: &Trigger) -> Self {
        match trigger {
            Trigger::Event { event, expression } => Self {
                kind: TriggerKind::Event,
                value: event.clone(),
                condition: expression.clone(),
            },
            Trigger::Cron { cron, .. } => Self {
                kind: TriggerKind::Cron,
                value: cron.clone(),
                condition: None,
            },
        }
    }
}
