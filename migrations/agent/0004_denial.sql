-- When what a call asked for came to its end: a message is newer than a denial, or it isn't.
ALTER TABLE call ADD COLUMN ended_at BIGINT;

-- What a person denied to a client at /mcp lately, so that it isn't asked for again at once.
CREATE TABLE denial (
    -- Who, as the identity service names them,
    subject TEXT NOT NULL,
    -- to which client,
    client TEXT NOT NULL,
    -- and what, at whatever limit.
    what TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (subject, client, what)
);
