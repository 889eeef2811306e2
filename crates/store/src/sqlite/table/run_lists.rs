//! Lists of `runs`: one walk along an index, or several in step, and a look at each row on the way.
//!
//! The walk is chosen so that most rows on it belong to the list; what the index does not tell is
//! looked at in the row. What few rows meet is so found in portions: a page ends when it has looked
//! at all that it may.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use everstep_core::record::{ErrorGroupId, RunRecord, RunStatus};
use everstep_protocol::{FunctionId, OperationId, RunId, Timestamp};
use rusqlite::types::Value;
use rusqlite::{Connection, Rows, params, params_from_iter};

use crate::run_list::{
    Order, RunCount, RunCursor, RunFilter, RunPage, RunQuery, RunTime, RunTrigger,
};
use crate::sqlite::error::ReadFault;
use crate::sqlite::query::{Columns, first, list};

use super::runs::decode;
use super::{attributes, integer, reruns};

/// Functions whose runs are walked along in step. With more of them all runs are walked along.
const WALKS_MAX: usize = 50;

/// Above every id.
const ID_END: [u8; 17] = [0xff; 17];

/// A row, and the error that the run failed with.
const SELECT: &str = "
    SELECT r.id, r.function, r.function_version, r.status, r.started_at, r.ended_at,
           r.max_attempts, r.request_version, r.parallel, r.next_job, r.generation, r.state_bytes,
           r.steps_done, NULL, r.batch, r.priority, r.invoked_by, r.keys, r.error_group";

/// A page of runs. The caller provides the transaction.
pub(in crate::sqlite) fn page(db: &Connection, query: &RunQuery) -> Result<RunPage, ReadFault> {
    let mut runs = Vec::new();
    let mut more = false;
    let walked = walk(db, query, &mut |run| {
        more = runs.len() == query.limit;
        if !more {
            runs.push(run);
        }
        !more
    })?;
    let time = query.filter.time;
    let last = runs.last().and_then(|run| place(time, run));
    let next = match walked {
        Walked::ToTheEnd => None,
        Walked::UpTo(_) if more => last.or(query.after),
        Walked::UpTo(place) => Some(place),
    };
    if query.with_output {
        for run in &mut runs {
            let sql = "SELECT output FROM run_outputs WHERE run = ?1";
            run.output = first(db, "run_outputs", sql, params![run.id.to_bytes()], |row| {
                row.json()
            })?;
        }
    }
    Ok(RunPage { runs, next })
}

/// How many runs there are, up to `max`. The caller provides the transaction.
pub(in crate::sqlite) fn count(
    db: &Connection,
    filter: &RunFilter,
    max: usize,
) -> Result<RunCount, ReadFault> {
    let query = RunQuery {
        reads_max: crate::run_list::RUN_READS_MAX,
        ..RunQuery::new(filter.clone(), max)
    };
    let mut runs = 0;
    let mut more = false;
    let walked = walk(db, &query, &mut |_| {
        more = runs == max;
        runs += usize::from(!more);
        !more
    })?;
    Ok(RunCount {
        runs,
        is_exact: walked == Walked::ToTheEnd,
    })
}

/// What triggered each of these runs. The caller provides the transaction.
pub(in crate::sqlite) fn triggers(
    db: &Connection,
    runs: &[RunId],
    events_max: usize,
) -> Result<Vec<RunTrigger>, ReadFault> {
    let sql = "SELECT event FROM run_events WHERE run = ?1 ORDER BY position LIMIT ?2";
    let trigger = |run: &RunId| {
        let params = params![run.to_bytes(), integer(events_max)];
        Ok(RunTrigger {
            events: list(db, "run_events", sql, params, |row| row.event())?,
            event_name: event_name(db, *run)?,
        })
    };
    runs.iter().map(trigger).collect()
}

/// How far a walk came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Walked {
    ToTheEnd,
    /// The last run that was looked at.
    UpTo(RunCursor),
}

