//! The schema and how it came about: numbered migrations, forward only.
//!
//! `user_version` counts the migrations that a file has had. Each runs in one transaction with the
//! count, so a crash leaves a file before it or after it. A file with a higher count than this
//! binary knows is refused: it was written by a later version.

use rusqlite::{Connection, TransactionBehavior};

/// Each file once, in order; never edited after a release.
const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001_initial.sql"),
    include_str!("migrations/0002_requests.sql"),
    include_str!("migrations/0003_waits.sql"),
    include_str!("migrations/0004_step_traces.sql"),
    include_str!("migrations/0005_defers.sql"),
    include_str!("migrations/0006_cancellations.sql"),
    include_str!("migrations/0007_endpoints.sql"),
    include_str!("migrations/0008_metadata.sql"),
    include_str!("migrations/0009_flow_control.sql"),
    include_str!("migrations/0010_traces.sql"),
    include_str!("migrations/0011_lists.sql"),
    include_str!("migrations/0012_operations.sql"),
    include_str!("migrations/0013_history.sql"),
    include_str!("migrations/0014_attributes.sql"),
    include_str!("migrations/0015_attempts.sql"),
    include_str!("migrations/0016_archived_apps.sql"),
    include_str!("migrations/0017_error_counts.sql"),
    include_str!("migrations/0018_operations.sql"),
];

/// Why a schema was not brought up to date.
#[derive(Debug)]
pub(super) enum MigrateError {
    Newer { found: u32, known: u32 },
    Sql(rusqlite::Error),
}

impl From<rusqlite::Error> for MigrateError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

/// Bring the schema up to date.
pub(super) fn migrate(db: &mut Connection) -> Result<(), MigrateError> {
    let found: u32 = db.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let done = usize::try_from(found).unwrap_or(usize::MAX);
    let known = u32::try_from(MIGRATIONS.len()).expect("migrations are few");
    let Some(due) = MIGRATIONS.get(done..) else {
        return Err(MigrateError::Newer { found, known });
    };
    for (version, sql) in (found + 1..).zip(due) {
        let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        tx.execute_batch(sql)?;
        tx.pragma_update(None, "user_version", version)?;
        tx.commit()?;
        tracing::info!(version, "migrated the schema");
    }
    Ok(())
}
