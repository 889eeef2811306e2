//! Walks a syntax tree and gives its value.
//!
//! Owns the control flow: which parts are evaluated, what an absent value or a failure makes of
//! the whole, and what a macro does. Operators and functions have modules of their own.

use std::borrow::Cow;
use std::sync::Arc;

use super::arithmetic::{calculate, negate};
use super::call;
use super::compare::{contained, equal, ordered};
use super::error::Failure;
use super::function::{EachKind, Function};
use super::meter::Meter;
use super::scope::Scope;
use super::syntax::{Binary, Each, Kind, Node};
use super::value::{Map, MapKey, Value};

/// A failure, and the byte of the text to which it points. Boxed because it is rare.
#[derive(Debug)]
pub(super) struct Fault(Box<(Failure, u32)>);

impl Fault {
    pub(super) fn new(failure: Failure, at: u32) -> Self {
        Self(Box::new((failure, at)))
    }

    pub(super) fn failure(&self) -> &Failure {
        &self.0.0
    }

    pub(super) fn into_parts(self) -> (Failure, u32) {
        *self.0
    }
}

/// Gives a failure its place.
trait At<T> {
    fn at(self, node: &Node) -> Result<T, Fault>;
}

impl<T> At<T> for Result<T, Failure> {
    fn at(self, node: &Node) -> Result<T, Fault> {
        self.map_err(|failure| Fault::new(failure, node.at))
    }
}

/// One evaluation.
pub(super) struct Evaluator<'s> {
    scope: Scope<'s>,
    meter: Meter,
    /// The variables of the macros around.
    locals: Vec<Value>,
}

/// Values of the scope and of literals are borrowed, so that looking at a part of an event copies
/// nothing.
type Evaluated<'v> = Result<Cow<'v, Value>, Fault>;

impl<'s> Evaluator<'s> {
    pub(super) fn new(scope: Scope<'s>) -> Self {
        Self {
            scope,
            meter: Meter::new(),
            locals: Vec::new(),
        }
    }

    pub(super) fn meter(&mut self) -> &mut Meter {
        &mut self.meter
    }

