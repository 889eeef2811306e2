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
use super::text::{self, NumberBuffer};
use crate::limits::JSON_DEPTH_MAX;

/// Where the canonical text of a scalar lies, or the children of a container.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    kind: Kind,
    start: u32,
    len: u32,
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

/// Longest input in bytes. Canonical scalars are at most six times as long as the input (`1e20`),
/// so positions in the scratch buffer fit 32 bits.
const INPUT_MAX: usize = 512 * 1024 * 1024;

/// A parsed JSON text.
pub(crate) struct Tree<'a> {
    input: &'a str,
    scratch: String,
    items: Vec<Slot>,
    members: Vec<(Slot, Slot)>,
    root: Slot,
}

/// A value within a [`Tree`].
#[derive(Clone, Copy)]
pub(crate) struct Node<'t, 'a> {
    tree: &'t Tree<'a>,
    slot: Slot,
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
        let mut parser = Parser {
            bytes: input.as_bytes(),
            input,
            at,
            depth: 0,
            item_stack: Vec::new(),
            member_stack: Vec::new(),
            scratch: String::new(),
            items: Vec::new(),
            members: Vec::new(),
        };
        let root = parser.value()?;
        let end = parser.at;
        let Parser {
            scratch,
            items,
            members,
            ..
        } = parser;
        Ok((
            Self {
                input,
                scratch,
                items,
                members,
                root,
            },
            end,
        ))
    }

    pub(crate) fn root(&self) -> Node<'_, 'a> {
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
            Kind::NumberRewritten | Kind::TextRewritten => &self.scratch[start..end],
            Kind::Array | Kind::Object => "",
        }
    }

    fn children(&self, slot: Slot) -> &[Slot] {
        match slot.kind {
            Kind::Array => &self.items[slot.start as usize..(slot.start + slot.len) as usize],
            _ => &[],
        }
    }

    fn member_slots(&self, slot: Slot) -> &[(Slot, Slot)] {
        match slot.kind {
            Kind::Object => &self.members[slot.start as usize..(slot.start + slot.len) as usize],
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
        self.is_text()
            .then(|| text::unquote(self.tree.text(self.slot)))
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
    pub(crate) fn items(self) -> impl ExactSizeIterator<Item = Node<'t, 'a>> {
        let tree = self.tree;
        tree.children(self.slot)
            .iter()
            .map(move |slot| Node { tree, slot: *slot })
    }

    /// The members of an object, sorted by name; nothing for other kinds.
    pub(crate) fn members(self) -> impl ExactSizeIterator<Item = (Cow<'t, str>, Node<'t, 'a>)> {
        let tree = self.tree;
        tree.member_slots(self.slot)
            .iter()
            .map(move |(key, slot)| (text::unquote(tree.text(*key)), Node { tree, slot: *slot }))
    }

    /// The member `name` of an object.
    pub(crate) fn member(self, name: &str) -> Option<Node<'t, 'a>> {
        let tree = self.tree;
        let members = tree.member_slots(self.slot);
        members
            .iter()
            .find(|(key, _)| text::unquote(tree.text(*key)) == name)
            .map(|(_, slot)| Node { tree, slot: *slot })
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
    pub(crate) fn canonical(self) -> String {
        let mut out = String::new();
        self.tree.write(self.slot, &mut out);
        out
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
                Value::String(text::unquote(self.tree.text(self.slot)).into_owned())
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

struct Parser<'a> {
    input: &'a str,
    bytes: &'a [u8],
    at: usize,
    depth: usize,
    item_stack: Vec<Slot>,
    member_stack: Vec<(Slot, Slot)>,
    scratch: String,
    items: Vec<Slot>,
    members: Vec<(Slot, Slot)>,
}

impl Parser<'_> {
    fn value(&mut self) -> Result<Slot, JsonError> {
        self.at = skip_space(self.bytes, self.at);
        match self.bytes.get(self.at) {
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::array),
            Some(b'"') => self.string(),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", Kind::True),
            Some(b'f') => self.word("false", Kind::False),
            Some(b'n') => self.word("null", Kind::Null),
            Some(_) => Err(self.error("expected a value")),
            None => Err(self.error("unexpected end of text")),
        }
    }

    fn nested(
        &mut self,
        container: fn(&mut Self) -> Result<Slot, JsonError>,
    ) -> Result<Slot, JsonError> {
        if self.depth == JSON_DEPTH_MAX {
            return Err(self.error("nested too deeply"));
        }
        self.depth += 1;
        self.at += 1;
        let slot = container(self)?;
        self.depth -= 1;
        Ok(slot)
    }

    fn array(&mut self) -> Result<Slot, JsonError> {
        let base = self.item_stack.len();
        if !self.closes(b']') {
            loop {
                let item = self.value()?;
                self.item_stack.push(item);
                if self.ends(b']', "expected ',' or ']'")? {
                    break;
                }
            }
        }
        let start = self.items.len();
        self.items.extend(self.item_stack.drain(base..));
        Ok(slot(Kind::Array, start, self.items.len()))
    }

    fn object(&mut self) -> Result<Slot, JsonError> {
        let base = self.member_stack.len();
        if !self.closes(b'}') {
            loop {
                self.at = skip_space(self.bytes, self.at);
                if self.bytes.get(self.at) != Some(&b'"') {
                    return Err(self.error("expected a member name"));
                }
                let key = self.string()?;
                self.at = skip_space(self.bytes, self.at);
                if self.bytes.get(self.at) != Some(&b':') {
                    return Err(self.error("expected ':'"));
                }
                self.at += 1;
                let value = self.value()?;
                self.member_stack.push((key, value));
                if self.ends(b'}', "expected ',' or '}'")? {
                    break;
                }
            }
        }
        Ok(self.close_object(base))
    }

    /// Moves the members from the stack to their place: sorted, and the last of equal names only.
    fn close_object(&mut self, base: usize) -> Slot {
        let Self {
            input,
            scratch,
            member_stack,
            members,
            ..
        } = self;
        let key_text = |slot: &Slot| match slot.kind {
            Kind::TextRewritten => &scratch[slot.start as usize..(slot.start + slot.len) as usize],
            _ => &input[slot.start as usize..(slot.start + slot.len) as usize],
        };
        let own = &mut member_stack[base..];
        let order = |a: &(Slot, Slot), b: &(Slot, Slot)| {
            text::compare_quoted(key_text(&a.0), key_text(&b.0))
        };
        if !own.is_sorted_by(|a, b| order(a, b).is_lt()) {
            // Stable, so that of equal names the last one stays last.
            own.sort_by(order);
        }
        let start = members.len();
        for entry in member_stack.drain(base..) {
            match members[start..].last_mut() {
                Some(last) if key_text(&last.0) == key_text(&entry.0) => *last = entry,
                _ => members.push(entry),
            }
        }
        slot(Kind::Object, start, members.len())
    }

    /// Whether a container closes here at once, without an element.
    fn closes(&mut self, close: u8) -> bool {
        self.at = skip_space(self.bytes, self.at);
        let closes = self.bytes.get(self.at) == Some(&close);
        self.at += usize::from(closes);
        closes
    }

    /// After an element: whether the container ends (or goes on after a comma).
    fn ends(&mut self, close: u8, expected: &'static str) -> Result<bool, JsonError> {
        self.at = skip_space(self.bytes, self.at);
        match self.bytes.get(self.at) {
            Some(b',') => {
                self.at += 1;
                Ok(false)
            }
            Some(byte) if *byte == close => {
                self.at += 1;
                Ok(true)
            }
            Some(_) => Err(self.error(expected)),
            None => Err(self.error("unexpected end of text")),
        }
    }

    fn word(&mut self, word: &'static str, kind: Kind) -> Result<Slot, JsonError> {
        if !self.bytes[self.at..].starts_with(word.as_bytes()) {
            return Err(self.error("expected a value"));
        }
        self.at += word.len();
        Ok(slot(kind, 0, 0))
    }

    fn string(&mut self) -> Result<Slot, JsonError> {
        let start = self.at;
        let mut at = start + 1;
        loop {
            match self.bytes.get(at) {
                Some(b'"') => {
                    self.at = at + 1;
                    return Ok(slot(Kind::Text, start, at + 1));
                }
                Some(b'\\') => return self.escaped_string(start, at),
                Some(0..0x20) => return Err(self.error_at(at, "control character in a string")),
                Some(_) => at += 1,
                None => return Err(self.error_at(at, "unexpected end of text")),
            }
        }
    }

    /// A string whose first escape is at `first`.
    fn escaped_string(&mut self, start: usize, first: usize) -> Result<Slot, JsonError> {
        let begin = self.scratch.len();
        self.scratch.push_str(&self.input[start..first]);
        let end = text::rewrite_string(self.input, first, &mut self.scratch)
            .map_err(|(at, what)| JsonError::at(self.input, at, what))?;
        self.at = end;
        Ok(slot(Kind::TextRewritten, begin, self.scratch.len()))
    }

    fn number(&mut self) -> Result<Slot, JsonError> {
        let start = self.at;
        let (end, plain) = text::scan_number(self.bytes, start)
            .map_err(|(at, what)| JsonError::at(self.input, at, what))?;
        self.at = end;
        if plain {
            return Ok(slot(Kind::Number, start, end));
        }
        let number: f64 = self.input[start..end]
            .parse()
            .map_err(|_| self.error_at(start, "malformed number"))?;
        if !number.is_finite() {
            return Err(self.error_at(start, "number out of range"));
        }
        let begin = self.scratch.len();
        self.scratch
            .push_str(NumberBuffer::new().format_finite(number));
        Ok(slot(Kind::NumberRewritten, begin, self.scratch.len()))
    }

    fn error(&self, what: &'static str) -> JsonError {
        self.error_at(self.at, what)
    }

    fn error_at(&self, at: usize, what: &'static str) -> JsonError {
        JsonError::at(self.input, at, what)
    }
}

fn slot(kind: Kind, start: usize, end: usize) -> Slot {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "INPUT_MAX keeps positions below 2^32"
    )]
    Slot {
        kind,
        start: start as u32,
        len: (end - start) as u32,
    }
}
