//! Words, numbers, literals and signs: the lexical part of the grammar.
//!
//! Does not know what a sequence of tokens means.

use super::error::{Flaw, shown};
use super::literal::{unescape_bytes, unescape_text};

/// One token.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token<'a> {
    /// A variable, a function, a member, or one of the words `true`, `false`, `null`, `in`.
    Word(&'a str),
    /// Digits of an integer without its sign, in the given base.
    Int(&'a str, u32),
    /// Those of an unsigned integer, without its `u`.
    UInt(&'a str, u32),
    Double(f64),
    Text(String),
    Bytes(Vec<u8>),
    Sign(&'static str),
    End,
}

impl Token<'_> {
    /// What a message calls it.
    pub(super) fn describe(&self) -> String {
        match self {
            Token::Word(word) => format!("`{}`", shown(word)),
            Token::Int(..) | Token::UInt(..) | Token::Double(_) => "a number".to_owned(),
            Token::Text(_) => "a string".to_owned(),
            Token::Bytes(_) => "bytes".to_owned(),
            Token::Sign(sign) => format!("`{sign}`"),
            Token::End => "the end of the expression".to_owned(),
        }
    }
}

/// Longer signs come before those that they begin with.
const SIGNS: [&str; 24] = [
    "&&", "||", "==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "%", "!", "?", ":", ".", ",",
    "(", ")", "[", "]", "{", "}",
];

/// Letters before the quote of a literal, such as `br`.
const PREFIX_MAX: usize = 2;

const QUOTES: [&str; 4] = ["'''", "\"\"\"", "'", "\""];

/// Cuts a text into tokens, one at a time.
pub(super) struct Tokens<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Tokens<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// The next token and where it starts.
    pub(super) fn next(&mut self) -> Result<(Token<'a>, usize), Flaw> {
        self.skip_space();
        let start = self.at;
        let rest = &self.text[start..];
        let Some(first) = rest.chars().next() else {
            return Ok((Token::End, start));
        };
        let token = if let Some(literal) = self.literal()? {
            literal
        } else if first.is_ascii_alphabetic() || first == '_' {
            Token::Word(self.take_while(is_word))
        } else if starts_number(rest) {
            self.number()?
        } else if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            self.at += sign.len();
            Token::Sign(sign)
        } else {
            let hint = match first {
                '=' => "; equality is `==`",
                '&' => "; the conjunction is `&&`",
                '|' => "; the disjunction is `||`",
                _ => "",
            };
            let message = format!("unexpected character {first:?}{hint}");
            return Err(Flaw::syntax(start, message));
        };
        Ok((token, start))
    }

    /// White space and comments, which go from `//` to the end of the line.
    fn skip_space(&mut self) {
        loop {
            let rest = self.text[self.at..].trim_start();
            self.at = self.text.len() - rest.len();
            if !rest.starts_with("//") {
                return;
            }
            self.at += rest.find('\n').unwrap_or(rest.len());
        }
    }

    fn take_while(&mut self, wanted: fn(char) -> bool) -> &'a str {
        let rest = &self.text[self.at..];
        let end = rest.find(|c| !wanted(c)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    /// A string or bytes literal, if there is one.
    fn literal(&mut self) -> Result<Option<Token<'a>>, Flaw> {
        let start = self.at;
        let rest = &self.text[start..];
        let is_quote = |(_, c): &(usize, char)| matches!(c, '\'' | '"');
        let Some((prefix_len, _)) = rest.char_indices().take(PREFIX_MAX + 1).find(is_quote) else {
            return Ok(None);
        };
        let prefix = &rest[..prefix_len];
        let (bytes, raw) = match prefix {
            "" => (false, false),
            "r" | "R" => (false, true),
            "b" | "B" => (true, false),
            "br" | "bR" | "Br" | "BR" => (true, true),
            _ => return Ok(None),
        };
        let quoted = &rest[prefix_len..];
        let Some(quote) = QUOTES.iter().find(|quote| quoted.starts_with(**quote)) else {
            return Ok(None);
        };
        let Some(len) = inner_len(&quoted[quote.len()..], quote, raw) else {
            return Err(Flaw::syntax(start, "a string that is not closed"));
        };
        let inner = &quoted[quote.len()..quote.len() + len];
        self.at += prefix_len + len + 2 * quote.len();
        Ok(Some(match (bytes, raw) {
            (false, false) => Token::Text(unescape_text(inner)),
            (false, true) => Token::Text(inner.to_owned()),
            (true, false) => Token::Bytes(unescape_bytes(inner)),
            (true, true) => Token::Bytes(inner.as_bytes().to_vec()),
        }))
    }

    fn number(&mut self) -> Result<Token<'a>, Flaw> {
        let start = self.at;
        let rest = &self.text[start..];
        let token = if rest.starts_with("0x") || rest.starts_with("0X") {
            self.at += 2;
            let digits = self.take_while(|c| c.is_ascii_hexdigit());
            self.whole(digits, 16)
        } else {
            let whole = self.take_while(|c| c.is_ascii_digit());
            let len = whole.len() + fraction_len(&rest[whole.len()..]);
            if len == whole.len() {
                self.whole(whole, 10)
            } else {
                self.at = start + len;
                let number: f64 = rest[..len].parse().unwrap_or(f64::INFINITY);
                if !number.is_finite() {
                    return Err(Flaw::syntax(start, "a number beyond the doubles"));
                }
                Token::Double(number)
            }
        };
        if self.text[self.at..].starts_with(is_word) {
            return Err(Flaw::syntax(start, "a malformed number"));
        }
        Ok(token)
    }

    fn whole(&mut self, digits: &'a str, radix: u32) -> Token<'a> {
        if self.text[self.at..].starts_with(['u', 'U']) {
            self.at += 1;
            return Token::UInt(digits, radix);
        }
        Token::Int(digits, radix)
    }
}

pub(super) fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

fn starts_number(text: &str) -> bool {
    let digits = text.strip_prefix('.').unwrap_or(text);
    digits.starts_with(|c: char| c.is_ascii_digit())
}

/// The length of what follows the whole part of a double: `.5`, `e3`, `.5e-3`.
fn fraction_len(text: &str) -> usize {
    let digits = |from: usize| {
        let rest = &text[from..];
        from + rest
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(rest.len())
    };
    let mut end = 0;
    if text.starts_with('.') && digits(1) > 1 {
        end = digits(1);
    }
    if text[end..].starts_with(['e', 'E']) {
        let sign = usize::from(text[end + 1..].starts_with(['+', '-']));
        let from = end + 1 + sign;
        if digits(from) > from {
            end = digits(from);
        }
    }
    end
}

/// The length of what stands before the closing quote. Strings in single quotes end with the line.
fn inner_len(text: &str, quote: &str, raw: bool) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at..].starts_with(quote.as_bytes()) {
            return Some(at);
        }
        at += match bytes[at] {
            b'\\' if !raw => 2,
            b'\n' | b'\r' if quote.len() == 1 => return None,
            _ => 1,
        };
    }
    None
}
