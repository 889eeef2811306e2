//! `/v2/errors`: errors of runs that are alike, and what people decide about them.

use std::time::Duration;

use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::response::Response;
use bytes::Bytes;
use everstep_core::input::Control;
use everstep_core::record::{ErrorDecision, ErrorGroupId};
use everstep_engine::ControlError;
use everstep_protocol::time::{format_duration, parse_duration, parse_timeout};
use everstep_protocol::{FunctionId, Json, RunId, Timestamp};
use everstep_store::rollup::{HOUR, start_of};
use everstep_store::{ErrorBuckets, ErrorFilter, ErrorGroup, ErrorStatus, Store};
use serde::Serialize;
use utoipa::ToSchema;

use super::Api;
use super::envelope::{PageView, envelope, page_envelope};
use super::error::V2Error;
use super::fields::{Fields, checked};
use super::named::any_function;
use super::query::{Query, bad_cursor, paging};
use super::run_object::RunObject;
use crate::error::ApiError;
use crate::registry::Registry;
use crate::routes::asker::Actor;
use crate::routes::openapi::{Kind, Member, Operation, Routes};
use crate::routes::params::PathText;

/// Entries of a page.
const LIMIT_MAX: u32 = 100;

const STATUSES: [(&str, ErrorStatus); 3] = [
    ("open", ErrorStatus::Open),
    ("resolved", ErrorStatus::Resolved),
    ("ignored", ErrorStatus::Ignored),
];

/// Buckets of the counts of a group: enough for a sparkline.
const BUCKETS: u32 = 24;

/// What counts can reach back at most.
const COUNTS_MAX: Duration = Duration::from_secs(90 * 24 * 60 * 60);

const COUNTS: Member = Member::new(
    "counts",
    Kind::Text,
    "How far back to count runs, such as 24h or 7d: in 24 buckets",
);

/// A group of errors as clients see it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ErrorGroup)]
struct GroupView {
    id: String,
    #[schema(value_type = String)]
    function_id: FunctionId,
    #[schema(required)]
    function: Option<String>,
    #[schema(required)]
    step_id: Option<String>,
    #[schema(required)]
    step: Option<String>,
    name: String,
    message: String,
    runs: u64,
    first_seen: String,
    last_seen: String,
    last_run_id: String,
    status: &'static str,
    is_back: bool,
    #[schema(required)]
    ignored_until: Option<String>,
    #[schema(required)]
    decided_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    counts: Option<CountsView>,
}

/// How many runs failed with an error, over time.
#[derive(Serialize, ToSchema)]
#[schema(as = ErrorCounts)]
struct CountsView {
    /// When the first bucket begins.
    from: String,
    /// The width of a bucket.
    bucket: String,
    /// One for each bucket, the oldest first.
    runs: Vec<u64>,
}

pub(super) fn routes() -> Routes {
    let list_members = [
        Member::new(
            "status",
            Kind::Word(&["open", "resolved", "ignored"]),
            "With this status",
        ),
        Member::new("functionId", Kind::Text, "Of this function: slug or UUID"),
        COUNTS,
    ];
    let until = Member::new(
        "until",
        Kind::Text,
        "A time, or for how long; for ever without it",
    );
    let one = |id, summary| Operation::v2(id, summary).replies::<GroupView>();
    Routes::new("Errors")
        .get(
            "/errors",
            list,
            Operation::v2(
                "listErrors",
                "Errors of runs that are alike, those seen last first",
            )
            .query(&list_members)
            .query(&paging(LIMIT_MAX))
            .pages::<GroupView>(),
        )
        .get(
            "/errors/{error}",
            view_one,
            one("getError", "One group of errors").query(&[COUNTS]),
        )
        .get(
            "/errors/{error}/runs",
            runs,
            Operation::v2(
                "listErrorRuns",
                "The runs that failed with it, newest first",
            )
            .query(&paging(LIMIT_MAX))
            .pages::<RunObject>(),
        )
        .post(
            "/errors/{error}/resolve",
            resolve,
            one("resolveError", "Take it as mended until it is seen again"),
        )
        .post(
            "/errors/{error}/ignore",
            ignore,
            one("ignoreError", "Show it no more, for ever or for a while").body(&[until]),
        )
        .post(
            "/errors/{error}/reopen",
            reopen,
            one("reopenError", "Take the decision back"),
        )
}

