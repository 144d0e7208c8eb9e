"""The reference of all commands as a page: `python -m forgetscope.cli.reference > docs/cli.md`.

It is read off the parser, so it says what the commands understand and not what somebody meant.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import Enum
from typing import Annotated, Any, Protocol, cast, get_args, get_origin

import typer

from forgetscope.cli.app import EPILOG, app

__all__ = ["page"]

_SHARED = "Output"
"""The panel of the options that every command has."""
_HEAD = """# Commands

Written by `python -m forgetscope.cli.reference > docs/cli.md`; a test fails where it is stale.
[settings.md](settings.md) tells what all commands have in common, settings in files and in the
environment among it.
"""


class _Parameter(Protocol):
    name: str
    param_type_name: str
    opts: Sequence[str]
    secondary_opts: Sequence[str]
    default: object
    metavar: str | None
    help: str | None
    required: bool
    rich_help_panel: str | None


class _Command(Protocol):
    help: str | None
    hidden: bool
    params: Sequence[_Parameter]
    callback: Callable[..., object]


def page() -> str:
    """Return the reference in Markdown."""
    parser = typer.main.get_command(app)
    commands = dict(_commands(cast("_Command", parser), ()))
    (first, *_) = commands.values()
    parts = [_HEAD, _table_of_contents(commands)]
    parts += [_section(name, command) for name, command in commands.items()]
    shared = [p for p in first.params if _is_shared(p)]
    parts += ["## Every command\n", _table(first, shared), "## Exit codes\n", _exit_codes()]
    return "\n".join(parts)


def _commands(group: _Command, path: tuple[str, ...]) -> Iterator[tuple[str, _Command]]:
    """Yield every command under its whole name; groups inside groups are gone into."""
    inside: Mapping[str, _Command] = getattr(group, "commands", {})
    for name, command in inside.items():
        if command.hidden:
            continue
        if hasattr(command, "commands"):
            yield from _commands(command, (*path, name))
        else:
            yield " ".join((*path, name)), command


def _table_of_contents(commands: Mapping[str, _Command]) -> str:
    lines = ["| command | does |", "|---|---|"]
    for name, command in commands.items():
        lines.append(f"| [`{name}`](#forgetscope-{name.replace(' ', '-')}) | {_does(command)} |")
    return "\n".join(lines) + "\n"


def _section(name: str, command: _Command) -> str:
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    own = [p for p in command.params if p not in arguments and not _is_shared(p)]
    words = [_named(p) if p.required else f"[{_named(p).strip('[]')}]" for p in arguments]
    usage = " ".join(["forgetscope", name, *words, *(["[OPTIONS]"] if own else [])])
    lines = [f"## `forgetscope {name}`\n", *_prose(command), "```text", usage, "```\n"]
    example = _example(command)
    lines += ["```bash", example, "```\n"] if example else []
    return "\n".join([*lines, _table(command, [*arguments, *own])])


def _is_shared(parameter: _Parameter) -> bool:
    # every command has `--format`, and each has formats of its own
    return parameter.rich_help_panel == _SHARED and "--format" not in parameter.opts


def _named(argument: _Parameter) -> str:
    return argument.metavar or argument.name.upper()


def _paragraphs(command: _Command) -> list[str]:
    return [" ".join(part.split()) for part in (command.help or "").split("\n\n")]


def _does(command: _Command) -> str:
    return _cell(_paragraphs(command)[0].partition(": ")[0].removesuffix("."))


def _prose(command: _Command) -> Iterator[str]:
    for paragraph in _paragraphs(command):
        if not paragraph.startswith("Example: "):
            yield f"{paragraph}\n"


def _example(command: _Command) -> str:
    starts = "Example: "
    found = (p.removeprefix(starts) for p in _paragraphs(command) if p.startswith(starts))
    return next(found, "")


def _table(command: _Command, parameters: Sequence[_Parameter]) -> str:
    if not parameters:
        return ""
    lines = ["| option | default | meaning |", "|---|---|---|"]
    for parameter in parameters:
        cells = (_spelled(command, parameter), _default(parameter), _cell(parameter.help or ""))
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _spelled(command: _Command, parameter: _Parameter) -> str:
    """Return how a parameter is written, with what it takes."""
    if parameter.param_type_name == "argument":
        return f"`{_cell(_named(parameter))}`"
    value = parameter.metavar or "\\|".join(_choices(command, parameter))
    names = [*parameter.opts, *parameter.secondary_opts]
    if isinstance(parameter.default, bool) or value == "":
        return ", ".join(f"`{name}`" for name in names)
    return ", ".join(f"`{name} {_cell(value)}`" for name in names)


def _choices(command: _Command, parameter: _Parameter) -> list[str]:
    """Return the words that an option takes, where they are few and known."""
    known = inspect.signature(command.callback).parameters.get(parameter.name)
    found = [] if known is None else _enums(known.annotation)
    return [str(member.value) for kind in found for member in kind]


def _enums(annotation: Any) -> list[type[Enum]]:  # noqa: ANN401  # annotations are anything
    if get_origin(annotation) is Annotated:
        return _enums(get_args(annotation)[0])
    kinds = get_args(annotation) or (annotation,)
    return [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Enum)]


def _default(parameter: _Parameter) -> str:
    value = parameter.default
    if parameter.required:
        return "required"
    if value is None or value == () or (parameter.metavar == "" and not value):
        return ""
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"`{_cell(str(value.value if isinstance(value, Enum) else value))}`"


def _cell(text: str) -> str:
    """Return text as it stands in a table, on one line."""
    return " ".join(text.split()).replace("\\|", "|").replace("|", "\\|")


def _exit_codes() -> str:
    told = EPILOG.removeprefix("Exit codes: ").removesuffix(".").split("; ")
    lines = ["| code | meaning |", "|---|---|"]
    for each in told:
        code, _, meaning = each.partition(" ")
        lines.append(f"| {code} | {meaning} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(page(), end="")
