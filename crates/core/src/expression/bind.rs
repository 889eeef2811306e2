//! Puts the event of a run into an expression, so that only `async` is left open (EX-10).
//!
//! Every reference to `event` becomes a literal, null if it leads nowhere, and what is constant
//! then is folded. The result is used for its truthiness alone, so operands that cannot change
//! that are dropped too.
//!
//! Invariant: where all references lead somewhere, the result holds for an incoming event if and
//! only if the expression does.

use everstep_protocol::Timestamp;

use super::evaluate::{Evaluator, Fault};
use super::scope::{EventView, Scope};
use super::syntax::{Each, Kind, Matches, Node, Variable};
use super::unparse::has_literal;
use super::value::Value;

/// Whether a part is used for its value, or only for its truthiness.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    Value,
    Truth,
}

/// What is left of a part.
struct Reduced {
    node: Node,
    /// Refers to `async`, `vars` or the present.
    open: bool,
    /// The outermost variable of a macro that it refers to.
    local: Option<u16>,
    /// Leads into the event, so that it is null where it leads nowhere.
    reference: bool,
}

/// An expression that has been bound, before it becomes text again.
pub(super) enum Outcome {
    Constant(bool),
    Open(Node),
}

/// Puts in the event, and folds.
pub(super) fn reduce(root: &Node, event: &EventView) -> Result<Outcome, Fault> {
    // What depends on the time stays open, so any will do.
    let scope = Scope::new(event, Timestamp::from_millis(0));
    let mut binder = Binder {
        evaluator: Evaluator::new(scope),
    };
    let reduced = binder.reduce(root, Use::Truth)?;
    Ok(match reduced.truth() {
        Some(truth) => Outcome::Constant(truth),
        None => Outcome::Open(reduced.node),
    })
}

struct Binder<'s> {
    /// One for all, so that folding as a whole is bounded as an evaluation is.
    evaluator: Evaluator<'s>,
}

impl Reduced {
    fn literal(value: Value, at: u32) -> Self {
        Self {
            node: Node::new(Kind::Literal(value), at),
            open: false,
            local: None,
            reference: false,
        }
    }

    fn is_constant(&self) -> bool {
        !self.open && self.local.is_none()
    }

    /// The truthiness of a literal, which every constant is that is used for its truthiness.
    fn truth(&self) -> Option<bool> {
        self.node.literal().map(Value::is_truthy)
    }
}

impl Binder<'_> {
    fn reduce(&mut self, node: &Node, used: Use) -> Result<Reduced, Fault> {
        if let Some(value) = self.reference(node)? {
            let reduced = Reduced::literal(value, node.at);
            return Ok(Reduced {
                reference: true,
                ..reduced
            });
        }
        let reduced = self.reduce_parts(node, used)?;
        self.fold(reduced, used)
    }

    /// The value of a path into the event, or whether there is one; `None` for other parts.
    fn reference(&mut self, node: &Node) -> Result<Option<Value>, Fault> {
        let path = if let Kind::Has(parent, _) = &node.kind {
            parent
        } else {
            node
        };
        if !leads_into_event(path) {
            return Ok(None);
        }
        let value = self.evaluator.evaluate(node)?.into_owned();
        Ok(Some(value.into_element()))
    }

    /// The node with its parts reduced.
    fn reduce_parts(&mut self, node: &Node, used: Use) -> Result<Reduced, Fault> {
        let mut parts = Parts {
            binder: self,
            open: false,
            local: None,
            reference: false,
        };
        let kind = match &node.kind {
            Kind::Literal(value) => Kind::Literal(value.clone()),
            Kind::Variable(variable) => {
                parts.open = true;
                Kind::Variable(*variable)
            }
            Kind::Local(local) => {
                parts.note_local(local.slot);
                Kind::Local(local.clone())
            }
            Kind::Select(parent, name) => {
                let parent = parts.parent(parent)?;
                Kind::Select(Box::new(parent), name.clone())
            }
            Kind::Has(parent, name) => Kind::Has(parts.boxed(parent, Use::Value)?, name.clone()),
            Kind::Index(pair) => {
                let parent = parts.parent(&pair[0])?;
                Kind::index(parent, parts.reduce(&pair[1], Use::Value)?)
            }
            Kind::List(items) => Kind::list(parts.all(items)?),
            Kind::Map(entries) => {
                let entries: Result<Vec<_>, Fault> = entries
                    .iter()
                    .map(|[key, value]| {
                        Ok([
                            parts.reduce(key, Use::Value)?,
                            parts.reduce(value, Use::Value)?,
                        ])
                    })
                    .collect();
                Kind::map(entries?)
            }
            Kind::Not(operand) => Kind::Not(parts.boxed(operand, Use::Truth)?),
            Kind::Negate(operand) => Kind::Negate(parts.boxed(operand, Use::Value)?),
            Kind::And(operands) => return parts.chain(node, operands, false, used),
            Kind::Or(operands) => return parts.chain(node, operands, true, used),
            Kind::Choose(branches) => return parts.choose(node, branches, used),
            Kind::Binary(operator, pair) => {
                let left = parts.reduce(&pair[0], Use::Value)?;
                let right = parts.reduce(&pair[1], Use::Value)?;
                Kind::Binary(*operator, Box::new([left, right]))
            }
            Kind::Call(function, arguments) => {
                parts.open |= function.reads_time();
                Kind::Call(*function, parts.all(arguments)?)
            }
            Kind::Matches(matches) => Kind::Matches(Box::new(Matches {
                text: parts.reduce(&matches.text, Use::Value)?,
                pattern: matches.pattern.clone(),
                source: matches.source.clone(),
            })),
            Kind::Each(each) => parts.each(each)?,
        };
        Ok(parts.into_reduced(Node::new(kind, node.at)))
    }

    /// Replaces a constant by its value, if a literal can stand for that.
    fn fold(&mut self, reduced: Reduced, used: Use) -> Result<Reduced, Fault> {
        if !reduced.is_constant() || reduced.node.literal().is_some() {
            return Ok(reduced);
        }
        let at = reduced.node.at;
        let value = match self.evaluator.evaluate(&reduced.node) {
            Ok(value) => value.into_owned(),
            Err(fault) if fault.failure().is_limit() => return Err(fault),
            Err(_) if used == Use::Truth => Value::Bool(false),
            // The failure is the same every time, and happens when the rest is evaluated.
            Err(_) => return Ok(reduced),
        };
        let value = match used {
            Use::Truth => Value::Bool(value.is_truthy()),
            Use::Value if reduced.reference => value.into_element(),
            Use::Value => value,
        };
        let literal = has_literal(&value, self.evaluator.meter());
        if !literal.map_err(|failure| Fault::new(failure, at))? {
            return Ok(reduced);
        }
        Ok(Reduced {
            reference: reduced.reference,
            ..Reduced::literal(value, at)
        })
    }
}

