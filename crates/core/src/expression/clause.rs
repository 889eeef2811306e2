//! Taking an expression apart, for those who search with it: the clauses that must all hold, what
//! each of them looks at, and the comparisons that an index can answer.
//!
//! Does not know what is searched.

use std::sync::Arc;

use everstep_protocol::Timestamp;

use super::compare::Order;
use super::error::Place;
use super::evaluate::Evaluator;
use super::scope::Scope;
use super::syntax::{Binary, Kind, Node};
use super::value::Value;
use super::{Compiled, Expression};

/// A part of a variable: `run.status`.
#[derive(Clone, Debug, PartialEq)]
pub struct Path {
    pub variable: &'static str,
    /// As far as they are constant.
    pub members: Vec<Arc<str>>,
    pub place: Place,
}

/// How a part is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparator {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    /// With each element of a list.
    In,
}

/// A part of a variable, compared with a value that no variable has a say in.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    pub path: Path,
    pub comparator: Comparator,
    pub value: Value,
}

impl Expression {
    /// The operands of the outermost `&&`, or the whole. The expression holds if and only if all of
    /// them do, in whatever order they are looked at.
    pub fn clauses(&self) -> Vec<Self> {
        let Kind::And(operands) = &self.0.root.kind else {
            return vec![self.clone()];
        };
        let clause = |root: &Node| {
            Self(Arc::new(Compiled {
                text: self.0.text.clone(),
                root: root.clone(),
                size: self.0.size,
            }))
        };
        operands.iter().map(clause).collect()
    }

    /// All that the expression looks at, in the order of its text.
    pub fn paths(&self) -> Vec<Path> {
        let mut paths = Vec::new();
        self.collect_paths(&self.0.root, &mut paths);
        paths
    }

    /// The comparison, if the expression is nothing but one.
    pub fn comparison(&self, now: Timestamp) -> Option<Comparison> {
        let Kind::Binary(operator, pair) = &self.0.root.kind else {
            return None;
        };
        let comparator = comparator(*operator)?;
        let [left, right] = &**pair;
        if let (Some(path), Some(value)) = (self.path(left), constant(right, now)) {
            return Some(Comparison {
                path,
                comparator,
                value,
            });
        }
        Some(Comparison {
            comparator: comparator.turned()?,
            path: self.path(right)?,
            value: constant(left, now)?,
        })
    }

    fn collect_paths(&self, node: &Node, paths: &mut Vec<Path>) {
        match self.path(node) {
            Some(path) => paths.push(path),
            None => node
                .kind
                .for_each_part(|part| self.collect_paths(part, paths)),
        }
    }

    fn path(&self, node: &Node) -> Option<Path> {
        let (variable, members) = node.path()?;
        Some(Path {
            variable: variable.name(),
            members,
            place: Place::new(&self.0.text, node.at as usize),
        })
    }
}

impl Comparator {
    /// The same with its operands exchanged.
    fn turned(self) -> Option<Self> {
        Some(match self {
            Self::Equal => Self::Equal,
            Self::Less => Self::Greater,
            Self::LessOrEqual => Self::GreaterOrEqual,
            Self::Greater => Self::Less,
            Self::GreaterOrEqual => Self::LessOrEqual,
            Self::In => return None,
        })
    }
}

fn comparator(operator: Binary) -> Option<Comparator> {
    Some(match operator {
        Binary::Equal => Comparator::Equal,
        Binary::In => Comparator::In,
        Binary::Order(Order::Less) => Comparator::Less,
        Binary::Order(Order::LessOrEqual) => Comparator::LessOrEqual,
        Binary::Order(Order::Greater) => Comparator::Greater,
        Binary::Order(Order::GreaterOrEqual) => Comparator::GreaterOrEqual,
        Binary::NotEqual | Binary::Arithmetic(_) => return None,
    })
}

/// The value of what looks at no variable; `None` also if it has none.
fn constant(node: &Node, now: Timestamp) -> Option<Value> {
    if !is_constant(node) {
        return None;
    }
    let mut evaluator = Evaluator::new(Scope::of_own(&[], now));
    Some(evaluator.evaluate(node).ok()?.into_owned())
}

