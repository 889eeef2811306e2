//! Runs, as the older queries see them.

use async_graphql::{Context, Enum, Error, InputObject, Object, Result, SimpleObject};
use everstep_core::record::{RunRecord, RunStatus, WaitKind};
use everstep_core::ticks::cron_of;
use everstep_protocol::EventId;

use super::event::{Event, Workspace};
use super::function::Function;
use super::history::RunHistoryItem;
use super::reader::{Reader, parse};
use super::scalar::{Time, UlidText};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(name = "FunctionRunStatus")]
pub(super) enum Status {
    Completed,
    Failed,
    Cancelled,
    Running,
    Queued,
    Skipped,
}

impl From<RunStatus> for Status {
    fn from(status: RunStatus) -> Self {
        match status {
            RunStatus::Queued => Self::Queued,
            RunStatus::Running => Self::Running,
            RunStatus::Completed => Self::Completed,
            RunStatus::Failed => Self::Failed,
            RunStatus::Cancelled => Self::Cancelled,
            RunStatus::Skipped => Self::Skipped,
        }
    }
}

impl From<Status> for RunStatus {
    fn from(status: Status) -> Self {
        match status {
            Status::Queued => Self::Queued,
            Status::Running => Self::Running,
            Status::Completed => Self::Completed,
            Status::Failed => Self::Failed,
            Status::Cancelled => Self::Cancelled,
            Status::Skipped => Self::Skipped,
        }
    }
}

#[derive(InputObject)]
#[graphql(name = "FunctionRunQuery")]
pub(super) struct FunctionRunQuery {
    workspace_id: Option<String>,
    function_run_id: String,
}

/// What a run waits for.
#[derive(SimpleObject)]
#[graphql(name = "StepEventWait")]
struct StepEventWait {
    event_name: Option<String>,
    expression: Option<String>,
    expiry_time: Time,
}

#[derive(Clone, Debug)]
pub(super) struct FunctionRun(pub(super) RunRecord);

impl FunctionRun {
    pub(super) async fn find(reader: &Reader, query: &FunctionRunQuery) -> Result<Option<Self>> {
        let id = parse("a run", &query.function_run_id)?;
        Ok(reader.run(id).await?.map(Self))
    }

    async fn event_records(
        &self,
        context: &Context<'_>,
    ) -> Result<Vec<everstep_core::record::EventRecord>> {
        Ok(Reader::of(context)?.store().run_events(self.0.id).await?)
    }
}

#[Object]
impl FunctionRun {
    async fn id(&self) -> String {
        self.0.id.to_string()
    }

    #[graphql(name = "functionID")]
    async fn function_id(&self) -> String {
        self.0.function.to_string()
    }

    async fn function(&self, context: &Context<'_>) -> Result<Option<Function>> {
        let function = Reader::of(context)?.function(self.0.function).await?;
        Ok(function.map(Function))
    }

    async fn workspace(&self) -> Option<Workspace> {
        Some(Workspace::only())
    }

    async fn event(&self, context: &Context<'_>) -> Result<Option<Event>> {
        let events = self.event_records(context).await?;
        Ok(events.into_iter().next().map(Event))
    }

    async fn events(&self, context: &Context<'_>) -> Result<Vec<Event>> {
        let events = self.event_records(context).await?;
        Ok(events.into_iter().map(Event).collect())
    }

    #[graphql(name = "batchID")]
    async fn batch_id(&self) -> Option<UlidText> {
        self.0.batch.map(|batch| UlidText(batch.to_string()))
    }

    async fn batch_created_at(&self) -> Option<Time> {
        self.0.batch.map(|batch| Time(batch.timestamp()))
    }

    async fn status(&self) -> Option<Status> {
        Some(self.0.status.into())
    }

    async fn waiting_for(&self, context: &Context<'_>) -> Result<Option<StepEventWait>> {
        if self.0.status.is_final() {
            return Ok(None);
        }
        let waits = Reader::of(context)?.store().run_waits(self.0.id).await?;
        let open = waits.into_iter().filter(|wait| wait.resolution.is_none());
        let mut events = open.filter_map(|wait| match wait.kind {
            WaitKind::Event { name, condition } => Some(StepEventWait {
                event_name: Some(name.to_string()),
                expression: condition.map(|it| it.to_string()),
                expiry_time: Time(wait.expires_at),
            }),
            WaitKind::Signal(_)
            | WaitKind::SignalLost
            | WaitKind::Invocation
            | WaitKind::Cancellation { .. } => None,
        });
        Ok(events.next())
    }

    async fn pending_steps(&self, context: &Context<'_>) -> Result<Option<usize>> {
        let jobs = Reader::of(context)?.store().run_jobs(self.0.id).await?;
        Ok(Some(jobs.len()))
    }

    async fn started_at(&self) -> Option<Time> {
        self.0.started_at.map(Time)
    }

    async fn finished_at(&self) -> Option<Time> {
        self.0.ended_at.map(Time)
    }

    /// JSON text; of a failed run the error object.
    async fn output(&self) -> Option<String> {
        self.0
            .output
            .as_ref()
            .map(|output| output.as_str().to_owned())
    }

    async fn history(&self, context: &Context<'_>) -> Result<Vec<RunHistoryItem>> {
        RunHistoryItem::of_run(Reader::of(context)?, self.0.id).await
    }

    async fn history_item_output(
        &self,
        context: &Context<'_>,
        id: UlidText,
    ) -> Result<Option<String>> {
        RunHistoryItem::output(Reader::of(context)?, self.0.id, &id).await
    }

    #[graphql(name = "eventID")]
    async fn event_id(&self, context: &Context<'_>) -> Result<UlidText> {
        let events = self.event_records(context).await?;
        let id: Option<EventId> = events.first().map(|event| event.id);
        match id {
            Some(id) => Ok(UlidText(id.to_string())),
            None => Err(Error::new("the event of the run is gone")),
        }
    }

    async fn cron(&self, context: &Context<'_>) -> Result<Option<String>> {
        let events = self.event_records(context).await?;
        Ok(events.first().and_then(cron_of))
    }
}