/// Looks at runs in order until `visit` has enough of those that meet the filter.
fn walk(
    db: &Connection,
    query: &RunQuery,
    visit: &mut dyn FnMut(RunRecord) -> bool,
) -> Result<Walked, ReadFault> {
    let filter = &query.filter;
    let functions = functions(db, filter)?;
    if functions.as_ref().is_some_and(BTreeSet::is_empty) {
        return Ok(Walked::ToTheEnd);
    }
    let Walk { sql, values } = Walk::of(query, functions.as_ref(), &shards(db)?);
    let mut statement = db.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(values))?;
    let mut reads = 0;
    let mut last = None;
    while let Some((run, group)) = next_run(&mut rows)? {
        if reads >= query.reads_max
            && let Some(last) = last
        {
            return Ok(Walked::UpTo(last));
        }
        reads += 1;
        last = place(filter.time, &run);
        if filter.allows(&run, functions.as_ref())
            && filter.allows_group(group)
            && operation_allows(db, filter, run.id, &mut reads)?
            && attributes::allows(db, filter, run.id, &mut reads)?
            && event_allows(db, filter, run.id, &mut reads)?
            && !visit(run)
        {
            return Ok(last.map_or(Walked::ToTheEnd, Walked::UpTo));
        }
    }
    Ok(Walked::ToTheEnd)
}

fn next_run(rows: &mut Rows<'_>) -> Result<Option<(RunRecord, Option<ErrorGroupId>)>, ReadFault> {
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    let mut columns = Columns::new("runs", row);
    let run = decode(&mut columns)?;
    Ok(Some((run, columns.optional(Columns::error_group)?)))
}

fn place(time: RunTime, run: &RunRecord) -> Option<RunCursor> {
    let at = time.of(run)?;
    Some(RunCursor { at, run: run.id })
}

fn operation_allows(
    db: &Connection,
    filter: &RunFilter,
    run: RunId,
    reads: &mut usize,
) -> Result<bool, ReadFault> {
    if filter.operation.is_none() {
        return Ok(true);
    }
    *reads += 1;
    let rerun = reruns::view(db, run)?;
    Ok(rerun.and_then(|rerun| rerun.operation) == filter.operation)
}

fn event_allows(
    db: &Connection,
    filter: &RunFilter,
    run: RunId,
    reads: &mut usize,
) -> Result<bool, ReadFault> {
    if !filter.asks_for_event() {
        return Ok(true);
    }
    // A row of the run, and one of the event.
    *reads += 2;
    Ok(filter.allows_event(event_name(db, run)?.as_deref()))
}

/// The name of the first event that triggered the run.
fn event_name(db: &Connection, run: RunId) -> Result<Option<Arc<str>>, ReadFault> {
    let sql = "SELECT e.name FROM run_events t CROSS JOIN events e ON e.id = t.event
               WHERE t.run = ?1 AND t.position = 0";
    first(db, "events", sql, params![run.to_bytes()], |row| {
        row.shared_text()
    })
}

/// The functions whose runs are meant; `None` if it may be any.
fn functions(
    db: &Connection,
    filter: &RunFilter,
) -> Result<Option<BTreeSet<FunctionId>>, ReadFault> {
    if filter.apps.is_empty() {
        return Ok(filter.functions_among(None));
    }
    let mut of_apps = BTreeSet::new();
    let sql = "SELECT id FROM functions WHERE app = ?1";
    for app in &filter.apps {
        of_apps.extend(list(
            db,
            "functions",
            sql,
            params![app.0.as_bytes()],
            |row| row.function(),
        )?);
    }
    Ok(filter.functions_among(Some(of_apps)))
}

fn shards(db: &Connection) -> Result<Vec<i64>, ReadFault> {
    let sql = "SELECT shard FROM shards";
    list(db, "shards", sql, [], |row| row.integer())
}

/// A query that gives rows in the order of the list.
#[derive(Debug, PartialEq)]
struct Walk {
    sql: String,
    values: Vec<Value>,
}

