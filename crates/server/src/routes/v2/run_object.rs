//! A run as the v2 API shows it (http-api §8.3): `FunctionRun`.

use std::sync::Arc;

use everstep_core::record::{RunAttributes, RunRecord, RunStatus};
use everstep_core::ticks::{SCHEDULED, cron_of};
use everstep_protocol::{Json, RunId};
use everstep_store::{ReadError, RunTrigger, Store};
use serde::Serialize;
use utoipa::ToSchema;

use super::envelope::is_false;
use crate::registry::Registry;
use crate::registry::short_id;
use crate::search::filter::spelt;

/// Events of a run that are named; a batch can have thousands.
const EVENTS_SHOWN_MAX: usize = 100;

#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Run)]
pub(in crate::routes) struct RunObject {
    id: String,
    function: FunctionPart,
    app: AppPart,
    status: &'static str,
    /// The run was not to start. The API has no status for that, and shows it as queued.
    #[serde(skip_serializing_if = "is_false")]
    is_skipped: bool,
    queued_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    started_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_ms: Option<String>,
    trigger: TriggerPart,
    /// Values by which it is found.
    #[serde(skip_serializing_if = "RunAttributes::is_empty")]
    #[schema(value_type = BTreeMap<String, String>)]
    attributes: RunAttributes,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<serde_json::Value>)]
    output: Option<Json>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = RunFunction)]
struct FunctionPart {
    id: String,
    name: String,
    app: AppPart,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = RunApp)]
struct AppPart {
    id: String,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RunTrigger)]
struct TriggerPart {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    event_ids: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    event_name: Option<Arc<str>>,
    #[serde(skip_serializing_if = "is_false")]
    is_batch: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    batch_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cron_schedule: Option<String>,
}

impl RunObject {
    /// The objects of some runs, with their outputs as far as these are loaded.
    pub(in crate::routes) async fn of_all(
        store: &dyn Store,
        registry: &Registry,
        runs: Vec<RunRecord>,
    ) -> Result<Vec<Self>, ReadError> {
        let ids: Vec<RunId> = runs.iter().map(|run| run.id).collect();
        let triggers = store.run_triggers(&ids, EVENTS_SHOWN_MAX).await?;
        let attributes = store.run_attributes(&ids).await?;
        let mut objects = Vec::with_capacity(runs.len());
        for ((run, trigger), attributes) in runs.into_iter().zip(triggers).zip(attributes) {
            let schedule = schedule(store, &trigger).await?;
            objects.push(Self::new(registry, run, trigger, attributes, schedule));
        }
        Ok(objects)
    }

    fn new(
        registry: &Registry,
        run: RunRecord,
        trigger: RunTrigger,
        attributes: RunAttributes,
        cron_schedule: Option<String>,
    ) -> Self {
        let function = registry.function_by_id(run.function);
        let app = function.and_then(|function| registry.app_by_id(function.app));
        let app_name = app.map_or("", |app| &app.name);
        let app = AppPart {
            id: app_name.to_owned(),
        };
        let is_skipped = run.status == RunStatus::Skipped;
        let duration = run.started_at.zip(run.ended_at);
        Self {
            id: run.id.to_string(),
            function: FunctionPart {
                id: function.map_or_else(
                    || run.function.to_string(),
                    |function| short_id(function, app_name).to_owned(),
                ),
                name: function.map_or_else(String::new, |function| function.config.name.clone()),
                app: app.clone(),
            },
            app,
            status: spelt(if is_skipped {
                RunStatus::Queued
            } else {
                run.status
            }),
            is_skipped,
            queued_at: run.id.timestamp().to_string(),
            started_at: run.started_at.map(|at| at.to_string()),
            ended_at: run.ended_at.map(|at| at.to_string()),
            duration_ms: duration
                .map(|(from, to)| (to.as_millis() - from.as_millis()).max(0).to_string()),
            trigger: TriggerPart {
                event_ids: trigger.events.iter().map(ToString::to_string).collect(),
                event_name: trigger.event_name,
                is_batch: run.batch.is_some(),
                batch_id: run.batch.map(|batch| batch.to_string()),
                cron_schedule,
            },
            attributes,
            output: run.output.map(object_of),
        }
    }
}

/// The schedule that started the run, if one did.
async fn schedule(store: &dyn Store, trigger: &RunTrigger) -> Result<Option<String>, ReadError> {
    if trigger.event_name.as_deref() != Some(SCHEDULED) {
        return Ok(None);
    }
    let Some(first) = trigger.events.first() else {
        return Ok(None);
    };
    let event = store.event_view(*first).await?;
    Ok(event.as_ref().and_then(cron_of))
}

/// An output that is no object is shown as `{"data": …}`.
fn object_of(output: Json) -> Json {
    match output.is_object() {
        true => output,
        false => Json::object([("data", output)]),
    }
}
