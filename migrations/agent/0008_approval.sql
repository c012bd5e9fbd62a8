-- What a person is asked to approve, and what becomes of it (server/agent/src/approval.rs). The chat's calls and those
-- at /mcp live the same life here; a worker holds a row (`owner`, until `due_at`) while it takes the next step.
CREATE TABLE approval (
    -- The chat's call, or the request id at /mcp.
    id TEXT PRIMARY KEY,
    -- Where it was asked: a thread, or person and client at /mcp as JSON. What was denied there isn't asked again.
    asker TEXT NOT NULL,
    -- In the chat: the person, as the agent knows them.
    person TEXT,
    -- At /mcp: the person as the identity service knows them, the client, and its token, sealed; gone once it is over.
    subject TEXT,
    client TEXT,
    token TEXT,
    -- At /mcp: what calls with the same arguments have in common, so that a retry finds the first; and the client's id
    -- of the call that waits, by which it may be cancelled.
    same TEXT UNIQUE,
    call TEXT,
    -- What is asked, as JSON, and the key and code under which it is asked.
    prepared TEXT NOT NULL,
    key TEXT NOT NULL,
    code TEXT NOT NULL,
    -- The token that the ping brings: its hash to find the row by, itself sealed to send it again.
    ping_hash TEXT NOT NULL UNIQUE,
    ping_token TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    -- The identity service's answer; the request's id sealed.
    auth_req_id TEXT,
    txn TEXT,
    page TEXT,
    expires_at BIGINT,
    interval_ms BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('asking', 'waiting', 'approved', 'placed', 'rejected', 'refused', 'unknown',
        'denied', 'expired', 'withdrawn')),
    -- The broker's order or the reason, as JSON, where the state has one.
    result TEXT,
    ended_at BIGINT,
    -- The one who asked takes it back.
    withdraw BIGINT NOT NULL,
    owner TEXT,
    due_at BIGINT NOT NULL,
    -- Counts what happened to it from outside, so that nothing is lost that happens during a step.
    woken BIGINT NOT NULL,
    CHECK ((person IS NULL) <> (client IS NULL)),
    CHECK ((ended_at IS NULL) = (state IN ('asking', 'waiting', 'approved')))
);
CREATE INDEX approval_due ON approval (due_at) WHERE ended_at IS NULL;
CREATE INDEX approval_asker ON approval (asker);
CREATE INDEX approval_txn ON approval (txn);

-- The approvals that calls of the chat held until now. Those that wait go on.
INSERT INTO approval (id, asker, person, prepared, key, code, ping_hash, ping_token, asked_at, auth_req_id, txn, page,
    expires_at, interval_ms, state, ended_at, withdraw, due_at, woken)
SELECT call.id, turn.thread, COALESCE(turn.person, ''), call.prepared, call.key, call.code, call.ping_hash,
    call.ping_token, COALESCE(call.asked_at, call.created_at), call.auth_req_id, call.txn, call.page, call.expires_at,
    COALESCE(call.interval_ms, 5000),
    CASE call.state WHEN 'prepared' THEN 'asking' WHEN 'requested' THEN 'waiting' WHEN 'approved' THEN 'approved'
        ELSE COALESCE(call.outcome, 'refused') END,
    CASE WHEN call.state IN ('prepared', 'requested', 'approved') THEN NULL
        ELSE COALESCE(call.ended_at, call.expires_at, call.asked_at, call.created_at) END,
    call.withdraw, 0, 0
FROM call JOIN turn ON turn.id = call.turn
WHERE call.prepared IS NOT NULL;

-- Calls without them.
CREATE TABLE kept_call (
    id TEXT PRIMARY KEY,
    turn TEXT NOT NULL REFERENCES turn (id),
    position BIGINT NOT NULL,
    tool TEXT NOT NULL,
    arguments TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('called', 'login', 'connect', 'approval', 'answered')),
    -- The scopes that a connection lacks, as JSON.
    scopes TEXT,
    -- When to look at it again; at once where something happened outside since it was looked at last.
    due_at BIGINT NOT NULL,
    poked BIGINT NOT NULL,
    -- The state of its approval that its card shows.
    shown TEXT,
    -- What the model is told, as JSON, once answered.
    answer TEXT,
    created_at BIGINT NOT NULL
);
INSERT INTO kept_call (id, turn, position, tool, arguments, state, scopes, due_at, poked, shown, answer, created_at)
SELECT id, turn, position, tool, arguments,
    CASE WHEN state IN ('prepared', 'requested', 'approved') THEN 'approval' ELSE state END,
    scopes, CASE WHEN state IN ('prepared', 'requested', 'approved') THEN 9223372036854775807 ELSE due_at END, poked,
    CASE state WHEN 'prepared' THEN 'asking' WHEN 'requested' THEN 'waiting' WHEN 'approved' THEN 'approved'
        ELSE NULL END,
    answer, created_at
FROM call;
DROP TABLE call;
ALTER TABLE kept_call RENAME TO call;
CREATE INDEX call_of_turn ON call (turn, position);

-- What was denied is in `approval` from here on.
DROP TABLE denial;
