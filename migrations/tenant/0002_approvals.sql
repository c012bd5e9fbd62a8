-- Approvals, connected accounts, and what is still to be told to other sites.

-- A request for approval (CIBA). Its id is the transaction's id (`txn`) everywhere.
CREATE TABLE approval (
    id TEXT PRIMARY KEY,
    -- The auth_req_id is made again from client and idempotency key by HMAC; here is only its hash.
    auth_req_hash TEXT NOT NULL UNIQUE,
    client TEXT NOT NULL,
    client_name TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    -- SHA-256 of what was asked: the same key with another request is refused.
    request_digest TEXT NOT NULL,
    person TEXT NOT NULL,
    connection TEXT NOT NULL,
    -- The connected account that it is about, and what the page calls it.
    account TEXT NOT NULL,
    account_label TEXT NOT NULL,
    -- The one entry of authorization_details in its canonical form (RFC 8785), and the SHA-256 of that.
    detail TEXT NOT NULL,
    digest TEXT NOT NULL,
    code TEXT NOT NULL,
    agent_message TEXT,
    scope TEXT NOT NULL,
    -- Sealed.
    notification_token TEXT,
    -- For a call at /mcp: the MCP client.
    caller TEXT,
    caller_name TEXT,
    caller_verified BIGINT,
    asked_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    -- waiting, approved, denied, withdrawn
    state TEXT NOT NULL,
    decided_at BIGINT,
    -- When the client first had its token, and when the provider's token for it was issued.
    redeemed_at BIGINT,
    used_at BIGINT,
    polled_at BIGINT,
    -- Seconds between two polls.
    poll_interval BIGINT NOT NULL
);

CREATE INDEX approval_of_person ON approval (person, asked_at);

-- Clients whose requests a person doesn't want to see.
CREATE TABLE approval_block (
    person TEXT NOT NULL,
    client TEXT NOT NULL,
    client_name TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (person, client)
);

-- What other sites are still to be told: pings, and revocations at the providers of connected accounts.
CREATE TABLE outbox (
    id TEXT PRIMARY KEY,
    -- ping, revoke
    kind TEXT NOT NULL,
    -- The approval, or the connection.
    subject TEXT NOT NULL,
    -- Sealed: the token to revoke. A ping makes its body again.
    secret TEXT,
    attempts BIGINT NOT NULL,
    next_at BIGINT NOT NULL,
    give_up_at BIGINT NOT NULL
);

CREATE INDEX outbox_due ON outbox (next_at);

-- An account being connected: from the ticket to its completion.
CREATE TABLE connect_session (
    -- The hash of the auth_session.
    id TEXT PRIMARY KEY,
    ticket_hash TEXT NOT NULL UNIQUE,
    -- The hash of the state at the provider, once the browser was sent there.
    state_hash TEXT UNIQUE,
    -- The hash of the connect_code, once the provider's grant is here.
    code_hash TEXT UNIQUE,
    person TEXT NOT NULL,
    client TEXT NOT NULL,
    connection TEXT NOT NULL,
    redirect_uri TEXT NOT NULL,
    state TEXT NOT NULL,
    code_challenge TEXT NOT NULL,
    -- The scopes asked for, by spaces; then those granted.
    scopes TEXT NOT NULL,
    -- begun, sent, pending
    stage TEXT NOT NULL,
    issuer TEXT,
    subject TEXT,
    name TEXT,
    -- Sealed.
    refresh_token TEXT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE TABLE connected_account (
    id TEXT PRIMARY KEY,
    person TEXT NOT NULL,
    connection TEXT NOT NULL,
    issuer TEXT NOT NULL,
    -- The person's id at the provider.
    subject TEXT NOT NULL,
    -- The person's name there.
    name TEXT,
    scopes TEXT NOT NULL,
    -- Sealed.
    refresh_token TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    -- One account a person and connection; and an account belongs to one person.
    UNIQUE (person, connection),
    UNIQUE (connection, issuer, subject)
);

-- The provider's access tokens, until they are about to expire.
CREATE TABLE upstream_token (
    account TEXT NOT NULL,
    -- The scopes it was asked for.
    scopes TEXT NOT NULL,
    -- Sealed.
    token TEXT NOT NULL,
    granted TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (account, scopes)
);

-- Statements of approval that were used (at the provider).
CREATE TABLE statement_jti (
    issuer TEXT NOT NULL,
    jti TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (issuer, jti)
);
