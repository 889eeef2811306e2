//! The HTTP API: one file per resource.

mod apps;
mod asker;
mod cancellations;
mod checkpoint;
mod dev_info;
mod endpoints;
mod events;
mod explain;
mod fallback;
mod graphql;
mod health;
mod invoke;
mod jobs;
mod metadata;
mod metrics;
mod openapi;
mod output;
mod params;
mod realtime;
mod register;
mod runs;
mod signals;
mod state;
mod traces;
mod v1;
mod v2;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::DefaultBodyLimit;
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, delete, get, post};
use axum::{Extension, Router};
use bytes::Bytes;
use everstep_core::ShardConfig;
use everstep_core::record::RunStatus;
use everstep_engine::Engine;
use everstep_engine::rt::Clock;
use everstep_protocol::Timestamp;
use everstep_protocol::headers::{SERVER_KIND, ServerKind};
use everstep_protocol::limits::{
    CHECKPOINT_BODY_MAX, CHECKPOINT_SYNC_BODY_MAX, EVENT_MAX, METADATA_PER_RUN_MAX, TRACES_BODY_MAX,
};
use everstep_protocol::token::TokenKey;
use http::{HeaderName, HeaderValue, Method, StatusCode};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::{AllowHeaders, Any, CorsLayer};
use tower_http::timeout::RequestBodyTimeoutLayer;

pub(crate) use self::asker::{ACTOR, Actor};
pub use self::dev_info::StartOptions;
pub(crate) use self::explain::skip_words;
pub(crate) use self::invoke::invocation;
use self::openapi::{Document, Routes};
pub(crate) use self::v2::{Code, LiveRows};
use crate::apps::Apps;
use crate::endings::Endings;
use crate::error::ApiError;
use crate::graphql::Schema;
use crate::live::Hub;
use crate::realtime::Realtime;
use crate::ui;

/// Bytes of a request with events: some thousands of them.
const EVENTS_BODY_MAX: usize = 32 * 1024 * 1024;
/// Bytes of a request with one event or signal.
const EVENT_BODY_MAX: usize = EVENT_MAX + 64 * 1024;
/// Bytes of a registration: the configuration of a thousand functions.
const REGISTER_BODY_MAX: usize = 8 * 1024 * 1024;
/// Bytes of a checkpoint: several results, each with the rest of its op around it.
const CHECKPOINT_REQUEST_MAX: usize = CHECKPOINT_BODY_MAX + 4 * 1024 * 1024;
/// Bytes of a request with metadata: all that a run can have, and the rest around it.
const METADATA_BODY_MAX: usize = METADATA_PER_RUN_MAX + 64 * 1024;
/// Bytes of any other request.
const BODY_MAX: usize = 1024 * 1024;
/// Bodies of this size are parsed in less time than it takes to hand them over.
const INLINE_MAX: usize = 128 * 1024;
/// A client that sends nothing of its body for so long is cut off.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);
/// For so long browsers remember what the API allows.
const CORS_MAX_AGE: Duration = Duration::from_secs(3600);

/// What handlers need.
#[derive(Clone)]
pub struct Api {
    pub engine: Engine,
    /// How its shard was configured.
    pub shard: ShardConfig,
    pub clock: Arc<dyn Clock>,
    pub started_at: Timestamp,
    pub kind: ServerKind,
    pub apps: Apps,
    pub options: Arc<StartOptions>,
    pub tokens: TokenKey,
    pub endings: Endings,
    pub realtime: Realtime,
    pub live: Hub,
    pub graphql: Schema,
    /// Serve the dashboard, too.
    pub ui: bool,
}

/// The whole API.
pub fn router(api: Api) -> Router {
    let kind = HeaderValue::from_static(api.kind.as_str());
    let limit = DefaultBodyLimit::max;
    let dashboard = match api.ui {
        true => ui::routes(),
        false => Router::new(),
    };
    Router::new()
        .route("/e/{key}", post(events::send).layer(limit(EVENTS_BODY_MAX)))
        .route("/e", post(events::key_missing))
        .route("/e/", post(events::key_missing))
        .route(
            "/fn/register",
            post(register::register).layer(limit(REGISTER_BODY_MAX)),
        )
        .route("/fn/remove", delete(register::remove))
        .route(
            "/invoke/{slug}",
            post(invoke::invoke).layer(limit(EVENT_BODY_MAX)),
        )
        .route("/invoke", post(invoke::slug_missing))
        .route("/invoke/", post(invoke::slug_missing))
        .route("/health", get(health::health))
        .route("/dev", get(dev_info::dev_info))
        .route("/v0/gql", post(graphql::answer))
        .route("/v0/runs/{run}/batch", get(state::batch))
        .route("/v0/runs/{run}/actions", get(state::actions))
        .route("/v0/runs/{run}", delete(runs::cancel))
        .route(
            "/v1/runs/{run}/metadata",
            post(metadata::update).layer(limit(METADATA_BODY_MAX)),
        )
        .merge(checkpoints())
        .merge(public())
        .route("/metrics", get(metrics::metrics))
        .route("/v1/realtime/sse", get(realtime::follow))
        .route(
            "/v1/traces/userland",
            post(traces::put).layer((Extension(traces::Room::default()), limit(TRACES_BODY_MAX))),
        )
        .fallback(fallback::not_found)
        .method_not_allowed_fallback(fallback::method_not_allowed)
        .layer(limit(BODY_MAX))
        .with_state(api.clone())
        .layer(RequestBodyTimeoutLayer::new(BODY_TIMEOUT))
        .merge(streams(api))
        .layer(CatchPanicLayer::custom(|_| panicked()))
        .layer(cors())
        // Pages of other origins have no business with it.
        .merge(dashboard)
        .layer(map_response(move |mut response: Response| {
            response
                .headers_mut()
                .insert(HeaderName::from_static(SERVER_KIND), kind.clone());
            std::future::ready(response)
        }))
}

