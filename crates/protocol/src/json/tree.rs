//! A JSON text read once into a flat tree whose scalars are already canonical.
//!
//! Everything that arrives on the wire passes through here: the tree borrows from the input, so
//! that members which nobody asks for (`rawArgs` of an op) cost a scan and are never copied.
//!
//! Invariants: members of an object are sorted by UTF-16 code units and unique (the last one of
//! equal names wins); every scalar's text is its RFC 8785 form; nesting is at most
//! [`DEPTH_MAX`](crate::limits::JSON_DEPTH_MAX).

use std::borrow::Cow;

use super::JsonError;
use super::parser::{INPUT_MAX, Parser, Parts};
use super::text;

/// Most values that are copied out of a tree are shorter, in bytes.
const TEXT_EXPECTED: usize = 512;

/// Where the canonical text of a scalar lies, or the children of a container.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    pub(super) kind: Kind,
    pub(super) start: u32,
    pub(super) len: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Null,
    True,
    False,
    /// Text in the input.
    Number,
    /// Text in the scratch buffer: the input printed it differently.
    NumberRewritten,
    /// Text in the input, quotes included, without escapes.
    Text,
    /// Text in the scratch buffer, quotes included, with canonical escapes.
    TextRewritten,
    Array,
    Object,
}

/// A parsed JSON text ([`Json::tree`](super::Json::tree)).
pub struct Tree<'a> {
    input: &'a str,
    parts: Parts,
    root: Slot,
}

/// A value within a [`Tree`].
#[derive(Clone, Copy)]
pub struct Node<'t, 'a> {
    tree: &'t Tree<'a>,
    slot: Slot,
}

/// What a value is, one level deep.
pub enum Shape<'t, 'a> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, as its canonical text.
    Number(&'t str),
    /// The value of a string.
    Text(Cow<'t, str>),
    /// An array; see [`Node::items`].
    Array(Node<'t, 'a>),
    /// An object; see [`Node::members`].
    Object(Node<'t, 'a>),
}

impl<'a> Tree<'a> {
    /// Reads a whole text: one value with nothing but white space around it.
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Self, JsonError> {
        let input = utf8(bytes)?;
        let (tree, end) = Self::parse_prefix(input, 0)?;
        let rest = skip_space(input.as_bytes(), end);
        if rest < input.len() {
            return Err(JsonError::at(
                input,
                rest,
                "text after the end of the value",
            ));
        }
        Ok(tree)
    }

    /// Reads one value of `input` from byte `at` on and tells where it ends. Positions in errors
    /// count from the start of `input`.
    pub(crate) fn parse_prefix(input: &'a str, at: usize) -> Result<(Self, usize), JsonError> {
        if input.len() > INPUT_MAX {
            return Err(JsonError::at(input, 0, "text is too long"));
        }
        let mut parser = Parser::new(input, at);
        let root = parser.value()?;
        let (parts, end) = parser.finish();
        Ok((Self { input, parts, root }, end))
    }

    /// The value of the whole text.
    pub fn root(&self) -> Node<'_, 'a> {
        Node {
            tree: self,
            slot: self.root,
        }
    }

    fn text(&self, slot: Slot) -> &str {
        let (start, end) = (slot.start as usize, (slot.start + slot.len) as usize);
        match slot.kind {
            Kind::Null => "null",
            Kind::True => "true",
            Kind::False => "false",
            Kind::Number | Kind::Text => &self.input[start..end],
            Kind::NumberRewritten | Kind::TextRewritten => &self.parts.scratch[start..end],
            Kind::Array | Kind::Object => "",
        }
    }

    /// The value of a string.
    fn value(&self, slot: Slot) -> Cow<'_, str> {
        let text = self.text(slot);
        match slot.kind {
            Kind::Text => Cow::Borrowed(&text[1..text.len() - 1]),
            _ => text::unquote(text),
        }
    }

    fn children(&self, slot: Slot) -> &[Slot] {
        match slot.kind {
            Kind::Array => &self.parts.items[slot.start as usize..(slot.start + slot.len) as usize],
            _ => &[],
        }
    }

    fn member_slots(&self, slot: Slot) -> &[(Slot, Slot)] {
        match slot.kind {
            Kind::Object => {
                &self.parts.members[slot.start as usize..(slot.start + slot.len) as usize]
            }
            _ => &[],
        }
    }

    fn write(&self, slot: Slot, out: &mut String) {
        match slot.kind {
            Kind::Array => {
                out.push('[');
                for (index, item) in self.children(slot).iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    self.write(*item, out);
                }
                out.push(']');
            }
            Kind::Object => {
                out.push('{');
                for (index, (key, value)) in self.member_slots(slot).iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    out.push_str(self.text(*key));
                    out.push(':');
                    self.write(*value, out);
                }
                out.push('}');
            }
            _ => out.push_str(self.text(slot)),
        }
    }
}

