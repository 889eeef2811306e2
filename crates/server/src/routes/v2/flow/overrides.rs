//! `GET /v2/functions/{function}/overrides`, `PUT` and `DELETE …/overrides/{limit}`: limits that are
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
use serde_json::json;

use super::report::override_view;
use super::{function_named, function_report};
use crate::error::ApiError;
use crate::routes::Api;
use crate::routes::asker::Actor;
use crate::routes::openapi::{Kind, Member};
use crate::routes::params::{PathPair, PathText};
use crate::routes::v2::envelope::envelope;
use crate::routes::v2::error::V2Error;
use crate::routes::v2::fields::{Fields, checked};
use crate::routes::v2::query::Query;
use crate::routes::v2::run_actions::{REASON, read_body, read_reason};

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

pub(super) async fn list(
    State(api): State<Api>,
    function: Result<PathText, ApiError>,
) -> Result<Response, V2Error> {
    let function = function_named(&api, &function?.0).await?;
    let report = function_report(&api, &function).await?;
    let overrides: Vec<_> = report
        .overrides
        .iter()
        .map(|record| override_view(record, &function.config))
        .collect();
    Ok(envelope(overrides, api.clock.now()))
}

pub(super) async fn set(
    State(api): State<Api>,
    actor: Result<Actor, ApiError>,
    path: Result<PathPair, ApiError>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, V2Error> {
    let PathPair(function, limit) = path?;
    let function = function_named(&api, &function).await?;
    let limit = limit_name(&limit)?;
    let record = read(&body?, &function, limit, api.clock.now())?;
    let control = Control::PutOverride(record.clone());
    api.engine.control(actor?.0, control).await?;
    let view = override_view(&record, &function.config);
    Ok(envelope(view, api.clock.now()))
}

/// What the code says counts again.
pub(super) async fn restore(
    State(api): State<Api>,
    actor: Result<Actor, ApiError>,
    path: Result<PathPair, ApiError>,
    mut query: Query,
) -> Result<Response, V2Error> {
    let PathPair(function, limit) = path?;
    let key = query.text("key");
    query.done()?;
    let function = function_named(&api, &function).await?;
    let control = Control::DeleteOverride {
        function: function.id,
        limit: limit_name(&limit)?,
        key: key.map(Arc::from),
    };
    api.engine.control(actor?.0, control).await?;
    Ok(envelope(json!({ "ok": true }), api.clock.now()))
}

fn limit_name(text: &str) -> Result<LimitName, V2Error> {
    let found = LIMITS.into_iter().find(|limit| limit.as_str() == text);
    found.ok_or_else(|| {
        let known = LIMITS.map(LimitName::as_str).join(", ");
        V2Error::invalid_request(format!("{text:?} is no limit: the limits are {known}"))
    })
}

fn read(
    body: &[u8],
    function: &FunctionRecord,
    limit: LimitName,
    now: Timestamp,
) -> Result<OverrideRecord, V2Error> {
    let body = read_body(body)?;
    let mut problems = Vec::new();
    let read = Fields::of(&body, "", &mut problems)
        .and_then(|mut fields| read_fields(&mut fields, function, limit, now));
    match read {
        Some(record) => checked(record, problems),
        None => Err(V2Error::of_fields(problems)),
    }
}

fn read_fields(
    fields: &mut Fields<'_>,
    function: &FunctionRecord,
    limit: LimitName,
    now: Timestamp,
) -> Option<OverrideRecord> {
    fields.refuse_others(MEMBERS);
    let is_rate = match limit {
        LimitName::Throttle | LimitName::RateLimit => true,
        LimitName::Concurrency | LimitName::SecondConcurrency | LimitName::RunConcurrency => false,
    };
    fields.required("value")?;
    let value = fields.optional_number("value", 0..=u32::MAX)?;
    if is_rate && value == 0 {
        fields.malformed(
            "value",
            "must be at least 1 for a rate; to start nothing, pause",
        );
    }
    let period = fields.optional_duration("period");
    if period.is_some() && !is_rate {
        fields.malformed("period", "is for throttle and rate_limit only");
    } else if period.is_some_and(|period| !(PERIOD_MIN..=PERIOD_MAX).contains(&period)) {
        fields.malformed("period", "must be from \"1s\" to \"7d\"");
    }
    let burst = fields.optional_number("burst", 0..=u32::MAX);
    if burst.is_some() && limit != LimitName::Throttle {
        fields.malformed("burst", "is for throttle only");
    }
    let expires_in = fields.optional_duration("expiresIn");
    if expires_in.is_some_and(|expires_in| expires_in.is_zero()) {
        fields.malformed("expiresIn", "must be longer than nothing");
    }
    Some(OverrideRecord {
        function: function.id,
        limit,
        key: fields.optional_text("key").map(Arc::from),
        value,
        period,
        burst,
        reason: read_reason(fields),
        created_at: now,
        expires_at: expires_in.map(|expires_in| now + expires_in),
    })
}
