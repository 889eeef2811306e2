-- A run's discovery is always its job 0, and counts its generations in the row of the run. Attempts
-- are told apart by their requests, because generations in memory may be ahead of those in rows.

ALTER TABLE runs ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;

UPDATE jobs SET number = 0 WHERE kind = 'discovery';

ALTER TABLE attempts RENAME TO attempts_by_job;

CREATE TABLE attempts (
    run           BLOB    NOT NULL,
    request       BLOB    NOT NULL,
    job           INTEGER NOT NULL,
    generation    INTEGER NOT NULL,
    attempt       INTEGER NOT NULL,
    step          TEXT,
    outcome       TEXT    NOT NULL CHECK (outcome IN ('succeeded', 'retried', 'failed')),
    started_at    INTEGER NOT NULL,
    duration_ns   INTEGER NOT NULL,
    http_status   INTEGER,
    error_name    TEXT,
    error_message TEXT,
    error         TEXT,
    PRIMARY KEY (run, request)
) STRICT, WITHOUT ROWID;

INSERT INTO attempts
SELECT run, randomblob(16), job, generation, attempt, step, outcome, started_at, duration_ns,
       http_status, error_name, error_message, error
FROM attempts_by_job;

DROP TABLE attempts_by_job;
