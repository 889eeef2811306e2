//! `GET /v2/runs`, `GET /v2/runs/{run}`, `GET /v2/apps/{app}/functions/{function}/runs`,
//! `GET /v2/events/{event}/runs` (http-api §8.2).

use axum::extract::State;
use axum::response::Response;
use everstep_protocol::{EventId, RunId, Timestamp};
use everstep_store::{Order, RunCursor, RunQuery};

use super::Api;
use super::envelope::{PageView, envelope, page_envelope};
use super::error::V2Error;
use super::named::function_of;
use super::query::{FILTER, INCLUDE_OUTPUT, Paging, Query, SEARCH, bad_cursor, paging};
use super::run_object::RunObject;
use crate::error::ApiError;
use crate::registry::Registry;
use crate::routes::openapi::{Kind, Member, Operation, Routes};
use crate::routes::params::{PathPair, PathText};
use crate::search::{Filter, RunSearch};

/// Runs of a page.
const LIMIT_MAX: u32 = 100;
/// Runs of a page of those of an event.
const OF_EVENT_LIMIT_MAX: u32 = 40;

/// What a list of runs is asked for.
struct Request {
    filter: Filter,
    paging: Paging,
    order: Order,
    with_output: bool,
    search: Option<RunSearch>,
}

pub(super) fn routes() -> Routes {
    let order = Member::new(
        "order",
        Kind::Word(&["ASC", "DESC"]),
        "Oldest or newest first",
    );
    let list_of = |id, summary| {
        Operation::v2(id, summary)
            .query(FILTER)
            .query(&[order, INCLUDE_OUTPUT, SEARCH])
            .query(&paging(LIMIT_MAX))
            .pages::<RunObject>()
    };
    Routes::new("Runs")
        .get(
            "/runs",
            list,
            list_of("listRuns", "Runs that a filter and a search match"),
        )
        .get(
            "/runs/{run}",
            view,
            Operation::v2("getRun", "One run")
                .query(&[INCLUDE_OUTPUT])
                .replies::<RunObject>(),
        )
        .get(
            "/events/{event}/runs",
            of_event,
            Operation::v2(
                "listEventRuns",
                "The runs that an event triggered, newest first",
            )
            .query(&[INCLUDE_OUTPUT])
            .query(&paging(OF_EVENT_LIMIT_MAX))
            .pages::<RunObject>(),
        )
        .get(
            "/apps/{app}/functions/{function}/runs",
            of_function,
            list_of("listFunctionRuns", "The runs of a function"),
        )
}

pub(super) async fn list(State(api): State<Api>, query: Query) -> Result<Response, V2Error> {
    let request = Request::read(query, api.clock.now())?;
    answer(&api, request).await
}

pub(super) async fn of_function(
    State(api): State<Api>,
    path: Result<PathPair, ApiError>,
    query: Query,
) -> Result<Response, V2Error> {
    let PathPair(app, function) = path?;
    let mut request = Request::read(query, api.clock.now())?;
    let registry = Registry::load(&**api.engine.store()).await?;
    function_of(&registry, &app, &function)?;
    request.filter.apps = vec![app];
    request.filter.functions = vec![function];
    answer(&api, request).await
}

pub(super) async fn view(
    State(api): State<Api>,
    run: Result<PathText, ApiError>,
    mut query: Query,
) -> Result<Response, V2Error> {
    let PathText(run) = run?;
    let with_output = query.flag("includeOutput").unwrap_or(false);
    query.done()?;
    let id = run_id(&run)?;
    let store = &**api.engine.store();
    let run = store.run_view(id).await?;
    let mut run = run.ok_or_else(|| V2Error::not_found("Run not found"))?;
    run.output = run.output.filter(|_| with_output);
    let registry = Registry::load(store).await?;
    let objects = RunObject::of_all(store, &registry, vec![run]).await?;
    Ok(envelope(objects.into_iter().next(), api.clock.now()))
}

