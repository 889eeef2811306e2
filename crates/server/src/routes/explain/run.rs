//! Why a run does not go on.

use std::time::Duration;

use axum::extract::State;
use axum::response::Response;
use everstep_core::inspect::{CallReport, FunctionReport, Inspection, Place, Report};
use everstep_core::record::{
    AttemptRecord, CallStage, DueCall, JobKind, JobRecord, RunRecord, RunStatus, SkipRecord,
    StepRecord, WaitKind, WaitReason, WaitRecord,
};
use everstep_protocol::{StepId, Timestamp};
use serde_json::json;

use super::event::{skip_text, skip_view};
use super::find_function;
use super::limit::reason_of;
use super::near_miss::near_misses;
use super::reason::{Reason, millis, summary};
use crate::error::ApiError;
use crate::routes::params::PathText;
use crate::routes::v1::{envelope, run_id};
use crate::routes::v2::function_report;
use crate::routes::{Api, status_text};

/// A run and all that says why it waits.
struct Case {
    run: RunRecord,
    steps: Vec<StepRecord>,
    attempts: Vec<AttemptRecord>,
    /// `None`: the function is not known any more.
    function: Option<FunctionReport>,
    now: Timestamp,
}

pub(super) async fn explain(
    State(api): State<Api>,
    PathText(run): PathText,
) -> Result<Response, ApiError> {
    let id = run_id(&run)?;
    let store = api.engine.store();
    let run = store.run_view(id).await?;
    let run = run.ok_or_else(|| ApiError::not_found("run not found"))?;
    let status = run.status;
    let reasons = if status.is_final() {
        vec![ended(&api, &run).await?]
    } else {
        live(&api, run).await?
    };
    let view = json!({
        "runId": id.to_string(),
        "status": status_text(status),
        "summary": summary("The run", &reasons),
        "reasons": reasons,
    });
    Ok(envelope(view, api.clock.now(), Duration::ZERO))
}

async fn ended(api: &Api, run: &RunRecord) -> Result<Reason, ApiError> {
    let at = run.ended_at.unwrap_or(run.id.timestamp());
    let verb = match run.status {
        RunStatus::Failed => "failed",
        RunStatus::Cancelled => "was cancelled",
        RunStatus::Skipped => "was skipped",
        RunStatus::Completed | RunStatus::Queued | RunStatus::Running => "completed",
    };
    let mut text = format!("{verb} at {at}");
    let error = run
        .output
        .clone()
        .filter(|_| run.status == RunStatus::Failed);
    if let Some(message) = error
        .as_ref()
        .and_then(|error| error.member_text("message"))
    {
        text = format!("{text}: {message}");
    }
    let skip = match run.status {
        RunStatus::Skipped => skip_of(api, run).await?,
        _ => None,
    };
    if let Some(skip) = &skip {
        text = format!("{text}: {}", skip_text(skip));
    }
    Ok(Reason {
        error,
        skip: skip.as_ref().map(skip_view),
        ..Reason::new("ended", text).since(at)
    })
}

/// Why there is no more of the run.
async fn skip_of(api: &Api, run: &RunRecord) -> Result<Option<SkipRecord>, ApiError> {
    let store = api.engine.store();
    let Some(event) = store.run_events(run.id).await?.into_iter().next() else {
        return Ok(None);
    };
    let mut skips = store.event_skips(event.id).await?.into_iter();
    Ok(skips.find(|skip| skip.function == run.function))
}

