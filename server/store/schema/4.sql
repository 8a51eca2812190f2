-- Version 4. Shares of embeds. Of a share's token only its SHA-256 is here.
CREATE TABLE console_shares (
    id TEXT PRIMARY KEY,
    token_hash TEXT NOT NULL UNIQUE,
    resource TEXT NOT NULL,
    origin TEXT NOT NULL,
    options TEXT NOT NULL,
    note TEXT,
    who TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    revoked_at BIGINT,
    revoked_by TEXT
);
