//! Durable endpoints (sdk-protocol §7.4): the functions that they are, made on the fly, and what the
//! answers of their handlers mean.
//!
//! The run of an endpoint is executed by its app while a client waits: it is *sync*. It has one job
//! then, [`JobKind::SyncTimeout`], and nothing calls the app. When the handler must wait, or fails,
//! the run turns async: that job goes, and from then on it is like any other run, but for its calls,
//! which are the client's request once more (§7.5).

use std::sync::Arc;

use everstep_protocol::config::FunctionConfig;
use everstep_protocol::endpoint::{ApiResult, REQUEST_EVENT};
use everstep_protocol::{AppId, FunctionId, Json, UserError};

use crate::change::Change;
use crate::effect::CheckpointRefusal;
use crate::finish::RunEnd;
use crate::function::Function;
use crate::input::StartEndpoint;
use crate::limits::{ENDPOINT_APPS_MAX, ENDPOINTS_PER_APP_MAX, SYNC_SILENCE_MAX};
use crate::record::{AppMethod, AppRecord, FunctionRecord, JobKind, JobRecord};
use crate::run::Run;
use crate::shard::Shard;
use crate::turn::Turn;

/// The endpoint that runs belong to whose own one would be one too many: apps that have ids in their
/// paths, and give their endpoints no names, would have a function for each id.
const OTHERS: &str = "*";

impl Run {
    /// Whether the run was started by a client's request. No one else can make that event.
    pub(crate) fn is_endpoint(&self) -> bool {
        let event = self.events.first();
        event.is_some_and(|event| *event.name == *REQUEST_EVENT)
    }

    /// The job of a run that its app executes itself.
    pub(crate) fn sync_timeout(&self) -> Option<&JobRecord> {
        self.jobs().find(|job| job.kind == JobKind::SyncTimeout)
    }
}

impl RunEnd {
    /// A function returned, or a handler answered: with a status that says so, it failed.
    pub(crate) fn of_output(run: &Run, output: Json) -> Self {
        if !run.is_endpoint() {
            return Self::Completed(output);
        }
        let output = ApiResult::unwrapped(output);
        match ApiResult::of(&output) {
            Some(result) if !result.is_success() => Self::Unsuccessful {
                error: unsuccessful(result.status),
                output,
            },
            Some(_) | None => Self::Completed(output),
        }
    }
}

impl Shard {
    /// The function of an endpoint. App and function are stored when they are first heard of.
    pub(crate) fn endpoint_function(
        &mut self,
        turn: &mut Turn,
        start: &StartEndpoint,
    ) -> Result<Arc<Function>, CheckpointRefusal> {
        let app = self.endpoint_app(turn, start)?;
        let id_of = |name: &str| {
            let slug: Arc<str> = format!("{}-{name}", start.app).into();
            (FunctionId::derive(app, &slug), slug)
        };
        let mut name = &*start.function;
        let (mut id, mut slug) = id_of(name);
        if self.registry.function(id).is_none()
            && self.registry.functions_of(app).count() >= ENDPOINTS_PER_APP_MAX
        {
            name = OTHERS;
            (id, slug) = id_of(name);
        }
        let known = self.registry.function(id);
        if let Some(known) = known.filter(|known| known.is_active()) {
            return Ok(Arc::clone(known));
        }
        let config = FunctionConfig::of_endpoint(&slug, name, &start.url, start.max_attempts);
        let record = FunctionRecord {
            id,
            app,
            slug,
            version: known.map_or(1, |known| known.record.version + 1),
            config: Arc::new(config),
            created_at: known.map_or(turn.now, |known| known.record.created_at),
            archived_at: None,
        };
        turn.change(Change::PutFunction(record.clone()));
        Ok(self.registry.put_function(record))
    }

    fn endpoint_app(
        &mut self,
        turn: &mut Turn,
        start: &StartEndpoint,
    ) -> Result<AppId, CheckpointRefusal> {
        let id = AppId::derive(&start.app);
        let known = self.registry.app(id);
        let is_current = |app: &AppRecord| {
            app.is_active() && (app.method != AppMethod::Api || app.sdk == start.sdk)
        };
        if known.is_some_and(is_current) {
            return Ok(id);
        }
        let has_endpoints = |app: &&AppRecord| app.method == AppMethod::Api;
        let count = self.registry.apps().filter(has_endpoints).count();
        if known.is_none() && count >= ENDPOINT_APPS_MAX {
            return Err(CheckpointRefusal::TooManyApps {
                limit: ENDPOINT_APPS_MAX,
            });
        }
        let app = AppRecord {
            id,
            name: start.app.clone(),
            method: AppMethod::Api,
            url: start.url.to_string(),
            sdk: start.sdk.clone(),
            framework: None,
            app_version: None,
            checksum: String::new(),
            synced_at: turn.now,
            archived_at: None,
        };
        turn.change(Change::PutApp(app.clone()));
        self.registry.put(app, Vec::new());
        Ok(id)
    }
}

fn unsuccessful(status: u16) -> UserError {
    let message = format!("The endpoint answered with the status {status}.");
    UserError::new("Error", &message)
}

/// Some failures SDKs do not report at all, nor does an app that was killed.
pub(crate) fn silent() -> UserError {
    let minutes = SYNC_SILENCE_MAX.as_secs() / 60;
    let message = format!("The app has reported nothing of this run for {minutes} minutes.");
    UserError::new("EndpointTimeout", &message)
}