async fn live(api: &Api, run: RunRecord) -> Result<Vec<Reason>, ApiError> {
    let store = api.engine.store();
    let id = run.id;
    let jobs = store.run_jobs(id).await?;
    let waits = store.run_waits(id).await?;
    let function = match find_function(api, &run.function.to_string()).await {
        Ok(function) => function_report(api, &function).await.ok(),
        Err(_) => None,
    };
    let calls = jobs.iter().filter_map(|job| due_call(job, &run)).collect();
    let Report::Calls(calls) = api.engine.inspect(Inspection::Calls(calls)).await? else {
        unreachable!("calls are reported as calls");
    };
    let case = Case {
        steps: store.run_steps(id).await?,
        attempts: store.run_attempts(id).await?,
        now: api.clock.now(),
        run,
        function,
    };
    let mut reasons: Vec<Reason> = jobs
        .iter()
        .filter_map(|job| {
            let call = calls.iter().find(|call| call.job == job.id);
            case.job(job, call)
        })
        .collect();
    for wait in &waits {
        reasons.extend(case.wait(api, wait).await?);
    }
    if reasons.is_empty() {
        let text = "is between two steps; ask again";
        reasons.push(Reason::new("deciding", text));
    }
    Ok(reasons)
}

/// The call of a job, as the schedule remembers it; `None` if it makes none.
pub(in crate::routes) fn due_call(job: &JobRecord, run: &RunRecord) -> Option<DueCall> {
    let stage = match job.kind {
        JobKind::Discovery | JobKind::Step(_) if run.status == RunStatus::Queued => {
            CallStage::Start
        }
        JobKind::Discovery | JobKind::Step(_) => CallStage::Step,
        JobKind::Request(_) => CallStage::Request,
        JobKind::SleepEnd(_)
        | JobKind::WaitEnd(_)
        | JobKind::Cancel
        | JobKind::StartTimeout
        | JobKind::FinishTimeout
        | JobKind::SyncTimeout => return None,
    };
    Some(DueCall {
        due_at: job.due_at,
        id: job.id,
        reason: job.reason,
        stage,
        function: run.function,
        keys: run.keys.clone(),
        priority: run.priority,
    })
}

impl Case {
    fn step_name(&self, step: &StepId) -> String {
        let known = self.steps.iter().find(|known| known.id == *step);
        known.map_or_else(|| step.to_string(), |known| known.name.to_string())
    }

    /// `None` if the run does not wait for the job.
    fn job(&self, job: &JobRecord, call: Option<&CallReport>) -> Option<Reason> {
        let step = match &job.kind {
            JobKind::Step(step) | JobKind::Request(step) | JobKind::SleepEnd(step) => {
                Some(self.step_name(step))
            }
            JobKind::Discovery
            | JobKind::WaitEnd(_)
            | JobKind::Cancel
            | JobKind::StartTimeout
            | JobKind::FinishTimeout
            | JobKind::SyncTimeout => None,
        };
        let reason = match &job.kind {
            JobKind::Discovery | JobKind::Step(_) | JobKind::Request(_) => self.call(job, call),
            JobKind::SleepEnd(_) => {
                let text = format!("sleeps until {}", job.due_at);
                Reason::new("sleeping", text).until(job.due_at)
            }
            JobKind::Cancel => Reason::new("cancelling", "is about to be cancelled"),
            JobKind::SyncTimeout => {
                let text = "is executed by its app itself, which reports what it does";
                Reason::new("app_executes", text).until(job.due_at)
            }
            // What is waited for says more; the others only bound the run.
            JobKind::WaitEnd(_) | JobKind::StartTimeout | JobKind::FinishTimeout => return None,
        };
        let text = match &step {
            Some(name) => format!("{} (step {name:?})", reason.text),
            None => reason.text,
        };
        Some(Reason {
            step,
            text,
            ..reason
        })
    }

    fn call(&self, job: &JobRecord, call: Option<&CallReport>) -> Reason {
        match call.and_then(|call| call.place.as_ref()) {
            Some(Place::Running { since }) => {
                Reason::new("executing", format!("executes since {since}")).since(*since)
            }
            Some(Place::Queued { ahead, .. }) => match call {
                Some(call) => self.queued(*ahead, call),
                None => Reason::new("queued", "is due"),
            },
            Some(Place::Timer) => self.later(job),
            None if job.due_at > self.now => self.later(job),
            None => Reason::new("queued", "is due and on its way to the queue"),
        }
    }

