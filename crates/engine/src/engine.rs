//! The engine as the server sees it.

use std::sync::Arc;
use std::time::Duration;

use everstep_core::ShardConfig;
use everstep_core::effect::{CheckpointRefusal, Update};
use everstep_protocol::event::{EventInput, EventSeed};
use everstep_protocol::op::Op;
use everstep_protocol::sync::AppSync;
use everstep_protocol::{AppId, EventId, JobId, RunId};
use everstep_store::Store;
use tokio::sync::broadcast;

use crate::Caller;
use crate::rt::{Clock, Random};

/// What an engine is made of.
pub struct Parts {
    pub store: Arc<dyn Store>,
    pub caller: Arc<dyn Caller>,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
}

/// How an engine behaves.
#[derive(Clone, Debug)]
pub struct EngineConfig {
    pub shard: ShardConfig,
    /// Inputs that may wait for the driver; beyond, clients are told that the server is busy.
    pub inputs_waiting_max: usize,
}
