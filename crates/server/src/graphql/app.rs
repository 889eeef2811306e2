//! Apps.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object, Result, SimpleObject};
use everstep_core::input::ControlRefusal;
use everstep_core::record::{AppMethod, AppRecord};
use everstep_engine::ControlError;
use everstep_protocol::AppId;

use super::function::Function;
use super::reader::Reader;
use crate::apps::{Entry, Origin, State};

/// How the functions of an app are reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(name = "AppMethod")]
pub(super) enum Method {
    Serve,
    Connect,
    Api,
}

/// An app: it has synced, or only its URL is known.
#[derive(Clone, Debug)]
pub(super) struct App {
    id: AppId,
    record: Option<AppRecord>,
    entry: Option<Entry>,
}

#[derive(SimpleObject)]
#[graphql(name = "SDKFeatureReadiness")]
struct FeatureReadiness {
    ai_metadata_extraction: FeatureStatus,
    extended_traces: FeatureStatus,
}

#[derive(SimpleObject)]
#[graphql(name = "SDKFeatureStatus")]
struct FeatureStatus {
    ready: bool,
    /// Why not.
    reason: Option<i32>,
}

#[derive(async_graphql::InputObject)]
#[graphql(name = "AppsFilterV1")]
pub(super) struct AppsFilter {
    method: Option<Method>,
}

impl App {
    /// One that has synced.
    pub(super) fn of_record(reader: &Reader, record: AppRecord) -> Self {
        let entries = reader.api.apps.entries();
        let entry = entries.into_iter().find(|entry| {
            let identity = entry.identity.as_ref();
            identity.is_some_and(|it| it.id == record.id) || entry.url.as_str() == record.url
        });
        Self {
            id: record.id,
            record: Some(record),
            entry,
        }
    }

    /// One of which the URL is known alone.
    pub(super) fn of_entry(entry: Entry) -> Self {
        Self {
            id: AppId::derive(entry.url.as_str()),
            record: None,
            entry: Some(entry),
        }
    }

    /// All that there are, those in error included.
    pub(super) async fn all(reader: &Reader, filter: Option<AppsFilter>) -> Result<Vec<Self>> {
        let synced = reader.registry().await?.apps.iter();
        let synced = synced.filter(|app| app.is_active()).cloned();
        let mut apps: Vec<_> = synced.map(|app| Self::of_record(reader, app)).collect();
        let unknown = reader.api.apps.entries().into_iter().filter(|entry| {
            let is_known = |app: &Self| app.entry.as_ref().is_some_and(|it| it.url == entry.url);
            !apps.iter().any(is_known)
        });
        let unknown: Vec<_> = unknown.map(Self::of_entry).collect();
        apps.extend(unknown);
        if let Some(method) = filter.and_then(|filter| filter.method) {
            apps.retain(|app| app.method() == method);
        }
        Ok(apps)
    }

    pub(super) async fn find(reader: &Reader, id: AppId) -> Result<Option<Self>> {
        let apps = Self::all(reader, None).await?;
        Ok(apps.into_iter().find(|app| app.id == id))
    }

    /// Removes it; false if it has been removed meanwhile.
    pub(super) async fn remove(&self, reader: &Reader, actor: Option<Arc<str>>) -> Result<bool> {
        let apps = &reader.api.apps;
        let Some(record) = &self.record else {
            let entry = self.entry.as_ref();
            return Ok(entry.is_some_and(|entry| apps.remove_url(&entry.url)));
        };
        match apps.remove(actor, &record.name, None).await {
            Ok(()) => Ok(true),
            Err(ControlError::Refused(ControlRefusal::AppUnknown(_))) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Its name, or its URL if it has not registered.
    pub(super) fn goes_by(&self, name: &str) -> bool {
        self.title() == name
    }

    fn method(&self) -> Method {
        match self.record.as_ref().map(|app| app.method) {
            Some(AppMethod::Api) => Method::Api,
            Some(AppMethod::Serve) | None => Method::Serve,
        }
    }

    pub(super) fn url_text(&self) -> String {
        match (&self.record, &self.entry) {
            (Some(record), _) => record.url.clone(),
            (None, Some(entry)) => entry.url.to_string(),
            (None, None) => String::new(),
        }
    }

    fn title(&self) -> String {
        match &self.record {
            Some(record) => record.name.clone(),
            None => self.url_text(),
        }
    }

    /// `js:v4.24.0` is language and version.
    fn sdk(&self) -> (&str, &str) {
        let sdk = self.record.as_ref().map_or("", |app| app.sdk.as_str());
        sdk.split_once(':').unwrap_or((sdk, ""))
    }

    fn problem(&self) -> Option<String> {
        match self.entry.as_ref().map(|entry| &entry.state) {
            Some(State::Failing(problem)) => Some(problem.code.as_str().to_owned()),
            _ => None,
        }
    }
}

#[Object]
impl App {
    #[graphql(name = "id")]
    async fn id_text(&self) -> ID {
        ID(self.id.to_string())
    }

    #[graphql(name = "externalID")]
    async fn external_id(&self) -> String {
        self.title()
    }

    async fn name(&self) -> String {
        self.title()
    }

    async fn sdk_language(&self) -> &str {
        self.sdk().0
    }

    async fn sdk_version(&self) -> &str {
        self.sdk().1.trim_start_matches('v')
    }

    async fn framework(&self) -> Option<&str> {
        self.record.as_ref()?.framework.as_deref()
    }

    async fn url(&self) -> Option<String> {
        Some(self.url_text())
    }

    async fn checksum(&self) -> Option<&str> {
        self.record.as_ref().map(|app| app.checksum.as_str())
    }

    /// Why it can't be synced; null if it can.
    async fn error(&self) -> Option<String> {
        self.problem()
    }

    async fn functions(&self, context: &Context<'_>) -> Result<Vec<Function>> {
        Function::of_app(Reader::of(context)?, self.id).await
    }

    #[graphql(name = "method")]
    async fn method_name(&self) -> Method {
        self.method()
    }

    async fn app_version(&self) -> Option<&str> {
        self.record.as_ref()?.app_version.as_deref()
    }

    async fn sdk_feature_readiness(&self) -> FeatureReadiness {
        let ready = || FeatureStatus {
            ready: true,
            reason: None,
        };
        FeatureReadiness {
            ai_metadata_extraction: ready(),
            extended_traces: ready(),
        }
    }

    async fn connected(&self) -> bool {
        self.problem().is_none()
    }

    async fn function_count(&self, context: &Context<'_>) -> Result<usize> {
        Ok(Function::of_app(Reader::of(context)?, self.id).await?.len())
    }

    async fn autodiscovered(&self) -> bool {
        let origin = self.entry.as_ref().map(|entry| entry.origin);
        origin == Some(Origin::Discovered)
    }
}