    fn queued(&self, ahead: usize, call: &CallReport) -> Reason {
        let pause = self.function.as_ref().and_then(|it| it.pause.as_ref());
        let blocked = call.limits.iter().find(|limit| !limit.admits);
        let turns = u32::try_from(ahead).unwrap_or(u32::MAX);
        let most = blocked.and_then(|limit| limit.most).unwrap_or(1).max(1);
        let estimate = call.mean_call.saturating_mul(turns.saturating_add(1)) / most;
        let (reason, is_timed) = match blocked {
            Some(limit) => (reason_of(limit, pause), limit.most.is_some()),
            None => (Reason::new("queued", "waits for its turn"), true),
        };
        let text = match ahead {
            0 => reason.text,
            _ => format!("{}, queued behind {ahead} other calls", reason.text),
        };
        Reason {
            text,
            position: Some(ahead),
            estimate_ms: is_timed.then(|| millis(estimate)),
            ..reason
        }
    }

    fn later(&self, job: &JobRecord) -> Reason {
        let at = job.due_at;
        let max = self.run.max_attempts;
        let reason = match job.reason {
            WaitReason::Delayed => Reason::new(
                "delayed",
                format!("is delayed until {at}, the time of its event"),
            ),
            WaitReason::Backoff => {
                let attempt = job.attempt + 1;
                let text = format!("backs off until {at}, before attempt {attempt} of {max}");
                let last = self.attempts.iter().rev().find(|last| last.job == job.id);
                let error = last.and_then(|last| last.error.as_ref());
                Reason {
                    attempt: Some(attempt),
                    max_attempts: Some(max),
                    error: error.map(|error| error.json.clone()),
                    ..Reason::new("backing_off", text)
                }
            }
            WaitReason::Unreachable => {
                let text = format!("waits because the app can't be reached; it is tried at {at}");
                Reason::new("app_unreachable", text)
            }
            WaitReason::Overloaded => {
                let text = format!("waits because the app asks for a pause; it is tried at {at}");
                Reason::new("app_unreachable", text)
            }
            WaitReason::Queued
            | WaitReason::Sleeping
            | WaitReason::Waiting
            | WaitReason::Timeout => Reason::new("scheduled", format!("is scheduled for {at}")),
        };
        reason.until(at)
    }

    async fn wait(&self, api: &Api, wait: &WaitRecord) -> Result<Option<Reason>, ApiError> {
        let until = wait.expires_at;
        let step = wait.step.as_ref().map(|step| self.step_name(step));
        let name = step.as_deref().unwrap_or_default();
        let step_text = format!("until {until} (step {name:?})");
        let reason = match &wait.kind {
            WaitKind::Cancellation { .. } => return Ok(None),
            _ if wait.resolution.is_some() => {
                Reason::new("resuming", format!("has got what step {name:?} waited for"))
            }
            WaitKind::Event {
                name: event,
                condition,
            } => {
                let condition = condition.as_deref();
                let such = condition.map(|condition| format!(" with {condition}"));
                let such = such.unwrap_or_default();
                let text = format!("waits for event {event:?}{such} {step_text}");
                Reason {
                    condition: condition.map(str::to_owned),
                    near_misses: near_misses(api, wait, event, condition).await?,
                    ..Reason::new("waiting_for_event", text)
                }
            }
            WaitKind::Signal(signal) => {
                let text = format!("waits for signal {signal:?} {step_text}");
                Reason::new("waiting_for_signal", text)
            }
            WaitKind::SignalLost => {
                let text = format!("waits for a signal that another run took over {step_text}");
                Reason::new("waiting_for_signal", text)
            }
            WaitKind::Invocation => {
                let text = format!("waits for the run that it invoked {step_text}");
                Reason::new("waiting_for_run", text)
            }
        };
        Ok(Some(Reason {
            step,
            ..reason.since(wait.created_at).until(until)
        }))
    }
}
