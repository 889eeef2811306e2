//! `POST /v1/traces/userland`: an app brings the spans that user code opened while it was called
//! (connect-realtime §6, http-api §5.6).
//!
//! A span that can't be kept is counted in the answer; the others are durable when it is sent.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::HeaderMap;
use axum::response::Response;
use bytes::Bytes;
use everstep_core::record::SpanRecord;
use everstep_protocol::RunId;
use everstep_protocol::limits::{RUNS_PER_EXPORT_MAX, SPANS_PER_RUN_MAX};
use http::StatusCode;
use tokio::sync::Mutex;

use super::{Api, heavy};
use crate::error::ApiError;
use crate::otlp::{BodyError, Encoding, Incoming, Rejection, Rejections, spans_of};

/// Held from the look at how many spans a run has until more of them are stored: one request at a
/// time.
#[derive(Clone, Default)]
pub(super) struct Room(Arc<Mutex<()>>);

/// The spans of a request, by run.
#[derive(Default)]
struct Sorted {
    of_runs: BTreeMap<RunId, Vec<Incoming>>,
    rejections: Rejections,
}

pub(super) async fn put(
    State(api): State<Api>,
    Extension(Room(room)): Extension<Room>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let encoding = match Encoding::of(&headers) {
        Ok(encoding) => encoding,
        Err(error) => return Encoding::Json.refuse(error.status(), &error.to_string()),
    };
    let refuse = |error: ApiError| encoding.refuse(error.status, &error.message);
    let body = match body {
        Ok(body) => body,
        Err(rejection) => {
            let error = ApiError::from(rejection);
            let too_large = error.status == StatusCode::PAYLOAD_TOO_LARGE;
            let message = BodyError::TooLarge.to_string();
            return match too_large {
                true => encoding.refuse(error.status, &message),
                false => refuse(error),
            };
        }
    };
    let read = move |body: &[u8]| encoding.read(&headers, body).map(|it| sort(spans_of(&it)));
    let sorted = match heavy(body, read).await {
        Ok(sorted) => sorted,
        Err(error) => return encoding.refuse(error.status(), &error.to_string()),
    };
    let _room = room.lock().await;
    match keep(&api, sorted).await {
        Ok(rejections) => encoding.answer(&rejections),
        Err(error) => refuse(error),
    }
}

fn sort(spans: Vec<Result<Incoming, Rejection>>) -> Sorted {
    let mut sorted = Sorted::default();
    for span in spans {
        let incoming = match span {
            Ok(incoming) => incoming,
            Err(rejection) => {
                sorted.rejections.add(rejection);
                continue;
            }
        };
        let run = incoming.record.run;
        if sorted.of_runs.len() == RUNS_PER_EXPORT_MAX && !sorted.of_runs.contains_key(&run) {
            sorted.rejections.add(Rejection::TooManyRuns);
        } else {
            sorted.of_runs.entry(run).or_default().push(incoming);
        }
    }
    sorted
}

/// Store what there is room for.
async fn keep(api: &Api, sorted: Sorted) -> Result<Rejections, ApiError> {
    let Sorted {
        of_runs,
        mut rejections,
    } = sorted;
    let mut kept = Vec::new();
    for (run, spans) in of_runs {
        kept.extend(admit(api, run, spans, &mut rejections).await?);
    }
    if !kept.is_empty() {
        api.engine.spans_put(kept).await?;
    }
    Ok(rejections)
}

/// Those of the spans that are new, and that the run has room for.
async fn admit(
    api: &Api,
    run: RunId,
    spans: Vec<Incoming>,
    rejections: &mut Rejections,
) -> Result<Vec<SpanRecord>, ApiError> {
    let store = api.engine.store();
    let view = store.run_view(run).await?;
    let mut known: HashSet<_> = match view {
        Some(_) => store.run_span_ids(run).await?.into_iter().collect(),
        None => HashSet::new(),
    };
    let mut kept = Vec::new();
    for Incoming { record, function } in spans {
        // TR-4
        let is_of_run = view
            .as_ref()
            .is_some_and(|run| function.is_none_or(|function| function == run.function));
        if !is_of_run {
            rejections.add(Rejection::UnknownRun);
        } else if known.contains(&record.id) {
            // TR-6: it came before.
        } else if known.len() >= SPANS_PER_RUN_MAX {
            rejections.add(Rejection::TooManyOfRun);
        } else {
            known.insert(record.id);
            kept.push(record);
        }
    }
    Ok(kept)
}
