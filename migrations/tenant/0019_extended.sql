-- When the person gave themselves more time to decide: once for each request.
ALTER TABLE approval ADD COLUMN extended_at BIGINT;
