//! Parameters of queries and members of bodies: their names, and what they can be.

use serde_json::Value;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Schema, SchemaType, Type};
use utoipa::openapi::{RefOr, Required};

/// A parameter, or a member of a body.
#[derive(Clone, Copy, Debug)]
pub(in crate::routes) struct Member {
    pub(in crate::routes) name: &'static str,
    pub(in crate::routes) kind: Kind,
    pub(in crate::routes) is_required: bool,
    /// For people.
    pub(in crate::routes) about: &'static str,
}

/// What a member can be.
#[derive(Clone, Copy, Debug)]
pub(in crate::routes) enum Kind {
    Text,
    /// A time, or how long ago it was.
    Instant,
    Flag,
    /// A whole number from the first to the second.
    Number(u32, u32),
    Word(&'static [&'static str]),
    /// Several texts; in queries, the parameter is repeated.
    Texts,
    Words(&'static [&'static str]),
    Object,
    List,
    /// Any JSON.
    Any,
    /// An object with these members.
    Members(&'static [Member]),
}

impl Member {
    pub(in crate::routes) const fn new(
        name: &'static str,
        kind: Kind,
        about: &'static str,
    ) -> Self {
        Self {
            name,
            kind,
            is_required: false,
            about,
        }
    }

    /// One that must be there.
    pub(in crate::routes) const fn required(
        name: &'static str,
        kind: Kind,
        about: &'static str,
    ) -> Self {
        Self {
            is_required: true,
            ..Self::new(name, kind, about)
        }
    }

    pub(super) fn in_query(&self) -> Parameter {
        ParameterBuilder::new()
            .name(self.name)
            .parameter_in(ParameterIn::Query)
            .required(match self.is_required {
                true => Required::True,
                false => Required::False,
            })
            .description(Some(self.about))
            .schema(Some(self.kind.schema(None)))
            .build()
    }
}

/// A part of a path. It is always there.
pub(super) fn in_path(name: &str) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .schema(Some(Kind::Text.schema(None)))
        .build()
}

/// An object with some members, and no others.
pub(super) fn object_of(members: &[Member]) -> ObjectBuilder {
    let object = ObjectBuilder::new();
    members.iter().fold(object, |object, member| {
        let schema = member.kind.schema(Some(member.about));
        let object = object.property(member.name, schema);
        match member.is_required {
            true => object.required(member.name),
            false => object,
        }
    })
}

impl Kind {
    fn schema(self, about: Option<&str>) -> RefOr<Schema> {
        let of_type = |kind: Type| ObjectBuilder::new().schema_type(kind);
        let words = |words: &[&str]| {
            let words = words.iter().map(|word| Value::from(*word));
            of_type(Type::String).enum_values(Some(words))
        };
        let list = |items: ObjectBuilder| {
            let list = ArrayBuilder::new().items(items);
            Schema::Array(list.description(about).build())
        };
        let object = match self {
            Self::Text => of_type(Type::String),
            Self::Instant => of_type(Type::String),
            Self::Flag => of_type(Type::Boolean),
            Self::Number(first, last) => of_type(Type::Integer)
                .minimum(Some(first))
                .maximum(Some(last)),
            Self::Word(known) => words(known),
            Self::Texts => return list(of_type(Type::String)).into(),
            Self::Words(known) => return list(words(known)).into(),
            Self::Object => of_type(Type::Object),
            Self::List => {
                return list(ObjectBuilder::new().schema_type(SchemaType::AnyValue)).into();
            }
            Self::Any => ObjectBuilder::new().schema_type(SchemaType::AnyValue),
            Self::Members(members) => object_of(members),
        };
        Schema::Object(object.description(about).build()).into()
    }
}
