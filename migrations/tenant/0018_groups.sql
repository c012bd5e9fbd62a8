-- Requests that a client makes together: one page shows them, with a tick at each.
CREATE TABLE approval_group (
    -- The hash of what its requests have in common: client, caller, person, account, code, and the client's name for it.
    id TEXT PRIMARY KEY,
    created_at BIGINT NOT NULL,
    -- When a request of it was first shown. Nothing joins it after that.
    shown_at BIGINT
);
ALTER TABLE approval ADD COLUMN in_group TEXT;
CREATE INDEX approval_in_group ON approval (in_group);
