-- The states that a turn may be in. A constraint can't be added to a table of SQLite, and other tables refer to this one,
-- so it comes with a column that holds nothing else.
ALTER TABLE turn ADD COLUMN has_state BIGINT NOT NULL DEFAULT 1
    CHECK (state IN ('running', 'waiting', 'done', 'failed', 'cancelled'));
