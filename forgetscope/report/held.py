"""What was held equal: the settings of both sides, and which of them differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from forgetscope.report import wording

__all__ = ["Held", "HeldRow", "held"]

Side = Mapping[str, object]
"""A side as `provenance_of` of the study tells it, as JSON values."""

_DIGEST_LETTERS = 12
_DIGESTS = ("fingerprint", "tokenizer", "weights", "suite_fingerprint")
_APART = ("label", "source", "revision", "step", "weights")
"""What differs because two checkpoints are compared: shown and never marked."""
_NAMES = {"suite_fingerprint": "Suite, digest"}


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldRow:
    """One setting on both sides."""

    name: str
    before: str
    after: str
    is_marked: bool
    """Whether it differs although it should not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """The settings of both sides."""

    before: str
    after: str
    """Names of the two checkpoints."""
    rows: tuple[HeldRow, ...]

    @property
    def marked(self) -> tuple[str, ...]:
        """Names of the settings that differ although they should not."""
        return tuple(row.name for row in self.rows if row.is_marked)


def held(sides: object) -> Held | None:
    """Return the settings of two sides; `None` where two are not known."""
    if not isinstance(sides, (list, tuple)) or len(sides) != 2:
        return None
    before, after = sides
    if not isinstance(before, Mapping) or not isinstance(after, Mapping):
        return None
    return Held(
        before=wording.one_line(str(before.get("label", ""))),
        after=wording.one_line(str(after.get("label", ""))),
        rows=tuple(_rows(before, after)),
    )


def _rows(before: Side, after: Side) -> Iterator[HeldRow]:
    for key in dict.fromkeys((*before, *after)):
        first, second = before.get(key), after.get(key)
        if key == "label":
            continue
        if isinstance(first, Mapping) and isinstance(second, Mapping):
            yield from _parts(key, first, second)
        else:
            yield from _row(_NAMES.get(key) or wording.title(key), key, first, second)


def _parts(key: str, before: Side, after: Side) -> Iterator[HeldRow]:
    """Yield one row for all that is the same, and a row for each part that differs."""
    parts = {part: (_text(part, before.get(part)), _text(part, after.get(part))) for part in before}
    parts |= {part: ("", _text(part, after[part])) for part in after if part not in before}
    # what it is comes first, its properties behind it
    ordered = sorted(parts.items(), key=lambda pair: pair[0] != key)
    same = [_told(key, part, text) for part, (text, other) in ordered if text == other]
    told = " · ".join(text for text in same if text)
    yield from _row(wording.title(key), key, told, told)
    for part, (text, other) in parts.items():
        if text != other:
            yield from _row(f"{wording.title(key)}: {_words(part)}", part, text, other)


def _row(name: str, key: str, before: object, after: object) -> Iterator[HeldRow]:
    texts = [_text(key, value) for value in (before, after)]
    if any(texts):
        yield HeldRow(
            name=name,
            before=texts[0] or wording.UNDEFINED,
            after=texts[1] or wording.UNDEFINED,
            is_marked=texts[0] != texts[1] and key not in _APART,
        )


def _told(key: str, part: str, text: str) -> str:
    return text if part == key or not text else f"{_words(part)} {text}"


def _words(part: str) -> str:
    return wording.one_line(part).replace("_", " ")


def _text(key: str, value: object) -> str:
    """Return a value on one line; of a digest as much as a reader compares by eye."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if key == "items" and isinstance(value, int):
        return wording.count(value)
    text = wording.one_line(str(value))
    return text[:_DIGEST_LETTERS] if key in _DIGESTS else text
