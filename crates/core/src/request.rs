//! Requests that the server makes for a step: `step.fetch` and `step.ai.infer` (sdk-protocol §9).
//!
//! The app asks for a request with an op. It is made under a job of its own, as a call would be, and
//! holds a slot. When it fails, the job is tried again as a call: the app is asked for the request
//! once more (§9.3), so what it holds, keys above all, is never stored.

use std::time::Duration;

use everstep_protocol::gateway::{
    AiRequest, GatewayRequest, OutboundError, OutboundRequest, OutboundResponse,
};
use everstep_protocol::metadata::{MetadataOperation, MetadataUpdate, kind};
use everstep_protocol::{JobId, Json, RequestId, Timestamp, UserError};

use crate::change::Change;
use crate::effect::{Effect, Request, Update};
use crate::record::{
    AttemptOutcome, AttemptRecord, JobRecord, MetadataTarget, StepRecord, StepStatus, StepTrace,
    WaitReason,
};
use crate::run::{Overflow, Run};
use crate::shard::Shard;
use crate::turn::Turn;

/// A request as the app asked for it.
#[derive(Clone, Debug)]
pub(crate) enum StepRequest {
    Fetch(GatewayRequest),
    Infer(AiRequest),
}

/// The end of a request.
#[derive(Clone, Debug)]
pub struct RequestEnded {
    pub job: JobId,
    pub generation: u32,
    pub request: RequestId,
    pub result: Result<OutboundResponse, OutboundError>,
    pub started_at: Timestamp,
    pub duration: Duration,
}

impl StepRequest {
    fn outbound(&self) -> &OutboundRequest {
        match self {
            Self::Fetch(request) => request.outbound(),
            Self::Infer(request) => request.outbound(),
        }
    }

    /// What is kept of the request beside its result.
    pub(crate) fn trace(&self) -> StepTrace {
        let redacted = match self {
            Self::Fetch(request) => request.redacted(),
            Self::Infer(request) => request.redacted(),
        };
        StepTrace {
            request: Some(redacted),
            ..StepTrace::default()
        }
    }

    /// What is noted of a response to it.
    fn noted(&self, response: &OutboundResponse) -> MetadataUpdate {
        let (kind, values) = match self {
            Self::Fetch(request) => (kind::HTTP, request.metadata(response)),
            Self::Infer(request) => (kind::AI, request.metadata(response)),
        };
        MetadataUpdate::by_server(kind, MetadataOperation::Set, values)
    }

    /// The value to memoize, or why the attempt failed.
    fn outcome(
        &self,
        result: Result<&OutboundResponse, &OutboundError>,
    ) -> Result<Json, UserError> {
        match self {
            Self::Fetch(_) => GatewayRequest::outcome(result),
            Self::Infer(request) => request.outcome(result),
        }
    }
}

impl Shard {
    /// Make the request of a job that holds a slot.
    pub(crate) fn request(&mut self, turn: &mut Turn, mut run: Run, job: &JobRecord) {
        if let Some(request) = run.request(job.id) {
            turn.effects.push(Effect::Request(Box::new(Request {
                job: job.id,
                generation: job.generation,
                id: turn.entropy.request_id(turn.now),
                outbound: request.outbound().clone(),
            })));
        }
        run.call_begins(job.id);
        self.calling(turn, job.id, job.generation);
        turn.touch(run.record.id);
        self.runs.insert(run.record.id, run);
    }

    pub(crate) fn request_ended(&mut self, turn: &mut Turn, ended: RequestEnded) {
        if !self.free(turn, ended.job, ended.generation) {
            return;
        }
        let Some(mut run) = self.runs.remove(&ended.job.run) else {
            // The run has ended meanwhile.
            return;
        };
        run.call_ends(ended.job);
        turn.touch(ended.job.run);
        let request = run.take_request(ended.job);
        let job = run.job(ended.job).cloned();
        let step = job
            .as_ref()
            .and_then(|job| run.open_step(job.kind.step()?).cloned());
        let (Some(request), Some(job), Some(step)) = (request, job, step) else {
            self.runs.insert(ended.job.run, run);
            return;
        };
        let outcome = request.outcome(ended.result.as_ref());
        if let Ok(response) = &ended.result
            && let Some(metadata) = self.metadata.of(ended.job.run)
        {
            let target = MetadataTarget::Step(step.id.clone());
            metadata.note(turn, &target, &request.noted(response));
        }
        let applied = settle(self, turn, &mut run, &job, step, outcome, &ended);
        self.keep_or_fail(turn, run, applied);
    }
}

/// Memoize what came of a request, or try again.
fn settle(
    shard: &Shard,
    turn: &mut Turn,
    run: &mut Run,
    job: &JobRecord,
    mut step: StepRecord,
    outcome: Result<Json, UserError>,
    ended: &RequestEnded,
) -> Result<(), UserError> {
    let is_final = matches!(&ended.result, Err(error) if error.no_retry);
    let error = outcome.as_ref().err().cloned();
    let tried_again = error.is_some() && !is_final && job.attempt + 1 < run.record.max_attempts;
    turn.change(Change::PutAttempt(AttemptRecord {
        job: job.id,
        request: ended.request,
        generation: ended.generation,
        attempt: job.attempt,
        step: Some(step.id.clone()),
        outcome: match (&error, tried_again) {
            (None, _) => AttemptOutcome::Succeeded,
            (Some(_), true) => AttemptOutcome::Retried,
            (Some(_), false) => AttemptOutcome::Failed,
        },
        due_at: job.due_at,
        started_at: ended.started_at,
        duration: ended.duration,
        timing: None,
        http_status: ended.result.as_ref().ok().map(|response| response.status),
        error: error.clone(),
    }));
    let value = match outcome {
        Ok(value) => {
            step.status = StepStatus::Completed;
            value
        }
        Err(error) if tried_again => {
            let retry_at = shard
                .config
                .retry
                .next(job.attempt, turn.now, &mut turn.entropy);
            turn.publish(Update::AttemptFailed {
                run: run.record.id,
                function: run.record.function,
                step: Some(step.name.to_string()),
                attempt: job.attempt + 1,
                max_attempts: run.record.max_attempts,
                retry_at,
                error,
            });
            step.status = StepStatus::Retrying;
            run.put_open(turn, step);
            run.put_job(
                turn,
                JobRecord {
                    due_at: retry_at,
                    reason: WaitReason::Backoff,
                    attempt: job.attempt + 1,
                    generation: job.generation + 1,
                    ..job.clone()
                },
            );
            return Ok(());
        }
        Err(error) => {
            step.status = StepStatus::Failed;
            error.memoized()
        }
    };
    let mode = step.mode;
    run.memoize(turn, step, value).map_err(Overflow::to_error)?;
    if run.discovers_after(mode) {
        run.discover(turn);
    }
    Ok(())
}
