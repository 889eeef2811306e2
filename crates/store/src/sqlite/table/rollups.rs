//! `rollups`, and what was counted of a run.

use std::collections::BTreeMap;

use everstep_core::record::RunRecord;
use everstep_protocol::{FunctionId, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};

use super::integer;
use crate::retention::Place;
use crate::rollup::{Counted, MINUTE, Rollup, RollupFilter, Spread, start_of, tally};
use crate::sqlite::error::ReadFault;
use crate::sqlite::query::{Columns, first, list};

/// So many functions are looked up one by one; of more, all rows are read.
const FUNCTIONS_LOOKED_UP_MAX: usize = 16;

/// A bucket of a histogram: how long, and how many.
const BUCKET_SIZE: usize = 1 + 4;

/// Count what the row of the run says and was not counted before. What is counted of it then.
pub(super) fn count(db: &Connection, run: &RunRecord) -> rusqlite::Result<Counted> {
    let counted = db
        .prepare_cached("SELECT counted FROM runs WHERE id = ?1")?
        .query_one(params![run.id.to_bytes()], |row| row.get(0).map(Counted))
        .optional()?
        .unwrap_or_default();
    let (counted, added) = tally(run, counted);
    for (start, rollup) in added {
        add(db, start, run.function, &rollup)?;
    }
    Ok(counted)
}

/// Rows are few and hot: one is read, added to and written again.
pub(super) fn add(
    db: &Connection,
    start: Timestamp,
    function: FunctionId,
    added: &Rollup,
) -> rusqlite::Result<()> {
    let mut rollup = db
        .prepare_cached(concat!(
            "SELECT scheduled, started, completed, failed, cancelled, skipped, delay_sum, delay_max,",
            " delays, duration_sum, duration_max, durations",
            " FROM rollups WHERE start = ?1 AND function = ?2"
        ))?
        .query_one(params![start.as_millis(), function.0.as_bytes()], |row| {
            // A row that does not decode is damage, which reads report; counting goes on anew.
            Ok(decode(&mut Columns::new("rollups", row)).unwrap_or_default())
        })
        .optional()?
        .unwrap_or_default();
    rollup += added;
    put(db, start, function, &rollup)
}

fn put(
    db: &Connection,
    start: Timestamp,
    function: FunctionId,
    rollup: &Rollup,
) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT OR REPLACE INTO rollups
             (start, function, scheduled, started, completed, failed, cancelled, skipped,
              delay_sum, delay_max, delays, duration_sum, duration_max, durations)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
    )?
    .execute(params![
        start.as_millis(),
        function.0.as_bytes(),
        integer(rollup.scheduled),
        integer(rollup.started),
        integer(rollup.completed),
        integer(rollup.failed),
        integer(rollup.cancelled),
        integer(rollup.skipped),
        integer(rollup.delay.sum_ms),
        integer(rollup.delay.max_ms),
        pack(&rollup.delay),
        integer(rollup.duration.sum_ms),
        integer(rollup.duration.max_ms),
        pack(&rollup.duration),
    ])?;
    Ok(())
}

pub(super) fn delete(
    db: &Connection,
    start: Timestamp,
    function: FunctionId,
) -> rusqlite::Result<()> {
    db.prepare_cached("DELETE FROM rollups WHERE start = ?1 AND function = ?2")?
        .execute(params![start.as_millis(), function.0.as_bytes()])?;
    Ok(())
}

/// Up to `limit` rows after a place and from before a time, in order. Rows that do not decode are
/// damage, which reads report.
pub(super) fn after(
    db: &Connection,
    place: Place,
    before: Timestamp,
    limit: usize,
) -> rusqlite::Result<Vec<(Timestamp, FunctionId, Rollup)>> {
    let mut statement = db.prepare_cached(
        "SELECT start, function, scheduled, started, completed, failed, cancelled, skipped,
                delay_sum, delay_max, delays, duration_sum, duration_max, durations
         FROM rollups WHERE (start, function) > (?1, ?2) AND start < ?3
         ORDER BY start, function LIMIT ?4",
    )?;
    let params = params![
        place.at.as_millis(),
        place.id,
        before.as_millis(),
        integer(limit)
    ];
    let rows = statement.query_map(params, |row| {
        let mut columns = Columns::new("rollups", row);
        let read = |columns: &mut Columns<'_>| {
            Ok::<_, ReadFault>((columns.time()?, columns.function()?, decode(columns)?))
        };
        Ok(read(&mut columns).ok())
    })?;
    rows.filter_map(Result::transpose).collect()
}

