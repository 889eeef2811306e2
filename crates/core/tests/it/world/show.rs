//! How changes and effects look in scripts.

use std::time::Duration;

use everstep_core::Change;
use everstep_core::effect::{Answer, Call, Effect, Update};
use everstep_core::record::{AppMethod, JobRecord, MetadataTarget, Resolution};
use everstep_protocol::defer::DEFERRED_EVENT;

use super::{World, app};

impl World {
    pub(super) fn show_change(&mut self, change: &Change) -> Option<String> {
        Some(match change {
            Change::PutFunction(function) if function.slug.starts_with("http://") => {
                format!("function {}", function.slug)
            }
            Change::PutApp(app) if app.method == AppMethod::Api => format!("app {}", app.name),
            Change::PutApp(_)
            | Change::PutFunction(_)
            | Change::PutRunEvents { .. }
            | Change::PutAttempt(_)
            | Change::PutSpan(_)
            | Change::PutFailure(_) => {
                return None;
            }
            Change::PutEvent(event) if *event.name == *DEFERRED_EVENT => {
                self.with_names(&format!("event {:?}", event.payload))
            }
            Change::PutEvent(event) => format!("event {}", event.name),
            Change::PutRun(run) => {
                let version = run.request_version;
                let output = run
                    .output
                    .as_ref()
                    .map_or(String::new(), |output| format!(" {output:?}"));
                let of = match app::name_of(run.function) {
                    "fn" => String::new(),
                    name => format!(" of {name}"),
                };
                let name = self.name(run.id);
                format!("run {name}{of} {:?} v={version}{output}", run.status)
            }
            Change::PutStep(step) => {
                let value = step
                    .value
                    .as_ref()
                    .map_or(String::new(), |value| format!(" = {value:?}"));
                let position = step
                    .position
                    .map_or(String::new(), |position| format!(" #{position}"));
                format!(
                    "step {} {} {:?}{position}{value}",
                    self.name(step.run),
                    step.id,
                    step.status
                )
            }
            Change::PutJob(job) => self.show_job(job),
            Change::DeleteJob(job) => format!("delete job {}", self.job_name(*job)),
            Change::DeleteJobs(run) => format!("delete jobs of {}", self.name(*run)),
            Change::PutSkip(skip) => {
                let detail = skip.detail.as_deref().unwrap_or_default();
                format!("skip {:?} {}", skip.reason, self.with_names(detail))
            }
            Change::PutDefer(defer) => {
                let (run, slug) = (self.name(defer.run), &defer.function_slug);
                format!("defer {run} {} {slug} {:?}", defer.id, defer.status)
            }
            Change::PutMetadata(record) => {
                let target = match &record.target {
                    MetadataTarget::Run => String::new(),
                    MetadataTarget::Step(step) => format!("/{step}"),
                    MetadataTarget::Attempt { step, attempt } => format!("/{step}:{attempt}"),
                    MetadataTarget::Span { step, span } => format!("/{step}/{span}"),
                };
                let run = self.name(record.run);
                format!("metadata {run}{target} {} {:?}", record.kind, record.values)
            }
            Change::PutWait(wait) => {
                let name = self.job_name(wait.id);
                let expires = wait.expires_at.since(self.now);
                format!("wait {name} {:?} for {expires:?}", wait.kind)
            }
            Change::ResolveWait { wait, resolution } => match resolution {
                Resolution::Event(event) => {
                    format!("resolve {} with event {}", self.job_name(*wait), event.name)
                }
                Resolution::Value(value) => {
                    format!("resolve {} with {value:?}", self.job_name(*wait))
                }
            },
            Change::LoseSignal(wait) => format!("lose signal {}", self.job_name(*wait)),
            Change::DeleteWait(wait) => format!("delete wait {}", self.job_name(*wait)),
            Change::DeleteWaits(run) => format!("delete waits of {}", self.name(*run)),
            Change::PutTick(tick) => {
                let of = app::name_of(tick.function);
                format!("tick of {of} {}, fires at {}", tick.tick, tick.fire_at)
            }
            Change::DeleteTick { function, cron } => {
                format!("delete tick of {} {cron}", app::name_of(*function))
            }
            Change::PutCancellation(_) => "cancellation".to_owned(),
            Change::DeleteCancellation(_) => "delete cancellation".to_owned(),
            Change::PutIdempotency(_) => "idempotency".to_owned(),
            Change::ExpireIdempotency(_) => "expire idempotency".to_owned(),
            flow => self.show_flow_change(flow),
        })
    }

