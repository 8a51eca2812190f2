-- TickStockAppV2's table, as it made it. Made only where it is absent; one that is there is taken as it is.
-- SQLite keeps times as the text that SQLAlchemy writes, YYYY-MM-DD HH:MM:SS.ffffff, and JSON as text.
CREATE TABLE processing_runs (
    run_id VARCHAR(64) PRIMARY KEY,
    trigger_type VARCHAR(32),
    status VARCHAR(32),
    phase VARCHAR(64),
    started_at TIMESTAMP,
    completed_at TIMESTAMP,
    duration_seconds INTEGER,
    symbols_total INTEGER DEFAULT 0,
    symbols_processed INTEGER DEFAULT 0,
    symbols_failed INTEGER DEFAULT 0,
    indicators_total INTEGER DEFAULT 0,
    indicators_processed INTEGER DEFAULT 0,
    indicators_failed INTEGER DEFAULT 0,
    error_message TEXT,
    metadata TEXT,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX idx_processing_runs_started_at ON processing_runs (started_at DESC);
CREATE INDEX idx_processing_runs_status ON processing_runs (status);
