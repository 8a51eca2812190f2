-- Version 3. Who may sign in, who has, and API tokens. Of passwords there are Argon2id hashes, of the ids of sessions and of tokens
-- SHA-256 hashes: nothing in these tables lets anybody in.
CREATE TABLE console_users (
    name TEXT PRIMARY KEY,
    role TEXT NOT NULL,
    password TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    signed_in_at BIGINT
);

CREATE TABLE console_sessions (
    id_hash TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    used_at BIGINT NOT NULL,
    address TEXT,
    agent TEXT
);
CREATE INDEX console_sessions_by_user ON console_sessions (name, used_at DESC);
CREATE INDEX console_sessions_by_time ON console_sessions (created_at);

CREATE TABLE console_tokens (
    id TEXT PRIMARY KEY,
    token_hash TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    used_at BIGINT,
    revoked_at BIGINT
);
CREATE INDEX console_tokens_by_time ON console_tokens (created_at DESC);
