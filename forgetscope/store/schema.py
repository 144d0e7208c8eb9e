"""The tables of a study, and the one version number they carry."""

from __future__ import annotations

__all__ = ["SCHEMA", "SCHEMA_VERSION"]

SCHEMA_VERSION = 1

SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

-- the series: one row a label; a label whose weights change points to the new fingerprint
CREATE TABLE IF NOT EXISTS checkpoints (
    label TEXT PRIMARY KEY,
    position INTEGER NOT NULL,
    source TEXT NOT NULL,
    kind TEXT NOT NULL,
    revision TEXT,
    step INTEGER,
    fingerprint TEXT NOT NULL,
    engine TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS engines (
    fingerprint TEXT PRIMARY KEY,
    description TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS tasks (
    name TEXT PRIMARY KEY,
    position INTEGER NOT NULL,
    record TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS items (
    id TEXT PRIMARY KEY,
    task TEXT NOT NULL,
    document_id INTEGER NOT NULL,
    prompt TEXT NOT NULL,
    prompt_hash TEXT NOT NULL,
    gold TEXT NOT NULL,
    choices TEXT NOT NULL,
    chance REAL,
    cluster TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS items_by_task ON items (task, document_id, id);

-- which requests an item makes; what they ask follows from the task, and is digested in the id
CREATE TABLE IF NOT EXISTS requests (
    item TEXT NOT NULL,
    position INTEGER NOT NULL,
    id TEXT NOT NULL,
    PRIMARY KEY (item, position)
) WITHOUT ROWID;

-- every answer as it arrived; a row is never rewritten
CREATE TABLE IF NOT EXISTS answers (
    model TEXT NOT NULL,
    engine TEXT NOT NULL,
    request TEXT NOT NULL,
    sample INTEGER NOT NULL,
    logprob REAL,
    is_greedy INTEGER,
    text TEXT,
    n_tokens INTEGER NOT NULL,
    stop_reason TEXT,
    n_truncated INTEGER NOT NULL,
    error TEXT,
    PRIMARY KEY (model, engine, request, sample)
) WITHOUT ROWID;

-- what a task made of the answers: derived, and made anew from them at any time
CREATE TABLE IF NOT EXISTS scores (
    model TEXT NOT NULL,
    engine TEXT NOT NULL,
    item TEXT NOT NULL,
    prompt_hash TEXT NOT NULL,
    value REAL,
    others TEXT NOT NULL,
    answer TEXT NOT NULL,
    extracted TEXT,
    is_truncated INTEGER NOT NULL,
    is_invalid INTEGER NOT NULL,
    error TEXT,
    PRIMARY KEY (model, engine, item)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS runs (
    id INTEGER PRIMARY KEY,
    command TEXT NOT NULL,
    started TEXT NOT NULL,
    finished TEXT,
    provenance TEXT NOT NULL
);
"""
