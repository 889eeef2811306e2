//! Writes a syntax tree as text which is read back as the same tree.

use std::fmt::Write as _;

use super::arithmetic::Arithmetic;
use super::error::Failure;
use super::function::Function;
use super::literal::{push_bytes, push_text};
use super::meter::Meter;
use super::syntax::{Binary, Kind, Node};
use super::token::is_word;
use super::value::{MapKey, Value};
use crate::limits::EXPRESSION_TEXT_MAX;

/// How strongly constructs bind; each needs parentheses where a stronger one is expected.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Strength {
    Choose,
    Or,
    And,
    Relation,
    Sum,
    Product,
    Unary,
    Postfix,
}

/// The text of an expression. It is cut off somewhere beyond [`EXPRESSION_TEXT_MAX`], where it is
/// too long to be read back anyway.
pub(super) fn unparse(node: &Node) -> String {
    let mut out = String::new();
    push(node, Strength::Choose, &mut out);
    out
}

fn push(node: &Node, expected: Strength, out: &mut String) {
    if out.len() > EXPRESSION_TEXT_MAX {
        return;
    }
    let needs_parentheses = strength(node) < expected;
    if needs_parentheses {
        out.push('(');
    }
    push_kind(&node.kind, out);
    if needs_parentheses {
        out.push(')');
    }
}

fn strength(node: &Node) -> Strength {
    match &node.kind {
        Kind::Choose(_) => Strength::Choose,
        Kind::Or(_) => Strength::Or,
        Kind::And(_) => Strength::And,
        Kind::Binary(operator, _) => binary_strength(*operator),
        Kind::Not(_) | Kind::Negate(_) => Strength::Unary,
        // A number with a sign, or before a dot, is hard to read and for some numbers wrong.
        Kind::Literal(Value::Int(_) | Value::UInt(_) | Value::Double(_)) => Strength::Unary,
        Kind::Literal(_)
        | Kind::Variable(_)
        | Kind::Local(_)
        | Kind::Select(..)
        | Kind::Index(_)
        | Kind::Has(..)
        | Kind::List(_)
        | Kind::Map(_)
        | Kind::Call(..)
        | Kind::Matches(_)
        | Kind::Each(_) => Strength::Postfix,
    }
}

fn binary_strength(operator: Binary) -> Strength {
    match operator {
        Binary::Equal | Binary::NotEqual | Binary::Order(_) | Binary::In => Strength::Relation,
        Binary::Arithmetic(Arithmetic::Add | Arithmetic::Subtract) => Strength::Sum,
        Binary::Arithmetic(Arithmetic::Multiply | Arithmetic::Divide | Arithmetic::Remainder) => {
            Strength::Product
        }
    }
}

fn push_kind(kind: &Kind, out: &mut String) {
    match kind {
        Kind::Literal(value) => push_value(value, out),
        Kind::Variable(variable) => out.push_str(variable.name()),
        Kind::Local(local) => out.push_str(&local.name),
        Kind::Select(parent, name) => push_select(parent, name, out),
        Kind::Index(parts) => {
            push(&parts[0], Strength::Postfix, out);
            out.push('[');
            push(&parts[1], Strength::Choose, out);
            out.push(']');
        }
        Kind::Has(parent, name) => {
            out.push_str("has(");
            push_select(parent, name, out);
            out.push(')');
        }
        Kind::List(items) => {
            out.push('[');
            push_all(items, out);
            out.push(']');
        }
        Kind::Map(entries) => {
            out.push('{');
            for (index, [key, value]) in entries.iter().enumerate() {
                separate(index, ", ", out);
                push(key, Strength::Choose, out);
                out.push_str(": ");
                push(value, Strength::Choose, out);
            }
            out.push('}');
        }
        Kind::Not(operand) => {
            out.push('!');
            push(operand, Strength::Unary, out);
        }
        Kind::Negate(operand) => {
            out.push('-');
            // `-5` is a literal, `-(5)` is not.
            let literal = operand.literal().is_some();
            push(
                operand,
                if literal {
                    Strength::Postfix
                } else {
                    Strength::Unary
                },
                out,
            );
        }
        Kind::And(operands) => push_chain(operands, " && ", Strength::Relation, out),
        Kind::Or(operands) => push_chain(operands, " || ", Strength::And, out),
        Kind::Choose(parts) => {
            push(&parts[0], Strength::Or, out);
            out.push_str(" ? ");
            push(&parts[1], Strength::Or, out);
            out.push_str(" : ");
            push(&parts[2], Strength::Choose, out);
        }
        Kind::Binary(operator, operands) => push_binary(*operator, operands, out),
        Kind::Call(function, arguments) => push_call(*function, arguments, out),
        Kind::Matches(matches) => {
            push(&matches.text, Strength::Postfix, out);
            out.push_str(".matches(");
            push_text(&matches.source, out);
            out.push(')');
        }
        Kind::Each(each) => {
            push(&each.target, Strength::Postfix, out);
            // Writing to a string cannot fail.
            let _ = write!(out, ".{}({}", each.kind.name(), each.local.name);
            for body in each.condition.iter().chain(&each.result) {
                out.push_str(", ");
                push(body, Strength::Choose, out);
            }
            out.push(')');
        }
    }
}

