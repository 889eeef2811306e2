//! The description of one operation: what it takes, what it replies, and how it refuses.

use http::StatusCode;
use utoipa::ToSchema;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::path::{HttpMethod, OperationBuilder, Parameter, PathItem};
use utoipa::openapi::request_body::{RequestBody, RequestBodyBuilder};
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Schema, SchemaType};
use utoipa::openapi::{Ref, RefOr, Required, Response, ResponseBuilder};

use super::member::{Member, in_path, object_of};
use crate::error::ErrorView;
use crate::routes::v1::MetadataView;
use crate::routes::v2;

const JSON: &str = "application/json";

/// Which envelopes replies and errors are in (http-api §1.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Version {
    V1,
    V2,
}

/// A description in the making.
pub(in crate::routes) struct Operation {
    version: Version,
    id: &'static str,
    summary: &'static str,
    parameters: Vec<Parameter>,
    body: Option<RequestBody>,
    replies: Vec<(StatusCode, Response)>,
    schemas: Schemas,
    pub(super) body_max: Option<usize>,
}

/// Schemas by name, which others refer to.
pub(super) type Schemas = Vec<(String, RefOr<Schema>)>;

impl Operation {
    pub(in crate::routes) fn v1(id: &'static str, summary: &'static str) -> Self {
        Self::new(Version::V1, id, summary)
    }

    pub(in crate::routes) fn v2(id: &'static str, summary: &'static str) -> Self {
        Self::new(Version::V2, id, summary)
    }

    fn new(version: Version, id: &'static str, summary: &'static str) -> Self {
        let operation = Self {
            version,
            id,
            summary,
            parameters: Vec::new(),
            body: None,
            replies: Vec::new(),
            schemas: Vec::new(),
            body_max: None,
        };
        operation.refuses(StatusCode::BAD_REQUEST, "The request is malformed")
    }

    /// Parameters of the query.
    pub(in crate::routes) fn query(mut self, members: &[Member]) -> Self {
        self.parameters.extend(members.iter().map(Member::in_query));
        self
    }

    /// An object as the body, which may be absent if none of its members must be there.
    pub(in crate::routes) fn body(self, members: &[Member]) -> Self {
        let is_required = members.iter().any(|member| member.is_required);
        self.takes(Schema::Object(object_of(members).build()), is_required)
    }

    /// A list of objects as the body.
    pub(in crate::routes) fn body_list(self, members: &[Member], most: usize) -> Self {
        let list = ArrayBuilder::new()
            .items(object_of(members))
            .min_items(Some(1))
            .max_items(Some(most));
        self.takes(Schema::Array(list.build()), true)
    }

    fn takes(mut self, schema: Schema, is_required: bool) -> Self {
        let body = RequestBodyBuilder::new()
            .content(JSON, ContentBuilder::new().schema(Some(schema)).build())
            .required(Some(match is_required {
                true => Required::True,
                false => Required::False,
            }));
        self.body = Some(body.build());
        self.refuses(StatusCode::PAYLOAD_TOO_LARGE, "The body is too large")
    }

    /// Bytes that a body may have, if not as many as everywhere.
    pub(in crate::routes) fn body_max(mut self, bytes: usize) -> Self {
        self.body_max = Some(bytes);
        self
    }

    /// 200, with one `T` as data.
    pub(in crate::routes) fn replies<T: ToSchema>(self) -> Self {
        self.replies_as::<T>(StatusCode::OK, "Done")
    }

    /// Another status, with one `T` as data.
    pub(in crate::routes) fn replies_as<T: ToSchema>(
        mut self,
        status: StatusCode,
        about: &str,
    ) -> Self {
        let data = self.refer_to::<T>();
        let envelope = self.envelope().property("data", data).required("data");
        self.reply(status, about, Some(envelope.build().into()))
    }

    /// 200, with a list of `T` as data.
    pub(in crate::routes) fn lists<T: ToSchema>(mut self) -> Self {
        let list = ArrayBuilder::new().items(self.refer_to::<T>());
        let envelope = self.envelope().property("data", list).required("data");
        self.reply(StatusCode::OK, "A list", Some(envelope.build().into()))
    }