/// Those seen last first.
pub(super) async fn list(State(api): State<Api>, mut query: Query) -> Result<Response, V2Error> {
    let now = api.clock.now();
    let paging = query.paging(LIMIT_MAX);
    let status = query.word("status", &STATUSES);
    let function = query.text("functionId");
    let buckets = counts(&mut query, now);
    query.done()?;
    let after = paging.cursor.as_deref().map(read_place);
    let store = &**api.engine.store();
    let registry = Registry::load(store).await?;
    let function = function.map(|name| any_function(&registry, &name));
    let filter = ErrorFilter {
        function: function.transpose()?.map(|function| function.id),
        status: status.map(|status| (status, now)),
        after: after.transpose()?,
        limit: paging.limit + 1,
    };
    let mut groups = store.error_list(&filter).await?;
    let page = PageView::cut(&mut groups, paging.limit, |group| {
        format!("{}-{}", group.last_seen.as_millis(), group.id)
    });
    let views = views(store, &groups, &registry, buckets, now).await?;
    Ok(page_envelope(&views, &page, now))
}

/// The buckets that are asked for. The last one has the hour that is not over yet.
fn counts(query: &mut Query, now: Timestamp) -> Option<ErrorBuckets> {
    let text = query.text("counts")?;
    let span = parse_duration(&text).unwrap_or_default();
    let width = span / BUCKETS;
    let is_whole = !width.is_zero() && width.as_millis().is_multiple_of(HOUR.as_millis());
    if !is_whole || span > COUNTS_MAX {
        let most = format_duration(COUNTS_MAX);
        let what = format!("must be a multiple of 24h, and {most} at most, not {text:?}");
        query.malformed("counts", &what);
        return None;
    }
    Some(ErrorBuckets {
        from: start_of(HOUR, now) + HOUR - span,
        width,
        count: BUCKETS as usize,
    })
}

async fn views(
    store: &dyn Store,
    groups: &[ErrorGroup],
    registry: &Registry,
    buckets: Option<ErrorBuckets>,
    now: Timestamp,
) -> Result<Vec<GroupView>, V2Error> {
    let mut views: Vec<_> = groups.iter().map(|it| view(it, registry, now)).collect();
    if let Some(buckets) = buckets {
        let ids: Vec<_> = groups.iter().map(|group| group.id).collect();
        let counts = store.error_counts(&ids, &buckets).await?;
        for (view, runs) in views.iter_mut().zip(counts) {
            view.counts = Some(CountsView {
                from: buckets.from.to_string(),
                bucket: format_duration(buckets.width),
                runs,
            });
        }
    }
    Ok(views)
}

pub(super) async fn view_one(
    State(api): State<Api>,
    group: Result<PathText, ApiError>,
    mut query: Query,
) -> Result<Response, V2Error> {
    let PathText(group) = group?;
    let buckets = counts(&mut query, api.clock.now());
    query.done()?;
    show(&api, find(&api, &group).await?, buckets).await
}

/// Newest first.
pub(super) async fn runs(
    State(api): State<Api>,
    group: Result<PathText, ApiError>,
    mut query: Query,
) -> Result<Response, V2Error> {
    let PathText(group) = group?;
    let paging = query.paging(LIMIT_MAX);
    query.done()?;
    let before = paging.cursor.as_deref().map(str::parse).transpose();
    let before: Option<RunId> = before.map_err(|_| bad_cursor())?;
    let group = find(&api, &group).await?.id;
    let store = &**api.engine.store();
    let mut runs = store.error_runs(group, before, paging.limit + 1).await?;
    let page = PageView::cut(&mut runs, paging.limit, |run| run.id.to_string());
    let registry = Registry::load(store).await?;
    let objects = RunObject::of_all(store, &registry, runs).await?;
    Ok(page_envelope(&objects, &page, api.clock.now()))
}

/// An error that is seen after this opens the group again.
pub(super) async fn resolve(
    State(api): State<Api>,
    actor: Result<Actor, ApiError>,
    group: Result<PathText, ApiError>,
) -> Result<Response, V2Error> {
    let PathText(group) = group?;
    decide(&api, actor?, &group, ErrorDecision::Resolved).await
}

