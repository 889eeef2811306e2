//! What a failure of SQLite means to callers of the store.

use std::sync::Arc;

use rusqlite::ErrorCode;

use crate::{Cause, CommitError, ReadError};

/// Why a read failed.
#[derive(Debug)]
pub(super) enum ReadFault {
    Sql(rusqlite::Error),
    /// A row that does not decode.
    Row {
        table: &'static str,
        detail: String,
    },
    /// Rows that contradict each other.
    Rows(ReadError),
}

impl From<rusqlite::Error> for ReadFault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

impl From<ReadFault> for ReadError {
    fn from(fault: ReadFault) -> Self {
        match fault {
            ReadFault::Row { table, detail } => Self::Corrupt { table, detail },
            ReadFault::Rows(error) => error,
            ReadFault::Sql(error) if is_corrupt(&error) => Self::Corrupt {
                table: "the database file",
                detail: error.to_string(),
            },
            ReadFault::Sql(error) => Self::Unavailable(Arc::new(error)),
        }
    }
}

/// Why a transaction failed.
#[derive(Clone, Debug)]
pub(super) enum WriteFault {
    /// Nothing was written.
    NotWritten(Cause),
    /// It may be in the log or not: a crash now could bring back what readers don't see.
    Unknown(Cause),
}

impl WriteFault {
    /// Of a statement before COMMIT.
    pub(super) fn of_statement(error: rusqlite::Error) -> Self {
        Self::NotWritten(Arc::new(error))
    }

    /// Of COMMIT. The last frame that a transaction writes to the log is what commits it. When the
    /// disk is full, or another connection is in the way, that frame was not written. Of other
    /// failures (of fsync, above all) nobody can say.
    pub(super) fn of_commit(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull | ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                Self::NotWritten(Arc::new(error))
            }
            _ => Self::Unknown(Arc::new(error)),
        }
    }
}

impl From<WriteFault> for CommitError {
    fn from(fault: WriteFault) -> Self {
        match fault {
            WriteFault::NotWritten(cause) => Self::Unavailable(cause),
            WriteFault::Unknown(cause) => Self::OutcomeUnknown(cause),
        }
    }
}

/// A thread of the store is gone. It panicked, which is a bug.
#[derive(Debug, thiserror::Error)]
#[error("the {0} of the store has stopped")]
pub(super) struct Stopped(pub(super) &'static str);

fn is_corrupt(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
    )
}
