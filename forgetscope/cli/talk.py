"""How a command speaks: which format, how much, in which signs and colours."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

__all__ = ["Color", "Format", "Talk", "reads_lines", "speak", "talk"]


class Format(StrEnum):
    """What a result is written as."""

    AUTO = "auto"
    """A table on a terminal, plain lines elsewhere."""
    TABLE = "table"
    PLAIN = "plain"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"
    MD = "md"
    GITHUB = "github"
    JUNIT = "junit"
    LATEX = "latex"


class Color(StrEnum):
    """When to use colour; `auto` asks the terminal, `NO_COLOR` and `FORCE_COLOR`."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """How the running command speaks."""

    form: Format = Format.AUTO
    file: Path | None = None
    """Where the result goes instead of stdout."""
    quiet: int = 0
    """1: the verdict line alone; 2 and more: nothing but errors."""
    is_verbose: bool = False
    color: Color = Color.AUTO
    use_ascii: bool = False
    shows_progress: bool = True
    shows_traceback: bool = False

    @property
    def is_silent(self) -> bool:
        """Whether the exit code alone is wanted."""
        return self.quiet >= 2 and self.file is None

    @property
    def is_json(self) -> bool:
        """Whether another program reads along, so that errors are JSON too."""
        return self.form in (Format.JSON, Format.JSONL)


_DEFAULT = Talk()
_current: ContextVar[Talk] = ContextVar("talk", default=_DEFAULT)


def talk() -> Talk:
    """Return how the running command speaks."""
    return _current.get()


def reads_lines() -> bool:
    """Return whether a person reads the result, or a program that reads lines."""
    return talk().form in (Format.AUTO, Format.TABLE, Format.PLAIN)


def speak(how: Talk) -> None:
    """Make the running command speak so from here on."""
    _current.set(how)
