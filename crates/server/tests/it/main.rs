//! The server as its clients see it: in this process over HTTP, or as a process of its own.

#![allow(clippy::unwrap_used, reason = "a test that panics says where")]

mod apps;
mod cancellations;
mod checkpoints;
mod control;
mod edge;
mod endpoints;
mod events;
mod explain;
mod flow;
mod metadata;
mod process;
mod reads;
mod register;
mod replies;
mod scores;
mod support;
mod trace;
mod userland;
