"""Stamps: a digest of everything on this machine that prompts and answers follow from.

Names, sizes and times of files stand for what is in them: whatever changes, even a file's time,
makes another digest. Stamps are made before anything is read, so that what changes while it is read
is noticed.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from forgetscope.evaluation.provenance import versions

if TYPE_CHECKING:
    from forgetscope.suites import Suite

__all__ = ["Behind", "Latest", "digest", "stamp"]

_SETTLED_SECONDS = 2.0
"""A file changed more recently may change again without a trace: clocks tick coarsely."""


class Latest:
    """The latest time at which any file that was looked at changed, in seconds."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def note(self, seconds: float) -> None:
        """Take note of the time of a file."""
        self.seconds = max(self.seconds, seconds)

    @property
    def is_settled(self) -> bool:
        """Whether no file changed just now."""
        return self.seconds < time.time() - _SETTLED_SECONDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """What the prompts of a suite follow from."""

    parts: Mapping[str, object]
    """Suite, versions, code (lm-eval's task files included) and benchmark data."""
    latest: Latest

    @classmethod
    def of(cls, suite: Suite, *, data_dir: Path | None) -> Behind:
        """Look at everything.

        Parameters
        ----------
        data_dir
            Local mirror of benchmark data.
        """
        latest = Latest()
        parts = {
            "suite": suite.to_json(),
            "versions": versions(),
            "code": [stamp(folder, latest) for folder in _code()],
            "data": None if data_dir is None else stamp(data_dir.resolve(), latest),
        }
        return cls(parts=parts, latest=latest)


def _code() -> Iterator[Path]:
    """Yield the folders of what builds prompts and judges answers, without importing any."""
    for name in ("forgetscope", "lm_eval"):
        spec = find_spec(name)
        if spec is not None and spec.origin is not None:
            yield Path(spec.origin).parent


def stamp(folder: Path, latest: Latest) -> str:
    """Digest the names, sizes and times of all files below a folder."""
    found = sorted(_files(folder))
    for *_, modified, _ in found:
        latest.note(modified / 1e9)
    return digest([str(folder), found])


def _files(folder: Path) -> Iterator[tuple[str, int, int, int]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                if entry.name != "__pycache__":
                    yield from _files(Path(entry.path))
                continue
            stat = entry.stat()
            yield entry.path, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns


def digest(value: object) -> str:
    """Digest plain values."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()
