//! GraphQL at `POST /v0/gql` (http-api §6): what test harnesses and tools of the SDKs ask.
//!
//! It reads what the other APIs read, and does what they do; nothing exists here alone.
//!
//! | module | owns |
//! |---|---|
//! | `scalar` | `Time`, `ULID`, `UUID`, `Bytes`, `Map`, `Unknown` |
//! | `query`, `mutation` | the roots |
//! | `app`, `function`, `configuration` | apps and what they registered |
//! | `event`, `stream` | events |
//! | `run`, `run_v2`, `defer`, `trigger` | runs: as the older and the newer queries see them |
//! | `trace` | the tree of a run's spans, and their outputs |
//! | `history` | the same as a list, as older queries see it |
//! | `worker` | connections of workers, of which there are none |
//! | `connection` | pages and their cursors |
//! | `reader` | reads of one request, each made once |

mod app;
mod configuration;
mod connection;
mod defer;
mod event;
mod function;
mod history;
mod mutation;
mod query;
mod reader;
mod run;
mod run_v2;
mod scalar;
mod stream;
mod trace;
mod trigger;
mod worker;

use async_graphql::{EmptySubscription, Request, Response};

use self::mutation::Mutation;
use self::query::Query;
use self::reader::Reader;
use crate::routes::{Actor, Api};

/// Levels of a query: that of a tree of spans, and of introspection, with room.
const DEPTH_MAX: usize = 32;
/// Fields of a query.
const FIELDS_MAX: usize = 2_000;

/// What can be asked.
#[derive(Clone)]
pub struct Schema(async_graphql::Schema<Query, Mutation, EmptySubscription>);

impl Schema {
    pub fn new() -> Self {
        let schema = async_graphql::Schema::build(Query, Mutation, EmptySubscription)
            .limit_recursive_depth(DEPTH_MAX)
            .limit_complexity(FIELDS_MAX)
            .finish();
        Self(schema)
    }

    /// The schema as text.
    pub fn text(&self) -> String {
        self.0.sdl()
    }

    /// Answers a request.
    pub(crate) async fn answer(&self, api: Api, actor: Actor, request: Request) -> Response {
        let request = request.data(Reader::new(api)).data(actor);
        self.0.execute(request).await
    }
}

impl Default for Schema {
    fn default() -> Self {
        Self::new()
    }
}