fn is_constant(node: &Node) -> bool {
    if matches!(node.kind, Kind::Variable(_) | Kind::Local(_)) {
        return false;
    }
    let mut all = true;
    node.kind
        .for_each_part(|part| all = all && is_constant(part));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: &[&str] = &["run", "step"];
    const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    fn compile(text: &str) -> Expression {
        Expression::compile_for(NAMES, text).unwrap()
    }

    fn shown(path: &Path) -> String {
        let members = path.members.iter().map(|member| format!(".{member}"));
        format!("{}{}", path.variable, members.collect::<String>())
    }

    fn refusal(text: &str) -> String {
        let error = Expression::compile_for(NAMES, text).expect_err("it is refused");
        error.to_string()
    }

    #[test]
    fn only_own_variables_are_known() {
        assert_eq!(
            refusal("event.data.x"),
            "there is no variable `event`; those of an expression are run, step at line 1 column 1"
        );
        assert_eq!(
            refusal("step('a', 'b').status"),
            "`step` takes one argument, not 2 at line 1 column 1"
        );
        assert!(refusal("wat('a')").starts_with("there is no function `wat`"));
        assert!(
            Expression::compile("event('data') == 1").is_err(),
            "no call of apps"
        );
    }

    #[test]
    fn a_call_of_a_variable_is_a_lookup() {
        let run = Value::from_json(
            everstep_protocol::Json::parse(br#"{"a b":{"status":"x"}}"#)
                .unwrap()
                .tree()
                .root(),
        );
        let own = [("step", run)];
        let scope = Scope::of_own(&own, NOW);
        assert_eq!(compile("step('a b').status == 'x'").holds(&scope), Ok(true));
        assert_eq!(compile("step('c').status == 'x'").holds(&scope), Ok(false));
        assert_eq!(compile("run.status == 'x'").holds(&scope), Ok(false));
    }

    #[test]
    fn clauses_are_the_operands_of_and() {
        let clauses = compile("run.a == 1 && (run.b || run.c) && !run.d").clauses();
        let paths: Vec<Vec<String>> = clauses
            .iter()
            .map(|clause| clause.paths().iter().map(shown).collect())
            .collect();
        assert_eq!(
            paths,
            [vec!["run.a"], vec!["run.b", "run.c"], vec!["run.d"]]
        );
        assert_eq!(compile("run.a || run.b && run.c").clauses().len(), 1);
    }

    #[test]
    fn paths_end_where_they_are_not_constant() {
        let paths =
            |text: &str| -> Vec<String> { compile(text).paths().iter().map(shown).collect() };
        assert_eq!(paths("step('a b').output.x > 1"), ["step.a b.output.x"]);
        assert_eq!(paths("step[run.name].output"), ["step", "run.name"]);
        assert_eq!(paths("has(run.tags.x)"), ["run.tags"]);
        assert_eq!(
            paths("run.list.exists(x, x == run.y)"),
            ["run.list", "run.y"]
        );
        assert_eq!(compile("1 == 1 && run.xy").paths()[0].place.column, 15);
    }

    #[test]
    fn comparisons_are_with_constants() {
        let comparison = |text: &str| {
            let comparison = compile(text).comparison(NOW)?;
            Some((
                shown(&comparison.path),
                comparison.comparator,
                comparison.value,
            ))
        };
        let of = |comparator, value| Some(("run.n".to_owned(), comparator, value));
        assert_eq!(
            comparison("run.n == 1"),
            of(Comparator::Equal, Value::Int(1))
        );
        assert_eq!(
            comparison("1 + 1 < run.n"),
            of(Comparator::Greater, Value::Int(2))
        );
        assert_eq!(
            comparison("2 >= run.n"),
            of(Comparator::LessOrEqual, Value::Int(2))
        );
        let list = Value::List([Value::text("a")].into());
        assert_eq!(comparison("run.n in ['a']"), of(Comparator::In, list));
        let hour_ago = jiff::Timestamp::from_millisecond(NOW.as_millis() - 3_600_000).unwrap();
        assert_eq!(
            comparison("run.n > now_minus('1h')"),
            of(Comparator::Greater, Value::Timestamp(hour_ago))
        );
        for other in [
            "run.n",
            "run.n != 1",
            "run.n == run.m",
            "'a' in run.n",
            "run.n == 1 / 0",
        ] {
            assert_eq!(comparison(other), None, "{other}");
        }
    }
}
