-- SQLite builds the list of a check anew for each row that is put, as a table of its own. The check goes:
-- whoever reads a row checks the word.
ALTER TABLE attempts RENAME TO attempts_checked;

CREATE TABLE attempts (
    run           BLOB    NOT NULL,
    request       BLOB    NOT NULL,
    job           INTEGER NOT NULL,
    generation    INTEGER NOT NULL,
    attempt       INTEGER NOT NULL,
    step          TEXT,
    outcome       TEXT    NOT NULL,
    started_at    INTEGER NOT NULL,
    duration_ns   INTEGER NOT NULL,
    http_status   INTEGER,
    error_name    TEXT,
    error_message TEXT,
    error         TEXT,
    connect_ns    INTEGER,
    first_byte_ns INTEGER,
    due_at        INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (run, request)
) STRICT, WITHOUT ROWID;

-- The columns are the same and in the same order, so that rows are copied without being decoded.
INSERT INTO attempts SELECT * FROM attempts_checked;

DROP TABLE attempts_checked;
