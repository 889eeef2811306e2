-- What is noted about runs, their steps, attempts of these, and spans within them.

-- Every row of a run is found by its id alone, and goes with it. Columns that a scope does not have
-- are empty or zero, because a key has no nulls. What is long comes last.
CREATE TABLE metadata (
    run        BLOB    NOT NULL,
    scope      TEXT    NOT NULL CHECK (scope IN ('run', 'step', 'attempt', 'span')),
    step       TEXT    NOT NULL,
    attempt    INTEGER NOT NULL,
    span       BLOB    NOT NULL,
    kind       TEXT    NOT NULL,
    shard      INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    "values"   TEXT    NOT NULL,
    PRIMARY KEY (run, scope, step, attempt, span, kind)
) STRICT, WITHOUT ROWID;
