//! Operations as OpenAPI.

use http::Method;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::path::{HttpMethod, OperationBuilder, Parameter, PathItem, Paths};
use utoipa::openapi::request_body::{RequestBody, RequestBodyBuilder};
use utoipa::openapi::schema::{self, ArrayBuilder, ObjectBuilder, Schema, SchemaType};
use utoipa::openapi::{
    Components, OpenApi, OpenApiBuilder, Ref, RefOr, Required, Response, ResponseBuilder,
};

use super::member::{Member, in_path, object_of};
use super::operation::{Body, Content, Operation, Schemas, Type, Version};
use super::routes::Described;
use crate::error::ErrorView;
use crate::routes::v1::MetadataView;
use crate::routes::v2;

const JSON: &str = "application/json";

/// The description of all these operations, and the schemas that they refer to.
pub(super) fn describe(operations: &[Described]) -> OpenApi {
    let mut paths = Paths::new();
    let mut components = Components::new();
    for described in operations {
        let mut description = Description::new(described.operation.version);
        let item = description.item(described);
        let mut path = Paths::new();
        path.paths.insert(described.path.clone(), item);
        paths.merge(path);
        components.schemas.extend(description.schemas);
    }
    OpenApiBuilder::new()
        .paths(paths)
        .components(Some(components))
        .build()
}

/// The description of one operation in the making.
struct Description {
    version: Version,
    schemas: Schemas,
}

impl Description {
    fn new(version: Version) -> Self {
        Self {
            version,
            schemas: Schemas::new(),
        }
    }

    fn item(&mut self, described: &Described) -> PathItem {
        let operation: &Operation = &described.operation;
        let in_path: Vec<Parameter> = names_in(&described.path).map(in_path).collect();
        let is_in_nothing = in_path.is_empty();
        let in_query = operation.query.iter().map(Member::in_query);
        let mut item = OperationBuilder::new()
            .operation_id(Some(operation.id))
            .summary(Some(operation.summary))
            .tag(described.tag)
            .parameters(Some(in_path.into_iter().chain(in_query)))
            .request_body(operation.body.as_ref().map(request_body));
        for reply in &operation.replies {
            let response = self.response(reply.about, &reply.content);
            item = item.response(reply.status.as_str(), response);
        }
        if !is_in_nothing {
            item = item.response("404", self.response("There is none", &Content::Error));
        }
        let others = "Any other error, such as 503 while the server is at a limit";
        item = item.response("default", self.response(others, &Content::Error));
        PathItem::new(method(&described.method), item)
    }

    fn response(&mut self, about: &str, content: &Content) -> Response {
        let response = ResponseBuilder::new().description(about);
        let (content_type, schema) = match content {
            Content::Nothing => return response.build(),
            Content::Data(data) => {
                let data = self.refer_to(*data);
                let envelope = self.envelope().property("data", data).required("data");
                (JSON, envelope.build().into())
            }
            Content::List(item) => {
                let list = ArrayBuilder::new().items(self.refer_to(*item));
                let envelope = self.envelope().property("data", list).required("data");
                (JSON, envelope.build().into())
            }
            Content::Page(item) => {
                let list = ArrayBuilder::new().items(self.refer_to(*item));
                let page = self.refer_to(Type::of::<v2::PageView>());
                let envelope = self
                    .envelope()
                    .property("data", list)
                    .property("page", page)
                    .required("page");
                (JSON, envelope.build().into())
            }
            Content::Bare => {
                let any = ObjectBuilder::new().schema_type(SchemaType::AnyValue);
                (JSON, any.build().into())
            }
            Content::Text(content_type) => {
                let text = ObjectBuilder::new().schema_type(schema::Type::String);
                (*content_type, text.build().into())
            }
            Content::Error => (JSON, self.error()),
        };
        let schema: RefOr<Schema> = schema;
        let content = ContentBuilder::new().schema(Some(schema));
        response.content(content_type, content.build()).build()
    }

    fn envelope(&mut self) -> ObjectBuilder {
        let metadata = match self.version {
            Version::V1 => self.refer_to(Type::of::<MetadataView>()),
            Version::V2 => self.refer_to(Type::of::<v2::MetadataView>()),
        };
        ObjectBuilder::new()
            .property("metadata", metadata)
            .required("metadata")
    }

    fn error(&mut self) -> RefOr<Schema> {
        match self.version {
            Version::V1 => self.refer_to(Type::of::<ErrorView>()),
            Version::V2 => self.refer_to(Type::of::<v2::ErrorsView>()),
        }
    }

    fn refer_to(&mut self, sent: Type) -> RefOr<Schema> {
        let name = (sent.name)();
        self.schemas.push((name.to_string(), (sent.schema)()));
        (sent.schemas)(&mut self.schemas);
        Ref::from_schema_name(name).into()
    }
}

fn request_body(body: &Body) -> RequestBody {
    let (schema, is_required) = match body {
        Body::Object(members) => {
            let is_required = members.iter().any(|member| member.is_required);
            (Schema::Object(object_of(members).build()), is_required)
        }
        Body::List(members, most) => {
            let list = ArrayBuilder::new()
                .items(object_of(members))
                .min_items(Some(1))
                .max_items(Some(*most));
            (Schema::Array(list.build()), true)
        }
    };
    RequestBodyBuilder::new()
        .content(JSON, ContentBuilder::new().schema(Some(schema)).build())
        .required(Some(match is_required {
            true => Required::True,
            false => Required::False,
        }))
        .build()
}

/// The methods that routes can be registered for.
fn method(method: &Method) -> HttpMethod {
    match method.as_str() {
        "POST" => HttpMethod::Post,
        "PUT" => HttpMethod::Put,
        "PATCH" => HttpMethod::Patch,
        "DELETE" => HttpMethod::Delete,
        _ => HttpMethod::Get,
    }
}

/// The names in a path, such as `run` in `/runs/{run}`.
fn names_in(path: &str) -> impl Iterator<Item = &str> {
    path.split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}
