//! `POST /v2/runs/{run}/cancel`, `/rerun`, `/resume` and `/retry`, and `GET /v2/runs/{run}/reruns`:
//! what people do to one run (http-api §8.2, server-semantics §3.11, §3.14).

use std::sync::Arc;

use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::response::Response;
use bytes::Bytes;
use everstep_core::input::{Control, ControlRefusal, RunControl};
use everstep_core::record::{RerunRecord, RunStatus, StepRecord, StepStatus};
use everstep_core::rerun::{RerunFrom, RerunPlan};
use everstep_engine::{Asker, ControlError, RerunError};
use everstep_protocol::{Json, RunId};
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::Api;
use super::envelope::{PageView, envelope, page_envelope};
use super::error::{Code, Problem, V2Error};
use super::fields::{Fields, checked};
use super::query::{Query, bad_cursor, paging};
use super::runs;
use crate::error::ApiError;
use crate::routes::asker::{Actor, REASON_MAX};
use crate::routes::openapi::{Kind, Member, Operation, Routes};
use crate::routes::params::PathText;

/// Reruns on a page.
const LIMIT_MAX: u32 = 100;

/// Why someone does something.
pub(super) const REASON: Member = Member::new("reason", Kind::Text, "Why; for the audit log");
const RERUN: &[Member] = &[
    Member::new(
        "fromStep",
        Kind::Members(FROM_STEP),
        "The step to start from",
    ),
    REASON,
];
const FROM_STEP: &[Member] = &[
    Member::required("stepId", Kind::Text, "Its id or name"),
    Member::new("input", Kind::List, "Other arguments for it"),
];
const DRY_RUN: Member = Member::new(
    "dryRun",
    Kind::Flag,
    "Say what would be kept, and do nothing",
);

/// A rerun as clients see it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Rerun)]
struct RerunView {
    run_id: String,
    queued_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    operation_id: Option<String>,
}

/// A step that is kept, or runs again.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PlannedStep)]
struct StepView {
    id: String,
    name: String,
    /// It failed, and the function may have caught that.
    #[serde(skip_serializing_if = "super::envelope::is_false")]
    is_failed: bool,
}

/// The run that something was done to, or that was started.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct RunNamed {
    run_id: String,
}

/// What a rerun would do.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RerunPlan)]
struct PlanView {
    reused: Vec<StepView>,
    again: Vec<StepView>,
}

/// What a rerun is answered with.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
enum RerunReply {
    Started(RunNamed),
    Planned(PlanView),
}

pub(super) fn routes() -> Routes {
    let ended = |operation: Operation| {
        operation.refuses(StatusCode::CONFLICT, "The run is not in a state for that")
    };
    let act = |id, summary| {
        ended(
            Operation::v2(id, summary)
                .replies::<RunNamed>()
                .body(&[REASON]),
        )
    };
    let rerun_of = |id, summary| {
        ended(
            Operation::v2(id, summary)
                .query(&[DRY_RUN])
                .replies::<RerunReply>(),
        )
    };
    Routes::new("Runs")
        .post(
            "/runs/{run}/cancel",
            cancel,
            act("cancelRun", "End a run now"),
        )
        .post(
            "/runs/{run}/retry",
            retry,
            act("retryRun", "Try what failed again, without waiting"),
        )
        .post(
            "/runs/{run}/rerun",
            rerun,
            rerun_of(
                "rerunRun",
                "A new run for the same events, in whole or from a step on",
            )
            .body(RERUN),
        )
        .post(
            "/runs/{run}/resume",
            resume,
            rerun_of("resumeRun", "A new run that keeps the steps that succeeded").body(&[REASON]),
        )
        .get(
            "/runs/{run}/reruns",
            rerun_list,
            Operation::v2("listReruns", "The reruns of a run, newest first")
                .query(&paging(LIMIT_MAX))
                .pages::<RerunView>(),
        )
}

