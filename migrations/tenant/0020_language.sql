-- The language that the person chose. NULL: their browser's decides.
ALTER TABLE person ADD COLUMN lang TEXT CHECK (lang IN ('en', 'de'));