    fn show_flow_change(&mut self, change: &Change) -> String {
        match change {
            Change::PutHold(hold) => {
                let key = hold.key.as_deref().unwrap_or("-");
                format!("hold {:?} {key} of {}", hold.kind, self.name(hold.run))
            }
            Change::DeleteHold { run, .. } => format!("delete hold of {}", self.name(*run)),
            Change::DeleteHolds(run) => format!("delete holds of {}", self.name(*run)),
            Change::PutRate(rate) => {
                let now = u64::try_from(self.now.as_millis()).unwrap() * 1_000_000;
                let ahead = Duration::from_nanos(rate.tat.saturating_sub(now));
                format!("rate used up for {ahead:?}")
            }
            Change::ExpireRates(_) => "expire rates".to_owned(),
            Change::PutDebounce(debounce) => {
                let (key, events) = (debounce.key.as_deref().unwrap_or("-"), debounce.events);
                let event = self.with_names(&debounce.event.to_string());
                let fires = debounce.fire_at.since(self.now);
                format!("debounce {key}: {event}, of {events}, fires in {fires:?}")
            }
            Change::DeleteDebounce(_) => "delete debounce".to_owned(),
            Change::PutBatch(batch) => {
                let key = batch.key.as_deref().unwrap_or("-");
                let fires = batch.fire_at.since(self.now);
                let full = if batch.is_full { ", full" } else { "" };
                format!("batch {key}: fires in {fires:?}{full}")
            }
            Change::PutBatchEvent(event) => {
                let name = self.with_names(&event.event.to_string());
                format!("batch event {}: {name}", event.position)
            }
            Change::DeleteBatch(_) => "delete batch".to_owned(),
            Change::PutPause(pause) => {
                format!("pause: starts {:?}, runs {:?}", pause.starts, pause.runs)
            }
            Change::DeletePause(_) => "delete pause".to_owned(),
            Change::PutOverride(record) => {
                let key = record.key.as_deref().unwrap_or("-");
                format!("override {:?} {key}: {}", record.limit, record.value)
            }
            Change::DeleteOverride { limit, key, .. } => {
                let key = key.as_deref().unwrap_or("-");
                format!("delete override {limit:?} {key}")
            }
            Change::PutAudit(entry) => {
                let detail = format!("audit {} {:?}", entry.action, entry.detail);
                self.with_names(&detail)
            }
            Change::PutRerun(rerun) => {
                let (run, source) = (self.name(rerun.run), self.name(rerun.source));
                format!("rerun {run} of {source}")
            }
            Change::PutAttribute(record) => {
                format!("attribute {}: {}", record.name, record.expression)
            }
            Change::DeleteAttribute(name) => format!("delete attribute {name}"),
            Change::PutRunAttributes { run, attributes } => {
                format!("attributes of {} {attributes:?}", self.name(*run))
            }
            other => panic!("not shown: {other:?}"),
        }
    }

    fn show_job(&mut self, job: &JobRecord) -> String {
        let due = job.due_at.since(self.now);
        let due = if due.is_zero() {
            String::new()
        } else {
            format!(" in {due:?}")
        };
        let name = self.job_name(job.id);
        let (kind, reason, attempt) = (&job.kind, job.reason, job.attempt);
        format!(
            "job {name}/{} {kind:?} attempt {attempt} {reason:?}{due}",
            job.generation
        )
    }

