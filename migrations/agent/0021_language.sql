-- The language that the person chose at the identity service. NULL: their browser's decides.
ALTER TABLE person ADD COLUMN lang TEXT CHECK (lang IN ('en', 'de'));

-- The language in which the turn is answered.
ALTER TABLE turn ADD COLUMN lang TEXT NOT NULL DEFAULT 'en' CHECK (lang IN ('en', 'de'));
