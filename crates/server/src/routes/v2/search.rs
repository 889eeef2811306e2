//! `POST /v2/search/validate`: whether a text is a search, and if not, what is wrong where. Editors
//! ask it as people type.

use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::response::Response;
use bytes::Bytes;
use everstep_protocol::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::Api;
use super::envelope::envelope;
use super::error::V2Error;
use super::fields::{Fields, body as read_body, checked};
use crate::routes::openapi::{Kind, Member, Operation, Routes};
use crate::search::{EventSearch, RunSearch, SearchError};

/// What is searched.
#[derive(Clone, Copy)]
enum Over {
    Runs,
    Events,
}

/// Unlike elsewhere, false is not left out: it is the answer.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SearchVerdict)]
struct Verdict {
    is_valid: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Flaw>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SearchFlaw)]
struct Flaw {
    message: String,
    /// In bytes, from 0.
    offset: usize,
    line: usize,
    column: usize,
    /// The line, and a second one with a caret below the place.
    excerpt: String,
}

pub(super) fn routes() -> Routes {
    let members = [
        Member::required("search", Kind::Text, "The text"),
        Member::new("over", Kind::Word(&["runs", "events"]), "What is searched"),
    ];
    Routes::new("Search").post(
        "/search/validate",
        validate,
        Operation::v2(
            "validateSearch",
            "Whether a text is a search, and if not, what is wrong",
        )
        .body(&members)
        .replies::<Verdict>(),
    )
}

pub(super) async fn validate(
    State(api): State<Api>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, V2Error> {
    let (text, over) = read(&body?)?;
    let now = api.clock.now();
    let error = check(&text, over, now).err().map(Flaw::from);
    let verdict = Verdict {
        is_valid: error.is_none(),
        error,
    };
    Ok(envelope(verdict, now))
}

fn check(text: &str, over: Over, now: Timestamp) -> Result<(), SearchError> {
    match over {
        Over::Runs => RunSearch::compile(text, now).map(drop),
        Over::Events => EventSearch::compile(text, now).map(drop),
    }
}

fn read(body: &[u8]) -> Result<(String, Over), V2Error> {
    let body = read_body(body)?;
    let mut problems = Vec::new();
    let read = Fields::of(&body, "", &mut problems).and_then(|mut fields| {
        let text = fields.required_text("search");
        let over = match fields.optional_text("over").as_deref() {
            None | Some("runs") => Over::Runs,
            Some("events") => Over::Events,
            Some(_) => {
                fields.malformed("over", "must be runs or events");
                Over::Runs
            }
        };
        Some((text?, over))
    });
    let read = checked(read, problems)?;
    read.ok_or_else(|| V2Error::invalid_request("The body must be an object"))
}

impl From<SearchError> for Flaw {
    fn from(SearchError { message, place }: SearchError) -> Self {
        Self {
            message,
            offset: place.offset,
            line: place.line,
            column: place.column,
            excerpt: place.excerpt,
        }
    }
}
