-- Every page of the chat counts what waits for its person.
CREATE INDEX approval_waiting ON approval (person) WHERE state = 'waiting';