    /// 200, with a page of a list of `T`. One that is empty has no data (http-api §8).
    pub(in crate::routes) fn pages<T: ToSchema>(mut self) -> Self {
        let list = ArrayBuilder::new().items(self.refer_to::<T>());
        let page = self.refer_to::<v2::PageView>();
        let envelope = self
            .envelope()
            .property("data", list)
            .property("page", page)
            .required("page");
        self.reply(StatusCode::OK, "A page", Some(envelope.build().into()))
    }

    /// 200, with JSON that has no envelope.
    pub(in crate::routes) fn replies_bare(self, about: &str) -> Self {
        let any = ObjectBuilder::new().schema_type(SchemaType::AnyValue);
        self.reply(StatusCode::OK, about, Some(any.build().into()))
    }

    /// 200, with a body of another type.
    pub(in crate::routes) fn streams(mut self, content_type: &str, about: &str) -> Self {
        let text = ObjectBuilder::new().schema_type(utoipa::openapi::schema::Type::String);
        let content = ContentBuilder::new().schema(Some(Schema::Object(text.build())));
        let response = ResponseBuilder::new().description(about);
        let response = response.content(content_type, content.build());
        self.replies.push((StatusCode::OK, response.build()));
        self
    }

    /// A status without a body.
    pub(in crate::routes) fn replies_empty(self, status: StatusCode, about: &str) -> Self {
        self.reply(status, about, None)
    }

    /// An error that this operation has.
    pub(in crate::routes) fn refuses(mut self, status: StatusCode, about: &str) -> Self {
        let error = self.error();
        self.reply(status, about, Some(error))
    }

    /// It is known, and not done here.
    pub(in crate::routes) fn not_here(self) -> Self {
        self.refuses(StatusCode::NOT_IMPLEMENTED, "This server does not do it")
    }

    fn reply(mut self, status: StatusCode, about: &str, schema: Option<RefOr<Schema>>) -> Self {
        let response = ResponseBuilder::new().description(about);
        let response = match schema {
            Some(schema) => {
                let content = ContentBuilder::new().schema(Some(schema));
                response.content(JSON, content.build())
            }
            None => response,
        };
        self.replies.push((status, response.build()));
        self
    }

    fn envelope(&mut self) -> ObjectBuilder {
        let metadata = match self.version {
            Version::V1 => self.refer_to::<MetadataView>(),
            Version::V2 => self.refer_to::<v2::MetadataView>(),
        };
        ObjectBuilder::new()
            .property("metadata", metadata)
            .required("metadata")
    }

    fn error(&mut self) -> RefOr<Schema> {
        match self.version {
            Version::V1 => self.refer_to::<ErrorView>(),
            Version::V2 => self.refer_to::<v2::ErrorsView>(),
        }
    }

    fn refer_to<T: ToSchema>(&mut self) -> RefOr<Schema> {
        let name = T::name();
        self.schemas.push((name.to_string(), T::schema()));
        T::schemas(&mut self.schemas);
        Ref::from_schema_name(name).into()
    }

    /// The finished description, and the schemas that it refers to.
    pub(super) fn done(mut self, method: HttpMethod, path: &str, tag: &str) -> (PathItem, Schemas) {
        let in_path: Vec<Parameter> = names_in(path).map(in_path).collect();
        if !in_path.is_empty() {
            self = self.refuses(StatusCode::NOT_FOUND, "There is none");
        }
        let error = self.error();
        let content = ContentBuilder::new().schema(Some(error));
        let other = ResponseBuilder::new()
            .description("Any other error, such as 503 while the server is at a limit")
            .content(JSON, content.build());
        let operation = OperationBuilder::new()
            .operation_id(Some(self.id))
            .summary(Some(self.summary))
            .tag(tag)
            .parameters(Some(in_path.into_iter().chain(self.parameters)))
            .request_body(self.body)
            .response("default", other.build());
        let operation = self
            .replies
            .into_iter()
            .fold(operation, |it, (status, reply)| {
                it.response(status.as_str(), reply)
            });
        (PathItem::new(method, operation), self.schemas)
    }
}

/// The names in a path, such as `run` in `/runs/{run}`.
fn names_in(path: &str) -> impl Iterator<Item = &str> {
    path.split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}
