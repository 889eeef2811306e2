//! The reader behind [`Tree`](super::tree::Tree).

use super::JsonError;
use super::text::{self, NumberBuffer};
use super::tree::{Kind, Slot, skip_space};
use crate::limits::JSON_DEPTH_MAX;

const END: &str = "unexpected end of text";

/// Longest input in bytes. Canonical scalars are at most six times as long as the input (`1e20`),
/// so positions in the scratch buffer fit 32 bits.
pub(super) const INPUT_MAX: usize = 512 * 1024 * 1024;

/// Most texts are objects of a few members.
const MEMBERS_EXPECTED: usize = 16;

/// Reads one value; see [`Tree`](super::tree::Tree).
pub(super) struct Parser<'a> {
    input: &'a str,
    bytes: &'a [u8],
    at: usize,
    depth: usize,
    item_stack: Vec<Slot>,
    member_stack: Vec<(Slot, Slot)>,
    parts: Parts,
}

/// What a tree consists of besides its input.
#[derive(Default)]
pub(super) struct Parts {
    /// Canonical scalars that the input prints differently.
    pub(super) scratch: String,
    /// Elements of all arrays, each array's together.
    pub(super) items: Vec<Slot>,
    /// Members of all objects, each object's together.
    pub(super) members: Vec<(Slot, Slot)>,
}

impl<'a> Parser<'a> {
    /// `input` must not be longer than [`INPUT_MAX`].
    pub(super) fn new(input: &'a str, at: usize) -> Self {
        Self {
            input,
            bytes: input.as_bytes(),
            at,
            depth: 0,
            item_stack: Vec::new(),
            member_stack: Vec::with_capacity(MEMBERS_EXPECTED),
            parts: Parts {
                members: Vec::with_capacity(MEMBERS_EXPECTED),
                ..Parts::default()
            },
        }
    }

    /// What was read, and where it ended.
    pub(super) fn finish(self) -> (Parts, usize) {
        (self.parts, self.at)
    }

    pub(super) fn value(&mut self) -> Result<Slot, JsonError> {
        self.at = skip_space(self.bytes, self.at);
        match self.bytes.get(self.at) {
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::array),
            Some(b'"') => self.string(),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", Kind::True),
            Some(b'f') => self.word("false", Kind::False),
            Some(b'n') => self.word("null", Kind::Null),
            _ => Err(self.error("expected a value")),
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
        let start = self.parts.items.len();
        self.parts.items.extend(self.item_stack.drain(base..));
        Ok(slot(Kind::Array, start, self.parts.items.len()))
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
            member_stack,
            parts,
            ..
        } = self;
        let Parts {
            scratch, members, ..
        } = parts;
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
            _ => Err(self.error(expected)),
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
                None => return Err(self.error_at(at, END)),
            }
        }
    }

    /// A string whose first escape is at `first`.
    fn escaped_string(&mut self, start: usize, first: usize) -> Result<Slot, JsonError> {
        let begin = self.parts.scratch.len();
        self.parts.scratch.push_str(&self.input[start..first]);
        let end = text::rewrite_string(self.input, first, &mut self.parts.scratch)
            .map_err(|(at, what)| JsonError::at(self.input, at, what))?;
        self.at = end;
        Ok(slot(Kind::TextRewritten, begin, self.parts.scratch.len()))
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
        let begin = self.parts.scratch.len();
        self.parts
            .scratch
            .push_str(NumberBuffer::new().format_finite(number));
        Ok(slot(Kind::NumberRewritten, begin, self.parts.scratch.len()))
    }

    /// Something else than `what` is next.
    fn error(&self, what: &'static str) -> JsonError {
        let at_end = self.at >= self.bytes.len();
        self.error_at(self.at, if at_end { END } else { what })
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
