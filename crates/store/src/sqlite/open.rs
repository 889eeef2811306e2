//! Opening a database file: ownership, settings, schema.

use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::schema::{self, MigrateError};
use crate::OpenError;

/// How long to wait for another program that writes the file, such as the SQLite shell.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Prepared statements that a connection keeps: more than there are.
const STATEMENTS_MAX: usize = 128;

/// The memory of the writer for pages, in KiB. It holds what step commits touch.
const WRITER_CACHE_KIB: i64 = 8 * 1024;

/// The memory of each reader for pages, in KiB.
const READER_CACHE_KIB: i64 = 2 * 1024;

/// What the log is cut to, in bytes, when it was longer.
const LOG_BYTES_KEPT: i64 = 64 * 1024 * 1024;

/// Become the owner of the database: as long as the file that this returns is open, no other store
/// can do the same.
pub(super) fn lock(path: &Path) -> Result<File, OpenError> {
    let mut name = OsString::from(path);
    name.push(".lock");
    let failed = |error| failed(path, error);
    let file = File::options()
        .write(true)
        .create(true)
        .truncate(false)
        .open(PathBuf::from(name))
        .map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse {
            path: path.display().to_string(),
        }),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

/// Make the folder of the database, durably.
pub(super) fn create_parent(path: &Path) -> Result<(), OpenError> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() && !folder.exists() => folder,
        _ => return Ok(()),
    };
    fs::create_dir_all(folder)
        .and_then(|()| sync_entry(folder))
        .map_err(|error| failed(path, error))
}

/// The connection that writes, with the schema brought up to date.
pub(super) fn writer(path: &Path) -> Result<Connection, OpenError> {
    let sql_failed = |error: rusqlite::Error| failed(path, error);
    let mut db = connect(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
    )
    .map_err(sql_failed)?;
    settle_writer(&db).map_err(sql_failed)?;
    schema::migrate(&mut db).map_err(|error| match error {
        MigrateError::Newer { found, known } => OpenError::Newer {
            path: path.display().to_string(),
            found,
            known,
        },
        MigrateError::Sql(error) => sql_failed(error),
    })?;
    Ok(db)
}

/// A connection that makes checkpoints. It syncs as the writer does.
pub(super) fn copier(path: &Path) -> Result<Connection, OpenError> {
    let sql_failed = |error: rusqlite::Error| failed(path, error);
    let db = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(sql_failed)?;
    settle_writer(&db).map_err(sql_failed)?;
    Ok(db)
}

/// A connection that reads.
pub(super) fn reader(path: &Path) -> Result<Connection, OpenError> {
    let sql_failed = |error: rusqlite::Error| failed(path, error);
    let db = connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(sql_failed)?;
    db.pragma_update(None, "cache_size", -READER_CACHE_KIB)
        .map_err(sql_failed)?;
    Ok(db)
}

fn connect(path: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
    // One thread uses a connection, so it needs no mutex of its own. Paths are not URIs.
    let db = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    db.busy_timeout(BUSY_TIMEOUT)?;
    db.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    db.pragma_update(None, "temp_store", "memory")?;
    // Plans must not depend on the values of parameters: SQLite would plan again for each value.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(db)
}

fn settle_writer(db: &Connection) -> rusqlite::Result<()> {
    db.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    // Each commit is synced, so a power cut loses none. `normal` would sync checkpoints only.
    db.pragma_update(None, "synchronous", "full")?;
    db.pragma_update(None, "foreign_keys", false)?;
    db.pragma_update(None, "cache_size", -WRITER_CACHE_KIB)?;
    // The writer makes checkpoints itself, between commits.
    db.pragma_update_and_check(None, "wal_autocheckpoint", 0, |_| Ok(()))?;
    db.pragma_update_and_check(None, "journal_size_limit", LOG_BYTES_KEPT, |_| Ok(()))?;
    Ok(())
}

/// A new folder survives a power cut once the folder around it is synced. Windows can't do it, and
/// does not need it.
fn sync_entry(folder: &Path) -> io::Result<()> {
    match folder.parent() {
        Some(around) if cfg!(unix) && !around.as_os_str().is_empty() => {
            File::open(around)?.sync_all()
        }
        _ => Ok(()),
    }
}

pub(super) fn failed(
    path: &Path,
    error: impl std::error::Error + Send + Sync + 'static,
) -> OpenError {
    OpenError::Failed {
        path: path.display().to_string(),
        cause: Arc::new(error),
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::types::Value;

    use super::*;

    /// The value of a setting, which is a text or a number.
    fn setting(db: &Connection, name: &str) -> Value {
        db.pragma_query_value(None, name, |row| row.get(0)).unwrap()
    }

    /// No test can cut the power. That commits are synced is seen from the settings alone.
    #[test]
    fn commits_are_synced() {
        const FULL: i64 = 2;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("everstep.db");
        for open in [writer, writer, copier] {
            let db = open(&path).unwrap();
            assert_eq!(setting(&db, "journal_mode"), Value::from("wal".to_owned()));
            assert_eq!(setting(&db, "synchronous"), Value::from(FULL));
        }
    }

    #[test]
    fn readers_can_not_write() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("everstep.db");
        let _writer = writer(&path).unwrap();
        let reader = reader(&path).unwrap();
        assert!(reader.execute("DELETE FROM runs", []).is_err());
    }
}
