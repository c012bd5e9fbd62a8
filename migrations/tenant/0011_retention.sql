-- Cleanup finds requests for approval that are older than the retention setting allows.
CREATE INDEX approval_expires ON approval (expires_at);
