-- A rotated refresh token is answered with its successor for a short time. The successor is sealed under a key made
-- from the rotated token, which isn't stored: this file and the master key together don't open it.
ALTER TABLE refresh_token ADD COLUMN successor TEXT;
-- The successor's hash, to see whether it was used.
ALTER TABLE refresh_token ADD COLUMN successor_id TEXT;
-- How often the successor was returned again.
ALTER TABLE refresh_token ADD COLUMN repeated BIGINT NOT NULL DEFAULT 0;
