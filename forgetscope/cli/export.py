"""`forgetscope export`: results of a study in the formats of other programs."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from forgetscope.cli.options import MarginOption, PolicyOption, RedactOption, StudyArgument

__all__ = ["export"]

SCHEMA = "forgetscope.export/1"


def _formats() -> list[str]:
    from forgetscope import api

    return [*api.EXPORTS, *api.exporter_names()]


ToOption = Annotated[
    str,
    typer.Option(
        "--to",
        metavar="FORMAT",
        help="`parquet` (every item), `csv` (every change), `json` (results), `every-eval-ever` "
        "(0.3.0, with samples), `hf` (`.eval_results` of a model repository), `model-card`, or one "
        "that a plugin offers.",
        autocompletion=_formats,
    ),
]
PlaceOption = Annotated[
    Path | None,
    typer.Option("--out", metavar="PATH", help="Folder or file; default: the study's `export`."),
]
LabelOption = Annotated[
    str | None,
    typer.Option(
        "--label",
        metavar="LABEL",
        help="One checkpoint; `hf` and `model-card` are about the last by default.",
    ),
]


def export(
    study: StudyArgument,
    *,
    to: ToOption,
    out: PlaceOption = None,
    label: LabelOption = None,
    margin: MarginOption = None,
    policy: PolicyOption = None,
    redact: RedactOption = None,
) -> None:
    """Write results of a study in a format of other programs.

    Example: forgetscope export study --to every-eval-ever --out shared
    """
    from forgetscope import api
    from forgetscope.cli.console import say
    from forgetscope.cli.lines import print_json
    from forgetscope.cli.talk import talk
    from forgetscope.cli.units import parse_margin

    request = api.ExportRequest(
        label=label,
        policy=policy,
        margin=parse_margin(margin),
        redact_prompts=redact is not None,
        written=int(time.time()),
    )
    folder = study / "export" if out is None else out
    exported = api.export(study, to, folder, request=request)
    for note in exported.notes:
        say(f"note: {note}")
    for path in exported.files:
        say(f"written: {path}")
    if talk().is_json:
        files = [str(path) for path in exported.files]
        print_json({"event": "done", "schema": SCHEMA, "files": files, "notes": exported.notes})
