-- Requests to cancel the runs of a function that started in a range of time.

CREATE TABLE cancellations (
    id             BLOB    NOT NULL PRIMARY KEY,
    shard          INTEGER NOT NULL,
    app            BLOB    NOT NULL,
    function       BLOB    NOT NULL,
    started_after  INTEGER,
    started_before INTEGER NOT NULL,
    condition      TEXT,
    next_run       BLOB    NOT NULL, -- every run before it was looked at
    ended_at       INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX cancellations_open ON cancellations (shard, id) WHERE ended_at IS NULL;
