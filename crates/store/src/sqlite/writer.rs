//! The writer: one thread with the one connection that writes.
//!
//! What waits when the writer becomes free is committed together, in one transaction with one
//! fsync. A commit of a lost lease is refused before it writes anything, so it does no harm to the
//! others of its group. When a statement fails, the group is rolled back and each of its members
//! is tried alone: only those that fail by themselves are answered with an error. This costs
//! nothing as long as all goes well; a savepoint per member would copy every page that it touches.
//!
//! Checkpoints (`checkpoint.rs`) go on beside the writer, and end after the answers have been sent.
//! An idle writer sleeps in `recv`.

use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::JoinHandle;
use std::time::Instant;

use everstep_core::Change;
use everstep_core::record::ShardId;
use rusqlite::Connection;
use tokio::sync::oneshot;

use super::changes;
use super::checkpoint::Log;
use super::error::{Stopped, WriteFault};
use super::table::{retention, shards};
use crate::{CommitError, Prune, Pruned, ShardLease};

/// Commits in one transaction.
const GROUP_COMMITS_MAX: usize = 256;

/// Changes in one transaction, unless one commit has more.
const GROUP_CHANGES_MAX: usize = 20_000;

/// What the writer is asked to do.
enum Command {
    Acquire {
        shard: ShardId,
        reply: oneshot::Sender<Result<ShardLease, CommitError>>,
    },
    Commit {
        lease: ShardLease,
        changes: Arc<[Change]>,
        reply: oneshot::Sender<Result<(), CommitError>>,
    },
    Prune {
        prune: Prune,
        reply: oneshot::Sender<Result<Pruned, CommitError>>,
    },
}

/// What came of a command, if its transaction commits.
enum Outcome {
    Acquired(ShardLease),
    Committed,
    Refused,
    Pruned(Pruned),
}

/// The handle of the writer thread. Dropping it lets the writer finish what it was given.
pub(super) struct Writer {
    commands: Option<Sender<Command>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(super) fn start(db: Connection, log: Log) -> std::io::Result<Self> {
        let (commands, received) = mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || {
                run(&db, &received, log);
                if let Err((_, error)) = db.close() {
                    tracing::error!(%error, "the database was not closed cleanly");
                }
            })?;
        Ok(Self {
            commands: Some(commands),
            thread: Some(thread),
        })
    }

    pub(super) async fn acquire(&self, shard: ShardId) -> Result<ShardLease, CommitError> {
        let (reply, answer) = oneshot::channel();
        self.send(Command::Acquire { shard, reply }, answer).await
    }

    pub(super) async fn commit(
        &self,
        lease: ShardLease,
        changes: Arc<[Change]>,
    ) -> Result<(), CommitError> {
        let (reply, answer) = oneshot::channel();
        self.send(
            Command::Commit {
                lease,
                changes,
                reply,
            },
            answer,
        )
        .await
    }

    pub(super) async fn prune(&self, prune: Prune) -> Result<Pruned, CommitError> {
        let (reply, answer) = oneshot::channel();
        self.send(Command::Prune { prune, reply }, answer).await
    }

    async fn send<T>(
        &self,
        command: Command,
        answer: oneshot::Receiver<Result<T, CommitError>>,
    ) -> Result<T, CommitError> {
        let stopped = || Arc::new(Stopped("writer"));
        let commands = self
            .commands
            .as_ref()
            .ok_or_else(|| CommitError::Unavailable(stopped()))?;
        commands
            .send(command)
            .map_err(|_| CommitError::Unavailable(stopped()))?;
        answer
            .await
            .unwrap_or_else(|_| Err(CommitError::OutcomeUnknown(stopped())))
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.commands = None;
        if self
            .thread
            .take()
            .is_some_and(|thread| thread.join().is_err())
        {
            tracing::error!("the writer of the store panicked");
        }
    }
}

fn run(db: &Connection, received: &Receiver<Command>, mut log: Log) {
    while let Ok(command) = received.recv() {
        let gathered = gather(command, received);
        if !gathered.group.is_empty() {
            settle(db, gathered.group);
        }
        for prune in gathered.prunes {
            settle(db, vec![prune]);
        }
        log.checkpoint_if_due(db);
    }
}

/// What waits when the writer becomes free.
struct Gathered {
    group: Vec<Command>,
    /// They go after the group, each in a transaction of its own.
    prunes: Vec<Command>,
}

