-- The API that a request for approval is for, where this service issues its tokens. NULL: an account behind the vault.
ALTER TABLE approval ADD COLUMN audience TEXT;
