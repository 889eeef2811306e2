//! `metadata`.

use everstep_core::record::{MetadataRecord, MetadataTarget, ShardId};
use everstep_protocol::{RunId, SpanId, StepId};
use rusqlite::{Connection, params};

use crate::rules;
use crate::sqlite::error::ReadFault;
use crate::sqlite::query::{Columns, list};

const RUN: &str = "run";
const STEP: &str = "step";
const ATTEMPT: &str = "attempt";
const SPAN: &str = "span";

/// What the columns hold that a scope does not have.
const NO_STEP: &str = "";
const NO_ATTEMPT: u32 = 0;
const NO_SPAN: &[u8] = &[];

pub(in crate::sqlite) fn put(
    db: &Connection,
    shard: ShardId,
    record: &MetadataRecord,
) -> rusqlite::Result<()> {
    let span_bytes;
    let (scope, attempt, span) = match &record.target {
        MetadataTarget::Run => (RUN, NO_ATTEMPT, NO_SPAN),
        MetadataTarget::Step(_) => (STEP, NO_ATTEMPT, NO_SPAN),
        MetadataTarget::Attempt { attempt, .. } => (ATTEMPT, *attempt, NO_SPAN),
        MetadataTarget::Span { span, .. } => {
            span_bytes = span.to_bytes();
            (SPAN, NO_ATTEMPT, span_bytes.as_slice())
        }
    };
    db.prepare_cached(
        r#"INSERT OR REPLACE INTO metadata
               (run, scope, step, attempt, span, kind, shard, updated_at, "values")
           VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"#,
    )?
    .execute(params![
        record.run.to_bytes(),
        scope,
        record.target.step().map_or(NO_STEP, StepId::as_str),
        attempt,
        span,
        record.kind,
        shard.0,
        record.updated_at.as_millis(),
        record.values.as_str(),
    ])?;
    Ok(())
}

/// The metadata of a run, by target and kind.
pub(in crate::sqlite) fn of_run(
    db: &Connection,
    run: RunId,
) -> Result<Vec<MetadataRecord>, ReadFault> {
    let sql = r#"SELECT run, scope, step, attempt, span, kind, "values", updated_at
                 FROM metadata WHERE run = ?1"#;
    let mut records = list(db, "metadata", sql, params![run.to_bytes()], |row| {
        Ok(MetadataRecord {
            run: row.run()?,
            target: target(row)?,
            kind: row.shared_text()?,
            values: row.json()?,
            updated_at: row.time()?,
        })
    })?;
    records.sort_by(rules::metadata_order);
    Ok(records)
}

fn target(row: &mut Columns<'_>) -> Result<MetadataTarget, ReadFault> {
    let scope = row.text()?;
    let step = row.step()?;
    let attempt = row.number()?;
    let span = row.bytes()?;
    match scope {
        RUN => Ok(MetadataTarget::Run),
        STEP => Ok(MetadataTarget::Step(step)),
        ATTEMPT => Ok(MetadataTarget::Attempt { step, attempt }),
        SPAN => match span.try_into() {
            Ok(bytes) => {
                let span = SpanId::from_bytes(bytes);
                Ok(MetadataTarget::Span { step, span })
            }
            Err(_) => Err(row.damage(&format!("a span of {} bytes", span.len()))),
        },
        scope => Err(row.damage(&format!("does not fit metadata of scope {scope:?}"))),
    }
}
