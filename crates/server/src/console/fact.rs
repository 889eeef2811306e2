//! What there is to tell.

use std::time::Duration;

use everstep_core::effect::Update;
use everstep_core::record::RunStatus;

use super::Detail;
use crate::apps::Problem;

/// Something worth a line.
#[derive(Clone, Debug)]
pub enum Fact {
    /// The server is ready.
    Start(Box<Start>),
    /// An app answered for the first time, or its functions changed.
    AppSynced {
        name: String,
        url: String,
        sdk: String,
        framework: Option<String>,
        functions: usize,
        is_new: bool,
    },
    /// An app that had a problem answers again, unchanged.
    AppBack { name: Option<String>, url: String },
    /// An app can't be synced. Told once for each problem.
    AppProblem {
        name: Option<String>,
        url: String,
        problem: Problem,
    },
    /// Functions of an app ask for what this version does not do.
    Unsupported { app: String, features: Vec<String> },
    /// Something that the engine did.
    Update(Update),
    /// Something to know.
    Notice(String),
    /// Facts that were not told.
    LeftOut { count: u64 },
}

/// What the block at the start says.
#[derive(Clone, Debug)]
pub struct Start {
    pub version: &'static str,
    pub ready_in: Duration,
    pub origin: String,
    /// Where the dashboard is, if there is one.
    pub dashboard: Option<String>,
    /// The port that was asked for, if it was not free.
    pub port_wanted: Option<u16>,
    pub data: String,
    /// The line that an app needs in its environment.
    pub app_variable: String,
    /// Where apps are looked for.
    pub search: String,
}

impl Fact {
    pub(super) fn detail(&self) -> Detail {
        match self {
            Self::AppProblem { .. } | Self::Unsupported { .. } | Self::LeftOut { .. } => {
                Detail::Problems
            }
            Self::Start(_) | Self::AppSynced { .. } | Self::AppBack { .. } | Self::Notice(_) => {
                Detail::Normal
            }
            Self::Update(update) => match update {
                Update::EventReceived { name, .. } if name.starts_with("inngest/") => {
                    Detail::Everything
                }
                Update::EventReceived { .. } | Update::AppAvailable { .. } => Detail::Normal,
                Update::RunStarted { .. } | Update::AppSynced { .. } => Detail::Everything,
                Update::RunEnded {
                    status: RunStatus::Failed,
                    ..
                }
                | Update::AttemptFailed { .. }
                | Update::AppUnavailable { .. } => Detail::Problems,
                Update::RunEnded { .. } => Detail::Normal,
            },
        }
    }
}
