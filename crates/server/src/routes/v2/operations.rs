//! `/v2/bulk-operations`: something is done to every run that a filter matches, in the background.

use std::sync::Arc;

use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::response::Response;
use bytes::Bytes;
use everstep_core::record::{OperationKind, OperationRecord, OperationState};
use everstep_engine::{Asker, BulkError, BulkOperation, asked_filter};
use everstep_protocol::{Json, OperationId, Timestamp};
use everstep_store::{RunCount, RunFilter, RunQuery};
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::Api;
use super::envelope::{PageView, envelope, page_envelope};
use super::error::{Problem, V2Error};
use super::fields::{Fields, checked};
use super::query::{Query, bad_cursor, paging};
use super::run_actions::{REASON, only_reason, read_body, read_reason};
use super::run_object::RunObject;
use crate::error::ApiError;
use crate::registry::Registry;
use crate::routes::asker::Actor;
use crate::routes::openapi::{Kind, Member, Operation, Routes};
use crate::routes::params::PathText;
use crate::search::Selection;

/// Operations of a page.
const LIMIT_MAX: u32 = 100;
/// Runs that a preview counts; beyond, it says how many there are at least.
const COUNTED_MAX: usize = 10_000;
/// Runs that it shows.
const SAMPLE_MAX: usize = 5;
/// Runs in a second that an operation may be held to.
const RATE_MAX: u32 = 10_000;

const MEMBERS: &[Member] = &[
    Member::required(
        "kind",
        Kind::Word(&["cancel", "replay", "resume"]),
        "What is done",
    ),
    Member::required(
        "filter",
        Kind::Object,
        "Which runs: parameters of GET /v2/runs by name",
    ),
    Member::new(
        "ratePerSecond",
        Kind::Number(1, RATE_MAX),
        "Runs in a second, at most",
    ),
    Member::new(
        "stopOnErrorPercent",
        Kind::Number(0, 100),
        "Stop when more than so many fail",
    ),
    REASON,
];

const KINDS: [(OperationKind, &str); 3] = [
    (OperationKind::Cancel, "cancel"),
    (OperationKind::Replay, "replay"),
    (OperationKind::Resume, "resume"),
];

/// What a client asks for.
struct Wanted {
    kind: OperationKind,
    selection: Selection,
    rate_per_second: Option<u32>,
    stop_on_error_percent: Option<u32>,
    reason: Option<Arc<str>>,
}

/// An operation as clients see it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = BulkOperation)]
struct OperationView {
    id: String,
    kind: &'static str,
    state: &'static str,
    #[schema(value_type = serde_json::Value)]
    filter: Json,
    /// The filter for people.
    words: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    rate_per_second: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stop_on_error_percent: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    actor: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// Of the runs that were looked at so far.
    counts: CountsView,
    errors: Vec<ErrorView>,
    /// Why it failed: the runs that it is about can't be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<String>,
    created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BulkOperationCounts)]
struct CountsView {
    matched: u64,
    done: u64,
    skipped: u64,
    failed: u64,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = BulkOperationError)]
struct ErrorView {
    run_id: String,
    message: String,
}

/// Which runs an operation would be about.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = BulkOperationPreview)]
struct PreviewView {
    words: String,
    count: usize,
    /// If not, there are so many at least.
    is_exact: bool,
    /// Runs from this time on were looked at, if a search did not come to its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    scanned_to: Option<String>,
    /// The newest of them.
    sample: Vec<RunObject>,
}

pub(super) fn routes() -> Routes {
    let one = |id, summary| Operation::v2(id, summary).replies::<OperationView>();
    let many = (
        StatusCode::TOO_MANY_REQUESTS,
        "As many operations as can be are under way",
    );
    Routes::new("Bulk operations")
        .get(
            "/bulk-operations",
            list,
            Operation::v2(
                "listBulkOperations",
                "Operations on many runs, newest first",
            )
            .query(&paging(LIMIT_MAX))
            .pages::<OperationView>(),
        )
        .post(
            "/bulk-operations",
            create,
            one(
                "createBulkOperation",
                "Do something to every run that a filter matches",
            )
            .body(MEMBERS)
            .refuses(many.0, many.1),
        )
        .post(
            "/bulk-operations/preview",
            preview,
            Operation::v2("previewBulkOperation", "Which runs that would be")
                .body(MEMBERS)
                .replies::<PreviewView>(),
        )
        .get(
            "/bulk-operations/{operation}",
            view,
            one("getBulkOperation", "One operation"),
        )
        .post(
            "/bulk-operations/{operation}/abort",
            abort,
            one("abortBulkOperation", "Stop it where it is")
                .body(&[REASON])
                .refuses(StatusCode::CONFLICT, "It has ended"),
        )
        .post(
            "/bulk-operations/{operation}/resume",
            resume,
            one("resumeBulkOperation", "Go on with one that stopped")
                .body(&[REASON])
                .refuses(StatusCode::CONFLICT, "It can't go on")
                .refuses(many.0, many.1),
        )
}

