//! Errors as user code sees them: thrown by user code, or made by the server on its behalf.

use crate::Json;
use crate::json::tree::{Node, Tree};
use crate::op::memoized;

/// Wrappers (`{"error":{…}}`, text within text) that are opened to find an error.
const WRAPPERS_MAX: usize = 8;
const NAME_DEFAULT: &str = "Error";
const MESSAGE_DEFAULT: &str = "Unknown error";
/// A mark that SDKs put on errors for themselves; deployed servers store errors without it.
const SDK_MARK: &str = "__serialized";
/// What a step returned beside its error. Null is a result too: GO asks for it back as it was, and
/// fails the function without it. Of all other members null means that there is none.
const RESULT: &str = "data";

/// An error in the normal form of sdk-protocol §5.4: `{name, message, stack?, cause?, …}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserError {
    /// Such as `TypeError`; `Error` if the source gave none.
    pub name: String,
    /// `Unknown error` if the source gave none.
    pub message: String,
    /// The whole error object, canonical; `name` and `message` are members of it.
    pub json: Json,
}

impl UserError {
    /// An error of a name and a message.
    pub fn new(name: &str, message: &str) -> Self {
        Self::build(name, message, Vec::new())
    }

    /// An error with a stack trace (or another long text that explains it).
    pub fn with_stack(name: &str, message: &str, stack: &str) -> Self {
        Self::build(name, message, vec![("stack", Json::string(stack))])
    }

    /// An error that the server made: `code` tells machines what `message` tells people
    /// (server-semantics §3.12).
    pub fn with_code(name: &str, message: &str, code: &str) -> Self {
        Self::build(name, message, vec![("code", Json::string(code))])
    }

    /// The same error with one more member, or another value of it. `name` and `message` stay as
    /// they are.
    #[must_use]
    pub fn with_member(self, name: &str, value: Json) -> Self {
        let mut members: Vec<_> = self.json.members().collect();
        members.push((name.to_owned(), value));
        let others = members
            .iter()
            .map(|(name, value)| (name.as_str(), value.clone()))
            .collect();
        Self::build(&self.name, &self.message, others)
    }

    /// Reads the body of an error reply, whatever it is (sdk-protocol §5.4): an error object;
    /// an object with the error in `error` or `body`; JSON within a JSON string; or plain text,
    /// which becomes the message.
    ///
    /// ```
    /// # use everstep_protocol::UserError;
    /// let error = UserError::from_body(br#"{"error":{"name":"TypeError","message":"no"}}"#);
    /// assert_eq!((error.name.as_str(), error.message.as_str()), ("TypeError", "no"));
    /// ```
    pub fn from_body(body: &[u8]) -> Self {
        let text = String::from_utf8_lossy(body);
        Self::from_text(text.trim(), WRAPPERS_MAX)
    }

    /// Reads an error as an op carries it, in any of the forms of [`UserError::from_body`].
    pub fn from_json(json: &Json) -> Self {
        Self::from_text(json.as_str(), WRAPPERS_MAX)
    }

    /// The stack trace, if the error has one.
    pub fn stack(&self) -> Option<String> {
        self.json.member_text("stack")
    }

    /// The `code` member, if it is a text.
    pub fn code(&self) -> Option<String> {
        self.json.member_text("code")
    }

    /// The value that calls carry for a step that failed with this error: `{"error":{…}}`.
    pub fn memoized(&self) -> Json {
        memoized("error", self.json.as_str())
    }

    /// A number that is the same for errors that look the same to a person: the FNV-1a hash of the
    /// name, the message with numbers and ids replaced, and the function and file of the first
    /// stack frame without line numbers. Stable across processes and versions.
    pub fn fingerprint(&self) -> u64 {
        crate::fingerprint::of(&self.name, &self.message, self.stack().as_deref())
    }

    pub(crate) fn from_node(node: Node<'_, '_>) -> Self {
        Self::read(node, WRAPPERS_MAX)
    }

    fn from_text(text: &str, wrappers: usize) -> Self {
        match Tree::parse(text.as_bytes()) {
            Ok(tree) => Self::read(tree.root(), wrappers),
            Err(_) if text.is_empty() => Self::new(NAME_DEFAULT, MESSAGE_DEFAULT),
            Err(_) => Self::new(NAME_DEFAULT, text),
        }
    }

    fn read(node: Node<'_, '_>, wrappers: usize) -> Self {
        if let Some(inner) = wrapped(node).filter(|_| wrappers > 0) {
            return Self::read(inner, wrappers - 1);
        }
        if node.is_object() {
            return Self::from_object(node);
        }
        match node.as_text() {
            Some(text) if wrappers > 0 => Self::from_text(&text, wrappers - 1),
            Some(text) => Self::new(NAME_DEFAULT, &text),
            None if node.is_null() => Self::new(NAME_DEFAULT, MESSAGE_DEFAULT),
            None => Self::new(NAME_DEFAULT, &node.canonical()),
        }
    }

    fn from_object(node: Node<'_, '_>) -> Self {
        let text = |name: &str| {
            node.present(name).map(|node| match node.as_text() {
                Some(text) => text,
                None => node.canonical(),
            })
        };
        let name = node.member_text("name").filter(|name| !name.is_empty());
        let name = name.as_deref().unwrap_or(NAME_DEFAULT);
        let message = text("message").or_else(|| text("error"));
        let message = message.as_deref().unwrap_or(MESSAGE_DEFAULT);
        let members: Vec<_> = node
            .members()
            .filter(|(name, value)| !value.is_null() || name == RESULT)
            .collect();
        let others = members
            .iter()
            .map(|(name, node)| (name.as_ref(), node.to_json()))
            .collect();
        Self::build(name, message, others)
    }

    fn build(name: &str, message: &str, mut members: Vec<(&str, Json)>) -> Self {
        members.retain(|(name, _)| *name != SDK_MARK);
        // Of equal names the last one wins.
        members.push(("name", Json::string(name)));
        members.push(("message", Json::string(message)));
        Self {
            name: name.to_owned(),
            message: message.to_owned(),
            json: Json::object(members),
        }
    }
}

/// What is in an object that only wraps an error.
fn wrapped<'t, 'a>(node: Node<'t, 'a>) -> Option<Node<'t, 'a>> {
    let present = |name| node.present(name);
    if present("name").or_else(|| present("message")).is_some() {
        return None;
    }
    match present("error") {
        Some(error) => Some(error).filter(|error| error.is_object()),
        None => present("body").filter(|body| body.is_object() || body.is_text()),
    }
}
