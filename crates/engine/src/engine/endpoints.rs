//! Runs that an app executes itself while a client waits (sdk-protocol §7.4).

use everstep_core::Input;
use everstep_core::effect::{Answer, EndpointRun};
use everstep_core::input::{EndpointSteps, StartEndpoint};
use everstep_protocol::endpoint::EndpointStart;
use everstep_protocol::op::Op;
use everstep_protocol::{EventId, RunId};

use super::{CheckpointError, Engine, record};

impl Engine {
    /// An app starts a run; that and what happened so far is durable when this returns.
    pub async fn endpoint_start(
        &self,
        start: EndpointStart,
    ) -> Result<EndpointRun, CheckpointError> {
        let now = self.shared.parts.clock.now();
        let id = EventId::from_bytes((self.shared.reserve_ids(now, 1) + 1).to_be_bytes());
        let input = |reply_to| {
            Input::StartEndpoint(Box::new(StartEndpoint {
                run: start.run,
                app: start.app,
                url: start.url,
                function: start.function,
                sdk: start.sdk,
                event: record(id, &start.event, now),
                ops: start.ops,
                request_version: start.request_version,
                max_attempts: start.retries + 1,
                idempotency: start.idempotency,
                reply_to,
            }))
        };
        match self.ask(false, input).await? {
            Answer::EndpointStarted(result) => result.map_err(CheckpointError::Refused),
            other => unreachable!("a start is answered as a start, not as {other:?}"),
        }
    }

    /// An app reports how such a run goes on; that is durable when this returns.
    pub async fn endpoint_steps(&self, run: RunId, ops: Vec<Op>) -> Result<(), CheckpointError> {
        let input = |reply_to| Input::EndpointSteps(Box::new(EndpointSteps { run, ops, reply_to }));
        match self.ask(false, input).await? {
            Answer::Checkpoint(result) => result.map_err(CheckpointError::Refused),
            other => unreachable!("a checkpoint is answered as a checkpoint, not as {other:?}"),
        }
    }
}
