-- Sessions are held by tower-sessions. Rows from before have no visitor, and cookies of another form.
-- What stays the same for a browser when a login changes its session's id.
ALTER TABLE session ADD COLUMN visitor TEXT NOT NULL DEFAULT '';
-- Sealed: the hint for the provider's logout.
ALTER TABLE session ADD COLUMN id_token TEXT;
CREATE INDEX session_of_visitor ON session (visitor) WHERE person IS NULL;
-- As the provider named the person at the last login.
ALTER TABLE account ADD COLUMN name TEXT;
