//! People steer what runs, and ask why it does not.

use std::sync::Arc;

use everstep_core::Input;
use everstep_core::effect::Answer;
use everstep_core::input::{Control, ControlRefusal};
use everstep_core::inspect::{Inspection, Report};
use everstep_protocol::{AuditId, RunId};

use super::{Engine, EngineError};

/// Why nothing was done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ControlError {
    #[error(transparent)]
    Refused(ControlRefusal),
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl Engine {
    /// Pause, override, fire, release, cancel or hasten something; it is durable when this returns,
    /// and in the audit log, with the name of who does it. The run that it starts, if it starts one.
    pub async fn control(
        &self,
        actor: Option<Arc<str>>,
        control: Control,
    ) -> Result<Option<RunId>, ControlError> {
        // Above every one given before, so that the log tells the order also within a millisecond.
        let before = self.shared.reserve_ids(self.shared.parts.clock.now(), 1);
        let id = AuditId::from_bytes((before + 1).to_be_bytes());
        let input = |reply_to| Input::Control {
            control: Box::new(control),
            id,
            actor,
            reply_to,
        };
        match self.ask(false, input).await? {
            Answer::Controlled(done) => done.map_err(ControlError::Refused),
            other => unreachable!("a control is answered as one, not as {other:?}"),
        }
    }

    /// What the shard knows of calls or of a function. Looking changes nothing.
    pub async fn inspect(&self, inspection: Inspection) -> Result<Report, EngineError> {
        let input = |reply_to| Input::Inspect {
            inspection,
            reply_to,
        };
        match self.ask(false, input).await? {
            Answer::Inspected(report) => Ok(*report),
            other => unreachable!("an inspection is answered as one, not as {other:?}"),
        }
    }
}
