-- Where people have logged in from: attempts from there don't count for the account alone, so that a stranger can't
-- lock the person out. `address` is a hash.
CREATE TABLE login_address (
    person  TEXT NOT NULL REFERENCES person (id),
    address TEXT NOT NULL,
    seen_at BIGINT NOT NULL,
    PRIMARY KEY (person, address)
);