fn push_binary(operator: Binary, operands: &[Node; 2], out: &mut String) {
    let strength = binary_strength(operator);
    // Operators of equal strength are read from left to right.
    let stronger = match strength {
        Strength::Relation => Strength::Sum,
        Strength::Sum => Strength::Product,
        Strength::Choose
        | Strength::Or
        | Strength::And
        | Strength::Product
        | Strength::Unary
        | Strength::Postfix => Strength::Unary,
    };
    push(&operands[0], strength, out);
    out.push(' ');
    out.push_str(operator.sign());
    out.push(' ');
    push(&operands[1], stronger, out);
}

fn push_call(function: Function, mut arguments: &[Node], out: &mut String) {
    if let [target, others @ ..] = arguments
        && function.is_method()
    {
        push(target, Strength::Postfix, out);
        out.push('.');
        arguments = others;
    }
    out.push_str(function.name());
    out.push('(');
    push_all(arguments, out);
    out.push(')');
}

fn push_select(parent: &Node, name: &str, out: &mut String) {
    push(parent, Strength::Postfix, out);
    let is_plain = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(is_word);
    if is_plain {
        out.push('.');
        out.push_str(name);
    } else {
        out.push('[');
        push_text(name, out);
        out.push(']');
    }
}

fn push_all(nodes: &[Node], out: &mut String) {
    for (index, node) in nodes.iter().enumerate() {
        separate(index, ", ", out);
        push(node, Strength::Choose, out);
    }
}

fn push_chain(operands: &[Node], sign: &str, expected: Strength, out: &mut String) {
    for (index, operand) in operands.iter().enumerate() {
        separate(index, sign, out);
        push(operand, expected, out);
    }
}

/// Appends a value as a literal. Values without a literal never are in a tree
/// ([`has_literal`]).
fn push_value(value: &Value, out: &mut String) {
    if out.len() > EXPRESSION_TEXT_MAX {
        return;
    }
    // Writing to a string cannot fail.
    let _ = match value {
        Value::Unknown | Value::Null | Value::Timestamp(_) | Value::Duration(_) => {
            write!(out, "null")
        }
        Value::Bool(value) => write!(out, "{value}"),
        Value::Int(value) => write!(out, "{value}"),
        Value::UInt(value) => write!(out, "{value}u"),
        // With a fraction or an exponent, so that it stays a double.
        Value::Double(value) => write!(out, "{value:?}"),
        Value::Text(text) => {
            push_text(text, out);
            Ok(())
        }
        Value::Bytes(bytes) => {
            push_bytes(bytes, out);
            Ok(())
        }
        Value::List(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if out.len() > EXPRESSION_TEXT_MAX {
                    return;
                }
                separate(index, ", ", out);
                push_value(item, out);
            }
            write!(out, "]")
        }
        Value::Map(map) => {
            out.push('{');
            for (index, (key, value)) in map.entries().iter().enumerate() {
                if out.len() > EXPRESSION_TEXT_MAX {
                    return;
                }
                separate(index, ", ", out);
                push_key(key, out);
                out.push_str(": ");
                push_value(value, out);
            }
            write!(out, "}}")
        }
    };
}

fn push_key(key: &MapKey, out: &mut String) {
    push_value(&key.to_value(), out);
}

fn separate(index: usize, separator: &str, out: &mut String) {
    if index > 0 {
        out.push_str(separator);
    }
}

/// Whether a literal can stand for the value.
pub(super) fn has_literal(value: &Value, meter: &mut Meter) -> Result<bool, Failure> {
    // What has been made of shared parts is larger than the memory that it takes.
    meter.steps(1)?;
    match value {
        Value::Unknown | Value::Timestamp(_) | Value::Duration(_) => Ok(false),
        Value::Double(value) => Ok(value.is_finite()),
        Value::Null
        | Value::Bool(_)
        | Value::Int(_)
        | Value::UInt(_)
        | Value::Text(_)
        | Value::Bytes(_) => Ok(true),
        Value::List(items) => all_have_literals(items.iter(), meter),
        Value::Map(map) => all_have_literals(map.entries().iter().map(|(_, value)| value), meter),
    }
}

fn all_have_literals<'v>(
    mut values: impl Iterator<Item = &'v Value>,
    meter: &mut Meter,
) -> Result<bool, Failure> {
    values.try_fold(true, |all, value| Ok(all && has_literal(value, meter)?))
}
