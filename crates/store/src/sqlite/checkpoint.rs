//! Checkpoints: copying the write-ahead log into the database.
//!
//! A checkpoint is made in two goes. First a thread with a connection of its own copies what is in the
//! log, while the writer goes on: this is nearly all, and the sync of it takes tens of milliseconds.
//! Then the writer copies what it has written meanwhile, between two commits. Only so is there a moment
//! at which all of the log is copied, and the next commit starts it again from its beginning: beside a
//! writer that never rests, a thread alone would never get there.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{self, Receiver, Sender, TryRecvError};
use std::thread::JoinHandle;

use rusqlite::Connection;
use rusqlite::hooks::Wal;

/// Pages in the log that make a checkpoint due: 16 MiB. A checkpoint writes each distinct page of
/// the log once and syncs the database; hot pages are in the log many times.
const CHECKPOINT_PAGES: u32 = 4_000;

/// The first pass takes long enough for much to come in; the second leaves little to the writer.
const PASSES: usize = 2;

/// The write-ahead log: how long it is, and when to copy it into the database.
pub(super) struct Log {
    /// Pages in the log as of the last commit.
    pages: Arc<AtomicU32>,
    checkpoint_at: u32,
    copier: Copier,
    is_copying: bool,
}

impl Log {
    /// Watch the log that `writer` writes. `copier` is another connection to the same database, which
    /// syncs as that one does.
    pub(super) fn watch(writer: &mut Connection, copier: Connection) -> std::io::Result<Self> {
        let pages = Arc::new(AtomicU32::new(0));
        let seen = Arc::clone(&pages);
        let hook = move |_: &mut Wal, pages| {
            seen.store(u32::try_from(pages).unwrap_or(0), Ordering::Relaxed);
            Ok(())
        };
        writer.wal_hook(Some(hook)).map_err(std::io::Error::other)?;
        Ok(Self {
            pages,
            checkpoint_at: CHECKPOINT_PAGES,
            copier: Copier::start(copier)?,
            is_copying: false,
        })
    }

    /// Begin a checkpoint if the log is long enough, or end the one that was begun, as far as no
    /// reader still needs the old pages.
    pub(super) fn checkpoint_if_due(&mut self, writer: &Connection) {
        if self.pages.load(Ordering::Relaxed) < self.checkpoint_at {
            return;
        }
        if self.is_copying {
            self.is_copying = !self.copier.has_ended();
        } else {
            self.is_copying = self.copier.begin();
        }
        if !self.is_copying {
            self.end(writer);
        }
    }

    fn end(&mut self, writer: &Connection) {
        match copy(writer) {
            Ok(Copied { pages, copied }) if copied < pages => {
                // A long read is in the way. Try again when as much has come in again.
                self.checkpoint_at = pages.saturating_add(CHECKPOINT_PAGES);
            }
            Ok(_) => self.checkpoint_at = CHECKPOINT_PAGES,
            Err(error) => {
                tracing::warn!(%error, "the write-ahead log was not checkpointed");
                let pages = self.pages.load(Ordering::Relaxed);
                self.checkpoint_at = pages.saturating_add(CHECKPOINT_PAGES);
            }
        }
        // Until a commit tells how long the log is, nothing is due.
        self.pages.store(0, Ordering::Relaxed);
    }
}

/// How much of the log is in the database.
struct Copied {
    pages: u32,
    copied: u32,
}

/// Copy what is in the log, without waiting for anybody.
fn copy(db: &Connection) -> rusqlite::Result<Copied> {
    db.prepare_cached("PRAGMA wal_checkpoint(PASSIVE)")?
        .query_one([], |row| {
            Ok(Copied {
                pages: row.get(1)?,
                copied: row.get(2)?,
            })
        })
}

/// The thread that copies beside the writer. Dropping it lets it finish.
struct Copier {
    begin: Option<Sender<()>>,
    ended: Receiver<()>,
    thread: Option<JoinHandle<()>>,
}

