//! The syntax tree of an expression, with names already resolved.
//!
//! Invariant: a tree is at most [`EXPRESSION_DEPTH_MAX`](crate::limits::EXPRESSION_DEPTH_MAX)
//! deep, so that whoever walks it may recurse.

use std::sync::Arc;

use super::arithmetic::Arithmetic;
use super::compare::Order;
use super::function::{EachKind, Function};
use super::pattern::Pattern;
use super::value::{Map, MapKey, Value};

/// A part of an expression.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) kind: Kind,
    /// The byte of the text to which an error of this part points.
    pub(super) at: u32,
    /// Levels, from 1.
    pub(super) depth: u16,
}

#[derive(Clone, Debug)]
pub(super) enum Kind {
    Literal(Value),
    Variable(Variable),
    /// The variable of a macro, by its place on the stack of such variables.
    Local(Local),
    /// `x.name`, and `x["name"]`
    Select(Box<Node>, Arc<str>),
    /// `x[y]`
    Index(Box<[Node; 2]>),
    /// `has(x.name)`
    Has(Box<Node>, Arc<str>),
    List(Vec<Node>),
    Map(Vec<[Node; 2]>),
    Not(Box<Node>),
    Negate(Box<Node>),
    /// Two operands or more.
    And(Vec<Node>),
    /// Two operands or more.
    Or(Vec<Node>),
    /// `condition ? then : otherwise`
    Choose(Box<[Node; 3]>),
    Binary(Binary, Box<[Node; 2]>),
    Call(Function, Vec<Node>),
    /// `text.matches(pattern)` with a constant pattern.
    Matches(Box<Matches>),
    Each(Box<Each>),
}

/// A variable of every expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Variable {
    Event,
    Async,
    Vars,
    /// One of those that the expression was compiled for; then it has no others.
    Own(&'static str),
}

#[derive(Clone, Debug)]
pub(super) struct Local {
    pub(super) slot: u16,
    pub(super) name: Arc<str>,
}

/// The operators of two operands that are both evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Binary {
    Equal,
    NotEqual,
    Order(Order),
    In,
    Arithmetic(Arithmetic),
}

#[derive(Clone, Debug)]
pub(super) struct Matches {
    pub(super) text: Node,
    pub(super) pattern: Pattern,
    /// As the expression has it.
    pub(super) source: Arc<str>,
}

/// A macro over the elements of a list, or the keys of a map.
#[derive(Clone, Debug)]
pub(super) struct Each {
    pub(super) kind: EachKind,
    pub(super) target: Node,
    pub(super) local: Local,
    /// Which elements count. `map` may have none.
    pub(super) condition: Option<Node>,
    /// What `map` makes of an element.
    pub(super) result: Option<Node>,
}

impl Variable {
    /// Those of the expressions of apps.
    pub(super) const ALL: [Self; 3] = [Self::Event, Self::Async, Self::Vars];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Async => "async",
            Self::Vars => "vars",
            Self::Own(name) => name,
        }
    }
}

impl Node {
    /// `kind` at a place, as deep as its parts make it.
    pub(super) fn new(kind: Kind, at: u32) -> Self {
        let mut depth = 0;
        kind.for_each_part(|part| depth = depth.max(part.depth));
        Self {
            kind,
            at,
            // Saturation is far beyond the depth that is refused.
            depth: depth.saturating_add(1),
        }
    }

    /// The value of a literal.
    pub(super) fn literal(&self) -> Option<&Value> {
        if let Kind::Literal(value) = &self.kind {
            return Some(value);
        }
        None
    }

    /// The variable and the members of `async.data.x`, if it is nothing but that.
    pub(super) fn path(&self) -> Option<(Variable, Vec<Arc<str>>)> {
        let mut names = Vec::new();
        let mut node = self;
        while let Kind::Select(parent, name) = &node.kind {
            names.push(Arc::clone(name));
            node = parent;
        }
        let Kind::Variable(variable) = node.kind else {
            return None;
        };
        names.reverse();
        Some((variable, names))
    }
}

impl Kind {
    /// Visits the parts that this consists of, in the order of the text.
    pub(super) fn for_each_part<'n>(&'n self, mut visit: impl FnMut(&'n Node)) {
        match self {
            Self::Literal(_) | Self::Variable(_) | Self::Local(_) => {}
            Self::Select(part, _) | Self::Has(part, _) | Self::Not(part) | Self::Negate(part) => {
                visit(part);
            }
            Self::Index(parts) | Self::Binary(_, parts) => parts.iter().for_each(visit),
            Self::Choose(parts) => parts.iter().for_each(visit),
            Self::List(parts) | Self::And(parts) | Self::Or(parts) | Self::Call(_, parts) => {
                parts.iter().for_each(visit);
            }
            Self::Map(entries) => entries.iter().flatten().for_each(visit),
            Self::Matches(matches) => visit(&matches.text),
            Self::Each(each) => {
                visit(&each.target);
                each.condition.iter().chain(&each.result).for_each(visit);
            }
        }
    }

    /// `a || b || …` if true is `deciding`, else `a && b && …`. Chains in chains become one.
    pub(super) fn chain(deciding: bool, operands: Vec<Node>) -> Self {
        let mut flat = Vec::with_capacity(operands.len());
        for operand in operands {
            match (operand.kind, deciding) {
                (Self::Or(inner), true) | (Self::And(inner), false) => flat.extend(inner),
                (kind, _) => flat.push(Node { kind, ..operand }),
            }
        }
        if deciding {
            Self::Or(flat)
        } else {
            Self::And(flat)
        }
    }

    /// `[…]`; a literal if all of its elements are.
    pub(super) fn list(items: Vec<Node>) -> Self {
        let values: Option<Vec<Value>> = items.iter().map(|item| item.literal().cloned()).collect();
        match values {
            Some(values) => Self::Literal(Value::List(values.into())),
            None => Self::List(items),
        }
    }

    /// `{…}`; a literal if all of its keys and values are.
    pub(super) fn map(entries: Vec<[Node; 2]>) -> Self {
        let literals = entries.iter().map(|[key, value]| {
            let key = MapKey::of(key.literal()?)?;
            Some((key, value.literal()?.clone()))
        });
        match literals.collect() {
            Some(values) => Self::Literal(Value::Map(Map::new(values))),
            None => Self::Map(entries),
        }
    }

    /// `x[y]`
    pub(super) fn index(target: Node, index: Node) -> Self {
        if let Some(Value::Text(name)) = index.literal() {
            let name = Arc::clone(name);
            return Self::Select(Box::new(target), name);
        }
        Self::Index(Box::new([target, index]))
    }
}

impl Binary {
    pub(super) fn sign(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Order(order) => order.sign(),
            Self::In => "in",
            Self::Arithmetic(arithmetic) => arithmetic.sign(),
        }
    }
}
