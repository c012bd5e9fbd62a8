-- What housekeeping looks for, every few minutes.
CREATE INDEX session_seen ON session (seen_at);
CREATE INDEX once_expires ON once (expires_at);