impl Walk {
    fn of(query: &RunQuery, functions: Option<&BTreeSet<FunctionId>>, shards: &[i64]) -> Self {
        let bounds = Bounds::of(query);
        match query.filter.time {
            RunTime::QueuedAt if query.filter.error_group.is_none() => {
                let attribute = query.filter.attributes.iter().next();
                match (query.filter.operation, attribute) {
                    (Some(operation), _) => Self::by_operation(query.order, operation, bounds),
                    (None, Some(attribute)) => Self::by_attribute(query.order, attribute, bounds),
                    (None, None) => Self::by_id(query, functions, shards, &bounds),
                }
            }
            RunTime::QueuedAt => Self::by_id(query, functions, shards, &bounds),
            RunTime::StartedAt => Self::by_time(query.order, "started_at", bounds),
            RunTime::EndedAt => Self::by_time(query.order, "ended_at", bounds),
        }
    }

    /// Along one of the times.
    fn by_time(order: Order, column: &str, bounds: Bounds) -> Self {
        let direction = direction(order);
        let sql = format!(
            "{SELECT} FROM runs r INDEXED BY runs_by_{column}
             WHERE r.{column} IS NOT NULL
                   AND (r.{column}, r.id) >= (?1, ?2) AND (r.{column}, r.id) < (?3, ?4)
             ORDER BY r.{column} {direction}, r.id {direction}"
        );
        Self {
            sql,
            values: vec![
                Value::Integer(bounds.low.0),
                Value::Blob(bounds.low.1),
                Value::Integer(bounds.high.0),
                Value::Blob(bounds.high.1),
            ],
        }
    }

    /// Along the runs that an operation made.
    fn by_operation(order: Order, operation: OperationId, bounds: Bounds) -> Self {
        let direction = direction(order);
        let sql = format!(
            "{SELECT} FROM reruns o INDEXED BY reruns_by_operation
                      CROSS JOIN runs r ON r.id = o.run
             WHERE o.operation = ?1 AND o.run >= ?2 AND o.run < ?3
             ORDER BY o.run {direction}"
        );
        Self {
            sql,
            values: vec![
                Value::Blob(operation.to_bytes().to_vec()),
                Value::Blob(bounds.low.1),
                Value::Blob(bounds.high.1),
            ],
        }
    }

    /// Along the runs of the value of an attribute.
    fn by_attribute(order: Order, (name, value): (&String, &String), bounds: Bounds) -> Self {
        let direction = direction(order);
        let sql = format!(
            "{SELECT} FROM run_attributes a INDEXED BY run_attributes_by_value
                      CROSS JOIN runs r ON r.id = a.run
             WHERE a.name = ?1 AND a.value = ?2 AND a.run >= ?3 AND a.run < ?4
             ORDER BY a.run {direction}"
        );
        Self {
            sql,
            values: vec![
                Value::Text(name.clone()),
                Value::Text(value.clone()),
                Value::Blob(bounds.low.1),
                Value::Blob(bounds.high.1),
            ],
        }
    }

    /// Along the ids, which are in the order in which runs were queued: of all runs, or of the parts
    /// that the filter names, in step.
    fn by_id(
        query: &RunQuery,
        functions: Option<&BTreeSet<FunctionId>>,
        shards: &[i64],
        bounds: &Bounds,
    ) -> Self {
        let mut values = vec![
            Value::Blob(bounds.low.1.clone()),
            Value::Blob(bounds.high.1.clone()),
        ];
        let parts = parts(&query.filter, functions, shards);
        let mut sql = String::new();
        for Part { source, value } in parts {
            let union = if sql.is_empty() { "" } else { " UNION ALL " };
            let within = "r.id >= ?1 AND r.id < ?2";
            // Writing to a string does not fail.
            let _ = write!(sql, "{union}{SELECT} FROM runs r {source}");
            if let Some(value) = value {
                values.push(value);
                let _ = write!(sql, "?{} AND {within}", values.len());
            } else {
                sql.push_str(within);
            }
        }
        let _ = write!(sql, " ORDER BY 1 {}", direction(query.order));
        Self { sql, values }
    }
}

