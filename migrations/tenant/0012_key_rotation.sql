-- A signing key is published at once, signs from a time on, and is accepted until another: see `mandate keys rotate`.
-- Times in milliseconds since 1970. Without an end it is the newest.
ALTER TABLE signing_key ADD COLUMN signs_from BIGINT NOT NULL DEFAULT 0;
ALTER TABLE signing_key ADD COLUMN ends_at BIGINT;
