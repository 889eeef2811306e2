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
//! | `app_actions` | what people do about apps |
//! | `schedules` | `/v2/schedules` |
//! | `flow` | pauses, limits beside the code, what is held back |
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

mod app_actions;
mod apps;
mod attributes;
mod audit;
mod configuration;
mod envelope;
mod error;
mod errors;
mod events;
mod experiments;
mod fields;
mod flow;
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
mod schedules;
mod scores;
mod search;
mod server;
mod step_actions;
mod system;
mod trace;

use axum::Router;
use axum::extract::OriginalUri;
use http::{Method, StatusCode};

pub(super) use self::envelope::{MetadataView, PageView, envelope, is_false};
pub(crate) use self::error::Code;
pub(super) use self::error::ErrorsView;
use self::error::V2Error;
pub(super) use self::flow::{function_report, limit_view};
pub(crate) use self::live::LiveRows;
use super::Api;
use super::openapi::Routes;

/// Everything here, without the prefix of the version.
pub(super) fn routes() -> Routes {
    Routes::new("v2")
        .merge(apps::routes())
        .merge(app_actions::routes())
        .merge(attributes::routes())
        .merge(audit::routes())
        .merge(errors::routes())
        .merge(events::routes())
        .merge(experiments::routes())
        .merge(flow::routes())
        .merge(functions::routes())
        .merge(invoke::routes())
        .merge(live::routes())
        .merge(metrics::routes())
        .merge(not_here::routes())
        .merge(operations::routes())
        .merge(run_actions::routes())
        .merge(runs::routes())
        .merge(schedules::routes())
        .merge(scores::routes())
        .merge(search::routes())
        .merge(server::routes())
        .merge(step_actions::routes())
        .merge(system::routes())
        .merge(trace::routes())
}

/// The same tree under both prefixes (http-api §8).
pub(super) fn router(described: Router<Api>) -> Router<Api> {
    let tree = described
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed);
    Router::new()
        .nest("/v2", tree.clone())
        .nest("/api/v2", tree)
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
