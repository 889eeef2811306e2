-- What is kept of the requests that the server made for steps.

ALTER TABLE steps ADD COLUMN trace TEXT;
