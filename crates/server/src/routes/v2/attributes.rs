//! `/v2/attributes`: values of runs by which they are found, declared once for all functions.

use std::sync::Arc;

use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::response::Response;
use bytes::Bytes;
use everstep_core::attributes;
use everstep_core::expression::Expression;
use everstep_core::input::Control;
use everstep_core::record::AttributeRecord;
use everstep_engine::ControlError;
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::Api;
use super::envelope::{PageView, envelope, page_envelope};
use super::error::V2Error;
use super::fields::{Fields, body, checked};
use super::query::{Query, paging};
use crate::error::ApiError;
use crate::routes::asker::Actor;
use crate::routes::openapi::{Kind, Member, Operation, Routes};
use crate::routes::params::PathText;
use crate::search::filter::attribute_name;

/// Entries of a page.
const LIMIT_MAX: u32 = 100;

const EXPRESSION: Member = Member::required("expression", Kind::Text, "Over the event of the run");

/// An attribute as clients see it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Attribute)]
struct AttributeView {
    name: String,
    expression: String,
    created_at: String,
}

/// One that is gone.
#[derive(Serialize, ToSchema)]
#[schema(as = DeletedAttribute)]
struct DeletedView {
    name: String,
}

pub(super) fn routes() -> Routes {
    Routes::new("Attributes")
        .get(
            "/attributes",
            list,
            Operation::v2("listAttributes", "The attributes by which runs are found")
                .query(&paging(LIMIT_MAX))
                .pages::<AttributeView>(),
        )
        .put(
            "/attributes/{attribute}",
            declare,
            Operation::v2(
                "declareAttribute",
                "Give runs a value by which they are found",
            )
            .body(&[EXPRESSION])
            .replies::<AttributeView>()
            .refuses(StatusCode::TOO_MANY_REQUESTS, "There are as many as can be"),
        )
        .delete(
            "/attributes/{attribute}",
            delete,
            Operation::v2("deleteAttribute", "New runs do not have the value any more")
                .replies::<DeletedView>(),
        )
}

/// By name.
pub(super) async fn list(State(api): State<Api>, mut query: Query) -> Result<Response, V2Error> {
    let paging = query.paging(LIMIT_MAX);
    query.done()?;
    let mut declared = api.engine.store().attribute_list().await?;
    if let Some(after) = &paging.cursor {
        declared.retain(|attribute| *attribute.name > **after);
    }
    let page = PageView::cut(&mut declared, paging.limit, |last| last.name.to_string());
    let views: Vec<_> = declared.iter().map(view).collect();
    Ok(page_envelope(&views, &page, api.clock.now()))
}

/// Runs that start from now on have it.
pub(super) async fn declare(
    State(api): State<Api>,
    name: Result<PathText, ApiError>,
    actor: Result<Actor, ApiError>,
    bytes: Result<Bytes, BytesRejection>,
) -> Result<Response, V2Error> {
    let name = read_name(name?)?;
    let control = Control::PutAttribute {
        name: Arc::clone(&name),
        expression: read_expression(&bytes?)?,
    };
    steer(&api, actor?.0, control).await?;
    let declared = api.engine.store().attribute_list().await?;
    let attribute = declared.iter().find(|attribute| attribute.name == name);
    // Someone else may have deleted it since.
    let attribute = attribute.ok_or_else(|| V2Error::not_found("Attribute not found"))?;
    Ok(envelope(view(attribute), api.clock.now()))
}

/// Runs keep the values that they have.
pub(super) async fn delete(
    State(api): State<Api>,
    name: Result<PathText, ApiError>,
    actor: Result<Actor, ApiError>,
) -> Result<Response, V2Error> {
    let name = read_name(name?)?;
    steer(&api, actor?.0, Control::DeleteAttribute(Arc::clone(&name))).await?;
    let name = name.to_string();
    Ok(envelope(DeletedView { name }, api.clock.now()))
}

async fn steer(api: &Api, actor: Option<Arc<str>>, control: Control) -> Result<(), V2Error> {
    match api.engine.control(actor, control).await {
        Ok(_) => Ok(()),
        Err(ControlError::Engine(error)) => Err(error.into()),
        Err(error @ ControlError::Refused(_)) => Err(ApiError::from(error).into()),
    }
}

fn read_name(PathText(text): PathText) -> Result<Arc<str>, V2Error> {
    attribute_name(&text)
        .map(Arc::from)
        .map_err(|what| V2Error::invalid_request(format!("The name of an attribute {what}")))
}

fn read_expression(bytes: &[u8]) -> Result<Expression, V2Error> {
    let body = body(bytes)?;
    let mut problems = Vec::new();
    let mut expression = None;
    if let Some(mut fields) = Fields::of(&body, "", &mut problems) {
        fields.refuse_others(&[EXPRESSION]);
        if let Some(text) = fields.required_text("expression") {
            match attributes::compile(&text) {
                Ok(compiled) => expression = Some(compiled),
                Err(error) => fields.malformed("expression", &format!("is none: {error}")),
            }
        }
    }
    let expression = checked(expression, problems)?;
    Ok(expression.expect("without a problem there is one"))
}

fn view(attribute: &AttributeRecord) -> AttributeView {
    AttributeView {
        name: attribute.name.to_string(),
        expression: attribute.expression.to_string(),
        created_at: attribute.created_at.to_string(),
    }
}
