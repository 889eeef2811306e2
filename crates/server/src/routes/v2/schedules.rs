//! `GET /v2/schedules`: when which function runs by the clock.

use axum::extract::State;
use axum::response::Response;
use everstep_core::cron::CronSchedule;
use everstep_core::record::FunctionRecord;
use everstep_core::ticks::SCHEDULED;
use everstep_protocol::Timestamp;
use everstep_protocol::config::Trigger;
use everstep_protocol::time::format_duration;
use everstep_store::{RunFilter, RunQuery};
use serde::Serialize;
use utoipa::ToSchema;

use super::Api;
use super::envelope::{PageView, is_false, page_envelope};
use super::error::V2Error;
use super::flow::function_report;
use super::query::{Query, bad_cursor, paging};
use super::run_object::RunObject;
use crate::registry::{Registry, short_id};
use crate::routes::openapi::{Operation, Routes};

/// Schedules of a page. For each of them runs are looked at.
const LIMIT_MAX: u32 = 40;
/// Times to come that are told.
const NEXT_SHOWN: usize = 5;
/// Runs of a function among which the last one of a schedule is looked for.
const RUNS_LOOKED_AT: usize = 20;
/// Rows that are looked at for them.
const READS_MAX: usize = 200;

/// A schedule of a function.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Schedule)]
struct ScheduleObject {
    function: FunctionPart,
    /// As the function names it: with its time zone, if it has one.
    cron: String,
    /// Of the IANA database; `UTC` unless the schedule says otherwise.
    time_zone: String,
    /// A run starts up to so much later.
    #[serde(skip_serializing_if = "Option::is_none")]
    jitter: Option<String>,
    /// The next times, jitter left out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    next_at: Vec<String>,
    #[serde(skip_serializing_if = "is_false")]
    is_paused: bool,
    /// The newest run that it started, if that is among the last ones of the function.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_run: Option<RunObject>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ScheduleFunction)]
struct FunctionPart {
    id: String,
    name: String,
    slug: String,
    app: AppPart,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ScheduleApp)]
struct AppPart {
    id: String,
}

/// A schedule, and where it is in the list.
struct Place<'r> {
    function: &'r FunctionRecord,
    index: usize,
    cron: &'r str,
    jitter: Option<String>,
}

pub(super) fn routes() -> Routes {
    Routes::new("Schedules").get(
        "/schedules",
        list,
        Operation::v2("listSchedules", "When which function runs by the clock")
            .query(&paging(LIMIT_MAX))
            .pages::<ScheduleObject>(),
    )
}

/// By function, in the order in which it names them.
pub(super) async fn list(State(api): State<Api>, mut query: Query) -> Result<Response, V2Error> {
    let paging = query.paging(LIMIT_MAX);
    query.done()?;
    let registry = Registry::load(&**api.engine.store()).await?;
    let mut places = places(&registry);
    if let Some(after) = &paging.cursor {
        let at = places.iter().position(|place| place.cursor() == *after);
        places.drain(..=at.ok_or_else(bad_cursor)?);
    }
    let page = PageView::cut(&mut places, paging.limit, Place::cursor);
    let now = api.clock.now();
    let mut objects = Vec::with_capacity(places.len());
    for place in places {
        objects.push(ScheduleObject::of(&api, &registry, place, now).await?);
    }
    Ok(page_envelope(&objects, &page, now))
}

fn places(registry: &Registry) -> Vec<Place<'_>> {
    let mut active: Vec<&FunctionRecord> = registry.functions.iter().collect();
    active.retain(|function| function.archived_at.is_none());
    active.sort_by(|a, b| a.slug.cmp(&b.slug));
    let schedules = active.into_iter().flat_map(|function| {
        let triggers = function.config.triggers.iter().enumerate();
        triggers.filter_map(move |(index, trigger)| match trigger {
            Trigger::Cron { cron, jitter } => Some(Place {
                function,
                index,
                cron,
                jitter: jitter.map(format_duration),
            }),
            Trigger::Event { .. } => None,
        })
    });
    schedules.collect()
}

impl Place<'_> {
    fn cursor(&self) -> String {
        format!("{}_{}", self.function.id, self.index)
    }
}

impl ScheduleObject {
    async fn of(
        api: &Api,
        registry: &Registry,
        place: Place<'_>,
        now: Timestamp,
    ) -> Result<Self, V2Error> {
        let function = place.function;
        // It was read when the app registered.
        let schedule = CronSchedule::parse(place.cron).ok();
        let times = std::iter::successors(Some(now), |last| {
            schedule.as_ref().and_then(|it| it.next_after(*last))
        });
        let next_at = times.skip(1).take(NEXT_SHOWN);
        let app = registry.app_by_id(function.app).map_or("", |app| &app.name);
        Ok(Self {
            function: FunctionPart {
                id: short_id(function, app).to_owned(),
                name: function.config.name.clone(),
                slug: function.slug.to_string(),
                app: AppPart { id: app.to_owned() },
            },
            cron: place.cron.to_owned(),
            time_zone: schedule
                .as_ref()
                .map_or("UTC", CronSchedule::zone)
                .to_owned(),
            jitter: place.jitter,
            next_at: next_at.map(|at| at.to_string()).collect(),
            is_paused: function_report(api, function).await?.pause.is_some(),
            last_run: last_run(api, registry, function, place.cron).await?,
        })
    }
}

async fn last_run(
    api: &Api,
    registry: &Registry,
    function: &FunctionRecord,
    cron: &str,
) -> Result<Option<RunObject>, V2Error> {
    let filter = RunFilter {
        functions: vec![function.id],
        event_name: Some(SCHEDULED.to_owned()),
        ..RunFilter::default()
    };
    let query = RunQuery {
        reads_max: READS_MAX,
        ..RunQuery::new(filter, RUNS_LOOKED_AT)
    };
    let store = &**api.engine.store();
    let runs = store.run_list(&query).await?.runs;
    let objects = RunObject::of_all(store, registry, runs).await?;
    Ok(objects.into_iter().find(|run| run.schedule() == Some(cron)))
}
