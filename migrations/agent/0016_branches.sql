-- A turn follows the one before it in its branch. A thread shows the branch that ends with its leaf. Until now, each
-- thread had one.
ALTER TABLE turn ADD COLUMN parent TEXT;
UPDATE turn SET parent = (
    SELECT earlier.id FROM turn AS earlier
    WHERE earlier.thread = turn.thread AND earlier.seq < turn.seq ORDER BY earlier.seq DESC LIMIT 1
);
CREATE INDEX turn_branch ON turn (thread, parent, seq, id, message);
ALTER TABLE thread ADD COLUMN leaf TEXT;
UPDATE thread SET leaf = (SELECT id FROM turn WHERE turn.thread = thread.id ORDER BY seq DESC LIMIT 1);

-- The turn or message with which an item is shown. None if it is shown in every branch, as approvals are that wait or
-- were used.
ALTER TABLE event ADD COLUMN shown_with TEXT;
-- Whether it is of a branch that isn't shown.
ALTER TABLE event ADD COLUMN hidden BIGINT NOT NULL DEFAULT 0 CHECK (hidden IN (0, 1));
UPDATE event SET shown_with = substr(item, 2) WHERE item LIKE 'm%' OR item LIKE 'e%';
-- The ids of turns are of one length.
UPDATE event SET shown_with = substr(item, 2, (SELECT LENGTH(id) FROM turn WHERE turn.thread = event.thread LIMIT 1))
    WHERE item LIKE 't%.%';
UPDATE event SET shown_with = (SELECT turn FROM call WHERE call.id = substr(event.item, 2))
    WHERE item LIKE 'c%' OR item LIKE 'k%';
UPDATE event SET shown_with = NULL WHERE item LIKE 'k%' AND kind LIKE '%"body":{"approval":{%' AND (
    kind LIKE '%"state":"asking"%' OR kind LIKE '%"state":"waiting"%' OR kind LIKE '%"state":"approved"%'
    OR kind LIKE '%"state":{"placed":%' OR kind LIKE '%"state":{"done":%' OR kind LIKE '%"state":{"unknown":%'
);
