//! Finding the waits that an event may end, without evaluating them all (EX-12).
//!
//! Most waits compare a member of the incoming event with a literal, once the event of their run
//! has been put in: `async.data.id == "ab_1"`. Such a wait is kept under its path and key; an
//! event is asked for its key at that path, and only the waits under the same key are looked at.

use std::fmt;
use std::sync::Arc;

use super::literal::push_text;
use super::parser::parse;
use super::scope::EventView;
use super::syntax::{Binary, Kind, Node, Variable};
use super::unparse;
use super::value::{MapKey, Value, whole};

/// A path of members into the incoming event, such as `async.data.id`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EventPath(Arc<[Arc<str>]>);

/// A value to which the member at a path is compared. Keys are equal if and only if `==` holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IndexKey {
    /// `null`, which absent members equal too.
    Null,
    /// A bool.
    Bool(bool),
    /// A whole number of any type.
    Int(i64),
    /// A whole number beyond the range of `Int`.
    UInt(u64),
    /// Any other number, as the bits of a double.
    Double(u64),
    /// A string.
    Text(Arc<str>),
}

impl EventPath {
    /// Reads what [`Display`](fmt::Display) prints; `None` for anything else than a path of
    /// members of `async`.
    pub fn parse(text: &str) -> Option<Self> {
        let (variable, names) = parse(text).ok()?.root.path()?;
        (variable == Variable::Async).then(|| Self(names.into()))
    }

    /// The key of an event at this path; `None` if what is there equals no key, as a list does.
    pub fn key(&self, event: &EventView) -> Option<IndexKey> {
        let mut value = event.value();
        for name in self.0.iter() {
            let Some(member) = value.member(name) else {
                return Some(IndexKey::Null);
            };
            value = member;
        }
        IndexKey::of(value)
    }
}

/// As an expression has it: `async.data.id`.
impl fmt::Display for EventPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut node = Node::new(Kind::Variable(Variable::Async), 0);
        for name in self.0.iter() {
            node = Node::new(Kind::Select(Box::new(node), Arc::clone(name)), 0);
        }
        f.write_str(&unparse::unparse(&node))
    }
}

impl IndexKey {
    fn of(value: &Value) -> Option<Self> {
        if let Value::Double(double) = value
            && whole(*double).is_none()
        {
            return (!double.is_nan()).then(|| Self::Double(double.to_bits()));
        }
        if value.is_absent() {
            return Some(Self::Null);
        }
        Some(match MapKey::of(value)? {
            MapKey::Bool(value) => Self::Bool(value),
            MapKey::Int(value) => Self::Int(value),
            MapKey::UInt(value) => Self::UInt(value),
            MapKey::Text(text) => Self::Text(text),
        })
    }

    /// How few waits share a key of this kind, presumably.
    fn selectivity(&self) -> u8 {
        match self {
            Self::Text(_) => 3,
            Self::Int(_) | Self::UInt(_) | Self::Double(_) => 2,
            Self::Bool(_) => 1,
            Self::Null => 0,
        }
    }
}

/// As a literal; different keys have different texts.
impl fmt::Display for IndexKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Int(value) => write!(f, "{value}"),
            Self::UInt(value) => write!(f, "{value}"),
            Self::Double(bits) => write!(f, "{:?}", f64::from_bits(*bits)),
            Self::Text(text) => {
                let mut quoted = String::new();
                push_text(text, &mut quoted);
                f.write_str(&quoted)
            }
        }
    }
}

/// The most selective equality among the operands of the outermost `&&`, and the other operands.
pub(super) fn best_equality(root: &Node) -> Option<(EventPath, IndexKey, Vec<Node>)> {
    let conjuncts = if let Kind::And(operands) = &root.kind {
        &**operands
    } else {
        std::slice::from_ref(root)
    };
    let equalities = conjuncts
        .iter()
        .enumerate()
        .filter_map(|(index, node)| Some((index, equality(node)?)));
    // Of equally selective ones the first: `max_by_key` takes the last.
    let (chosen, (path, key)) = equalities
        .rev()
        .max_by_key(|(_, (_, key))| key.selectivity())?;
    let others = conjuncts.iter().enumerate();
    let others = others.filter(|(index, _)| *index != chosen);
    Some((path, key, others.map(|(_, node)| node.clone()).collect()))
}

fn equality(node: &Node) -> Option<(EventPath, IndexKey)> {
    let Kind::Binary(Binary::Equal, pair) = &node.kind else {
        return None;
    };
    let [left, right] = &**pair;
    let (path, literal) = match (left.literal(), right.literal()) {
        (None, Some(literal)) => (left, literal),
        (Some(literal), None) => (right, literal),
        (_, _) => return None,
    };
    let (variable, names) = path.path()?;
    if variable != Variable::Async {
        return None;
    }
    Some((EventPath(names.into()), IndexKey::of(literal)?))
}
