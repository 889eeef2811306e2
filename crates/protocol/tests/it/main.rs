//! Tests of the public API over recorded wire data (`tests/data`) and over random input.

#![allow(
    clippy::unwrap_used,
    reason = "helpers of tests fail the test by panicking, as tests themselves do"
)]

mod calls;
mod config;
mod defers;
mod endpoints;
mod errors;
mod events;
mod flow_control;
mod gateway;
mod json;
mod metadata;
mod ops;
mod properties;
mod replies;
mod support;
mod sync;
mod time;
mod tokens;
mod vectors;