impl Copier {
    fn start(db: Connection) -> std::io::Result<Self> {
        let (begin, asked) = mpsc::channel();
        let (done, ended) = mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("store-checkpoint".into())
            .spawn(move || {
                while asked.recv().is_ok() {
                    for _ in 0..PASSES {
                        if let Err(error) = copy(&db) {
                            // The writer copies the rest, then, and says so if it can't either.
                            tracing::debug!(%error, "the write-ahead log was not copied");
                        }
                    }
                    // The writer may be gone.
                    let _ = done.send(());
                }
            })?;
        Ok(Self {
            begin: Some(begin),
            ended,
            thread: Some(thread),
        })
    }

    /// False if there is no thread any more.
    fn begin(&self) -> bool {
        let begin = self.begin.as_ref();
        begin.is_some_and(|begin| begin.send(()).is_ok())
    }

    fn has_ended(&self) -> bool {
        !matches!(self.ended.try_recv(), Err(TryRecvError::Empty))
    }
}

impl Drop for Copier {
    fn drop(&mut self) {
        self.begin = None;
        let thread = self.thread.take();
        if thread.is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the thread that makes checkpoints panicked");
        }
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;
    use crate::sqlite::open;

    /// A writer, and the log that it writes.
    struct Fixture {
        db: Connection,
        log: Log,
        _folder: TempDir,
    }

    impl Fixture {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("everstep.db");
            let mut db = open::writer(&path).unwrap();
            db.execute_batch("CREATE TABLE pages (bytes BLOB)").unwrap();
            let log = Log::watch(&mut db, open::copier(&path).unwrap()).unwrap();
            Self {
                db,
                log,
                _folder: folder,
            }
        }

        /// Write as many pages as make a checkpoint due, and some more.
        fn fill(&self) {
            let insert = "INSERT INTO pages VALUES (zeroblob(20 << 20))";
            self.db.execute_batch(insert).unwrap();
        }

        /// A connection that needs what is there now.
        fn begin_read(&self) -> Connection {
            let reader = Connection::open(self.db.path().unwrap()).unwrap();
            let read = "BEGIN; SELECT count(*) FROM pages;";
            reader.execute_batch(read).unwrap();
            reader
        }

        fn pages(&self) -> u32 {
            self.log.pages.load(Ordering::Relaxed)
        }

        /// Let the copier copy all that there is.
        fn copy_beside(&mut self) {
            self.log.checkpoint_if_due(&self.db);
            assert!(self.log.is_copying);
            self.log.copier.ended.recv().unwrap();
            self.log.is_copying = false;
        }

        /// A whole checkpoint.
        fn checkpoint(&mut self) {
            self.copy_beside();
            self.log.end(&self.db);
        }
    }

    /// What a copier can't copy yet is what was committed while it copied, or what a reader is in the
    /// way of; here it is the latter, because that can be had at will.
    #[test]
    fn the_log_starts_again_when_the_writer_has_copied_the_rest() {
        let mut fixture = Fixture::new();
        fixture.fill();
        let once = fixture.pages();
        let reader = fixture.begin_read();
        fixture.fill();
        fixture.copy_beside();
        reader.execute_batch("COMMIT").unwrap();
        fixture.log.end(&fixture.db);
        fixture.fill();
        let pages = fixture.pages();
        assert!(pages <= once, "{pages} pages instead of {once}");
    }

    #[test]
    fn the_copier_copies_by_itself() {
        let mut fixture = Fixture::new();
        fixture.fill();
        fixture.copy_beside();
        let path = fixture.db.path().unwrap();
        let bytes = std::fs::metadata(path).unwrap().len();
        assert!(bytes > 20 << 20, "{bytes} bytes");
    }

    /// While a reader needs the old pages, checkpoints are tried again only as the log grows.
    #[test]
    fn a_long_read_delays_the_checkpoint() {
        let mut fixture = Fixture::new();
        fixture.fill();
        let reader = fixture.begin_read();
        fixture.fill();
        fixture.checkpoint();
        let next = fixture.log.checkpoint_at;
        assert!(next > CHECKPOINT_PAGES * 2, "{next}");
        reader.execute_batch("COMMIT").unwrap();
        fixture.fill();
        fixture.checkpoint();
        assert_eq!(fixture.log.checkpoint_at, CHECKPOINT_PAGES);
    }
}
