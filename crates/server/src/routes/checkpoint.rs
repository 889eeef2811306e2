//! `POST /v1/checkpoint/{run}/async`: an app reports finished steps while its call goes on
//! (sdk-protocol §7.2, §7.3).

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use bytes::Bytes;
use everstep_core::effect::CheckpointRefusal;
use everstep_engine::CheckpointError;
use everstep_protocol::op::Op;
use everstep_protocol::{RunId, Ticket};
use http::StatusCode;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Number, Value, json};

use super::params::PathText;
use super::v1::run_id;
use super::{Api, heavy};
use crate::error::ApiError;

/// What of the body matters. The rest says again what the path and the job say.
#[derive(Debug, Deserialize)]
struct Body<'a> {
    qi_id: Option<String>,
    generation_id: Option<Number>,
    #[serde(borrow)]
    steps: Option<&'a RawValue>,
}

/// A checkpoint as the engine takes it.
struct Report {
    ticket: Option<Ticket>,
    generation: Option<u32>,
    ops: Vec<Op>,
}

/// Stores the steps. They are durable when this answers 200.
pub(super) async fn store(
    State(api): State<Api>,
    PathText(run): PathText,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Value>, ApiError> {
    let about = |error: ApiError| error.with_data(json!({ "run_id": run }));
    let id = run_id(&run).map_err(about)?;
    let body = body.map_err(|rejection| about(rejection.into()))?;
    let Report {
        ticket,
        generation,
        ops,
    } = heavy(body, move |body| read(body, id))
        .await
        .map_err(|text| about(ApiError::bad_request(text)))?;
    match api.engine.checkpoint(id, ticket, generation, ops).await {
        Ok(()) => Ok(Json(json!({}))),
        Err(CheckpointError::Refused(refusal)) => {
            Err(about(ApiError::new(status(&refusal), refusal.to_string())))
        }
        Err(CheckpointError::Engine(error)) => Err(about(error.into())),
    }
}

fn read(body: &[u8], run: RunId) -> Result<Report, String> {
    let body: Body<'_> =
        serde_json::from_slice(body).map_err(|error| format!("not a checkpoint: {error}"))?;
    // A job that this server did not name is none of its jobs; steps are safe all the same, by id.
    let ticket: Option<Ticket> = body.qi_id.as_deref().and_then(|text| text.parse().ok());
    if let Some(ticket) = ticket.filter(|ticket| ticket.job.run != run) {
        return Err(format!("qi_id {ticket} belongs to another run"));
    }
    let generation = body.generation_id.as_ref().and_then(Number::as_u64);
    let ops = match body.steps {
        None => Vec::new(),
        Some(steps) if steps.get() == "null" => Vec::new(),
        Some(steps) => Op::parse_list(steps).map_err(|error| error.to_string())?,
    };
    Ok(Report {
        ticket,
        generation: generation.and_then(|number| u32::try_from(number).ok()),
        ops,
    })
}

pub(super) fn status(refusal: &CheckpointRefusal) -> StatusCode {
    match refusal {
        CheckpointRefusal::Stale(_)
        | CheckpointRefusal::RunExists(_)
        | CheckpointRefusal::NotSync(_) => StatusCode::CONFLICT,
        CheckpointRefusal::TooManyApps { .. } => StatusCode::TOO_MANY_REQUESTS,
        CheckpointRefusal::StepTooLarge { .. } | CheckpointRefusal::StateTooLarge { .. } => {
            StatusCode::PAYLOAD_TOO_LARGE
        }
        CheckpointRefusal::RunGone(_)
        | CheckpointRefusal::OpNotAllowed(_)
        | CheckpointRefusal::TooManySteps { .. } => StatusCode::BAD_REQUEST,
    }
}
