//! Finding what happened.
//!
//! | module | owns |
//! |---|---|
//! | [`filter`] | conditions on runs by name and value |

pub mod filter;

pub use self::filter::{Filter, FilterProblem};
