-- Version 2. What a run said of each of its symbols, as the relay's JSON.
CREATE TABLE console_symbols (
    run_key TEXT NOT NULL,
    symbol TEXT NOT NULL,
    at BIGINT NOT NULL,
    report TEXT NOT NULL,
    PRIMARY KEY (run_key, symbol)
);
CREATE INDEX console_symbols_by_time ON console_symbols (at);
