-- Words of the field, and enums with a CHECK (server/agent/src/store/state.rs).
ALTER TABLE call RENAME COLUMN poked TO notified;

-- Whether an undecided request was withdrawn: no, by the one who asked, or because the person went on from an earlier
-- message.
ALTER TABLE approval ADD COLUMN withdrawal TEXT NOT NULL DEFAULT 'none'
    CHECK (withdrawal IN ('none', 'asked', 'superseded'));
UPDATE approval SET withdrawal = CASE withdraw WHEN 1 THEN 'asked' ELSE 'superseded' END WHERE withdraw <> 0;
ALTER TABLE approval DROP COLUMN withdraw;