impl<'t, 'a> Node<'t, 'a> {
    /// What the value is.
    pub fn shape(self) -> Shape<'t, 'a> {
        match self.slot.kind {
            Kind::Null => Shape::Null,
            Kind::True => Shape::Bool(true),
            Kind::False => Shape::Bool(false),
            Kind::Number | Kind::NumberRewritten => Shape::Number(self.tree.text(self.slot)),
            Kind::Text | Kind::TextRewritten => Shape::Text(self.tree.value(self.slot)),
            Kind::Array => Shape::Array(self),
            Kind::Object => Shape::Object(self),
        }
    }

    pub(crate) fn kind(self) -> Kind {
        self.slot.kind
    }

    pub(crate) fn is_null(self) -> bool {
        self.slot.kind == Kind::Null
    }

    pub(crate) fn is_object(self) -> bool {
        self.slot.kind == Kind::Object
    }

    pub(crate) fn is_array(self) -> bool {
        self.slot.kind == Kind::Array
    }

    pub(crate) fn is_text(self) -> bool {
        matches!(self.slot.kind, Kind::Text | Kind::TextRewritten)
    }

    /// The value of a string.
    pub(crate) fn as_text(self) -> Option<Cow<'t, str>> {
        self.is_text().then(|| self.tree.value(self.slot))
    }

    /// The value of a number.
    pub(crate) fn as_f64(self) -> Option<f64> {
        match self.slot.kind {
            Kind::Number | Kind::NumberRewritten => self.tree.text(self.slot).parse().ok(),
            _ => None,
        }
    }

    /// The value of a number that is a whole one and fits.
    pub(crate) fn as_i64(self) -> Option<i64> {
        let number = self.as_f64()?;
        // 2^63 is exact as a double, so the comparison is too.
        let fits = number.fract() == 0.0 && number.abs() < 9_223_372_036_854_775_808.0;
        #[expect(clippy::cast_possible_truncation, reason = "a whole number that fits")]
        fits.then_some(number as i64)
    }

    pub(crate) fn as_bool(self) -> Option<bool> {
        match self.slot.kind {
            Kind::True => Some(true),
            Kind::False => Some(false),
            _ => None,
        }
    }

    /// The elements of an array; nothing for other kinds.
    pub fn items(self) -> impl ExactSizeIterator<Item = Node<'t, 'a>> {
        let tree = self.tree;
        tree.children(self.slot)
            .iter()
            .map(move |slot| Node { tree, slot: *slot })
    }

    /// The members of an object, sorted by name; nothing for other kinds.
    pub fn members(self) -> impl ExactSizeIterator<Item = (Cow<'t, str>, Node<'t, 'a>)> {
        let tree = self.tree;
        tree.member_slots(self.slot)
            .iter()
            .map(move |(key, slot)| (tree.value(*key), Node { tree, slot: *slot }))
    }

    /// The member `name` of an object.
    pub(crate) fn member(self, name: &str) -> Option<Node<'t, 'a>> {
        let tree = self.tree;
        let members = tree.member_slots(self.slot);
        let found = members.binary_search_by(|(key, _)| text::compare(&tree.value(*key), name));
        let slot = members[found.ok()?].1;
        Some(Node { tree, slot })
    }

    /// The member `name` of an object, unless it is null.
    pub(crate) fn present(self, name: &str) -> Option<Node<'t, 'a>> {
        self.member(name).filter(|node| !node.is_null())
    }

    /// The member `name` of an object, if it is a string.
    pub(crate) fn member_text(self, name: &str) -> Option<Cow<'t, str>> {
        self.member(name).and_then(Node::as_text)
    }

    /// The canonical text.
    pub(crate) fn canonical(self) -> Cow<'t, str> {
        if !matches!(self.slot.kind, Kind::Array | Kind::Object) {
            return Cow::Borrowed(self.tree.text(self.slot));
        }
        let mut out = String::with_capacity(self.tree.input.len().min(TEXT_EXPECTED));
        self.tree.write(self.slot, &mut out);
        Cow::Owned(out)
    }

    pub(crate) fn to_json(self) -> super::Json {
        super::Json::from_canonical(self.canonical())
    }

    pub(crate) fn to_value(self) -> serde_json::Value {
        use serde_json::Value;
        match self.slot.kind {
            Kind::Null => Value::Null,
            Kind::True => Value::Bool(true),
            Kind::False => Value::Bool(false),
            Kind::Number | Kind::NumberRewritten => text::number_value(self.tree.text(self.slot)),
            Kind::Text | Kind::TextRewritten => {
                Value::String(self.tree.value(self.slot).into_owned())
            }
            Kind::Array => Value::Array(self.items().map(Node::to_value).collect()),
            Kind::Object => Value::Object(
                self.members()
                    .map(|(key, node)| (key.into_owned(), node.to_value()))
                    .collect(),
            ),
        }
    }
}

pub(crate) fn utf8(bytes: &[u8]) -> Result<&str, JsonError> {
    std::str::from_utf8(bytes).map_err(|error| {
        let valid = std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default();
        JsonError::at(valid, valid.len(), "invalid UTF-8")
    })
}

/// The first position from `at` on that holds no JSON white space.
pub(crate) fn skip_space(bytes: &[u8], mut at: usize) -> usize {
    while matches!(bytes.get(at), Some(b' ' | b'\n' | b'\r' | b'\t')) {
        at += 1;
    }
    at
}
