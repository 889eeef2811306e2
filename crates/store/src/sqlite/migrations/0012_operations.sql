-- Who did it, as they say themselves.
ALTER TABLE audit ADD COLUMN actor TEXT;

-- Runs that were started once more: few of all runs, so runs themselves say nothing of it.
CREATE TABLE reruns (
    run       BLOB    NOT NULL PRIMARY KEY,
    shard     INTEGER NOT NULL,
    source    BLOB    NOT NULL,
    original  BLOB    NOT NULL,
    operation BLOB
) STRICT, WITHOUT ROWID;

CREATE INDEX reruns_by_source ON reruns (source, run);

-- What is done to many runs, and how far it has come.
CREATE TABLE operations (
    id                    BLOB    NOT NULL PRIMARY KEY,
    shard                 INTEGER NOT NULL,
    kind                  TEXT    NOT NULL,
    filter                TEXT    NOT NULL,
    state                 TEXT    NOT NULL,
    rate_per_second       INTEGER,
    stop_on_error_percent INTEGER,
    actor                 TEXT,
    reason                TEXT,
    cursor_at             INTEGER,
    cursor_run            BLOB,
    done                  INTEGER NOT NULL,
    skipped               INTEGER NOT NULL,
    failed                INTEGER NOT NULL,
    errors                TEXT    NOT NULL, -- a list of {"message", "run"}
    ended_at              INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX operations_open ON operations (shard, id) WHERE ended_at IS NULL;
