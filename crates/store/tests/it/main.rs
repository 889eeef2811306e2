//! The stores, seen from outside.

mod conformance;
mod sqlite;
