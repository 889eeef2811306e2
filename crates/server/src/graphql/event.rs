//! Events: as the older and the newer queries see them.

use async_graphql::{Context, Enum, InputObject, Object, Result, SimpleObject};
use everstep_core::record::{EventRecord, RunRecord, RunStatus};
use everstep_protocol::ids::ENVIRONMENT;
use everstep_protocol::{EventId, Json};
use everstep_store::EventFilter;

use super::connection::{PageInfo, conditions, event_cursor, parse_event_cursor};
use super::reader::{Reader, parse};
use super::run::FunctionRun;
use super::run_v2::FunctionRunV2;
use super::scalar::{Time, UlidText, UuidText};
use crate::search::filter::FILTER_VALUES_MAX;
use crate::search::{EventSearch, events_all};

/// Events of a page (GQ-4).
const PAGE_MAX: usize = 51;
const PAGE_DEFAULT: usize = 40;
/// Events that are counted for the total.
const COUNTED_MAX: usize = 10_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(name = "EventStatus")]
pub(super) enum EventStatus {
    Running,
    Completed,
    Paused,
    Failed,
    PartiallyFailed,
    NoFunctions,
}

pub(super) struct Event(pub(super) EventRecord);

#[derive(SimpleObject)]
#[graphql(name = "Workspace")]
pub(super) struct Workspace {
    id: String,
}

impl Workspace {
    pub(super) fn only() -> Self {
        Self {
            id: ENVIRONMENT.to_string(),
        }
    }
}

impl Event {
    async fn run_records(&self, reader: &Reader) -> Result<Vec<RunRecord>> {
        Ok(reader.store().event_runs(self.0.id).await?)
    }
}

#[Object]
impl Event {
    async fn id(&self) -> UlidText {
        UlidText(self.0.id.to_string())
    }

    #[graphql(name = "externalID")]
    async fn external_id(&self) -> Option<&str> {
        self.0.user_id.as_deref()
    }

    async fn workspace(&self) -> Option<Workspace> {
        Some(Workspace::only())
    }

    async fn name(&self) -> Option<&str> {
        Some(&self.0.name)
    }

    async fn created_at(&self) -> Option<Time> {
        Some(Time(self.0.received_at))
    }

    /// Its data, as JSON text.
    async fn payload(&self) -> Option<String> {
        let data = self.0.payload.member("data");
        Some(data.map_or_else(|| "{}".to_owned(), |data| data.as_str().to_owned()))
    }

    async fn schema(&self) -> Option<String> {
        None
    }

    async fn status(&self, context: &Context<'_>) -> Result<Option<EventStatus>> {
        let runs = self.run_records(Reader::of(context)?).await?;
        Ok(Some(status_of(&runs)))
    }

    async fn pending_runs(&self, context: &Context<'_>) -> Result<Option<usize>> {
        let runs = self.run_records(Reader::of(context)?).await?;
        Ok(Some(
            runs.iter().filter(|run| !run.status.is_final()).count(),
        ))
    }

    async fn total_runs(&self, context: &Context<'_>) -> Result<Option<usize>> {
        Ok(Some(self.run_records(Reader::of(context)?).await?.len()))
    }

    async fn raw(&self) -> Option<String> {
        Some(raw(&self.0))
    }

    async fn function_runs(&self, context: &Context<'_>) -> Result<Option<Vec<FunctionRun>>> {
        let runs = self.run_records(Reader::of(context)?).await?;
        Ok(Some(runs.into_iter().map(FunctionRun).collect()))
    }
}

/// What has become of an event, by its runs.
fn status_of(runs: &[RunRecord]) -> EventStatus {
    let count = |is: fn(RunStatus) -> bool| runs.iter().filter(|run| is(run.status)).count();
    let failed = count(|status| status == RunStatus::Failed);
    if runs.is_empty() {
        EventStatus::NoFunctions
    } else if count(|status| !status.is_final()) > 0 {
        EventStatus::Running
    } else if failed == runs.len() {
        EventStatus::Failed
    } else if failed > 0 {
        EventStatus::PartiallyFailed
    } else {
        EventStatus::Completed
    }
}

/// `{data, id, name, ts, v}` as JSON text.
pub(super) fn raw(event: &EventRecord) -> String {
    let member = |name| event.payload.member(name);
    let id = event
        .user_id
        .as_deref()
        .map_or_else(|| event.id.to_string(), str::to_owned);
    Json::object([
        (
            "data",
            member("data").unwrap_or_else(|| Json::from_canonical("{}")),
        ),
        ("id", Json::string(&id)),
        ("name", Json::string(&event.name)),
        ("ts", Json::integer(event.ts.as_millis())),
        ("v", member("v").unwrap_or_else(Json::null)),
    ])
    .as_str()
    .to_owned()
}

pub(super) struct EventV2(pub(super) EventRecord);

#[derive(SimpleObject)]
#[graphql(name = "EventSource")]
struct EventSource {
    id: String,
    name: Option<String>,
    source_kind: String,
}

#[Object]
impl EventV2 {
    #[graphql(name = "envID")]
    async fn env_id(&self) -> UuidText {
        UuidText(ENVIRONMENT.to_string())
    }

