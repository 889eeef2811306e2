//! The v2 API: its routes, and the envelopes that it alone has (http-api §8).
//!
//! | module | owns |
//! |---|---|
//! | `error` | the error envelope and its codes |
//! | `errors` | `/v2/errors` |
//! | `fields` | reading the members of bodies, with errors that name them |
//! | `experiments` | what is not here yet |
//! | `query` | parameters of queries, pagination |
//! | `envelope` | what replies are wrapped in |
//! | `named` | apps and functions by name, or what to say if there are none |
//! | `run_object` | a run as clients see it |
//! | `runs` | lists of runs, and one run |
//! | `apps`, `functions`, `configuration` | what is registered |
//! | `events`, `invoke` | what starts runs; the list of events |
//! | `search` | whether a search is one |
//! | `server` | what is the same on every development server |
//! | `not_here` | what belongs to the hosted product |
//! | `scores` | `POST /v2/runs/{run}/scores` |
//! | `asker` | who asks for something |
//! | `run_actions`, `step_actions` | what people do to one run, and to its steps |
//! | `operations` | what they do to many runs |
//! | `attributes` | `/v2/attributes` |
//! | `audit` | what they did |
//! | `trace` | `GET /v2/runs/{run}/trace` |
//! | `live` | the live feed |
//! | `metrics` | `/v2/metrics` |
//! | `system` | `/v2/system` |

mod apps;
mod asker;
mod attributes;
mod audit;
mod configuration;
mod envelope;
mod error;
mod errors;
mod events;
mod experiments;
mod fields;
mod functions;
mod invoke;
mod live;
mod metrics;
mod named;
mod not_here;
mod operations;
mod query;
mod run_actions;
mod run_object;
mod runs;
mod scores;
mod search;
mod server;
mod step_actions;
mod system;
mod trace;

use axum::Router;
use axum::extract::{DefaultBodyLimit, OriginalUri};
use axum::routing::{any, get, patch, post, put};
use http::{Method, StatusCode};

pub(crate) use self::error::Code;
use self::error::V2Error;
pub(crate) use self::live::LiveRows;
use super::{Api, EVENT_BODY_MAX};

/// The same tree under both prefixes (http-api §8).
pub(super) fn router() -> Router<Api> {
    Router::new()
        .nest("/v2", routes())
        .nest("/api/v2", routes())
}

fn routes() -> Router<Api> {
    Router::new()
        .merge(registered())
        .merge(elsewhere())
        .route("/health", get(server::health))
        .route("/account", get(server::account))
        .route("/keys/events", get(server::key_list))
        .route("/keys/signing", get(server::key_list))
        .route(
            "/events",
            get(events::list)
                .post(events::send)
                .layer(DefaultBodyLimit::max(EVENT_BODY_MAX)),
        )
        .route("/search/validate", post(search::validate))
        .route("/runs", get(runs::list))
        .route("/runs/{run}", get(runs::view))
        .route("/runs/{run}/scores", post(scores::create))
        .route("/events/{event}/runs", get(runs::of_event))
        .route(
            "/apps/{app}/functions/{function}/runs",
            get(runs::of_function),
        )
        .route("/runs/{run}/trace", get(trace::view))
        .route("/experiments", get(experiments::not_implemented))
        .route(
            "/apps/{app}/functions/{function}/experiments",
            get(experiments::not_implemented),
        )
        .route(
            "/apps/{app}/functions/{function}/experiments/{experiment}",
            get(experiments::not_implemented),
        )
        .merge(steering())
        .route("/live", get(live::connect))
        .route("/live/sse", get(live::follow))
        .route("/metrics/runs", get(metrics::runs))
        .route("/errors", get(errors::list))
        .route("/errors/{error}", get(errors::view_one))
        .route("/errors/{error}/runs", get(errors::runs))
        .route("/errors/{error}/resolve", post(errors::resolve))
        .route("/errors/{error}/ignore", post(errors::ignore))
        .route("/errors/{error}/reopen", post(errors::reopen))
        .route("/system/storage", get(system::storage))
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
}

/// What people do to what runs, and what they did.
fn steering() -> Router<Api> {
    Router::new()
        .route("/runs/{run}/cancel", post(run_actions::cancel))
        .route("/runs/{run}/rerun", post(run_actions::rerun))
        .route("/runs/{run}/resume", post(run_actions::resume))
        .route("/runs/{run}/retry", post(run_actions::retry))
        .route("/runs/{run}/reruns", get(run_actions::rerun_list))
        .route(
            "/runs/{run}/steps/{step}/skip-sleep",
            post(step_actions::skip_sleep),
        )
        .route(
            "/runs/{run}/steps/{step}/time-out",
            post(step_actions::time_out),
        )
        .route(
            "/runs/{run}/steps/{step}/answer",
            post(step_actions::give_answer),
        )
        .route("/runs/{run}/steps/{step}/retry", post(step_actions::retry))
        .route(
            "/bulk-operations",
            get(operations::list).post(operations::create),
        )
        .route("/bulk-operations/preview", post(operations::preview))
        .route("/bulk-operations/{operation}", get(operations::view))
        .route(
            "/bulk-operations/{operation}/abort",
            post(operations::abort),
        )
        .route(
            "/bulk-operations/{operation}/resume",
            post(operations::resume),
        )
        .route("/attributes", get(attributes::list))
        .route(
            "/attributes/{attribute}",
            put(attributes::declare).delete(attributes::delete),
        )
        .route("/audit", get(audit::list))
}

/// Apps and functions.
fn registered() -> Router<Api> {
    let invoke = post(invoke::invoke).layer(DefaultBodyLimit::max(EVENT_BODY_MAX));
    Router::new()
        .route("/apps", get(apps::list))
        .route("/apps/{app}", get(apps::view))
        .route("/apps/{app}/functions", get(functions::list))
        .route("/apps/{app}/functions/{function}", get(functions::view))
        .route("/apps/{app}/functions/{function}/invoke", invoke)
}

/// What only the hosted product does.
fn elsewhere() -> Router<Api> {
    let not_here = not_here::not_implemented;
    Router::new()
        .route("/envs", get(server::env_list).post(not_here::env_create))
        .route("/envs/{env}", patch(not_here))
        .route("/partner/accounts", get(not_here).post(not_here))
        .route("/env/webhooks", get(not_here).post(not_here))
        .route("/apps/{app}/syncs", post(not_here))
        .route("/insights/{*rest}", any(not_here))
        .route("/sessions", get(not_here))
        .route("/sessions/{*rest}", get(not_here))
        .route("/sandboxes", any(not_here::no_sandboxes))
        .route("/sandboxes/{*rest}", any(not_here::no_sandboxes))
}

async fn not_found(method: Method, OriginalUri(uri): OriginalUri) -> V2Error {
    let path = uri.path();
    let message = format!("no such endpoint: {method} {path} (this version may not have it yet)");
    V2Error::new(StatusCode::NOT_FOUND, Code::NotFound, message)
}

async fn method_not_allowed(method: Method, OriginalUri(uri): OriginalUri) -> V2Error {
    let message = format!("{} does not take {method}", uri.path());
    V2Error::new(StatusCode::METHOD_NOT_ALLOWED, Code::ApiError, message)
}
