"""Settings that people write: TOML, or YAML where the file is called so."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from forgetscope.errors import UsageError
from forgetscope.suites.strict import parse_yaml

__all__ = ["YAML_SUFFIXES", "read_settings"]

YAML_SUFFIXES = (".yaml", ".yml")


def read_settings(path: Path, *, noun: str, option: str) -> Mapping[str, Any]:
    """Return the keys of a file, as plain values.

    Parameters
    ----------
    path
        YAML by its suffix, else TOML.
    noun
        What messages call it, e.g. `policy`.
    option
        How a call names such a file.

    Raises
    ------
    UsageError
        If it cannot be read, is no UTF-8, or is not in its format.
    """
    if path.is_dir():
        raise UsageError(
            f"the {noun} `{path}` is a folder", hint=f"give the file itself: {option} FILE"
        )
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise UsageError(
            f"cannot read the {noun} `{path}`: {error.strerror or error}",
            hint=f"give the TOML or YAML file of a {noun}: {option} FILE",
        ) from error
    except UnicodeDecodeError as error:
        raise UsageError(
            f"the {noun} `{path}` is not UTF-8: byte {error.start}", hint="save it as UTF-8"
        ) from error
    if path.suffix.lower() in YAML_SUFFIXES:
        return parse_yaml(text, where=f"the {noun} `{path}`")
    return _toml(text, where=f"the {noun} `{path}`")


def _toml(text: str, *, where: str) -> Mapping[str, Any]:
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # all that tomllib refuses with
        reason = str(error) if isinstance(error, ValueError) else "it is nested too deep"
        raise UsageError(f"{where} is no TOML: {reason}") from error
