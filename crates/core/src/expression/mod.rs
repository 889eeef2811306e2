//! The expressions that apps write: `if` of triggers, waits, cancellations and batches, keys of
//! flow control, priorities (server-semantics §2.2).
//!
//! The language is CEL without types: values of events have the types that their JSON has, a
//! member that is absent is *unknown*, and operators take whatever they are given. Everything is
//! pure, and bounded by [`limits`](crate::limits): no text, however hostile, makes the server
//! stall, run out of memory or overflow its stack.
//!
//! | to find | open |
//! |---|---|
//! | the grammar | `token.rs`, `literal.rs`, `parser.rs`, `syntax.rs` |
//! | which functions there are | `function.rs` |
//! | what a value is, and truthiness | `value.rs` |
//! | what operators make of absent and null operands | `compare.rs`, `arithmetic.rs` |
//! | what functions do | `call.rs`, `time.rs`, `pattern.rs` |
//! | control flow and macros | `evaluate.rs` |
//! | how the event of a run is put in | `bind.rs`, `unparse.rs` |
//! | how waits are found | `index.rs` |
//! | how a search is taken apart | `clause.rs` |
//! | what a cancellation may use | `policy.rs` |
//!
//! ```
//! use everstep_core::expression::{EventView, Expression, Scope};
//! use everstep_protocol::{Json, Timestamp};
//!
//! let expression = Expression::compile("event.data.total > 100 && event.data.region != 'EU'")?;
//! let event = EventView::new(Json::parse(br#"{"name":"shop/order","data":{"total":120}}"#)?);
//! assert!(expression.holds(&Scope::new(&event, Timestamp::from_millis(0)))?);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod arithmetic;
mod bind;
mod cache;
mod call;
mod clause;
mod compare;
mod error;
mod evaluate;
mod function;
mod index;
mod literal;
mod meter;
mod parser;
mod pattern;
mod policy;
mod print;
mod scope;
mod syntax;
#[cfg(test)]
mod tests;
mod time;
mod token;
mod unparse;
mod value;

use std::fmt;
use std::sync::Arc;

pub use self::cache::Expressions;
pub use self::clause::{Comparator, Comparison, Path};
pub use self::error::{CompileError, CompileErrorKind, EvaluationError, Failure, Place};
pub use self::index::{EventPath, IndexKey};
pub use self::scope::{EventView, Scope};
pub use self::value::{Map, MapKey, Value};

use self::bind::Outcome;
use self::evaluate::{Evaluator, Fault};
use self::syntax::{Kind, Node};
use crate::limits::PATTERN_SIZE_MAX;

/// A compiled expression. Cheap to clone.
#[derive(Clone)]
pub struct Expression(Arc<Compiled>);

struct Compiled {
    text: Box<str>,
    root: Node,
    size: usize,
}

/// A key of flow control (EX-2).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// The expression gave false, or a member that is absent. What that means differs by feature.
    None,
    /// Strings are used as they are, other values in their printed form.
    Text(String),
}

/// What is left of an expression once the event of a run has been put in (EX-10).
#[derive(Clone, Debug)]
pub enum Bound {
    /// No event will do.
    Never,
    /// Every event does.
    Always,
    /// Events for which this holds. It refers to `async` alone, and its text can be stored and
    /// compiled again.
    When(Expression),
}

