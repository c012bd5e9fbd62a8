-- Whether the events of a turn that is over were folded into what they came to.
ALTER TABLE turn ADD COLUMN folded BIGINT NOT NULL DEFAULT 0;
CREATE INDEX turn_unfolded ON turn (state) WHERE folded = 0;
