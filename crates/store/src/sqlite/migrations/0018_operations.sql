-- Why an operation could not go on.
ALTER TABLE operations ADD COLUMN failure TEXT;

-- The runs that an operation made.
CREATE INDEX reruns_by_operation ON reruns (operation, run) WHERE operation IS NOT NULL;
