//! The stores, seen from outside.
#![allow(clippy::unwrap_used, reason = "what goes wrong in a test fails it")]

mod conformance;
mod sqlite;