    async fn id(&self) -> UlidText {
        UlidText(self.0.id.to_string())
    }

    async fn idempotency_key(&self) -> Option<&str> {
        self.0.user_id.as_deref()
    }

    async fn name(&self) -> &str {
        &self.0.name
    }

    async fn occurred_at(&self) -> Time {
        Time(self.0.ts)
    }

    async fn raw(&self) -> String {
        raw(&self.0)
    }

    async fn received_at(&self) -> Time {
        Time(self.0.received_at)
    }

    async fn runs(&self, context: &Context<'_>) -> Result<Vec<FunctionRunV2>> {
        let runs = Reader::of(context)?.store().event_runs(self.0.id).await?;
        Ok(runs.into_iter().map(FunctionRunV2).collect())
    }

    async fn source(&self) -> Option<EventSource> {
        None
    }

    async fn version(&self) -> Option<String> {
        self.0.payload.member_text("v")
    }
}

#[derive(InputObject)]
#[graphql(name = "EventQuery")]
pub(super) struct EventQuery {
    workspace_id: Option<String>,
    event_id: String,
}

#[derive(InputObject)]
#[graphql(name = "EventsQuery")]
pub(super) struct EventsQuery {
    workspace_id: Option<String>,
    last_event_id: Option<String>,
}

#[derive(InputObject)]
#[graphql(name = "EventsFilter")]
pub(super) struct EventsFilter {
    event_names: Option<Vec<String>>,
    from: Time,
    until: Option<Time>,
    #[graphql(default = false)]
    include_internal_events: bool,
    /// A condition in CEL.
    query: Option<String>,
}

pub(super) async fn one(reader: &Reader, query: &EventQuery) -> Result<Option<Event>> {
    let id = parse("an event", &query.event_id)?;
    Ok(reader.event(id).await?.map(Event))
}

/// The newest ones.
pub(super) async fn recent(reader: &Reader, query: &EventsQuery) -> Result<Vec<Event>> {
    let before = match query.last_event_id.as_deref().filter(|id| !id.is_empty()) {
        Some(id) => Some(parse("an event", id)?),
        None => None,
    };
    let filter = EventFilter {
        before,
        ..EventFilter::newest(PAGE_MAX)
    };
    let events = events_all(reader.store(), filter).await?;
    Ok(events.into_iter().map(Event).collect())
}

#[derive(SimpleObject)]
#[graphql(name = "EventEdge")]
struct EventEdge {
    node: EventV2,
    cursor: String,
}

/// A page of events, newest first.
pub(super) struct EventsConnection {
    events: Vec<EventRecord>,
    has_next: bool,
    has_previous: bool,
    filter: EventFilter,
}

impl EventsConnection {
    pub(super) async fn read(
        reader: &Reader,
        first: Option<usize>,
        after: Option<&str>,
        filter: EventsFilter,
    ) -> Result<Self> {
        let limit = first.unwrap_or(PAGE_DEFAULT).clamp(1, PAGE_MAX);
        let before = after.map(parse_event_cursor).transpose()?;
        let search = conditions(filter.query.as_deref());
        let filter = filter.resolve(before, limit)?;
        let (events, has_next) = match search {
            Some(text) => {
                let clock = &reader.api.clock;
                let search = EventSearch::compile(&text, clock.now())?;
                let scanned = search
                    .events(reader.store(), filter.clone(), &**clock)
                    .await?;
                (scanned.found, scanned.next.is_some())
            }
            None => {
                let filter = EventFilter {
                    limit: limit + 1,
                    ..filter.clone()
                };
                let mut events = events_all(reader.store(), filter).await?;
                let has_next = events.len() > limit;
                events.truncate(limit);
                (events, has_next)
            }
        };
        Ok(Self {
            events,
            has_next,
            has_previous: before.is_some(),
            filter,
        })
    }
}

impl EventsFilter {
    fn resolve(self, before: Option<EventId>, limit: usize) -> Result<EventFilter> {
        let names = self.event_names.unwrap_or_default();
        if names.len() > FILTER_VALUES_MAX {
            let error = format!("eventNames takes {FILTER_VALUES_MAX} names at most");
            return Err(error.into());
        }
        Ok(EventFilter {
            names,
            received_after: Some(self.from.0),
            received_before: self.until.map(|until| until.0),
            before,
            internal: self.include_internal_events,
            ..EventFilter::newest(limit)
        })
    }
}

#[Object]
impl EventsConnection {
    async fn edges(&self) -> Vec<EventEdge> {
        let edges = self.events.iter().map(|event| EventEdge {
            node: EventV2(event.clone()),
            cursor: event_cursor(event.id),
        });
        edges.collect()
    }

    async fn page_info(&self) -> PageInfo {
        let cursors: Vec<_> = self.events.iter().map(|it| event_cursor(it.id)).collect();
        PageInfo::new(&cursors, self.has_next, self.has_previous)
    }

    async fn total_count(&self, context: &Context<'_>) -> Result<usize> {
        let filter = EventFilter {
            before: None,
            limit: COUNTED_MAX,
            ..self.filter.clone()
        };
        let reader = Reader::of(context)?;
        Ok(events_all(reader.store(), filter).await?.len())
    }
}
