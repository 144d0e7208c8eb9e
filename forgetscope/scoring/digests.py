"""File digests: content hashes, remembered as long as a file is provably untouched."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from forgetscope.store.files import cache_folder

__all__ = ["file_digest"]

_SETTLE_SECONDS = 2.0
"""A file changed more recently is not remembered: its clock ticks may be too coarse to tell."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS digest (
    path TEXT PRIMARY KEY, stamp TEXT NOT NULL, sha256 TEXT NOT NULL
)
"""


def file_digest(path: Path, *, settle_seconds: float = _SETTLE_SECONDS) -> str:
    """Return the sha256 of a file's content, in hex.

    Parameters
    ----------
    path
        An existing file, read as a stream.
    settle_seconds
        Minimum age of the last change for the digest to be remembered, in seconds.
    """
    before = path.stat()
    stamp = _stamp(before)
    known = _recall(path, stamp)
    if known is not None:
        return known
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    age_seconds = time.time() - max(before.st_mtime, before.st_ctime)
    if _stamp(path.stat()) == stamp and age_seconds >= settle_seconds:
        _remember(path, stamp, digest)
    return digest


def _stamp(stat: os.stat_result) -> str:
    # ctime cannot be set back by a program that restores mtime after writing
    return f"{stat.st_dev}:{stat.st_ino}:{stat.st_size}:{stat.st_mtime_ns}:{stat.st_ctime_ns}"


def _recall(path: Path, stamp: str) -> str | None:
    # an unusable cache costs time, never a result: both errors mean "not remembered"
    with contextlib.suppress(sqlite3.Error, OSError), _database() as database:
        row = database.execute(
            "SELECT sha256 FROM digest WHERE path = ? AND stamp = ?", (str(path), stamp)
        ).fetchone()
        return str(row[0]) if row else None
    return None


def _remember(path: Path, stamp: str, digest: str) -> None:
    with contextlib.suppress(sqlite3.Error, OSError), _database() as database:
        database.execute("REPLACE INTO digest VALUES (?, ?, ?)", (str(path), stamp, digest))


@contextlib.contextmanager
def _database() -> Iterator[sqlite3.Connection]:
    folder = cache_folder()
    folder.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(folder / "digests.sqlite", timeout=10)) as database, database:
        database.execute(_SCHEMA)
        yield database
