-- The agent: sessions, people, their threads, and the turns that answer.
-- TEXT and BIGINT alone; times in milliseconds since 1970 (UTC).

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

-- People, keyed by who says who they are; never by e-mail.
CREATE TABLE person (
    id TEXT PRIMARY KEY,
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    name TEXT,
    email TEXT,
    -- Sealed: the identity service's refresh token.
    refresh_token TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (issuer, subject)
);

-- `owner` is `p:` and a person's id, or `s:` and the session of a visitor.
CREATE TABLE thread (
    id TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    -- The browser's key for the message that opened it: sent again, it opens nothing more.
    key TEXT NOT NULL,
    title TEXT NOT NULL,
    -- The last event's number.
    seq BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (owner, key)
);
CREATE INDEX thread_of_owner ON thread (owner, updated_at);

CREATE TABLE message (
    id TEXT PRIMARY KEY,
    thread TEXT NOT NULL REFERENCES thread (id),
    key TEXT NOT NULL,
    text TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (thread, key)
);

CREATE TABLE event (
    thread TEXT NOT NULL REFERENCES thread (id),
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    PRIMARY KEY (thread, seq)
);

-- A turn answers a message. Whoever runs it holds it: `owner`, until `due_at`. While it waits, `due_at` is when
-- somebody should look at it again.
CREATE TABLE turn (
    id TEXT PRIMARY KEY,
    thread TEXT NOT NULL REFERENCES thread (id),
    message TEXT NOT NULL REFERENCES message (id),
    -- Whose turn it is: the person that the message had, or none for a visitor.
    person TEXT,
    -- running, waiting, done, failed, cancelled
    state TEXT NOT NULL,
    owner TEXT,
    due_at BIGINT NOT NULL,
    -- Counts what happened to it from outside: so a wake while it runs is not lost.
    woken BIGINT NOT NULL,
    -- Somebody asked for it to end.
    cancel BIGINT NOT NULL,
    -- Whether its thread shows it as running, and the part of its answer that is open.
    shown BIGINT NOT NULL,
    part BIGINT NOT NULL,
    open BIGINT NOT NULL,
    -- How often the model was asked.
    asked BIGINT NOT NULL,
    -- The model's messages since the person's, as JSON.
    history TEXT NOT NULL,
    -- The number of the message's event in its thread: the order of turns.
    seq BIGINT NOT NULL
);
CREATE INDEX turn_due ON turn (state, due_at);
CREATE UNIQUE INDEX turn_of_thread ON turn (thread, seq);

-- A tool call of a turn, answered or not.
CREATE TABLE call (
    id TEXT PRIMARY KEY,
    turn TEXT NOT NULL REFERENCES turn (id),
    position BIGINT NOT NULL,
    tool TEXT NOT NULL,
    arguments TEXT NOT NULL,
    -- called, login, connect, prepared, requested, approved, answered
    state TEXT NOT NULL,
    -- The scopes that a connection lacks, as JSON.
    scopes TEXT,
    -- When to poll or try again; at once where something happened outside since it was looked at last.
    due_at BIGINT NOT NULL,
    poked BIGINT NOT NULL,
    -- What the model is told, as JSON, once answered.
    answer TEXT,
    -- What became of an approval: placed, refused, denied, expired, withdrawn.
    outcome TEXT,
    -- What is asked to be approved, as JSON, and the key and code under which it is asked.
    prepared TEXT,
    key TEXT,
    code TEXT,
    -- The token that the ping brings: its hash to find the call by, itself sealed to send it again.
    ping_hash TEXT UNIQUE,
    ping_token TEXT,
    -- The identity service's answer; the request's id sealed.
    auth_req_id TEXT,
    txn TEXT,
    page TEXT,
    asked_at BIGINT,
    expires_at BIGINT,
    interval_ms BIGINT,
    -- The person withdrew it in the chat.
    withdraw BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX call_of_turn ON call (turn, position);
