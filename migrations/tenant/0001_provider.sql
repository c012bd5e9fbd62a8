-- An instance of the identity service as an OpenID provider. Times are milliseconds since 1970, lists are JSON,
-- booleans are 0 or 1. What is secret is sealed or hashed: this file alone gives nobody a token.

CREATE TABLE session (
    id TEXT PRIMARY KEY,
    person TEXT,
    data TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL
);

CREATE TABLE once (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    holder TEXT NOT NULL,
    value TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);

-- The key that tokens are signed with, sealed.
CREATE TABLE signing_key (
    slot TEXT PRIMARY KEY,
    private TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

-- People are keyed by (issuer, subject), never by e-mail. Those who log in here with a password have this
-- instance as their issuer and their e-mail in lower case as their login.
CREATE TABLE person (
    id TEXT PRIMARY KEY,
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    login TEXT UNIQUE,
    password TEXT,
    name TEXT NOT NULL,
    email TEXT,
    disabled BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (issuer, subject)
);

-- Clients of the operator's settings (registered = 0) and those that registered themselves (registered = 1).
CREATE TABLE client (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    secret TEXT,
    redirect_uris TEXT NOT NULL,
    post_logout_redirect_uris TEXT NOT NULL,
    grants TEXT NOT NULL,
    scopes TEXT NOT NULL,
    audiences TEXT NOT NULL,
    first_party BIGINT NOT NULL,
    registered BIGINT NOT NULL,
    resource_server TEXT,
    ping TEXT,
    home TEXT,
    approval_required BIGINT NOT NULL,
    disabled BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    used_at BIGINT
);

-- What a person granted a client in one authorization: the lineage of every token that came of it.
CREATE TABLE authorization_grant (
    id TEXT PRIMARY KEY,
    person TEXT NOT NULL,
    client TEXT NOT NULL,
    audience TEXT NOT NULL,
    scopes TEXT NOT NULL,
    sid TEXT NOT NULL,
    auth_time BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    revoked_at BIGINT
);
CREATE INDEX authorization_grant_of_person ON authorization_grant (person, client);

-- Codes, by their hash.
CREATE TABLE authorization_code (
    id TEXT PRIMARY KEY,
    authorization_grant TEXT NOT NULL,
    client TEXT NOT NULL,
    redirect_uri TEXT NOT NULL,
    code_challenge TEXT NOT NULL,
    nonce TEXT,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);

-- Refresh tokens, by their hash. Those of clients that registered themselves rotate.
CREATE TABLE refresh_token (
    id TEXT PRIMARY KEY,
    authorization_grant TEXT NOT NULL,
    client TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    used_at BIGINT NOT NULL,
    rotated_at BIGINT
);
CREATE INDEX refresh_token_of_grant ON refresh_token (authorization_grant);

-- Access tokens that were revoked one by one, until they would have ended.
CREATE TABLE revoked_token (
    jti TEXT PRIMARY KEY,
    expires_at BIGINT NOT NULL
);

-- What a person consented to, for each client and place that the code goes to.
CREATE TABLE consent (
    person TEXT NOT NULL,
    client TEXT NOT NULL,
    audience TEXT NOT NULL,
    redirect_host TEXT NOT NULL,
    scopes TEXT NOT NULL,
    given_at BIGINT NOT NULL,
    PRIMARY KEY (person, client, audience, redirect_host)
);

-- What happened, for whoever must find out later.
CREATE TABLE audit (
    id TEXT PRIMARY KEY,
    at BIGINT NOT NULL,
    event TEXT NOT NULL,
    person TEXT,
    client TEXT,
    detail TEXT NOT NULL
);
CREATE INDEX audit_at ON audit (at);
