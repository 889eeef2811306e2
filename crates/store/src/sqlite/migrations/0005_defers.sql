-- Functions that runs want started when they end.

-- What is long comes last, so that nothing is behind its overflow pages; it goes when the run ends.
CREATE TABLE defers (
    run        BLOB    NOT NULL,
    id         TEXT    NOT NULL,
    shard      INTEGER NOT NULL,
    position   INTEGER NOT NULL,
    status     TEXT    NOT NULL,
    reason     TEXT,
    name       TEXT    NOT NULL,
    function   TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    meta       TEXT,
    input      TEXT,
    PRIMARY KEY (run, id)
) STRICT, WITHOUT ROWID;