    pub(super) fn evaluate<'v>(&mut self, node: &'v Node) -> Evaluated<'v>
    where
        's: 'v,
    {
        self.meter.steps(1).at(node)?;
        Ok(match &node.kind {
            Kind::Literal(value) => Cow::Borrowed(value),
            Kind::Variable(variable) => Cow::Borrowed(self.scope.variable(*variable)),
            Kind::Local(local) => Cow::Owned(self.locals[usize::from(local.slot)].clone()),
            Kind::Select(parent, name) => {
                self.meter.read(name.len()).at(node)?;
                member(self.evaluate(parent)?, |value| value.member(name))
            }
            Kind::Index(parts) => {
                let [parent, index] = &**parts;
                let parent = self.evaluate(parent)?;
                let index = self.evaluate(index)?;
                self.meter.read_key(&index).at(node)?;
                member(parent, |value| value.element(&index))
            }
            Kind::Has(parent, name) => {
                let found = self.evaluate(parent)?.member(name).is_some();
                Cow::Owned(Value::Bool(found))
            }
            Kind::List(items) => Cow::Owned(self.list(node, items)?),
            Kind::Map(entries) => Cow::Owned(self.map(node, entries)?),
            Kind::Not(operand) => Cow::Owned(Value::Bool(!self.holds(operand)?)),
            Kind::Negate(operand) => {
                let operand = self.evaluate(operand)?;
                Cow::Owned(negate(&operand).at(node)?)
            }
            Kind::And(operands) => return self.chain(operands, false),
            Kind::Or(operands) => return self.chain(operands, true),
            Kind::Choose(parts) => {
                let [condition, then, otherwise] = &**parts;
                let branch = if self.holds(condition)? {
                    then
                } else {
                    otherwise
                };
                return self.evaluate(branch);
            }
            Kind::Binary(operator, operands) => {
                let left = self.evaluate(&operands[0])?;
                let right = self.evaluate(&operands[1])?;
                Cow::Owned(self.binary(*operator, &left, &right).at(node)?)
            }
            Kind::Call(function, arguments) => Cow::Owned(self.call(node, *function, arguments)?),
            Kind::Matches(matches) => {
                let text = self.evaluate(&matches.text)?;
                let matched = call::matches(&text, &matches.pattern, &mut self.meter).at(node)?;
                Cow::Owned(Value::Bool(matched))
            }
            Kind::Each(each) => Cow::Owned(self.each(node, each)?),
        })
    }

    /// Whether the value is truthy. A failure is not, unless a limit was reached.
    pub(super) fn holds(&mut self, node: &Node) -> Result<bool, Fault> {
        match self.evaluate(node) {
            Ok(value) => Ok(value.is_truthy()),
            Err(fault) if fault.failure().is_limit() => Err(fault),
            Err(_) => Ok(false),
        }
    }

    /// `&&` and `||`: the first operand that decides, which is the last one if none does. So the
    /// result can be a failure.
    fn chain<'v>(&mut self, operands: &'v [Node], deciding: bool) -> Evaluated<'v>
    where
        's: 'v,
    {
        let mut last = Ok(Cow::Owned(Value::Bool(!deciding)));
        for operand in operands {
            last = self.evaluate(operand);
            let truthy = match &last {
                Ok(value) => value.is_truthy(),
                Err(fault) if fault.failure().is_limit() => return last,
                Err(_) => false,
            };
            if truthy == deciding {
                break;
            }
        }
        last
    }

    fn binary(&mut self, operator: Binary, left: &Value, right: &Value) -> Result<Value, Failure> {
        let meter = &mut self.meter;
        Ok(match operator {
            Binary::Equal => Value::Bool(equal(left, right, meter)?),
            Binary::NotEqual => Value::Bool(!equal(left, right, meter)?),
            Binary::Order(order) => Value::Bool(ordered(order, left, right, meter)?),
            Binary::In => Value::Bool(contained(left, right, meter)?),
            Binary::Arithmetic(arithmetic) => return calculate(arithmetic, left, right, meter),
        })
    }

    fn list(&mut self, node: &Node, items: &[Node]) -> Result<Value, Fault> {
        self.meter.write_elements(items.len()).at(node)?;
        let items: Result<Vec<Value>, Fault> = items
            .iter()
            .map(|item| Ok(self.evaluate(item)?.into_owned().into_element()))
            .collect();
        Ok(Value::List(items?.into()))
    }

    fn map(&mut self, node: &Node, entries: &[[Node; 2]]) -> Result<Value, Fault> {
        self.meter.write_elements(2 * entries.len()).at(node)?;
        let mut values = Vec::with_capacity(entries.len());
        for [key, value] in entries {
            let evaluated = self.evaluate(key)?;
            self.meter.read_key(&evaluated).at(key)?;
            let key = MapKey::of(&evaluated)
                .ok_or_else(|| Failure::Value {
                    text: evaluated.kind().to_owned(),
                    wanted: "a key of a map",
                })
                .at(key)?;
            values.push((key, self.evaluate(value)?.into_owned().into_element()));
        }
        Ok(Value::Map(Map::new(values)))
    }

    fn call(&mut self, node: &Node, function: Function, nodes: &[Node]) -> Result<Value, Fault> {
        let mut arguments = Vec::with_capacity(nodes.len());
        for argument in nodes {
            arguments.push(self.evaluate(argument)?);
        }
        call::call(function, &arguments, self.scope.now(), &mut self.meter).at(node)
    }

    fn each(&mut self, node: &Node, each: &Each) -> Result<Value, Fault> {
        let elements: Arc<[Value]> = match &*self.evaluate(&each.target)? {
            Value::List(items) => Arc::clone(items),
            Value::Map(map) => {
                self.meter.write_elements(map.entries().len()).at(node)?;
                map.entries()
                    .iter()
                    .map(|(key, _)| key.to_value())
                    .collect()
            }
            // Any function makes false of an absent value.
            Value::Unknown | Value::Null => return Ok(Value::Bool(false)),
            other => return Err(Failure::types(each.kind.name(), &[other.kind()])).at(node),
        };
        // Only when a macro is folded by itself, the variables of those around have no values.
        let depth = usize::from(each.local.slot);
        self.locals.resize(depth, Value::Unknown);
        let result = self.each_of(node, each, &elements);
        // Also after a failure, which may be a falsy operand of something.
        self.locals.truncate(depth);
        result
    }

    fn each_of(&mut self, node: &Node, each: &Each, elements: &[Value]) -> Result<Value, Fault> {
        let mut kept = Vec::new();
        let mut count = 0_usize;
        for element in elements {
            self.meter.steps(1).at(node)?;
            self.locals.push(element.clone());
            let holds = match &each.condition {
                Some(condition) => self.holds(condition)?,
                None => true,
            };
            count += usize::from(holds);
            match each.kind {
                EachKind::All if !holds => return Ok(Value::Bool(false)),
                EachKind::Exists if holds => return Ok(Value::Bool(true)),
                EachKind::Map | EachKind::Filter if holds => {
                    self.meter.write_elements(1).at(node)?;
                    kept.push(match &each.result {
                        Some(result) => self.evaluate(result)?.into_owned().into_element(),
                        None => element.clone(),
                    });
                }
                EachKind::All
                | EachKind::Exists
                | EachKind::ExistsOne
                | EachKind::Map
                | EachKind::Filter => {}
            }
            self.locals.pop();
        }
        Ok(match each.kind {
            EachKind::All => Value::Bool(true),
            EachKind::Exists => Value::Bool(false),
            EachKind::ExistsOne => Value::Bool(count == 1),
            EachKind::Map | EachKind::Filter => Value::List(kept.into()),
        })
    }
}

/// A part of a value, borrowed if the value is.
fn member<'v>(parent: Cow<'v, Value>, find: impl Fn(&Value) -> Option<&Value>) -> Cow<'v, Value> {
    match parent {
        Cow::Borrowed(parent) => find(parent).map_or(Cow::Owned(Value::Unknown), Cow::Borrowed),
        Cow::Owned(parent) => Cow::Owned(find(&parent).cloned().unwrap_or(Value::Unknown)),
    }
}
