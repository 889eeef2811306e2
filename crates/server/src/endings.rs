//! Clients that wait for the end of a run. One task listens to the engine for all of them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use everstep_core::effect::Update;
use everstep_protocol::RunId;
use tokio::sync::{broadcast, watch};

/// Clients that may wait at the same time.
const WAITING_MAX: usize = 10_000;

/// The ends of runs, for those who wait for them. Clones are the same.
#[derive(Clone, Default)]
pub struct Endings(Arc<Mutex<Waiting>>);

#[derive(Default)]
struct Waiting {
    clients: usize,
    runs: HashMap<RunId, (usize, watch::Sender<()>)>,
}

/// A client that waits. What ends after it was made is not missed.
pub struct Ending {
    run: RunId,
    ended: watch::Receiver<()>,
    endings: Endings,
}

impl Endings {
    /// Follows the engine until it is gone.
    pub async fn follow(self, mut updates: broadcast::Receiver<Update>) {
        loop {
            match updates.recv().await {
                Ok(Update::RunEnded { run, .. }) => {
                    if let Some((_, ended)) = self.lock().runs.get(&run) {
                        ended.send_replace(());
                    }
                }
                Ok(_) => {}
                // Whose run has ended is not known: all look for themselves.
                Err(broadcast::error::RecvError::Lagged(_)) => self.tell_all(),
                Err(broadcast::error::RecvError::Closed) => return self.tell_all(),
            }
        }
    }

    /// Begins to wait; `None` if too many wait already.
    pub fn of(&self, run: RunId) -> Option<Ending> {
        let mut waiting = self.lock();
        if waiting.clients >= WAITING_MAX {
            return None;
        }
        waiting.clients += 1;
        let (clients, ended) = waiting
            .runs
            .entry(run)
            .or_insert_with(|| (0, watch::Sender::new(())));
        *clients += 1;
        Some(Ending {
            run,
            ended: ended.subscribe(),
            endings: self.clone(),
        })
    }

    /// How many clients wait.
    pub fn clients(&self) -> usize {
        self.lock().clients
    }

    fn tell_all(&self) {
        for (_, ended) in self.lock().runs.values() {
            ended.send_replace(());
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ending {
    /// Returns when the run may have ended.
    pub async fn wait(&mut self) {
        // The sender is there as long as someone waits.
        let _ = self.ended.changed().await;
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        let mut waiting = self.endings.lock();
        waiting.clients -= 1;
        if let Some((clients, _)) = waiting.runs.get_mut(&self.run) {
            *clients -= 1;
            if *clients == 0 {
                waiting.runs.remove(&self.run);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use everstep_core::record::RunStatus;
    use everstep_protocol::{FunctionId, Timestamp};

    use super::*;

    fn run(number: u128) -> RunId {
        RunId::from_parts(Timestamp::from_millis(1), number)
    }

    fn ended(run: RunId) -> Update {
        Update::RunEnded {
            run,
            function: FunctionId(uuid::Uuid::nil()),
            status: RunStatus::Completed,
            started_at: None,
            ended_at: Timestamp::from_millis(2),
            steps: 0,
            error: None,
        }
    }

    #[tokio::test]
    async fn only_those_who_wait_for_the_run_are_told() {
        let (updates, received) = broadcast::channel(8);
        let endings = Endings::default();
        let (mut first, mut same) = (endings.of(run(1)).unwrap(), endings.of(run(1)).unwrap());
        let other = endings.of(run(2)).unwrap();
        tokio::spawn(endings.clone().follow(received));
        updates.send(ended(run(1))).unwrap();
        first.wait().await;
        same.wait().await;
        assert!(!other.ended.has_changed().unwrap());
        drop((first, same, other));
        let waiting = endings.lock();
        assert!(waiting.runs.is_empty() && waiting.clients == 0);
    }

    #[tokio::test]
    async fn who_may_have_missed_it_looks_again() {
        let (updates, received) = broadcast::channel(1);
        let endings = Endings::default();
        let mut ending = endings.of(run(1)).unwrap();
        for number in 1..5 {
            updates.send(ended(run(number))).unwrap();
        }
        tokio::spawn(endings.follow(received));
        ending.wait().await;
    }

    #[test]
    fn those_who_wait_are_bounded() {
        let endings = Endings::default();
        let waiting: Vec<_> = (0..WAITING_MAX)
            .map(|_| endings.of(run(1)).unwrap())
            .collect();
        assert!(endings.of(run(2)).is_none());
        drop(waiting);
        assert!(endings.of(run(2)).is_some());
    }
}
