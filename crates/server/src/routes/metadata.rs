//! `POST /v1/runs/{run}/metadata`: a client notes something of a run, which may have ended
//! (connect-realtime §5.1, http-api §5.2).

use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use bytes::Bytes;
use everstep_core::effect::MetadataRefusal;
use everstep_core::record::{MetadataTarget, RunRecord};
use everstep_engine::MetadataError;
use everstep_protocol::metadata::{
    MetadataError as UpdateError, MetadataRequest, MetadataRequestError, StepName, TargetName,
};
use everstep_protocol::{RunId, StepId};
use everstep_store::{ReadError, Store};
use http::StatusCode;

use super::params::PathText;
use super::v1::run_id;
use super::{Api, heavy};
use crate::error::ApiError;

/// Notes all of it or nothing. It is durable when this answers 200.
pub(super) async fn update(
    State(api): State<Api>,
    PathText(run): PathText,
    body: Result<Bytes, BytesRejection>,
) -> Result<StatusCode, ApiError> {
    let id = run_id(&run)?;
    let request = heavy(body?, MetadataRequest::parse).await?;
    let store = api.engine.store();
    let run = store
        .run_view(id)
        .await?
        .ok_or_else(|| ApiError::not_found("run not found"))?;
    let target = target(&**store, &run, request.target).await?;
    let updates = request.updates.into_iter();
    let updates = updates.map(|update| (target.clone(), update)).collect();
    api.engine.metadata_update(id, updates).await?;
    Ok(StatusCode::OK)
}

async fn target(
    store: &dyn Store,
    run: &RunRecord,
    name: TargetName,
) -> Result<MetadataTarget, ApiError> {
    if let Some(other) = name.run.filter(|other| *other != run.id) {
        let message = format!("target.run_id is {other}, another run than that of the path");
        return Err(ApiError::bad_request(message));
    }
    let Some(step_name) = name.step else {
        return Ok(MetadataTarget::Run);
    };
    let found = find_step(store, run.id, &step_name).await?;
    let step = match found {
        Some(step) => step,
        // It may be the one that is being executed, of which nothing was reported yet.
        None if !run.status.is_final() => guessed_step(&step_name),
        None => {
            let StepName { id, index } = step_name;
            let message = format!("the run has no step {id:?} of index {index}");
            return Err(ApiError::not_found(message));
        }
    };
    Ok(match (name.span, name.attempt) {
        (Some(span), _) => MetadataTarget::Span { step, span },
        (None, Some(attempt)) => MetadataTarget::Attempt { step, attempt },
        (None, None) => MetadataTarget::Step(step),
    })
}

/// The step of the run that a client means, by the id that the user wrote or the hash of one (ME-4).
pub(super) async fn find_step(
    store: &dyn Store,
    run: RunId,
    name: &StepName,
) -> Result<Option<StepId>, ReadError> {
    let candidates: Vec<StepId> = name.hashed().into_iter().chain([name.derived()]).collect();
    let known = store.steps_known(run, &candidates).await?;
    Ok(known.into_iter().next())
}

/// The step that a name stands for when the run does not know it.
pub(super) fn guessed_step(name: &StepName) -> StepId {
    name.hashed().unwrap_or_else(|| name.derived())
}

impl From<MetadataRequestError> for ApiError {
    fn from(error: MetadataRequestError) -> Self {
        let status = match &error {
            MetadataRequestError::Refused { refused, .. }
                if matches!(refused.error, UpdateError::TooLarge { .. }) =>
            {
                StatusCode::PAYLOAD_TOO_LARGE
            }
            _ => StatusCode::BAD_REQUEST,
        };
        Self::new(status, error.to_string())
    }
}

impl From<MetadataError> for ApiError {
    fn from(error: MetadataError) -> Self {
        match error {
            MetadataError::Refused(refusal @ MetadataRefusal::TooLarge { .. }) => {
                Self::new(StatusCode::PAYLOAD_TOO_LARGE, refusal.to_string())
            }
            MetadataError::Refused(refusal @ MetadataRefusal::NotANumber(_)) => {
                Self::bad_request(refusal.to_string())
            }
            MetadataError::Engine(error) => error.into(),
        }
    }
}
