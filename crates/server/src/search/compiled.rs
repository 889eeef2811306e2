//! A search as it is carried out: its clauses, and what each of them costs.

use std::collections::BTreeSet;

use everstep_core::expression::{CompileError, Expression, Path, Place, Scope, Value};
use everstep_protocol::Timestamp;

use super::vocabulary::{Cost, Word};

/// What is wrong with a search, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message} at line {} column {}", place.line, place.column)]
pub struct SearchError {
    pub message: String,
    pub place: Place,
}

/// A part of a search that must hold.
#[derive(Clone, Debug)]
pub(super) struct Clause {
    pub(super) expression: Expression,
    /// What must be known to tell.
    needs: BTreeSet<Cost>,
}

impl From<CompileError> for SearchError {
    fn from(error: CompileError) -> Self {
        Self {
            message: error.message,
            place: error.place,
        }
    }
}

impl SearchError {
    pub(super) fn at(path: &Path, message: String) -> Self {
        Self {
            message,
            place: path.place.clone(),
        }
    }
}

/// Takes a search apart.
pub(super) fn compile(
    text: &str,
    variables: &'static [&'static str],
    words: &[Word],
) -> Result<Vec<Clause>, SearchError> {
    let whole = Expression::compile_for(variables, text)?;
    let mut clauses = Vec::new();
    for expression in whole.clauses() {
        let mut needs = BTreeSet::new();
        for path in expression.paths() {
            let word = words.iter().find(|word| word.variable == path.variable);
            let cost = word.map_or(Ok(Cost::Row), |word| word.cost(&path));
            needs.insert(cost.map_err(|message| SearchError::at(&path, message))?);
        }
        clauses.push(Clause { expression, needs });
    }
    Ok(clauses)
}

impl Clause {
    pub(super) fn needs(&self, cost: Cost) -> bool {
        self.needs.contains(&cost)
    }

    /// When it can be told: once this is known.
    pub(super) fn cost(&self) -> Cost {
        self.needs.last().copied().unwrap_or(Cost::Row)
    }

    /// Whether it holds. One that can't be evaluated does not: it is part of a conjunction.
    pub(super) fn holds(&self, own: &[(&'static str, Value)], now: Timestamp) -> bool {
        let scope = Scope::of_own(own, now);
        self.expression.holds(&scope).unwrap_or(false)
    }
}