/// What is there for everyone, with the description of it all.
fn public() -> Router<Api> {
    let v1 = Routes::new("v1")
        .merge(v1::routes())
        .merge(runs::routes())
        .merge(jobs::routes())
        .merge(signals::routes())
        .merge(apps::routes())
        .merge(cancellations::routes())
        .merge(explain::routes());
    let v2 = v2::routes().merge(openapi::routes());
    let (v1, mut described) = v1.into_parts("");
    let (v2, of_v2) = v2.into_parts("/v2");
    described.extend(of_v2);
    Router::new()
        .merge(v1)
        .merge(v2::router(v2))
        .layer(Extension(Document::new(described)))
}

/// The same under both prefixes (http-api §5.7).
fn checkpoints() -> Router<Api> {
    let limit = DefaultBodyLimit::max;
    ["/v1/checkpoint", "/v1/http/runs"]
        .into_iter()
        .fold(Router::new(), |router, prefix| {
            let (start, steps) = (post(endpoints::start), post(endpoints::steps));
            let checkpoint = post(checkpoint::store).layer(limit(CHECKPOINT_REQUEST_MAX));
            router
                .route(prefix, start.layer(limit(CHECKPOINT_SYNC_BODY_MAX)))
                .route(
                    &format!("{prefix}/{{run}}/steps"),
                    steps.layer(limit(CHECKPOINT_SYNC_BODY_MAX)),
                )
                .route(&format!("{prefix}/{{run}}/async"), checkpoint)
                .route(&format!("{prefix}/{{run}}/output"), any(output::output))
        })
}

/// Bodies that may pause for longer than others: their handlers look after them.
fn streams(api: Api) -> Router {
    Router::new()
        .route("/v1/realtime/publish/tee", post(realtime::tee))
        .method_not_allowed_fallback(fallback::method_not_allowed)
        .with_state(api)
}

/// Any origin (sdk-protocol §8.6). Headers are mirrored, because `*` would not cover
/// `Authorization`.
fn cors() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([
            Method::GET,
            Method::POST,
            Method::PUT,
            Method::DELETE,
            Method::OPTIONS,
        ])
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers([http::header::LINK])
        .max_age(CORS_MAX_AGE)
}

/// Works on a body: at once if it is small, else where that does not hold up other requests.
async fn heavy<T: Send + 'static>(
    body: Bytes,
    work: impl FnOnce(&[u8]) -> T + Send + 'static,
) -> T {
    aside(body.len(), move || work(&body)).await
}

/// Works on so many bytes: at once if they are few, else where it does not hold up other requests.
async fn aside<T: Send + 'static>(bytes: usize, work: impl FnOnce() -> T + Send + 'static) -> T {
    if bytes <= INLINE_MAX {
        return work();
    }
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

/// A handler panicked. The panic itself is in the log.
fn panicked() -> Response {
    ApiError::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        "internal error; see the server's log",
    )
    .into_response()
}

/// A run's status as the v1 API spells it (server-semantics §3.1).
pub(crate) fn status_text(status: RunStatus) -> &'static str {
    match status {
        RunStatus::Queued => "Scheduled",
        RunStatus::Running => "Running",
        RunStatus::Completed => "Completed",
        RunStatus::Failed => "Failed",
        RunStatus::Cancelled => "Cancelled",
        RunStatus::Skipped => "Skipped",
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[tokio::test]
    async fn what_is_long_is_worked_on_aside() {
        let own = thread::current().id();
        for (bytes, is_aside) in [(INLINE_MAX, false), (INLINE_MAX + 1, true)] {
            let at = aside(bytes, || thread::current().id()).await;
            assert_eq!(at != own, is_aside, "{bytes}");
        }
    }
}
