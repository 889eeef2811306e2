//! Runs and pages of them, as the newer queries see them.

use async_graphql::{Context, Enum, Error, InputObject, Object, Result, SimpleObject};
use everstep_core::record::{EventRecord, RunRecord, RunStatus, StepKind};
use everstep_core::ticks::cron_of;
use everstep_protocol::{AppId, FunctionId};
use everstep_store::run_list::RUN_READS_MAX;
use everstep_store::{Order, RunCursor, RunFilter, RunQuery, RunTime};

use super::app::App;
use super::connection::{PageInfo, conditions, parse_run_cursor, run_cursor};
use super::defer::{self, RunDefer, RunDeferredFrom};
use super::function::Function;
use super::reader::{Reader, parse};
use super::run::Status;
use super::scalar::{Bytes, Time, UlidText, UuidText};
use super::trace::{RunTraceSpan, trace_id};
use crate::search::RunSearch;

/// Runs of a page (GQ-1).
const PAGE_MAX: usize = 400;
const PAGE_DEFAULT: usize = 100;
/// Runs that are counted for the total.
const COUNTED_MAX: usize = 10_000;
/// The steps that ask a model.
const AI_STEP_PREFIX: &str = "step.ai.";

#[derive(Clone, Debug)]
pub(super) struct FunctionRunV2(pub(super) RunRecord);

impl FunctionRunV2 {
    async fn events(&self, context: &Context<'_>) -> Result<Vec<EventRecord>> {
        Ok(Reader::of(context)?.store().run_events(self.0.id).await?)
    }

    async fn function_of(&self, context: &Context<'_>) -> Result<Function> {
        match Reader::of(context)?.function(self.0.function).await? {
            Some(function) => Ok(Function(function)),
            None => Err(Error::new("the function of the run is gone")),
        }
    }
}

#[Object]
impl FunctionRunV2 {
    async fn id(&self) -> UlidText {
        UlidText(self.0.id.to_string())
    }

    #[graphql(name = "appID")]
    async fn app_id(&self, context: &Context<'_>) -> Result<UuidText> {
        Ok(UuidText(self.function_of(context).await?.0.app.to_string()))
    }

    async fn app(&self, context: &Context<'_>) -> Result<App> {
        let id = self.function_of(context).await?.0.app;
        let reader = Reader::of(context)?;
        match reader.app(id).await? {
            Some(app) => Ok(App::of_record(reader, app)),
            None => Err(Error::new("the app of the run is gone")),
        }
    }

    #[graphql(name = "functionID")]
    async fn function_id(&self) -> UuidText {
        UuidText(self.0.function.to_string())
    }

    async fn function(&self, context: &Context<'_>) -> Result<Function> {
        self.function_of(context).await
    }

    #[graphql(name = "traceID")]
    async fn trace_id(&self) -> String {
        trace_id(self.0.id)
    }

    async fn queued_at(&self) -> Time {
        Time(self.0.id.timestamp())
    }

    async fn started_at(&self) -> Option<Time> {
        self.0.started_at.map(Time)
    }

    async fn ended_at(&self) -> Option<Time> {
        self.0.ended_at.map(Time)
    }

    async fn status(&self) -> Status {
        self.0.status.into()
    }

    #[graphql(name = "sourceID")]
    async fn source_id(&self) -> Option<String> {
        None
    }

    #[graphql(name = "triggerIDs")]
    async fn trigger_ids(&self, context: &Context<'_>) -> Result<Vec<UlidText>> {
        let events = self.events(context).await?;
        let ids = events.iter().map(|event| UlidText(event.id.to_string()));
        Ok(ids.collect())
    }

    async fn event_name(&self, context: &Context<'_>) -> Result<Option<String>> {
        let events = self.events(context).await?;
        let first = events.first().filter(|event| cron_of(event).is_none());
        Ok(first.map(|event| event.name.to_string()))
    }

    async fn is_batch(&self) -> bool {
        self.0.batch.is_some()
    }

    async fn batch_created_at(&self) -> Option<Time> {
        self.0.batch.map(|batch| Time(batch.timestamp()))
    }

