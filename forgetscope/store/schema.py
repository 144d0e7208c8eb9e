"""The tables of a study, and the one version number they carry."""

from __future__ import annotations

__all__ = ["JUDGE_EDITION", "MIGRATIONS", "SCHEMA", "SCHEMA_VERSION"]

SCHEMA_VERSION = 2

JUDGE_EDITION = 2
"""What made the scores that are written now; older ones are made anew when a study is continued.
Edition 1 knew neither form nor likelihood."""

_SCORES = """
-- what a task made of the answers: derived, and made anew from them at any time
CREATE TABLE IF NOT EXISTS scores (
    model TEXT NOT NULL,
    engine TEXT NOT NULL,
    item TEXT NOT NULL,
    sample INTEGER NOT NULL,
    prompt_hash TEXT NOT NULL,
    value REAL,
    others TEXT NOT NULL,
    answer TEXT NOT NULL,
    extracted TEXT,
    is_truncated INTEGER NOT NULL,
    is_invalid INTEGER NOT NULL,
    error TEXT,
    edition INTEGER NOT NULL,
    form TEXT,
    n_tokens INTEGER,
    gold_bits REAL,
    gold_bytes INTEGER,
    gold_share REAL,
    top_share REAL,
    brier REAL,
    choice INTEGER,
    n_options INTEGER,
    gold_label REAL,
    predicted_label REAL,
    PRIMARY KEY (model, engine, item, sample)
) WITHOUT ROWID;
"""

_PROBES = """
-- what a model answered to other questions about an item, e.g. to recover what seems lost
CREATE TABLE IF NOT EXISTS probes (
    model TEXT NOT NULL,
    engine TEXT NOT NULL,
    item TEXT NOT NULL,
    kind TEXT NOT NULL,
    prompt TEXT NOT NULL,
    text TEXT NOT NULL,
    value REAL,
    PRIMARY KEY (model, engine, item, kind)
) WITHOUT ROWID;
"""

SCHEMA = f"""
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
{_SCORES}{_PROBES}
CREATE TABLE IF NOT EXISTS runs (
    id INTEGER PRIMARY KEY,
    command TEXT NOT NULL,
    started TEXT NOT NULL,
    finished TEXT,
    provenance TEXT NOT NULL
);
"""

MIGRATIONS: dict[int, tuple[str, ...]] = {
    1: (
        "ALTER TABLE scores RENAME TO scores_of_1",
        _SCORES,
        """
        INSERT INTO scores
            (model, engine, item, sample, prompt_hash, value, others, answer, extracted,
             is_truncated, is_invalid, error, edition)
        SELECT model, engine, item, 0, prompt_hash, value, others, answer, extracted,
               is_truncated, is_invalid, error, 1
        FROM scores_of_1
        """,
        "DROP TABLE scores_of_1",
        _PROBES,
    ),
}
"""Statements that lead from a version to the next one; what was not known then is NULL."""