/// For ever, or until a time or for a while: `{"until": "2026-12-01T00:00:00Z"}`, `{"until": "24h"}`.
pub(super) async fn ignore(
    State(api): State<Api>,
    actor: Result<Actor, ApiError>,
    group: Result<PathText, ApiError>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, V2Error> {
    let PathText(group) = group?;
    let until = ignored_until(&body?, api.clock.now())?;
    decide(&api, actor?, &group, ErrorDecision::Ignored { until }).await
}

pub(super) async fn reopen(
    State(api): State<Api>,
    actor: Result<Actor, ApiError>,
    group: Result<PathText, ApiError>,
) -> Result<Response, V2Error> {
    let PathText(group) = group?;
    decide(&api, actor?, &group, ErrorDecision::Open).await
}

async fn decide(
    api: &Api,
    Actor(actor): Actor,
    group: &str,
    decision: ErrorDecision,
) -> Result<Response, V2Error> {
    let group = find(api, group).await?;
    let control = Control::DecideError {
        function: group.function,
        group: group.id,
        decision,
    };
    match api.engine.control(actor, control).await {
        Ok(_) => {}
        Err(ControlError::Engine(error)) => return Err(error.into()),
        Err(error @ ControlError::Refused(_)) => return Err(ApiError::from(error).into()),
    }
    show(api, find(api, &group.id.to_string()).await?, None).await
}

async fn show(
    api: &Api,
    group: ErrorGroup,
    buckets: Option<ErrorBuckets>,
) -> Result<Response, V2Error> {
    let store = &**api.engine.store();
    let registry = Registry::load(store).await?;
    let now = api.clock.now();
    let views = views(store, &[group], &registry, buckets, now).await?;
    Ok(envelope(views.first(), now))
}

async fn find(api: &Api, text: &str) -> Result<ErrorGroup, V2Error> {
    let id = ErrorGroupId::from_text(text).ok_or_else(|| {
        let message = format!("{text:?} is not the id of an error: 32 hex digits");
        V2Error::invalid_request(message)
    })?;
    let group = api.engine.store().error_view(id).await?;
    group.ok_or_else(|| V2Error::not_found(format!("there is no error {id}")))
}

fn read_place(text: &str) -> Result<(Timestamp, ErrorGroupId), V2Error> {
    let place = text.split_once('-').and_then(|(last_seen, id)| {
        let last_seen = last_seen.parse().ok().map(Timestamp::from_millis)?;
        Some((last_seen, ErrorGroupId::from_text(id)?))
    });
    place.ok_or_else(bad_cursor)
}

fn ignored_until(body: &[u8], now: Timestamp) -> Result<Option<Timestamp>, V2Error> {
    if body.is_empty() {
        return Ok(None);
    }
    let body = Json::parse(body)
        .map_err(|error| V2Error::invalid_request(format!("The body is not JSON: {error}")))?;
    let mut problems = Vec::new();
    let mut until = None;
    if let Some(mut fields) = Fields::of(&body, "", &mut problems)
        && let Some(text) = fields.optional_text("until")
    {
        match parse_timeout(&text, now) {
            Ok(at) if at > now => until = Some(at),
            Ok(_) => fields.malformed("until", "must lie in the future"),
            Err(_) => fields.malformed("until", "must be a time (RFC 3339) or a duration (24h)"),
        }
    }
    checked(until, problems)
}

fn view(group: &ErrorGroup, registry: &Registry, now: Timestamp) -> GroupView {
    let function = registry.function_by_id(group.function);
    let status = group.status(now);
    let status = STATUSES.iter().find(|(_, known)| *known == status);
    let ignored_until = match group.decision {
        Some((ErrorDecision::Ignored { until }, _)) => until,
        _ => None,
    };
    GroupView {
        id: group.id.to_string(),
        function_id: group.function,
        function: function.map(|function| function.slug.to_string()),
        step_id: group.step.as_ref().map(ToString::to_string),
        step: group.step_name.as_ref().map(ToString::to_string),
        name: group.name.to_string(),
        message: group.message.to_string(),
        runs: group.runs,
        first_seen: group.first_seen.to_string(),
        last_seen: group.last_seen.to_string(),
        last_run_id: group.last_run.to_string(),
        status: status
            .map(|(word, _)| *word)
            .expect("every status is listed"),
        is_back: group.is_back(),
        ignored_until: ignored_until.map(|at| at.to_string()),
        decided_at: group.decision.map(|(_, at)| at.to_string()),
        counts: None,
    }
}
