//! The decisions of Everstep: a pure state machine.
//!
//! A [`Shard`] is given one [`Input`] at a time and answers with a [`Decision`]: the [`Change`]s to
//! commit and the [`Effect`]s to carry out once they are committed. It has no async, no I/O, no
//! clock, no randomness, no threads: the time and the entropy of a decision come with the input,
//! so the same inputs give the same outputs, byte for byte.
//!
//! | to find | open |
//! |---|---|
//! | what happens when an event arrives, a call ends, a checkpoint comes in, … | `input/`, one file each |
//! | how an event is compared with what waits for it | `reception.rs` |
//! | what an op does: a step's result, an error, a sleep, … | `op/`, one file each |
//! | which job runs next | `schedule/` |
//! | how much may run, and what of it is used | [`flow`] |
//! | events that are held back for a run | [`held`] |
//! | what an expression of an app means | `expression/` |
//! | which functions an event triggers | `registry.rs`, `function.rs` |
//! | how a run is scheduled | `start.rs` |
//! | values by which runs are found | [`attributes`] |
//! | when schedules fire | `ticks.rs`, [`cron`] |
//! | what runs wait for, and what ends a wait | `waits.rs`, `resolve.rs` |
//! | runs that an app executes while a client waits | `endpoint.rs`, `input/endpoint.rs` |
//! | runs that start runs | [`invoke`] |
//! | runs that are started when a run ends | `defers.rs` |
//! | what is noted about runs and steps | `metadata.rs`, `input/metadata.rs`, `op/metadata.rs` |
//! | requests that the server makes for steps | `request.rs` |
//! | how a run starts with its first call | `first_call.rs` |
//! | what an answer means for its job | `progress.rs` |
//! | how a run ends | `finish.rs` |
//! | which errors are the same | `failure.rs` |
//! | how many runs are cancelled at once | `input/cancellations.rs` |
//! | when a failed job is tried again | [`retry`] |
//! | when a cron trigger fires | [`cron`] |
//! | why something does not run | [`inspect`] |
//! | how people steer what runs | `input/control.rs`, `input/run_control.rs` |
//! | how a run is run once more | [`rerun`], `input/rerun.rs` |
//! | what is done to many runs | `input/operations.rs` |
//! | what is persisted | [`record`], [`change`] |
//! | every bound | [`limits`] |

pub mod attributes;
pub mod change;
pub mod cron;
mod defers;
pub mod effect;
mod endpoint;
mod entropy;
pub mod expression;
mod failure;
mod finish;
mod first_call;
pub mod flow;
pub mod function;
pub mod held;
mod idempotency;
pub mod input;
pub mod inspect;
pub mod invoke;
pub mod limits;
mod metadata;
mod op;
mod progress;
mod reception;
pub mod record;
mod registry;
mod request;
pub mod rerun;
mod resolve;
pub mod retry;
mod run;
mod schedule;
mod shard;
mod start;
pub mod ticks;
mod turn;
mod waits;

pub use change::Change;
pub use effect::Effect;
pub use input::Input;
pub use shard::{Shard, ShardConfig};
pub use turn::{Decision, Moment};