/// Newest first. An event triggers a function once, so the runs of one event are few.
pub(super) async fn of_event(
    State(api): State<Api>,
    event: Result<PathText, ApiError>,
    mut query: Query,
) -> Result<Response, V2Error> {
    let PathText(event) = event?;
    let with_output = query.flag("includeOutput").unwrap_or(false);
    let paging = query.paging(OF_EVENT_LIMIT_MAX);
    query.done()?;
    let id: EventId = event
        .parse()
        .map_err(|_| V2Error::invalid_request(format!("{event:?} is not an event id")))?;
    let before = paging.cursor.as_deref().map(str::parse::<RunId>);
    let before = before.transpose().map_err(|_| bad_cursor())?;
    let store = &**api.engine.store();
    if store.event_view(id).await?.is_none() {
        return Err(V2Error::not_found("Event not found"));
    }
    let mut runs = store.event_runs(id).await?;
    runs.retain(|run| before.is_none_or(|before| run.id < before));
    let page = PageView::cut(&mut runs, paging.limit, |run| run.id.to_string());
    for run in &mut runs {
        run.output = run.output.take().filter(|_| with_output);
    }
    let registry = Registry::load(store).await?;
    let objects = RunObject::of_all(store, &registry, runs).await?;
    Ok(page_envelope(&objects, &page, api.clock.now()))
}

async fn answer(api: &Api, request: Request) -> Result<Response, V2Error> {
    let store = &**api.engine.store();
    let registry = Registry::load(store).await?;
    let filter = request
        .filter
        .resolve(&registry)
        .map_err(V2Error::of_filter)?;
    let after = request.paging.cursor.as_deref().map(read_cursor);
    let limit = request.paging.limit;
    let query = RunQuery {
        order: request.order,
        after: after.transpose()?,
        with_output: request.with_output,
        ..RunQuery::new(filter, limit)
    };
    let is_search = request.search.is_some();
    let (runs, next) = match request.search {
        Some(search) => {
            let scanned = search.runs(store, &registry, query, &*api.clock).await?;
            (scanned.found, scanned.next)
        }
        None => {
            let page = store.run_list(&query).await?;
            (page.runs, page.next)
        }
    };
    let objects = RunObject::of_all(store, &registry, runs).await?;
    let scanned_to = next.filter(|_| is_search).map(|next| next.at.to_string());
    let page = PageView {
        scanned_to,
        ..PageView::new(limit, next.map(cursor_text))
    };
    Ok(page_envelope(&objects, &page, api.clock.now()))
}

impl Request {
    fn read(mut query: Query, now: Timestamp) -> Result<Self, V2Error> {
        let order = match query.text("order").as_deref() {
            None | Some("DESC" | "desc") => Order::Descending,
            Some("ASC" | "asc") => Order::Ascending,
            Some(_) => {
                query.malformed("order", "must be ASC or DESC");
                Order::default()
            }
        };
        let request = Self {
            paging: query.paging(LIMIT_MAX),
            with_output: query.flag("includeOutput").unwrap_or(false),
            order,
            search: query.search(|text| RunSearch::compile(text, now)),
            filter: query.filter(now),
        };
        query.done()?;
        Ok(request)
    }
}

pub(super) fn run_id(text: &str) -> Result<RunId, V2Error> {
    text.parse()
        .map_err(|_| V2Error::invalid_request(format!("{text:?} is not a run id")))
}

/// Clients keep it as it is.
fn cursor_text(cursor: RunCursor) -> String {
    format!("{}_{}", cursor.at.as_millis(), cursor.run)
}

fn read_cursor(text: &str) -> Result<RunCursor, V2Error> {
    let parts = text.split_once('_').and_then(|(at, run)| {
        Some(RunCursor {
            at: Timestamp::from_millis(at.parse().ok()?),
            run: run.parse().ok()?,
        })
    });
    parts.ok_or_else(bad_cursor)
}
