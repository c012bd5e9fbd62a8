-- Sessions are held by tower-sessions. Rows from before have no visitor, and cookies of another form.
-- What stays the same for a browser when a login changes its session's id.
ALTER TABLE session ADD COLUMN visitor TEXT NOT NULL DEFAULT '';
-- Sealed: the hint for the provider's logout.
ALTER TABLE session ADD COLUMN id_token TEXT;
CREATE INDEX session_of_visitor ON session (visitor);

-- What the list of accounts says once, to the session in which it happened.
CREATE TABLE notice (
    id TEXT PRIMARY KEY,
    session TEXT NOT NULL,
    text TEXT NOT NULL,
    back TEXT,
    created_at BIGINT NOT NULL
);
CREATE INDEX notice_of_session ON notice (session, created_at);

-- Who opened threads in a browser, and the person who claimed them by logging in there: once.
CREATE TABLE visitor (
    id TEXT PRIMARY KEY,
    person TEXT,
    created_at BIGINT NOT NULL
);
CREATE INDEX visitor_of_person ON visitor (person);
-- Threads until now had an owner, `p:` and a person's id, or `s:` and the session of a visitor.
INSERT INTO visitor (id, person, created_at)
    SELECT owner, CASE WHEN owner LIKE 'p:%' THEN substr(owner, 3) END, MIN(created_at) FROM thread GROUP BY owner;
ALTER TABLE thread RENAME COLUMN owner TO visitor;
