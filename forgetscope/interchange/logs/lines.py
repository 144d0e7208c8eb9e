"""JSON files of other programs, read with errors that name file and line."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forgetscope.errors import ForgetscopeError, LogError

__all__ = ["Line", "digest_of", "json_lines", "json_object", "reading"]

_UNREADABLE = (
    *(AttributeError, IndexError, KeyError, OverflowError),
    *(RecursionError, SyntaxError, TypeError, ValueError, MemoryError),
)
"""What reading a value that is not of the expected form can raise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One object of a file of lines."""

    number: int
    """From 1."""
    value: dict[str, Any]


def json_object(path: Path) -> dict[str, Any]:
    """Return the object that a file holds; `LogError` if it holds none."""
    with reading(path):
        value = json.loads(_bytes(path).decode("utf-8"))
        if not isinstance(value, dict):
            raise TypeError(f"it holds {type(value).__name__}, no object")
    return value


def json_lines(path: Path) -> Iterator[Line]:
    """Yield the objects of a file of lines, one at a time; blank lines are passed over.

    Raises
    ------
    LogError
        If the file cannot be read, or a line is no object; with its number.
    """
    try:
        with path.open("rb") as file:
            for number, raw in enumerate(file, start=1):
                if raw.strip():
                    yield Line(number=number, value=_parsed(path, number, raw))
    except OSError as error:
        if isinstance(error, LogError):
            raise
        raise _unopened(path, error) from error


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hex digits."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise _unopened(path, error) from error


@contextmanager
def reading(path: Path, line: int | None = None) -> Iterator[None]:
    """Turn what a block meets in a malformed file into a `LogError` that names the place."""
    try:
        yield
    except ForgetscopeError:
        raise
    except _UNREADABLE as error:
        place = f"{path}:{line}" if line else str(path)
        what = f"no `{error.args[0]}`" if isinstance(error, KeyError) else _short(error)
        raise LogError(
            f"`{place}` cannot be read: {what}",
            hint="nothing of it was stored; write the log again, or leave the file out",
        ) from error


def _parsed(path: Path, number: int, raw: bytes) -> dict[str, Any]:
    if not raw.endswith(b"\n") and not raw.rstrip().endswith(b"}"):
        raise LogError(
            f"`{path}:{number}` ends in the middle of a line: the file is cut off",
            hint="nothing of it was stored; write the log again, or copy it again as a whole",
        )
    with reading(path, number):
        value = json.loads(raw.decode("utf-8"))
        if not isinstance(value, dict):
            raise TypeError(f"it holds {type(value).__name__}, no object")
    return value


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise _unopened(path, error) from error


def _unopened(path: Path, error: OSError) -> LogError:
    return LogError(f"`{path}` cannot be opened: {error.strerror or error}")


def _short(error: BaseException) -> str:
    text = (str(error).strip() or type(error).__name__).splitlines()[0]
    return text[:160]
