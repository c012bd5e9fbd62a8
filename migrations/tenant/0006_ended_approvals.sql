-- When the person took an approval back: by blocking the app that it was for, or by ending that app's access. It stays
-- so when the app is unblocked or let in again.
ALTER TABLE approval ADD COLUMN ended_at BIGINT;
