"""Rows of files and data sets become lessons; every fault names where it stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forgetscope.errors import DataError, nearest
from forgetscope.recap.sources.spec import is_word
from forgetscope.records import Lesson

__all__ = ["Columns", "lesson_of"]

_ANSWERS = ("answer", "completion", "gold")
_HINT = "a row holds `prompt` with `answer`, `completion` or `gold`; or `text`; or `messages`"


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Which column holds what; a name that was asked for must be there."""

    named: Mapping[str, str]
    """Our word to the column's name."""
    folder: Path
    """Where relative paths of pictures start."""

    def of(self, word: str) -> str:
        """Return the name of the column that holds `word`."""
        return self.named.get(word, word)

    def has(self, word: str, row: Mapping[str, Any]) -> bool:
        """Whether a row fills the column of `word`; a column that was named always counts."""
        return word in self.named or row.get(word) is not None

    def text(self, word: str, row: Mapping[str, Any], where: str) -> str:
        """Return what a row has in the column of `word`; numbers become text."""
        name = self.of(word)
        value = row.get(name)
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise DataError(f"{where}: `{name}` is no text", hint=_near(name, row))
        return str(value)


def lesson_of(row: object, columns: Columns, *, where: str) -> Lesson:
    """Return the lesson of a row.

    Parameters
    ----------
    where
        File and line, or data set and row, for errors.

    Raises
    ------
    DataError
        If the row has no usable form; the message names place and key.
    """
    if not isinstance(row, Mapping):
        raise DataError(f"{where}: no object with keys", hint=_HINT)
    if columns.has("prompt", row):
        lesson = _asked(row, columns, where)
    elif columns.has("messages", row):
        lesson = _chat(row, columns, where)
    elif columns.has("text", row):
        text = columns.text("text", row, where)
        lesson = Lesson(prompt="", answer=text, fields=_fields(row, columns, where))
    else:
        raise DataError(f"{where}: neither `prompt`, `text` nor `messages`", hint=_near("", row))
    if not (lesson.prompt or lesson.text).strip():
        raise DataError(f"{where}: an empty text")
    return lesson


def _asked(row: Mapping[str, Any], columns: Columns, where: str) -> Lesson:
    answers = {word: row[word] for word in _ANSWERS if row.get(word) is not None}
    if "answer" in columns.named:
        answers = {"answer": columns.text("answer", row, where)}
    for word, value in answers.items():
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise DataError(f"{where}: `{word}` is no text")
    gold = next((answers[word] for word in ("gold", "answer", "completion") if word in answers), "")
    imitated = next((answers[w] for w in ("completion", "answer") if w in answers), "")
    has_system = columns.has("system", row)
    return Lesson(
        prompt=columns.text("prompt", row, where),
        gold=str(gold),
        answer="" if imitated == gold else str(imitated),
        system=columns.text("system", row, where) if has_system else "",
        images=_images(row, columns, where),
        fields=_fields(row, columns, where),
    )


def _chat(row: Mapping[str, Any], columns: Columns, where: str) -> Lesson:
    """Return the first exchange of a chat: what the user says, and what is answered."""
    name = columns.of("messages")
    messages = row.get(name)
    if not isinstance(messages, Sequence) or isinstance(messages, str):
        raise DataError(f"{where}: `{name}` is no list of messages")
    said: dict[str, str] = {}
    for number, message in enumerate(messages):
        role, text = _message(message, f"{where}: `{name}` {number + 1}")
        if role not in said:
            said[role] = text
        if role == "assistant":
            break
    if "user" not in said:
        raise DataError(f"{where}: `{name}` has no message of the role `user`")
    return Lesson(
        prompt=said["user"],
        gold=said.get("assistant", ""),
        system=said.get("system", ""),
        images=_images(row, columns, where),
        fields=_fields(row, columns, where),
    )


def _message(message: object, where: str) -> tuple[str, str]:
    if not isinstance(message, Mapping) or not isinstance(message.get("role"), str):
        raise DataError(f"{where} has no `role`")
    content = message.get("content")
    if isinstance(content, Sequence) and not isinstance(content, str):
        texts = [part.get("text") for part in content if isinstance(part, Mapping)]
        content = "\n".join(text for text in texts if isinstance(text, str))
    if not isinstance(content, str):
        raise DataError(f"{where} has no text in `content`")
    return message["role"], content


def _images(row: Mapping[str, Any], columns: Columns, where: str) -> tuple[Any, ...]:
    if not columns.has("images", row):
        return ()
    name = columns.of("images")
    value = row.get(name)
    many = list(value) if isinstance(value, list | tuple) else [value]
    return tuple(_image(each, columns.folder, f"{where}: `{name}`") for each in many)


def _image(value: Any, folder: Path, where: str) -> Any:  # noqa: ANN401 (a path, or a PIL image)
    if value is None:
        raise DataError(f"{where} holds no picture")
    if not isinstance(value, str):
        return value  # a data set's own image, opened already
    path = folder / value
    if not path.is_file():
        raise DataError(f"{where} names no file: `{path}`")
    return path


def _fields(row: Mapping[str, Any], columns: Columns, where: str) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    if row.get("domain") is not None:
        fields["domain"] = _domain(row["domain"], where)
    if columns.has("choices", row):
        name = columns.of("choices")
        value = row.get(name)
        if not isinstance(value, list | tuple) or not all(isinstance(each, str) for each in value):
            raise DataError(f"{where}: `{name}` is no list of texts")
        fields["choices"] = tuple(value)
    return fields


def _domain(value: object, where: str) -> str:
    if not isinstance(value, str) or not is_word(value):
        raise DataError(f"{where}: `domain` is one word of small letters, digits, `-`, `_` or `.`")
    return value


def _near(name: str, row: Mapping[str, Any]) -> str:
    near = nearest(name, map(str, row))
    if near:
        return f"did you mean `{near[0]}`?"
    columns = ", ".join(f"`{key}`" for key in list(row)[:12])
    return f"{_HINT}; columns here: {columns}; name others as in `?prompt=question&answer=gold`"