    fn show_call(&mut self, call: &Call) -> String {
        let request = &call.request;
        let target = request.target.as_ref().map_or("step", |step| step.as_str());
        let stack: Vec<&str> = request
            .steps
            .iter()
            .map(|(step, _)| step.as_str())
            .collect();
        let force = if request.force_step_plan {
            " force-plan"
        } else {
            ""
        };
        let defers: Vec<String> = request
            .defers
            .iter()
            .map(|(id, is_abortable)| format!(" {id}:abortable={is_abortable}"))
            .collect();
        let job = self.job_name(request.job);
        let inputs: Vec<String> = request
            .inputs
            .iter()
            .map(|(step, input)| format!(" {step}={input:?}"))
            .collect();
        let word = if call.is_endpoint { "ENTER" } else { "CALL" };
        format!(
            "{word} {job}/{} {target} attempt {}/{} v={}{force} [{}]{}{}",
            request.generation,
            request.attempt,
            request.max_attempts,
            request.version,
            stack.join(" "),
            inputs.concat(),
            defers.concat()
        )
    }

    pub(super) fn show_effect(&mut self, effect: &Effect) -> Option<String> {
        match effect {
            Effect::Call(call) => {
                let request = &call.request;
                self.called.insert(request.job, request.generation);
                Some(self.show_call(call))
            }
            Effect::Request(request) => {
                self.called.insert(request.job, request.generation);
                let (job, outbound) = (self.job_name(request.job), &request.outbound);
                Some(format!(
                    "REQUEST {job}/{} {} {}",
                    request.generation, outbound.method, outbound.url
                ))
            }
            Effect::Reply {
                answer: Answer::Signalled(run),
                ..
            } => Some(match run {
                Some(run) => format!("signal resumes {}", self.name(*run)),
                None => "signal resumes nothing".to_owned(),
            }),
            Effect::Reply {
                answer: Answer::Cancelled(is_cancelled),
                ..
            } => Some(format!("cancelled: {is_cancelled}")),
            Effect::Reply {
                answer: Answer::Checkpoint(Ok(())),
                ..
            } => Some("checkpoint stored".to_owned()),
            Effect::Reply {
                answer: Answer::Checkpoint(Err(refusal)),
                ..
            } => {
                let text = self.with_names(&refusal.to_string());
                Some(format!("checkpoint refused: {text}"))
            }
            Effect::Reply {
                answer: Answer::Controlled(Err(refusal)),
                ..
            } => {
                let text = self.with_names(&refusal.to_string());
                Some(format!("refused: {text}"))
            }
            Effect::Reply {
                answer: Answer::Controlled(Ok(Some(run))),
                ..
            } => Some(format!("reran as {}", self.name(*run))),
            Effect::Reply {
                answer: Answer::Metadata(outcome),
                ..
            } => Some(match outcome {
                Ok(()) => "metadata noted".to_owned(),
                Err(refusal) => format!("metadata refused: {refusal}"),
            }),
            Effect::Reply {
                answer: Answer::EndpointStarted(result),
                ..
            } => Some(match result {
                Ok(run) => format!("started as {}", run.slug),
                Err(refusal) => {
                    let text = self.with_names(&refusal.to_string());
                    format!("start refused: {text}")
                }
            }),
            Effect::Publish(Update::AttemptFailed {
                error,
                attempt,
                max_attempts,
                ..
            }) => Some(format!(
                "failed attempt {attempt} of {max_attempts}: {}",
                error.message
            )),
            Effect::Publish(Update::AppUnavailable { .. }) => Some("APP UNAVAILABLE".to_owned()),
            Effect::Publish(Update::AppAvailable { .. }) => Some("APP AVAILABLE".to_owned()),
            Effect::Reply { .. }
            | Effect::Publish(_)
            | Effect::LoadRun(_)
            | Effect::LoadEvents { .. }
            | Effect::LoadMetadata(_)
            | Effect::LoadJobs { .. } => None,
        }
    }

    /// The last event of this name.
    pub(crate) fn show_event(&self, name: &str) -> String {
        let mut events = self.events.iter().rev();
        let event = events.find(|event| &*event.name == name).unwrap();
        self.with_names(event.payload.as_str())
    }

    /// The text with the ids of runs and events replaced by their names.
    fn with_names(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (event, number) in self.events.iter().zip(1..) {
            text = text.replace(&event.id.to_string(), &format!("E{number}"));
        }
        for (run, number) in &self.runs {
            text = text.replace(&run.to_string(), &format!("R{number}"));
        }
        text
    }
}