/// Reduces the parts of one node, and notes what they refer to.
struct Parts<'b, 's> {
    binder: &'b mut Binder<'s>,
    open: bool,
    local: Option<u16>,
    reference: bool,
}

impl Parts<'_, '_> {
    fn reduce(&mut self, part: &Node, used: Use) -> Result<Node, Fault> {
        let reduced = self.binder.reduce(part, used)?;
        Ok(self.note(reduced))
    }

    /// The parent of a member or an element.
    fn parent(&mut self, part: &Node) -> Result<Node, Fault> {
        let reduced = self.binder.reduce(part, Use::Value)?;
        self.reference = reduced.reference;
        Ok(self.note(reduced))
    }

    fn note(&mut self, reduced: Reduced) -> Node {
        self.open |= reduced.open;
        if let Some(slot) = reduced.local {
            self.note_local(slot);
        }
        reduced.node
    }

    fn note_local(&mut self, slot: u16) {
        self.local = Some(self.local.map_or(slot, |other| other.min(slot)));
    }

    fn boxed(&mut self, part: &Node, used: Use) -> Result<Box<Node>, Fault> {
        Ok(Box::new(self.reduce(part, used)?))
    }

    fn all(&mut self, parts: &[Node]) -> Result<Vec<Node>, Fault> {
        parts
            .iter()
            .map(|part| self.reduce(part, Use::Value))
            .collect()
    }

    fn into_reduced(self, node: Node) -> Reduced {
        Reduced {
            node,
            open: self.open,
            local: self.local,
            reference: self.reference,
        }
    }

    /// `&&` and `||`. A constant operand that decides ends the chain, and one that does not is
    /// dropped, unless the value of the whole may be that operand's.
    fn chain(
        mut self,
        node: &Node,
        operands: &[Node],
        deciding: bool,
        used: Use,
    ) -> Result<Reduced, Fault> {
        let mut kept: Vec<Node> = Vec::new();
        for (index, operand) in operands.iter().enumerate() {
            let reduced = self.binder.reduce(operand, used)?;
            let is_last = index + 1 == operands.len();
            match (reduced.truth(), used) {
                (Some(truth), Use::Truth) if truth == deciding => {
                    return Ok(Reduced::literal(Value::Bool(deciding), node.at));
                }
                (Some(truth), Use::Value) if truth == deciding => {
                    kept.push(self.note(reduced));
                    break;
                }
                (Some(_), Use::Truth) => {}
                (Some(_), Use::Value) if !is_last => {}
                _ => kept.push(self.note(reduced)),
            }
        }
        let reduced = match kept.len() {
            0 => Node::new(Kind::Literal(Value::Bool(!deciding)), node.at),
            1 => kept.remove(0),
            _ => Node::new(Kind::chain(deciding, kept), node.at),
        };
        Ok(self.into_reduced(reduced))
    }

    fn choose(mut self, node: &Node, branches: &[Node; 3], used: Use) -> Result<Reduced, Fault> {
        let [condition, then, otherwise] = branches;
        let condition = self.binder.reduce(condition, Use::Truth)?;
        match condition.truth() {
            Some(true) => self.binder.reduce(then, used),
            Some(false) => self.binder.reduce(otherwise, used),
            None => {
                let condition = self.note(condition);
                let then = self.reduce(then, used)?;
                let otherwise = self.reduce(otherwise, used)?;
                let kind = Kind::Choose(Box::new([condition, then, otherwise]));
                Ok(self.into_reduced(Node::new(kind, node.at)))
            }
        }
    }

    fn each(&mut self, each: &Each) -> Result<Kind, Fault> {
        let target = self.reduce(&each.target, Use::Value)?;
        let condition = match &each.condition {
            Some(condition) => Some(self.reduce(condition, Use::Truth)?),
            None => None,
        };
        let result = match &each.result {
            Some(result) => Some(self.reduce(result, Use::Value)?),
            None => None,
        };
        // The macro's own variable is bound here. Those of the macros around have lower slots.
        self.local = self.local.filter(|slot| *slot < each.local.slot);
        Ok(Kind::Each(Box::new(Each {
            kind: each.kind,
            target,
            local: each.local.clone(),
            condition,
            result,
        })))
    }
}

/// Whether a part is a path of members and constant indexes that begins at `event`.
fn leads_into_event(mut node: &Node) -> bool {
    loop {
        if let Kind::Select(parent, _) = &node.kind {
            node = parent;
        } else if let Kind::Index(pair) = &node.kind
            && pair[1].literal().is_some()
        {
            node = &pair[0];
        } else {
            return matches!(node.kind, Kind::Variable(Variable::Event));
        }
    }
}
