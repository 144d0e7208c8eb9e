"""What people type: margins, switches, texts, and lists of names and numbers."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from forgetscope import suites
from forgetscope.errors import UsageError

if TYPE_CHECKING:
    from forgetscope.api.save import FigureKind

__all__ = [
    "closed_tags",
    "counts",
    "names",
    "parse_figures",
    "parse_margin",
    "parse_switch",
    "text_of",
]


def parse_margin(text: str | None, *, option: str = "--margin") -> float | None:
    """Return a margin as a share: `0.02` is a share already, `2pp` the same in points.

    Raises
    ------
    UsageError
        If it is no number, not positive, or a bare number that can only mean points.

    Examples
    --------
    >>> parse_margin("2pp")
    0.02
    """
    return None if text is None else suites.parse_margin(text, where=option)


def names(text: str | None) -> tuple[str, ...]:
    """Return the names of a comma-separated list, without blanks."""
    return tuple(name for part in (text or "").split(",") if (name := part.strip()))


def counts(text: str | None, *, option: str) -> tuple[int, ...]:
    """Return the numbers of items of a comma-separated list.

    Raises
    ------
    UsageError
        If one is no whole number of at least 1.

    Examples
    --------
    >>> counts("164, 500", option="--items")
    (164, 500)
    """
    found = names(text)
    for name in found:
        if not re.fullmatch("[1-9][0-9]{0,14}", name):
            raise UsageError(
                f"`{option} {name}` is no number of items",
                hint=f"write whole numbers with commas between: `{option} 164,500`",
            )
    return tuple(int(name) for name in found)


def parse_figures(text: str) -> tuple[FigureKind, ...]:
    """Return the formats of pictures named in a comma-separated list.

    Raises
    ------
    UsageError
        If there is no such format.

    Examples
    --------
    >>> parse_figures("PNG, svg")
    ('png', 'svg')
    """
    known: tuple[FigureKind, ...] = ("png", "svg", "pdf")
    found = names(text.lower())
    for name in found:
        if name not in known:
            raise UsageError(
                f"`--figures {name}` is no format of a picture",
                hint=f"write some of {', '.join(known)} with commas between",
            )
    return tuple(kind for kind in known if kind in found)


def parse_switch(text: str | None, *, option: str) -> bool | None:
    """Return whether something is to be on; `None` where nothing was said.

    Raises
    ------
    UsageError
        If it is neither on nor off.

    Examples
    --------
    >>> parse_switch("on", option="--thinking")
    True
    """
    if text is None:
        return None
    if text.lower() not in ("on", "off"):
        raise UsageError(f"`{option} {text}` is neither on nor off", hint=f"write `{option} on`")
    return text.lower() == "on"


def text_of(text: str | None, *, option: str) -> str | None:
    """Return a text, or that of the file behind an `@`, without blanks at its end.

    Raises
    ------
    UsageError
        If there is no such file, or no text.

    Examples
    --------
    >>> text_of("Be brief.", option="--system")
    'Be brief.'
    """
    if text is not None and text.startswith("@"):
        try:
            text = Path(text[1:]).read_text(encoding="utf-8").rstrip()
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"cannot read the file of `{option} {text}`: {error}") from error
    if text is not None and not text.strip():
        raise UsageError(f"`{option}` holds no text", hint=f"leave out `{option}`")
    return text


def closed_tags(tags: tuple[str, str] | None) -> tuple[str, str] | None:
    """Return the tags of `--think-tags`; the parser takes whatever comes as the second one.

    Raises
    ------
    UsageError
        If the second is the next option.
    """
    if tags is not None and tags[1].startswith("--"):
        raise UsageError(
            f"`--think-tags {tags[0]}` has no closing tag",
            hint="name both: `--think-tags '<think>' '</think>'`",
        )
    return tags
