//! Calls: functions, methods and macros.

use std::sync::Arc;

use super::Parser;
use crate::expression::error::{CompileErrorKind, Flaw};
use crate::expression::function::{self, EachKind, Function};
use crate::expression::pattern::Pattern;
use crate::expression::syntax::{Each, Kind, Local, Matches, Node};
use crate::expression::token::Token;
use crate::expression::value::Value;
use crate::limits::EXPRESSION_PATTERNS_MAX;

impl<'a> Parser<'a> {
    /// `target.name(…)`, after the parenthesis.
    pub(super) fn method(&mut self, target: Node, name: &'a str, at: usize) -> Result<Node, Flaw> {
        if let Some(kind) = EachKind::named(name) {
            return self.each(kind, target, at);
        }
        let mut arguments = vec![target];
        self.elements(")", &mut arguments)?;
        self.call(name, true, arguments, at)
    }

    pub(super) fn call(
        &mut self,
        name: &str,
        as_method: bool,
        arguments: Vec<Node>,
        at: usize,
    ) -> Result<Node, Flaw> {
        let function = function::find(name, as_method, arguments.len(), at)?.function;
        if function != Function::Matches {
            return self.node(Kind::Call(function, arguments), at);
        }
        match <[Node; 2]>::try_from(arguments) {
            Ok([text, pattern]) if pattern.literal().is_some() => self.matches(text, &pattern, at),
            Ok(arguments) => self.node(Kind::Call(function, arguments.into()), at),
            Err(arguments) => self.node(Kind::Call(function, arguments), at),
        }
    }

    /// A call of `matches` whose pattern is known.
    fn matches(&mut self, text: Node, pattern: &Node, at: usize) -> Result<Node, Flaw> {
        let place = pattern.at as usize;
        let Some(Value::Text(source)) = pattern.literal() else {
            let message = "`matches` takes a string as its pattern";
            return Err(Flaw::new(CompileErrorKind::Arguments, place, message));
        };
        self.patterns += 1;
        if self.patterns > EXPRESSION_PATTERNS_MAX {
            let message = format!("more than {EXPRESSION_PATTERNS_MAX} regular expressions");
            return Err(Flaw::new(CompileErrorKind::Limit, place, message));
        }
        let compiled = Pattern::compile(source)
            .map_err(|message| Flaw::new(CompileErrorKind::Pattern, place, message))?;
        let matches = Matches {
            text,
            pattern: compiled,
            source: Arc::clone(source),
        };
        self.node(Kind::Matches(Box::new(matches)), at)
    }

    /// `target.exists(x, …)` and its like, after the parenthesis.
    fn each(&mut self, kind: EachKind, target: Node, at: usize) -> Result<Node, Flaw> {
        let Token::Word(name) = self.token else {
            return Err(self.unexpected("the name of the variable for an element"));
        };
        let local = Local {
            // Each macro is a level of nesting, so there are few.
            slot: u16::try_from(self.locals.len()).unwrap_or(u16::MAX),
            name: name.into(),
        };
        self.advance()?;
        self.expect(",")?;
        self.locals.push(Arc::clone(&local.name));
        let mut bodies = Vec::new();
        let parsed = self.elements(")", &mut bodies);
        self.locals.pop();
        parsed?;
        let wrong_count = |takes: &str| {
            let name = kind.name();
            let message = format!("`{name}` takes a variable and {takes}");
            Flaw::new(CompileErrorKind::Arguments, at, message)
        };
        let mut bodies = bodies.into_iter();
        let (condition, result) = match (kind, bodies.next(), bodies.next()) {
            (EachKind::Map, Some(result), None) => (None, Some(result)),
            (EachKind::Map, condition, Some(result)) => (condition, Some(result)),
            (EachKind::Map, None, None) => return Err(wrong_count("one or two expressions")),
            (_, Some(condition), None) => (Some(condition), None),
            (_, _, _) => return Err(wrong_count("one expression")),
        };
        if bodies.next().is_some() {
            return Err(wrong_count("one or two expressions"));
        }
        let each = Each {
            kind,
            target,
            local,
            condition,
            result,
        };
        self.node(Kind::Each(Box::new(each)), at)
    }

    /// `has(x.name)`, after the parenthesis.
    pub(super) fn has(&mut self, at: usize) -> Result<Node, Flaw> {
        let argument_at = self.at;
        let argument = self.nested(Self::expression)?;
        self.expect(")")?;
        let Kind::Select(parent, name) = argument.kind else {
            let message = "`has` takes a member, such as `has(event.data.x)`";
            return Err(Flaw::new(CompileErrorKind::Arguments, argument_at, message));
        };
        self.node(Kind::Has(parent, name), at)
    }
}
