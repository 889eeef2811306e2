//! What the public API is, as OpenAPI 3.1: `GET /v2/openapi.json`, and `GET /v2/operations`, which
//! says the same for command lines and tools (http-api §8.2).
//!
//! Public routes are registered together with their descriptions (`routes`), so none is without one.
//! Replies are described by the types that are sent, parameters and bodies by lists of members.
//!
//! | module | owns |
//! |---|---|
//! | `routes` | the router that collects descriptions |
//! | `operation` | what one operation takes and replies |
//! | `describe` | operations as OpenAPI |
//! | `member` | parameters, and members of bodies |
//! | `catalogue` | `GET /v2/operations` |

mod catalogue;
mod describe;
mod member;
mod operation;
mod routes;

use std::sync::{Arc, OnceLock};

use axum::Extension;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use utoipa::openapi::{InfoBuilder, LicenseBuilder};

use self::catalogue::OperationView;
pub(super) use self::catalogue::operation_list;
use self::describe::describe;
pub(super) use self::member::{Kind, Member};
pub(super) use self::operation::Operation;
use self::routes::Described;
pub(super) use self::routes::Routes;

/// What `/v2/openapi.json` and `/v2/operations` answer: made when someone first asks, because it
/// takes some megabytes to make.
pub(super) struct Document {
    described: Vec<Described>,
    made: OnceLock<Made>,
}

struct Made {
    text: Bytes,
    operations: Vec<OperationView>,
}

impl Document {
    /// The description of a complete API.
    pub(super) fn new(described: Vec<Described>) -> Arc<Self> {
        Arc::new(Self {
            described,
            made: OnceLock::new(),
        })
    }

    fn made(&self) -> &Made {
        self.made.get_or_init(|| {
            let mut api = describe(&self.described);
            api.info = InfoBuilder::new()
                .title("Everstep")
                .version(env!("CARGO_PKG_VERSION"))
                .description(Some(
                    "What is under /v2 is under /api/v2 too. Apps and their SDKs use further \
                     endpoints, which are not described here.",
                ))
                .license(Some(
                    LicenseBuilder::new()
                        .name("Apache-2.0")
                        .identifier(Some("Apache-2.0"))
                        .build(),
                ))
                .build();
            let text = api.to_json().expect("a document has text keys only");
            Made {
                operations: catalogue::of(&api),
                text: text.into(),
            }
        })
    }
}

pub(super) async fn document(Extension(document): Extension<Arc<Document>>) -> Response {
    let text = document.made().text.clone();
    ([(CONTENT_TYPE, "application/json")], text).into_response()
}

/// The two routes of this module.
pub(super) fn routes() -> Routes {
    Routes::new("API")
        .get(
            "/openapi.json",
            document,
            Operation::v2("getOpenApi", "This document").replies_bare("An OpenAPI document"),
        )
        .get(
            "/operations",
            operation_list,
            Operation::v2("listOperations", "Everything that this API can do")
                .lists::<OperationView>(),
        )
}
