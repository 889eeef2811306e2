//! Errors as user code sees them: thrown by user code, or made by the server on its behalf.

use crate::Json;

/// An error in the normal form of sdk-protocol §5.4: `{name, message, stack?, cause?, …}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserError {
    pub name: String,
    pub message: String,
    /// The whole error object, canonical; `name` and `message` are members of it.
    pub json: Json,
}
