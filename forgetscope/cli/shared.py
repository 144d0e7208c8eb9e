"""What every command understands: how it speaks. Added to each command in one place."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer

from forgetscope.cli.configuration import origin, strange_variables
from forgetscope.cli.result_file import result_into
from forgetscope.cli.talk import Color, Format, Talk, speak, talk
from forgetscope.errors import UnknownNameError, UsageError

__all__ = ["ALL", "TEXT", "TEXT_AND_JSON", "speaking"]

ALL = tuple(Format)
TEXT = (Format.AUTO, Format.TABLE, Format.PLAIN)
TEXT_AND_JSON = (*TEXT, Format.JSON)

SUFFIXES = {
    ".json": Format.JSON,
    ".jsonl": Format.JSONL,
    ".csv": Format.CSV,
    ".md": Format.MD,
    ".xml": Format.JUNIT,
    ".tex": Format.LATEX,
    ".txt": Format.PLAIN,
}
_PANEL = "Output"


def _shared(
    context: typer.Context,
    form: Annotated[
        str | None,
        typer.Option("--format", metavar="NAME", help="{formats}.", rich_help_panel=_PANEL),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Short for `--format json`.", rich_help_panel=_PANEL)
    ] = False,
    file: Annotated[
        Path | None,
        typer.Option(
            "-o",
            metavar="FILE",
            help="Write the result to a file; its suffix says the format.",
            rich_help_panel=_PANEL,
        ),
    ] = None,
    quiet: Annotated[
        int,
        typer.Option(
            "--quiet",
            "-q",
            count=True,
            metavar="",
            show_default=False,
            help="The verdict line alone; -qq: the exit code alone.",
            rich_help_panel=_PANEL,
        ),
    ] = 0,
    verbose: Annotated[
        bool,
        typer.Option(
            "--verbose", "-v", help="Tell where each setting comes from.", rich_help_panel=_PANEL
        ),
    ] = False,
    color: Annotated[
        Color,
        typer.Option("--color", help="NO_COLOR and FORCE_COLOR are read.", rich_help_panel=_PANEL),
    ] = Color.AUTO,
    progress: Annotated[
        bool,
        typer.Option(
            "--progress/--no-progress", help="Progress on stderr.", rich_help_panel=_PANEL
        ),
    ] = True,
    use_ascii: Annotated[
        bool, typer.Option("--ascii", help="Marks in ASCII letters.", rich_help_panel=_PANEL)
    ] = False,
    show_traceback: Annotated[
        bool,
        typer.Option("--traceback", help="Show where an error comes from.", rich_help_panel=_PANEL),
    ] = False,
) -> None:
    """Declare the options; never called."""


def speaking(
    command: Callable[..., None], *, formats: Sequence[Format] = TEXT
) -> Callable[..., None]:
    """Return a command that understands the shared options too.

    Parameters
    ----------
    command
        What the options are added to.
    formats
        What its result can be written as.
    """
    signature = inspect.signature(command, eval_str=True)
    shared = _parameters(formats)

    @wraps(command)
    def spoken(**values: Any) -> None:  # noqa: ANN401  # whatever the command takes
        context = values.pop("context")
        how = _talk({name: values.pop(name) for name in shared if name != "context"})
        how = _fitting(how, context, formats)
        speak(how)
        _start(how)
        _tell_settings(context)
        with result_into(how.file):
            command(**values)

    parameters = [*signature.parameters.values(), *shared.values()]
    # what typer reads
    spoken.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    spoken.__annotations__ = {each.name: each.annotation for each in parameters}
    return spoken


def _parameters(formats: Sequence[Format]) -> dict[str, inspect.Parameter]:
    """Return the shared options; the help of `--format` lists what the command can write."""
    found = dict(inspect.signature(_shared, eval_str=True).parameters)
    text = ", ".join(formats)
    option = typer.Option(
        "--format",
        metavar="NAME",
        help=f"One of {text}.",
        rich_help_panel=_PANEL,
        autocompletion=lambda: [str(form) for form in formats],
    )
    found["form"] = found["form"].replace(annotation=Annotated[str | None, option])
    by_keyword = inspect.Parameter.KEYWORD_ONLY
    return {name: parameter.replace(kind=by_keyword) for name, parameter in found.items()}


def _talk(values: dict[str, Any]) -> Talk:
    return Talk(
        form=_form(values["form"], as_json=values["as_json"], file=values["file"]),
        file=values["file"],
        quiet=values["quiet"],
        is_verbose=values["verbose"],
        color=values["color"],
        use_ascii=values["use_ascii"],
        shows_progress=values["progress"],
        shows_traceback=values["show_traceback"],
    )


def _fitting(how: Talk, context: typer.Context, formats: Sequence[Format]) -> Talk:
    """Return how to speak, in a format that the command has.

    A setting for all commands asks for a format where there is one; a call gets it or an error.
    """
    if how.form in formats:
        return how
    sources = [context.get_parameter_source(name) for name in ("form", "as_json", "file")]
    if not any(source is not None and source.name == "COMMANDLINE" for source in sources):
        return replace(how, form=Format.AUTO)
    raise UsageError(
        f"this command has no format `{how.form}`", hint=f"known: {', '.join(formats)}"
    )


def _tell_settings(context: typer.Context) -> None:
    """Say which variables are read by nothing, and where each setting comes from if asked."""
    from forgetscope.cli.console import say, warn

    parent = context.parent
    for name, meant in strange_variables(getattr(parent and parent.command, "commands", {})):
        warn(f"`{name}` is read by nothing" + (f"; did you mean `{meant}`?" if meant else ""))
    for parameter in context.command.params if talk().is_verbose else ():
        where = origin(context, parameter)
        if where:
            name = max(parameter.opts, key=len)
            say(f"setting: {name} = {context.params.get(parameter.name or '')} (from {where})")


def _start(how: Talk) -> None:
    """Let the streams follow; a file never holds colours."""
    from forgetscope.cli.console import out, use_color

    use_color(how.color, is_file=how.file is not None)
    out.quiet = how.is_silent


def _form(name: str | None, *, as_json: bool, file: Path | None) -> Format:
    """Return the format by option, else by the suffix of the file."""
    if as_json and name not in (None, Format.JSON):
        raise UsageError(f"`--json` and `--format {name}` exclude each other")
    if as_json:
        return Format.JSON
    if name is not None:
        if name not in tuple(Format):
            raise UnknownNameError("format", name, known=Format)
        return Format(name)
    if file is None:
        return Format.AUTO
    if file.suffix.lower() not in SUFFIXES:
        raise UsageError(
            f"the suffix of `{file}` says no format",
            hint=f"known: {', '.join(SUFFIXES)}; or choose one with `--format`",
        )
    return SUFFIXES[file.suffix.lower()]
