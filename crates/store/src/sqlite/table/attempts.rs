//! `attempts`.

use std::time::Duration;

use everstep_core::record::AttemptRecord;
use everstep_protocol::reply::CallTiming;
use everstep_protocol::{RunId, UserError};
use rusqlite::{Connection, params};

use super::integer;
use crate::rules;
use crate::sqlite::error::ReadFault;
use crate::sqlite::query::{Columns, list};
use crate::words::Word;

const PUT: &str = "
    INSERT OR REPLACE INTO attempts
        (run, request, job, generation, attempt, step, outcome, started_at, duration_ns, http_status,
         error_name, error_message, error, due_at, connect_ns, first_byte_ns)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)";

pub(in crate::sqlite) fn put(db: &Connection, attempt: &AttemptRecord) -> rusqlite::Result<()> {
    let error = attempt.error.as_ref();
    db.prepare_cached(PUT)?.execute(params![
        attempt.job.run.to_bytes(),
        attempt.request.to_bytes(),
        attempt.job.number,
        attempt.generation,
        attempt.attempt,
        attempt.step.as_ref().map(|step| step.as_str()),
        attempt.outcome.word(),
        attempt.started_at.as_millis(),
        integer(attempt.duration.as_nanos()),
        attempt.http_status,
        error.map(|error| &error.name),
        error.map(|error| &error.message),
        error.map(|error| error.json.as_str()),
        attempt.due_at.as_millis(),
        attempt
            .timing
            .map(|timing| integer(timing.connect.as_nanos())),
        attempt
            .timing
            .map(|timing| integer(timing.first_byte.as_nanos())),
    ])?;
    Ok(())
}

/// Oldest first.
pub(in crate::sqlite) fn of_run(
    db: &Connection,
    run: RunId,
) -> Result<Vec<AttemptRecord>, ReadFault> {
    let sql =
        "SELECT request, run, job, generation, attempt, step, outcome, due_at, started_at, duration_ns,
                      connect_ns, first_byte_ns, http_status, error_name, error_message, error
               FROM attempts WHERE run = ?1";
    let mut attempts = list(db, "attempts", sql, params![run.to_bytes()], |row| {
        Ok(AttemptRecord {
            request: row.request()?,
            job: row.job()?,
            generation: row.number()?,
            attempt: row.number()?,
            step: row.optional(Columns::step)?,
            outcome: row.word()?,
            due_at: row.time()?,
            started_at: row.time()?,
            duration: row.number().map(Duration::from_nanos)?,
            timing: timing(row)?,
            http_status: row.optional(Columns::number)?,
            error: row.optional(error)?,
        })
    })?;
    attempts.sort_by(rules::attempt_order);
    Ok(attempts)
}

fn timing(row: &mut Columns<'_>) -> Result<Option<CallTiming>, ReadFault> {
    let connect = row.optional(Columns::number)?.map(Duration::from_nanos);
    let first_byte = row.optional(Columns::number)?.map(Duration::from_nanos);
    Ok(connect
        .zip(first_byte)
        .map(|(connect, first_byte)| CallTiming {
            connect,
            first_byte,
        }))
}

fn error(row: &mut Columns<'_>) -> Result<UserError, ReadFault> {
    Ok(UserError {
        name: row.string()?,
        message: row.string()?,
        json: row.json()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite::schema;

    /// A check with a list of words would make one for each row.
    #[test]
    fn an_attempt_is_put_without_a_table_of_its_own() {
        let mut db = Connection::open_in_memory().unwrap();
        schema::migrate(&mut db).unwrap();
        let mut statement = db.prepare(&format!("EXPLAIN {PUT}")).unwrap();
        let nothing = rusqlite::params_from_iter([(); 16].map(|()| rusqlite::types::Null));
        let rows = statement.query_map(nothing, |row| row.get("opcode"));
        let opcodes: Vec<String> = rows.unwrap().map(Result::unwrap).collect();
        assert!(
            opcodes
                .iter()
                .any(|opcode| opcode == "Insert" || opcode == "IdxInsert")
        );
        assert!(
            !opcodes.iter().any(|opcode| opcode == "OpenEphemeral"),
            "{opcodes:?}"
        );
    }
}
