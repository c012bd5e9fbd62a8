-- A message that is sent again is found by its key, in whichever of the person's threads it was taken.
CREATE INDEX message_by_key ON message (key);
