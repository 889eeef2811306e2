//! The async shell around `core`.
//!
//! | module | owns |
//! |---|---|
//! | `driver` | the loop of a shard: drain inputs, decide, commit, act |
//! | [`engine`] | the handle that the server uses |
//! | [`caller`] | the [`Caller`] trait, and calls over HTTP |
//! | [`gateway`] | the [`Gateway`] trait, and requests of steps over HTTP |
//! | [`egress`] | which addresses such requests may reach |
//! | [`search`] | the [`Searcher`] trait: which runs an operation is about |
//! | [`meter`] | counts of what was done, for metrics |
//! | [`http`] | the HTTP client: pooled, bounded, redirects, decompression |
//! | [`rt`] | time, entropy, tasks |
//!
//! # Contract
//!
//! Commit, then act: an effect is carried out only after the changes of its decision are durable.

pub mod caller;
mod driver;
pub mod egress;
pub mod engine;
pub mod gateway;
pub mod http;
pub mod meter;
pub mod rt;
pub mod search;

pub use caller::{Caller, HttpCaller};
pub use egress::EgressPolicy;
pub use engine::{
    Asker, BulkCancellation, BulkError, BulkOperation, CheckpointError, ControlError, Engine,
    EngineConfig, EngineError, LastPortion, MetadataError, Parts, RerunError, RetentionConfig,
    RetentionReport, StartError, Synced, asked_filter,
};
pub use gateway::{Gateway, HttpGateway};
pub use search::{NoSearch, NoSearcher, Searcher};
