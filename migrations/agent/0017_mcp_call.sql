-- The apps that called /mcp for a person, and the tools that answered them: what people are shown about their own apps.
CREATE TABLE mcp_call (
    -- The person's `sub` at the identity service.
    subject TEXT NOT NULL,
    client TEXT NOT NULL,
    -- Empty: any request that was let in.
    tool TEXT NOT NULL,
    -- What the app calls itself.
    name TEXT,
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    PRIMARY KEY (subject, client, tool)
);
CREATE INDEX mcp_call_last ON mcp_call (last_at);
