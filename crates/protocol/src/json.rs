//! JSON as canonical text.

use std::fmt;
use std::sync::Arc;

/// A JSON value as canonical text (RFC 8785): no insignificant white space, object members sorted
/// by UTF-16 code units, numbers printed as ECMAScript prints doubles. Cheap to clone.
///
/// User payloads are brought into this form once, when they enter the server. Stored bytes are
/// then copied into call requests as they are, and the signature over such a request is the
/// signature over its canonical form (sdk-protocol §1.5).
#[derive(Clone, PartialEq, Eq)]
pub struct Json(Arc<str>);

impl Json {
    /// Trusts that `text` is canonical: for texts that this process or an earlier one made with
    /// [`Json`] and stored.
    pub fn from_canonical(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }

    pub fn null() -> Self {
        Self(Arc::from("null"))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Size of the text in bytes.
    #[expect(clippy::len_without_is_empty, reason = "a JSON text is never empty")]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_null(&self) -> bool {
        &*self.0 == "null"
    }

    pub fn is_object(&self) -> bool {
        self.0.starts_with('{')
    }
}

impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
