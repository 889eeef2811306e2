//! Reading rows. A value that is not what the schema says is reported as damage, with its table
//! and column, never as a panic.

use std::sync::Arc;

use everstep_core::record::{IdempotencyKey, LimitId};
use everstep_protocol::{
    AppId, AuditId, BatchId, CancellationId, DeferId, EventId, FunctionId, JobId, Json, RequestId,
    RunId, SpanId, StepId, Timestamp,
};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Params, Row};
use uuid::Uuid;

use super::error::ReadFault;
use super::packed::{JOB_SIZE, unpack};
use crate::words::Word;

/// Every row of a query.
pub(super) fn list<T>(
    db: &Connection,
    table: &'static str,
    sql: &str,
    params: impl Params,
    mut decode: impl FnMut(&mut Columns<'_>) -> Result<T, ReadFault>,
) -> Result<Vec<T>, ReadFault> {
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(decode(&mut Columns::new(table, row))?);
    }
    Ok(found)
}

/// The first row of a query, if it has any.
pub(super) fn first<T>(
    db: &Connection,
    table: &'static str,
    sql: &str,
    params: impl Params,
    decode: impl FnOnce(&mut Columns<'_>) -> Result<T, ReadFault>,
) -> Result<Option<T>, ReadFault> {
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    match rows.next()? {
        Some(row) => decode(&mut Columns::new(table, row)).map(Some),
        None => Ok(None),
    }
}

/// The columns of a row, read from left to right in the order in which the query names them.
pub(super) struct Columns<'r> {
    table: &'static str,
    row: &'r Row<'r>,
    next: usize,
}

impl<'r> Columns<'r> {
    fn new(table: &'static str, row: &'r Row<'r>) -> Self {
        Self {
            table,
            row,
            next: 0,
        }
    }

