-- Ids of runs and events are ULIDs, ids of apps and functions UUIDs: 16 bytes each. Times are Unix
-- milliseconds. Payloads are canonical JSON. Every row of live state carries its shard.
--
-- What a commit costs is the pages that it touches. So rows that lists read, or that change with
-- every step, are narrow, and what belongs to one run lies together.
--
-- Statuses are checked. The vocabulary of kinds and reasons grows with the product, and SQLite
-- can't alter a check without copying the table, so that is checked by whoever reads a row.

CREATE TABLE shards (
    shard INTEGER PRIMARY KEY,
    epoch INTEGER NOT NULL
) STRICT;

CREATE TABLE apps (
    id          BLOB    NOT NULL PRIMARY KEY,
    shard       INTEGER NOT NULL,
    name        TEXT    NOT NULL,
    url         TEXT    NOT NULL,
    sdk         TEXT    NOT NULL,
    framework   TEXT,
    app_version TEXT,
    checksum    TEXT    NOT NULL,
    synced_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE functions (
    id          BLOB    NOT NULL PRIMARY KEY,
    shard       INTEGER NOT NULL,
    app         BLOB    NOT NULL,
    slug        TEXT    NOT NULL,
    version     INTEGER NOT NULL,
    config      TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,
    archived_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
    id          BLOB    NOT NULL PRIMARY KEY,
    name        TEXT    NOT NULL,
    user_id     TEXT,
    ts          INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    payload     INTEGER NOT NULL -- number of the row of event_payloads
) STRICT, WITHOUT ROWID;

CREATE INDEX events_by_name ON events (name, id);
-- Senders choose the time in an id, so a window of received_at can't be a range of ids.
CREATE INDEX events_by_received_at ON events (received_at);

-- Only appended to: pages are full, whatever the size of payloads.
CREATE TABLE event_payloads (
    number  INTEGER PRIMARY KEY,
    payload TEXT NOT NULL
) STRICT;

CREATE TABLE runs (
    id               BLOB    NOT NULL PRIMARY KEY,
    shard            INTEGER NOT NULL,
    function         BLOB    NOT NULL,
    function_version INTEGER NOT NULL,
    status           TEXT    NOT NULL CHECK (status IN ('queued', 'running', 'completed', 'failed', 'cancelled')),
    started_at       INTEGER,
    ended_at         INTEGER,
    max_attempts     INTEGER NOT NULL,
    request_version  INTEGER NOT NULL,
    parallel         INTEGER NOT NULL CHECK (parallel IN (0, 1)),
    next_job         INTEGER NOT NULL,
    state_bytes      INTEGER NOT NULL,
    steps_done       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX runs_by_function ON runs (function, id);
CREATE INDEX runs_live ON runs (shard, id) WHERE status IN ('queued', 'running');

CREATE TABLE run_outputs (
    run    BLOB NOT NULL PRIMARY KEY,
    output TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What triggered a run, in order.
CREATE TABLE run_events (
    run      BLOB    NOT NULL,
    position INTEGER NOT NULL,
    shard    INTEGER NOT NULL,
    event    BLOB    NOT NULL,
    PRIMARY KEY (run, position)
) STRICT, WITHOUT ROWID;

CREATE INDEX run_events_by_event ON run_events (event, run);

-- The value comes with the last change of a step, and is read with it. It is the last column, so
-- that nothing else is behind its overflow pages when it is long.
CREATE TABLE steps (
    run        BLOB    NOT NULL,
    id         TEXT    NOT NULL,
    shard      INTEGER NOT NULL,
    kind       TEXT    NOT NULL,
    status     TEXT    NOT NULL CHECK (status IN ('planned', 'retrying', 'sleeping', 'completed', 'failed')),
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

CREATE TABLE jobs (
    run        BLOB    NOT NULL,
    number     INTEGER NOT NULL,
    shard      INTEGER NOT NULL,
    kind       TEXT    NOT NULL,
    step       TEXT,
    due_at     INTEGER NOT NULL,
    reason     TEXT    NOT NULL,
    attempt    INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    epoch      INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (run, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX jobs_by_due_at ON jobs (shard, due_at);

CREATE TABLE attempts (
    run           BLOB    NOT NULL,
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
    PRIMARY KEY (run, job, generation)
) STRICT, WITHOUT ROWID;

-- Evaluations of triggers that started no run.
CREATE TABLE skips (
    event    BLOB NOT NULL,
    function BLOB NOT NULL,
    reason   TEXT NOT NULL,
    PRIMARY KEY (event, function)
) STRICT, WITHOUT ROWID;
