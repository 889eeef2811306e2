-- What user code traced within runs; and of attempts, when their job became due, and where the time
-- of their call went.

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

-- Until the answer began; null if none came.
ALTER TABLE attempts ADD COLUMN connect_ns INTEGER;
ALTER TABLE attempts ADD COLUMN first_byte_ns INTEGER;
ALTER TABLE attempts ADD COLUMN due_at INTEGER NOT NULL DEFAULT 0;

-- It is not known of earlier ones, which say that they did not wait.
UPDATE attempts SET due_at = started_at;