    /// The next column with `read`, or `None` if it is null.
    pub(super) fn optional<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, ReadFault>,
    ) -> Result<Option<T>, ReadFault> {
        if self.row.get_ref(self.next)? == ValueRef::Null {
            self.next += 1;
            return Ok(None);
        }
        read(self).map(Some)
    }

    pub(super) fn integer(&mut self) -> Result<i64, ReadFault> {
        let value = self.value()?;
        let ValueRef::Integer(integer) = value else {
            return Err(self.unexpected(value));
        };
        Ok(integer)
    }

    /// An integer in the range of `T`.
    pub(super) fn number<T: TryFrom<i64>>(&mut self) -> Result<T, ReadFault> {
        let value = self.integer()?;
        T::try_from(value).map_err(|_| self.damage(&format!("{value} is out of range")))
    }

    pub(super) fn flag(&mut self) -> Result<bool, ReadFault> {
        Ok(self.integer()? != 0)
    }

    pub(super) fn time(&mut self) -> Result<Timestamp, ReadFault> {
        self.integer().map(Timestamp::from_millis)
    }

    pub(super) fn text(&mut self) -> Result<&'r str, ReadFault> {
        let value = self.value()?;
        let ValueRef::Text(bytes) = value else {
            return Err(self.unexpected(value));
        };
        std::str::from_utf8(bytes).map_err(|_| self.damage("the text is not UTF-8"))
    }

    pub(super) fn string(&mut self) -> Result<String, ReadFault> {
        self.text().map(str::to_owned)
    }

    pub(super) fn shared_text(&mut self) -> Result<Arc<str>, ReadFault> {
        self.text().map(Arc::from)
    }

    pub(super) fn json(&mut self) -> Result<Json, ReadFault> {
        self.text().map(Json::from_canonical)
    }

    pub(super) fn word<T: Word>(&mut self) -> Result<T, ReadFault> {
        let word = self.text()?;
        T::from_word(word).ok_or_else(|| self.damage(&format!("{word:?} is not a known word")))
    }

    pub(super) fn step(&mut self) -> Result<StepId, ReadFault> {
        self.text().map(StepId::new)
    }

    pub(super) fn defer(&mut self) -> Result<DeferId, ReadFault> {
        self.text().map(DeferId::new)
    }

    pub(super) fn run(&mut self) -> Result<RunId, ReadFault> {
        self.id().map(RunId::from_bytes)
    }

    pub(super) fn event(&mut self) -> Result<EventId, ReadFault> {
        self.id().map(EventId::from_bytes)
    }

    pub(super) fn request(&mut self) -> Result<RequestId, ReadFault> {
        self.id().map(RequestId::from_bytes)
    }

    pub(super) fn cancellation(&mut self) -> Result<CancellationId, ReadFault> {
        self.id().map(CancellationId::from_bytes)
    }

    pub(super) fn app(&mut self) -> Result<AppId, ReadFault> {
        self.id().map(Uuid::from_bytes).map(AppId)
    }

    pub(super) fn function(&mut self) -> Result<FunctionId, ReadFault> {
        self.id().map(Uuid::from_bytes).map(FunctionId)
    }

    pub(super) fn idempotency_key(&mut self) -> Result<IdempotencyKey, ReadFault> {
        self.id().map(IdempotencyKey)
    }

    pub(super) fn batch(&mut self) -> Result<BatchId, ReadFault> {
        self.id().map(BatchId::from_bytes)
    }

    pub(super) fn audit(&mut self) -> Result<AuditId, ReadFault> {
        self.id().map(AuditId::from_bytes)
    }

    pub(super) fn limit(&mut self) -> Result<LimitId, ReadFault> {
        self.id().map(LimitId)
    }

    pub(super) fn span(&mut self) -> Result<SpanId, ReadFault> {
        let bytes = self.bytes()?;
        let span = bytes.try_into().map(SpanId::from_bytes);
        span.map_err(|_| self.damage(&format!("a span of {} bytes", bytes.len())))
    }

    /// One column: jobs, packed.
    pub(super) fn packed_jobs(&mut self) -> Result<Vec<JobId>, ReadFault> {
        let bytes = self.bytes()?;
        let (jobs, rest) = bytes.as_chunks::<JOB_SIZE>();
        if !rest.is_empty() {
            return Err(self.damage(&format!("jobs of {} bytes", bytes.len())));
        }
        Ok(jobs.iter().map(unpack).collect())
    }

    /// One column: a job, packed.
    pub(super) fn packed_job(&mut self) -> Result<JobId, ReadFault> {
        let bytes = self.bytes()?;
        let job = bytes.try_into().map(unpack);
        job.map_err(|_| self.damage(&format!("a job of {} bytes", bytes.len())))
    }

    /// Two columns: the run and a number.
    pub(super) fn job(&mut self) -> Result<JobId, ReadFault> {
        Ok(JobId {
            run: self.run()?,
            number: self.number()?,
        })
    }

    pub(super) fn bytes(&mut self) -> Result<&'r [u8], ReadFault> {
        let value = self.value()?;
        let ValueRef::Blob(bytes) = value else {
            return Err(self.unexpected(value));
        };
        Ok(bytes)
    }

    /// What is wrong with the column that was read last.
    pub(super) fn damage(&self, what: &str) -> ReadFault {
        let column = self
            .next
            .checked_sub(1)
            .and_then(|index| self.row.as_ref().column_name(index).ok());
        let detail = format!("{}: {what}", column.unwrap_or("?"));
        ReadFault::Row {
            table: self.table,
            detail,
        }
    }

    fn id(&mut self) -> Result<[u8; 16], ReadFault> {
        let bytes = self.bytes()?;
        let id = bytes.try_into();
        id.map_err(|_| self.damage(&format!("an id of {} bytes", bytes.len())))
    }

    fn value(&mut self) -> Result<ValueRef<'r>, ReadFault> {
        let value = self.row.get_ref(self.next)?;
        self.next += 1;
        Ok(value)
    }

    fn unexpected(&self, value: ValueRef<'_>) -> ReadFault {
        self.damage(&format!("a value of type {}", value.data_type()))
    }
}
