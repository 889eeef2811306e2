-- By what runs are found in lists: the times at which they start and end, and how they end.
--
-- A run pays for one row when it starts and one when it ends; that it completes costs no more, and a
-- step costs nothing.

CREATE INDEX runs_by_started_at ON runs (started_at) WHERE started_at IS NOT NULL;
CREATE INDEX runs_by_ended_at ON runs (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX runs_failed ON runs (id) WHERE status = 'failed';
CREATE INDEX runs_cancelled ON runs (id) WHERE status = 'cancelled';
CREATE INDEX runs_skipped ON runs (id) WHERE status = 'skipped';
