"""Settings from outside the call: the environment, then one file.

An option goes before `FORGETSCOPE_<COMMAND>_<OPTION>`, that before `FORGETSCOPE_<OPTION>`, and
both before a file. The file is `forgetscope.toml` in the folder where the command runs, else the
table `[tool.forgetscope]` of its `pyproject.toml`; the first that is found wins, none are merged.
A key is the name of an option; the keys of a table `[gate]` are those of that command alone.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any

from forgetscope.cli.config_file import ConfigFile
from forgetscope.errors import UsageError, nearest

__all__ = ["OWN", "configure", "origin", "settings_of", "strange_variables"]

OWN = frozenset({"out"})
"""Options that mean another thing in each command, so that no setting may serve all."""

PREFIX = "FORGETSCOPE_"
_ELSEWHERE = frozenset({"FORGETSCOPE_CACHE", "FORGETSCOPE_MIRROR"})
"""Variables that are read, but by no option."""


def configure(commands: Mapping[str, Any]) -> None:
    """Let every option of the parser's commands be set by the environment too."""
    for name, command in commands.items():
        for key, parameter in _options(command):
            parameter.envvar = _variables(name, key)
            parameter.show_envvar = False


def settings_of(file: ConfigFile, commands: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return what a file sets, by command and parameter, as the parser wants it.

    Raises
    ------
    UsageError
        If a key is no option, or its value no value of an option; it names key and line.
    """
    options = {name: dict(_options(command)) for name, command in commands.items()}
    anywhere = {key for known in options.values() for key in known}
    found: dict[str, dict[str, Any]] = {name: {} for name in commands}
    for raw, value in file.content.items():
        key = raw.replace("_", "-")
        if isinstance(value, dict):
            _check(file, raw, known=commands, noun="command")
            continue
        _check(file, key, known=anywhere, noun="key", as_written=raw)
        if key in OWN:
            raise UsageError(
                f"`{raw}` in {file.place(raw)} means another thing in each command",
                hint=f"write it into the table of a command, e.g. `[{file.prefix}report]`",
            )
        for name, known in options.items():
            if key in known:
                found[name][known[key].name] = _value(file, raw, value, known[key])
    for name, known in options.items():
        table = file.content.get(name, {})
        for raw, value in table.items() if isinstance(table, dict) else ():
            key = raw.replace("_", "-")
            _check(file, key, known=known, noun="key", as_written=raw, table=name)
            found[name][known[key].name] = _value(file, raw, value, known[key], table=name)
    return found


def origin(context: Any, parameter: Any) -> str:  # noqa: ANN401  # the parser's classes moved
    """Return where the value of a parameter comes from; empty where nobody set it."""
    source = getattr(context.get_parameter_source(parameter.name), "name", "DEFAULT")
    if source == "COMMANDLINE":
        return "the call"
    if source == "ENVIRONMENT":
        return next((name for name in parameter.envvar or () if os.environ.get(name)), "")
    file = context.find_root().obj
    if source != "DEFAULT_MAP" or not isinstance(file, ConfigFile):
        return ""
    key = _key(parameter)
    table = context.info_name
    return file.place(key, table=table if key in _keys(file.content.get(table)) else "")


def strange_variables(commands: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the variables that look like ours and are read by nothing, with what was meant."""
    known = {
        variable
        for name, command in commands.items()
        for key, _ in _options(command)
        for variable in _variables(name, key)
    }
    for name in sorted(os.environ):
        if name.startswith(PREFIX) and name not in known | _ELSEWHERE:
            yield name, _meant(name, known)


def _options(command: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401
    """Yield the long options of a command by their name without dashes."""
    for parameter in command.params:
        key = _key(parameter)
        if key and key not in ("help", "version"):
            yield key, parameter


def _key(parameter: Any) -> str:  # noqa: ANN401
    long = [name for name in parameter.opts if name.startswith("--")]
    return long[0].removeprefix("--") if long else ""


def _variables(command: str, key: str) -> list[str]:
    word = key.upper().replace("-", "_")
    own = f"{PREFIX}{command.upper()}_{word}"
    return [own] if key in OWN else [own, f"{PREFIX}{word}"]


def _meant(name: str, known: set[str]) -> str:
    # what all names begin with would make everything look alike
    near = nearest(name.removeprefix(PREFIX), [each.removeprefix(PREFIX) for each in known])
    return f"{PREFIX}{near[0]}" if near else ""


def _keys(table: object) -> set[str]:
    return {key.replace("_", "-") for key in table} if isinstance(table, dict) else set()


def _check(
    file: ConfigFile,
    key: str,
    *,
    known: Mapping[str, Any] | set[str],
    noun: str,
    as_written: str = "",
    table: str = "",
) -> None:
    if key in known:
        return
    near = nearest(key, known)
    written = as_written or key
    hint = "did you mean " + " or ".join(f"`{name}`" for name in near) + "?" if near else None
    raise UsageError(
        f"unknown {noun} `{written}` in {file.place(written, table=table)}",
        hint=hint or f"known: {', '.join(sorted(known))}",
    )


def _value(
    file: ConfigFile,
    key: str,
    value: object,
    parameter: Any,  # noqa: ANN401
    *,
    table: str = "",
) -> object:
    """Return a value of a file as the parser takes one."""
    is_flag = bool(getattr(parameter, "is_flag", False))
    if is_flag != isinstance(value, bool):
        wanted = "true or false" if is_flag else "a text or a number"
        raise UsageError(f"`{key}` in {file.place(key, table=table)} has to be {wanted}")
    if isinstance(value, list):
        parts = [str(part) for part in value]
        return parts if parameter.multiple or parameter.nargs > 1 else ",".join(parts)
    if is_flag:
        return value
    if not isinstance(value, (str, int, float)):
        raise UsageError(f"`{key}` in {file.place(key, table=table)} has to be a text or a number")
    return [str(value)] if parameter.multiple else str(value)
