//! The server as its clients see it: in this process over HTTP, or as a process of its own.

#![allow(clippy::unwrap_used, reason = "a test that panics says where")]

mod app_actions;
mod apps;
mod attributes;
mod cancellations;
mod checkpoints;
mod cli;
mod control;
mod edge;
mod endpoints;
mod errors;
mod events;
mod explain;
mod flow;
mod graphql;
mod live;
mod metadata;
mod metrics;
mod openapi;
mod operations;
mod process;
mod reads;
mod register;
mod replies;
mod run_actions;
mod run_lists;
mod scores;
mod search;
mod support;
mod system;
mod trace;
mod ui;
mod userland;
mod v2;
