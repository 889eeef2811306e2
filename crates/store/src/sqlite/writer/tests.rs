//! Commits that fail: what is answered, and what is there afterwards.

use std::sync::atomic::{AtomicU32, Ordering};

use everstep_core::record::{EventRecord, ShardId};
use everstep_protocol::{EventId, Json, Timestamp};
use tempfile::TempDir;

use super::*;
use crate::History;
use crate::sqlite::open;

/// The connection of a writer, and the lease of the embedded shard.
struct Fixture {
    db: Connection,
    lease: ShardLease,
    _folder: TempDir,
}

impl Fixture {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let db = open::writer(&folder.path().join("everstep.db")).unwrap();
        let lease = shards::acquire(&db, ShardId::EMBEDDED).unwrap();
        Self {
            db,
            lease,
            _folder: folder,
        }
    }

    /// Commit events of these sizes, each on its own, as one group.
    fn settle(&self, sizes: &[usize]) -> Vec<Result<(), CommitError>> {
        let mut answers = Vec::new();
        let mut group = Vec::new();
        for (number, size) in sizes.iter().enumerate() {
            let (reply, answer) = oneshot::channel();
            let changes = Arc::new([Change::PutEvent(event(number, *size))]);
            group.push(Command::Commit {
                lease: self.lease,
                changes,
                reply,
            });
            answers.push(answer);
        }
        settle(&self.db, group);
        answers
            .into_iter()
            .map(|mut answer| answer.try_recv().unwrap())
            .collect()
    }

    fn stored(&self) -> u32 {
        self.db
            .query_one("SELECT count(*) FROM events", [], |row| row.get(0))
            .unwrap()
    }

    /// Let the file grow by so many pages.
    fn limit_pages(&self, more: u32) {
        let pages: u32 = self
            .db
            .pragma_query_value(None, "page_count", |row| row.get(0))
            .unwrap();
        let max = pages + more;
        self.db
            .pragma_update_and_check(None, "max_page_count", max, |_| Ok(()))
            .unwrap();
    }
}

fn event(number: usize, size: usize) -> EventRecord {
    EventRecord {
        id: EventId::from_parts(Timestamp::default(), number as u128),
        name: "event".into(),
        user_id: None,
        ts: Timestamp::default(),
        received_at: Timestamp::default(),
        payload: Json::string(&"x".repeat(size)),
    }
}

#[test]
fn a_full_disk_refuses_only_what_does_not_fit() {
    let fixture = Fixture::new();
    fixture.limit_pages(4);
    let answers = fixture.settle(&[100, 1_000_000, 100]);
    assert!(
        matches!(
            answers[..],
            [Ok(()), Err(CommitError::Unavailable(_)), Ok(())]
        ),
        "{answers:?}"
    );
    assert_eq!(fixture.stored(), 2);
    fixture.limit_pages(1_000);
    assert!(
        fixture
            .settle(&[100, 1_000_000, 100])
            .iter()
            .all(Result::is_ok)
    );
    assert_eq!(fixture.stored(), 3);
}

/// COMMIT itself fails: the outcome is unknown, the writer goes on, and the same commit made again
/// settles it.
#[test]
fn a_failing_commit_has_an_unknown_outcome() {
    let mut fixture = Fixture::new();
    fixture.db.commit_hook(Some(|| true)).unwrap();
    for answer in fixture.settle(&[100, 100]) {
        assert!(
            matches!(answer, Err(CommitError::OutcomeUnknown(_))),
            "{answer:?}"
        );
    }
    fixture.db.commit_hook(None::<fn() -> bool>).unwrap();
    assert!(fixture.db.is_autocommit(), "no transaction is left open");
    assert!(fixture.settle(&[100, 100]).iter().all(Result::is_ok));
    assert_eq!(fixture.stored(), 2);
}

/// Another program has the database for longer than the writer waits: the whole group is told so
/// after one wait.
#[test]
fn a_locked_database_is_unavailable() {
    static WAITS: AtomicU32 = AtomicU32::new(0);
    let mut fixture = Fixture::new();
    let give_up = |_| {
        WAITS.fetch_add(1, Ordering::Relaxed);
        false
    };
    fixture.db.busy_handler(Some(give_up)).unwrap();
    let other = Connection::open(fixture.db.path().unwrap()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    for answer in fixture.settle(&[100, 100]) {
        assert!(
            matches!(answer, Err(CommitError::Unavailable(_))),
            "{answer:?}"
        );
    }
    assert_eq!(WAITS.load(Ordering::Relaxed), 1);
    other.execute_batch("COMMIT").unwrap();
    assert!(fixture.settle(&[100]).iter().all(Result::is_ok));
}

#[test]
fn groups_are_bounded() {
    let commit = |changes: usize| {
        let (reply, _) = oneshot::channel();
        let lease = ShardLease {
            shard: ShardId(0),
            epoch: everstep_core::record::Epoch(1),
        };
        let changes = (0..changes)
            .map(|number| Change::PutEvent(event(number, 1)))
            .collect();
        Command::Commit {
            lease,
            changes,
            reply,
        }
    };
    let (commands, received) = mpsc::channel();
    for _ in 0..GROUP_COMMITS_MAX + 10 {
        commands.send(commit(1)).unwrap();
    }
    let prune = || {
        let (reply, _) = oneshot::channel();
        let prune = Prune {
            history: History::Runs,
            before: Timestamp::MAX,
            after: None,
            rows: 1,
        };
        Command::Prune { prune, reply }
    };
    // It came first, and goes after all that wait with it.
    let first = gather(prune(), &received);
    assert_eq!(
        (first.group.len(), first.prunes.len()),
        (GROUP_COMMITS_MAX, 1)
    );
    for _ in 0..GROUP_COMMITS_MAX {
        commands.send(commit(1)).unwrap();
    }
    let gathered = |command| gather(command, &received).group.len();
    assert_eq!(gathered(commit(1)), GROUP_COMMITS_MAX);
    assert_eq!(
        gathered(commit(GROUP_CHANGES_MAX)),
        1,
        "a large one goes alone"
    );
    assert_eq!(gathered(commit(1)), 12, "the rest");
}
