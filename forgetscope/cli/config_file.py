"""The one file that settings are read from, and on which line each of them stands."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forgetscope.errors import UsageError

__all__ = ["ConfigFile", "read_config"]

OWN_FILE, SHARED_FILE = "forgetscope.toml", "pyproject.toml"
_TABLE = "tool.forgetscope"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigFile:
    """A file with settings."""

    path: Path
    text: str
    content: dict[str, Any]
    """Keys and tables below `prefix`."""
    prefix: str = ""
    """What tables of commands are called inside the file, before their own name."""

    def place(self, key: str, *, table: str = "") -> str:
        """Return file and line of a key, of a table where `key` names one."""
        line = self._line(key, table)
        return f"{self.path.name}, line {line}" if line else self.path.name

    def _line(self, key: str, table: str) -> int | None:
        inside = f"{self.prefix}{table}".rstrip(".")
        word = "[-_]".join(map(re.escape, re.split("[-_]", key)))
        of_key = re.compile(rf"""\s*["']?{word}["']?\s*[=.]""")
        of_table = re.compile(rf"""\s*\[\s*{re.escape(self.prefix)}["']?{word}["']?\s*[\].]""")
        here = ""
        for number, line in enumerate(self.text.splitlines(), start=1):
            header = re.match(r"\s*\[([^\[\]]+)\]", line)
            here = "".join(header[1].split()) if header else here
            if (here == inside and of_key.match(line)) or (not table and of_table.match(line)):
                return number
        return None


def read_config(folder: Path) -> ConfigFile | None:
    """Return the settings that lie in a folder; `None` where there are none.

    Raises
    ------
    UsageError
        If the file is no TOML.
    """
    own, shared = folder / OWN_FILE, folder / SHARED_FILE
    if own.is_file():
        text = _text(own)
        return ConfigFile(path=own, text=text, content=_parsed(own, text))
    text = _shared_text(shared)
    if f"[{_TABLE}" not in text:
        return None
    tool = _parsed(shared, text).get("tool", {})
    content = tool.get("forgetscope", {}) if isinstance(tool, dict) else {}
    if not isinstance(content, dict):
        raise UsageError(
            f"`{_TABLE}` in `{shared.name}` is no table", hint=f"write a block `[{_TABLE}]`"
        )
    return ConfigFile(path=shared, text=text, content=content, prefix=f"{_TABLE}.")


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read `{path}`: {error}") from error


def _shared_text(path: Path) -> str:
    """Return the text of a file that others write too: a broken one is not ours to refuse."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def _parsed(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # all that tomllib refuses with
        reason = str(error) if isinstance(error, ValueError) else "it is nested too deep"
        raise UsageError(f"`{path.name}` is no TOML: {reason}") from error
