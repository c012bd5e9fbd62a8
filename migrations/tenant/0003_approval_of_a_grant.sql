-- For a request that a call at /mcp made: the grant that the caller's token came from. Where it is revoked, so is
-- what was asked under it.
ALTER TABLE approval ADD COLUMN caller_grant TEXT;
