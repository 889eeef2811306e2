//! What can be asked (http-api §6.1).

use async_graphql::{Context, Error, InputObject, Object, Result, SimpleObject};

use super::app::{App, AppsFilter};
use super::event::{self, Event, EventQuery, EventV2, EventsConnection, EventsFilter, EventsQuery};
use super::function::Function;
use super::reader::{Reader, parse};
use super::run::{FunctionRun, FunctionRunQuery};
use super::run_v2::{FunctionRunV2, OrderBy, RunsConnection, RunsFilter};
use super::scalar::{UlidText, UuidText};
use super::stream::{self, StreamItem, StreamQuery};
use super::trace::{RunTraceSpan, RunTraceSpanOutput};
use super::trigger::RunTraceTrigger;
use super::worker::{WorkerConnection, WorkerFilter, WorkerOrder, WorkersConnection};

pub(super) struct Query;

#[derive(InputObject)]
#[graphql(name = "FunctionQuery")]
struct FunctionQuery {
    workspace_id: Option<String>,
    function_slug: String,
}

#[derive(InputObject)]
#[graphql(name = "DebugRunQuery")]
struct DebugRunQuery {
    workspace_id: Option<String>,
    function_slug: String,
    #[graphql(name = "debugRunID")]
    debug_run: Option<String>,
    #[graphql(name = "runID")]
    run: Option<String>,
}

#[derive(Default, SimpleObject)]
#[graphql(name = "DebugRun")]
struct DebugRun {
    debug_traces: Vec<RunTraceSpan>,
}

#[Object]
impl Query {
    async fn apps(&self, context: &Context<'_>, filter: Option<AppsFilter>) -> Result<Vec<App>> {
        App::all(Reader::of(context)?, filter).await
    }

    async fn app(&self, context: &Context<'_>, id: UuidText) -> Result<Option<App>> {
        App::find(Reader::of(context)?, parse("an app", &id.0)?).await
    }

    async fn functions(&self, context: &Context<'_>) -> Result<Option<Vec<Function>>> {
        Function::all(Reader::of(context)?).await.map(Some)
    }

    async fn function_by_slug(
        &self,
        context: &Context<'_>,
        query: FunctionQuery,
    ) -> Result<Option<Function>> {
        Function::by_slug(Reader::of(context)?, &query.function_slug).await
    }

    async fn event(&self, context: &Context<'_>, query: EventQuery) -> Result<Option<Event>> {
        event::one(Reader::of(context)?, &query).await
    }

    async fn events(
        &self,
        context: &Context<'_>,
        query: EventsQuery,
    ) -> Result<Option<Vec<Event>>> {
        event::recent(Reader::of(context)?, &query).await.map(Some)
    }

    #[graphql(name = "eventV2")]
    async fn event_v2(&self, context: &Context<'_>, id: UlidText) -> Result<EventV2> {
        let id = parse("an event", &id.0)?;
        let event = Reader::of(context)?.event(id).await?;
        event
            .map(EventV2)
            .ok_or_else(|| Error::new("event not found"))
    }

    #[graphql(name = "eventsV2")]
    async fn events_v2(
        &self,
        context: &Context<'_>,
        first: Option<usize>,
        after: Option<String>,
        filter: EventsFilter,
    ) -> Result<EventsConnection> {
        EventsConnection::read(Reader::of(context)?, first, after.as_deref(), filter).await
    }

    async fn stream(&self, context: &Context<'_>, query: StreamQuery) -> Result<Vec<StreamItem>> {
        stream::items(Reader::of(context)?, query).await
    }

    async fn function_run(
        &self,
        context: &Context<'_>,
        query: FunctionRunQuery,
    ) -> Result<Option<FunctionRun>> {
        FunctionRun::find(Reader::of(context)?, &query).await
    }

    async fn run(
        &self,
        context: &Context<'_>,
        #[graphql(name = "runID")] run: String,
    ) -> Result<Option<FunctionRunV2>> {
        let id = parse("a run", &run)?;
        Ok(Reader::of(context)?.run(id).await?.map(FunctionRunV2))
    }

    async fn runs(
        &self,
        context: &Context<'_>,
        first: Option<usize>,
        after: Option<String>,
        order_by: Vec<OrderBy>,
        filter: RunsFilter,
        preview: Option<bool>,
    ) -> Result<RunsConnection> {
        let _ = preview;
        let reader = Reader::of(context)?;
        RunsConnection::read(reader, first, after.as_deref(), &order_by, &filter).await
    }

    async fn run_trace(
        &self,
        context: &Context<'_>,
        #[graphql(name = "runID")] run: String,
    ) -> Result<RunTraceSpan> {
        RunTraceSpan::find(Reader::of(context)?, &run).await
    }

    #[graphql(name = "runTraceSpanOutputByID")]
    async fn run_trace_span_output_by_id(
        &self,
        context: &Context<'_>,
        #[graphql(name = "outputID")] output: String,
    ) -> Result<RunTraceSpanOutput> {
        RunTraceSpanOutput::find(Reader::of(context)?, &output).await
    }

    /// Runs are not grouped for debugging here: no group has any.
    async fn debug_run(&self, query: DebugRunQuery) -> DebugRun {
        let _ = query;
        DebugRun::default()
    }

    async fn worker_connections(
        &self,
        first: Option<usize>,
        after: Option<String>,
        order_by: Option<Vec<WorkerOrder>>,
        filter: Option<WorkerFilter>,
    ) -> WorkersConnection {
        let _ = (first, after, order_by, filter);
        WorkersConnection::default()
    }

    async fn worker_connection(&self, connection_id: UlidText) -> Option<WorkerConnection> {
        let _ = connection_id;
        None
    }

    async fn run_trigger(
        &self,
        context: &Context<'_>,
        #[graphql(name = "runID")] run: String,
    ) -> Result<RunTraceTrigger> {
        RunTraceTrigger::find(Reader::of(context)?, &run).await
    }
}