/// Some of the runs, found by an index that has them by id. The value, if there is one, belongs at
/// the end of the text.
struct Part {
    source: &'static str,
    value: Option<Value>,
}

/// The parts in which all runs of the list are. The error of a run tells most, and how it ended more
/// than its function does: the walks for it are short.
fn parts(
    filter: &RunFilter,
    functions: Option<&BTreeSet<FunctionId>>,
    shards: &[i64],
) -> Vec<Part> {
    if let Some(group) = filter.error_group {
        return vec![Part {
            source: "INDEXED BY runs_by_error_group WHERE r.error_group = ",
            value: Some(Value::Blob(group.0.to_vec())),
        }];
    }
    let live = [RunStatus::Queued, RunStatus::Running];
    let statuses: BTreeSet<RunStatus> = filter.statuses.iter().copied().collect();
    let asks_for_live = statuses.iter().any(|status| live.contains(status));
    let by_status = !statuses.is_empty() && !statuses.contains(&RunStatus::Completed);
    if by_status && !(asks_for_live && functions.is_some()) {
        let endings = statuses.iter().filter_map(|status| ending(*status));
        let endings = endings.map(|source| Part {
            source,
            value: None,
        });
        let live = shards.iter().filter(|_| asks_for_live).map(|shard| Part {
            source: "INDEXED BY runs_live WHERE r.status IN ('queued', 'running') AND r.shard = ",
            value: Some(Value::Integer(*shard)),
        });
        return endings.chain(live).collect();
    }
    match functions {
        Some(functions) if functions.len() <= WALKS_MAX => {
            let part = |function: &FunctionId| Part {
                source: "INDEXED BY runs_by_function WHERE r.function = ",
                value: Some(Value::Blob(function.0.as_bytes().to_vec())),
            };
            functions.iter().map(part).collect()
        }
        _ => vec![Part {
            source: "WHERE ",
            value: None,
        }],
    }
}

/// Runs that ended this way, if there is an index of them.
fn ending(status: RunStatus) -> Option<&'static str> {
    match status {
        RunStatus::Failed => Some("INDEXED BY runs_failed WHERE r.status = 'failed' AND "),
        RunStatus::Cancelled => Some("INDEXED BY runs_cancelled WHERE r.status = 'cancelled' AND "),
        RunStatus::Skipped => Some("INDEXED BY runs_skipped WHERE r.status = 'skipped' AND "),
        RunStatus::Queued | RunStatus::Running | RunStatus::Completed => None,
    }
}

fn direction(order: Order) -> &'static str {
    match order {
        Order::Ascending => "ASC",
        Order::Descending => "DESC",
    }
}

/// The part of the list that may be on the page: from `low` to before `high`, as time and id.
struct Bounds {
    low: (i64, Vec<u8>),
    high: (i64, Vec<u8>),
}

impl Bounds {
    fn of(query: &RunQuery) -> Self {
        let filter = &query.filter;
        // The times of ids end before those of a timestamp do.
        let has_ids = |at: Timestamp| at.as_millis() < 1 << 48;
        let begin = |at: Timestamp| match filter.time {
            RunTime::QueuedAt if has_ids(at) => {
                (at.as_millis(), RunId::from_parts(at, 0).to_bytes().to_vec())
            }
            RunTime::QueuedAt => (at.as_millis(), ID_END.to_vec()),
            RunTime::StartedAt | RunTime::EndedAt => (at.as_millis(), Vec::new()),
        };
        let mut low = filter.from.map_or((i64::MIN, Vec::new()), begin);
        let mut high = filter.until.map_or((i64::MAX, ID_END.to_vec()), begin);
        if let Some(RunCursor { at, run }) = query.after {
            let mut place = (at.as_millis(), run.to_bytes().to_vec());
            match query.order {
                Order::Descending => high = high.min(place),
                Order::Ascending => {
                    // The least text above an id is the id and a zero.
                    place.1.push(0);
                    low = low.max(place);
                }
            }
        }
        Self { low, high }
    }
}

#[cfg(test)]
mod tests;
