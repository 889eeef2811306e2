//! What a span tells of a conversation with an AI provider: its `gen_ai.*` attributes as metadata
//! (connect-realtime TR-8).

use std::time::Duration;

use everstep_protocol::metadata::kind;
use everstep_protocol::{Json, Timestamp};

use super::tree::Metadata;
use super::userland::Detail;

/// Members of the metadata, and the attributes that they are read off, the first that is there.
const FIELDS: &[(&str, &[&str])] = &[
    ("request_model", &["gen_ai.request.model"]),
    ("response_model", &["gen_ai.response.model"]),
    ("provider", &["gen_ai.provider.name", "gen_ai.system"]),
    ("operation_name", &["gen_ai.operation.name"]),
    ("response_id", &["gen_ai.response.id"]),
    ("finish_reasons", &["gen_ai.response.finish_reasons"]),
    ("input_tokens", &["gen_ai.usage.input_tokens"]),
    ("output_tokens", &["gen_ai.usage.output_tokens"]),
    ("total_tokens", &["gen_ai.usage.total_tokens"]),
    (
        "cache_read_tokens",
        &["gen_ai.usage.cache_read.input_tokens"],
    ),
    (
        "cache_creation_tokens",
        &["gen_ai.usage.cache_creation.input_tokens"],
    ),
    (
        "reasoning_tokens",
        &["gen_ai.usage.reasoning.output_tokens"],
    ),
    ("temperature", &["gen_ai.request.temperature"]),
    ("top_p", &["gen_ai.request.top_p"]),
    ("max_tokens", &["gen_ai.request.max_tokens"]),
    ("frequency_penalty", &["gen_ai.request.frequency_penalty"]),
    ("presence_penalty", &["gen_ai.request.presence_penalty"]),
    ("seed", &["gen_ai.request.seed"]),
];

/// The metadata of a span that has such attributes.
pub(super) fn metadata(detail: &Detail, at: Timestamp, duration: Duration) -> Option<Metadata> {
    let attributes = detail.attributes.as_ref()?;
    let read = |names: &[&str]| names.iter().find_map(|name| attributes.member(name));
    let mut values: Vec<(&str, Json)> = FIELDS
        .iter()
        .filter_map(|(field, names)| Some((*field, read(names)?)))
        .collect();
    if values.is_empty() {
        return None;
    }
    values.extend(Json::number(duration.as_secs_f64() * 1e3).map(|ms| ("latency_ms", ms)));
    Some(Metadata {
        scope: "extended_trace",
        kind: kind::AI.into(),
        values: Json::object(values),
        updated_at: at,
        step: None,
        attempt: None,
        span: None,
    })
}
