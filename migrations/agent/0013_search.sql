-- What a search can find: the title of a thread, a message, or a part of an answer. Its words are indexed in another way
-- by each kind of database (server/agent/src/store/search.rs).
CREATE TABLE search_entry (
    -- The time in milliseconds in the upper bits, so that entries are in their order.
    id BIGINT PRIMARY KEY,
    thread TEXT NOT NULL REFERENCES thread (id),
    item TEXT NOT NULL,
    UNIQUE (thread, item)
);

-- Threads of earlier versions: the position after which their items aren't indexed yet.
ALTER TABLE thread ADD COLUMN unindexed_after BIGINT;
UPDATE thread SET unindexed_after = 0;
CREATE INDEX thread_unindexed ON thread (id) WHERE unindexed_after IS NOT NULL;