/// The command and those that wait behind it, up to the size of a group.
fn gather(command: Command, received: &Receiver<Command>) -> Gathered {
    let (mut group, mut prunes) = (Vec::new(), Vec::new());
    let mut changes = 0;
    let mut next = Some(command);
    while let Some(command) = next {
        if matches!(command, Command::Prune { .. }) {
            prunes.push(command);
        } else {
            changes += command.size();
            group.push(command);
        }
        let has_room = group.len() < GROUP_COMMITS_MAX && changes < GROUP_CHANGES_MAX;
        next = has_room.then(|| received.try_recv().ok()).flatten();
    }
    Gathered { group, prunes }
}

/// Carry out and answer a group.
fn settle(db: &Connection, group: Vec<Command>) {
    if let Err(error) = begin(db) {
        // Another program has the database. Members alone would wait for it no less.
        return fail(group, &WriteFault::of_statement(error));
    }
    let outcomes: rusqlite::Result<Vec<Outcome>> =
        group.iter().map(|command| command.carry_out(db)).collect();
    match outcomes {
        Ok(outcomes) => match commit(db) {
            Ok(()) => {
                for (command, outcome) in group.into_iter().zip(outcomes) {
                    command.answer(Ok(outcome));
                }
            }
            Err(error) => {
                roll_back(db);
                fail(group, &WriteFault::of_commit(error));
            }
        },
        Err(error) => {
            roll_back(db);
            if group.len() == 1 {
                return fail(group, &WriteFault::of_statement(error));
            }
            tracing::debug!(%error, commits = group.len(), "a group failed; trying one by one");
            for command in group {
                settle(db, vec![command]);
            }
        }
    }
}

fn fail(group: Vec<Command>, fault: &WriteFault) {
    tracing::error!(?fault, commits = group.len(), "a commit failed");
    for command in group {
        command.answer(Err(fault.clone()));
    }
}

fn begin(db: &Connection) -> rusqlite::Result<()> {
    db.prepare_cached("BEGIN IMMEDIATE")?.execute([]).map(drop)
}

fn commit(db: &Connection) -> rusqlite::Result<()> {
    db.prepare_cached("COMMIT")?.execute([]).map(drop)
}

/// Some failures roll the transaction back by themselves.
fn roll_back(db: &Connection) {
    if db.is_autocommit() {
        return;
    }
    if let Err(error) = db.execute_batch("ROLLBACK") {
        tracing::error!(%error, "a transaction was not rolled back");
    }
}

impl Command {
    /// How much work it is.
    fn size(&self) -> usize {
        match self {
            Self::Acquire { .. } | Self::Prune { .. } => 1,
            Self::Commit { changes, .. } => changes.len(),
        }
    }

    fn carry_out(&self, db: &Connection) -> rusqlite::Result<Outcome> {
        match self {
            Self::Acquire { shard, .. } => shards::acquire(db, *shard).map(Outcome::Acquired),
            Self::Commit { lease, changes, .. } => {
                if !shards::is_held(db, lease)? {
                    return Ok(Outcome::Refused);
                }
                for change in &**changes {
                    changes::apply(db, lease.shard, change)?;
                }
                Ok(Outcome::Committed)
            }
            Self::Prune { prune, .. } => {
                let begun = Instant::now();
                let mut pruned = retention::prune(db, prune)?;
                pruned.took = begun.elapsed();
                Ok(Outcome::Pruned(pruned))
            }
        }
    }

    fn answer(self, outcome: Result<Outcome, WriteFault>) {
        // Nobody is left to hear it when the caller was cancelled.
        match self {
            Self::Acquire { reply, shard } => {
                let answer = match outcome {
                    Ok(Outcome::Acquired(lease)) => Ok(lease),
                    Ok(_) => Err(CommitError::Refused(shard)),
                    Err(fault) => Err(fault.into()),
                };
                drop(reply.send(answer));
            }
            Self::Commit { reply, lease, .. } => {
                let answer = match outcome {
                    Ok(Outcome::Committed) => Ok(()),
                    Ok(_) => Err(CommitError::Refused(lease.shard)),
                    Err(fault) => Err(fault.into()),
                };
                drop(reply.send(answer));
            }
            Self::Prune { reply, .. } => {
                let answer = match outcome {
                    Ok(Outcome::Pruned(pruned)) => Ok(pruned),
                    Ok(_) => Ok(Pruned::default()),
                    Err(fault) => Err(fault.into()),
                };
                drop(reply.send(answer));
            }
        }
    }
}

#[cfg(test)]
mod tests;
