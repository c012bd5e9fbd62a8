-- What a person chose. The model's name is one of those that the operator offers, or no longer; none: the first of them.
CREATE TABLE setting (
    person TEXT PRIMARY KEY,
    -- For the agent, in the person's own words.
    instructions TEXT NOT NULL,
    model TEXT
);

-- What was used on a day (UTC). `who`: `p:` and a person's id, `v:` and a visitor's, or `a:` and an address.
CREATE TABLE usage_of_day (
    who TEXT NOT NULL,
    -- Days since 1970.
    day BIGINT NOT NULL,
    turns BIGINT NOT NULL,
    tokens BIGINT NOT NULL,
    PRIMARY KEY (who, day)
);
CREATE INDEX usage_of_day_day ON usage_of_day (day);

-- Whether the person can give themselves more time to decide, or has.
ALTER TABLE approval ADD COLUMN more_time TEXT NOT NULL DEFAULT 'none' CHECK (more_time IN ('none', 'possible', 'given'));
