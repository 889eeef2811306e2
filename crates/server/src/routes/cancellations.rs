//! `POST` and `GET /v1/cancellations`, `DELETE /v1/cancellations/{cancellation}`: the runs of a
//! function that started in a range of time are cancelled (http-api §5.4).

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use everstep_core::expression::Expression;
use everstep_core::record::{AppRecord, CancellationRecord, FunctionRecord};
use everstep_engine::BulkCancellation;
use everstep_protocol::ids::{ACCOUNT, ENVIRONMENT};
use everstep_protocol::time::parse_instant;
use everstep_protocol::{AppId, CancellationId, FunctionId, Json as UserJson, Timestamp};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use super::asker::Actor;
use super::openapi::{Kind, Member, Operation, Routes};
use super::params::{PathText, QueryOf};
use super::v1::{LIMIT_MAX, envelope, limit};
use super::{Api, heavy};
use crate::error::ApiError;

/// How far the clock of a client may be ahead.
const CLOCK_AHEAD_MAX: Duration = Duration::from_secs(5);

/// The members of a request.
const MEMBERS: [&str; 5] = [
    "app_id",
    "function_id",
    "started_after",
    "started_before",
    "if",
];

/// What a client asks for, before its app and function are looked up.
struct Wanted {
    app: String,
    function: String,
    started_after: Option<Timestamp>,
    started_before: Timestamp,
    condition: Option<Expression>,
}

/// A cancellation as clients see it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = V1Cancellation)]
struct CancellationView {
    created_at: String,
    #[schema(required)]
    name: Option<&'static str>,
    id: String,
    account_id: Uuid,
    environment_id: Uuid,
    #[schema(value_type = String)]
    app_id: AppId,
    #[schema(value_type = String)]
    function_internal_id: FunctionId,
    /// The slug; none, if the function is not known any more.
    #[schema(required)]
    function_id: Option<String>,
    #[schema(required)]
    started_after: Option<String>,
    started_before: String,
    #[schema(required)]
    r#if: Option<String>,
    kind: &'static str,
    #[schema(required)]
    cause: Option<&'static str>,
    #[schema(value_type = String)]
    target_id: FunctionId,
    #[schema(required)]
    queue_name: Option<&'static str>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ListQuery {
    limit: Option<String>,
    cursor: Option<String>,
}

pub(super) fn routes() -> Routes {
    let wanted = [
        Member::required("app_id", Kind::Text, "The app: name or UUID"),
        Member::required("function_id", Kind::Text, "Its function: id, slug or UUID"),
        Member::new("started_after", Kind::Text, "RFC 3339"),
        Member::required("started_before", Kind::Text, "RFC 3339"),
        Member::new("if", Kind::Text, "An expression over the event of the run"),
    ];
    let members = [
        Member::new("cursor", Kind::Text, "Older than this id"),
        Member::new("limit", Kind::Number(1, 100), "Cancellations, at most"),
    ];
    Routes::new("v1")
        .get(
            "/v1/cancellations",
            list,
            Operation::v1("v1ListCancellations", "Cancellations, newest first")
                .query(&members)
                .lists::<CancellationView>(),
        )
        .post(
            "/v1/cancellations",
            create,
            Operation::v1(
                "v1CreateCancellation",
                "Cancel runs that started in a range of time",
            )
            .body(&wanted)
            .replies_as::<CancellationView>(StatusCode::CREATED, "It is under way")
            .refuses(StatusCode::NOT_FOUND, "There is no such app or function")
            .refuses(StatusCode::TOO_MANY_REQUESTS, "There are as many as can be"),
        )
        .delete(
            "/v1/cancellations/{cancellation}",
            stop,
            Operation::v1("v1StopCancellation", "Cancel no more runs")
                .replies_bare("Without an envelope"),
        )
}