/// Sums over the functions, by the beginning of each bucket; buckets without anything are left out.
pub(in crate::sqlite) fn sums(
    db: &Connection,
    filter: &RollupFilter,
) -> Result<Vec<(Timestamp, Rollup)>, ReadFault> {
    let mut sums: BTreeMap<Timestamp, Rollup> = BTreeMap::new();
    for_each(db, filter, |start, _, rollup| {
        *sums.entry(start_of(filter.bucket, start)).or_default() += rollup;
    })?;
    Ok(sums.into_iter().collect())
}

/// The sums of each function, by the beginning of each bucket.
pub(in crate::sqlite) fn sums_by_function(
    db: &Connection,
    filter: &RollupFilter,
) -> Result<Vec<(FunctionId, Timestamp, Rollup)>, ReadFault> {
    let mut sums: BTreeMap<(FunctionId, Timestamp), Rollup> = BTreeMap::new();
    for_each(db, filter, |start, function, rollup| {
        let bucket = (function, start_of(filter.bucket, start));
        *sums.entry(bucket).or_default() += rollup;
    })?;
    let sums = sums.into_iter();
    let sums = sums.map(|((function, start), rollup)| (function, start, rollup));
    Ok(sums.collect())
}

/// Shows every row that the filter means.
fn for_each(
    db: &Connection,
    filter: &RollupFilter,
    mut show: impl FnMut(Timestamp, FunctionId, &Rollup),
) -> Result<(), ReadFault> {
    match &filter.functions {
        Some(functions) if functions.len() <= FUNCTIONS_LOOKED_UP_MAX => {
            for start in starts(db, filter)? {
                for function in functions {
                    if let Some(rollup) = view(db, start, *function)? {
                        show(start, *function, &rollup);
                    }
                }
            }
        }
        functions => {
            let sql = "SELECT start, function, scheduled, started, completed, failed, cancelled,
                              skipped, delay_sum, delay_max, delays, duration_sum, duration_max,
                              durations
                       FROM rollups WHERE start >= ?1 AND start < ?2";
            let range = params![filter.from.as_millis(), filter.until.as_millis()];
            list(db, "rollups", sql, range, |row| {
                let (start, function) = (row.time()?, row.function()?);
                if functions.as_ref().is_none_or(|of| of.contains(&function)) {
                    show(start, function, &decode(row)?);
                }
                Ok(())
            })?;
        }
    }
    Ok(())
}

/// The times that there are rows of, each found from the one before: rows of other functions are
/// passed over.
fn starts(db: &Connection, filter: &RollupFilter) -> Result<Vec<Timestamp>, ReadFault> {
    let sql = "SELECT start FROM rollups WHERE start >= ?1 AND start < ?2 ORDER BY start LIMIT 1";
    let mut starts = Vec::new();
    let mut from = filter.from;
    loop {
        let range = params![from.as_millis(), filter.until.as_millis()];
        let Some(start) = first(db, "rollups", sql, range, |row| row.time())? else {
            return Ok(starts);
        };
        starts.push(start);
        from = start + MINUTE;
    }
}

fn view(
    db: &Connection,
    start: Timestamp,
    function: FunctionId,
) -> Result<Option<Rollup>, ReadFault> {
    let sql = "SELECT scheduled, started, completed, failed, cancelled, skipped, delay_sum,
                      delay_max, delays, duration_sum, duration_max, durations
               FROM rollups WHERE start = ?1 AND function = ?2";
    let key = params![start.as_millis(), function.0.as_bytes()];
    first(db, "rollups", sql, key, decode)
}

fn decode(row: &mut Columns<'_>) -> Result<Rollup, ReadFault> {
    Ok(Rollup {
        scheduled: row.number()?,
        started: row.number()?,
        completed: row.number()?,
        failed: row.number()?,
        cancelled: row.number()?,
        skipped: row.number()?,
        delay: spread(row)?,
        duration: spread(row)?,
    })
}

fn spread(row: &mut Columns<'_>) -> Result<Spread, ReadFault> {
    Ok(Spread {
        sum_ms: row.number()?,
        max_ms: row.number()?,
        buckets: {
            let bytes = row.bytes()?;
            let (buckets, rest) = bytes.as_chunks::<BUCKET_SIZE>();
            if !rest.is_empty() {
                return Err(row.damage(&format!("a histogram of {} bytes", bytes.len())));
            }
            let unpack = |&[bucket, a, b, c, d]: &[u8; BUCKET_SIZE]| {
                (bucket, u32::from_be_bytes([a, b, c, d]))
            };
            buckets.iter().map(unpack).collect()
        },
    })
}

fn pack(spread: &Spread) -> Vec<u8> {
    let mut packed = Vec::with_capacity(spread.buckets.len() * BUCKET_SIZE);
    for (bucket, count) in &spread.buckets {
        packed.push(*bucket);
        packed.extend(count.to_be_bytes());
    }
    packed
}