/// Why the event of a run could not be put into an expression.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BindError {
    /// Folding what is constant takes too much.
    #[error(transparent)]
    Evaluation(#[from] EvaluationError),
    /// The result is too large, or has a malformed regular expression that came from the event.
    #[error(transparent)]
    Compile(#[from] CompileError),
}

/// How waits with this expression are found (EX-12).
#[derive(Clone, Debug)]
pub struct Indexed {
    /// Where to look in an event.
    pub path: EventPath,
    /// What must be there.
    pub key: IndexKey,
    /// What else must hold, if anything.
    pub rest: Option<Expression>,
}

impl Expression {
    /// Compiles an expression that may use all of the language.
    ///
    /// # Errors
    ///
    /// What is wrong with it, and where.
    pub fn compile(text: &str) -> Result<Self, CompileError> {
        Self::compile_for(&[], text)
    }

    /// Compiles an expression over these variables instead of those of apps. `x("a")` is another
    /// spelling of `x["a"]` for each of them.
    ///
    /// # Errors
    ///
    /// What is wrong with it, and where.
    pub fn compile_for(own: &'static [&'static str], text: &str) -> Result<Self, CompileError> {
        let parsed = parser::parse_for(own, text).map_err(|flaw| flaw.within(text))?;
        let size = size_of::<Compiled>()
            + text.len()
            + parsed.nodes * size_of::<Node>()
            // The program, and the caches that it has while it runs.
            + parsed.patterns * 2 * PATTERN_SIZE_MAX;
        Ok(Self(Arc::new(Compiled {
            text: text.into(),
            root: parsed.root,
            size,
        })))
    }

    /// Compiles the `if` of a cancellation, which may use comparisons and logic only.
    ///
    /// # Errors
    ///
    /// What is wrong with it, and where.
    pub fn compile_cancellation(text: &str) -> Result<Self, CompileError> {
        let expression = Self::compile(text)?;
        match expression.restriction() {
            None => Ok(expression),
            Some(error) => Err(error),
        }
    }

    /// What a cancellation could not use, and a wait had better not.
    pub fn restriction(&self) -> Option<CompileError> {
        let flaw = policy::check(&self.0.root).err()?;
        Some(flaw.within(&self.0.text))
    }

    /// The text that it was compiled from.
    pub fn text(&self) -> &str {
        &self.0.text
    }

    /// The value. It is never unknown: an expression that is nothing but an absent member is
    /// false.
    ///
    /// # Errors
    ///
    /// What failed, such as an operator on types that it can't be applied to, unless the
    /// expression has an alternative for that.
    pub fn evaluate(&self, scope: &Scope<'_>) -> Result<Value, EvaluationError> {
        let mut evaluator = Evaluator::new(*scope);
        let value = evaluator.evaluate(&self.0.root);
        match value.map_err(|fault| self.error(fault))?.into_owned() {
            Value::Unknown => Ok(Value::Bool(false)),
            value => Ok(value),
        }
    }

    /// Whether the value is truthy (EX-1).
    ///
    /// # Errors
    ///
    /// Those of [`evaluate`](Self::evaluate).
    pub fn holds(&self, scope: &Scope<'_>) -> Result<bool, EvaluationError> {
        self.holds_after(scope).0
    }

    /// [`holds`](Self::holds), and the steps that it took.
    pub(crate) fn holds_after(&self, scope: &Scope<'_>) -> (Result<bool, EvaluationError>, usize) {
        let mut evaluator = Evaluator::new(*scope);
        let value = evaluator.evaluate(&self.0.root);
        let holds = value.map(|value| value.is_truthy());
        let holds = holds.map_err(|fault| self.error(fault));
        (holds, evaluator.meter().used())
    }

    /// The value as a key (EX-2).
    ///
    /// # Errors
    ///
    /// Those of [`evaluate`](Self::evaluate).
    pub fn key(&self, scope: &Scope<'_>) -> Result<Key, EvaluationError> {
        let is_none = |value: &Value| matches!(value, Value::Unknown | Value::Bool(false));
        let text = self.printed_unless(is_none, scope)?;
        Ok(text.map_or(Key::None, Key::Text))
    }

    /// The printed form of the value, unless it is absent, null, a list or a map.
    ///
    /// # Errors
    ///
    /// Those of [`evaluate`](Self::evaluate).
    pub fn scalar(&self, scope: &Scope<'_>) -> Result<Option<String>, EvaluationError> {
        let is_none = |value: &Value| {
            matches!(
                value,
                Value::Unknown | Value::Null | Value::List(_) | Value::Map(_)
            )
        };
        self.printed_unless(is_none, scope)
    }

    fn printed_unless(
        &self,
        is_none: impl Fn(&Value) -> bool,
        scope: &Scope<'_>,
    ) -> Result<Option<String>, EvaluationError> {
        let mut evaluator = Evaluator::new(*scope);
        let value = evaluator.evaluate(&self.0.root);
        let value = value.map_err(|fault| self.error(fault))?;
        if is_none(&value) {
            return Ok(None);
        }
        let mut text = String::new();
        print::print(&value, &mut text, evaluator.meter())
            .map_err(|failure| self.error(Fault::new(failure, self.0.root.at)))?;
        Ok(Some(text))
    }

    /// Puts the event of a run in, and folds what is constant then (EX-10).
    ///
    /// # Errors
    ///
    /// Only at a limit, or if a regular expression came from the event and is malformed.
    pub fn bind(&self, event: &EventView) -> Result<Bound, BindError> {
        match bind::reduce(&self.0.root, event).map_err(|fault| self.error(fault))? {
            Outcome::Constant(true) => Ok(Bound::Always),
            Outcome::Constant(false) => Ok(Bound::Never),
            Outcome::Open(node) => Ok(Bound::When(Self::compile(&unparse::unparse(&node))?)),
        }
    }

    /// The equality by which waits with this expression can be indexed; `None` if it has none.
    pub fn indexed(&self) -> Option<Indexed> {
        let (path, key, mut others) = index::best_equality(&self.0.root)?;
        let rest = match others.len() {
            0 => None,
            1 => Some(others.remove(0)),
            _ => Some(Node::new(Kind::chain(false, others), self.0.root.at)),
        };
        let rest = match rest {
            None => None,
            // Shorter than the whole. Should its text still be refused, there is no index.
            Some(node) => Some(Self::compile(&unparse::unparse(&node)).ok()?),
        };
        Some(Indexed { path, key, rest })
    }

    /// Bytes in memory, roughly.
    fn size(&self) -> usize {
        self.0.size
    }

    fn error(&self, fault: Fault) -> EvaluationError {
        let (failure, at) = fault.into_parts();
        EvaluationError {
            failure,
            place: Place::new(&self.0.text, at as usize),
        }
    }
}

/// Expressions are equal if their texts are.
impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        self.0.text == other.0.text
    }
}

impl Eq for Expression {}

impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Expression").field(&self.text()).finish()
    }
}
