-- Apps whose functions are HTTP endpoints, each at its own URL.

ALTER TABLE apps ADD COLUMN method TEXT NOT NULL DEFAULT 'serve';
