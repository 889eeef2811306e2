//! A run was loaded: go on with what waited for it.

use everstep_protocol::RunId;

use crate::effect::{Answer, CheckpointRefusal};
use crate::finish::RunEnd;
use crate::input::FoundRun;
use crate::run::Run;
use crate::shard::Shard;
use crate::turn::Turn;

impl Shard {
    pub(crate) fn run_loaded(&mut self, turn: &mut Turn, id: RunId, found: FoundRun) {
        let Some(parked) = self.loading.remove(&id) else {
            return;
        };
        turn.touch(id);
        let (is_new, has_ended) = (found == FoundRun::Missing, found == FoundRun::Ended);
        match found {
            FoundRun::Live(snapshot) => {
                let mut run = Run::load(*snapshot);
                for news in parked.news {
                    run.hear(news);
                }
                self.runs.insert(id, run);
            }
            FoundRun::Ended | FoundRun::Missing => debug_assert!(
                !self.runs.contains_key(&id),
                "a run is resident or loading, not both"
            ),
        }
        self.starts_found(turn, parked.starts, is_new);
        for reply_to in parked.cancellations {
            match self.runs.remove(&id) {
                Some(run) => {
                    self.finish(turn, run, RunEnd::Cancelled);
                    turn.reply(reply_to, Answer::Cancelled(true));
                }
                None => turn.reply(reply_to, Answer::Cancelled(false)),
            }
        }
        self.control_loaded(turn, id, is_new, parked.controls);
        for job in parked.jobs {
            match self.runs.remove(&id) {
                Some(run) => self.begin(turn, run, job),
                None => {
                    self.free(turn, job);
                }
            }
        }
        for checkpoint in parked.checkpoints {
            if self.runs.contains_key(&id) {
                self.checkpoint(turn, checkpoint);
            } else {
                turn.reply(
                    checkpoint.reply_to,
                    Answer::Checkpoint(Err(CheckpointRefusal::RunGone(id))),
                );
            }
        }
        for steps in parked.steps {
            if self.runs.contains_key(&id) {
                self.endpoint_steps(turn, steps);
            } else {
                self.steps_gone(turn, &steps, has_ended);
            }
        }
    }
}
