//! Reads the text of an expression into its syntax tree.
//!
//! Owns the grammar (that of CEL, without messages and containers), the names that are known, and
//! the bounds on size. Recursion is bounded: every nested construct passes [`Parser::nested`].

mod calls;

use std::sync::Arc;

use super::arithmetic::Arithmetic;
use super::compare::Order;
use super::error::{CompileErrorKind, Flaw, shown};
use super::syntax::{Binary, Kind, Local, Node, Variable};
use super::token::{Token, Tokens};
use super::value::Value;
use crate::limits::{EXPRESSION_DEPTH_MAX, EXPRESSION_NODES_MAX, EXPRESSION_TEXT_MAX};

/// What a parsed expression consists of.
pub(super) struct Parsed {
    pub(super) root: Node,
    pub(super) nodes: usize,
    pub(super) patterns: usize,
}

/// Reads a whole text that may use the variables of apps.
pub(super) fn parse(text: &str) -> Result<Parsed, Flaw> {
    parse_for(&[], text)
}

/// Reads a whole text that may use these variables, or those of apps if there are none. `x("a")` is
/// another spelling of `x["a"]` for each of them.
pub(super) fn parse_for(own: &'static [&'static str], text: &str) -> Result<Parsed, Flaw> {
    if text.len() > EXPRESSION_TEXT_MAX {
        let message = format!(
            "the expression has {} bytes; at most {EXPRESSION_TEXT_MAX} are allowed",
            text.len()
        );
        return Err(Flaw::new(CompileErrorKind::Limit, 0, message));
    }
    let mut tokens = Tokens::new(text);
    let (token, at) = tokens.next()?;
    if token == Token::End {
        return Err(Flaw::syntax(at, "the expression is empty"));
    }
    let mut parser = Parser {
        tokens,
        own,
        token,
        at,
        locals: Vec::new(),
        nesting: 0,
        nodes: 0,
        patterns: 0,
    };
    let root = parser.expression()?;
    if parser.token != Token::End {
        return Err(parser.unexpected("an operator or the end of the expression"));
    }
    Ok(Parsed {
        root,
        nodes: parser.nodes,
        patterns: parser.patterns,
    })
}

struct Parser<'a> {
    tokens: Tokens<'a>,
    /// The variables, unless they are those of apps.
    own: &'static [&'static str],
    /// The next token, and where it starts.
    token: Token<'a>,
    at: usize,
    /// The variables of the macros around.
    locals: Vec<Arc<str>>,
    nesting: usize,
    nodes: usize,
    patterns: usize,
}

/// The operators of two operands by how strongly they bind, weakest first.
#[derive(Clone, Copy)]
enum Operator {
    Or,
    And,
    Binary(Binary),
}

const OPERATORS: [(&str, u8, Operator); 14] = [
    ("||", 1, Operator::Or),
    ("&&", 2, Operator::And),
    ("==", 3, Operator::Binary(Binary::Equal)),
    ("!=", 3, Operator::Binary(Binary::NotEqual)),
    ("<", 3, Operator::Binary(Binary::Order(Order::Less))),
    ("<=", 3, Operator::Binary(Binary::Order(Order::LessOrEqual))),
    (">", 3, Operator::Binary(Binary::Order(Order::Greater))),
    (
        ">=",
        3,
        Operator::Binary(Binary::Order(Order::GreaterOrEqual)),
    ),
    ("in", 3, Operator::Binary(Binary::In)),
    (
        "+",
        4,
        Operator::Binary(Binary::Arithmetic(Arithmetic::Add)),
    ),
    (
        "-",
        4,
        Operator::Binary(Binary::Arithmetic(Arithmetic::Subtract)),
    ),
    (
        "*",
        5,
        Operator::Binary(Binary::Arithmetic(Arithmetic::Multiply)),
    ),
    (
        "/",
        5,
        Operator::Binary(Binary::Arithmetic(Arithmetic::Divide)),
    ),
    (
        "%",
        5,
        Operator::Binary(Binary::Arithmetic(Arithmetic::Remainder)),
    ),
];

/// How strongly the weakest operator binds.
const WEAKEST: u8 = 1;

impl<'a> Parser<'a> {
    /// `a ? b : c`, or anything that binds more strongly.
    fn expression(&mut self) -> Result<Node, Flaw> {
        let condition = self.binary(WEAKEST)?;
        let at = self.at;
        if !self.take("?")? {
            return Ok(condition);
        }
        let then = self.nested(|parser| parser.binary(WEAKEST))?;
        self.expect(":")?;
        let otherwise = self.nested(Self::expression)?;
        self.node(Kind::Choose(Box::new([condition, then, otherwise])), at)
    }

