//! `POST /v2/runs/{run}/steps/{step}/skip-sleep`, `/time-out`, `/answer` and `/retry`: a step of a
//! live run does not wait any longer. Made for the loop of a developer; in the audit log, because it
//! works everywhere.

use std::sync::Arc;

use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::response::Response;
use bytes::Bytes;
use everstep_core::input::{Control, RunControl};
use everstep_core::rerun::{StepNotFound, find_step};
use everstep_protocol::{Json, StepId};
use http::StatusCode;

use super::Api;
use super::error::V2Error;
use super::fields::{Fields, checked};
use super::run_actions::{REASON, RunNamed, answer, only_reason, read_body, read_reason};
use super::runs::run_id;
use crate::error::ApiError;
use crate::routes::asker::Actor;
use crate::routes::openapi::{Kind, Member, Operation, Routes};
use crate::routes::params::PathPair;

type Body = Result<Bytes, BytesRejection>;
type Path = Result<PathPair, ApiError>;

const ANSWER: &[Member] = &[
    Member::required(
        "payload",
        Kind::Any,
        "Data of the event or signal, or output of the run",
    ),
    REASON,
];

pub(super) fn routes() -> Routes {
    let act = |id, summary, body| {
        Operation::v2(id, summary)
            .body(body)
            .replies::<RunNamed>()
            .refuses(StatusCode::CONFLICT, "The step is not in a state for that")
    };
    Routes::new("Steps")
        .post(
            "/runs/{run}/steps/{step}/skip-sleep",
            skip_sleep,
            act("skipSleep", "End a sleep now", &[REASON]),
        )
        .post(
            "/runs/{run}/steps/{step}/time-out",
            time_out,
            act("timeOutStep", "Let a wait time out now", &[REASON]),
        )
        .post(
            "/runs/{run}/steps/{step}/answer",
            give_answer,
            act("answerStep", "Give a wait what it waits for", ANSWER),
        )
        .post(
            "/runs/{run}/steps/{step}/retry",
            retry,
            act("retryStep", "Try a failed step again now", &[REASON]),
        )
}

pub(super) async fn skip_sleep(
    State(api): State<Api>,
    actor: Result<Actor, ApiError>,
    path: Path,
    body: Body,
) -> Result<Response, V2Error> {
    let reason = only_reason(&body?)?;
    act(&api, actor?.0, path?, RunControl::SkipSleep, reason).await
}

pub(super) async fn time_out(
    State(api): State<Api>,
    actor: Result<Actor, ApiError>,
    path: Path,
    body: Body,
) -> Result<Response, V2Error> {
    let reason = only_reason(&body?)?;
    act(&api, actor?.0, path?, RunControl::TimeOut, reason).await
}

/// `payload` is the data of the event or signal, or what the invoked run returned.
pub(super) async fn give_answer(
    State(api): State<Api>,
    actor: Result<Actor, ApiError>,
    path: Path,
    body: Body,
) -> Result<Response, V2Error> {
    let body = read_body(&body?)?;
    let mut problems = Vec::new();
    let read = Fields::of(&body, "", &mut problems).map(|mut fields| {
        fields.refuse_others(ANSWER);
        let reason = read_reason(&mut fields);
        (fields.required("payload"), reason)
    });
    let (payload, reason) = checked(read, problems)?.unwrap_or_default();
    let payload = payload.unwrap_or_else(Json::null);
    let control = |step| RunControl::Answer(step, payload);
    act(&api, actor?.0, path?, control, reason).await
}

pub(super) async fn retry(
    State(api): State<Api>,
    actor: Result<Actor, ApiError>,
    path: Path,
    body: Body,
) -> Result<Response, V2Error> {
    let reason = only_reason(&body?)?;
    let control = |step| RunControl::Retry(Some(step));
    act(&api, actor?.0, path?, control, reason).await
}

async fn act(
    api: &Api,
    actor: Option<Arc<str>>,
    PathPair(run, step): PathPair,
    control: impl FnOnce(StepId) -> RunControl,
    reason: Option<Arc<str>>,
) -> Result<Response, V2Error> {
    let run = run_id(&run)?;
    let store = api.engine.store();
    if store.run_view(run).await?.is_none() {
        return Err(V2Error::not_found("Run not found"));
    }
    let steps = store.run_steps(run).await?;
    let step = match find_step(&steps, &step) {
        Ok(step) => step.id.clone(),
        Err(StepNotFound::Unknown(name)) => {
            let message = format!("Step {name:?} not found in the run");
            return Err(V2Error::not_found(message));
        }
        Err(StepNotFound::Ambiguous { name, count }) => {
            let message =
                format!("{count} steps of the run are called {name:?}: use the id of one");
            return Err(V2Error::invalid_request(message));
        }
    };
    let control = Control::Run {
        run,
        control: control(step),
        reason,
    };
    api.engine.control(actor, control).await?;
    Ok(answer(api, run))
}
