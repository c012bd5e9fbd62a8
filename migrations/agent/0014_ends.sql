-- The end of a whole answer has a position: what the person can do with the answer is shown there.
UPDATE event SET place = seq WHERE place = 0 AND kind LIKE '{"end":{%"outcome":"done"}}';

-- Whose words a thread's title is: the first message's, the model's or the person's. The person's stays.
ALTER TABLE thread ADD COLUMN titled TEXT NOT NULL DEFAULT 'message' CHECK (titled IN ('message', 'model', 'person'));
-- When its owner deleted it. For a moment that can be undone; then cleanup removes it.
ALTER TABLE thread ADD COLUMN deleted_at BIGINT;
CREATE INDEX thread_deleted ON thread (deleted_at) WHERE deleted_at IS NOT NULL;
