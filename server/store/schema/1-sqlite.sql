-- Version 1. Times are milliseconds since 1970-01-01T00:00:00Z, sort_us microseconds; yes and no are 1 and 0.

-- One run, in the columns that pages are filtered and sorted by. run_key is processing_runs.run_id; run_id is the whole id.
CREATE TABLE console_runs (
    run_key TEXT PRIMARY KEY,
    run_id TEXT NOT NULL,
    sort_us BIGINT NOT NULL,
    status TEXT NOT NULL,
    trigger_type TEXT,
    -- Each between line feeds, so that one is found as a whole.
    universes TEXT NOT NULL,
    original_run_id TEXT,
    started_at BIGINT,
    ended_at BIGINT,
    duration_seconds DOUBLE PRECISION,
    symbols_total BIGINT,
    processed BIGINT,
    failed BIGINT,
    indicators BIGINT,
    patterns BIGINT,
    message TEXT,
    -- 1 where it may count in baselines: it ended well, and how long it and its phases took is known.
    comparable BIGINT NOT NULL,
    -- Who wrote it: console, or processing_runs where only the old table had it.
    origin TEXT NOT NULL,
    -- What a search looks through, in lower case.
    search TEXT NOT NULL,
    saved_at BIGINT NOT NULL
);
CREATE INDEX console_runs_by_time ON console_runs (sort_us DESC, run_key DESC);
CREATE INDEX console_runs_by_status ON console_runs (status, sort_us DESC, run_key DESC);
CREATE INDEX console_runs_by_trigger ON console_runs (trigger_type, sort_us DESC, run_key DESC);
CREATE INDEX console_runs_comparable ON console_runs (universes, sort_us DESC) WHERE comparable = 1;

-- The whole run as the model has it, apart from the row above so that pages read little.
CREATE TABLE console_run_details (
    run_key TEXT PRIMARY KEY,
    heard_at BIGINT NOT NULL,
    run TEXT NOT NULL
);
CREATE INDEX console_run_details_by_time ON console_run_details (heard_at DESC);

CREATE TABLE console_phases (
    run_key TEXT NOT NULL,
    phase TEXT NOT NULL,
    status TEXT NOT NULL,
    started_at BIGINT,
    ended_at BIGINT,
    seconds DOUBLE PRECISION,
    done BIGINT,
    total BIGINT,
    failed BIGINT,
    percent DOUBLE PRECISION,
    PRIMARY KEY (run_key, phase)
);

CREATE TABLE console_failed_symbols (
    run_key TEXT NOT NULL,
    symbol TEXT NOT NULL,
    reason TEXT,
    PRIMARY KEY (run_key, symbol)
);

-- How many results of each indicator and detections of each pattern a run had; day is the exchange's, as YYYY-MM-DD.
CREATE TABLE console_aggregates (
    run_key TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    day TEXT NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (run_key, kind, name)
);
CREATE INDEX console_aggregates_by_day ON console_aggregates (day, kind, name);

-- Errors, grouped as the model groups them.
CREATE TABLE console_errors (
    error_key TEXT PRIMARY KEY,
    run_key TEXT,
    run_id TEXT,
    severity TEXT NOT NULL,
    component TEXT,
    code TEXT,
    message TEXT NOT NULL,
    phase TEXT,
    recovery_action TEXT,
    symbols TEXT NOT NULL,
    count BIGINT NOT NULL,
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL
);
CREATE INDEX console_errors_by_time ON console_errors (last_at DESC, error_key DESC);
CREATE INDEX console_errors_by_run ON console_errors (run_key, last_at DESC);

CREATE TABLE console_error_symbols (
    error_key TEXT NOT NULL,
    symbol TEXT NOT NULL,
    PRIMARY KEY (error_key, symbol)
);

-- The event log. run_key is empty where an event names no run.
CREATE TABLE console_events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    run_key TEXT NOT NULL,
    number BIGINT NOT NULL,
    at BIGINT NOT NULL,
    channel TEXT NOT NULL,
    name TEXT NOT NULL,
    summary TEXT NOT NULL,
    raw TEXT
);
CREATE INDEX console_events_by_run ON console_events (run_key, id);
CREATE INDEX console_events_by_time ON console_events (at);

-- Who asked for what. Rows are added, never changed.
CREATE TABLE console_audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    entry_key TEXT NOT NULL UNIQUE,
    at BIGINT NOT NULL,
    who TEXT NOT NULL,
    role TEXT,
    action TEXT NOT NULL,
    target TEXT,
    address TEXT,
    request_id TEXT,
    outcome TEXT NOT NULL,
    detail TEXT
);

CREATE TABLE console_idempotency (
    key TEXT PRIMARY KEY,
    body_hash TEXT NOT NULL,
    answer TEXT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX console_idempotency_by_time ON console_idempotency (at);

CREATE TABLE console_acknowledgements (
    subject TEXT PRIMARY KEY,
    who TEXT NOT NULL,
    at BIGINT NOT NULL,
    note TEXT
);

CREATE TABLE console_settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    who TEXT,
    at BIGINT NOT NULL
);

-- The model's whole state, one row.
CREATE TABLE console_state (
    id BIGINT PRIMARY KEY,
    at BIGINT NOT NULL,
    state TEXT NOT NULL
);

CREATE TRIGGER console_audit_no_update BEFORE UPDATE ON console_audit
BEGIN SELECT RAISE(ABORT, 'console_audit is append only'); END;
CREATE TRIGGER console_audit_no_delete BEFORE DELETE ON console_audit
BEGIN SELECT RAISE(ABORT, 'console_audit is append only'); END;
