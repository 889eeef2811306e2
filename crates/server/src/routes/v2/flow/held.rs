//! `POST /v2/debounces/{debounce}/fire`, `/v2/batches/{batch}/flush` and
//! `/v2/holds/{limit}/{run}/release`: what is held back or stuck is let go.

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
use crate::routes::v2::envelope::envelope;
use crate::routes::v2::error::V2Error;
use crate::routes::v2::runs::run_id;

/// The run starts with the event that is held.
pub(super) async fn fire(
    State(api): State<Api>,
    actor: Result<Actor, ApiError>,
    debounce: Result<PathText, ApiError>,
) -> Result<Response, V2Error> {
    let id = limit_id(&debounce?.0)?;
    done(&api, actor?, Control::FireDebounce(id)).await
}

/// The run starts with the events that there are.
pub(super) async fn flush(
    State(api): State<Api>,
    actor: Result<Actor, ApiError>,
    batch: Result<PathText, ApiError>,
) -> Result<Response, V2Error> {
    let PathText(batch) = batch?;
    let id: Result<BatchId, _> = batch.parse();
    let id = id.map_err(|_| V2Error::invalid_request(format!("{batch:?} is not a batch id")))?;
    done(&api, actor?, Control::FlushBatch(id)).await
}

/// The run goes on without it.
pub(super) async fn release(
    State(api): State<Api>,
    actor: Result<Actor, ApiError>,
    hold: Result<PathPair, ApiError>,
) -> Result<Response, V2Error> {
    let PathPair(limit, run) = hold?;
    let (limit, run) = (limit_id(&limit)?, run_id(&run)?);
    done(&api, actor?, Control::ReleaseHold { limit, run }).await
}

async fn done(api: &Api, Actor(actor): Actor, control: Control) -> Result<Response, V2Error> {
    api.engine.control(actor, control).await?;
    Ok(envelope(json!({ "ok": true }), api.clock.now()))
}

fn limit_id(text: &str) -> Result<LimitId, V2Error> {
    LimitId::from_text(text)
        .ok_or_else(|| V2Error::invalid_request(format!("{text:?} is no id: it has 32 hex digits")))
}
