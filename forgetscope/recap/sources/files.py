"""`jsonl:FILE`: one JSON object a line."""

from __future__ import annotations

import re
from pathlib import Path

from forgetscope.errors import DataError, UnknownNameError
from forgetscope.recap.sources.rows import Columns, lesson_of
from forgetscope.recap.sources.spec import SourceSpec
from forgetscope.records import Lesson
from forgetscope.suites import parse_json

__all__ = ["jsonl_lessons", "word_of"]


def jsonl_lessons(spec: SourceSpec) -> tuple[Lesson, ...]:
    """Return the lessons of a file, in its order.

    Raises
    ------
    DataError
        If there is no such file, or a line of it is no lesson; the message names the line.
    """
    path = Path(spec.name).expanduser()
    columns = Columns(named=dict(spec.settings), folder=path.parent)
    lessons = []
    for number, line in enumerate(_lines(path, spec), start=1):
        if line.strip():
            where = f"`{path}`, line {number}"
            lessons.append(lesson_of(_parsed(line, where), columns, where=where))
    return tuple(lessons)


def word_of(name: str) -> str:
    """Return the label that a file's or data set's name makes for its domain.

    >>> word_of("data/My Questions.v2.jsonl")
    'my-questions.v2'
    """
    stem = re.sub(r"\.jsonl?$", "", re.split(r"[/\\]", name.rstrip("/\\"))[-1])
    return re.sub(r"[^a-z0-9_.-]+", "-", stem.casefold()).strip("-._")[:64] or "other"


def _lines(path: Path, spec: SourceSpec) -> list[str]:
    try:
        # only \n ends a line: texts may hold the other separators that Python splits at
        return path.read_text(encoding="utf-8-sig").split("\n")
    except FileNotFoundError as error:
        siblings = [p.name for p in path.parent.glob("*.json*")] if path.parent.is_dir() else []
        raise DataError(
            f"no file `{path}` for the source `{spec.title}`",
            hint=UnknownNameError("file", path.name, known=siblings).hint,
        ) from error
    except UnicodeDecodeError as error:
        raise DataError(f"`{path}` is not written in UTF-8: {error.reason}") from error
    except OSError as error:
        raise DataError(f"cannot read `{path}`: {error.strerror}") from error
    except ValueError as error:  # a name with a zero byte
        raise DataError(f"cannot read `{path}`: {error}") from error


def _parsed(line: str, where: str) -> object:
    try:
        value = parse_json(line)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{where}: no JSON: {error}", hint="one object a line") from error
    return value
