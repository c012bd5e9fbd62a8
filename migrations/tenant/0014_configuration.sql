-- The configuration that instances of this service agree on: a digest of it, without secrets.
CREATE TABLE configuration (
    slot TEXT PRIMARY KEY CHECK (slot = 'current'),
    digest TEXT NOT NULL,
    applied_at BIGINT NOT NULL
);
