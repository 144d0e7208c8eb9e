"""The commands, put together; each has a file of its own and loads what it needs when it runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Protocol, cast

import typer

from forgetscope.cli.blend import blend
from forgetscope.cli.config_file import read_config
from forgetscope.cli.configuration import configure, settings_of
from forgetscope.cli.demo import demo
from forgetscope.cli.diff import diff
from forgetscope.cli.doctor import doctor
from forgetscope.cli.evaluate import evaluate
from forgetscope.cli.export import export
from forgetscope.cli.gate import gate
from forgetscope.cli.import_logs import import_logs
from forgetscope.cli.power import power
from forgetscope.cli.refusals import refusal
from forgetscope.cli.report import report
from forgetscope.cli.shared import ALL, TEXT, TEXT_AND_JSON, speaking
from forgetscope.cli.suites import suites
from forgetscope.cli.talk import Format
from forgetscope.cli.train import train
from forgetscope.cli.view import view
from forgetscope.cli.watch import watch

__all__ = ["COMMANDS", "app", "call"]

EPILOG = (
    "Exit codes: 0 done or gate passed; 1 gate failed, and only that; 2 usage; 3 internal error; "
    "4 could not run; 5 not proved (only with `--require held`); 130 interrupted."
)

app = typer.Typer(
    name="forgetscope",
    help="Find out what a language model forgot while it was being trained.",
    epilog=EPILOG,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
COMMANDS: dict[str, Callable[..., None]] = {
    "demo": speaking(demo),
    "eval": speaking(evaluate, formats=(*TEXT_AND_JSON, Format.JSONL)),
    "watch": speaking(watch, formats=(*TEXT, Format.JSONL)),
    "diff": speaking(diff, formats=ALL),
    "report": speaking(report, formats=ALL),
    "view": speaking(view, formats=(*TEXT, Format.MD)),
    "gate": speaking(gate, formats=ALL),
    "import": speaking(import_logs, formats=TEXT_AND_JSON),
    "export": speaking(export, formats=TEXT_AND_JSON),
    "doctor": speaking(doctor, formats=TEXT_AND_JSON),
    "power": speaking(power, formats=TEXT_AND_JSON),
    "suites": speaking(suites, formats=TEXT_AND_JSON),
    "train": speaking(train, formats=TEXT_AND_JSON),
    "blend": speaking(blend, formats=TEXT_AND_JSON),
}
for name, command in COMMANDS.items():
    app.command(name, epilog=EPILOG)(command)


_STOPPED = 130
"""What the parser returns where a person stopped the command."""


class _Group(Protocol):
    commands: Mapping[str, object]


def _show_version(value: bool) -> None:
    if value:
        from importlib.metadata import version

        typer.echo(f"forgetscope {version('forgetscope')}")
        raise typer.Exit


@app.callback()
def root(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Find out what a language model forgot while it was being trained."""
    del version  # its callback has spoken


def call(arguments: list[str]) -> int:
    """Run the command line and return its exit code.

    Raises
    ------
    UsageError
        If the arguments cannot be understood.
    KeyboardInterrupt
        If the person stopped it.
    """
    command = typer.main.get_command(app)
    commands = cast("_Group", command).commands
    configure(commands)
    # whoever asks for help must get it, whatever a file says
    file = None if {"--help", "-h"} & {*arguments} else read_config(Path())
    try:
        result = command.main(
            arguments or ["--help"],
            prog_name="forgetscope",
            standalone_mode=False,
            default_map=settings_of(file, commands) if file else None,
            obj=file,
        )
    except typer.Abort as error:
        raise KeyboardInterrupt from error
    except Exception as error:
        if hasattr(error, "format_message"):
            raise refusal(error) from error
        raise
    if result == _STOPPED:
        raise KeyboardInterrupt
    return result if isinstance(result, int) else 0
