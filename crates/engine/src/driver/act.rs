//! Carrying out effects, and bringing back what comes of them as inputs.

use std::sync::Arc;
use std::time::Duration;

use everstep_core::Input;
use everstep_core::effect::{self, Call, Effect};
use everstep_core::held::Held;
use everstep_core::input::{CallEnded, FoundRun, RequestEnded};
use everstep_core::record::{LoadedJob, ShardId};
use everstep_protocol::{EventId, RunId, Timestamp};
use everstep_store::Store;

use super::Driver;
use super::patience::read;
use crate::meter::CallOutcome;
use crate::rt;

impl Driver {
    pub(super) fn act_all(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            self.act(effect);
        }
    }

    fn act(&mut self, effect: Effect) {
        match effect {
            Effect::Call(call) => {
                // While draining, the job stays as it is; whoever starts next makes the call.
                if !self.draining {
                    self.calls += 1;
                    self.call(*call);
                }
            }
            Effect::Request(request) => {
                if !self.draining {
                    self.calls += 1;
                    self.request(*request);
                }
            }
            Effect::LoadRun(run) => self.load_run(run),
            Effect::LoadMetadata(run) => {
                self.metadata_loads += 1;
                self.load_metadata(run);
            }
            Effect::LoadJobs { after, until } => self.load_jobs(after, until),
            Effect::LoadEvents { held, events } => self.load_events(held, events),
            Effect::Reply { to, answer } => {
                if let Some(waiting) = self.waiting.remove(&to) {
                    // The client may have gone away; what it asked for is done all the same.
                    let _ = waiting.send(answer);
                }
            }
            Effect::Publish(update) => {
                // Nobody may be listening.
                let _ = self.updates.send(update);
            }
        }
    }

    fn call(&self, call: Call) {
        let (job, generation) = (call.request.job, call.request.generation);
        let request = call.request.request;
        let (caller, clock) = (self.parts.caller.clone(), self.parts.clock.clone());
        let inputs = self.inputs_tx.clone();
        let (meter, function) = (Arc::clone(&self.meter), call.request.function);
        let (attempt, attempts_max) = (call.request.attempt, call.request.max_attempts);
        rt::spawn(async move {
            let started_at = clock.now();
            let begun = tokio::time::Instant::now();
            meter.call_started(function);
            let reply = caller.call(call).await;
            meter.call_ended(function, CallOutcome::of(&reply, attempt, attempts_max));
            let ended = CallEnded {
                job,
                generation,
                request,
                reply,
                started_at,
                duration: begun.elapsed(),
            };
            // The driver may have stopped; the job is still in the store.
            let _ = inputs.send(Input::CallEnded(Box::new(ended)));
        });
    }

    fn request(&self, request: effect::Request) {
        let (gateway, clock) = (self.parts.gateway.clone(), self.parts.clock.clone());
        let inputs = self.inputs_tx.clone();
        rt::spawn(async move {
            let started_at = clock.now();
            let begun = tokio::time::Instant::now();
            let result = gateway.send(request.outbound).await;
            let ended = RequestEnded {
                job: request.job,
                generation: request.generation,
                request: request.id,
                result,
                started_at,
                duration: begun.elapsed(),
            };
            // The driver may have stopped; the job is still in the store.
            let _ = inputs.send(Input::RequestEnded(Box::new(ended)));
        });
    }

    fn load_run(&self, run: RunId) {
        let (store, inputs) = (self.parts.store.clone(), self.inputs_tx.clone());
        rt::spawn(async move {
            let found = match read(|| store.run_snapshot(run)).await {
                Some(snapshot) => FoundRun::Live(Box::new(snapshot)),
                None => not_live(&store, run).await,
            };
            let _ = inputs.send(Input::RunLoaded { run, found });
        });
    }

    fn load_metadata(&self, run: RunId) {
        let (store, inputs) = (self.parts.store.clone(), self.inputs_tx.clone());
        rt::spawn(async move {
            let records = read(|| store.run_metadata(run)).await;
            let _ = inputs.send(Input::MetadataLoaded { run, records });
        });
    }

    fn load_events(&self, held: Held, events: Vec<EventId>) {
        let (store, inputs) = (self.parts.store.clone(), self.inputs_tx.clone());
        rt::spawn(async move {
            let events = read(|| store.events_by_id(&events)).await;
            let _ = inputs.send(Input::EventsLoaded { held, events });
        });
    }

    fn load_jobs(&self, after: Option<Timestamp>, until: Timestamp) {
        let (store, inputs) = (self.parts.store.clone(), self.inputs_tx.clone());
        let (shard, limit) = (self.lease.shard, self.jobs_per_load);
        rt::spawn(async move {
            let mut jobs = read(|| store.jobs_due(shard, after, until, limit)).await;
            let until = match jobs.last().map(LoadedJob::due_at) {
                Some(last) if jobs.len() == limit => {
                    complete_last_instant(&store, shard, &mut jobs, last).await;
                    last
                }
                Some(_) | None => until,
            };
            let _ = inputs.send(Input::JobsLoaded { jobs, until });
        });
    }
}

/// What there is of a run that is not live. One that can't be read is not made anew.
async fn not_live(store: &Arc<dyn Store>, run: RunId) -> FoundRun {
    let is_missing = read(|| async { Ok(store.run_view(run).await?.is_none()) });
    if is_missing.await {
        FoundRun::Missing
    } else {
        FoundRun::Ended
    }
}

/// A portion that was cut off may lack jobs that are due at the very instant of its last one.
async fn complete_last_instant(
    store: &Arc<dyn Store>,
    shard: ShardId,
    jobs: &mut Vec<LoadedJob>,
    instant: Timestamp,
) {
    let before = instant - Duration::from_millis(1);
    jobs.retain(|job| job.due_at() != instant);
    jobs.extend(read(|| store.jobs_due(shard, Some(before), instant, usize::MAX)).await);
}