pub(super) async fn cancel(
    State(api): State<Api>,
    actor: Result<Actor, ApiError>,
    run: Result<PathText, ApiError>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, V2Error> {
    let run = run_id(run)?;
    let reason = only_reason(&body?)?;
    let control = RunControl::Cancel;
    let control = Control::Run {
        run,
        control,
        reason,
    };
    match api.engine.control(actor?.0, control).await {
        Ok(_) => Ok(answer(&api, run)),
        Err(ControlError::Refused(ControlRefusal::RunEnded(_))) => {
            let ended = api.engine.store().run_view(run).await?;
            let is_cancelled = ended.is_some_and(|run| run.status == RunStatus::Cancelled);
            Err(V2Error::run_ended(is_cancelled))
        }
        Err(error) => Err(error.into()),
    }
}

/// Whatever of the run failed and waits to be tried again, is tried now.
pub(super) async fn retry(
    State(api): State<Api>,
    actor: Result<Actor, ApiError>,
    run: Result<PathText, ApiError>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, V2Error> {
    let run = run_id(run)?;
    let reason = only_reason(&body?)?;
    let control = RunControl::Retry(None);
    let control = Control::Run {
        run,
        control,
        reason,
    };
    api.engine.control(actor?.0, control).await?;
    Ok(answer(&api, run))
}

/// The whole run, or from a step on.
pub(super) async fn rerun(
    State(api): State<Api>,
    actor: Result<Actor, ApiError>,
    run: Result<PathText, ApiError>,
    query: Query,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, V2Error> {
    let run = run_id(run)?;
    let (from, reason) = read_rerun(&body?)?;
    start(
        &api,
        run,
        from,
        Asker {
            actor: actor?.0,
            reason,
        },
        query,
    )
    .await
}

/// With the steps that succeeded.
pub(super) async fn resume(
    State(api): State<Api>,
    actor: Result<Actor, ApiError>,
    run: Result<PathText, ApiError>,
    query: Query,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, V2Error> {
    let run = run_id(run)?;
    let reason = only_reason(&body?)?;
    let by = Asker {
        actor: actor?.0,
        reason,
    };
    start(&api, run, RerunFrom::Failure, by, query).await
}

async fn start(
    api: &Api,
    run: RunId,
    from: RerunFrom,
    by: Asker,
    mut query: Query,
) -> Result<Response, V2Error> {
    let is_dry = query.flag("dryRun").unwrap_or(false);
    query.done()?;
    if !is_dry {
        let run_id = api.engine.rerun(run, from, by).await?.to_string();
        let reply = RerunReply::Started(RunNamed { run_id });
        return Ok(envelope(reply, api.clock.now()));
    }
    let RerunPlan { kept, again, .. } = api.engine.rerun_plan(run, &from).await?;
    let views = |steps: &[StepRecord]| steps.iter().map(StepView::new).collect();
    let reply = RerunReply::Planned(PlanView {
        reused: views(&kept),
        again: views(&again),
    });
    Ok(envelope(reply, api.clock.now()))
}

pub(super) async fn rerun_list(
    State(api): State<Api>,
    run: Result<PathText, ApiError>,
    mut query: Query,
) -> Result<Response, V2Error> {
    let run = run_id(run)?;
    let paging = query.paging(LIMIT_MAX);
    query.done()?;
    let before = paging.cursor.as_deref().map(str::parse).transpose();
    let before = before.map_err(|_| bad_cursor())?;
    let store = api.engine.store();
    if store.run_view(run).await?.is_none() {
        return Err(V2Error::not_found("Run not found"));
    }
    let mut reruns = store.rerun_list(run, before, paging.limit + 1).await?;
    let page = PageView::cut(&mut reruns, paging.limit, |rerun| rerun.run.to_string());
    let views: Vec<_> = reruns.into_iter().map(RerunView::new).collect();
    Ok(page_envelope(&views, &page, api.clock.now()))
}

fn run_id(run: Result<PathText, ApiError>) -> Result<RunId, V2Error> {
    runs::run_id(&run?.0)
}

pub(super) fn answer(api: &Api, run: RunId) -> Response {
    let run_id = run.to_string();
    envelope(RunNamed { run_id }, api.clock.now())
}

/// The body of what needs none: at most a reason.
pub(super) fn only_reason(body: &[u8]) -> Result<Option<Arc<str>>, V2Error> {
    let body = read_body(body)?;
    let mut problems = Vec::new();
    let reason = Fields::of(&body, "", &mut problems).and_then(|mut fields| {
        fields.refuse_others(&[REASON]);
        read_reason(&mut fields)
    });
    checked(reason, problems)
}

/// An absent body is an object without members.
pub(super) fn read_body(body: &[u8]) -> Result<Json, V2Error> {
    if body.is_empty() {
        return Ok(Json::object([]));
    }
    Json::parse(body)
        .map_err(|error| V2Error::invalid_request(format!("The body is not JSON: {error}")))
}

pub(super) fn read_reason(fields: &mut Fields<'_>) -> Option<Arc<str>> {
    let reason = fields.optional_text("reason")?;
    if reason.len() > REASON_MAX {
        fields.malformed("reason", &format!("must be {REASON_MAX} bytes at most"));
    }
    Some(reason.into())
}

fn read_rerun(body: &[u8]) -> Result<(RerunFrom, Option<Arc<str>>), V2Error> {
    let body = read_body(body)?;
    let mut problems = Vec::new();
    let read = read_rerun_fields(&body, &mut problems);
    checked(read.unwrap_or((RerunFrom::Start, None)), problems)
}

fn read_rerun_fields(
    body: &Json,
    problems: &mut Vec<Problem>,
) -> Option<(RerunFrom, Option<Arc<str>>)> {
    let mut fields = Fields::of(body, "", problems)?;
    fields.refuse_others(RERUN);
    let reason = read_reason(&mut fields);
    let Some(step) = fields.optional("fromStep") else {
        return Some((RerunFrom::Start, reason));
    };
    let mut fields = Fields::of(&step, "fromStep", problems)?;
    fields.refuse_others(FROM_STEP);
    let step = fields.required_text("stepId");
    let input = fields.optional("input");
    if input.as_ref().is_some_and(|input| !input.is_array()) {
        fields.malformed("input", "must be a list: the arguments of the step");
    }
    Some((RerunFrom::Step { step: step?, input }, reason))
}

impl StepView {
    fn new(step: &StepRecord) -> Self {
        Self {
            id: step.id.to_string(),
            name: step.name.to_string(),
            is_failed: step.status == StepStatus::Failed,
        }
    }
}

impl RerunView {
    fn new(rerun: RerunRecord) -> Self {
        Self {
            run_id: rerun.run.to_string(),
            queued_at: rerun.run.timestamp().to_string(),
            operation_id: rerun.operation.map(|operation| operation.to_string()),
        }
    }
}

impl V2Error {
    /// There is nothing to do to the run any more.
    fn run_ended(is_cancelled: bool) -> Self {
        let (code, message) = if is_cancelled {
            (Code::RunAlreadyCancelled, "Run is already cancelled")
        } else {
            (Code::RunAlreadyEnded, "Run has already ended")
        };
        Self::new(StatusCode::CONFLICT, code, message)
    }
}

impl From<ControlError> for V2Error {
    fn from(error: ControlError) -> Self {
        match error {
            ControlError::Refused(ControlRefusal::RunUnknown(_)) => {
                Self::not_found("Run not found")
            }
            ControlError::Refused(ControlRefusal::RunEnded(_)) => Self::run_ended(false),
            error => ApiError::from(error).into(),
        }
    }
}

impl From<RerunError> for V2Error {
    fn from(error: RerunError) -> Self {
        match error {
            RerunError::RunUnknown(_) => Self::not_found("Run not found"),
            RerunError::StepNotFound(error) => Self::invalid_request(error.to_string()),
            RerunError::NotEnded(_) | RerunError::NothingFailed(_) => Self::new(
                StatusCode::CONFLICT,
                Code::ValidationError,
                error.to_string(),
            ),
            RerunError::Refused(refusal) => ControlError::Refused(refusal).into(),
            RerunError::Engine(error) => error.into(),
            RerunError::Read(error) => error.into(),
        }
    }
}