    async fn cron_schedule(&self, context: &Context<'_>) -> Result<Option<String>> {
        Ok(self.events(context).await?.first().and_then(cron_of))
    }

    async fn output(&self, context: &Context<'_>) -> Result<Option<Bytes>> {
        if !self.0.status.is_final() || self.0.output.is_some() {
            return Ok(self.0.output.clone().map(Bytes::from));
        }
        // Lists leave outputs out, because they can be long.
        let run = Reader::of(context)?.run(self.0.id).await?;
        Ok(run.and_then(|run| run.output).map(Bytes::from))
    }

    async fn trace(
        &self,
        context: &Context<'_>,
        preview: Option<bool>,
    ) -> Result<Option<RunTraceSpan>> {
        let _ = preview;
        RunTraceSpan::of_run(Reader::of(context)?, self.0.id).await
    }

    #[graphql(name = "hasAI")]
    async fn has_ai(&self, context: &Context<'_>) -> Result<bool> {
        let steps = Reader::of(context)?.store().run_steps(self.0.id).await?;
        Ok(steps.iter().any(|step| {
            let step_type = step.step_type.as_deref();
            step.kind == StepKind::Infer
                || step_type.is_some_and(|it| it.starts_with(AI_STEP_PREFIX))
        }))
    }

    /// What the run has deferred.
    async fn defers(&self, context: &Context<'_>) -> Result<Vec<RunDefer>> {
        defer::of_run(Reader::of(context)?, self.0.id).await
    }

    /// What the run that deferred this one has deferred beside it.
    async fn sibling_defers(&self, context: &Context<'_>) -> Result<Vec<RunDefer>> {
        let reader = Reader::of(context)?;
        let mut siblings = Vec::new();
        for parent in defer::parents(&self.events(context).await?) {
            let defers = defer::of_run(reader, parent).await?;
            siblings.extend(
                defers
                    .into_iter()
                    .filter(|it| it.run_id() != Some(self.0.id)),
            );
        }
        Ok(siblings)
    }

    /// The runs that deferred this one.
    async fn deferred_from(&self, context: &Context<'_>) -> Result<Vec<RunDeferredFrom>> {
        let reader = Reader::of(context)?;
        let mut from = Vec::new();
        for parent in defer::parents(&self.events(context).await?) {
            if let Some(run) = reader.run(parent).await? {
                from.push(RunDeferredFrom(run));
            }
        }
        Ok(from)
    }

