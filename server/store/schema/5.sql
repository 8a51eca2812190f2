-- Version 5. Keys of commands that were sent or are about to be: one that has no answer in console_idempotency must not be sent again.
CREATE TABLE console_claims (
    key TEXT PRIMARY KEY,
    body_hash TEXT NOT NULL,
    -- The attempt that holds the key; only this one may release it.
    claimed_by TEXT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX console_claims_by_time ON console_claims (at);

-- Until when TickStockPL's events were heard, one row: what came after it may have been missed.
CREATE TABLE console_heard (
    id BIGINT PRIMARY KEY,
    at BIGINT NOT NULL
);
