-- Values of runs by which they are found.

-- What is declared.
CREATE TABLE attributes (
    name       TEXT    NOT NULL PRIMARY KEY,
    shard      INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    expression TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE run_attributes (
    run   BLOB NOT NULL,
    name  TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (run, name)
) STRICT, WITHOUT ROWID;

-- The runs of a value in the order in which they were queued.
CREATE INDEX run_attributes_by_value ON run_attributes (name, value, run);
