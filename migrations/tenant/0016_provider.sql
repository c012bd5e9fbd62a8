-- How the provider of each connection is reached, and as which client. Kept after the configuration no longer has it,
-- until every grant there is revoked.
CREATE TABLE provider (
    -- What the outbox names it once it is removed.
    id TEXT PRIMARY KEY,
    connection TEXT NOT NULL,
    -- JSON, without secrets.
    settings TEXT NOT NULL,
    -- Sealed: the client's secret there.
    secret TEXT NOT NULL,
    removed_at BIGINT
);

CREATE UNIQUE INDEX provider_of_connection ON provider (connection) WHERE removed_at IS NULL;
