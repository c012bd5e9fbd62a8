-- Calls at /mcp that their client cancelled. A cancellation may arrive before its call has asked anybody.
CREATE TABLE cancelled_call (
    call TEXT PRIMARY KEY,
    at BIGINT NOT NULL
);