    /// Operands and the operators between them that bind at least as strongly as `weakest`.
    fn binary(&mut self, weakest: u8) -> Result<Node, Flaw> {
        let mut left = self.unary()?;
        while let Some((level, operator)) = self.operator()
            && level >= weakest
        {
            let at = self.at;
            self.advance()?;
            let right = self.binary(level + 1)?;
            let kind = match operator {
                Operator::Or => self.chain(true, [left, right], level)?,
                Operator::And => self.chain(false, [left, right], level)?,
                Operator::Binary(binary) => Kind::Binary(binary, Box::new([left, right])),
            };
            left = self.node(kind, at)?;
        }
        Ok(left)
    }

    /// The rest of a chain such as `a && b && c`, of which two operands have been read.
    fn chain(&mut self, deciding: bool, first: [Node; 2], level: u8) -> Result<Kind, Flaw> {
        let mut operands = Vec::from(first);
        while self.operator().is_some_and(|(other, _)| other == level) {
            self.advance()?;
            operands.push(self.binary(level + 1)?);
        }
        Ok(Kind::chain(deciding, operands))
    }

    fn operator(&self) -> Option<(u8, Operator)> {
        let (Token::Sign(sign) | Token::Word(sign)) = self.token else {
            return None;
        };
        let (_, level, operator) = OPERATORS.iter().find(|(other, ..)| *other == sign)?;
        Some((*level, *operator))
    }

    fn unary(&mut self) -> Result<Node, Flaw> {
        let at = self.at;
        if self.take("!")? {
            let operand = self.nested(Self::unary)?;
            return self.node(Kind::Not(Box::new(operand)), at);
        }
        if !self.take("-")? {
            return self.member();
        }
        if matches!(self.token, Token::Int(..) | Token::Double(_)) {
            let number = self.number(true, at)?;
            return self.postfix(number);
        }
        let operand = self.nested(Self::unary)?;
        self.node(Kind::Negate(Box::new(operand)), at)
    }

    fn member(&mut self) -> Result<Node, Flaw> {
        let primary = self.primary()?;
        self.postfix(primary)
    }

    /// The members, indexes and method calls that follow a value.
    fn postfix(&mut self, mut target: Node) -> Result<Node, Flaw> {
        loop {
            let at = self.at;
            if self.take(".")? {
                let Token::Word(name) = self.token else {
                    return Err(self.unexpected("the name of a member"));
                };
                let at = self.at;
                self.advance()?;
                target = if self.take("(")? {
                    self.method(target, name, at)?
                } else {
                    self.node(Kind::Select(Box::new(target), name.into()), at)?
                };
            } else if self.take("[")? {
                let index = self.nested(Self::expression)?;
                self.expect("]")?;
                target = self.node(Kind::index(target, index), at)?;
            } else {
                return Ok(target);
            }
        }
    }

    fn primary(&mut self) -> Result<Node, Flaw> {
        let at = self.at;
        let value = match &self.token {
            Token::Int(..) | Token::UInt(..) | Token::Double(_) => return self.number(false, at),
            Token::Word(word) => return self.word(word),
            Token::Sign("(") => {
                self.advance()?;
                let inner = self.nested(Self::expression)?;
                self.expect(")")?;
                return Ok(inner);
            }
            Token::Sign("[") => {
                self.advance()?;
                let mut items = Vec::new();
                self.elements("]", &mut items)?;
                return self.node(Kind::list(items), at);
            }
            Token::Sign("{") => {
                self.advance()?;
                return self.map(at);
            }
            Token::Text(text) => Value::text(text.as_str()),
            Token::Bytes(bytes) => Value::Bytes(bytes.as_slice().into()),
            Token::Sign(_) | Token::End => return Err(self.unexpected("a value")),
        };
        self.advance()?;
        self.node(Kind::Literal(value), at)
    }

    fn number(&mut self, negative: bool, at: usize) -> Result<Node, Flaw> {
        let signed = |digits: &str| {
            if negative {
                format!("-{digits}")
            } else {
                digits.to_owned()
            }
        };
        let value = match self.token {
            Token::Int(digits, radix) => i64::from_str_radix(&signed(digits), radix)
                .map(Value::Int)
                .ok(),
            Token::UInt(digits, radix) => u64::from_str_radix(digits, radix).map(Value::UInt).ok(),
            Token::Double(number) => Some(Value::Double(if negative { -number } else { number })),
            Token::Word(_) | Token::Text(_) | Token::Bytes(_) | Token::Sign(_) | Token::End => None,
        };
        let Some(value) = value else {
            return Err(Flaw::syntax(
                at,
                "a number that is malformed or beyond 64 bits",
            ));
        };
        self.advance()?;
        self.node(Kind::Literal(value), at)
    }

