-- What a person tried in the workshop that must fail: all kinds, with the answers that came, as JSON.
CREATE TABLE workshop_answers (
    person TEXT NOT NULL,
    what TEXT NOT NULL CHECK (what IN ('replay_code', 'buy_with_reading_token', 'app_token_elsewhere',
        'same_token_again', 'other_quantity', 'approve_as_agent')),
    -- Whether it failed, as it must.
    held BIGINT NOT NULL CHECK (held IN (0, 1)),
    answers TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (person, what)
);
INSERT INTO workshop_answers (person, what, held, answers, at)
    SELECT person, what, CASE WHEN status = 403 THEN 1 ELSE 0 END, '[]', at FROM workshop_attempt;
DROP TABLE workshop_attempt;