/// The runs are cancelled in the background, also after a restart.
pub(super) async fn create(
    State(api): State<Api>,
    actor: Actor,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, ApiError> {
    let now = api.clock.now();
    let wanted = heavy(body?, move |body| Wanted::read(body, now)).await;
    let wanted = wanted.map_err(ApiError::bad_request)?;
    let store = api.engine.store();
    let app = find_app(store.app_list().await?, &wanted.app)?;
    let functions = store.function_list().await?;
    let function = find_function(&functions, &app, &wanted.function)?;
    let bulk = BulkCancellation {
        app: app.id,
        function: function.id,
        started_after: wanted.started_after,
        started_before: wanted.started_before,
        condition: wanted.condition,
    };
    let cancellation = api.engine.cancellation_create(actor.0, bulk).await?;
    let view = CancellationView::new(&cancellation, &functions);
    let reply = envelope(view, api.clock.now(), Duration::ZERO);
    Ok((StatusCode::CREATED, reply).into_response())
}

/// Newest first.
pub(super) async fn list(
    State(api): State<Api>,
    QueryOf(query): QueryOf<ListQuery>,
) -> Result<Response, ApiError> {
    let limit = limit(query.limit.as_deref(), LIMIT_MAX)?;
    let cursor = query.cursor.filter(|id| !id.is_empty());
    let before = cursor.map(|id| cancellation_id(&id)).transpose()?;
    let store = api.engine.store();
    let functions = store.function_list().await?;
    let cancellations = store.cancellation_list(before, limit).await?;
    let views: Vec<_> = cancellations
        .iter()
        .map(|cancellation| CancellationView::new(cancellation, &functions))
        .collect();
    Ok(envelope(&views, api.clock.now(), Duration::ZERO))
}

/// Runs that were cancelled stay so.
pub(super) async fn stop(
    State(api): State<Api>,
    actor: Actor,
    PathText(cancellation): PathText,
) -> Result<Json<Value>, ApiError> {
    let id = cancellation_id(&cancellation)?;
    let stored = api.engine.store().cancellation_view(id).await?;
    let stored = stored.ok_or_else(|| ApiError::not_found("cancellation not found"))?;
    api.engine.cancellation_delete(actor.0, &stored).await?;
    Ok(Json(json!({ "ok": true })))
}

impl Wanted {
    /// Unknown members are refused: a misspelled bound or condition would cancel more than is meant.
    fn read(body: &[u8], now: Timestamp) -> Result<Self, String> {
        let body = UserJson::parse(body).map_err(|error| format!("not a cancellation: {error}"))?;
        if !body.is_object() {
            return Err("a cancellation is an object".to_owned());
        }
        if let Some((name, _)) = body.members().find(|(name, _)| !MEMBERS.contains(&&**name)) {
            let known = MEMBERS.join(", ");
            return Err(format!("{name:?} is unknown: a cancellation has {known}"));
        }
        let started_after = instant(&body, "started_after")?;
        let started_before = instant(&body, "started_before")?
            .ok_or("started_before is required: cancel runs that started until then")?;
        let latest = now + CLOCK_AHEAD_MAX;
        if started_before > latest {
            return Err(format!(
                "started_before is {started_before}, and may be {latest} at most: {} s from now",
                CLOCK_AHEAD_MAX.as_secs()
            ));
        }
        if let Some(started_after) = started_after.filter(|after| *after >= started_before) {
            return Err(format!(
                "started_after is {started_after}, and must be earlier than started_before, {started_before}"
            ));
        }
        let condition = text(&body, "if")?
            .map(|text| Expression::compile(&text))
            .transpose()
            .map_err(|error| format!("if is not a valid expression: {error}"))?;
        Ok(Self {
            app: required(&body, "app_id", "the id of an app")?,
            function: required(&body, "function_id", "the id of a function of the app")?,
            started_after,
            started_before,
            condition,
        })
    }
}

/// By its name, or by the text of its UUID.
fn find_app(apps: Vec<AppRecord>, name: &str) -> Result<AppRecord, ApiError> {
    let uuid: Option<AppId> = name.parse().ok();
    apps.into_iter()
        .find(|app| app.name == name || Some(app.id) == uuid)
        .ok_or_else(|| {
            ApiError::not_found(format!("app {name:?} not found: no such app has synced"))
        })
}

/// By its slug, `<app>-<id>`, which has precedence; by its id alone; or by the text of its UUID.
/// Archived ones count: their runs go on.
fn find_function<'a>(
    functions: &'a [FunctionRecord],
    app: &AppRecord,
    name: &str,
) -> Result<&'a FunctionRecord, ApiError> {
    let uuid: Option<FunctionId> = name.parse().ok();
    let slug = format!("{}-{name}", app.name);
    let of_app = || functions.iter().filter(|function| function.app == app.id);
    of_app()
        .find(|function| *function.slug == *name || Some(function.id) == uuid)
        .or_else(|| of_app().find(|function| *function.slug == *slug))
        .ok_or_else(|| {
            let app = &app.name;
            ApiError::not_found(format!("app {app:?} has no function {name:?}"))
        })
}

fn cancellation_id(text: &str) -> Result<CancellationId, ApiError> {
    text.parse()
        .map_err(|_| ApiError::bad_request(format!("{text:?} is not a cancellation id")))
}

/// A member that is a string; null is as good as absent.
fn text(body: &UserJson, name: &str) -> Result<Option<String>, String> {
    match body.member(name).filter(|value| !value.is_null()) {
        None => Ok(None),
        Some(value) => match value.to_text() {
            Some(text) => Ok(Some(text)),
            None => Err(format!("{name} must be a string")),
        },
    }
}

fn required(body: &UserJson, name: &str, what: &str) -> Result<String, String> {
    text(body, name)?
        .filter(|text| !text.is_empty())
        .ok_or_else(|| format!("{name} is required: {what}"))
}

fn instant(body: &UserJson, name: &str) -> Result<Option<Timestamp>, String> {
    text(body, name)?
        .map(|text| parse_instant(&text))
        .transpose()
        .map_err(|_| format!("{name} must be a time as of RFC 3339"))
}

impl CancellationView {
    fn new(cancellation: &CancellationRecord, functions: &[FunctionRecord]) -> Self {
        let function = functions
            .iter()
            .find(|function| function.id == cancellation.function);
        Self {
            created_at: cancellation.id.timestamp().to_string(),
            name: None,
            id: cancellation.id.to_string(),
            account_id: ACCOUNT,
            environment_id: ENVIRONMENT,
            app_id: cancellation.app,
            function_internal_id: cancellation.function,
            function_id: function.map(|function| function.slug.to_string()),
            started_after: cancellation.started_after.map(|at| at.to_string()),
            started_before: cancellation.started_before.to_string(),
            r#if: cancellation.condition.as_deref().map(str::to_owned),
            kind: "bulk_run",
            cause: None,
            target_id: cancellation.function,
            queue_name: None,
        }
    }
}
