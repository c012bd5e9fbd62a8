-- Limits that count together, where several processes work on one database. Until `full_at` a key is short of its full
-- burst.
CREATE TABLE rate_limit (
    id TEXT PRIMARY KEY,
    full_at BIGINT NOT NULL
);
CREATE INDEX rate_limit_full ON rate_limit (full_at);
-- Failed logins, by account and by address, as hashes.
CREATE TABLE login_failure (
    id TEXT PRIMARY KEY,
    count BIGINT NOT NULL,
    -- The next attempt may come at this time.
    free_at BIGINT NOT NULL,
    last BIGINT NOT NULL
);
CREATE INDEX login_failure_last ON login_failure (last);