pub(super) async fn create(
    State(api): State<Api>,
    actor: Result<Actor, ApiError>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, V2Error> {
    let wanted = Wanted::read(&body?, api.clock.now())?;
    let (filter, _) = wanted.runs(&api).await?;
    let asked = wanted.selection.to_json();
    let bulk = BulkOperation {
        kind: wanted.kind,
        filter,
        search: wanted.selection.search.map(|it| it.text().to_owned()),
        asked,
        rate_per_second: wanted.rate_per_second,
        stop_on_error_percent: wanted.stop_on_error_percent,
        by: Asker {
            actor: actor?.0,
            reason: wanted.reason,
        },
    };
    let operation = api.engine.operation_create(bulk).await?;
    let now = api.clock.now();
    Ok(envelope(OperationView::new(&operation, now), now))
}

/// Which runs an operation would be about now. Nothing is done.
pub(super) async fn preview(
    State(api): State<Api>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, V2Error> {
    let wanted = Wanted::read(&body?, api.clock.now())?;
    let (filter, registry) = wanted.runs(&api).await?;
    let filter = BulkOperation::runs_meant(wanted.kind, filter);
    let store = &**api.engine.store();
    let (count, scanned_to, sample) = match &wanted.selection.search {
        None => {
            let count = store.run_count(&filter, COUNTED_MAX).await?;
            let sample = store.run_list(&RunQuery::new(filter, SAMPLE_MAX)).await?;
            (count, None, sample.runs)
        }
        Some(search) => {
            let query = RunQuery::new(filter, COUNTED_MAX);
            let mut scanned = search.runs(store, &registry, query, &*api.clock).await?;
            let count = RunCount {
                runs: scanned.found.len(),
                is_exact: scanned.next.is_none(),
            };
            scanned.found.truncate(SAMPLE_MAX);
            (count, scanned.next.map(|next| next.at), scanned.found)
        }
    };
    let preview = PreviewView {
        words: wanted.selection.words(),
        count: count.runs,
        is_exact: count.is_exact,
        scanned_to: scanned_to.map(|at| at.to_string()),
        sample: RunObject::of_all(store, &registry, sample).await?,
    };
    Ok(envelope(preview, api.clock.now()))
}

pub(super) async fn list(State(api): State<Api>, mut query: Query) -> Result<Response, V2Error> {
    let paging = query.paging(LIMIT_MAX);
    query.done()?;
    let before = paging.cursor.as_deref().map(str::parse).transpose();
    let before = before.map_err(|_| bad_cursor())?;
    let store = api.engine.store();
    let mut operations = store.operation_list(before, paging.limit + 1).await?;
    let page = PageView::cut(&mut operations, paging.limit, |last| last.id.to_string());
    let now = api.clock.now();
    let views = operations.iter().map(|it| OperationView::new(it, now));
    Ok(page_envelope(&views.collect::<Vec<_>>(), &page, now))
}

pub(super) async fn view(
    State(api): State<Api>,
    operation: Result<PathText, ApiError>,
) -> Result<Response, V2Error> {
    let id = operation_id(operation)?;
    answer(&api, id).await
}

pub(super) async fn abort(
    State(api): State<Api>,
    actor: Result<Actor, ApiError>,
    operation: Result<PathText, ApiError>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, V2Error> {
    let id = operation_id(operation)?;
    let reason = only_reason(&body?)?;
    let by = Asker {
        actor: actor?.0,
        reason,
    };
    api.engine.operation_abort(id, by).await?;
    answer(&api, id).await
}

pub(super) async fn resume(
    State(api): State<Api>,
    actor: Result<Actor, ApiError>,
    operation: Result<PathText, ApiError>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, V2Error> {
    let id = operation_id(operation)?;
    let reason = only_reason(&body?)?;
    let by = Asker {
        actor: actor?.0,
        reason,
    };
    api.engine.operation_resume(id, by).await?;
    answer(&api, id).await
}

async fn answer(api: &Api, id: OperationId) -> Result<Response, V2Error> {
    let operation = api.engine.store().operation_view(id).await?;
    let operation = operation.ok_or_else(|| V2Error::not_found("Operation not found"))?;
    let now = api.clock.now();
    Ok(envelope(OperationView::new(&operation, now), now))
}

fn operation_id(operation: Result<PathText, ApiError>) -> Result<OperationId, V2Error> {
    let PathText(text) = operation?;
    text.parse()
        .map_err(|_| V2Error::invalid_request(format!("{text:?} is not an operation id")))
}

impl Wanted {
    fn read(body: &[u8], now: Timestamp) -> Result<Self, V2Error> {
        let body = read_body(body)?;
        let mut problems = Vec::new();
        let wanted = Self::read_fields(&body, now, &mut problems);
        checked((), problems)?;
        let wanted = wanted.expect("what is missing is a problem");
        wanted.check()?;
        Ok(wanted)
    }

    fn read_fields(body: &Json, now: Timestamp, problems: &mut Vec<Problem>) -> Option<Self> {
        let mut fields = Fields::of(body, "", problems)?;
        fields.refuse_others(MEMBERS);
        let kind = fields.required_text("kind");
        let known = kind.as_ref().map(|text| {
            let known = KINDS.iter().find(|(_, word)| word == text);
            known.map(|(kind, _)| *kind)
        });
        if known == Some(None) {
            fields.malformed("kind", "must be cancel, replay or resume");
        }
        let filter = fields.required("filter");
        let rate_per_second = fields.optional_number("ratePerSecond", 1..=RATE_MAX);
        let stop_on_error_percent = fields.optional_number("stopOnErrorPercent", 0..=100);
        let reason = read_reason(&mut fields);
        let selection = match Selection::of_json(&filter?, now) {
            Ok(selection) => selection,
            Err(wrong) => {
                problems.extend(wrong.into_iter().map(Problem::from));
                return None;
            }
        };
        Some(Self {
            kind: known??,
            selection,
            rate_per_second,
            stop_on_error_percent,
            reason,
        })
    }

    /// What says nothing of the runs is likelier a mistake than meant.
    fn check(&self) -> Result<(), V2Error> {
        if self.selection.is_empty() {
            return Err(V2Error::invalid_request(
                "Field 'filter' is empty, which means every run: say which are meant, by status, appId, functionId, eventName, key, attributes, errorGroup, from, until or a search",
            ));
        }
        if self.kind == OperationKind::Replay && !self.selection.has_status() {
            return Err(V2Error::invalid_request(
                "Field 'filter' must have a 'status' for a replay, or compare run.status in its search: say whether runs that completed are meant",
            ));
        }
        Ok(())
    }

    /// The filter with the ids that its names stand for.
    async fn runs(&self, api: &Api) -> Result<(RunFilter, Registry), V2Error> {
        let registry = Registry::load(&**api.engine.store()).await?;
        let filter = self.selection.filter.resolve(&registry);
        Ok((filter.map_err(V2Error::of_filter)?, registry))
    }
}

impl OperationView {
    fn new(operation: &OperationRecord, now: Timestamp) -> Self {
        let text = |text: &Option<Arc<str>>| text.as_deref().map(str::to_owned);
        let kind = KINDS.iter().find(|(kind, _)| *kind == operation.kind);
        let filter = asked_filter(operation);
        let counts = operation.counts;
        Self {
            id: operation.id.to_string(),
            kind: kind.map(|(_, word)| *word).expect("every kind is listed"),
            state: match operation.state {
                OperationState::Running => "RUNNING",
                OperationState::Aborting => "ABORTING",
                OperationState::Aborted => "ABORTED",
                OperationState::Stopped => "STOPPED",
                OperationState::Completed => "COMPLETED",
                OperationState::Failed => "FAILED",
            },
            words: Selection::of_json(&filter, now).map_or_else(|_| String::new(), |it| it.words()),
            filter,
            rate_per_second: operation.rate_per_second,
            stop_on_error_percent: operation.stop_on_error_percent,
            actor: text(&operation.actor),
            reason: text(&operation.reason),
            counts: CountsView {
                matched: counts.done + counts.skipped + counts.failed,
                done: counts.done,
                skipped: counts.skipped,
                failed: counts.failed,
            },
            errors: operation
                .errors
                .iter()
                .map(|error| ErrorView {
                    run_id: error.run.to_string(),
                    message: error.message.to_string(),
                })
                .collect(),
            failure: text(&operation.failure),
            created_at: operation.id.timestamp().to_string(),
            ended_at: operation.ended_at.map(|at| at.to_string()),
        }
    }
}

impl From<BulkError> for V2Error {
    fn from(error: BulkError) -> Self {
        match error {
            BulkError::Unknown(_) => Self::not_found("Operation not found"),
            BulkError::Control(error) => error.into(),
            BulkError::Read(error) => error.into(),
        }
    }
}
