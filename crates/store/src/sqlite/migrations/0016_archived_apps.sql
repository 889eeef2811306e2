-- Set when a client has removed the app.
ALTER TABLE apps ADD COLUMN archived_at INTEGER;