    /// A variable, a call, or one of the words that are values.
    fn word(&mut self, word: &'a str) -> Result<Node, Flaw> {
        let at = self.at;
        self.advance()?;
        if self.take("(")? {
            if word == "has" {
                return self.has(at);
            }
            let mut arguments = Vec::new();
            self.elements(")", &mut arguments)?;
            return match self.variable(word) {
                Some(variable) if !self.own.is_empty() => self.lookup(variable, arguments, at),
                _ => self.call(word, false, arguments, at),
            };
        }
        let local = self.locals.iter().rposition(|name| &**name == word);
        let kind = if let Some(slot) = local {
            Kind::Local(Local {
                slot: u16::try_from(slot).unwrap_or(u16::MAX),
                name: Arc::clone(&self.locals[slot]),
            })
        } else if let Some(variable) = self.variable(word) {
            Kind::Variable(variable)
        } else {
            match word {
                "true" => Kind::Literal(Value::Bool(true)),
                "false" => Kind::Literal(Value::Bool(false)),
                "null" => Kind::Literal(Value::Null),
                "in" => return Err(Flaw::syntax(at, "expected a value, found `in`")),
                _ => {
                    let known = match self.own {
                        [] => "event, async and vars".to_owned(),
                        own => own.join(", "),
                    };
                    let message = format!(
                        "there is no variable `{}`; those of an expression are {known}",
                        shown(word)
                    );
                    return Err(Flaw::new(CompileErrorKind::UnknownName, at, message));
                }
            }
        };
        self.node(kind, at)
    }

    fn variable(&self, name: &str) -> Option<Variable> {
        if self.own.is_empty() {
            return Variable::ALL.into_iter().find(|it| it.name() == name);
        }
        let own = self.own.iter().find(|own| **own == name);
        own.map(|own| Variable::Own(own))
    }

    /// `step("name")`
    fn lookup(&mut self, variable: Variable, keys: Vec<Node>, at: usize) -> Result<Node, Flaw> {
        let name = variable.name();
        let [key] = <[Node; 1]>::try_from(keys).map_err(|keys| {
            let message = format!("`{name}` takes one argument, not {}", keys.len());
            Flaw::new(CompileErrorKind::Arguments, at, message)
        })?;
        let variable = self.node(Kind::Variable(variable), at)?;
        self.node(Kind::index(variable, key), at)
    }

    /// Expressions between commas, up to and including `end`.
    fn elements(&mut self, end: &'static str, out: &mut Vec<Node>) -> Result<(), Flaw> {
        while !self.take(end)? {
            out.push(self.nested(Self::expression)?);
            if !self.take(",")? {
                return self.expect_after(end, "`,`");
            }
        }
        Ok(())
    }

    /// `{key: value}`, after the brace.
    fn map(&mut self, at: usize) -> Result<Node, Flaw> {
        let mut entries = Vec::new();
        while !self.take("}")? {
            let key = self.nested(Self::expression)?;
            self.expect(":")?;
            let value = self.nested(Self::expression)?;
            entries.push([key, value]);
            if !self.take(",")? {
                self.expect_after("}", "`,`")?;
                break;
            }
        }
        self.node(Kind::map(entries), at)
    }

    /// Makes a node, unless the expression becomes too large.
    fn node(&mut self, kind: Kind, at: usize) -> Result<Node, Flaw> {
        self.nodes += 1;
        if self.nodes > EXPRESSION_NODES_MAX {
            let message = format!("the expression has more than {EXPRESSION_NODES_MAX} parts");
            return Err(Flaw::new(CompileErrorKind::Limit, at, message));
        }
        // The length of the text is bounded far below that.
        let node = Node::new(kind, u32::try_from(at).unwrap_or(u32::MAX));
        if usize::from(node.depth) > EXPRESSION_DEPTH_MAX {
            return Err(too_deep(at));
        }
        Ok(node)
    }

    /// Reads what lies one level deeper.
    fn nested(&mut self, read: fn(&mut Self) -> Result<Node, Flaw>) -> Result<Node, Flaw> {
        if self.nesting == EXPRESSION_DEPTH_MAX {
            return Err(too_deep(self.at));
        }
        self.nesting += 1;
        let node = read(self)?;
        self.nesting -= 1;
        Ok(node)
    }

    fn advance(&mut self) -> Result<(), Flaw> {
        (self.token, self.at) = self.tokens.next()?;
        Ok(())
    }

    /// Whether this sign is next; then it is passed.
    fn take(&mut self, sign: &'static str) -> Result<bool, Flaw> {
        let found = self.token == Token::Sign(sign);
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    fn expect(&mut self, sign: &'static str) -> Result<(), Flaw> {
        match self.take(sign)? {
            true => Ok(()),
            false => Err(self.unexpected(&format!("`{sign}`"))),
        }
    }

    fn expect_after(&mut self, sign: &'static str, or: &str) -> Result<(), Flaw> {
        match self.take(sign)? {
            true => Ok(()),
            false => Err(self.unexpected(&format!("{or} or `{sign}`"))),
        }
    }

    fn unexpected(&self, expected: &str) -> Flaw {
        let message = format!("expected {expected}, found {}", self.token.describe());
        Flaw::syntax(self.at, message)
    }
}

fn too_deep(at: usize) -> Flaw {
    let message = format!("the expression is nested more than {EXPRESSION_DEPTH_MAX} levels deep");
    Flaw::new(CompileErrorKind::Limit, at, message)
}
