-- History that follows from the rows of runs: rollups.

-- What happened to the runs of a function from `start` on: in a minute, and later in an hour. By time
-- first: commits of the same minute touch the same pages, whatever functions they are of. The blobs
-- are histograms: a byte that says how long, and four that say how many, big-endian.
CREATE TABLE rollups (
    start       INTEGER NOT NULL,
    function    BLOB    NOT NULL,
    scheduled   INTEGER NOT NULL,
    started     INTEGER NOT NULL,
    completed   INTEGER NOT NULL,
    failed      INTEGER NOT NULL,
    cancelled   INTEGER NOT NULL,
    skipped     INTEGER NOT NULL,
    delay_sum   INTEGER NOT NULL,
    delay_max   INTEGER NOT NULL,
    delays      BLOB    NOT NULL,
    duration_sum INTEGER NOT NULL,
    duration_max INTEGER NOT NULL,
    durations   BLOB    NOT NULL,
    PRIMARY KEY (start, function)
) STRICT, WITHOUT ROWID;

-- What was counted of a run, so that it is counted once: 1 scheduled, 2 started, 4 ended. Runs that
-- were there before the rollups are not counted.
ALTER TABLE runs ADD COLUMN counted INTEGER NOT NULL DEFAULT 7;

-- Which error a run failed with: set once, when the failure is noted.
ALTER TABLE runs ADD COLUMN error_group BLOB;

CREATE INDEX runs_by_error_group ON runs (error_group, id) WHERE error_group IS NOT NULL;

-- Errors that are alike. What is long comes last.
CREATE TABLE error_groups (
    id         BLOB    NOT NULL PRIMARY KEY,
    function   BLOB    NOT NULL,
    runs       INTEGER NOT NULL,
    first_seen INTEGER NOT NULL,
    last_seen  INTEGER NOT NULL,
    last_run   BLOB    NOT NULL,
    step       TEXT,
    step_name  TEXT,
    name       TEXT    NOT NULL,
    message    TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX error_groups_by_last_seen ON error_groups (last_seen, id);

-- What someone decided about a group, which may have been seen or not.
CREATE TABLE error_decisions (
    error_group  BLOB    NOT NULL PRIMARY KEY,
    decision     TEXT    NOT NULL,
    ignore_until INTEGER,
    decided_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Runs that retention has removed, of which rows are left in other tables.
CREATE TABLE removed_runs (
    run BLOB NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- Who needs an event.
CREATE INDEX waits_by_resolved_event ON waits (resolved_event) WHERE resolved_event IS NOT NULL;
CREATE INDEX debounces_by_event ON debounces (event);
CREATE INDEX batch_events_by_event ON batch_events (event);
