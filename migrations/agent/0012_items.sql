-- An event holds the whole state of its item, so only the last one of each item is stored. Rows of earlier versions have
-- no item; they are converted at the start.
-- The item that it is about. The blocks of a part of an answer are one item.
ALTER TABLE event ADD COLUMN item TEXT;
ALTER TABLE event ADD COLUMN block BIGINT NOT NULL DEFAULT 0;
-- The item's position in the transcript: the number of its first event, or 0 if it has none.
ALTER TABLE event ADD COLUMN place BIGINT NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX event_item ON event (thread, item, block);
CREATE INDEX event_place ON event (thread, place);
CREATE INDEX event_of_earlier ON event (thread) WHERE item IS NULL;

-- The open end of a running answer, as JSON.
ALTER TABLE turn ADD COLUMN open_text TEXT;
CREATE INDEX turn_running ON turn (thread) WHERE state = 'running';

-- Nothing is merged any more.
DROP INDEX turn_unfolded;
ALTER TABLE turn DROP COLUMN folded;
