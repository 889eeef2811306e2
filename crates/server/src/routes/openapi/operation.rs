//! What one operation takes, what it replies, and how it refuses.

use std::borrow::Cow;

use http::StatusCode;
use utoipa::ToSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;

use super::member::Member;

/// Which envelopes replies and errors are in (http-api §1.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    V1,
    V2,
}

/// An operation. It is names and functions alone, so that a server which nobody asks for its
/// description has no document in memory.
pub(in crate::routes) struct Operation {
    pub(super) version: Version,
    pub(super) id: &'static str,
    pub(super) summary: &'static str,
    pub(super) query: Vec<Member>,
    pub(super) body: Option<Body>,
    pub(super) replies: Vec<Reply>,
    pub(super) body_max: Option<usize>,
}

/// What a body is.
pub(super) enum Body {
    /// It may be absent if none of its members must be there.
    Object(Vec<Member>),
    /// At least one object, and at most so many.
    List(Vec<Member>, usize),
}

pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) about: &'static str,
    pub(super) content: Content,
}

/// What is in a reply.
pub(super) enum Content {
    Nothing,
    /// In an envelope.
    Data(Type),
    /// In an envelope.
    List(Type),
    /// In an envelope, with where it goes on.
    Page(Type),
    /// JSON without an envelope.
    Bare,
    /// A body of this type, which is no JSON.
    Text(&'static str),
    Error,
}

/// A type that is sent.
#[derive(Clone, Copy)]
pub(super) struct Type {
    pub(super) name: fn() -> Cow<'static, str>,
    pub(super) schema: fn() -> RefOr<Schema>,
    /// Those that its own refers to.
    pub(super) schemas: fn(&mut Schemas),
}

/// Schemas by name, which others refer to.
pub(super) type Schemas = Vec<(String, RefOr<Schema>)>;

impl Type {
    pub(super) fn of<T: ToSchema>() -> Self {
        Self {
            name: T::name,
            schema: T::schema,
            schemas: T::schemas,
        }
    }
}

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
            query: Vec::new(),
            body: None,
            replies: Vec::new(),
            body_max: None,
        };
        operation.refuses(StatusCode::BAD_REQUEST, "The request is malformed")
    }

    /// Parameters of the query.
    pub(in crate::routes) fn query(mut self, members: &[Member]) -> Self {
        self.query.extend(members);
        self
    }

    /// An object as the body, which may be absent if none of its members must be there.
    pub(in crate::routes) fn body(self, members: &[Member]) -> Self {
        self.takes(Body::Object(members.to_vec()))
    }

    /// A list of objects as the body.
    pub(in crate::routes) fn body_list(self, members: &[Member], most: usize) -> Self {
        self.takes(Body::List(members.to_vec(), most))
    }

    fn takes(mut self, body: Body) -> Self {
        self.body = Some(body);
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
        self,
        status: StatusCode,
        about: &'static str,
    ) -> Self {
        self.reply(status, about, Content::Data(Type::of::<T>()))
    }

    /// 200, with a list of `T` as data.
    pub(in crate::routes) fn lists<T: ToSchema>(self) -> Self {
        self.reply(StatusCode::OK, "A list", Content::List(Type::of::<T>()))
    }

    /// 200, with a page of a list of `T`. One that is empty has no data (http-api §8).
    pub(in crate::routes) fn pages<T: ToSchema>(self) -> Self {
        self.reply(StatusCode::OK, "A page", Content::Page(Type::of::<T>()))
    }

    /// 200, with JSON that has no envelope.
    pub(in crate::routes) fn replies_bare(self, about: &'static str) -> Self {
        self.reply(StatusCode::OK, about, Content::Bare)
    }

    /// 200, with a body of another type.
    pub(in crate::routes) fn streams(
        self,
        content_type: &'static str,
        about: &'static str,
    ) -> Self {
        self.reply(StatusCode::OK, about, Content::Text(content_type))
    }

    /// A status without a body.
    pub(in crate::routes) fn replies_empty(self, status: StatusCode, about: &'static str) -> Self {
        self.reply(status, about, Content::Nothing)
    }

    /// An error that this operation has.
    pub(in crate::routes) fn refuses(self, status: StatusCode, about: &'static str) -> Self {
        self.reply(status, about, Content::Error)
    }

    /// It is known, and not done here.
    pub(in crate::routes) fn not_here(self) -> Self {
        self.refuses(StatusCode::NOT_IMPLEMENTED, "This server does not do it")
    }

    fn reply(mut self, status: StatusCode, about: &'static str, content: Content) -> Self {
        self.replies.push(Reply {
            status,
            about,
            content,
        });
        self
    }
}
