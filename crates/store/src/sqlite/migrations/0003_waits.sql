-- What runs wait for, when schedules fire next, and what starts one run only.

-- Rows of ended runs are deleted, so a shard starts with one pass over the table. What resolved a
-- wait comes last, so that nothing is behind its overflow pages when it is long. An event is stored
-- once, in its own table.
CREATE TABLE waits (
    run            BLOB    NOT NULL,
    number         INTEGER NOT NULL,
    shard          INTEGER NOT NULL,
    step           TEXT,
    kind           TEXT    NOT NULL,
    name           TEXT,
    condition      TEXT,
    created_at     INTEGER NOT NULL,
    expires_at     INTEGER NOT NULL,
    resolved_event BLOB,
    resolved_value TEXT,
    PRIMARY KEY (run, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE ticks (
    function BLOB    NOT NULL,
    cron     TEXT    NOT NULL,
    shard    INTEGER NOT NULL,
    tick     INTEGER NOT NULL,
    fire_at  INTEGER NOT NULL,
    PRIMARY KEY (function, cron)
) STRICT, WITHOUT ROWID;

CREATE TABLE idempotency (
    key        BLOB    NOT NULL PRIMARY KEY,
    shard      INTEGER NOT NULL,
    run        BLOB    NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX idempotency_by_expires_at ON idempotency (shard, expires_at);

-- The wait of another run that a run answers when it ends.
ALTER TABLE runs ADD COLUMN invoked_by_run BLOB;
ALTER TABLE runs ADD COLUMN invoked_by_number INTEGER;

ALTER TABLE skips ADD COLUMN detail TEXT;

-- Triggers with an expression were skipped without a look at it.
UPDATE skips SET reason = 'expression_false' WHERE reason = 'expression_unsupported';

-- The statuses of steps grow with the product as their kinds do. To admit another one the table has
-- to be copied, so this is the last time: the check goes, and whoever reads a row checks the word.
ALTER TABLE steps RENAME TO steps_checked;

CREATE TABLE steps (
    run        BLOB    NOT NULL,
    id         TEXT    NOT NULL,
    shard      INTEGER NOT NULL,
    kind       TEXT    NOT NULL,
    status     TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    step_type  TEXT,
    mode       TEXT    NOT NULL,
    position   INTEGER,
    created_at INTEGER NOT NULL,
    started_at INTEGER,
    ended_at   INTEGER,
    value      TEXT,
    PRIMARY KEY (run, id)
) STRICT, WITHOUT ROWID;

-- The columns are the same and in the same order, so that rows are copied without being decoded.
INSERT INTO steps SELECT * FROM steps_checked;

DROP TABLE steps_checked;
