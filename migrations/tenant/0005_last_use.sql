-- When the API that a grant is for last took one of its access tokens, as far as that API asks. The uses of refresh
-- tokens stand in their own rows.
ALTER TABLE authorization_grant ADD COLUMN used_at BIGINT;
