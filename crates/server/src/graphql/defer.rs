//! What a run has deferred, and from what a run was deferred (connect-realtime §4).

use async_graphql::{Context, Enum, Error, Object, Result};
use everstep_core::record::{DeferRecord, DeferStatus, EventRecord, RunRecord};
use everstep_protocol::RunId;
use everstep_protocol::defer::DEFERRED_EVENT;

use super::function::Function;
use super::reader::Reader;
use super::run_v2::FunctionRunV2;
use super::scalar::UlidText;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(name = "RunDeferStatus")]
enum Status {
    Scheduled,
    Aborted,
    Rejected,
}

/// A function that is to run, or has run, after another one.
pub(super) struct RunDefer {
    record: DeferRecord,
    /// The run that it has become.
    run: Option<RunRecord>,
}

/// What a run has deferred, in the order in which it asked for it.
pub(super) async fn of_run(reader: &Reader, run: RunId) -> Result<Vec<RunDefer>> {
    let mut defers = Vec::new();
    for record in reader.store().run_defers(run).await? {
        let mut started = Vec::new();
        if record.status == DeferStatus::Scheduled {
            let event = record.id.event_id(run);
            started = reader.store().event_runs(event).await?;
        }
        let run = started.into_iter().next();
        defers.push(RunDefer { record, run });
    }
    Ok(defers)
}

/// The runs that deferred the run of these events.
pub(super) fn parents(events: &[EventRecord]) -> Vec<RunId> {
    let deferred = events.iter().filter(|event| &*event.name == DEFERRED_EVENT);
    deferred
        .filter_map(|event| {
            let own = event.payload.member("data")?.member("_inngest")?;
            own.member_text("parent_run_id")?.parse().ok()
        })
        .collect()
}

impl RunDefer {
    pub(super) fn run_id(&self) -> Option<RunId> {
        self.run.as_ref().map(|run| run.id)
    }
}

#[Object]
impl RunDefer {
    #[graphql(name = "hashedDeferID")]
    async fn hashed_defer_id(&self) -> &str {
        self.record.id.as_str()
    }

    #[graphql(name = "userlandDeferID")]
    async fn userland_defer_id(&self) -> &str {
        &self.record.name
    }

    async fn fn_slug(&self) -> &str {
        &self.record.function_slug
    }

    async fn status(&self) -> Status {
        match self.record.status {
            DeferStatus::AfterRun { .. } | DeferStatus::Scheduled => Status::Scheduled,
            DeferStatus::Aborted => Status::Aborted,
            DeferStatus::Rejected(_) => Status::Rejected,
        }
    }

    async fn function(&self, context: &Context<'_>) -> Result<Option<Function>> {
        Function::by_slug(Reader::of(context)?, &self.record.function_slug).await
    }

    #[graphql(name = "runID")]
    async fn run_id_text(&self) -> Option<UlidText> {
        self.run_id().map(|id| UlidText(id.to_string()))
    }

    async fn run(&self) -> Option<FunctionRunV2> {
        self.run.clone().map(FunctionRunV2)
    }
}

/// A run that deferred the one that is asked about.
pub(super) struct RunDeferredFrom(pub(super) RunRecord);

#[Object]
impl RunDeferredFrom {
    #[graphql(name = "runID")]
    async fn run_id(&self) -> UlidText {
        UlidText(self.0.id.to_string())
    }

    async fn function(&self, context: &Context<'_>) -> Result<Function> {
        match Reader::of(context)?.function(self.0.function).await? {
            Some(function) => Ok(Function(function)),
            None => Err(Error::new("the function of the run is gone")),
        }
    }

    async fn run(&self) -> Option<FunctionRunV2> {
        Some(FunctionRunV2(self.0.clone()))
    }
}
