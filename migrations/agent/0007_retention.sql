-- Cleanup finds chats that are older than the retention settings allow.
CREATE INDEX thread_updated ON thread (updated_at);
