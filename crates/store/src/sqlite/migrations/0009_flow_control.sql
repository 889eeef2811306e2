-- Flow control: what limits remember, what is held back, and what people set beside the code.
--
-- `limit` is a word of SQL: a limit goes by its id or its name.

-- By run, because a run gives back all that it has when it ends.
CREATE TABLE holds (
    run      BLOB    NOT NULL,
    limit_id BLOB    NOT NULL,
    shard    INTEGER NOT NULL,
    function BLOB    NOT NULL,
    kind     TEXT    NOT NULL,
    since    INTEGER NOT NULL,
    key      TEXT,
    PRIMARY KEY (run, limit_id)
) STRICT, WITHOUT ROWID;

-- A rate is written with every start, and swept seldom: no index by time.
CREATE TABLE rates (
    limit_id BLOB    NOT NULL PRIMARY KEY,
    shard    INTEGER NOT NULL,
    tat      INTEGER NOT NULL -- Unix nanoseconds
) STRICT, WITHOUT ROWID;

-- A wait that is answered later is one blob, here and below: 16 bytes of its run and 4 of its number,
-- big-endian.
CREATE TABLE debounces (
    id         BLOB    NOT NULL PRIMARY KEY,
    shard      INTEGER NOT NULL,
    function   BLOB    NOT NULL,
    event      BLOB    NOT NULL,
    event_ts   INTEGER NOT NULL,
    invoked_by BLOB,
    events     INTEGER NOT NULL,
    opened_at  INTEGER NOT NULL,
    fire_at    INTEGER NOT NULL,
    key        TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE batches (
    id        BLOB    NOT NULL PRIMARY KEY,
    shard     INTEGER NOT NULL,
    function  BLOB    NOT NULL,
    opened_at INTEGER NOT NULL,
    fire_at   INTEGER NOT NULL,
    is_full   INTEGER NOT NULL,
    key       TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE batch_events (
    batch      BLOB    NOT NULL,
    position   INTEGER NOT NULL,
    shard      INTEGER NOT NULL,
    event      BLOB    NOT NULL,
    size       INTEGER NOT NULL, -- bytes
    invoked_by BLOB,
    PRIMARY KEY (batch, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE pauses (
    function  BLOB    NOT NULL PRIMARY KEY,
    shard     INTEGER NOT NULL,
    starts    TEXT    NOT NULL,
    runs      TEXT    NOT NULL,
    paused_at INTEGER NOT NULL,
    reason    TEXT
) STRICT, WITHOUT ROWID;

-- A null is not equal to another one, so the key of the override for all keys is not null but empty,
-- and told from an empty key by the column before it.
CREATE TABLE overrides (
    function   BLOB    NOT NULL,
    limit_name TEXT    NOT NULL,
    has_key    INTEGER NOT NULL,
    key        TEXT    NOT NULL,
    shard      INTEGER NOT NULL,
    value      INTEGER NOT NULL,
    period_ns  INTEGER,
    burst      INTEGER,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    reason     TEXT,
    PRIMARY KEY (function, limit_name, has_key, key)
) STRICT, WITHOUT ROWID;

-- What someone did. It is only added to.
CREATE TABLE audit (
    id       BLOB    NOT NULL PRIMARY KEY,
    shard    INTEGER NOT NULL,
    action   TEXT    NOT NULL,
    function BLOB,
    run      BLOB,
    detail   TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

-- An event that is held back has no run yet, and nobody else starts one meanwhile.
ALTER TABLE idempotency RENAME TO idempotency_of_runs;

CREATE TABLE idempotency (
    key        BLOB    NOT NULL PRIMARY KEY,
    shard      INTEGER NOT NULL,
    run        BLOB,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO idempotency SELECT * FROM idempotency_of_runs;

DROP TABLE idempotency_of_runs;

CREATE INDEX idempotency_by_expires_at ON idempotency (shard, expires_at);

-- To admit another status the table has to be copied, so this is the last time: the check goes, and
-- whoever reads a row checks the word. A run answers any number of waits. The values of its keys come
-- last, so that nothing is behind their overflow pages when they are long.
ALTER TABLE runs RENAME TO runs_checked;

CREATE TABLE runs (
    id               BLOB    NOT NULL PRIMARY KEY,
    shard            INTEGER NOT NULL,
    function         BLOB    NOT NULL,
    function_version INTEGER NOT NULL,
    status           TEXT    NOT NULL,
    started_at       INTEGER,
    ended_at         INTEGER,
    max_attempts     INTEGER NOT NULL,
    request_version  INTEGER NOT NULL,
    parallel         INTEGER NOT NULL,
    next_job         INTEGER NOT NULL,
    state_bytes      INTEGER NOT NULL,
    steps_done       INTEGER NOT NULL,
    generation       INTEGER NOT NULL,
    batch            BLOB,
    priority         INTEGER NOT NULL,
    invoked_by       BLOB,
    keys             TEXT
) STRICT, WITHOUT ROWID;

INSERT INTO runs
SELECT id, shard, function, function_version, status, started_at, ended_at, max_attempts,
       request_version, parallel, next_job, state_bytes, steps_done, generation, NULL, 0,
       CASE WHEN invoked_by_run IS NOT NULL
            THEN unhex(hex(invoked_by_run) || format('%08x', invoked_by_number)) END,
       NULL
FROM runs_checked;

DROP TABLE runs_checked;

CREATE INDEX runs_by_function ON runs (function, id);
CREATE INDEX runs_live ON runs (shard, id) WHERE status IN ('queued', 'running');
