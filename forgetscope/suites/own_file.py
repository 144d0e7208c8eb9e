"""Own tasks from a file: one JSON object a line.

::

    {"question": "What is 2 + 2?", "choices": ["3", "4"], "answer": "4"}
    {"prompt": "The capital of France is", "answer": "Paris"}

`answer` to a question with choices is the text of the right one, its letter, or its place from 0.
`domain` and `cluster` may stand beside them; other keys are not read.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forgetscope.errors import DataError, UnknownNameError, nearest
from forgetscope.records import Document, OutputType, OwnTask, Reading
from forgetscope.suites.domains import check_domain
from forgetscope.suites.strict import parse_json

__all__ = ["read_own_tasks"]

_FORMS = "a row holds `question`, `choices` and `answer`, or `prompt` and `answer`"
_KEYS = ("question", "choices", "prompt", "answer", "domain", "cluster")
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_LAST_NUMBER = r"(-?\d+(?:\.\d+)?)(?=\D*$)"
_FIRST_LINE = r"^\s*([^\n]*?)[ \t.]*(?:\n|$)"
_WHOLE = r"^\s*(\S(?:.*\S)?)\s*$"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """One line, read."""

    document: Document
    domain: str
    """Empty where the line says none."""


def read_own_tasks(path: Path, *, name: str, domain: str | None = None) -> tuple[OwnTask, ...]:
    """Return the tasks of a file: one for each domain and form of question in it.

    A file with one domain and one form makes one task, called `name`; else each is called `name`
    with the domain behind it, and with `choice` or `text` where a domain has both forms.

    Parameters
    ----------
    path
        JSON lines in UTF-8.
    name
        What the suite calls the file.
    domain
        Goes before what the lines say; lines that say nothing are `other`.

    Raises
    ------
    DataError
        If it cannot be read or a line is no question; the message names file and line.
    """
    groups: dict[tuple[str, bool], list[Document]] = {}
    for row in _rows(path):
        key = (domain or row.domain or "other", bool(row.document.choices))
        groups.setdefault(key, []).append(row.document)
    if not groups:
        raise DataError(f"`{path}` holds no questions", hint=_FORMS)
    return tuple(
        _task(_name(name, key, groups), documents, domain=key[0], group=name)
        for key, documents in groups.items()
    )


def _name(name: str, key: tuple[str, bool], groups: Mapping[tuple[str, bool], object]) -> str:
    domain, is_choice = key
    parts = [name]
    if len({other for other, _ in groups}) > 1:
        parts.append(domain)
    if (domain, not is_choice) in groups:
        parts.append("choice" if is_choice else "text")
    return "_".join(parts)


def _task(name: str, documents: list[Document], *, domain: str, group: str) -> OwnTask:
    if documents[0].choices:
        return OwnTask(
            name=name,
            group=group,
            domain=domain,
            output_type=OutputType.MULTIPLE_CHOICE,
            documents=tuple(documents),
        )
    are_numbers = all(_NUMBER.fullmatch(document.gold) for document in documents)
    first = Reading(name="number", pattern=_LAST_NUMBER)
    return OwnTask(
        name=name,
        group=group,
        domain=domain,
        output_type=OutputType.GENERATE,
        documents=tuple(documents),
        readings=(
            first if are_numbers else Reading(name="line", pattern=_FIRST_LINE),
            Reading(name="whole", pattern=_WHOLE),
        ),
        # a number may stand at the end of a long way to it, words are asked for at once
        stops=("\n\n\n",) if are_numbers else ("\n\n",),
        max_new_tokens=256 if are_numbers else 64,
    )


def _rows(path: Path) -> Iterator[_Row]:
    for number, line in enumerate(_text(path).split("\n"), start=1):
        if line.strip():
            yield _row(line, where=f"`{path}`, line {number}")


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError as error:
        siblings = [p.name for p in path.parent.glob("*.jsonl")]
        hint = UnknownNameError("file", path.name, known=siblings).hint
        raise DataError(f"no file `{path}` with questions", hint=hint) from error
    except OSError as error:
        raise DataError(f"cannot read `{path}`: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise DataError(
            f"`{path}` is not UTF-8: byte {error.start}", hint="save it as UTF-8"
        ) from error


def _row(line: str, *, where: str) -> _Row:
    try:
        row = parse_json(line)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{where}: no JSON: {error}", hint="write one object a line") from error
    if not isinstance(row, Mapping):
        raise DataError(f"{where}: no object with keys", hint=_FORMS)
    domain = "" if row.get("domain") is None else _string(row, "domain", where=where)
    if domain:
        try:
            check_domain(domain)
        except UnknownNameError as error:
            raise DataError(f"{where}: {error.message}", hint=error.hint) from error
    cluster = "" if row.get("cluster") is None else _string(row, "cluster", where=where)
    return _Row(document=_form(row, where=where)(row, cluster, where), domain=domain)


def _form(row: Mapping[str, Any], *, where: str) -> Callable[..., Document]:
    present = {key for key in ("question", "choices", "prompt") if row.get(key) is not None}
    if present == {"question", "choices"}:
        return _by_choice
    if present == {"prompt"}:
        return _written
    if "prompt" in present:
        others = " and ".join(f"`{key}`" for key in ("question", "choices") if key in present)
        raise DataError(f"{where}: `prompt` beside {others}", hint=_FORMS)
    missing = next((key for key in ("question", "choices") if key not in present), "prompt")
    missing = "prompt" if not present else missing
    near = nearest(missing, [key for key in row if isinstance(key, str) and key not in _KEYS])
    hint = f"did you mean `{missing}` by `{near[0]}`? {_FORMS}" if near else _FORMS
    if not present:
        raise DataError(f"{where}: neither `question` with `choices` nor `prompt`", hint=hint)
    raise DataError(f"{where}: no `{missing}`", hint=hint)


def _by_choice(row: Mapping[str, Any], cluster: str, where: str) -> Document:
    choices = row["choices"]
    if not isinstance(choices, list) or len(choices) < 2:
        raise DataError(f"{where}: `choices` must be a list of at least two texts")
    texts = [_plain(choice, "choices", where) for choice in choices]
    if len(set(texts)) < len(texts):
        raise DataError(f"{where}: two choices are the same")
    right = _place(row.get("answer"), texts, where)
    options = tuple(f" {text}" for text in texts)
    return Document(
        prompt=f"Question: {_string(row, 'question', where=where)}\nAnswer:",
        gold=options[right],
        choices=options,
        cluster=cluster,
    )


def _place(answer: object, texts: list[str], where: str) -> int:
    """Return which choice is right: by its text, else its letter; a number is a place from 0."""
    letters = _LETTERS[: len(texts)]
    if isinstance(answer, str) and answer.strip() in texts:
        return texts.index(answer.strip())
    if isinstance(answer, str) and len(answer.strip()) == 1 and answer.strip() in letters:
        return letters.index(answer.strip())
    if answer is None:
        raise DataError(f"{where}: no `answer`", hint=_FORMS)
    if isinstance(answer, int) and not isinstance(answer, bool) and 0 <= answer < len(texts):
        if texts[answer] != str(answer) and str(answer) in texts:
            raise DataError(
                f"{where}: `answer` {answer} is the place of one choice and the text of another",
                hint="write it between quotes for the text",
            )
        return answer
    raise DataError(
        f"{where}: `answer` {str(answer)[:60]!r} is none of the {len(texts)} choices",
        hint="give the text of the right choice, its letter, or its place from 0",
    )


def _written(row: Mapping[str, Any], cluster: str, where: str) -> Document:
    if row.get("answer") is None:
        raise DataError(f"{where}: no `answer`", hint=_FORMS)
    prompt = row["prompt"]
    if not isinstance(prompt, str) or not prompt.strip():
        raise DataError(f"{where}: `prompt` must be a text that is not empty")
    # a full stop behind an answer is no part of it, neither here nor where it is read
    gold = _string(row, "answer", where=where).rstrip(". \t") or _string(row, "answer", where=where)
    if "\n" in gold:
        raise DataError(f"{where}: `answer` has more than one line", hint="ask for one line")
    return Document(prompt=prompt, gold=gold, cluster=cluster)


def _string(row: Mapping[str, Any], key: str, *, where: str) -> str:
    return _plain(row.get(key), key, where)


def _plain(value: object, key: str, where: str) -> str:
    """Return a text without blanks around it; numbers become text."""
    if (
        isinstance(value, bool)
        or not isinstance(value, str | int | float)
        or not str(value).strip()
        or (isinstance(value, float) and not math.isfinite(value))
    ):
        raise DataError(f"{where}: `{key}` must be a text that is not empty")
    return str(value).strip()
