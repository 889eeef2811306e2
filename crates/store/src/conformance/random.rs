//! Random changes on few rows, the same ones for the same seed.

use std::sync::Arc;

use everstep_core::Change;
use everstep_core::record::{
    CancellationRecord, DeferRecord, DeferStatus, ErrorDecision, EventRecord, IdempotencyRecord,
    JobKind, JobRecord, MetadataRecord, MetadataTarget, Resolution, RunRecord, RunStatus,
    SkipReason, SkipRecord, SpanRecord, StepKind, StepRecord, StepStatus, TickRecord, WaitKind,
    WaitReason, WaitRecord,
};
use everstep_protocol::RunId;
use everstep_protocol::defer::DeferRejection;

use super::sample::{
    app, at, attempt, cancellation, cancellation_id, completed, defer, event, event_id,
    failed_attempt, function, idempotency, job, job_id, json, metadata, planned, run, run_id, skip,
    step_id, tick, wait,
};
use super::sample_flow::batch_id;
use super::sample_history::{attribute, error_decision, failure, run_attributes};
use super::spans::span;

/// A generator of numbers (SplitMix64) and of what can be made of them.
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `end`.
    pub(super) fn below(&mut self, end: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let high = (mixed ^ (mixed >> 31)) >> 32;
        u32::try_from((high * u64::from(end)) >> 32).expect("a 32-bit number times a fraction")
    }

    pub(super) fn one_of<T: Clone>(&mut self, choices: &[T]) -> T {
        let end = u32::try_from(choices.len()).expect("there are few choices");
        choices[self.below(end) as usize].clone()
    }

    pub(super) fn run_id(&mut self) -> RunId {
        run_id(self.below(4))
    }

    fn attribute(&mut self, run: RunId) -> Change {
        let name = self.one_of(&["a", "b"]);
        match self.below(3) {
            0 => Change::PutAttribute(attribute(name)),
            1 => Change::DeleteAttribute(name.into()),
            _ => Change::PutRunAttributes {
                run,
                attributes: run_attributes(&[(name, self.one_of(&["x", "y"]))]),
            },
        }
    }

    pub(super) fn change(&mut self) -> Change {
        let id = self.run_id();
        match self.below(29) {
            0 => Change::PutApp(app(self.one_of(&["a", "b"]))),
            1 => Change::PutFunction(function(self.one_of(&["a", "b"]), self.one_of(&["f", "g"]))),
            2 | 3 => Change::PutEvent(EventRecord {
                payload: json(&format!("{{\"at\":{}}}", self.below(100))),
                ..event(self.below(5))
            }),
            4 => Change::PutRun(self.run()),
            5 => {
                let events = (0..=self.below(3))
                    .map(|_| event_id(self.below(5)))
                    .collect();
                Change::PutRunEvents { run: id, events }
            }
            6 | 7 => Change::PutStep(self.step(id)),
            8 => Change::PutJob(self.job(id)),
            9 => Change::DeleteJob(job_id(id, self.below(4))),
            10 if self.below(3) == 0 => Change::DeleteJobs(id),
            10 => Change::PutSkip(self.skip()),
            11 | 12 => Change::PutWait(self.wait(id)),
            13 => match self.below(3) {
                0 => Change::LoseSignal(job_id(id, self.below(4))),
                1 => Change::ResolveWait {
                    wait: job_id(id, self.below(4)),
                    resolution: Resolution::Value(json(&self.below(9).to_string())),
                },
                _ => Change::DeleteWait(job_id(id, self.below(4))),
            },
            14 if self.below(3) == 0 => Change::DeleteWaits(id),
            14 => self.idempotency(),
            15 => self.tick(),
            16 => Change::PutDefer(self.defer(id)),
            17 => self.cancellation(),
            18..=22 => self.flow(),
            23 => Change::PutMetadata(self.metadata(id)),
            24 => Change::PutSpan(SpanRecord {
                is_failed: self.below(2) == 0,
                ..span(id, self.one_of(&[1, 2, 3]))
            }),
            25 => {
                let group = self.one_of(&[1, 2]);
                Change::PutFailure(failure(self.below(4), group))
            }
            26 => {
                let decisions = [
                    ErrorDecision::Open,
                    ErrorDecision::Resolved,
                    ErrorDecision::Ignored { until: None },
                ];
                let (group, decision) = (self.one_of(&[1, 2, 3]), self.one_of(&decisions));
                Change::PutErrorDecision(error_decision(group, decision))
            }
            27 => self.attribute(id),
            _ => {
                let job = job_id(id, self.below(3));
                let generation = 1 + self.below(2);
                let kind = self.one_of(&[attempt, failed_attempt]);
                Change::PutAttempt(kind(job, generation))
            }
        }
    }

    fn run(&mut self) -> RunRecord {
        let statuses = [
            RunStatus::Queued,
            RunStatus::Running,
            RunStatus::Running,
            RunStatus::Completed,
            RunStatus::Failed,
            RunStatus::Cancelled,
            RunStatus::Skipped,
        ];
        RunRecord {
            function: function("app", self.one_of(&["f", "g"])).id,
            status: self.one_of(&statuses),
            started_at: self.one_of(&[None, Some(at(10)), Some(at(70_010))]),
            ended_at: self.one_of(&[None, Some(at(130_000))]),
            steps_done: self.below(9),
            parallel: self.below(2) == 0,
            invoked_by: (0..self.below(3))
                .map(|number| job_id(run_id(3), number))
                .collect(),
            batch: self.one_of(&[None, Some(batch_id(1))]),
            keys: self.one_of(&[None, Some(Arc::from("{}")), Some(Arc::from(r#"{"a":1}"#))]),
            priority: self.one_of(&[0, -600, 600]),
            output: self.one_of(&[None, Some(json("1")), Some(json("2"))]),
            ..run(self.below(4))
        }
    }

    fn step(&mut self, run: RunId) -> StepRecord {
        let number = self.below(4);
        let outstanding = [
            StepStatus::Planned,
            StepStatus::Retrying,
            StepStatus::Sleeping,
            StepStatus::Waiting,
        ];
        if self.below(3) > 0 {
            return StepRecord {
                status: self.one_of(&outstanding),
                kind: self.one_of(&[StepKind::Run, StepKind::Sleep, StepKind::WaitForEvent]),
                created_at: at(i64::from(self.below(5))),
                trace: self.one_of(&[None, Some(json(r#"{"request":1}"#))]),
                ..planned(run, number)
            };
        }
        StepRecord {
            status: self.one_of(&[StepStatus::Completed, StepStatus::Failed]),
            value: Some(json(&format!("{{\"data\":{}}}", self.below(100)))),
            ..completed(run, number, self.below(4))
        }
    }

    fn job(&mut self, run: RunId) -> JobRecord {
        let step = step_id(self.below(4));
        JobRecord {
            kind: self.one_of(&[
                JobKind::Discovery,
                JobKind::Step(step.clone()),
                JobKind::SleepEnd(step.clone()),
                JobKind::Request(step.clone()),
                JobKind::WaitEnd(step),
                JobKind::Cancel,
                JobKind::StartTimeout,
                JobKind::FinishTimeout,
            ]),
            reason: self.one_of(&[
                WaitReason::Queued,
                WaitReason::Backoff,
                WaitReason::Sleeping,
                WaitReason::Waiting,
            ]),
            generation: self.below(3),
            ..job(run, self.below(4), at(i64::from(self.below(6))))
        }
    }

    fn skip(&mut self) -> SkipRecord {
        SkipRecord {
            reason: self.one_of(&[SkipReason::ExpressionFalse, SkipReason::Debounced]),
            detail: self.one_of(&[None, Some(Arc::from("the run that was first"))]),
            ..skip(self.below(5), self.one_of(&["f", "g"]))
        }
    }

    /// The event that resolved it may not be stored, which is damage.
    fn wait(&mut self, run: RunId) -> WaitRecord {
        let name: Arc<str> = self.one_of(&[Arc::from("a"), Arc::from("b")]);
        let condition = self.one_of(&[None, Some(Arc::from("async.ts > 1"))]);
        let value = json(&self.below(100).to_string());
        let event = Box::new(event(self.below(5)));
        WaitRecord {
            step: self.one_of(&[None, Some(step_id(1))]),
            kind: self.one_of(&[
                WaitKind::Event {
                    name: Arc::clone(&name),
                    condition: condition.clone(),
                },
                WaitKind::Signal(Arc::clone(&name)),
                WaitKind::SignalLost,
                WaitKind::Invocation,
                WaitKind::Cancellation { name, condition },
            ]),
            created_at: at(i64::from(self.below(3))),
            expires_at: at(i64::from(self.below(9))),
            resolution: self.one_of(&[
                None,
                None,
                Some(Resolution::Value(value)),
                Some(Resolution::Event(event)),
            ]),
            ..wait(run, self.below(4))
        }
    }

    fn defer(&mut self, run: RunId) -> DeferRecord {
        let number = self.below(3);
        let payload = defer(run, number).status;
        DeferRecord {
            status: self.one_of(&[
                payload,
                DeferStatus::Scheduled,
                DeferStatus::Aborted,
                DeferStatus::Rejected(DeferRejection::MetaSize),
            ]),
            ..defer(run, number)
        }
    }

    fn metadata(&mut self, run: RunId) -> MetadataRecord {
        let step = step_id(self.below(2));
        MetadataRecord {
            target: self.one_of(&[
                MetadataTarget::Run,
                MetadataTarget::Step(step.clone()),
                MetadataTarget::Attempt { step, attempt: 1 },
            ]),
            kind: self.one_of(&[Arc::from("a"), Arc::from("b")]),
            values: json(&format!("{{\"n\":{}}}", self.below(100))),
            ..metadata(run)
        }
    }

    fn tick(&mut self) -> Change {
        let tick = TickRecord {
            fire_at: at(i64::from(self.below(9))),
            ..tick(
                self.one_of(&["f", "g"]),
                self.one_of(&["* * * * *", "@daily"]),
            )
        };
        if self.below(3) > 0 {
            return Change::PutTick(tick);
        }
        Change::DeleteTick {
            function: tick.function,
            cron: tick.cron,
        }
    }

    fn cancellation(&mut self) -> Change {
        let number = self.below(3);
        if self.below(3) == 0 {
            return Change::DeleteCancellation(cancellation_id(number));
        }
        Change::PutCancellation(CancellationRecord {
            ended_at: self.one_of(&[None, Some(at(9))]),
            ..cancellation(number)
        })
    }

    fn idempotency(&mut self) -> Change {
        let time = at(i64::from(self.below(9)));
        if self.below(3) == 0 {
            return Change::ExpireIdempotency(time);
        }
        let record = idempotency(self.one_of(&[1, 2, 3, 4]), time);
        Change::PutIdempotency(IdempotencyRecord {
            run: self.one_of(&[None, record.run]),
            ..record
        })
    }
}
