-- The end of a whole answer has a position: what the person can do with the answer is shown there.
UPDATE event SET place = seq WHERE place = 0 AND kind LIKE '{"end":{%"outcome":"done"}}';
