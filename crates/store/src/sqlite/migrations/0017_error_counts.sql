-- How many runs failed with an error in the hour that begins at `start`.
CREATE TABLE error_counts (
    error_group BLOB    NOT NULL,
    start       INTEGER NOT NULL,
    runs        INTEGER NOT NULL,
    PRIMARY KEY (error_group, start)
) STRICT, WITHOUT ROWID;

CREATE INDEX error_counts_by_start ON error_counts (start);

-- The runs that are still there.
INSERT INTO error_counts (error_group, start, runs)
SELECT error_group, ended_at - ended_at % 3600000, count(*)
FROM runs INDEXED BY runs_by_error_group
WHERE error_group IS NOT NULL AND ended_at IS NOT NULL
GROUP BY 1, 2;
