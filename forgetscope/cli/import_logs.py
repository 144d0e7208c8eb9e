"""`forgetscope import`: bring logs of other programs into a study."""

from __future__ import annotations

import shlex
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from forgetscope.cli.asking import BaseOption, StudyOption, TargetOption

__all__ = ["import_logs"]

SCHEMA = "forgetscope.import/1"

LogsArgument = Annotated[
    list[str],
    typer.Argument(
        metavar="LOG...",
        help="Files or folders, base first, of lm-eval (`--log_samples`), lighteval "
        "(`--save-details`), inspect_ai, or Every Eval Ever; `LABEL=LOG` names one.",
    ),
]
LabelOption = Annotated[
    str | None, typer.Option("--label", metavar="LABEL", help="What the checkpoint is called.")
]
StepOption = Annotated[
    int | None, typer.Option("--step", min=0, metavar="N", help="Its training step.")
]
TasksOption = Annotated[
    str | None,
    typer.Option("--tasks", metavar="A,B", help="Names or patterns of tasks; the others are left."),
]


def import_logs(
    logs: LogsArgument,
    *,
    out: StudyOption = Path("study"),
    label: LabelOption = None,
    base: BaseOption = None,
    step: StepOption = None,
    target: TargetOption = None,
    tasks: TasksOption = None,
) -> None:
    """Import logs of other programs, so that they can be compared without any model.

    Example: forgetscope import logs/base logs/step-500 --target math --out study
    """
    from forgetscope import api
    from forgetscope.cli.console import say, warn
    from forgetscope.cli.lines import print_json
    from forgetscope.cli.talk import talk
    from forgetscope.cli.units import names

    request = api.ImportRequest(
        label=label,
        base=base,
        step=step,
        target=target,
        tasks=names(tasks),
        command=shlex.join(["forgetscope", *sys.argv[1:]]),
    )
    imported = api.import_logs(logs, out, request=request)
    for note in imported.notes:
        warn(note)
    told = ", ".join(f"`{name}`" for name in imported.labels) or "nothing new"
    say(f"{imported.items:,} scores imported ({told}); study in {out}")
    say(f"next: forgetscope report {out}")
    if talk().is_json:
        print_json({"event": "done", "schema": SCHEMA, "study": str(out), **asdict(imported)})
