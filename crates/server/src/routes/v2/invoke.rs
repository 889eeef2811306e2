//! `POST /v2/apps/{app}/functions/{function}/invoke`: a client starts a function, and is told the run
//! (http-api §8.2, §8.3). It does not wait for the end.

use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use everstep_core::invoke::INVOKED;
use everstep_core::record::{FunctionRecord, RunRecord, SkipReason, SkipRecord};
use everstep_protocol::event::EventInput;
use everstep_protocol::{EventId, Json};
use everstep_store::Store;
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::Api;
use super::envelope::envelope;
use super::error::{Code, V2Error};
use super::fields::{Fields, body as read_body, checked};
use super::named::function_of;
use crate::error::ApiError;
use crate::registry::Registry;
use crate::routes::EVENT_BODY_MAX;
use crate::routes::heavy;
use crate::routes::openapi::{Kind, Member, Operation, Routes};
use crate::routes::params::PathPair;

/// A run that was started, as far as it has come.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct InvokedRun {
    run_id: String,
    queued_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    started_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    completed_at: Option<String>,
}

struct Request {
    data: Json,
    idempotency_key: Option<String>,
}

pub(super) fn routes() -> Routes {
    let members = [
        Member::required(
            "data",
            Kind::Object,
            "What the function gets as the data of its event",
        ),
        Member::new(
            "idempotencyKey",
            Kind::Text,
            "Within 24 hours, a key starts one run",
        ),
    ];
    Routes::new("Functions").post(
        "/apps/{app}/functions/{function}/invoke",
        invoke,
        Operation::v2("invokeFunction", "Start a function")
            .body(&members)
            .body_max(EVENT_BODY_MAX)
            .replies::<InvokedRun>()
            .replies_as::<InvokedRun>(StatusCode::CONFLICT, "The key has started this run before")
            .refuses(
                StatusCode::UNPROCESSABLE_ENTITY,
                "No run starts, or not now",
            ),
    )
}

pub(super) async fn invoke(
    State(api): State<Api>,
    path: Result<PathPair, ApiError>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, V2Error> {
    let PathPair(app, function) = path?;
    let request = heavy(body?, read).await?;
    let store = &**api.engine.store();
    let registry = Registry::load(store).await?;
    let function = function_of(&registry, &app, &function)?;
    if function.archived_at.is_some() {
        return Err(V2Error::not_found(
            "Function is archived: its app no longer has it",
        ));
    }
    let event = event_of(function, request);
    let event = api.engine.invoke(&function.slug, event, None).await?;
    answer(&api, function, event).await
}

/// What came of the event for the function.
async fn answer(api: &Api, function: &FunctionRecord, event: EventId) -> Result<Response, V2Error> {
    let store = &**api.engine.store();
    let now = api.clock.now();
    let skips = store.event_skips(event).await?;
    if let Some(skip) = skips.into_iter().find(|skip| skip.function == function.id) {
        return match earlier_run(store, &skip).await? {
            Some(run) => {
                let reply = envelope(InvokedRun::new(&run), now);
                Ok((StatusCode::CONFLICT, reply).into_response())
            }
            None => Err(not_started(&skip)),
        };
    }
    let runs = store.event_runs(event).await?;
    let run = runs.into_iter().find(|run| run.function == function.id);
    // It may have been deleted by whoever tidies up.
    let run = run.ok_or_else(|| V2Error::not_found("Run not found"))?;
    Ok(envelope(InvokedRun::new(&run), now))
}

fn read(body: &[u8]) -> Result<Request, V2Error> {
    let body = read_body(body)?;
    let mut problems = Vec::new();
    let request = Fields::of(&body, "", &mut problems).and_then(|mut fields| {
        let data = fields.required("data");
        let idempotency_key = fields.optional_text("idempotencyKey");
        if data.as_ref().is_some_and(|data| !data.is_object()) {
            fields.malformed("data", "must be an object");
        }
        Some(Request {
            data: data?,
            idempotency_key,
        })
    });
    let request = checked(request, problems)?;
    request.ok_or_else(|| V2Error::invalid_request("The body must be an object"))
}

/// An event that has an id starts one run of a function within 24 h, and so does a key.
fn event_of(function: &FunctionRecord, request: Request) -> EventInput {
    let members: Vec<(String, Json)> = request.data.members().collect();
    let members = members.iter().map(|(name, value)| (&**name, value.clone()));
    let members = members.filter(|(name, _)| *name != "_inngest");
    let own = Json::object([("fn_id", Json::string(&function.slug))]);
    let user_id = request.idempotency_key.map(|key| {
        let hash = function.id.hash(&format!("invoke:{key}"));
        format!("invoke-{}", uuid::Uuid::from_bytes(hash))
    });
    EventInput {
        user_id,
        ..EventInput::new(INVOKED, Json::object(members.chain([("_inngest", own)])))
    }
}

/// The run that the same key started before.
async fn earlier_run(store: &dyn Store, skip: &SkipRecord) -> Result<Option<RunRecord>, V2Error> {
    let id = match (skip.reason, &skip.detail) {
        (SkipReason::EventDuplicate, Some(detail)) => detail.parse().ok(),
        _ => None,
    };
    match id {
        Some(id) => Ok(store.run_view(id).await?),
        None => Ok(None),
    }
}

fn not_started(skip: &SkipRecord) -> V2Error {
    let (code, what) = match skip.reason {
        SkipReason::Debounced | SkipReason::DebounceOutdated => (
            Code::FunctionDebounced,
            "the function has a debounce: it runs once no event has come for a while",
        ),
        SkipReason::Batched => (
            Code::FunctionDebounced,
            "the function collects events: it runs when the batch is full or its time has come",
        ),
        SkipReason::RateLimited | SkipReason::IdempotencyDuplicate => {
            (Code::RateLimited, "the function has reached its rate limit")
        }
        SkipReason::Singleton => (
            Code::FunctionSkipped,
            "another run of the function is active, and it is a singleton",
        ),
        SkipReason::Paused => (Code::FunctionSkipped, "the function is paused"),
        SkipReason::EventDuplicate
        | SkipReason::ExpressionFalse
        | SkipReason::ExpressionError
        | SkipReason::TicksGivenUp => (Code::FunctionSkipped, "the function was not started"),
    };
    let message = match skip.detail.as_deref() {
        Some(detail) => format!("No run was started: {what} ({detail})"),
        None => format!("No run was started: {what}"),
    };
    V2Error::new(StatusCode::UNPROCESSABLE_ENTITY, code, message)
}

impl InvokedRun {
    fn new(run: &RunRecord) -> Self {
        Self {
            run_id: run.id.to_string(),
            queued_at: run.id.timestamp().to_string(),
            started_at: run.started_at.map(|at| at.to_string()),
            completed_at: run.ended_at.map(|at| at.to_string()),
        }
    }
}
