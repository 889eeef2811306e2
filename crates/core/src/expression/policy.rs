//! The subset of the language that cancellations may use, and that waits should.
//!
//! What it leaves to an expression can be folded and indexed when the event of a run is put in.

use super::error::{CompileErrorKind, Flaw};
use super::function::Function;
use super::syntax::{Binary, Kind, Node};

/// The text that deployed servers answer with.
const INVALID: &str = "Cancellation expression is invalid";

/// The first part that is not in the subset: only `?:`, `&&`, `||`, `!`, comparisons, `in`,
/// indexing, members, literals and conversions to numbers are.
pub(super) fn check(node: &Node) -> Result<(), Flaw> {
    if let Some(what) = excess(&node.kind) {
        let message = format!("{INVALID}: {what} can't be used here");
        return Err(Flaw::new(
            CompileErrorKind::Restricted,
            node.at as usize,
            message,
        ));
    }
    let mut result = Ok(());
    node.kind.for_each_part(|part| {
        if result.is_ok() {
            result = check(part);
        }
    });
    result
}

/// What the node itself is, unless it is in the subset.
fn excess(kind: &Kind) -> Option<String> {
    match kind {
        Kind::Literal(_)
        | Kind::Variable(_)
        | Kind::Local(_)
        | Kind::Select(..)
        | Kind::Index(_)
        | Kind::List(_)
        | Kind::Map(_)
        | Kind::Not(_)
        | Kind::And(_)
        | Kind::Or(_)
        | Kind::Choose(_) => None,
        Kind::Binary(operator, _) => match operator {
            Binary::Equal | Binary::NotEqual | Binary::Order(_) | Binary::In => None,
            Binary::Arithmetic(_) => Some(format!("`{}`", operator.sign())),
        },
        Kind::Call(Function::Int | Function::UInt | Function::Double, _) => None,
        Kind::Call(function, _) => Some(format!("`{}`", function.name())),
        Kind::Negate(_) => Some("`-`".to_owned()),
        Kind::Has(..) => Some("`has`".to_owned()),
        Kind::Matches(_) => Some("`matches`".to_owned()),
        Kind::Each(each) => Some(format!("`{}`", each.kind.name())),
    }
}
