//! Readers: threads that each have a connection of their own.
//!
//! They are threads of the store, and not those of a runtime's blocking pool, because that pool
//! lets idle threads go: the first read after a pause would pay for a new one.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::error::{ReadFault, Stopped};
use crate::ReadError;

type Task = Box<dyn FnOnce(&Connection) + Send>;

/// A group of threads that share a queue. Dropping it ends them after the reads that have begun.
pub(super) struct Readers {
    queue: Arc<Queue>,
    threads: Vec<JoinHandle<()>>,
}

impl Readers {
    pub(super) fn start(name: &str, connections: Vec<Connection>) -> std::io::Result<Self> {
        let mut readers = Self {
            queue: Arc::default(),
            threads: Vec::new(),
        };
        for db in connections {
            let queue = Arc::clone(&readers.queue);
            let thread = std::thread::Builder::new().name(name.to_owned());
            readers
                .threads
                .push(thread.spawn(move || run(&db, &queue))?);
        }
        Ok(readers)
    }

    pub(super) async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, ReadFault> + Send + 'static,
    ) -> Result<T, ReadError> {
        let (reply, answer) = oneshot::channel();
        self.queue.push(Box::new(move |db| {
            // The caller may be gone by the time it is its turn.
            if !reply.is_closed() {
                drop(reply.send(read(db)));
            }
        }));
        match answer.await {
            Ok(result) => result.map_err(ReadError::from),
            Err(_) => Err(ReadError::Unavailable(Arc::new(Stopped("reader")))),
        }
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        self.queue.close();
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a reader of the store panicked");
            }
        }
    }
}

fn run(db: &Connection, queue: &Queue) {
    while let Some(task) = queue.pop() {
        // A read that panics fails alone; its caller is told, because its reply is dropped.
        if catch_unwind(AssertUnwindSafe(|| task(db))).is_err() {
            tracing::error!("a read panicked");
        }
    }
}

#[derive(Default)]
struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    tasks: VecDeque<Task>,
    closed: bool,
}

impl Queue {
    fn push(&self, task: Task) {
        self.state().tasks.push_back(task);
        self.changed.notify_one();
    }

    /// The next task; waits for one. `None` once the queue is closed.
    fn pop(&self) -> Option<Task> {
        let waiting = self.changed.wait_while(self.state(), |state| {
            state.tasks.is_empty() && !state.closed
        });
        let mut state = waiting.unwrap_or_else(PoisonError::into_inner);
        if state.closed {
            None
        } else {
            state.tasks.pop_front()
        }
    }

    fn close(&self) {
        let mut state = self.state();
        state.closed = true;
        state.tasks.clear();
        self.changed.notify_all();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No code that can panic runs under the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
