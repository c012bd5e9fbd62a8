-- Limits that count together, where several processes work on one database. Until `full_at` a key is short of its full
-- burst.
CREATE TABLE rate_limit (
    id TEXT PRIMARY KEY,
    full_at BIGINT NOT NULL
);
CREATE INDEX rate_limit_full ON rate_limit (full_at);
