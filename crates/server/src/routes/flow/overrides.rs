//! `GET /v1/functions/{function}/overrides`, `PUT` and `DELETE …/overrides/{limit}`: limits that are
//! set beside the code.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::response::Response;
use bytes::Bytes;
use everstep_core::input::Control;
use everstep_core::record::{FunctionRecord, LimitName, OverrideRecord};
use everstep_protocol::Timestamp;
use serde::Deserialize;
use serde_json::json;

use super::body::{Body, REASON};
use super::report::override_view;
use super::{find_function, function_report};
use crate::error::ApiError;
use crate::routes::Api;
use crate::routes::asker::Actor;
use crate::routes::openapi::{Kind, Member};
use crate::routes::params::{PathPair, PathText, QueryOf};
use crate::routes::v1::envelope;

const LIMITS: [LimitName; 5] = [
    LimitName::Concurrency,
    LimitName::SecondConcurrency,
    LimitName::RunConcurrency,
    LimitName::Throttle,
    LimitName::RateLimit,
];
pub(super) const MEMBERS: &[Member] = &[
    Member::required("value", Kind::Number(0, u32::MAX), "How many there may be"),
    Member::new("key", Kind::Text, "For this value of the key only"),
    Member::new("period", Kind::Text, "Of a rate, such as 1m"),
    Member::new("burst", Kind::Number(0, u32::MAX), "Of a throttle"),
    Member::new("expiresIn", Kind::Text, "For how long, such as 2h"),
    REASON,
];
pub(super) const KEY: Member = Member::new("key", Kind::Text, "For this value of the key only");
/// Of a rate.
const PERIOD_MIN: Duration = Duration::from_secs(1);
/// Of a rate.
const PERIOD_MAX: Duration = Duration::from_secs(7 * 24 * 60 * 60);

#[derive(Debug, Deserialize)]
pub(super) struct KeyQuery {
    key: Option<String>,
}

pub(super) async fn list(
    State(api): State<Api>,
    PathText(function): PathText,
) -> Result<Response, ApiError> {
    let function = find_function(&api, &function).await?;
    let report = function_report(&api, &function).await?;
    let overrides: Vec<_> = report
        .overrides
        .iter()
        .map(|record| override_view(record, &function.config))
        .collect();
    Ok(envelope(overrides, api.clock.now(), Duration::ZERO))
}

pub(super) async fn set(
    State(api): State<Api>,
    Actor(actor): Actor,
    PathPair(function, limit): PathPair,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, ApiError> {
    let function = find_function(&api, &function).await?;
    let limit = limit_name(&limit)?;
    let record = read(&body?, &function, limit, api.clock.now());
    let record = record.map_err(ApiError::bad_request)?;
    let control = Control::PutOverride(record.clone());
    api.engine.control(actor, control).await?;
    let view = override_view(&record, &function.config);
    Ok(envelope(view, api.clock.now(), Duration::ZERO))
}

/// What the code says counts again.
pub(super) async fn restore(
    State(api): State<Api>,
    Actor(actor): Actor,
    PathPair(function, limit): PathPair,
    QueryOf(query): QueryOf<KeyQuery>,
) -> Result<Response, ApiError> {
    let function = find_function(&api, &function).await?;
    let control = Control::DeleteOverride {
        function: function.id,
        limit: limit_name(&limit)?,
        key: query.key.map(Arc::from),
    };
    api.engine.control(actor, control).await?;
    let view = json!({ "ok": true });
    Ok(envelope(view, api.clock.now(), Duration::ZERO))
}

fn limit_name(text: &str) -> Result<LimitName, ApiError> {
    let found = LIMITS.into_iter().find(|limit| limit.as_str() == text);
    found.ok_or_else(|| {
        let known = LIMITS.map(LimitName::as_str).join(", ");
        ApiError::bad_request(format!("{text:?} is no limit: the limits are {known}"))
    })
}

fn read(
    body: &[u8],
    function: &FunctionRecord,
    limit: LimitName,
    now: Timestamp,
) -> Result<OverrideRecord, String> {
    let body = Body::read(body, MEMBERS)?;
    let is_rate = match limit {
        LimitName::Throttle | LimitName::RateLimit => true,
        LimitName::Concurrency | LimitName::SecondConcurrency | LimitName::RunConcurrency => false,
    };
    let value = body.number("value")?;
    let value = value.ok_or("value is required: how many there may be")?;
    if is_rate && value == 0 {
        return Err("value must be at least 1 for a rate; to start nothing, pause".to_owned());
    }
    let period = body.duration("period")?;
    if period.is_some() && !is_rate {
        return Err("period is for throttle and rate_limit only".to_owned());
    }
    if period.is_some_and(|period| !(PERIOD_MIN..=PERIOD_MAX).contains(&period)) {
        return Err("period must be from \"1s\" to \"7d\"".to_owned());
    }
    let burst = body.number("burst")?;
    if burst.is_some() && limit != LimitName::Throttle {
        return Err("burst is for throttle only".to_owned());
    }
    let expires_in = body.duration("expiresIn")?;
    if expires_in.is_some_and(|expires_in| expires_in.is_zero()) {
        return Err("expiresIn must be longer than nothing".to_owned());
    }
    Ok(OverrideRecord {
        function: function.id,
        limit,
        key: body.text("key")?,
        value,
        period,
        burst,
        reason: body.reason()?,
        created_at: now,
        expires_at: expires_in.map(|expires_in| now + expires_in),
    })
}
