-- The workshop. Chats in which the model gets no tools and no name: by what opened them.
CREATE TABLE bare_chat (
    visitor TEXT NOT NULL,
    key TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (visitor, key)
);
CREATE INDEX bare_chat_created ON bare_chat (created_at);

-- What a person tried there that must fail, and the API's answer.
CREATE TABLE workshop_attempt (
    person TEXT NOT NULL,
    what TEXT NOT NULL CHECK (what IN ('buy_with_reading_token')),
    status BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (person, what)
);

-- Who started again, and when: what happened before doesn't count. The reader is `p:` and a person's id, or `v:` and a
-- visitor's.
CREATE TABLE workshop_start (
    reader TEXT PRIMARY KEY,
    at BIGINT NOT NULL
);
