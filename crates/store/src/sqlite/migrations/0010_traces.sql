-- What user code traced within runs, and when the job of an attempt became due.

-- What is long comes last, so that nothing is behind its overflow pages.
CREATE TABLE spans (
    run        BLOB    NOT NULL,
    id         BLOB    NOT NULL,
    shard      INTEGER NOT NULL,
    parent     BLOB,
    call       BLOB    NOT NULL,
    step       TEXT,
    attempt    INTEGER,
    started_ns INTEGER NOT NULL, -- Unix nanoseconds
    ended_ns   INTEGER NOT NULL,
    is_failed  INTEGER NOT NULL,
    name       TEXT    NOT NULL,
    detail     TEXT    NOT NULL,
    PRIMARY KEY (run, id)
) STRICT, WITHOUT ROWID;

ALTER TABLE attempts ADD COLUMN due_at INTEGER NOT NULL DEFAULT 0;

-- It is not known of earlier ones, which say that they did not wait.
UPDATE attempts SET due_at = started_at;
