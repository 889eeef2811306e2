//! `POST /v1/debounces/{debounce}/fire`, `/v1/batches/{batch}/flush` and
//! `/v1/holds/{limit}/{run}/release`: what is held back or stuck is let go.

use std::time::Duration;

use axum::extract::State;
use axum::response::Response;
use everstep_core::input::Control;
use everstep_core::record::LimitId;
use everstep_protocol::BatchId;
use serde_json::json;

use crate::error::ApiError;
use crate::routes::Api;
use crate::routes::asker::Actor;
use crate::routes::params::{PathPair, PathText};
use crate::routes::v1::{envelope, run_id};

/// The run starts with the event that is held.
pub(super) async fn fire(
    State(api): State<Api>,
    actor: Actor,
    PathText(debounce): PathText,
) -> Result<Response, ApiError> {
    done(&api, actor, Control::FireDebounce(limit_id(&debounce)?)).await
}

/// The run starts with the events that there are.
pub(super) async fn flush(
    State(api): State<Api>,
    actor: Actor,
    PathText(batch): PathText,
) -> Result<Response, ApiError> {
    let id: Result<BatchId, _> = batch.parse();
    let id = id.map_err(|_| ApiError::bad_request(format!("{batch:?} is not a batch id")))?;
    done(&api, actor, Control::FlushBatch(id)).await
}

/// The run goes on without it.
pub(super) async fn release(
    State(api): State<Api>,
    actor: Actor,
    PathPair(limit, run): PathPair,
) -> Result<Response, ApiError> {
    let (limit, run) = (limit_id(&limit)?, run_id(&run)?);
    done(&api, actor, Control::ReleaseHold { limit, run }).await
}

async fn done(api: &Api, Actor(actor): Actor, control: Control) -> Result<Response, ApiError> {
    api.engine.control(actor, control).await?;
    let view = json!({ "ok": true });
    Ok(envelope(view, api.clock.now(), Duration::ZERO))
}

fn limit_id(text: &str) -> Result<LimitId, ApiError> {
    LimitId::from_text(text)
        .ok_or_else(|| ApiError::bad_request(format!("{text:?} is no id: it has 32 hex digits")))
}
