-- When the holder last renewed its lease, by its own clock: other processes only watch whether it changes.
ALTER TABLE lease RENAME COLUMN ends_at TO renewed_at;
