-- What one process at a time does, where several work on one database: the holder renews its lease until it stops.
CREATE TABLE lease (
    name TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    ends_at BIGINT NOT NULL
);
-- Limits that count together for all of them. Until `full_at` a key is short of its full burst.
CREATE TABLE rate_limit (
    id TEXT PRIMARY KEY,
    full_at BIGINT NOT NULL
);
CREATE INDEX rate_limit_full ON rate_limit (full_at);
