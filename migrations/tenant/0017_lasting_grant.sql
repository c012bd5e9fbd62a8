-- When a grant ends that can't be refreshed, of a provider that issues no refresh tokens. NULL: it doesn't, or nobody
-- knows.
ALTER TABLE connected_account ADD COLUMN expires_at BIGINT;
ALTER TABLE connect_session ADD COLUMN grant_expires_at BIGINT;