    async fn is_deferred(&self, context: &Context<'_>) -> Result<bool> {
        Ok(!defer::parents(&self.events(context).await?).is_empty())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(name = "RunsV2OrderByField")]
#[expect(clippy::enum_variant_names, reason = "they are those of the schema")]
enum TimeField {
    QueuedAt,
    StartedAt,
    EndedAt,
}

impl From<TimeField> for RunTime {
    fn from(field: TimeField) -> Self {
        match field {
            TimeField::QueuedAt => Self::QueuedAt,
            TimeField::StartedAt => Self::StartedAt,
            TimeField::EndedAt => Self::EndedAt,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(name = "RunsOrderByDirection")]
enum Direction {
    Asc,
    Desc,
}

#[derive(InputObject)]
#[graphql(name = "RunsV2OrderBy")]
pub(super) struct OrderBy {
    field: TimeField,
    direction: Direction,
}

#[derive(InputObject)]
#[graphql(name = "RunsFilterV2")]
pub(super) struct RunsFilter {
    from: Time,
    until: Option<Time>,
    #[graphql(default_with = "TimeField::QueuedAt")]
    time_field: TimeField,
    status: Option<Vec<Status>>,
    #[graphql(name = "functionIDs")]
    function_ids: Option<Vec<UuidText>>,
    #[graphql(name = "appIDs")]
    app_ids: Option<Vec<UuidText>>,
    is_deferred: Option<bool>,
    /// Conditions in CEL, one a line.
    query: Option<String>,
}

impl RunsFilter {
    fn resolve(&self) -> Result<RunFilter> {
        let functions = ids::<FunctionId>("a function", self.function_ids.as_deref())?;
        let apps = ids::<AppId>("an app", self.app_ids.as_deref())?;
        let mut statuses: Vec<RunStatus> = self
            .status
            .iter()
            .flatten()
            .map(|status| (*status).into())
            .collect();
        if statuses.is_empty() {
            // Those that were skipped are listed only when asked for (GQ-1).
            statuses = vec![
                RunStatus::Queued,
                RunStatus::Running,
                RunStatus::Completed,
                RunStatus::Failed,
                RunStatus::Cancelled,
            ];
        }
        Ok(RunFilter {
            time: self.time_field.into(),
            from: Some(self.from.0),
            until: self.until.map(|until| until.0),
            statuses,
            apps,
            functions,
            is_deferred: self.is_deferred,
            ..RunFilter::default()
        })
    }
}

fn ids<T: std::str::FromStr>(noun: &str, texts: Option<&[UuidText]>) -> Result<Vec<T>> {
    let texts = texts.unwrap_or_default();
    texts.iter().map(|text| parse(noun, &text.0)).collect()
}

#[derive(SimpleObject)]
#[graphql(name = "FunctionRunV2Edge")]
struct RunEdge {
    node: FunctionRunV2,
    cursor: String,
}

/// A page of runs.
pub(super) struct RunsConnection {
    runs: Vec<RunRecord>,
    filter: RunFilter,
    has_next: bool,
    has_previous: bool,
}

impl RunsConnection {
    pub(super) async fn read(
        reader: &Reader,
        first: Option<usize>,
        after: Option<&str>,
        order: &[OrderBy],
        filter: &RunsFilter,
    ) -> Result<Self> {
        let search = conditions(filter.query.as_deref());
        let mut filter = filter.resolve()?;
        let first_order = order.first();
        if let Some(order) = first_order {
            filter.time = order.field.into();
        }
        let is_ascending = first_order.is_some_and(|it| it.direction == Direction::Asc);
        let query = RunQuery {
            order: match is_ascending {
                true => Order::Ascending,
                false => Order::Descending,
            },
            after: after
                .map(|text| parse_run_cursor(filter.time, text))
                .transpose()?,
            limit: first.unwrap_or(PAGE_DEFAULT).clamp(1, PAGE_MAX),
            with_output: false,
            reads_max: RUN_READS_MAX,
            filter,
        };
        let (has_previous, filter) = (query.after.is_some(), query.filter.clone());
        let clock = &reader.api.clock;
        let (runs, has_next) = match search {
            Some(text) => {
                let search = RunSearch::compile(&text, clock.now())?;
                let scanned = search
                    .runs(reader.store(), reader.registry().await?, query, &**clock)
                    .await?;
                (scanned.found, scanned.next.is_some())
            }
            None => {
                let page = reader.store().run_list(&query).await?;
                (page.runs, page.next.is_some())
            }
        };
        Ok(Self {
            runs,
            has_next,
            has_previous,
            filter,
        })
    }

    fn cursor(&self, run: &RunRecord) -> String {
        let at = self.filter.time.of(run).unwrap_or(run.id.timestamp());
        run_cursor(self.filter.time, RunCursor { at, run: run.id })
    }
}

#[Object(name = "RunsV2Connection")]
impl RunsConnection {
    async fn edges(&self) -> Vec<RunEdge> {
        let edges = self.runs.iter().map(|run| RunEdge {
            node: FunctionRunV2(run.clone()),
            cursor: self.cursor(run),
        });
        edges.collect()
    }

    async fn page_info(&self) -> PageInfo {
        let cursors: Vec<_> = self.runs.iter().map(|run| self.cursor(run)).collect();
        PageInfo::new(&cursors, self.has_next, self.has_previous)
    }

    /// Up to a bound, beyond which nobody counts.
    async fn total_count(&self, context: &Context<'_>, preview: Option<bool>) -> Result<usize> {
        // The reference has two storages; there is one here (GQ-5).
        let _ = preview;
        let store = Reader::of(context)?.store();
        Ok(store.run_count(&self.filter, COUNTED_MAX).await?.runs)
    }
}
